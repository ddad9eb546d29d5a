"""Against what order numbers, pin-outs and ratings of the board were checked, 2026-11-26.

No distributor and no maker could be asked. The evidence at hand: parts lists that others
published, data sheets as far as public copies of them can be searched, KiCad 9's libraries.
"""

from evidence import LCSC, number

__all__ = ["LCSC", "number", "PINS"]

# part -> against what its pins, package and ratings were checked
PINS = {
    "U1": "pins: data sheets of TSS721A and NCN5150, both alike. Bus +-50 V at most, BAT 2.5 ... "
    "3.8 V, 0.5 uA into BAT without a bus, RIDD 13 ... 80 k",
    "U2": "pins: KiCad USBLC6-2SC6 (1 and 6, 3 and 4 one line each, 5 the upper diodes)",
    "U3": "pins: TI's data sheet SBVS038U; input and enable 5.5 V against USB's 5.5 V; 400 mA",
    "U4": "pins and land: Espressif's data sheet v1.4, table 3 and figure 10 "
    "(tests/hardware/makers.py); 3.0 ... 3.6 V",
    "D1": "stand-off 40 V; lets 64.5 V pass in a surge, which D3 meets behind R1 and R2",
    "D3": "36 V stand-off; 38 V in the cold, 46 V in a surge and heat, against U1's 50 V",
    "F1": "60 V against 42 V, holds 0.14 A against 2 mA",
    "F2": "15 V against 5.5 V, holds 0.5 A against 0.35 A for 1 ms",
    "J1": "pins: RJ45 1 and 2, KiCad's footprint of this very part",
    "J2": "pins: KiCad's symbol and footprint of this very part; 5k1 at CC1 and CC2 each",
}
