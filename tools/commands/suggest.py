"""A profile row for a list of bare values that nobody knows yet, suggested from a run of lists.

A list { value, value … } says nothing of itself; but over some time values behave like what they
are, and physics ties them together:

    voltage    stays within 180 and 260 V in V, 0.1 V or 0.01 V
    register   never falls, and is large
    current    as many beside each other as there are voltages; the sum of U*I is close to
    power      one value that moves with it
"""

from dataclasses import dataclass, field
from itertools import product

_SCALES = (0, -1, -2, -3)
_FIT = 0.25  # how far U*I and P may lie apart in the middle, as a part
_ENERGIES = ("1.8.0", "2.8.0", "3.8.0", "4.8.0")
_SIGNED = {0x05: 4, 0x0F: 1, 0x10: 2, 0x14: 8}
_UNSIGNED = {0x06: 4, 0x11: 1, 0x12: 2, 0x15: 8, 0x16: 1, 0x03: 1}


@dataclass
class Column:
    """One element of the list over all lists: its kind as profiles.txt names it, its values."""

    kind: str
    values: list[int] = field(default_factory=list)
    text: bytes = b""


def elements(apdu: bytes) -> list[Column]:
    """The elements of a DataNotification (or bare Data) that is one flat structure; ValueError if
    it is another."""
    p = 0
    if apdu[0] == 0x0F:
        p = 5
        if apdu[p : p + 2] == b"\x09\x0c":
            p += 1
        p += 13 if apdu[p] in (0x0C, 0x19) else 1
    if apdu[p] not in (1, 2) or apdu[p + 1] > 0x7F:
        raise ValueError("not a structure of values")
    count, p = apdu[p + 1], p + 2
    found = []
    for _ in range(count):
        tag = apdu[p]
        p += 1
        size = _SIGNED.get(tag) or _UNSIGNED.get(tag)
        if size:
            number = int.from_bytes(apdu[p : p + size], "big", signed=tag in _SIGNED)
            kind = {1: "b", 2: "h", 4: "w", 8: "q"}[size]
            found.append(Column(kind, [number]))
        elif tag in (9, 0x0A, 0x0C):
            size = apdu[p]
            p += 1
            text = apdu[p : p + size]
            clock = tag == 9 and size == 12 and 0x07E0 <= int.from_bytes(text[:2], "big") < 0x0900
            found.append(Column("d" if clock else "t", text=text))
        elif tag == 0:
            found.append(Column("x"))
        else:
            raise ValueError(f"an element of tag {tag:02X}")
        p += size or 0
    return found


def columns(apdus: list[bytes]) -> list[Column]:
    """The lists of one shape, element by element: the longest that came three times, or the
    commonest."""
    lists = []
    for apdu in apdus:
        try:
            lists.append(elements(apdu))
        except (ValueError, IndexError):
            continue
    shapes = ["".join(c.kind for c in one) for one in lists]
    if not shapes:
        return []
    often = [shape for shape in shapes if shapes.count(shape) > 2]
    shape = max(often, key=len) if often else max(shapes, key=shapes.count)
    same = [one for one, of in zip(lists, shapes, strict=True) if of == shape]
    merged = same[0]
    for n, column in enumerate(merged):
        column.values = [value for one in same for value in one[n].values]
    return merged


def _voltages(table: list[Column]) -> tuple[list[int], int]:
    """(the elements that are voltages, their exponent)."""
    for exponent in (-1, 0, -2):
        factor = 10.0**exponent
        found = []
        for n, column in enumerate(table):
            volts = [v * factor for v in column.values]
            if volts and column.kind in "hw" and all(180 <= v <= 260 for v in volts):
                found.append(n)
        runs = [found[i : i + 3] for i in range(len(found)) if found[i : i + 3]]
        for run in sorted(runs, key=len, reverse=True):
            if run[-1] - run[0] == len(run) - 1:
                return run, exponent
    return [], 0


def _registers(table: list[Column], taken: set[int]) -> list[int]:
    """The elements that rise and never fall, large ones."""
    found = []
    for n, column in enumerate(table):
        v = column.values
        if n not in taken and column.kind in "wq" and v and min(v) >= 1000:
            rises = all(a <= b for a, b in zip(v, v[1:], strict=False))
            if rises and v[-1] - v[0] < max(1000, v[0] // 100):
                found.append(n)
    return found


def _power_and_currents(table, volts, exponent, taken):
    """(element of the power, elements of the currents, their exponent), or None."""
    best = None
    scale = 10.0**exponent
    free = [n for n, c in enumerate(table) if n not in taken and c.kind in "hw" and any(c.values)]
    runs = [range(n, n + len(volts)) for n in range(len(table) - len(volts) + 1)]
    runs = [r for r in runs if all(n not in taken and table[n].kind in "hw" for n in r)]
    # meters put the currents beside the voltages: elsewhere only if nothing fits there
    beside = [r for r in runs if r[-1] + 1 == volts[0] or r[0] - 1 == volts[-1]]
    for currents, power, amperes in product(beside or runs, free, _SCALES):
        if power in currents:
            continue
        parts = []
        for i, watts in enumerate(table[power].values):
            apparent = sum(
                table[u].values[i] * scale * table[c].values[i] * 10.0**amperes
                for u, c in zip(volts, currents, strict=True)
            )
            if watts > 100:
                parts.append(abs(apparent / watts - 1))
        if len(parts) < 2:
            continue
        apart = sum(parts) / len(parts)
        if apart < _FIT and (best is None or apart < best[0]):
            best = apart, power, list(currents), amperes
    return best[1:] if best else None


def row(apdus: list[bytes], name: str = "NAME") -> str | None:
    """A row for profiles.txt, or None where the lists do not tell enough (some more are needed).

    What did not show itself is "-"; look at each code before the row is used.
    """
    table = columns(apdus)
    if not table or len(table[0].values or table[-1].values or [0]) < 2:
        return None
    codes = ["-"] * len(table)
    volts, volt_exponent = _voltages(table)
    taken = set(volts)
    for phase, n in enumerate(volts):
        codes[n] = f"{32 + 20 * phase}.7.0"
    registers = _registers(table, taken)
    for code, n in zip(_ENERGIES, registers, strict=False):
        codes[n] = code
    taken |= set(registers)
    found = _power_and_currents(table, volts, volt_exponent, taken) if volts else None
    ampere_exponent = 0
    if found:
        power, currents, ampere_exponent = found
        codes[power] = "1.7.0"
        for phase, n in enumerate(currents):
            codes[n] = f"{31 + 20 * phase}.7.0"
    for n, column in enumerate(table):
        if column.kind == "d":
            codes[n] = "C"
    if codes.count("-") == len(codes):
        return None
    begins = table[0].text.decode("ascii", "replace") if table[0].kind == "t" else ""
    begins = "".join(c for c in begins[:3] if c.isalpha())
    kinds = "".join(column.kind for column in table)
    exponents = f"0 0 {ampere_exponent} {volt_exponent} -3"
    return "|".join(("order", name, begins, kinds, " ".join(codes), exponents))
