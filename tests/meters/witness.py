"""A second pair of eyes for the tests: takes frames apart to bare types and OBIS codes.

Small and strict, for well-formed frames only; it is neither the decoder nor the simulators.
"""

import re

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_SIZE = {0x00: 0, 0x05: 4, 0x06: 4, 0x0F: 1, 0x10: 2, 0x11: 1, 0x12: 2, 0x14: 8, 0x15: 8, 0x16: 1}
_STRINGS = (0x09, 0x0A, 0x0C)


def frames(data):
    """The HDLC and M-Bus frames in clean data, one after the other."""
    at = 0
    while at < len(data):
        if data[at] == 0x7E:
            size = ((data[at + 1] & 7) << 8 | data[at + 2]) + 2
        else:
            size = data[at + 1] + 6
            # L counts modulo 256: 01 stands for 257
            size += 256 if size < 8 else 0
        yield data[at : at + size]
        at += size


def information(frame):
    """What a frame carries after addresses and checks."""
    if frame[0] == 0x68:
        return frame[9:-2]
    at = 3
    for _ in ("destination", "source"):
        while not frame[at] & 1:
            at += 1
        at += 1
    return frame[at + 3 : -3]


def apdu(data, key=None):
    """The one APDU in the frames of `data`, GBT and encryption taken off."""
    whole = b""
    for frame in frames(data):
        part = information(frame)
        if part[:3] == b"\xe6\xe7\x00":
            part = part[3:]
        whole += part[7:] if part[0] == 0xE0 else part
    return decipher(whole, key) if whole[0] == 0xDB else whole


def decipher(sealed, key):
    """general-glo-ciphering opened without looking at the tag."""
    title, at = sealed[2:10], 10
    if sealed[at] & 0x80:
        at += sealed[at] & 0x7F
    at += 1
    security, counter = sealed[at], sealed[at + 1 : at + 5]
    text = sealed[at + 5 : -12 if security & 0x10 else None]
    mode = modes.CTR(title + counter + b"\x00\x00\x00\x02")
    return Cipher(algorithms.AES(key), mode).decryptor().update(text)


def shape(data):
    """The APDU as a list of types, OBIS codes, scalers and units; values and texts left out."""
    assert data[0] == 0x0F
    at, out = 5, []
    tags = {0x00: 0, 0x0C: 12, 0x09: 13}
    out.append(f"date {data[at]:02x}")
    at += 1 + tags[data[at]]
    while at < len(data):
        at = _element(data, at, out)
    return out


def _element(data, at, out):
    tag = data[at]
    at += 1
    if tag in (0x01, 0x02):
        count = data[at]
        out.append(f"{tag:02x} of {count}")
        at += 1
        start = len(out)
        for _ in range(count):
            at = _element(data, at, out)
        if tag == 0x02 and count == 2 and out[start:] == ["0f", "16"]:
            out[start:] = [f"scaler {data[at - 3]:02x} unit {data[at - 1]}"]
        return at
    if tag in _STRINGS:
        size = data[at]
        text = data[at + 1 : at + 1 + size]
        at += 1 + size
        if size == 6:
            out.append("obis " + ".".join(str(byte) for byte in text))
        else:
            out.append(f"{tag:02x}" + (" clock" if size == 12 and text[0] == 7 else ""))
        return at
    out.append(f"{tag:02x}")
    return at + _SIZE[tag]


def lines(text):
    """A telegram's lines with every digit of a value as 9: its form."""
    body = [line.rstrip("\r") for line in text.decode("latin-1").split("\n")]
    return [_form(line) for line in body if line[:1].isdigit()]


def _form(line):
    code, bracket, value = line.partition("(")
    return code + bracket + re.sub(r"(?<=9{12})S", "W", re.sub(r"\d", "9", value))
