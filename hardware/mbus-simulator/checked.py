"""Against what order numbers, pin-outs and ratings of the board were checked, 2026-11-26.

No distributor and no maker could be asked. The evidence at hand: parts lists that others
published, data sheets as far as public copies of them can be searched, KiCad 9's libraries.
"""

from evidence import LCSC, number

__all__ = ["LCSC", "number", "PINS"]

# part -> against what its pins, package and ratings were checked
PINS = {
    "U1": "pins: KiCad USBLC6-2SC6 (1 and 6, 3 and 4 one line each, 5 the upper diodes)",
    "U2": "pins: KiCad CP2102N QFN28, which published boards use with this order number; 100 mA "
    "of 3.3 V (3.2 ... 3.4 assumed) against 6 mA",
    "U3": "data sheet SNVS209 as public copies show it: FB 1.205 ... 1.255 V, switch 40 V and "
    "1.0 A at half a period, duty 93 % or more, 400 ... 800 kHz; pins: KiCad",
    "U4": "pins: KiCad LM393 (our symbol is a box of its own); 36 V against 5 V, inputs to "
    "ground, offset 5 mV",
    "U5": "pins: KiCad TLC555; 15 V against 5 V",
    "Q1": "pins: KiCad BC846 (1 base, 2 emitter, 3 collector); 65 V against 38.4 V",
    "Q2": "pins: KiCad BCP56 (1 base, 2 and tab collector, 3 emitter); 80 V against 38.4 V, 1 A "
    "against 0.11 A",
    "Q4": "pins: KiCad BC856; 65 V against 38.4 V, peak 0.2 A against 0.1 A",
    "D2": "40 V against 19.8 V, 0.5 A against 60 mA",
    "D7": "stand-off 40 V against 37.8 V",
    "F1": "15 V against 5.5 V, holds 0.5 A against 0.4 A",
    "J1": "pins: KiCad's symbol and footprint of this very part; 5k1 at CC1 and CC2 each",
    "J3": "pins: RJ45 1 and 2, KiCad's footprint of this very part",
    "L1": "3.3 A saturation (parts list) against 0.7 A",
}
