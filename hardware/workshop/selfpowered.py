"""Blocks of the boards that live on their meter's port (han-selfpowered, mep), each drawn around
an origin: buck, store, supervisor. What each pin must be wired to: the boards' golden tables."""


def buck(s, at, chip, cin, lock_out, limit, coil, feedback, out, end):
    """LM5165 from VBULK to +3V3. lock_out: three resistors; limit: at ILIM; feedback: two; `end`:
    where the output's capacitor stands."""
    with s.at(*at):
        s.label("VBULK", (3, 16))
        s.power("PWR_FLAG", (10, 16))
        s.add(cin, 8, 26)
        s.wire((2, 16), (8, 16), s.pin(cin, 1))
        s.hang(cin, {2: "GND"})
        upper, middle, lower = lock_out
        s.add(upper, 19, 22)
        s.wire((8, 16), (19, 16), s.pin(upper, 1))
        s.add(chip, 38, 30, ref_at=(-8, -12.5), value_at=(-3, -12.5))
        s.wire((19, 16), (26, 16), (26, 24), s.pin(chip, 2))
        s.wire(s.pin(upper, 2), (19, 28), s.pin(chip, 7))
        s.label("UVLO", (21, 28))
        s.add(middle, 19, 34)
        s.wire((19, 28), s.pin(middle, 1))
        s.wire(s.pin(middle, 2), (19, 40), (25, 40), (25, 32), s.pin(chip, 9))
        s.add(lower, 19, 46)
        s.wire((19, 40), s.pin(lower, 1))
        s.hang(lower, {2: "GND"})
        s.wire(s.pin(chip, 5), (27, 36), (27, 52))
        s.power("GND", (27, 52))
        s.hang(chip, {10: "GND"})
        x, y = s.pin(chip, 11)
        s.wire((x, y), (x, y + 2), (x + 2, y + 2))
        s.add(limit, 38, 47)
        s.wire(s.pin(chip, 3), s.pin(limit, 1))
        s.hang(limit, {2: "GND"})
        s.no_connect(chip, 4, 6)
        s.add(coil, 58, 24, turn=90, ref_at=(-1, -2.2), value_at=(-2, 2.2))
        s.wire(s.pin(chip, 1), s.pin(coil, 1))
        s.label("SW", (50, 24))
        upper, lower = feedback
        s.add(upper, 65, 31)
        s.wire(s.pin(coil, 2), (65, 24), s.pin(upper, 1))
        s.wire(s.pin(upper, 2), (65, 38), (53, 38), (53, 28), s.pin(chip, 8))
        s.label("FB", (55, 38))
        s.add(lower, 65, 44)
        s.wire((65, 38), s.pin(lower, 1))
        s.hang(lower, {2: "GND"})
        s.add(out, end, 31)
        s.wire((65, 24), (end, 24), s.pin(out, 1))
        s.hang(out, {2: "GND"})
        s.wire((end, 24), (end, 21))
        s.power("+3V3", (end, 21))


def store(s, at, cells, pulls, bypass, apart):
    """Two cells in series on the rail, a resistor beside each, a capacitor; `apart`: how far the
    resistors, the capacitor and the middle's name stand from the cells."""
    (upper, lower), (first, second), (x1, x2, name) = cells, pulls, apart
    with s.at(*at):
        s.power("+3V3", (0, 15))
        s.wire((0, 15), (0, 18), (x2, 18))
        s.add(upper, 0, 26, ref_at=(2, -1.5), value_at=(2, 3.4))
        s.add(lower, 0, 40, ref_at=(2, -1.5), value_at=(2, 3.4))
        s.add(first, x1, 26)
        s.add(second, x1, 40)
        s.add(bypass, x2, 26)
        s.wire((0, 18), s.pin(upper, 1))
        s.wire(s.pin(upper, 2), s.pin(lower, 1))
        s.wire((x1, 18), s.pin(first, 1))
        s.wire(s.pin(first, 2), s.pin(second, 1))
        s.wire((0, 33), (x1, 33))
        s.label("CELL_MID", (name, 33))
        s.hang(lower, {2: "GND"})
        s.hang(second, {2: "GND"})
        s.wire((x2, 18), s.pin(bypass, 1))
        s.hang(bypass, {2: "GND"})


def supervisor(s, at, chip, divider, hysteresis, button, pull, ramp, across):
    """TPS3808 at the rail, EN its output. divider: two resistors; `across`: where EN's pull-up
    and its end stand."""
    (upper, lower), (x, end) = divider, across
    with s.at(*at):
        s.add(upper, 0, 24)
        s.hang(upper, {1: "+3V3"})
        s.add(chip, 18, 34, ref_at=(5, -9), value_at=(5, -7))
        s.wire(s.pin(upper, 2), (0, 32), s.pin(chip, 5))
        s.label("SENSE", (2, 32))
        s.add(lower, 0, 38, ref_at=(-5, -0.9), value_at=(-5, 0.9))
        s.wire((0, 32), s.pin(lower, 1))
        s.hang(lower, {2: "GND"})
        s.add(hysteresis, 18, 50, turn=90)
        s.wire((8, 32), (8, 50), s.pin(hysteresis, 1))
        s.wire(s.pin(hysteresis, 2), (29, 50), (29, 34))
        s.hang(chip, {6: "+3V3", 2: "GND"})
        s.no_connect(chip, 4)
        s.add(button, 20, 60, ref_at=(-6, -3), value_at=(0, -3))
        s.wire(s.pin(chip, 3), (4, 34), (4, 60), s.pin(button, 1))
        s.label("MR", (6, 60))
        s.wire(s.pin(button, 2), (28, 60), (28, 63))
        s.power("GND", (28, 63))
        s.wire(s.pin(chip, 1), (end, 34))
        s.add(pull, x, 27)
        s.hang(pull, {1: "+3V3"})
        s.wire(s.pin(pull, 2), (x, 34))
        s.add(ramp, x, 41)
        s.wire((x, 34), s.pin(ramp, 1))
        s.hang(ramp, {2: "GND"})
        s.label("EN", (end, 34))
