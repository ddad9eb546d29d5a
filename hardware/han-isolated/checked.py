"""Against what order numbers, pin-outs and ratings of the board were checked, 2026-11-26.

No distributor and no maker could be asked. The evidence at hand: parts lists that others
published, data sheets as far as public copies of them can be searched, KiCad 9's libraries.
"""

from evidence import LCSC, number

__all__ = ["LCSC", "number", "PINS"]

# part -> against what its pins, package and ratings were checked
PINS = {
    "U1": "pins: data sheets of TSS721A and NCN5150, both alike. Bus +-50 V at most, 3 mA at "
    "13 k, own consumption 0.65 mA at most; TX and TXI give 0.1 mA high",
    "U2": "pins: KiCad LTV-817M; data sheets of PC817 and LTV-817: 50 to 600 % at 5 mA, 80 kHz at "
    "2 mA and 100 ohms, 35 V, 50 mA, -30 to 100 degrees, 5 kV between its sides",
    "U3": "pins: KiCad MCP6567, as LM393; its 10 mV, 80 ns and 1 pA are from memory of the "
    "data sheet",
    "U4": "pins: KiCad SP3485EN; 3.0 to 3.6 V",
    "U5": "pins: KiCad MCP2221AxSL; VUSB joined with VDD at 3.3 V as the data sheet asks, from "
    "memory",
    "U6": "pins: KiCad USBLC6-2SC6 (1 and 6, 3 and 4 one line each, 5 the upper diodes)",
    "U7": "pins: TI's data sheet SBVS038U; input and enable 5.5 V against USB's 5.5 V; 400 mA",
    "Q1": "pins: KiCad BC846; 65 V, gain 200 and more at 2 mA",
    "Q2": "pins: KiCad BC846; 65 V, 100 mA",
    "D1": "stand-off 40 V; lets 64.5 V pass in a surge, which D3 meets behind R1 and R2",
    "D3": "36 V stand-off; 38 V in the cold, 46 V in a surge and heat, against U1's 50 V",
    "D5": "pins: KiCad BAT54C (3 both cathodes)",
    "D6": "pins: KiCad SM712_SOT23",
    "F1": "60 V against 42 V, holds 0.14 A against 3 mA",
    "F2": "15 V against 5.5 V, holds 0.5 A against 0.1 A",
    "J1": "pins: RJ45 1 and 2, KiCad's footprint of this very part",
    "J3": "the Uno's headers: measures of KiCad's Arduino_UNO_R3, which lies face down: mirrored "
    "here; pins as every Uno of revision 3",
    "J10": "pins: KiCad's symbol and footprint of this very part; 5k1 at CC1 and CC2 each",
}
