"""Wired M-Bus long frames (EN 13757-2) as the Austrian customer port uses them (CII)."""

_FINAL = 0x10
STSAP_DTSAP = b"\x01\x67"


def frame(control_information, data):
    """68 L L 68 | C A CI data | checksum 16. L counts modulo 256, as these meters write it."""
    body = bytes((0x53, 0xFF, control_information)) + data
    size = len(body) & 0xFF
    return bytes((0x68, size, size, 0x68)) + body + bytes((sum(body) & 0xFF, 0x16))


def segments(apdu, size):
    """An APDU in frames of at most `size` bytes of it; CI: bit 4 final, bits 3–0 number."""
    parts = [apdu[at : at + size] for at in range(0, len(apdu), size)]
    last = len(parts) - 1
    return [
        frame((at & 0x0F) | (_FINAL if at == last else 0), STSAP_DTSAP + part)
        for at, part in enumerate(parts)
    ]
