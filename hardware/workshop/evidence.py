"""How every order number of the boards was verified; han-selfpowered adds what only it has.

No distributor and no maker could be asked: a number counts as found when a parts list or a sheet
that others published shows it with our value, package and maker.
"""

LISTS = "in published parts lists"
CODE = "by the maker's ordering code only"

# in lists, as they stand there
_LISTED = """
CP2102N-A02-GQFN28R LM393DR TLC555CDR SN74LVC1G14DBVR IRLML6402TRPBF BC857C,215 BC857CLT1G
BCP53-16,115 BCP53-16T1G 54601-906WPLF USBLC6-2SC6 ESP32-C3-WROOM-02-N4 TPS73633DBVR TSS721ADR
SP3485EN-L/TR MCP2221A-I/SL SMAJ40CA SMAJ36CA MB6S-E3/80 MBR0540T1G B0540W-7-F BAT54C,215
SM712-02HTG BC846B,215 BC856B,215 BCP56-16,115 150080GS75000 150080RS75000 APT2012LZGCK
CL31B106KAHNNNE GRM31CR71E106KA12L CL31A226KAHNNNE GRM31CR61E226KE15L CC0603KRX7R9BB104
CL10B104KB8NNNC CC0603KRX7R9BB103 CL10B103KB8NNNC CL10B105KA8NNNC CC0603KRX7R8BB105
C1206C224K1RACTU C3216X7R2A224K115AA GRM32ER72A225KA35L C3225X7R2A225K230AB RT0603BRD0710K2L
54602-908LF USB4105-GF-A TL3342F160QG SSQ-108-03-G-S SSQ-106-03-G-S TSW-103-07-G-D LM5165DRCR
TPS3808G01DBVR MAX3232ECDR ST3232ECDR BAT46W-7-F BAT46ZFILM SMAJ9.0CA MCP6001T-I/OT
LM4040AIM3-2.5/NOPB RC1206FR-071R5L
"""
# by the ordering code of their makers
_CODED = """
LM393DR2G 74LVC1G14GV,125 DMP2035U-7 EL817M MCP6567-E/SN MAX3485ESA 1N4148W-7-F 1N4148W-E3-08
BAT54CLT1G SM712.TCT BC846BLT1G BC856BLT1G BCP56-16T1G APT2012EC CC0603KRX7R9BB102 CL10B102KB8NNNC
CC0603KRX7R9BB682 CL10B682KB8NNNC CC0603JRNPO9BN101 GRM1885C1H101JA01D 1812L050PR RT0603BRD07200KL
ERA-3AEB204V ERA-3AEB1022V SSQ-110-03-G-S SSQ-104-01-G-S 61300411121 TSW-102-07-G-D BZX84B12LT1G
TSW-104-07-G-S LM4040AIM3-2.5+T RT0603BRD071K58L ERA-3AEB1581V
"""
NUMBERS = {
    **dict.fromkeys(_LISTED.split(), LISTS),
    **dict.fromkeys(_CODED.split(), CODE),
    # and what else is to be said of one
    "LM2733YMF": "data sheet; in published parts lists, also as LM2733YMFX/NOPB",
    "ICM7555CBAZ": LISTS + ", beside TLC555CDR as the same kind",
    "TLV9001IDBVR": LISTS + ", beside MCP6001T-I/OT as the same kind",
    "6TPE470MI": LISTS + " (470 uF, 6.3 V, 18 milliohms)",
    "LTV-817M": "data sheet LTV-817 (M: wide legs)",
    "NCN5150DR2G": "data sheet, and onsemi AND9108: pin for pin a TSS721A",
    "MB6S": "KiCad's and Digi-Key's symbols MB6S",
    "SRN6045TA-220M": LISTS + " (3.3 A saturation)",
    "SWPA6045S220MT": CODE + "; its land lies in ours by KiCad's footprints",
    "MF-MSMF014-2": LISTS + " without the reel's -2",
    "1812L014DR": LISTS + " (60 V, 10 A)",
    "MF-MSMF050-2": LISTS + " (15 V, holds 0.5 A)",
    "U262-161N-4BVC11": LISTS + "; its land is ours by KiCad's footprints",
    "TS-1187A-B-A-B": LISTS + "; its land lies in ours by KiCad's footprints",
    "1984617": LISTS + " (3.5 mm, two ways)",
    "1984620": CODE + " (3.5 mm, three ways, beside 1984617)",
    "691214110002": LISTS + " (WR-TBL, two ways; lists differ on 3.5 or 5.08 mm: measure first)",
    "61300421121": CODE + " (four pins in two rows; a list has it as two of one row)",
    "1984646": CODE + " (five ways; 1984617 is the two-way one)",
    "691214110005": CODE + " (five ways; see 691214110002)",
    "61300621121": LISTS + " (2 x 3 pins)",
    "PT7M3808G01TAEX": LISTS + ", beside TPS3808G01DBVR as the same kind",
    "BZX84-B12,215": LISTS + " without the reel's 215 (2 %)",
    "EEU-FR1H470": LISTS + " (47 uF, 50 V)",
    "UPW1H470MED": LISTS + " (47 uF, 50 V)",
    "SCCR12E105SRB": LISTS + " (1 F, 3 V, 8 x 12 mm); by the data sheet's code -10/+30 %",
    "VEC3R0105QG": LISTS + " (0813)",
    "SCCR20E335PRB": LISTS + "; by the data sheet's code 8 x 20 mm, 3.0 V, -0/+100 %",
    "VEC2R7335QG": LISTS + " (0820)",
    "SRN6045TA-101M": LISTS + " (1.33 A saturation, 0.92 A heating)",
    "SWPA6045S101MT": LISTS + "; its land lies in ours by KiCad's footprints",
    "CRM2512-JW-100ELF": LISTS + " (10 ohm, 2 W)",
    "CRCW251210R0JNEGHP": LISTS + " (10 ohm, 2 W)",
    "CRCW12061K00FKEAHP": LISTS + " (1 k, 0.75 W)",
    "ERJ-P08F1001V": LISTS + " (1 k, 0.66 W)",
}
# chip resistors that a list showed beside their value
_FOUND = {"RC0603FR-072K32L"}
RESISTORS = ("RC0603FR-", "RC0805FR-", "RC1206FR-", "ERJ-3EKF", "ERJ-8ENF", "CRCW")


def number(order):
    """How the order number was verified."""
    if order in NUMBERS:
        return NUMBERS[order]
    if order.startswith(RESISTORS):
        return LISTS if order in _FOUND else CODE
    raise KeyError(f"nobody checked {order}")


# order number -> LCSC's order code, as far as published lists showed it beside the number, and no
# other code oftener
LCSC = {
    "BAT54C,215": "C37704", "BC846B,215": "C87062", "BCP56-16,115": "C92221",
    "6TPE470MI": "C402828", "CC0603KRX7R9BB104": "C14663", "CL10B105KA8NNNC": "C29936",
    "CL31A226KAHNNNE": "C12891",
    "CL31B106KAHNNNE": "C14860", "CP2102N-A02-GQFN28R": "C964632",
    "ESP32-C3-WROOM-02-N4": "C2934560", "MBR0540T1G": "C21353", "MF-MSMF050-2": "C17313",
    "RC0603FR-0710KL": "C98220", "RC0603FR-07215KL": "C185350", "RC0603FR-07470RL": "C114669",
    "RC0603FR-075K1L": "C105580", "RT0603BRD0710K2L": "C515735", "SP3485EN-L/TR": "C8963",
    "TPS3808G01DBVR": "C19653", "TPS73633DBVR": "C28038", "USBLC6-2SC6": "C7519",
}  # fmt: skip
