"""Checks that hold for every board, as functions of its tables and its netlist; each gives back
its findings, one text each, and an empty list when all is well.

A board is a `Design`: what parts.py says, what the board file connects, and `golden`, the board's
independent table in tests/hardware: what the data sheets say of its order numbers, and what its
designer says of its nets. The mutation runner feeds these functions with designs that were spoilt.
"""

import copy
import functools
import importlib.util
import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace

HARDWARE = Path(__file__).resolve().parents[2] / "hardware"
sys.path.insert(0, str(HARDWARE / "workshop"))
import sexpr  # noqa: E402
from sexpr import every, one  # noqa: E402

MARGIN = 1.2  # a part's rating over what its nets carry


def module(path, name):
    """A Python file as a module of its own."""
    spec = importlib.util.spec_from_file_location(name, path)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


class Design:
    """One board. nets: {net: {(ref, pad)}}, names without KiCad's leading slash."""

    def __init__(self, name, golden):
        self.name, self.golden = name, golden
        self.folder = HARDWARE / name
        self.parts = module(self.folder / "parts.py", f"{name}_parts").PARTS
        self.board = sexpr.load(self.folder / f"{name}.kicad_pcb")
        self.project = json.loads((self.folder / f"{name}.kicad_pro").read_text())
        self.nets, self.lands, self.pads = {}, {}, {}
        for footprint in every(self.board, "footprint"):
            ref = next(p[2] for p in every(footprint, "property") if p[1] == "Reference")
            self.lands[ref] = str(footprint[1])
            for pad in every(footprint, "pad"):
                if pad[1]:
                    self.pads.setdefault(ref, set()).add(str(pad[1]))
                net = one(pad, "net")
                if net:
                    name = str(net[2]).removeprefix("/")
                    self.nets.setdefault(name, set()).add((ref, str(pad[1])))

    def copy(self):
        """One to spoil."""
        other = copy.copy(self)
        other.parts = copy.deepcopy(self.parts)
        other.nets = {name: set(pins) for name, pins in self.nets.items()}
        other.lands, other.project = dict(self.lands), copy.deepcopy(self.project)
        return other

    def net(self, ref, pad):
        return next((name for name, pins in self.nets.items() if (ref, str(pad)) in pins), None)

    def fitted(self):
        return [ref for ref, row in self.parts.items() if row["bom"]]


def _volts(design, net):
    """(least, most) of a net against ground."""
    table = design.golden.VOLTS
    return table.get(net, (0.0, design.golden.LOGIC))


def polarity(design):
    """Polarised capacitors with their plus (pin 1) never below their minus; diodes and bridge the
    way round that the golden table gives."""
    found = []
    for ref, row in design.parts.items():
        if "C_Polarized" in row["symbol"]:
            plus, minus = design.net(ref, 1), design.net(ref, 2)
            if _volts(design, plus)[0] < _volts(design, minus)[1]:
                found.append(f"{ref}: plus on {plus}, minus on {minus}")
    for ref, pins in design.golden.DIRECTION.items():
        got = {pad: design.net(ref, pad) for pad in pins}
        if got != pins:
            found.append(f"{ref}: {got} instead of {pins}")
    directed = {
        ref
        for ref, row in design.parts.items()
        if re.search(r":(LED|D|D_Schottky|D_Zener)$|Diode_Bridge", row["symbol"])
    }
    missing = directed - set(design.golden.DIRECTION)
    found += [f"{ref}: polarised, and in no table" for ref in sorted(missing)]
    return found


def _rating(text):
    """'100u 63V' -> 63.0; None without a voltage."""
    match = re.search(r"([\d.]+)\s?V\b", text)
    return float(match.group(1)) if match else None


def ratings(design):
    """Every rated part stands 1.2 times what lies across it, by its order number's data sheet and
    by what its value says."""
    found = []
    for ref in design.fitted():
        row = design.parts[ref]
        known = design.golden.order(row["fields"]["MPN"])
        said = _rating(row["value"])
        rated = known.volts if known else said
        if not rated:
            continue
        if said is not None and said > rated:
            found.append(f"{ref}: value says {said} V, {row['fields']['MPN']} stands {rated} V")
        rated = min(rated, said or rated)
        nets = [name for name, pins in design.nets.items() if any(r == ref for r, _ in pins)]
        across = max(
            (_volts(design, a)[1] - _volts(design, b)[0] for a in nets for b in nets if a != b),
            default=0.0,
        )
        across = design.golden.ACROSS.get(ref, across)
        if rated < getattr(design.golden, "MARGINS", {}).get(ref, MARGIN) * across:
            found.append(f"{ref}: rated {rated} V, {across:.1f} V across it")
    for ref, limits in design.golden.PIN_LIMITS.items():
        for pad, most in limits.items():
            volts = _volts(design, design.net(ref, pad))[1]
            if volts > most:
                found.append(f"{ref}.{pad}: {volts} V on {design.net(ref, pad)}, {most} V allowed")
    return found


def order_numbers(design):
    """Every order number is in the golden table, on the land that its maker draws, with the value
    that its code means; the board file has that very land."""
    found = []
    for ref in design.fitted():
        row = design.parts[ref]
        mpn = row["fields"]["MPN"]
        known = design.golden.order(mpn)
        if known is None:
            found.append(f"{ref}: {mpn} is in no table")
            continue
        if row["footprint"] != known.land:
            found.append(f"{ref}: {mpn} on {row['footprint']}, not {known.land}")
        if known.value is not None and row["value"] != known.value:
            found.append(f"{ref}: {mpn} is {known.value}, not {row['value']}")
    for ref, row in design.parts.items():
        if design.lands.get(ref) != row["footprint"]:
            found.append(f"{ref}: {design.lands.get(ref)} on the board, {row['footprint']} meant")
    return found


def connected(design):
    """No net of one pin but those that a data sheet lets open, and those hang on nothing."""
    found = [
        f"{ref}.{pad}: on {name}, but may be open"
        for name, pins in design.nets.items()
        for ref, pad in pins & design.golden.OPEN
        if len(pins) > 1
    ]
    wired = {pin for pins in design.nets.values() for pin in pins}
    for name, pins in design.nets.items():
        if len(pins) == 1:
            (pin,) = pins
            if pin not in design.golden.OPEN:
                found.append(f"{pin[0]}.{pin[1]}: alone on {name}")
    for ref, pads in design.pads.items():
        for pad in pads:
            if (ref, pad) not in wired and (ref, pad) not in design.golden.OPEN:
                found.append(f"{ref}.{pad}: on no net")
    return found


def blocks(design):
    """Each block's wiring, pin by pin, is the golden one; every part stands in a block."""
    found, seen = [], set()
    for block, text in design.golden.BLOCKS.items():
        want = {}
        for line in filter(str.strip, text.splitlines()):
            name, pins = line.split(":", 1)
            pins = {tuple(pin.split(".")) for pin in pins.split()}
            want[name.strip()] = want.get(name.strip(), set()) | pins
        refs = {ref for pins in want.values() for ref, _ in pins}
        seen |= refs
        got = {}
        for name, pins in design.nets.items():
            mine = {pin for pin in pins if pin[0] in refs and pin not in design.golden.OPEN}
            if mine:
                got[name] = mine
        for name in sorted(want.keys() | got.keys()):
            if want.get(name, set()) != got.get(name, set()):
                extra = sorted(got.get(name, set()) - want.get(name, set()))
                lost = sorted(want.get(name, set()) - got.get(name, set()))
                found.append(f"{block}: {name}: lost {lost}, gained {extra}")
    alone = {ref for ref in design.parts if ref in design.pads} - seen - design.golden.NO_BLOCK
    return found + [f"{ref}: in no block" for ref in sorted(alone)]


def windows(design):
    """Every resistor, capacitor and coil lies in the window its function leaves."""
    found = []
    for ref, row in design.parts.items():
        if not re.match(r"[RCL]\d", ref):
            continue
        window = design.golden.WINDOWS.get(ref)
        if window is None:
            found.append(f"{ref}: nobody says what it may be")
            continue
        value = scaled(row["value"])
        if not window[0] <= value <= window[1]:
            found.append(f"{ref}: {row['value']} outside {window[0]:g} to {window[1]:g}")
    return found


def scaled(text):
    """'2k2', '100u 63V', '3.3F 2.7V', '10R 2W', '220' as a number."""
    word = text.split()[0]
    match = re.fullmatch(r"([\d.]+)([pnumkMRF]?)(\d*)", word)
    whole, letter, rest = match.groups()
    factor = {"p": 1e-12, "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6}.get(letter, 1.0)
    return float(f"{whole}.{rest}" if rest else whole) * factor


# What a board house makes without a surcharge, and what a reader can read: no rule below this.
_FLOORS = {
    "min_clearance": 0.15, "min_copper_edge_clearance": 0.3, "min_hole_clearance": 0.25,
    "min_hole_to_hole": 0.25, "min_text_height": 0.8, "min_text_thickness": 0.12,
    "min_through_hole_diameter": 0.3, "min_track_width": 0.2, "min_via_annular_width": 0.1,
    "min_via_diameter": 0.6,
}  # fmt: skip


def rule_set(design):
    """No rule is relaxed, switched off or excluded, in any of the places where KiCad lets one."""
    found = []
    settings = design.project["board"]["design_settings"]
    for name, floor in _FLOORS.items():
        if settings["rules"].get(name, 0) < floor:
            found.append(f"{name}: {settings['rules'].get(name)} below {floor}")
    for where, part in (("board", settings), ("erc", design.project.get("erc", {}))):
        for word in ("rule_severities", "drc_exclusions", "erc_exclusions"):
            if part.get(word):
                found.append(f"{where}: {word} {part[word]}")
    if design.project.get("erc", {}).get("pin_map"):
        found.append("erc: a pin map of its own")
    for net_class in design.project["net_settings"]["classes"]:
        if net_class["clearance"] < 0.15 or net_class["track_width"] < 0.2:
            found.append(f"net class {net_class['name']} below the rules")
    for file in design.folder.glob("*.kicad_dru"):
        text = file.read_text(encoding="utf-8")
        if "severity ignore" in text or "severity warning" in text:
            found.append(f"{file.name} takes a rule back")
    return found


def electric(design):
    """What follows from values and wiring, by the board's own formulas."""
    return design.golden.electric(design)


RULES = (
    polarity, ratings, order_numbers, connected, blocks, windows, rule_set, electric,
)  # fmt: skip


def firmware_row(name):
    """The firmware's row of a board, its columns as attributes."""
    text = (HARDWARE.parent / "firmware" / "kwhisper" / "boards.json").read_text()
    return SimpleNamespace(**next(row for row in json.loads(text) if row["name"] == name))


@functools.cache
def designs():
    """{board: Design}: every board with a golden table."""
    found = {}
    for file in sorted(Path(__file__).parent.glob("golden_*.py")):
        golden = module(file, file.stem)
        found[golden.BOARD] = Design(golden.BOARD, golden)
    return found
