"""han-isolated: the gap between the meter's line and everything else, measured apart from KiCad;
what its README says of the simulations; the firmware's row."""

import json
import math
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
import board_rules  # noqa: E402
from bench import ALL, KICAD_PYTHON, need, results, run, text  # noqa: E402
from board_rules import every, one  # noqa: E402

DESIGN = ALL["han-isolated"]
README, RESULTS = text("han-isolated", "README.md"), results("han-isolated")
BUS = DESIGN.golden.BUS
APART = 6.0  # mm


# -- the gap --------------------------------------------------------------------------------------


def _xy(node):
    return float(node[1]) - 100, float(node[2]) - 80


def _side(net, ref=""):
    """Is it the bus's? Pins without a net belong to where their part stands."""
    name = net.removeprefix("/")
    return name in BUS or name.startswith("unconnected-(") and ref in ("J1", "J2", "U1")


def _pad(footprint, pad):
    """Corners of the smallest upright box around a pad, on the board."""
    x, y, *turn = (float(v) for v in one(footprint, "at")[1:])
    turn = math.radians(turn[0]) if turn else 0.0
    px, py, *own = (float(v) for v in one(pad, "at")[1:])
    angle = math.radians(own[0]) if own else 0.0  # of the pad on the board
    width, height = (float(v) for v in one(pad, "size")[1:3])
    cx = x - 100 + px * math.cos(turn) + py * math.sin(turn)
    cy = y - 80 - px * math.sin(turn) + py * math.cos(turn)
    w = abs(width * math.cos(angle)) + abs(height * math.sin(angle))
    h = abs(width * math.sin(angle)) + abs(height * math.cos(angle))
    corners = ((-w, -h), (w, -h), (w, h), (-w, h))
    return [(cx + a / 2, cy + b / 2) for a, b in corners]


def _copper(board):
    """[(is the bus's, layers, ring of points, half width)] of all tracks, vias, pads and pours."""
    nets = {str(n[1]): str(n[2]) for n in every(board, "net")}
    found = []
    for kind, ends in (("segment", ("start", "end")), ("via", ("at", "at"))):
        for item in every(board, kind):
            layers = {one(item, "layer")[1]} if kind == "segment" else {"F.Cu", "B.Cu"}
            half = float(one(item, "width" if kind == "segment" else "size")[1]) / 2
            side = _side(nets[one(item, "net")[1]])
            found.append((side, layers, [_xy(one(item, end)) for end in ends], half))
    for footprint in every(board, "footprint"):
        ref = next(p[2] for p in every(footprint, "property") if p[1] == "Reference")
        for pad in every(footprint, "pad"):
            net = one(pad, "net")
            if net:
                layers = {"F.Cu"} if pad[2] == "smd" else {"F.Cu", "B.Cu"}
                ring = _pad(footprint, pad)
                found.append((_side(str(net[2]), ref), layers, [*ring, ring[0]], 0.0))
    for zone in every(board, "zone"):
        for filled in every(zone, "filled_polygon"):
            ring = [_xy(p) for p in every(one(filled, "pts"), "xy")]
            layer = {one(filled, "layer")[1]}
            found.append((_side(str(one(zone, "net_name")[1])), layer, [*ring, ring[0]], 0.0))
    return found


def _between(a, b, c, d):
    """The distance between two straight lines that do not cross."""

    def to(p, q, r):
        length = (r[0] - q[0]) ** 2 + (r[1] - q[1]) ** 2
        share = 0.0
        if length:
            share = ((p[0] - q[0]) * (r[0] - q[0]) + (p[1] - q[1]) * (r[1] - q[1])) / length
            share = min(1.0, max(0.0, share))
        return math.dist(p, (q[0] + share * (r[0] - q[0]), q[1] + share * (r[1] - q[1])))

    return min(to(a, c, d), to(b, c, d), to(c, a, b), to(d, a, b))


def gap(board, near=7.0):
    """Least distance between copper of the bus and other copper, on either side of the board or
    through it; `near` when there is none so near."""
    lines = {True: [], False: []}
    for side, layers, ring, half in _copper(board):
        for a, b in zip(ring, ring[1:], strict=False):
            box = (min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]))
            lines[side].append((layers, a, b, half, box))
    assert len(lines[True]) > 200 and len(lines[False]) > 1000
    # only what is within reach of the other side's outermost boxes
    least = near
    cells = {}
    for row in lines[False]:
        x1, y1, x2, y2 = row[4]
        for cx in range(int((x1 - near) // 4), int((x2 + near) // 4) + 1):
            for cy in range(int((y1 - near) // 4), int((y2 + near) // 4) + 1):
                cells.setdefault((cx, cy), []).append(row)
    for layers, a, b, half, box in lines[True]:
        seen = set()
        for cx in range(int(box[0] // 4), int(box[2] // 4) + 1):
            for cy in range(int(box[1] // 4), int(box[3] // 4) + 1):
                for other in cells.get((cx, cy), ()):
                    if id(other) in seen or not layers & other[0]:
                        continue
                    seen.add(id(other))
                    o = other[4]
                    dx = max(o[0] - box[2], box[0] - o[2], 0.0)
                    dy = max(o[1] - box[3], box[1] - o[3], 0.0)
                    if math.hypot(dx, dy) - half - other[3] < least:
                        distance = _between(a, b, other[1], other[2]) - half - other[3]
                        least = min(least, distance)
    return least


def test_bus_and_logic_are_six_millimetres_apart():
    measured = gap(DESIGN.board)
    assert APART <= measured < 7.0, measured


def test_no_copper_lies_above_the_uno_s_usb_jack():
    """A socket of type B, 12 mm wide, ends 9.5 mm from the Uno's left edge."""
    for _, _, ring, half in _copper(DESIGN.board):
        for x, y in ring:
            assert x - half > 9.5 or not 9.0 - half < y < 22.0 + half, (x, y)


def test_a_track_in_the_gap_is_measured():
    import sexpr

    board = sexpr.parse(sexpr.dump(DESIGN.board))
    number = next(n[1] for n in every(board, "net") if n[2] == "GND")
    board.append(
        sexpr.parse(
            f"(segment (start 134 120) (end 134 122) (width 0.25) (layer F.Cu) (net {number}))"
        )
    )
    assert gap(board) < 4


def test_the_rule_is_in_the_board_s_rules_and_names_every_net_of_the_bus():
    import fnmatch

    text = (DESIGN.folder / "han-isolated.kicad_dru").read_text(encoding="utf-8")
    for kind in ("clearance", "creepage"):
        assert f"(constraint {kind} (min 6mm))" in text
    assert "A.NetClass == 'Bus' && B.NetClass == 'Default'" in text
    settings = DESIGN.project["net_settings"]
    assert [c["name"] for c in settings["classes"]] == ["Default", "Bus"]
    patterns = [p["pattern"] for p in settings["netclass_patterns"] if p["netclass"] == "Bus"]
    for net in every(DESIGN.board, "net"):
        name = str(net[2])
        mine = any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
        ref = re.match(r"unconnected-\((\w+)-", name)
        assert mine == _side(name, ref.group(1) if ref else ""), name


def test_a_slot_runs_between_the_coupler_s_legs():
    legs = {}
    for footprint in every(DESIGN.board, "footprint"):
        ref = next(p[2] for p in every(footprint, "property") if p[1] == "Reference")
        if ref == "U2":
            legs = {pad[1]: _pad(footprint, pad) for pad in every(footprint, "pad")}
    left = max(x for pad in "12" for x, _ in legs[pad])
    right = min(x for pad in "34" for x, _ in legs[pad])
    tall = [y for ring in legs.values() for _, y in ring]
    edges = [
        [_xy(one(line, end)) for end in ("start", "end")]
        for line in every(DESIGN.board, "gr_line")
        if one(line, "layer")[1] == "Edge.Cuts"
    ]
    slot = [e for e in edges if e[0][0] == e[1][0] and left < e[0][0] < right]
    assert len(slot) == 2 and abs(slot[0][0][0] - slot[1][0][0]) == pytest.approx(1.6)
    for (_, y1), (_, y2) in slot:
        assert min(y1, y2) < min(tall) - 4 and max(y1, y2) > max(tall) + 4


@pytest.mark.slow
def test_kicad_sees_a_track_in_the_gap():
    need("kicad-cli")
    words = (DESIGN.folder, "GND", 34, 40, 34, 42)
    done = run("near_gap.py", *words, python=KICAD_PYTHON, timeout=600)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["clearance"] and found["creepage"], found


# -- through, options -----------------------------------------------------------------------------


def test_both_jacks_hand_on_both_pairs():
    for pin in "1245":
        assert DESIGN.net("J1", pin) == DESIGN.net("J2", pin)
    assert len({DESIGN.net("J1", pin) for pin in "1245"}) == 4


@pytest.mark.parametrize(
    "option",
    [
        {"U4", "D6", "R19", "R20", "C6", "J9"},
        {"J10", "F2", "U5", "U6", "U7", "C8", "C9", "C10", *(f"R{n}" for n in range(21, 27))},
    ],
    ids=["RS-485", "USB"],
)
def test_an_option_may_be_left_out(option):
    """What its parts share with the rest is ground, 3.3 V, D5 and the jumper that chooses USB."""
    assert option <= set(DESIGN.parts)
    shared = set()
    for pins in DESIGN.nets.values():
        refs = {ref for ref, _ in pins}
        if refs & option and refs - option:
            shared |= {n for n, p in DESIGN.nets.items() if p is pins}
    rest = {ref for n in shared - {"GND", "+3V3"} for ref, _ in DESIGN.nets[n]} - option
    assert rest <= {"D5", "JP3", "JP8"}, rest
    words = README.split("leave out")[1 if "U4" in option else 2].split(".\n")[0]
    for ref in option:
        assert re.search(rf"\b{ref}\b", words) or re.search(r"R21 … R26", words) and ref[0] == "R"


# -- simulations, firmware ------------------------------------------------------------------------


def test_the_results_keep_what_the_readme_says():
    rows = RESULTS["distortion"]
    tried = {(r["baud"], r["coupler"].split(",")[0], r["degrees"]) for r in rows}
    assert tried >= {
        (b, c, t) for b in (2400, 9600) for c in ("50 %", "150 %", "600 %") for t in (-25, 25, 60)
    }
    worst = max(r["distortion"] for r in rows)
    assert worst < 0.1 and f"worst {100 * worst:.1f} %" in README
    reader = RESULTS["reader"]
    load = [r["mark_ma"] for r in reader]
    assert f"{min(load)} … {max(load)} mA" in README
    assert max(r["distortion"] for r in reader if "noise" not in r["around"]) < 0.04
    assert max(r["distortion"] for r in reader) < 0.3
    assert {r["mark"] for r in RESULTS["driven"]} == {24, 26, 36}
    assert all(r["distortion"] < 0.1 and not r["tripped"] for r in RESULTS["driven"])
    assert RESULTS["starving"]["least_stc_v"] > 4.5
    assert f"{RESULTS['start']['vdd_after_ms']:.0f} ms after the plug" in README
    assert max(r["low_v"] for r in RESULTS["output"]) < 0.2
    quiet = [r for r in RESULTS["output"] if r["load"] == "none"]
    assert min(r["high_v"] / r["pull_v"] for r in quiet) > 0.98
    rail = [round(RESULTS["rail"][n]["rail_ma"]) for n in ("alone", "display", "RS-485")]
    assert (
        "{} mA at space; with a display {}; with an ended RS-485 line {}".format(*rail) in README
    )


def test_the_firmwares_row_has_the_shields_pins():
    row = board_rules.firmware_row("han-isolated")
    uno = {3: 25, 4: 17, 5: 16, 6: 27}  # D1 R32: D pin to GPIO
    pin = {gpio: DESIGN.net("J5", number + 1) for number, gpio in uno.items()}
    assert pin[row.button] == "SETUP" and pin[row.led] == "LED" and row.led_on == 0
    assert pin[row.rx] == "D5" and ("JP5", "2") in DESIGN.nets["D5"]
    assert DESIGN.parts["JP5"]["symbol"].endswith("Bridged")
    assert {DESIGN.parts[ref]["symbol"][-4:] for ref in ("JP6", "JP7")} == {"Open"}
    assert ("J5", "5") in DESIGN.golden.OPEN and row.tx == uno[4]  # TX drives nothing
