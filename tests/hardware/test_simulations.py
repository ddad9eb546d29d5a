"""Simulations of the boards: they hold today, read every value from the parts' tables, and their
checks see what is wrong."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
from bench import ALL, need, run  # noqa: E402


@pytest.mark.slow
@pytest.mark.parametrize("board", [name for name in ALL if name != "han-selfpowered"])
def test_every_simulation_holds_today(board):
    need("ngspice")
    done = run("import run; run.simulate()", board=board, timeout=600)
    assert done.returncode == 0, done.stderr


# Prints the parts whose value no deck of the board's simulations reads. argv: a module with
# `parts`, the least length of all decks, then calls that run simulations, each of which is stopped
# at its first run of ngspice, or give a deck's lines.
_UNREAD = """
import contextlib, importlib, re, sys
main = importlib.import_module(sys.argv[1])
from rows import scaled
calls = sys.argv[3:]
names = {name for call in calls for name in re.findall(r'([a-z]\\w*)\\.[a-z_]', call)}
modules = {name: importlib.import_module(name) for name in names}
import spice
lines = []
class Kept(Exception):
    '''Ends a simulation whose deck is kept.'''
def keep(title, deck, *rest, **more):
    lines.extend(deck)
    raise Kept
spice.run = keep
def text():
    lines.clear()
    for call in calls:
        with contextlib.suppress(Kept):
            made = eval(call, modules)
            lines.extend(made if isinstance(made, list) else [str(made)])
    return '\\n'.join(lines)
base = text()
assert len(base) > int(sys.argv[2])
for ref, row in main.parts.PARTS.items():
    if ref[0] not in 'RCL' or not ref[1].isdigit(): continue
    old = row['value']
    row['value'] = f'{2e12 * scaled(old):.0f}p'
    if text() == base: print(ref)
    row['value'] = old
"""
_MEP_CALLS = """
port.simulate(); com.simulate(); rs232.sending(); rs232.receiving(); swaps.simulate();
powerfail.simulate(); energy.hold_up(); port.deck(28.0, 'low', 25, True);
energy._deck(0.1, [(0, 0), (1, 1)]); circuit.usb(3.4, 1e-4, 900); circuit.on_time(24);
circuit.supervisor()
"""
_SIMULATOR_CALLS = """
simulator.supply(24); simulator.supply(26); simulator.supply(36); simulator.modulator(36);
simulator.breaker(); power._deck(0.79, 38)
"""
_SELFPOWERED_CALLS = """
endtoend.deck('JP2+JP3 (Aidon)', 8.2, 'quiet')[0]; circuit.usb(3.55, 1e-5, 900);
circuit.plug(1e-6, 0.1); circuit.supervisor(); circuit.lock_out(); circuit.on_time(42)
"""


@pytest.mark.parametrize(
    ("board", "main", "least", "calls", "unread"),
    [
        # RIS, CC, pulls of EN and straps, LED
        ("han-usb", "reader", 500, "reader.simulate(); supply.simulate()",
         "R4 R6 R7 R8 R9 R10 R11 R12 C8"),
        # the request's transistors, straps, CC, LED, U1's own bypass
        ("p1", "port", 500, "port.simulate(); edges.simulate()",
         "R4 R5 R8 R9 R11 R12 R13 R14 C6"),
        # pulls, straps, lights, CC, U5's pumps, bypass, the ADC's filter at the store
        ("mep", "circuit", 10000, _MEP_CALLS,
         "R14 R15 R38 R39 R40 R41 C6 C12 C13 C14 C15 C16 C18 C20"),
        # pulls, lights, dividers of U2, feedback's lead, bypass
        ("mbus-simulator", "simulator", 500, _SIMULATOR_CALLS,
         "R1 R2 R3 R4 R5 R6 R7 R26 R28 C1 C2 C3 C4 C11 C14 C15 C16 C17"),
        # RIS, pulls of what is not driven, the line's end, USB, bypass
        ("han-isolated", "shield", 500,
         "shield.bus(7); shield.coupler('150 %', 1); shield.receiver((0, 0))",
         "R4 R15 R16 R17 R18 R20 R21 R22 R24 R25 R26 C5 C6 C7 C8 C9 C10"),
        # bypass of chips, straps, what a person sees or plugs in; RIS is for sending, which the
        # board does not; the others have formulas in golden_han_selfpowered.py
        ("han-selfpowered", "circuit", 500, _SELFPOWERED_CALLS,
         "R4 R21 R22 R29 R30 R31 R32 R33 C9 C13 C15 C16 C17"),
    ],
)  # fmt: skip
def test_the_decks_read_every_value_from_the_parts_table(board, main, least, calls, unread):
    """Doubling any part's value changes a deck, but for those that no deck needs."""
    done = run(_UNREAD, main, least, *map(str.strip, calls.split(";")), board=board)
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) == set(unread.split())


@pytest.mark.parametrize(
    ("board", "main", "spoil", "calls"),
    [
        # half the shunt: trips too late
        ("mbus-simulator", "simulator", {"R19": "3R4"},
         "trip.check(trip.simulate((24,), ('typical',))[0], {}, {})"),
        # a limiter set too high; a third of R7 would trip an Aidon port
        ("p1", "port", {"R1": "1R3"}, "port.check(port.simulate({'5 V': 5.0}, ('high',))[0])"),
        ("mep", "circuit", {"R1": "15"},
         "port.check(port.simulate({'26 V': 26.0}, ('high',), (-25,))[0])"),
        ("han-selfpowered", "circuit", {"R7": "39"},
         "name = 'JP2+JP3 (Aidon)'; inrush.PORTS = {name: inrush.PORTS[name]}; "
         "inrush.check(inrush.simulate(quick=True)[0])"),
        # a lead before the follower's base that takes COM ENABLE below 9 V
        ("mep", "circuit", {"R25": "100k"}, "com.check(com.simulate(('high',), (-25,)), [])"),
        # a line's resistor too small for 28 V
        ("mep", "circuit", {"R27": "220", "R28": "220"}, "swaps.check(swaps.simulate())"),
        # power fail that falls while the buck runs
        ("mep", "circuit", {"R31": "1M"},
         "powerfail.check(powerfail.simulate(('high',), (-25,)))"),
        # a threshold near the peak; too much of a kick
        ("han-isolated", "shield", {"R8": "4k7"}, "distortion.check(distortion.simulate("
         "(9600,), ('600 %, high gain',), (-25,), ('low',))[0])"),
        ("han-isolated", "shield", {"R27": "470"}, "distortion.check(distortion.simulate("
         "(9600,), ('50 %, low gain',), (-25,), ('low',))[0])"),
    ],
)  # fmt: skip
def test_a_bad_value_is_seen(board, main, spoil, calls):
    """A check that cannot fail is none."""
    need("ngspice")
    names = sorted({name for name in ("trip", "port", "inrush", "com", "swaps", "powerfail",
                                      "distortion") if f"{name}." in calls})  # fmt: skip
    done = run(
        f"import {main} as main, {', '.join(names)}\n"
        f"for ref, value in {spoil}.items(): main.parts.PARTS[ref]['value'] = value\n{calls}",
        board=board,
    )
    assert done.returncode and "AssertionError" in done.stderr, done.stderr
    assert board != "mbus-simulator" or "40 mA" in done.stderr


def test_a_run_of_ngspice_ends_within_a_minute(tmp_path):
    fake = tmp_path / "ngspice"
    fake.write_text("#!/bin/sh\nexec sleep 30\n")
    fake.chmod(0o755)
    script = (
        "import os, sys, spice\n"
        "assert spice.LIMIT <= 60; spice.LIMIT = 0.5\n"
        "os.environ['PATH'] = sys.argv[1] + ':' + os.environ['PATH']\n"
        "spice.run('hangs', [], '1u 1m', ['v(a)'])"
    )
    done = run(script, tmp_path, board="han-selfpowered")
    assert done.returncode and "TimeoutExpired" in done.stderr
