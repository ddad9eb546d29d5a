"""HDLC frames (IEC 62056-46, format type 3), segmentation, and general-block-transfer in them."""

LLC = b"\xe6\xe7\x00"
FLAG = b"\x7e"


def crc16_x25(data):
    """FCS and HCS: reflected 0x8408, start and final XOR FFFF; sent low byte first."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x8408 if crc & 1 else 0)
    return crc ^ 0xFFFF


def frame(information, address, control=0x13, more=False):
    """One frame with its flags. `address`: destination and source as sent; `more`: segmented."""
    header_length = 2 + len(address) + 1 + 2
    size = header_length + len(information) + 2
    if size > 0x7FF:
        raise ValueError(f"an HDLC frame holds 2047 bytes, not {size}")
    header = (0xA000 | (0x0800 if more else 0) | size).to_bytes(2, "big")
    header += address + bytes((control,))
    body = header + crc16_x25(header).to_bytes(2, "little") + information
    return FLAG + body + crc16_x25(body).to_bytes(2, "little") + FLAG


def segments(information, address, size, control=0x13):
    """The information field cut into frames of at most `size` bytes of it."""
    parts = [information[at : at + size] for at in range(0, len(information), size)]
    last = len(parts) - 1
    return [frame(part, address, control, at < last) for at, part in enumerate(parts)]


def block_transfer(apdu, address, sizes, control=0x13):
    """general-block-transfer: one block a frame, LLC only before the first, as L+G sends it.

    sizes: bytes of the blocks; the last size holds for all that follow.
    """
    frames, at, number = [], 0, 0
    while at < len(apdu):
        size = sizes[min(number, len(sizes) - 1)]
        part = apdu[at : at + size]
        at += len(part)
        number += 1
        last = 0x80 if at == len(apdu) else 0
        block = bytes((0xE0, 0x40 | last)) + number.to_bytes(2, "big") + b"\x00\x00"
        block += bytes((len(part),)) + part
        frames.append(frame((LLC if number == 1 else b"") + block, address, control))
    return frames
