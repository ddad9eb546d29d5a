"""A report of what was decoded that can be shown in public: no number of the meter in it.

Frames are as they came but for the meter's numbers, whose digits are replaced; the checks are
reckoned anew, so that the frames decode as before. Of encrypted frames the deciphered messages are
given, and of those without a key the frames with the meter's title blotted out.
"""

import re
from dataclasses import dataclass, field

from kwhisper_tools.commands.explain import label
from meterwire import Decoder, Reading, __version__, obis
from meterwire.bytes_v import crc_arc, crc_x25
from meterwire.reading import flag_names
from meterwire.words import NUMBER, PAYLOAD, PAYLOAD_END, TEXT

# In a telegram's ident line: /KMP5 KA6U001585575011 and /XMX5XMXABCE000046099 hold the meter's
# number behind maker and model, which stay; Fluvius' 253769484_A is a model.
_SERIAL = re.compile(rb"(?!253\d{6}_)(?<!\d)\d{6,}")
_KEPT = 20  # readings and messages in a report: more say nothing new


@dataclass
class Report:
    """What a run of frames gave."""

    decoder: Decoder
    identifiers: set[bytes] = field(default_factory=set)
    readings: list[dict] = field(default_factory=list)
    messages: list[bytes] = field(default_factory=list)  # deciphered


class Listener(Decoder):
    """A decoder that remembers each list's bytes as they were read."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.messages: list[bytes] = []

    def _list(self, flags):
        self.messages.append(bytes(self._buf[self._window[PAYLOAD] : self._window[PAYLOAD_END]]))
        return super()._list(flags)

    def _telegram(self, start, end):
        self.messages.append(bytes(self._buf[start:end]))
        return super()._telegram(start, end)


def is_identifier(key: int, ab: int) -> bool:
    """Whether a code names a device: 96.1.x, 42.0.0, 0.0.x; but not its type (0-0:96.1.7,
    1-1:96.1.1)."""
    if key == 0x600107 or key == 0x600101 and ab >> 8:
        return False
    return key >> 8 in (0x6001, 0x2A00, 0x0000)


def replaced(identifier: bytes) -> bytes:
    """The identifier with its last digits counting up from 1, so that it keeps its length and
    what tells maker and type. P1's hex-coded octets stay hex."""
    text = identifier.decode("latin-1")
    if len(text) > 7 and re.fullmatch(r"(?:[0-9A-F]{2})+", text):
        inner = bytes.fromhex(text)
        if all(0x20 <= byte < 0x7F for byte in inner):
            return replaced(inner).hex().upper().encode()
    out, n = list(text), 0
    for i in range(len(out) - 1, -1, -1):
        if out[i].isdigit() and n < 10:
            out[i] = str((9 - n) % 10)
            n += 1
    return "".join(out).encode("latin-1")


def identifiers(reading: Reading) -> set[bytes]:
    """The octets of every device number in a reading."""
    found = set()
    for i in range(len(reading)):
        k = i * 16 + 8
        if reading.entry(i) == TEXT and is_identifier(reading.key(i), reading.ab(i)):
            at = reading._rows[k] | reading._rows[k + 1] << 8
            size = reading._rows[k + 2] | reading._rows[k + 3] << 8
            found.add(bytes(reading._buf[at : at + size]))
        elif is_identifier(reading.key(i), reading.ab(i)):
            size = 4 if reading.value(i) < 1 << 32 else 8
            found.add(reading.value(i).to_bytes(size, "big"))
            found.add(reading.decimal(i).encode())
    if reading.meter_id:
        found.add(reading.meter_id.encode())
    kind = (reading.meter_type or "").encode("latin-1", "replace")
    if kind and b"/" + kind in bytes(reading._buf):
        found |= set(_SERIAL.findall(kind))
    return {one for one in found if len(one) > 3}


def blotted(data: bytes, names: set[bytes]) -> bytes:
    """The data with the numbers replaced and the checks of every frame in it made good."""
    out = bytearray(data)
    for name in sorted(names, key=len, reverse=True):
        other = replaced(name) if name.isascii() else bytes(len(name))
        at = data.find(name)
        while at >= 0:
            out[at : at + len(name)] = other
            at = data.find(name, at + 1)
    for at, byte in enumerate(data):
        if byte == 0x7E:
            _hdlc(data, out, at)
        elif byte == 0x68:
            _mbus(data, out, at)
        elif byte == 0x2F:
            _telegram(data, out, at)
    return bytes(out)


def _hdlc(data, out, at):
    length = (data[at + 1] & 7) << 8 | data[at + 2] if at + 3 <= len(data) else 0
    end = at + 1 + length
    if length < 7 or end > len(data) or crc_x25(at + 1, 0xFFFF, end, data) != 0xF0B8:
        return
    check = crc_x25(at + 1, 0xFFFF, end - 2, out) ^ 0xFFFF
    out[end - 2 : end] = check.to_bytes(2, "little")


def _mbus(data, out, at):
    if data[at + 3 : at + 4] != b"\x68" or data[at + 1] != data[at + 2]:
        return
    length = data[at + 1] if data[at + 1] > 3 else data[at + 1] + 256
    end = at + 4 + length
    if end < len(data) and sum(data[at + 4 : end]) & 0xFF == data[end]:
        out[end] = sum(out[at + 4 : end]) & 0xFF


def _telegram(data, out, at):
    bang = data.find(b"\n!", at) + 1
    given = data[bang + 1 : bang + 5]
    if bang and re.fullmatch(rb"[0-9A-Fa-f]{4}", given):
        if int(given, 16) == crc_arc(at, 0, bang + 1, data):
            out[bang + 1 : bang + 5] = b"%04X" % crc_arc(at, 0, bang + 1, out)


def run(decoder: Listener, data: bytes) -> Report:
    """Decode the data and gather what the report needs."""
    report = Report(decoder)
    for pull in (decoder.feed(data), decoder.flush()):
        for reading in pull:
            report.identifiers |= identifiers(reading)
            if len(report.readings) < _KEPT:
                report.readings.append(_told(reading))
    report.messages = decoder.messages[:_KEPT]
    return report


def _told(reading: Reading) -> dict:
    values = {}
    for i in range(len(reading)):
        code = reading.obis(i)
        if reading.entry(i) != NUMBER or is_identifier(reading.key(i), reading.ab(i)):
            continue
        name = obis.name(reading.key(i), reading.ab(i), reading.unit(i))
        values[code] = {"name": label(name) if name else None, "value": reading.decimal(i)}
        values[code] |= {"unit": reading.unit(i) or None}
        flags = flag_names(reading.flag(i))
        if flags:
            values[code]["flags"] = flags
    return {"time": reading.time, "values": values, "flags": flag_names(reading.flags)}


def document(report: Report, data: bytes, encrypted: bool) -> dict:
    """The report as a JSON object; its "hex" can be given to `kwhisper decode` again."""
    names = set(report.identifiers)
    if encrypted:
        # the meter's number is in its title, which stands before every message
        for found in re.finditer(rb"\xdb\x08(.{8})", data, re.S):
            names.add(found[1])
    doubts = sorted(
        f"{code}: {', '.join(value['flags'])}"
        for reading in report.readings
        for code, value in reading["values"].items()
        if "unsure" in value.get("flags", ())
    )
    counters = {cause: n for cause, n in report.decoder.counters.items() if n}
    made = {
        "meterwire": __version__,
        "frames": counters,
        "problem": report.decoder.problem,
        "doubts": sorted(set(doubts)),
        "hex": blotted(data, names).hex(),
        "readings": report.readings,
    }
    if encrypted:
        made["messages"] = [blotted(m, names).hex() for m in report.messages]
    return made
