"""Every frame as a tree: header, addresses, checks, layers, elements, codes with their names."""

import sys
from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape
from rich.tree import Tree

from meterwire import Decoder, Reading, obis
from meterwire.reading import date_time, flag_names, iso, string, unit_name
from meterwire.words import (
    BEGIN,
    BODY,
    FRAME,
    HEADER_CLOCK,
    INFO,
    NUMBER,
    PAYLOAD,
    PAYLOAD_END,
    TIME,
)

from .decode import frames_line

_TAGS = {
    0x00: "null-data",
    0x01: "array",
    0x02: "structure",
    0x03: "boolean",
    0x04: "bit-string",
    0x05: "double-long",
    0x06: "double-long-unsigned",
    0x09: "octet-string",
    0x0A: "visible-string",
    0x0C: "utf8-string",
    0x0D: "bcd",
    0x0F: "integer",
    0x10: "long",
    0x11: "unsigned",
    0x12: "long-unsigned",
    0x13: "compact-array",
    0x14: "long64",
    0x15: "long64-unsigned",
    0x16: "enum",
    0x17: "float32",
    0x18: "float64",
    0x19: "date-time",
    0x1A: "date",
    0x1B: "time",
    0xFF: "don't-care",
}
_SIGNED = (0x05, 0x0F, 0x10, 0x14)
_TEXTS = (0x04, 0x09, 0x0A, 0x0C, 0x13, 0x19, 0x1A, 0x1B)
_CAUSES = {
    "hcs": "header check failed",
    "fcs": "frame check failed",
    "length": "cut short, or longer than any buffer",
    "checksum": "checksum failed",
    "crc": "CRC failed",
    "segment": "a part of the message is missing",
    "apdu": "not a list of values",
    "unknown": "a list of an unknown kind",
    "no_key": "encrypted, and no key was given (--key)",
    "key": "encrypted, and the key does not fit",
    "tag": "authentication tag failed: frame or authentication key is wrong",
    "counter": "its invocation counter went back: a repeated message",
}
_LLC = (b"\xe6\xe6\x00", b"\xe6\xe7\x00")  # as a command, as a response
_UNCUT = 4000  # columns of a file or a pipe: rich would cut at 80
_MOST = 2000  # elements of one list
_DEEPEST = 8


def label(name: str) -> str:
    """A topic name in words: "Power import L1", "Energy import tariff 1"."""
    words = name.removeprefix("active_")
    if words[-3:-1] in ("_l", "_t"):
        kind = " L" if words[-2] == "l" else " tariff "
        words = words[:-3] + kind + words[-1]
    return (words[:1].upper() + words[1:]).replace("_", " ")


def octets(data: bytes, most: int = 24) -> str:
    """Bytes as hex, the first of them if they are many."""
    text = data[:most].hex(" ").upper()
    return text + (f" … ({len(data)} bytes)" if len(data) > most else "")


class Explainer(Decoder):
    """A decoder that writes down each layer it takes off."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.tree: Tree | None = None
        self.trees: list[Tree] = []
        self._told = False  # the frame in hand has its tree

    def frame(self) -> None:
        """Begin the tree of the frame that was just found."""
        window = self._window
        self._told = True
        buf, start, stop = self._buf, window[FRAME], window[BEGIN]
        first = buf[start]
        if first == 0x7E:
            self.tree = Tree(f"[bold]HDLC frame[/bold] {stop - start + 1} bytes")
            self._hdlc(buf, start, stop)
        elif first == 0x68:
            self.tree = Tree(f"[bold]M-Bus long frame[/bold] {stop - start} bytes")
            info = window[INFO]
            last = ", last" if info & 0x10 else ""
            self.tree.add(f"C {buf[start + 4]:02X}  A {buf[start + 5]:02X}")
            self.tree.add(f"CI {info:02X}: segment {info & 15}{last}; checksum [green]ok[/green]")
            self.tree.add(f"STSAP {buf[start + 7]:02X}, DTSAP {buf[start + 8]:02X}")
        elif first == 0x2F:
            self.tree = Tree(f"[bold]text telegram[/bold] {stop - start} bytes")
            check = "CRC [green]ok[/green]" if window[INFO] else "[yellow]no CRC[/yellow]"
            self.tree.add(check)
        else:
            self.tree = Tree("[bold]bare APDU[/bold], no link layer and so no check of the line")
        self.trees.append(self.tree)

    def _hdlc(self, buf, start, stop):
        length = (buf[start + 1] & 7) << 8 | buf[start + 2]
        more = ", more segments follow" if buf[start + 1] & 8 else ""
        self.tree.add(f"format type 3, length {length}{more}")
        p = start + 3
        for name in ("destination", "source"):
            q = p
            while not buf[q] & 1:
                q += 1
            self.tree.add(f"{name} address {buf[p : q + 1].hex(' ').upper()}")
            p = q + 1
        kind = " (unnumbered information)" if buf[p] & 0xEF == 0x03 else ""
        self.tree.add(f"control {buf[p]:02X}{kind}")
        checks = f"HCS {buf[p + 1 : p + 3].hex().upper()} [green]ok[/green]"
        self.tree.add(f"{checks}, FCS {buf[stop - 2 : stop].hex().upper()} [green]ok[/green]")
        llc = bytes(buf[p + 3 : p + 6])
        if llc in _LLC:
            self.tree.add(f"LLC {llc.hex(' ').upper()}")

    def _frame(self, kind):
        self.frame()
        try:
            return super()._frame(kind)
        finally:
            self._told = False

    def _message(self, p, end):
        at = p + 3 if self._buf[p] == 0xE6 else p
        if self._buf[at] == 0xE0:
            number = self._buf[at + 2] << 8 | self._buf[at + 3]
            last = ", the last" if self._buf[at + 1] & 0x80 else ""
            self.tree.add(f"general-block-transfer, block {number}{last}")
        return super()._message(p, end)

    def _open(self, p, end):
        node = self.tree.add("general-glo-ciphering")
        if self._buf[p] == 0xDB:
            title = bytes(self._buf[p + 2 : p + 10])
            node.add(f"system title {title.hex().upper()} {escape(string(title, 0, 3))}")
            at = p + 11 + (self._buf[p + 10] & 0x7F if self._buf[p + 10] & 0x80 else 0)
            counter = int.from_bytes(self._buf[at + 1 : at + 5], "big")
            node.add(f"security control {self._buf[at]:02X}, invocation counter {counter}")
        start, stop = super()._open(p, end)
        if stop == 0:
            node.add(f"[red]{self.problem or 'not a ciphered APDU'}[/red]")
        elif self._cipher.checked:
            node.add("authentication tag [green]ok[/green]")
        else:
            node.add("deciphered; no tag, or no authentication key to check it with")
        return start, stop

    def _list(self, flags):
        p, end = self._window[PAYLOAD], self._window[PAYLOAD_END]
        told = self._told
        if not told:
            # whole HDLC frames come here without a stop at _frame
            self.frame()
        self._told = False
        if self._buf[p] == 0x0F:
            invoke = self._buf[p + 1 : p + 5].hex().upper()
            self.tree.add(f"data-notification, invoke-id {invoke}")
        found = super()._list(flags)
        self._data_tree(end, found)
        self._told = told
        return found

    def _data_tree(self, end, found):
        buf = bytes(self._buf[:end])
        at = self._words[HEADER_CLOCK]
        if at:
            raw = buf[at : at + 12]
            clock = iso(date_time(buf, at, 12))
            self.tree.add(f"date-time {clock}  [dim]{raw.hex().upper()}[/dim]")
        try:
            _Elements(buf).add(self.tree, self._words[BODY])
        except (IndexError, ValueError):
            if not found:
                self.tree.add("[red]not A-XDR[/red]")


class _Elements:
    """Writes A-XDR data down as a tree; ValueError or IndexError if it is none."""

    _SIZES = {
        **dict.fromkeys((3, 0x0D, 0x0F, 0x11, 0x16), 1),
        **dict.fromkeys((0x10, 0x12), 2),
        **dict.fromkeys((5, 6, 0x17, 0x1B), 4),
        **dict.fromkeys((0x14, 0x15, 0x18), 8),
        0: 0,
        0xFF: 0,
        0x19: 12,
        0x1A: 5,
    }

    def __init__(self, buf: bytes):
        self.buf = buf
        self.count = 0

    def _length(self, p: int) -> tuple[int, int]:
        n = self.buf[p]
        if n < 0x80:
            return n, p + 1
        end = p + 1 + (n & 0x7F)
        return int.from_bytes(self.buf[p + 1 : end], "big"), end

    def add(self, node, p: int, depth: int = 0) -> int:
        """Add the element at buf[p:] to a node; return where the next one begins."""
        tag = self.buf[p]
        name = _TAGS.get(tag, f"tag {tag:02X}")
        self.count += 1
        if self.count > _MOST or depth > _DEEPEST:
            raise ValueError("more than can be right")
        p += 1
        if tag in (1, 2):
            count, p = self._length(p)
            node = node.add(f"{name} of {count}")
            for _ in range(count):
                p = self.add(node, p, depth + 1)
            return p
        if tag == 0x13:
            # compact-array: type description, then a length and the untagged values
            kind = self.buf[p]
            p += 2 + self.buf[p + 1] if kind == 2 else 4 if kind == 1 else 1
        if tag in self._SIZES:
            size = self._SIZES[tag]
        elif tag in (4, 9, 0x0A, 0x0C, 0x13):
            size, p = self._length(p)
            size = (size + 7) // 8 if tag == 4 else size
        else:
            raise ValueError(f"no element begins with {tag:02X}")
        if p + size > len(self.buf):
            raise IndexError("cut short")
        node.add(f"{name} {_value(tag, self.buf, p, size)}")
        return p + size


def _value(tag: int, buf: bytes, at: int, size: int) -> str:
    raw = buf[at : at + size]
    if tag == 9 and size == 6 and raw[5] == 0xFF:
        code = "{}-{}:{}.{}.{}".format(*raw[:5])
        name = obis.name(int.from_bytes(raw[2:5], "big"))
        return f"[cyan]{code}[/cyan]" + (f" {label(name)}" if name else "")
    if size == 12 and tag in (9, 0x19):
        clock = iso(date_time(buf, at, 12))
        if clock:
            return f"{clock}  [dim]{raw.hex().upper()}[/dim]"
    if tag in _TEXTS:
        return escape(f'"{string(buf, at, size)}"') if size else "(empty)"
    if size == 0:
        return ""
    if tag in (0x17, 0x18):
        return raw.hex().upper()
    number = int.from_bytes(raw, "big", signed=tag in _SIGNED)
    unit = unit_name(number) if tag == 0x16 else None
    return f"{number}" + (f" ({unit})" if unit else "")


def tell(tree: Tree, reading: Reading) -> None:
    """Add a reading and its entries, with their names, to the tree."""
    said = [f"list {reading.list_id or '?'}", f"meter {reading.meter_id or '?'}"]
    if reading.meter_type:
        said.append(f"type {reading.meter_type}")
    said.append(reading.time or "no clock")
    said += flag_names(reading.flags)
    node = tree.add("[bold green]" + escape(" · ".join(said)) + "[/bold green]")
    for i in range(len(reading)):
        name = obis.name(reading.key(i), reading.ab(i), reading.unit(i))
        name = label(name) if name else "(unknown code)"
        if reading.entry(i) == TIME and reading.key(i) >> 8 != 0x0100:
            name += ", read at"
        if reading.entry(i) == NUMBER:
            value = f"{reading.decimal(i)} {reading.unit(i)}".strip()
        else:
            value = escape(reading.text(i))
        flags = " ".join(f"[yellow]{flag}[/yellow]" for flag in flag_names(reading.flag(i)))
        node.add(f"[cyan]{reading.obis(i):<13}[/cyan] {name:<32} [bold]{value}[/bold] {flags}")


class _Console(Console):
    def on_broken_pipe(self):
        # rich would end with exit code 1; whether this is a failure the command decides.
        raise BrokenPipeError


def terminal() -> Console:
    """Where the trees go: a terminal, or a file or pipe with lines of any length."""
    width = None if sys.stdout.isatty() else _UNCUT
    return _Console(highlight=False, soft_wrap=True, width=width)


def explain(size, key, auth_key, rows, pieces: Iterator[bytes | None]) -> int:
    """Write the tree of every frame to the terminal; return the number of readings."""
    console = terminal()
    decoder = Explainer(size, key, auth_key, rows)
    count = 0
    before = decoder.counters
    try:
        for piece in pieces:
            (decoder.flush() if piece is None else decoder.feed(piece))
            while True:
                decoder.trees.clear()
                reading = decoder.read()
                after = decoder.counters
                for cause, text in _CAUSES.items():
                    if after[cause] > before[cause]:
                        console.print(
                            f"[red]dropped:[/red] {text} ({after[cause] - before[cause]})"
                        )
                if after["noise"] > before["noise"]:
                    console.print(f"[dim]{after['noise'] - before['noise']} bytes skipped[/dim]")
                before = after
                if decoder.trees and reading:
                    tell(decoder.trees[-1], reading)
                for tree in decoder.trees:
                    console.print(tree)
                if reading is None:
                    break
                count += 1
    except KeyboardInterrupt:
        pass  # the way to end a live port
    line = frames_line(decoder)
    told = ", ".join(f"{n} {cause}" for cause, n in line["frames"].items())
    console.print(f"[bold]frames:[/bold] {told}; {line.get('noise_bytes', 0)} bytes of noise")
    if decoder.problem:
        console.print(f"[yellow]{decoder.problem}[/yellow]")
    return count
