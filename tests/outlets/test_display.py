"""Displays: what stands on the glass, read out of the display's own memory."""

from binascii import unhexlify

import pytest
from slow_cases import slow_but
from system.waiting import until

from kwhisper_tools import paths

# Letters as MicroPython draws them, as a row of bytes each, of eight pixels a column.
_FONT = """
import framebuf
from binascii import hexlify
for c in range(32, 127):
    b = bytearray(8)
    framebuf.FrameBuffer(b, 8, 8, framebuf.MONO_VLSB).text(chr(c), 0, 0)
    print(hexlify(b).decode())
"""


@pytest.fixture(scope="module")
def font(tmp_path_factory):
    """{eight bytes: letter}"""
    import subprocess

    script = tmp_path_factory.mktemp("font") / "font.py"
    script.write_text(_FONT)
    done = subprocess.run(
        [paths.micropython(), str(script)], capture_output=True, text=True, timeout=30, check=True
    )
    return {unhexlify(row): chr(32 + n) for n, row in enumerate(done.stdout.split())}


def pixels(pages, left):
    """A function (x, y) -> whether it is lit."""
    rows = [unhexlify(page)[left : left + 128] for page in pages]
    return lambda x, y: rows[y // 8][x] >> y % 8 & 1


def read(lit, font, y, size=1, letters=16):
    """The text that stands there; each letter must be one of the font."""
    text = ""
    for n in range(letters):
        columns = bytes(
            sum(lit((8 * n + x) * size, y + bit * size) << bit for bit in range(8))
            for x in range(8)
        )
        text += font.get(columns, "?")
    return text.rstrip()


def net(values):
    """What the house takes, below nothing if its roof gives more."""
    found = {code.partition(":")[2]: text for code, (text, _) in values.items()}
    return int(found["1.7.0"]) - int(found.get("2.7.0", 0))


@pytest.mark.parametrize("kind, left", slow_but([("ssd1306", 0), ("sh1106", 2)], ("ssd1306", 0)))
def test_an_oled_shows_power_and_phases(running, font, kind, left):
    speaker, device = running(
        "dsmr5", values={"outlets": "display", "display": kind}, told={"i2c": {"60": "oled"}}
    )

    def shown():
        pages = device.told("glass")
        if not pages:
            return None
        lit = pixels(pages, left)
        power = read(lit, font, 0, 2, 8)
        others = [read(lit, font, y) for y in (18, 29, 40, 51)]
        return power, [line for line in others if line]

    def right():
        found = shown()
        if not found or not found[1]:
            return False
        power, (volts, amperes, link) = found[0], (found[1] + ["", "", ""])[:3]
        for values in [truth["values"] for truth, _ in speaker.said]:
            three = " ".join(str(values[f"1-0:{c}.7.0"][0])[:4].rstrip(".") for c in (32, 52, 72))
            if (power, volts) == (f"{net(values)} W", f"V  {three}"):
                return amperes.startswith("A  ") and link.startswith("WiFi -")
        return False

    until(right, 120, "the values")


@pytest.mark.parametrize(
    "kind, rows", slow_but([("hd44780-16x2", 2), ("hd44780-20x4", 4)], ("hd44780-20x4", 4))
)
def test_an_lcd_shows_them_in_letters(running, kind, rows):
    speaker, device = running(
        "kamstrup", 4, values={"outlets": "display", "display": kind}, told={"i2c": {"39": "lcd"}}
    )
    starts = (0x00, 0x40, 0x14, 0x54)[:rows]
    columns = int(kind[8:10])

    def right():
        memory = device.told("glass") or ""
        lines = [memory[at : at + columns].rstrip() for at in starts]
        if rows == 4:
            fits = lines[1].startswith("V  2") and lines[2].startswith("A  ")
        else:
            fits = lines[-1].startswith("A  ")
        said = [truth["values"] for truth, _ in speaker.said]
        return fits and lines[0] in {f"{net(values)} W" for values in said}

    until(right, 120, "the values")


def test_what_is_in_doubt_is_not_shown(on_micropython, micropython, root):
    path = [str(root / "tests/mqtt"), *paths.library_path()]
    out = on_micropython(
        [micropython],
        """
import reading
from kwhisper.outlets.display import Display

class Plain(Display):
    def __init__(self):
        self.power = self.volts = self.amperes = ""

d = Plain()
def hear(*rows):
    d.reading(reading.Reading(1, None, rows))
    print(d.power, d.volts, sep="|")
def power(c, value, exponent=0, flags=0):
    return "1-0:%d.7.0" % c, value, exponent, "W", flags
def volts(c, value, flags=0):
    return "1-0:%d.7.0" % c, value, -1, "V", flags

hear(power(1, 1234), volts(32, 2310), volts(52, 2320), volts(72, 2330))
hear(power(1, 134217, 0, 1), volts(32, 2311), volts(52, 9999, 1), volts(72, 2331))
hear(power(1, 0), power(2, 9000, 0, 1))
hear(power(1, 1240), power(2, 5000, -1))
hear(power(1, 5000, -1), power(2, 600))
""",
        path,
    )
    # Beside an export in doubt nobody knows what the house takes.
    assert out.splitlines() == [
        "1234 W|231 232 233",
        "1234 W|231 ? 233",
        "1234 W|231 ? 233",
        "1240 W|231 ? 233",
        "-600 W|231 ? 233",
    ]


def test_without_a_display_the_meter_is_read(running):
    _, device = running("aidon", values={"outlets": "display"})
    device.wait_for("WiFi: connected")
    assert device.alive() and device.starts == 1
