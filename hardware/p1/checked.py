"""Against what order numbers, pin-outs and ratings of the board were checked, 2026-11-26.

No distributor and no maker could be asked. The evidence at hand: parts lists that others
published, data sheets as far as public copies of them can be searched, KiCad 9's libraries.
"""

from evidence import LCSC, number

__all__ = ["LCSC", "number", "PINS"]

# part -> against what its pins, package and ratings were checked
PINS = {
    "U1": "pins: KiCad SN74LVC1G14DBV (2 in, 4 out, 3 ground, 5 supply), as published tables have "
    "them; input stands 5.5 V",
    "U2": "pins: KiCad USBLC6-2SC6 (1 and 6, 3 and 4 one line each, 5 the upper diodes)",
    "U3": "pins: TI's data sheet SBVS038U; input and enable 5.5 V against 5.2 V; 400 mA",
    "U4": "pins and land: Espressif's data sheet v1.4, table 3 and figure 10 "
    "(tests/hardware/makers.py); 3.0 ... 3.6 V",
    "Q1": "pins: KiCad BC846 (1 base, 2 emitter, 3 collector); 65 V against 5.3 V",
    "Q2": "pins: KiCad BCP53 (1 base, 2 and tab collector, 3 emitter); 80 V, 1 A against 0.25 A",
    "Q3": "pins: KiCad IRLML6402 (1 gate, 2 source, 3 drain); 20 V against 5.5 V",
    "Q4": "pins: KiCad BC846 (1 base, 2 emitter, 3 collector); 65 V against 5.5 V",
    "U5": "pins: KiCad MCP6001-OT (1 out, 2 minus, 3 +, 4 -, 5 plus), as Microchip's data sheet "
    "draws them (its first page; not the R and U variants); 1.8 ... 6 V against 5.3 V; offset of "
    "4.5 mV by the same series' MCP6441, common-mode rejection not found: 60 dB assumed",
    "U6": "as U5; 23 mA are typical, no least is promised: 15 mA counted",
    "U7": "pins: KiCad TPS3808DBV (1 reset, 2 ground, 3 MR, 4 CT, 5 sense, 6 supply); MR has its "
    "own pull-up, CT open is 20 ms",
    "D4": "pins: TI's data sheet SLOS456O, figure 5-1 (1 cathode, 2 anode, 3 open); 0.75 % over "
    "temperature, 65 uA or more",
    "C1": "maker's code: 8 x 12 mm, 3.0 V to 65 degrees, -10/+30 %; pitch 3.5 mm; 0.19 ohm of the "
    "maker's own pair SCMR14H474 (0.38 ohm)",
    "C9": "6.3 V against 5.3 V, 18 milliohms by published lists; no second source was found",
    "D1": "40 V against 5.5 V, 0.5 A against 0.25 A",
    "J1": "pins: DSMR 5 P1 companion's table as spec and KiCad's footprint of this very part; "
    "look at the jack's side of pin 1 before you order",
    "J3": "pins: KiCad's symbol and footprint of this very part; 5k1 at CC1 and CC2 each",
}
