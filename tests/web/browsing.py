"""What all tests in a browser need: waiting for a page, and whether it is sound.

KWHISPER_PICTURES=docs/pictures makes the pictures of the documentation anew while tests run.
"""

import json
import os
import re
from itertools import product
from pathlib import Path

import pytest
from slow_cases import slow_but
from web.stand_in import TABLE

from kwhisper_tools import paths

WIDTHS = (360, 1000)
SCHEMES = ("light", "dark")
# Each width and each scheme every time, each of both together with the slow tests.
LOOKS = slow_but(product(WIDTHS, SCHEMES), (360, "dark"), (1000, "light"))
PAGES = ("/", "/history.html", "/meter.html", "/device.html", "/settings")
AXE_VERSION = "4.14.1"
AXE = paths.ROOT / "build" / "node_modules" / "axe-core" / "axe.min.js"
ROWS = [row for row in json.loads(TABLE.read_text(encoding="utf-8")) if "name" in row]

_READY = "#form:not([hidden]), #totals:not([hidden]), #card:not([hidden]), #cards td, #notes > *"

# The lowest contrast of any visible text of the page against what is painted behind it.
CONTRAST = """() => {
  const rgb = (c) => c.match(/[\\d.]+/g).map(Number)
  const light = (c) => {
    const part = (v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4
    const [r, g, b] = c.map((v) => part(v / 255))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const c = rgb(getComputedStyle(e).backgroundColor)
      if (c.length < 4 || c[3] > 0) return c
    }
    return [255, 255, 255]
  }
  let worst = [99, '']
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())
    if (!own || !e.offsetParent || /SCRIPT|NOSCRIPT|OPTION/.test(e.tagName)) continue
    const a = light(rgb(getComputedStyle(e).color)), b = light(behind(e))
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    if (ratio < worst[0]) worst = [ratio, e.tagName + ' ' + e.textContent.trim().slice(0, 30)]
  }
  return worst
}"""

# Controls that no assistive technology could name.
NAMELESS = """() => [...document.querySelectorAll('input,select,textarea,button')]
  .filter((e) => !e.textContent.trim() && !e.ariaLabel && !e.labels?.length)
  .map((e) => e.outerHTML)"""

OPEN_ALL = "document.querySelectorAll('details').forEach((d) => (d.open = true))"


def ready(page):
    """The page, when its form or its values are there."""
    page.wait_for_selector(_READY)
    if page.locator(".nets").count():
        page.get_by_text(re.compile("^([0-9]+ networks?|No network was heard.)$")).wait_for()
    return page


def save(page):
    page.get_by_role("button", name="Save and restart").click()


def saved(page):
    """Wait for the page that follows a save."""
    page.get_by_role("heading", name="Saved").wait_for()


def errors_are_shown(page):
    page.get_by_text("Nothing is saved yet.").wait_for()
    # The browser notes the code 422 as an error.
    page.faults[:] = [fault for fault in page.faults if "422" not in fault]


def field(page, name):
    return page.locator(f"#f_{name}")


def picture(page, name, **more):
    folder = os.environ.get("KWHISPER_PICTURES")
    if folder:
        page.screenshot(path=str(Path(folder) / name), **more)


def sound(page):
    """Nothing sticks out sideways, every control has a name, all text can be read."""
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(NAMELESS) == []
    ratio, where = page.evaluate(CONTRAST)
    assert ratio >= 4.5, where
    assert page.faults == []


def found_by_axe(page):
    """What axe-core finds wrong; skips where it is not installed."""
    if not AXE.exists():
        pytest.skip(f"axe-core is missing: npm install --prefix build axe-core@{AXE_VERSION}")
    axe = AXE.read_text() + ";axe.run().then((found) => found.violations)"
    return [(v["id"], [n["html"] for n in v["nodes"]]) for v in page.evaluate(axe)]


def rows_of(page, table):
    """{label: text} of the rows of a table."""
    lines = page.locator(f"{table} tr").all_inner_texts()
    pairs = [re.split(r"\s*\t\s*", line, maxsplit=1) for line in lines]
    # no-break spaces stay
    return {re.sub("[\\n\\t ]+", " ", a): re.sub("[\\n\\t ]+", " ", b) for a, b in pairs}
