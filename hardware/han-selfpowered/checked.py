"""Against what every order number, pin-out and rating of the board was checked, 2026-11-20 and
2026-11-26.

No distributor and no maker could be asked. The evidence at hand: parts lists and KiCad sheets that
others published (a number counts as found when it stands there with our value, package and maker),
data sheets as far as public copies of them can be searched, and KiCad 9's own libraries.
"""

import evidence
from evidence import CODE, LCSC, LISTS

__all__ = ["LCSC", "PINS", "number"]

# what only this board has, or was looked for further
_NUMBERS = {
    "TSS721ADR": LISTS + " and with distributors named there",
    "DS18B20+": LISTS,
    "DS18B20": LISTS + " (UMW), data sheet named there",
    "EEU-FR1J101": LISTS,
    "UPW1J101MPD6": LISTS,
    "61300311121": LISTS,
    "61300611121": LISTS,
    "TSW-103-07-G-S": LISTS,
    "TSW-106-07-G-S": LISTS,
}
# chip resistors that no list showed; all others were found
_BY_CODE = ("RC0603FR-07182KL", "ERJ-3EKF56R0V")


def number(order):
    """How the order number was verified."""
    if order not in evidence.NUMBERS and order.startswith(evidence.RESISTORS):
        return CODE if order in _BY_CODE else LISTS
    return _NUMBERS.get(order) or evidence.number(order)


# part -> against what its pins, package and ratings were checked
PINS = {
    "U1": "pins: data sheets of TSS721A and NCN5150, both alike. Free air -25 ... 85 degrees, bus "
    "+-50 V at most, BAT 2.5 ... 3.8 V, 0.5 uA into BAT without a bus, RIDD 13 ... 80 k",
    "U2": "pins and land: TI's data sheet SNVSA47D, table 5-1 and drawing 4218878/B "
    "(tests/hardware/makers.py), VSON-10; it speaks of a VSSOP-10 but neither draws its pins nor "
    "lists an order for it (June 2025). 65 V against 42 V (64 V in a surge, for which the TVS "
    "is), 0.08 W",
    "U3": "pins: KiCad TPS3808DBV and data sheet; RESET takes 10 k ... 1 M of pull-up (47 k), CT "
    "open is 20 ms, MR has 90 k inside, 1.7 ... 6.5 V",
    "U4": "pins: TI's data sheet SBVS038U; input 5.5 V at most (never above 6 V) against USB's "
    "5.5 V; enable on half of VBUS, high above 1.7 V, low below 0.5 V; 400 mA",
    "U5": "pins: KiCad USBLC6-2SC6 (1 and 6, 3 and 4 one line each, 5 the upper diodes)",
    "U6": "pins and land: Espressif's data sheet v1.4, table 3 and figure 10 "
    "(tests/hardware/makers.py); 3.0 ... 3.6 V",
    "U7": "pins: KiCad DS18B20 (TO-92 from the flat side GND, DQ, VDD); 3.0 ... 5.5 V",
    "Q1": "pins: KiCad BC857 (1 base, 2 emitter, 3 collector); 45 V against 1.5 V, it lies across "
    "Q2's base",
    "Q2": "pins: KiCad BCP53 (1 base, 2 and tab collector, 3 emitter); 80 V against 42 V (64 V in "
    "a surge), 1 A",
    "D2": "leads: Vishay's sheet 88661 and SMC's N0529, whose prints of + and - lie alike "
    "(tests/hardware/makers.py); onsemi's by the KiCad library that Digi-Key drew after MB8S/D",
    "D4": "100 V against 64 V, 150 mA against 27 mA",
    "D3": "36 V stand-off; breaks down between 40.0 and 44.2 V at 25 degrees, so 38 V in the cold "
    "and 46 V in a surge and heat, against U1's 50 V",
    "D5": "40 V against 5.5 V, 0.5 A against 0.44 A at the first moment of a charge",
    "D6": "pins: KiCad LED (1 cathode, to the GPIO that sinks)",
    "F1": "60 V against 42 V, holds 0.14 A against 0.03 A",
    "J1": "pins: RJ45 1 and 2, KiCad's footprint of this very part; jacks of others with the "
    "same holes have a shield, whose tabs find none here",
    "J3": "pins: KiCad's symbol and footprint of this very part; 5k1 at CC1 and CC2 each",
    "C4": "63 V against 42 V",
    "C7": "3.0 V (second source 2.7 V) against 1.73 V, 1.78 V at the rail's most",
    "L1": "1.33 A saturation against 0.18 A",
}
