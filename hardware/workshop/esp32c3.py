"""The controller as blocks: the ESP32-C3 module with its bypass, and beside it reset, straps,
set-up button and LED. The parts' rows: `Parts.module`, `Parts.button`, `Parts.led`."""

_OPEN = (18, 17, 15, 4, 5, 6, 11, 12)  # unless the board uses them


def module(s, chip, bypass, own):
    """The module with two capacitors; `own`: {pin: net}, the meter's pin 3 and what else the board
    uses of `_OPEN`."""
    s.add(chip, 34, 52, ref_at=(-11, -20), value_at=(4, -20))
    s.pin(chip, 19)
    s.wire(s.pin(chip, 1), (34, 14))
    s.hang(chip, {9: "GND"})
    s.wire((20, 14), (50, 14))
    s.wire((34, 14), (34, 11))
    s.power("+3V3", (34, 11))
    for ref, x in zip(bypass, (20, 50), strict=True):
        s.add(ref, x, 19)
        s.wire((x, 14), s.pin(ref, 1))
        s.hang(ref, {2: "GND"})
    s.hang(chip, {2: "EN", 16: "IO2", **own, 7: "IO8", 8: "BOOT", 10: "LED", 13: "USB_DM",
                  14: "USB_DP"}, 3)  # fmt: skip
    s.no_connect(chip, *(pin for pin in _OPEN if pin not in own))


def start(s, pull, ramp, straps, led):
    """SW2 with EN's pull-up and capacitor; pull-ups of GPIO2, 8 and 9, the last with SW1; an LED
    below its resistor."""
    s.add(pull, 14, 20)
    s.hang(pull, {1: "+3V3"})
    s.add(ramp, 14, 34)
    s.wire(s.pin(pull, 2), s.pin(ramp, 1))
    s.hang(ramp, {2: "GND"})
    s.add("SW2", 26, 27, ref_at=(-4, -3.6), value_at=(1, -3.6))
    s.wire((14, 27), s.pin("SW2", 1))
    s.label("EN", (17, 27))
    s.wire(s.pin("SW2", 2), (34, 27), (34, 30))
    s.power("GND", (34, 30))
    for ref, x, net in zip(straps, (48, 58, 68), ("IO2", "IO8", None), strict=True):
        s.add(ref, x, 20)
        s.hang(ref, {1: "+3V3"})
        if net:
            s.hang(ref, {2: net})
    s.add("SW1", 82, 27, ref_at=(-4, -3.6), value_at=(1, -3.6))
    s.wire(s.pin(straps[-1], 2), (68, 27), s.pin("SW1", 1))
    s.label("BOOT", (71, 27))
    s.wire(s.pin("SW1", 2), (90, 27), (90, 30))
    s.power("GND", (90, 30))
    resistor, light = led
    s.add(resistor, 14, 54)
    s.hang(resistor, {1: "+3V3"})
    s.add(light, 14, 64, turn=90, ref_at=(2.5, -0.9), value_at=(2.5, 0.9))
    s.wire(s.pin(resistor, 2), s.pin(light, 2))
    s.hang(light, {1: "LED"})
