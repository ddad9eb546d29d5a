"""Moves the bytecode of what stays loaded out of the heap, into the board's memory outside it.

MicroPython loads the bytecode of each function into the heap: bytes without pointers, to which
only the function leads (py/objfun.h, mp_obj_fun_bc_t: the words type, context, child table,
bytecode). bytecode.txt tells of the modules that stay how long it is, and its checksum: a function
that does not lead to just these bytes is left alone. The build makes it:

    kwhisper.latest 212             a module, bytes of its lines
     Latest.place 132 a91f8a8e      a function in it, bytes, CRC-32 in hex
"""

import asyncio
import struct
import sys
from binascii import crc32

_TABLE = __file__.rpartition("/")[0] + "/bytecode.txt"
_WORD = const(12)  # of the function, in bytes
_NEAR = const(0x400000)  # both lie in the heap

_done = 0  # bit n: of the table's nth module nothing is left to be moved


async def move(outside, but, room):
    """Move the bytecode of the loaded modules whose names begin with `room` into `outside`, an
    Outside or None, while more than `but` bytes are left there. No function of them may be
    running: a coroutine knows its place in the old bytes. Between two modules others may run."""
    global _done
    if not outside:
        return
    import uctypes

    module = None
    n = whole = 0
    with open(_TABLE) as table:
        for line in table:
            if line[0] != " ":
                if module:
                    _done |= whole << n
                    await asyncio.sleep_ms(0)
                n += 1
                whole = 1
                name, size = line.split()
                ours = name.startswith(room) and not _done >> n & 1
                module = sys.modules.get(name) if ours else None
                if not module:
                    table.seek(int(size), 1)
            else:
                path, size, checksum = line.split()
                size = int(size)
                if outside.left() < size + but:
                    whole = 0
                    continue  # a shorter one may find its place
                function = module
                for name in path.split("."):
                    function = getattr(function, name, None)
                if not function:
                    continue
                at = id(function)
                word = uctypes.bytearray_at(at + _WORD, 4)
                old = struct.unpack("<I", word)[0]
                if outside.has(old) or abs(old - at) > _NEAR:
                    continue  # it was moved before, or is not what we know
                bytecode = uctypes.bytearray_at(old, size)
                if crc32(bytecode) == int(checksum, 16):
                    new = outside.take(size)
                    if new:
                        uctypes.bytearray_at(new, size)[:] = bytecode
                        word[:] = struct.pack("<I", new)
