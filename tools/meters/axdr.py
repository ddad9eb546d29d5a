"""A-XDR, writing only: the COSEM types of the Blue Book that meters use in their lists."""

U8, U16, U32, U64 = 0x11, 0x12, 0x06, 0x15
I8, I16, I32, I64 = 0x0F, 0x10, 0x05, 0x14
_SIZE = {U8: 1, U16: 2, U32: 4, U64: 8, I8: 1, I16: 2, I32: 4, I64: 8}
_SIGNED = (I8, I16, I32, I64)

# COSEM unit enumeration (Blue Book, class id 3).
UNITS = {"W": 27, "VA": 28, "var": 29, "Wh": 30, "VAh": 31, "varh": 32, "A": 33, "V": 35, "": 255}

NULL = b"\x00"


def length(count):
    """The length field: one byte up to 127, else 0x80 + number of length bytes."""
    if count < 0x80:
        return bytes((count,))
    size = (count.bit_length() + 7) // 8
    return bytes((0x80 | size,)) + count.to_bytes(size, "big")


def integer(kind, value):
    """A whole number of one of the types U8 … I64; OverflowError if it does not fit."""
    return bytes((kind,)) + value.to_bytes(_SIZE[kind], "big", signed=kind in _SIGNED)


def octets(data):
    """octet-string"""
    return b"\x09" + length(len(data)) + data


def visible(text):
    """visible-string"""
    return b"\x0a" + length(len(text)) + text.encode("ascii")


def enum(value):
    """enum"""
    return bytes((0x16, value))


def array(*items):
    """array of already written items"""
    return b"\x01" + length(len(items)) + b"".join(items)


def structure(*items):
    """structure of already written items"""
    return b"\x02" + length(len(items)) + b"".join(items)


def obis(code):
    """An OBIS code "A-B:C.D.E" as logical name: six bytes, F = 255."""
    medium, rest = code.split("-")
    channel, rest = rest.split(":")
    return bytes(int(part) for part in (medium, channel, *rest.split("."), "255"))


def name(code):
    """An OBIS code as octet-string."""
    return octets(obis(code))


def scaler_unit(exponent, unit):
    """{scaler, unit}"""
    return structure(integer(I8, exponent), enum(UNITS[unit]))


def data_notification(body, when=b"\x00", invoke=b"\x40\x00\x00\x00"):
    """DLMS data-notification (tag 0F). `when` is the date-time field as this meter writes it."""
    return b"\x0f" + invoke + when + body
