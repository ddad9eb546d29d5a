"""What the docs name is there: links and headings, files, make targets, commands, modules."""

import functools
import importlib.util
import re
import subprocess

import pytest

from kwhisper_tools import cli, paths

ROOT = paths.ROOT


@functools.cache
def tracked():
    """Every file of the source: what is made by a build is none that docs may link."""
    done = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT,
                          capture_output=True, text=True)  # fmt: skip
    found = {line for line in done.stdout.splitlines() if (ROOT / line).exists()}
    if not found:
        pytest.skip("no git checkout")
    return found


def pages():
    places = ("*.md", "docs/*.md", "firmware/*/*.md", "firmware/lib/*/*.md", "hardware/**/*.md")
    found = sorted({page for place in places for page in ROOT.glob(place)})
    return [page for page in found if "node_modules" not in page.parts]


def name_of(page):
    return str(page.relative_to(ROOT))


def prose(page):
    """The page without its blocks of code."""
    return re.sub(r"```.*?```", "", page.read_text(), flags=re.S)


def anchors(page):
    """The headings as GitHub links to them."""
    heads = re.findall(r"^#+ (.*)$", prose(page), re.M)
    words = [re.sub(r"[^\w\- ]", "", re.sub(r"\[(.*?)\]\(.*?\)", r"\1", h).lower()) for h in heads]
    return {word.strip().replace(" ", "-") for word in words}


def test_there_are_pages_with_links():
    found = {name_of(page) for page in pages()}
    assert {"README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/mqtt.md"} <= found
    assert sum(len(links(page)) for page in pages()) > 60


def links(page):
    found = re.findall(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"", prose(page))
    found = [one or other for one, other in found]
    return [link for link in found if not re.match(r"[a-z]+:|//", link)]


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_link_leads_somewhere(page):
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        name = name_of(target)
        assert target.is_dir() or name in tracked(), f"{link} is not in the source"
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), f"{link}: no such heading"


# Below it, as a device, a build or a home has it, not the source.
ELSEWHERE = re.compile(
    r"^(/|\.\./|~|build/|dist/|\.venv/|slots/|xtensa|rv32imc|files/|tree/|domoticz/|homeassistant/)"
)
ENDS = r"\.(?:py|json|txt|md|toml|svg|html|js|css|yml|kicad_\w+)"
# Names of files without a folder, which lie on a device or are made.
MADE = {"settings.json", "device.json", "data.json", "networks.json", "package.json",
        "manifest.py", "capture.bin", "page.html", "csv.py"}  # fmt: skip


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_file_that_is_named_is_there(page):
    """`firmware/…/x.py` from the root or from the page, `x.py` anywhere."""
    if "hardware" in page.parts:
        pytest.skip("the boards' pages name what their workshop makes")
    named = re.findall(rf"`([\w./*-]+{ENDS})`", page.read_text())
    # From the way of a byte and the table of rooms: plain names, too.
    if page.name == "architecture.md":
        named += re.findall(rf"(?<![\w/.<*])([\w/]+{ENDS})", page.read_text())
    for name in named:
        if ELSEWHERE.match(name) or name in MADE or "*" in name:
            continue
        found = any(file == name or file.endswith("/" + name) for file in tracked())
        assert found, name


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_make_target_and_command_that_is_named_is_there(page):
    text = page.read_text()
    if "hardware" not in page.parts:
        targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
        assert len(targets) > 8
        for target in re.findall(r"(?:`|^ {4,}|^)make ([a-z][a-z-]*)\b", text, re.M):
            assert target in targets, f"make {target}"
    commands = set(cli.COMMANDS)
    for command in re.findall(r"(?:`|bin/|^ {4,})kwhisper ([a-z]+)\b", text, re.M):
        assert command in commands, f"kwhisper {command}"
    for module in re.findall(r"-m (kwhisper_tools[\w.]*)", text):
        assert importlib.util.find_spec(module), module


def test_a_wheel_is_installed_by_a_path():
    """Debian 12's pipx takes a bare file name for that of a package."""
    for page in ("README.md", "docs/getting-started.md"):
        named = re.findall(r"pipx install (\S+)", (ROOT / page).read_text())
        assert {word.strip("`;),") for word in named} <= {".", "./kwhisper_tools-….whl"}, page


def test_the_order_of_the_memory_is_told_with_its_figures():
    """Whoever tunes run_mode.py changes docs/architecture.md, too."""
    folder = ROOT / "firmware" / "kwhisper"
    source = (folder / "run_mode.py").read_text() + (folder / "app.py").read_text()
    figures = {n: int(v) for n, v in re.findall(r"^(_\w+) = const\((\d+)\)", source, re.M)}
    text = " ".join((ROOT / "docs" / "architecture.md").read_text().split())
    for told in (
        f"at most {figures['_JOIN_MS'] // 1000} s",
        f"**A ballast** of {figures['_BALLAST'] // 1000} KB",
        f"**The slack**, {figures['_SLACK'] // 1000} KB",
        f"`gc.threshold({figures['_COLLECT_EVERY']})`",
    ):
        assert told in text, told
