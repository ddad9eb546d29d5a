"""Against what every order number, pin-out and rating of the board was checked, 2026-11-20 and
2026-11-26.

No distributor and no maker could be asked. The evidence at hand: parts lists and KiCad sheets that
others published (a number counts as found when it stands there with our value, package and maker),
data sheets as far as public copies of them can be searched, and KiCad 9's own libraries.
"""

from evidence import LCSC

__all__ = ["LCSC", "PINS", "number"]

LISTS = "in published parts lists"
CODE = "by the maker's ordering code only"

# order number -> how it was verified
NUMBERS = {
    # IC, module
    "TSS721ADR": LISTS + " and with distributors named there",
    "NCN5150DR2G": "data sheet, and onsemi AND9108: pin for pin a TSS721A",
    "LM5165DRCR": LISTS,
    "TPS3808G01DBVR": LISTS,
    "PT7M3808G01TAEX": LISTS + ", beside TPS3808G01DBVR as the same kind",
    "TPS73633DBVR": LISTS,
    "USBLC6-2SC6": LISTS,
    "ESP32-C3-WROOM-02-N4": LISTS,
    "DS18B20+": LISTS,
    "DS18B20": LISTS + " (UMW), data sheet named there",
    # diodes, transistors
    "SMAJ40CA": LISTS,
    "SMAJ36CA": LISTS,
    "MB6S": "KiCad's symbol MB6S",
    "MB6S-E3/80": LISTS,
    "BAT46W-7-F": LISTS,
    "BAT46ZFILM": LISTS,
    "MBR0540T1G": LISTS,
    "B0540W-7-F": LISTS,
    "BC857C,215": LISTS,
    "BC857CLT1G": LISTS,
    "BCP53-16,115": LISTS,
    "BCP53-16T1G": LISTS,
    "150080GS75000": LISTS,
    "APT2012LZGCK": LISTS,
    # capacitors, inductor, fuse, power resistor
    "CL31A226KAHNNNE": LISTS,
    "GRM31CR61E226KE15L": LISTS,
    "CL31B106KAHNNNE": LISTS,
    "GRM31CR71E106KA12L": LISTS,
    "CL10B105KA8NNNC": LISTS,
    "CC0603KRX7R8BB105": LISTS,
    "CC0603KRX7R9BB104": LISTS,
    "CL10B104KB8NNNC": LISTS,
    "CC0603KRX7R9BB103": LISTS,
    "CL10B103KB8NNNC": LISTS,
    "C1206C224K1RACTU": LISTS,
    "C3216X7R2A224K115AA": LISTS,
    "GRM32ER72A225KA35L": LISTS,
    "C3225X7R2A225K230AB": LISTS,
    "EEU-FR1J101": LISTS,
    "UPW1J101MPD6": LISTS,
    "SCCR20E335PRB": LISTS + "; by the data sheet's code 8 x 20 mm, 3.0 V, -0/+100 %",
    "VEC2R7335QG": LISTS + " (0820)",
    "SRN6045TA-101M": LISTS + " (1.33 A saturation, 0.92 A heating)",
    "SWPA6045S101MT": LISTS + "; its land lies in ours by KiCad's footprints",
    "MF-MSMF014-2": LISTS + " without the reel's -2",
    "1812L014DR": LISTS + " (60 V, 10 A)",
    "CRM2512-JW-100ELF": LISTS + " (10 ohm, 2 W)",
    "CRCW251210R0JNEGHP": LISTS + " (10 ohm, 2 W)",
    # connectors, buttons
    "54602-908LF": LISTS,
    "USB4105-GF-A": LISTS,
    "U262-161N-4BVC11": LISTS + "; its land is ours by KiCad's footprints",
    "TL3342F160QG": LISTS,
    "TS-1187A-B-A-B": LISTS + "; its land lies in ours by KiCad's footprints",
    "1984617": LISTS + " (3.5 mm, two ways)",
    "691214110002": LISTS + " (WR-TBL, two ways; lists differ on 3.5 or 5.08 mm: measure first)",
    "61300311121": LISTS,
    "61300611121": LISTS,
    "TSW-103-07-G-S": LISTS,
    "TSW-106-07-G-S": LISTS,
}
# chip resistors that no list showed; all others were found
_BY_CODE = ("RC0603FR-07182KL", "ERJ-3EKF56R0V")
_RESISTORS = ("RC0603FR-", "RC0805FR-", "ERJ-3EKF", "CRCW")


def number(order):
    """How the order number was verified."""
    if order in NUMBERS:
        return NUMBERS[order]
    if order.startswith(_RESISTORS):
        return CODE if order in _BY_CODE else LISTS
    raise KeyError(f"nobody checked {order}")


# part -> against what its pins, package and ratings were checked
PINS = {
    "U1": "pins: data sheets of TSS721A and NCN5150, both alike. Free air -25 ... 85 degrees, bus "
    "+-50 V at most, BAT 2.5 ... 3.8 V, 0.5 uA into BAT without a bus, RIDD 13 ... 80 k",
    "U2": "pins: KiCad's symbol LM5165 and its land, VSON-10; TI's pin table was not "
    "at hand; neither an order for the VSSOP-10 (LM5165DGSR) nor its pin-out was "
    "seen. 65 V against 42 V (64 V in a surge, for which the TVS is), 0.08 W",
    "U3": "pins: KiCad TPS3808DBV and data sheet; RESET takes 10 k ... 1 M of pull-up (47 k), CT "
    "open is 20 ms, MR has 90 k inside, 1.7 ... 6.5 V",
    "U4": "pins: KiCad TPS73633DBV; input 5.5 V at most (never above 6 V) against USB's "
    "5.5 V; enable on half of VBUS, high above 1.7 V, low below 0.5 V; 400 mA",
    "U5": "pins: KiCad USBLC6-2SC6 (1 and 6, 3 and 4 one line each, 5 the upper diodes)",
    "U6": "pins and land: Espressif's own KiCad library, alike KiCad's; the data sheet itself "
    "was not at hand; 3.0 ... 3.6 V",
    "U7": "pins: KiCad DS18B20 (TO-92 from the flat side GND, DQ, VDD); 3.0 ... 5.5 V",
    "Q1": "pins: KiCad BC857 (1 base, 2 emitter, 3 collector); 45 V against 1.5 V, it lies across "
    "Q2's base",
    "Q2": "pins: KiCad BCP53 (1 base, 2 and tab collector, 3 emitter); 80 V against 42 V (64 V in "
    "a surge), 1 A",
    "D2": "pins: KiCad MB6S and TO-269AA (1, 2 alternating, 3 plus, 4 minus), no maker's "
    "drawing at hand: look at the marks on the part",
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
