"""Captured exchanges of a MEP port: requests paired with their responses, told and counted.

A request is known by its digest and a response by the digest that goes on from its request's, so
with the key an exchange is found again behind any damage. Without the key nothing is used.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from rich.tree import Tree

from meterwire import Reading, mep, mep_frames, mep_key

from .decode import BadInput, as_json
from .explain import octets, tell, terminal

_MOST = 65536  # bytes looked through at once, if the line never falls silent
_REQUESTS = {
    0x30: "full read",
    0x3F: "partial read",
    0x40: "full write",
    0x4F: "partial write",
    0x57: "TLS terminate",
    0x58: "TLS handshake start",
    0x59: "TLS handshake",
    0x80: "TLS table access",
}
_CODES = {
    0x00: "ok",
    0x01: "unrecognised",
    0x02: "unsupported",
    0x03: "no permission",
    0x04: "not possible",
    0x05: "table operation not possible",
    0x0A: "invalid service sequence: this port requires TLS",
    0x0B: "authentication failed",
    0x0C: "invalid sequence number",
}
_TABLES = {
    0x0001: "BT01 manufacturer",
    0x000F: "BT15 constants",
    0x0014: "BT20 most registers",
    0x0015: "BT21 dimensions",
    0x0016: "BT22 sources of the registers",
    0x0017: "BT23 registers",
    0x001B: "BT27 sources of the present values",
    0x001C: "BT28 present values",
    0x0034: "BT52 clock",
    0x0803: "ET03 serial number",
    0x0837: "ET55 meter configuration",
}
_CAUSES = {
    "digest": "the digest is wrong: damaged, or the key does not fit",
    "length": "cut short",
    "no_key": "not checked: no key was given (--key)",
}


@dataclass
class Frame:
    """One frame of an exchange, or what is none: cause says why nothing of it is used."""

    raw: bytes
    cause: str | None = None
    request: bytes | None = None  # code .. SEQ in clear
    code: int | None = None  # of a response
    data: bytes = b""  # of a response
    reading: Reading | None = None
    sealed: bool = False


def parse_key(text: str | None) -> bytes | None:
    """The MEP key as the utility gives it: 40 or 32 hex digits, or 20 characters."""
    if not text:
        return None
    try:
        return mep_key.parse_key(text)
    except ValueError as error:
        raise BadInput(f"--key: {error}") from None


class Exchange:
    """What both sides of a MEP port said, in the order it was captured."""

    def __init__(self, key: bytes | None):
        self._key = key
        self._meter = mep.Mep(key) if key else None
        self._asked = b""  # the request that waits for its response
        self.counters = {"ok": 0, "digest": 0, "length": 0, "no_key": 0}
        self.noise = 0

    def frames(self, data: bytes) -> Iterator[Frame]:
        """The frames of a stretch of the line, good and bad, each counted."""
        at = 0
        while at < len(data):
            frame = self._good(data, at)
            if frame is None and data[at : at + 2] == b"\0\0":
                at += 2  # the meter's alert: two bytes, and no frame
                continue
            if frame is None:
                # what lies before the next good frame is damaged
                until = at + 1
                while until < len(data) and not self._good(data, until, look=True):
                    until += 1
                yield from self._bad(data[at:until])
                at = until
                continue
            self.counters["ok"] += 1
            at += len(frame.raw)
            yield frame

    def _good(self, data: bytes, at: int, look: bool = False) -> Frame | None:
        size = mep_frames.length(data, at)
        if self._meter is None or not size or at + size > len(data):
            return None
        raw = data[at : at + size]
        question = mep_frames.question(raw, self._key)
        if question:
            if not look:
                self._asked = raw
            return Frame(raw, request=question[0], sealed=question[1] is not None)
        asked = self._asked
        # a refusal without a digest is believed only where an answer is due
        if not asked or look and size == 3:
            return None
        buf = bytearray(raw)
        code, start, stop = mep_frames.answer(buf, asked, self._key)
        if code < 0:
            return None
        frame = Frame(raw, code=code, data=bytes(buf[start:stop]))
        if not look:
            frame.reading = mep_frames.told(self._meter, asked, bytearray(raw))[1]
            self._asked = b""
        return frame

    def _bad(self, data: bytes) -> Iterator[Frame]:
        at = 0
        while at < len(data):
            size = mep_frames.length(data, at)
            cause = "digest" if self._key else "no_key"
            if data[at : at + 2] == b"\0\0":
                at += 2
                continue
            if size < 11:
                self.noise += len(data) - at
                return
            if at + size > len(data):
                cause = "length"
            self.counters[cause] += 1
            yield Frame(data[at : at + size], cause=cause)
            at += size

    def line(self) -> dict:
        """The last line of ``decode --json``: frames by result."""
        line = {"frames": {c: n for c, n in self.counters.items() if n or c == "ok"}}
        if self.noise:
            line["noise_bytes"] = self.noise
        return line


# ---- out


def _stretches(pieces: Iterator[bytes | None]) -> Iterator[bytes]:
    """The pieces put together from silence to silence."""
    held = b""
    for piece in pieces:
        held += piece or b""
        if held and (piece is None or len(held) > _MOST):
            yield held
            held = b""


def write_json(key: bytes | None, pieces: Iterator[bytes | None]) -> int:
    """Write one JSON object a reading, then the counts; return the number of readings."""
    exchange = Exchange(key)
    count = 0
    try:
        for data in _stretches(pieces):
            for frame in exchange.frames(data):
                if frame.reading:
                    count += 1
                    print(json.dumps(as_json(frame.reading), ensure_ascii=False), flush=True)
    except KeyboardInterrupt:
        pass  # the way to end a live port; what came so far still counts
    print(json.dumps(exchange.line()), flush=True)
    return count


def _tree(frame: Frame) -> Tree:
    if frame.cause:
        tree = Tree(f"[red]dropped:[/red] {_CAUSES[frame.cause]}")
        tree.add(f"[dim]{octets(frame.raw)}[/dim]")
    elif frame.request:
        plain = frame.request
        how = ", RC4" if frame.sealed else ""
        tree = Tree(f"[bold]MEP request[/bold] {len(frame.raw)} bytes{how}")
        name = _REQUESTS.get(plain[0], "unknown request")
        table, offset = mep_frames.target(plain)
        where = f" {_TABLES.get(table, f'table {table:04X}')}, from byte {offset}" if table else ""
        tree.add(f"{plain[0]:02X} {name}{where}")
        tree.add(f"sequence number {plain[-4:].hex().upper()}; digest [green]ok[/green]")
    else:
        tree = Tree(f"[bold]MEP response[/bold] {len(frame.raw)} bytes")
        tree.add(f"{frame.code:02X} {_CODES.get(frame.code, 'unknown code')}")
        if frame.code == mep.BAD_SEQUENCE:
            tree.add(f"the right number is {frame.data.hex().upper()}")
        elif frame.data:
            tree.add(f"{len(frame.data)} bytes {octets(frame.data)}")
        unchecked = len(frame.raw) == 3
        tree.add("without a digest" if unchecked else "digest [green]ok[/green]")
    return tree


def explain(key: bytes | None, pieces: Iterator[bytes | None]) -> int:
    """Write every frame as a tree to the terminal; return the number of readings."""
    console = terminal()
    exchange = Exchange(key)
    count = 0
    try:
        for data in _stretches(pieces):
            for frame in exchange.frames(data):
                tree = _tree(frame)
                if frame.reading:
                    count += 1
                    tell(tree, frame.reading)
                console.print(tree)
    except KeyboardInterrupt:
        pass  # the way to end a live port
    told = ", ".join(f"{n} {cause}" for cause, n in exchange.line()["frames"].items())
    console.print(f"[bold]frames:[/bold] {told}; {exchange.noise} bytes of noise")
    if exchange.counters["no_key"]:
        console.print("[yellow]this port authenticates: enter its MEP key (--key)[/yellow]")
    return count
