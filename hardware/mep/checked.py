"""Against what order numbers, pin-outs and ratings of the board were checked, 2026-11-26.

No distributor and no maker could be asked. The evidence at hand: parts lists that others
published, data sheets as far as public copies of them can be searched, KiCad 9's libraries.
"""

from evidence import LCSC, number

__all__ = ["LCSC", "number", "PINS"]

# part -> against what its pins, package and ratings were checked
PINS = {
    "U1": "pins and land: TI's data sheet SNVSA47D, table 5-1 and drawing 4218878/B "
    "(tests/hardware/makers.py). 65 V against 28 V (58 V in a surge); 24.9 k at ILIM: 180 mA, "
    "156 ... 206 by table 6.5",
    "U2": "pins: KiCad TPS3808DBV and data sheet; RESET takes 10 k ... 1 M of pull-up (47 k), CT "
    "open is 20 ms, MR has 90 k inside, 1.7 ... 6.5 V",
    "U3": "pins: KiCad USBLC6-2SC6 (1 and 6, 3 and 4 one line each, 5 the upper diodes)",
    "U4": "pins: TI's data sheet SBVS038U; input 5.5 V at most; enable on half of VBUS, high "
    "above 1.7 V, low below 0.5 V; 400 mA",
    "U5": "pins: TI's data sheet SLLS664E, table 5-1 (1, 3 and 4, 5 pumps, 2 and 6 their "
    "outputs); 3.0 ... 5.5 V; 100 nF each at 3.3 V; outputs stand 13.2 V, inputs 25 V (table 6.1)",
    "U6": "pins and land: Espressif's data sheet v1.4, table 3 and figure 10 "
    "(tests/hardware/makers.py); 3.0 ... 3.6 V",
    "Q1": "pins: KiCad BC857 (1 base, 2 emitter, 3 collector); 45 V against 2 V",
    "Q2": "pins: KiCad BCP53 (1 base, 2 and tab collector, 3 emitter); 80 V, 1 A",
    "Q3": "pins: KiCad BC846 (1 base, 2 emitter, 3 collector); 65 V against 28 V",
    "Q4": "as Q1",
    "Q5": "as Q2",
    "Q6": "as Q3; its base-emitter diode may break down at 6 V with what D5 leaks",
    "Q7": "as Q3; 6 V backwards at its base when 16 and 19 are exchanged, through 470 k",
    "D1": "36 V stand-off against 28 V; breaks down between 40.0 and 44.2 V",
    "D2": "100 V against 28 V (86 V in a surge below a full bulk), 150 mA against 38 mA",
    "D4": "pins: KiCad BZX84Cxx (1 anode, 3 cathode); B is 2 %",
    "D5": "100 V against 40 V, 150 mA against 19 mA",
    "D6": "9 V stand-off; breaks down between 10.0 and 11.1 V",
    "C1": "50 V against 28 V",
    "C4": "3.0 V (second source 2.7 V) against 1.73 V",
    "L1": "1.33 A saturation against 0.21 A",
    "J1": "KiCad's footprint of PT 1,5/5-3,5-H; the number follows 1984617, the two-way one",
    "J2": "pins: KiCad's symbol and footprint of this very part; 5k1 at CC1 and CC2 each",
}
