"""Write a KiCad 9 schematic from code: symbols of the stock and own libraries, wires, labels,
power ports.

Every coordinate is a whole number of grid steps (1.27 mm), x to the right, y down. Junctions are
found, not placed: wherever three ends meet. save() refuses a sheet with an unused pin or with
texts that overlap.
"""

import contextlib
import math
import uuid
from pathlib import Path

import kicad
import sexpr
from files import load
from sexpr import Quoted, every, one

_GRID = 1.27
_STOCK = kicad.share() / "symbols"
_OWN = Path(__file__).resolve().parent.parent / "lib" / "kwhisper.kicad_sym"
_SPACE = uuid.UUID("6b576869-7370-4572-8861-6e7265616465")
_TURN_SIDE = {0: "left", 90: "right", 180: "right", 270: "left"}
POWER = ("GND", "+3V3", "+5V")  # nets that are drawn as ports


def _mm(units):
    return f"{round(units * _GRID, 4):g}"


class Sheet:
    """One sheet being drawn. `parts` maps a reference to its row: symbol, value, footprint,
    fields."""

    def __init__(self, name, parts, own_lib, title, revision, date, paper="A3"):
        self.name = name
        self.parts = parts
        self.title = (title, revision, date)
        self.paper = paper
        self.own_lib = own_lib
        self.symbols = {}
        self.libraries = {}
        self.items = []
        self.pins = {}
        self.joined = set()
        self.open = []
        self.wires = []
        self.labels = []
        self.boxes = []
        self.powers = 0
        self.count = 0
        self.origin = (0, 0)  # of the block being drawn: what all coordinates count from
        self.outward = {}
        self.root = self._uuid("root")

    def _uuid(self, key):
        self.count += 1
        return str(uuid.uuid5(_SPACE, f"{self.name}/{key}/{self.count}"))

    # -- symbols ----------------------------------------------------------------------------------

    def _library(self, name):
        if name not in self.libraries:
            path = self.own_lib if name == self.own_lib.stem else _STOCK / f"{name}.kicad_sym"
            self.libraries[name] = {s[1]: s for s in every(sexpr.load(path), "symbol")}
        return self.libraries[name]

    def _symbol(self, lib_id):
        """The symbol's definition, flattened: KiCad wants no `extends` inside a sheet."""
        if lib_id in self.symbols:
            return self.symbols[lib_id]
        library, name = lib_id.split(":")
        table = self._library(library)
        symbol = sexpr.parse(sexpr.dump(table[name]))
        parent = one(symbol, "extends")
        if parent:
            base = sexpr.parse(sexpr.dump(table[parent[1]]))
            own = {p[1]: p for p in every(symbol, "property")}
            kept = [
                own.pop(i[1], i) if i[0] == "property" else i for i in base if isinstance(i, list)
            ]
            for unit in every(kept, "symbol"):
                unit[1] = Quoted(unit[1].replace(parent[1], name, 1))
            symbol = ["symbol", Quoted(name), *own.values(), *kept]
        symbol[1] = Quoted(lib_id)
        self.symbols[lib_id] = symbol
        return symbol

    def add(
        self, ref, x, y, turn=0, mirror=None, ref_at=None, value_at=None, symbol=None, value=None
    ):
        """Place a part; ref_at and value_at are offsets of the texts from the part's middle."""
        x, y = x + self.origin[0], y + self.origin[1]
        row = self.parts.get(ref)
        lib_id = symbol or row["symbol"]
        value = value if value is not None else row["value"]
        definition = self._symbol(lib_id)
        numbers = []
        for unit in every(definition, "symbol"):
            for pin in every(unit, "pin"):
                px, py = (float(v) / _GRID for v in one(pin, "at")[1:3])
                angle = math.radians(turn)
                rx = px * math.cos(angle) - py * math.sin(angle)
                ry = px * math.sin(angle) + py * math.cos(angle)
                rx, ry = (-rx if mirror == "y" else rx), (-ry if mirror == "x" else ry)
                number = one(pin, "number")[1]
                self.pins[(ref, number)] = (round(x + rx, 3), round(y - ry, 3))
                out = math.radians(float(one(pin, "at")[3]) + 180 + turn)
                dx, dy = round(math.cos(out)), -round(math.sin(out))
                self.outward[(ref, number)] = (
                    -dx if mirror == "y" else dx, -dy if mirror == "x" else dy
                )  # fmt: skip
                numbers.append(number)
        power = ref.startswith("#")
        hide_value = value_at is False
        if ref_at is None and lib_id.startswith("Transistor"):
            ref_at, value_at = (4, -0.9), (4, 0.9)
        ref_at = ref_at or ((2, -0.9) if turn % 180 == 0 else (-2, -2.4))
        value_at = value_at or ((2, 0.9) if turn % 180 == 0 else (-2, 2.4))
        lines = [
            f'\t(symbol (lib_id "{lib_id}") (at {_mm(x)} {_mm(y)} {turn})'
            + (f" (mirror {mirror})" if mirror else "")
            + f" (unit 1) (exclude_from_sim no) (in_bom {'yes' if row and row['bom'] else 'no'})"
            + f' (on_board yes) (dnp no) (uuid "{self._uuid(ref)}")'
        ]

        def prop(name, text, offset, hide):
            # A rotated symbol turns its texts with it: turn them back.
            spin = 0 if turn % 180 == 0 else 90
            side = _TURN_SIDE[turn]
            if mirror == "y" and turn % 180 == 0:
                side = "right" if side == "left" else "left"
            if mirror == "y" and turn % 180 == 90:
                side = "right" if side == "left" else "left"
            hidden = " (hide yes)" if hide else ""
            lines.append(
                f'\t\t(property "{name}" "{text}" '
                f"(at {_mm(x + offset[0])} {_mm(y + offset[1])} {spin}) "
                f"(effects (font (size 1.27 1.27)) (justify {side}){hidden}))"
            )
            if not hide:
                self._box(text, x + offset[0], y + offset[1], "left")

        prop("Reference", ref, ref_at, power)
        prop("Value", value, value_at, hide_value)
        prop("Footprint", row["footprint"] if row else "", (0, 0), True)
        prop("Datasheet", "~", (0, 0), True)
        for name, text in (row["fields"] if row else {}).items():
            prop(name, text, (0, 0), True)
        lines.extend(f'\t\t(pin "{n}" (uuid "{self._uuid(ref + n)}"))' for n in numbers)
        lines.append(
            f'\t\t(instances (project "{self.name}" (path "/{self.root}" '
            f'(reference "{ref}") (unit 1))))\n\t)'
        )
        self.items.append("\n".join(lines))

    def power(self, name, at):
        """A power port; GND hangs down, the others stand up."""
        self.powers += 1
        ref = f"#FLG{self.powers:03d}" if name == "PWR_FLAG" else f"#PWR{self.powers:03d}"
        width = len(name) * 0.75
        value_at = (-width / 2, 3.4) if name == "GND" else (-width / 2, -3.4)
        self.add(
            ref,
            *at,
            symbol=f"power:{name}",
            value=name,
            value_at=False if name == "GND" else value_at,
        )
        self.joined.add((ref, "1"))

    # -- connections ------------------------------------------------------------------------------

    def pin(self, ref, number):
        """Where a pin ends; asking for it counts as wiring it."""
        self.joined.add((ref, str(number)))
        x, y = self.pins[(ref, str(number))]
        return x - self.origin[0], y - self.origin[1]

    def wire(self, *points):
        """A run of straight wires through the points; a bend is made horizontal first."""
        for start, end in zip(points, points[1:], strict=False):
            if start[0] != end[0] and start[1] != end[1]:
                self.wire(start, (end[0], start[1]), end)
            elif start != end:
                self.wires.append((self._placed(start), self._placed(end)))

    def _placed(self, point):
        return round(point[0] + self.origin[0], 3), round(point[1] + self.origin[1], 3)

    def label(self, name, at, side="right"):
        """A net's name on a wire; its text runs to `side`. save() moves it to the wire's loose
        end."""
        self.labels.append((name, self._placed(at), side))

    def stub(self, ref, number, name, length=3, side="right"):
        """A short wire from a pin with a label at its far end."""
        start = self.pin(ref, number)
        end = (start[0] + (length if side == "right" else -length), start[1])
        self.wire(start, end)
        self.label(name, end, side)

    def no_connect(self, ref, *numbers):
        for number in numbers:
            self.open.append((ref, str(number)))
            x, y = self._placed(self.pin(ref, number))
            self.items.append(f'\t(no_connect (at {_mm(x)} {_mm(y)}) (uuid "{self._uuid("nc")}"))')

    def hang(self, ref, nets, length=2):
        """A name or a power port at each pin: {pin: net}, outward of the part."""
        for number, net in nets.items():
            x, y = self.pin(ref, number)
            dx, dy = self.outward[(ref, str(number))]
            if net in POWER:
                up = -1 if net != "GND" else 1
                end = (x + dx * length, y + dy * length)
                self.wire((x, y), end)
                if dy != up:  # not on the port's own side: around the corner
                    corner = (end[0], end[1] + up)
                    self.wire(end, corner)
                    end = corner
                self.power(net, end)
                continue
            reach = max(length, math.ceil(0.85 * len(net)) + 1) if dx else length
            end = (x + dx * reach, y + dy * length)
            self.wire((x, y), end)
            self.label(net, end, "left" if dx < 0 else "right")

    @contextlib.contextmanager
    def at(self, x, y):
        """Coordinates count from here meanwhile: how a block of the workshop is drawn, wherever
        a board has it."""
        before = self.origin
        self.origin = before[0] + x, before[1] + y
        yield
        self.origin = before

    def block(self, title, left, top, width, height):
        """Begin a block: a frame with its name; from now on coordinates count from its corner."""
        self.origin = (0, 0)
        self.frame(title, left, top, left + width, top + height)
        self.origin = (left, top)

    def text(self, words, x, y, size=1.27, bold=False):
        weight = " (bold yes)" if bold else ""
        x, y = self._placed((x, y))
        self.items.append(
            f'\t(text "{words}" (exclude_from_sim no) (at {_mm(x)} {_mm(y)} 0) '
            f"(effects (font (size {size} {size}){weight}) (justify left bottom)) "
            f'(uuid "{self._uuid("text")}"))'
        )
        for number, line in enumerate(reversed(words.split("\\n"))):
            step = size / _GRID
            self._box(line, x, y - 0.6 * step - number * 1.62 * step, "left", step)

    def frame(self, title, left, top, right, bottom):
        """A dashed box around a function, with its name."""
        corners = " ".join(
            f"(xy {_mm(x)} {_mm(y)})"
            for x, y in ((left, top), (right, top), (right, bottom), (left, bottom), (left, top))
        )
        self.items.append(
            f"\t(polyline (pts {corners}) (stroke (width 0.15) (type dash) (color 120 120 120 1)) "
            f'(uuid "{self._uuid("frame")}"))'
        )
        self.text(title, left + 1, top + 3, size=2, bold=True)

    # -- checks and writing -----------------------------------------------------------------------

    def _box(self, words, x, y, side, scale=1.0):
        width = 0.86 * scale * len(words)
        left = x if side == "left" else x - width
        self.boxes.append((left, y - 0.6 * scale, left + width, y + 0.6 * scale, words))

    def overlaps(self):
        """Pairs of texts that lie on one another, and texts that a wire runs through."""
        found = []
        for index, a in enumerate(self.boxes):
            for b in self.boxes[index + 1 :]:
                if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]:
                    found.append((a[4], b[4]))
            for (x1, y1), (x2, y2) in self.wires:
                if min(x1, x2) < a[2] - 0.1 and a[0] + 0.1 < max(x1, x2) + 0.01:
                    if min(y1, y2) < a[3] - 0.1 and a[1] + 0.1 < max(y1, y2) + 0.01:
                        found.append((a[4], f"wire {x1},{y1} {x2},{y2}"))
        return found

    def _segments(self):
        """Wires cut where another wire or pin ends on them, and the points where three ends
        meet."""
        ends = {p for wire in self.wires for p in wire} | set(self.pins.values())
        pieces = set()
        for a, b in self.wires:
            low, high = sorted((a, b))
            cuts = {p for p in ends if low[0] <= p[0] <= high[0] and low[1] <= p[1] <= high[1]}
            cuts = sorted(cuts | {low, high})
            pieces |= set(zip(cuts, cuts[1:], strict=False))
        meet = {}
        for piece in pieces:
            for point in piece:
                meet[point] = meet.get(point, 0) + 1
        for point in self.pins.values():
            meet[point] = meet.get(point, 0) + 1
        return sorted(pieces), sorted(
            p for p, n in meet.items() if n > 2 and any(p in s for s in pieces)
        )

    def _draw_labels(self):
        """A label on a wire with a loose end stands at that end, its text back over the wire."""
        pieces, _ = self._segments()
        ends = [p for piece in pieces for p in piece]
        loose = {p for p in ends if ends.count(p) == 1 and p not in set(self.pins.values())}
        for name, at, side in self.labels:
            for a, b in self.wires:
                on_wire = a[1] == b[1] == at[1] and min(a[0], b[0]) <= at[0] <= max(a[0], b[0])
                for end, other in ((a, b), (b, a)):
                    if on_wire and end in loose:
                        at, side = end, "left" if end[0] > other[0] else "right"
            turn, justify = (0, "left") if side == "right" else (180, "right")
            self.items.append(
                f'\t(label "{name}" (at {_mm(at[0])} {_mm(at[1])} {turn}) '
                f"(effects (font (size 1.27 1.27)) (justify {justify} bottom)) "
                f'(uuid "{self._uuid("label")}"))'
            )
            self._box(name, at[0], at[1] - 0.7, "left" if side == "right" else "right")

    def save(self, path):
        unused = [key for key in self.pins if key not in self.joined]
        if unused:
            raise ValueError(f"pins neither wired nor marked: {unused}")
        ends = {point for piece in self._segments()[0] for point in piece}
        open_ends = [key for key in self.open if self.pins[key] in ends]
        if open_ends:  # KiCad's ERC does not mind a wire that passes over them
            raise ValueError(f"pins marked as open on a wire: {open_ends}")
        self._draw_labels()
        clash = self.overlaps()
        if clash:
            raise ValueError("texts overlap:\n" + "\n".join(map(str, clash)))
        pieces, meets = self._segments()
        for (x1, y1), (x2, y2) in pieces:
            self.items.append(
                f"\t(wire (pts (xy {_mm(x1)} {_mm(y1)}) (xy {_mm(x2)} {_mm(y2)})) "
                f'(stroke (width 0) (type default)) (uuid "{self._uuid("wire")}"))'
            )
        for x, y in meets:
            self.items.append(
                f"\t(junction (at {_mm(x)} {_mm(y)}) (diameter 0) (color 0 0 0 0) "
                f'(uuid "{self._uuid("junction")}"))'
            )
        title, revision, date = self.title
        lines = [
            "(kicad_sch\n\t(version 20250114)",
            '\t(generator "kwhisper")\n\t(generator_version "9.0")',
            f'\t(uuid "{self.root}")\n\t(paper "{self.paper}")',
            f'\t(title_block (title "{title}") (date "{date}") (rev "{revision}") '
            '(company "kWhisper") '
            '(comment 1 "Generated by schematic.py. CERN-OHL-P-2.0"))',
            "\t(lib_symbols",
            *("\t\t" + sexpr.dump(symbol, 2) for symbol in self.symbols.values()),
            "\t)",
            *self.items,
            '\t(sheet_instances (path "/" (page "1")))\n\t(embedded_fonts no)\n)\n',
        ]
        Path(path).write_text("\n".join(lines), encoding="utf-8")


def draw(board, path):
    """A board's sheet from its schematic.py: TITLE, REVISION, DATE, and BLOCKS, functions
    that each draw one on the sheet they are given."""
    tables, parts = load(board, "schematic"), load(board, "parts").PARTS
    s = Sheet(board.name, parts, _OWN, tables.TITLE, tables.REVISION, tables.DATE)
    for block in tables.BLOCKS:
        block(s)
    s.save(path)
