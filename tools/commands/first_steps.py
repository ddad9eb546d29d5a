"""What a person sees at the end of ``kwhisper flash``: the board's own WiFi, as text and as a code
that a phone's camera joins."""

import io
import re


def ready(said: str) -> tuple[str, str, bool] | None:
    """(name, password, whether there are settings) in what the board said about itself."""
    match = re.search(r"^ready (\S+) (\S+) (True|False)", said, re.M)
    return (match[1], match[2], match[3] == "True") if match else None


def lines(said: str) -> list[str]:
    """What to do next, as rich text; the last line may be a QR code."""
    board = ready(said)
    if not board:
        return ["The board did not report its WiFi; its console (kwhisper watch) does at a start."]
    name, password, configured = board
    if configured:
        return [
            "The settings and the totals were kept: kWhisper joins your WiFi and its page shows "
            "the values.",
            f"For the set-up hold the button: WiFi [bold]{name}[/], password [bold]{password}[/].",
        ]
    return [
        f"1  Join the WiFi [bold]{name}[/] with the password [bold]{password}[/], or point the "
        "phone's camera at the code below.",
        "2  The set-up page opens by itself, or open [bold]http://192.168.4.1[/].",
        "3  Choose your WiFi, enter your broker's address, save.",
        "The password belongs to this board and stays the same: write it down.",
        qr(name, password),
    ]


def joining(name: str, password: str) -> str:
    """The text of a code that joins a WPA2 network, as phones read it."""

    def escaped(text):
        return re.sub(r'([\\;,":])', r"\\\1", text)

    return f"WIFI:T:WPA;S:{escaped(name)};P:{escaped(password)};;"


def qr(name: str, password: str) -> str:
    """That code as half blocks for a terminal, dark on light whatever its colours are."""
    import segno

    code = segno.make(joining(name, password), error="m", micro=False)
    rows = [list(row) for row in code.matrix_iter(border=4)]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    out = io.StringIO()
    for above, below in zip(rows[::2], rows[1::2], strict=True):
        # The light modules are what is drawn: white on black.
        shown = "".join(" ▄▀█"[2 * (not a) + (not b)] for a, b in zip(above, below, strict=True))
        out.write(f"[bright_white on black]{shown}[/]\n")
    return out.getvalue()
