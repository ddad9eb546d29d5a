"""``kwhisper decode``: captured frames, or those arriving on a serial port, explained."""

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from meterwire import Decoder, Reading
from meterwire.reading import flag_names
from meterwire.words import NUMBER, POS, STOP, TEXT, TIME

from . import arguments

_SIZE = 8192  # the longest telegram known has 3.4 kB
_ROWS = 250
_CHUNK = 4096
_SILENCE = 0.6  # s; parts of one message lie up to half a second apart
MEP = "osgp-mep"  # the protocol of a JSON capture that holds a MEP exchange
_PARITIES = {"8N1": ("N", 8), "8E1": ("E", 8), "7E1": ("E", 7), "7N1": ("N", 7)}


class BadInput(Exception):
    """The input cannot be used; the text says what to do about it."""


# ---- in


def load(raw: bytes, name: str) -> tuple[bytes, dict]:
    """Bytes on the wire from a capture: binary, hex text, or a JSON object with a "hex" member.

    Returns the bytes and what a JSON capture says beside them (key, auth_key).
    """
    if not raw.strip():
        raise BadInput(f"{name} is empty: give a capture as hex text or binary")
    try:
        text = raw.decode("utf-8-sig")  # a comment or a note may be in any language
    except UnicodeDecodeError:
        return raw, {}
    if text.lstrip().startswith("{"):
        try:
            capture = json.loads(text)
            return bytes.fromhex(capture["hex"]), capture
        except (ValueError, KeyError, TypeError):
            raise BadInput(
                f'{name} looks like JSON but has no "hex" member with hex digits'
            ) from None
    lines = (re.split(r"[#;]", line, maxsplit=1)[0] for line in text.splitlines())
    digits = re.sub(r"0[xX]|[\s,:\-]", "", "".join(lines))
    if re.fullmatch(r"[0-9a-fA-F]+", digits):
        if len(digits) % 2:
            raise BadInput(f"{name} has an odd number of hex digits: one is missing or too many")
        return bytes.fromhex(digits), {}
    # a text telegram, or bytes that happen to be text: what is in them shows when they are read
    return raw, {}


def _from_file(file: str) -> tuple[bytes, dict]:
    if file == "-":
        return load(sys.stdin.buffer.read(), "standard input")
    path = Path(file)
    if not path.is_file():
        raise BadInput(f"{file} is not a file")
    return load(path.read_bytes(), file)


def _pieces(data: bytes) -> Iterator[bytes | None]:
    """The data in pieces, then None: the line is silent."""
    for at in range(0, len(data), _CHUNK):
        yield data[at : at + _CHUNK]
    yield None


def _from_port(port: str, baud: int, parity: str) -> Iterator[bytes | None]:
    """What arrives on a serial port, and None whenever it falls silent. Ends with Ctrl-C."""
    import serial

    try:
        from termios import error as no_parity
    except ImportError:
        no_parity = serial.SerialException  # Windows has no pseudo-terminals

    letter, bits = _PARITIES[parity]
    options = {"baudrate": baud, "bytesize": bits, "timeout": _SILENCE}
    try:
        try:
            line = serial.serial_for_url(port, parity=letter, **options)
        except no_parity:
            # a pseudo-terminal has no parity, and says so only the second time
            line = serial.serial_for_url(port, parity="N", **options)
    except (serial.SerialException, no_parity, ValueError, OSError) as error:
        raise BadInput(f"cannot open {port}: {error}") from None
    with line:
        while True:
            try:
                first = line.read(1)
                data = first + line.read(line.in_waiting) if first else None
            except (serial.SerialException, OSError) as error:
                raise BadInput(f"{port} is gone: {error}") from None
            yield data


# ---- out


def as_json(reading: Reading) -> dict:
    """A Reading in the form that ``decode --json`` promises."""
    values: dict[str, dict] = {}
    texts: dict[str, str] = {}
    times: dict[str, str] = {}
    for i in range(len(reading)):
        code = reading.obis(i)
        kind = reading.entry(i)
        if kind == NUMBER:
            value: dict = {"value": reading.decimal(i), "unit": reading.unit(i) or None}
            flags = flag_names(reading.flag(i))
            if flags:
                value["flags"] = flags
            if code in times:
                value["time"] = times.pop(code)
            values[code] = value
        elif kind == TIME and reading.key(i) >> 8 != 0x0100:
            if text := reading.text(i):
                times[code] = text
        elif kind == TEXT:
            texts[code] = reading.text(i)
    found = {
        "list": reading.list_id,
        "time": reading.time,
        "meter_id": reading.meter_id,
        "meter_type": reading.meter_type,
        "values": values,
        "flags": flag_names(reading.flags),
    }
    if texts:
        found["texts"] = texts
    return found


def frames_line(decoder: Decoder) -> dict:
    """The last line of ``decode --json``: frames by result."""
    counters = decoder.counters
    noise = counters.pop("noise")
    line = {"frames": {c: n for c, n in counters.items() if n or c == "ok"}}
    if noise:
        line["noise_bytes"] = noise
    return line


def _write_json(decoder: Decoder, pieces: Iterator[bytes | None]) -> int:
    count = 0
    try:
        for piece in pieces:
            for reading in decoder.flush() if piece is None else decoder.feed(piece):
                count += 1
                print(json.dumps(as_json(reading), ensure_ascii=False), flush=True)
    except KeyboardInterrupt:
        pass  # the way to end a live port; what came so far still counts
    print(json.dumps(frames_line(decoder)), flush=True)
    return count


def _write_report(data: bytes, key: bytes | None, auth_key: bytes | None) -> int:
    """Print the report of a capture; return the number of readings in it."""
    from . import bug_report

    decoder = bug_report.Listener(_SIZE, key, auth_key, rows=_ROWS)
    found = bug_report.run(decoder, data)
    counters = decoder.counters
    encrypted = bool(key or auth_key or counters["no_key"])
    print(json.dumps(bug_report.document(found, data, encrypted), indent=1, ensure_ascii=False))
    return len(found.readings)


def _say_why_nothing(data: bytes, key: bytes | None, auth_key: bytes | None) -> None:
    """On standard error: no frame in so many bytes, or what an unknown list may be."""
    from . import suggest

    apdus: list[bytes] = []

    def unknown(buf, start, end):
        apdus.append(bytes(buf[decoder._words[POS] : decoder._words[STOP]]))

    decoder = Decoder(_SIZE, key, auth_key, rows=_ROWS, unknown=unknown)
    for pull in (decoder.feed(data), decoder.flush()):
        for _ in pull:
            pass
    counters = decoder.counters
    if not counters["ok"] and not counters["unchecked"] and not counters["no_key"]:
        print(f"kwhisper decode: no frame in {len(data)} bytes", file=sys.stderr)
    row = suggest.row(apdus) if apdus else None
    if row:
        print(
            "kwhisper decode: an unknown list; a row for meterwire/profiles.txt may be\n" + row,
            file=sys.stderr,
        )


def decode(
    file: Annotated[
        str | None, typer.Argument(help="A capture (hex text, binary or JSON), or - for stdin.")
    ] = None,
    serial: Annotated[
        str | None, typer.Option(metavar="PORT", help="Listen on this serial port.")
    ] = None,
    baud: Annotated[int, typer.Option(min=300, max=3_000_000, help="Of the serial port.")] = 2400,
    parity: Annotated[str, typer.Option(help="8N1, 8E1, 7E1 or 7N1.")] = "8E1",
    key: Annotated[
        str | None,
        typer.Option(metavar="HEX", help="Encryption key, 32 hex digits (MEP: 32, 40 or text)."),
    ] = None,
    auth_key: Annotated[
        str | None, typer.Option(metavar="HEX", help="Authentication key, 32 hex digits.")
    ] = None,
    mep: Annotated[
        bool, typer.Option("--mep", help="An exchange with an NES meter's MEP port (9600 8N1).")
    ] = False,
    as_lines: Annotated[
        bool, typer.Option("--json", help="One JSON object a reading, then the frame counts.")
    ] = False,
    report: Annotated[
        bool,
        typer.Option("--report", help="A JSON report to show in public: no meter number in it."),
    ] = False,
) -> None:
    """Explain captured frames, or those arriving on a serial port.

    Exit code 0 if anything was decoded, 1 if nothing was, 2 if the call was wrong.
    """
    try:
        if (file is None) == (serial is None):
            raise BadInput("give either a FILE (- for standard input) or --serial PORT")
        if as_lines and report:
            raise BadInput("give either --json or --report")
        if parity not in _PARITIES:
            raise BadInput(f"--parity {parity}: choose one of {', '.join(_PARITIES)}")
        capture: dict = {}
        if file is not None:
            data, capture = _from_file(file)
            pieces = _pieces(data)
        else:
            pieces = _from_port(serial, baud, parity)
        if mep or capture.get("protocol") == MEP:
            from . import exchange

            show = exchange.write_json if as_lines else exchange.explain
            count = show(exchange.parse_key(key or capture.get("key")), pieces)
            raise typer.Exit(0 if count else 1)
        secret = arguments.key(key or capture.get("key"), "key")
        second = arguments.key(auth_key or capture.get("auth_key"), "authentication key")
        if report:
            if file is None:
                raise BadInput("--report needs a FILE: give the frames that were captured")
            count = _write_report(data, secret, second)
        elif as_lines:
            count = _write_json(Decoder(_SIZE, secret, second, rows=_ROWS), pieces)
        else:
            from .explain import explain

            count = explain(_SIZE, secret, second, _ROWS, pieces)
        if not count and file is not None:
            _say_why_nothing(data, secret, second)
    except BadInput as error:
        print(f"kwhisper decode: {error}", file=sys.stderr)
        raise typer.Exit(2) from None
    except BrokenPipeError:
        # `| head` has read enough. What is still buffered must not fail at the end either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        count = 1
    raise typer.Exit(0 if count else 1)
