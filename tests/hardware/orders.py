"""What an order number stands for, by makers' codes and data sheets: land, volts it stands (None:
not a matter of volts here), value (None: none). Written by hand and not from parts.py."""

import re
from collections import namedtuple

Order = namedtuple("Order", "land volts value")
R = "Resistor_SMD:R_0603_1608Metric_Pad0.98x0.95mm_HandSolder"
R08 = "Resistor_SMD:R_0805_2012Metric_Pad1.20x1.40mm_HandSolder"
R12 = "Resistor_SMD:R_1206_3216Metric_Pad1.30x1.75mm_HandSolder"
C = "Capacitor_SMD:C_0603_1608Metric_Pad1.08x0.95mm_HandSolder"
C12 = "Capacitor_SMD:C_1206_3216Metric_Pad1.33x1.80mm_HandSolder"
C10 = "Capacitor_SMD:C_1210_3225Metric_Pad1.33x2.70mm_HandSolder"
SOT23, SOIC8 = "Package_TO_SOT_SMD:SOT-23", "Package_SO:SOIC-8_3.9x4.9mm_P1.27mm"
_FUSE = "Fuse:Fuse_1812_4532Metric_Pad1.30x3.40mm_HandSolder"
_LED = "LED_SMD:LED_0805_2012Metric_Pad1.15x1.40mm_HandSolder"
_PIN = "Connector_PinHeader_2.54mm:PinHeader_"
_SOCKET = "Connector_PinSocket_2.54mm:PinSocket_"
ORDERS = {
    "54602-908LF": Order("Connector_RJ:RJ45_Amphenol_54602-x08_Horizontal", None, None),
    "54601-906WPLF": Order("Connector_RJ:RJ12_Amphenol_54601-x06_Horizontal", None, None),
    "IRLML6402TRPBF": Order(SOT23, 20, "IRLML6402"),
    "SN74LVC1G14DBVR": Order("Package_TO_SOT_SMD:SOT-23-5", None, "SN74LVC1G14"),
    "BC857C,215": Order(SOT23, 45, "BC857C"),
    "BCP53-16,115": Order("Package_TO_SOT_SMD:SOT-223", 80, "BCP53-16"),
    "1984617": Order(
        "TerminalBlock_Phoenix:TerminalBlock_Phoenix_PT-1,5-2-3.5-H_1x02_P3.50mm_Horizontal",
        160, None,
    ),
    "61300311121": Order(_PIN + "1x03_P2.54mm_Vertical", None, None),
    "61300611121": Order(_PIN + "1x06_P2.54mm_Vertical", None, None),
    "61300421121": Order(_PIN + "2x02_P2.54mm_Vertical", None, None),
    "61300411121": Order(_PIN + "1x04_P2.54mm_Vertical", None, None),
    "USB4105-GF-A": Order(
        "Connector_USB:USB_C_Receptacle_GCT_USB4105-xx-A_16P_TopMnt_Horizontal", None, None
    ),
    "MF-MSMF014-2": Order(_FUSE, 60, "0.14A 60V"),
    "MF-MSMF050-2": Order(_FUSE, 15, "0.5A 15V"),
    "SMAJ40CA": Order("Diode_SMD:D_SMA", None, "SMAJ40CA"),
    "SMAJ36CA": Order("Diode_SMD:D_SMA", None, "SMAJ36CA"),
    "MB6S": Order("Package_TO_SOT_SMD:TO-269AA", 600, "MB6S"),
    "1984620": Order(
        "TerminalBlock_Phoenix:TerminalBlock_Phoenix_PT-1,5-3-3.5-H_1x03_P3.50mm_Horizontal",
        160, None,
    ),
    "SSQ-104-01-G-S": Order(_SOCKET + "1x04_P2.54mm_Vertical", None, None),
    "SSQ-106-03-G-S": Order(_SOCKET + "1x06_P2.54mm_Vertical", None, None),
    "SSQ-108-03-G-S": Order(_SOCKET + "1x08_P2.54mm_Vertical", None, None),
    "SSQ-110-03-G-S": Order(_SOCKET + "1x10_P2.54mm_Vertical", None, None),
    "LTV-817M": Order("kwhisper:DIP-4_W10.16mm_slot", 35, "LTV-817M"),
    "MCP6567-E/SN": Order(SOIC8, None, "MCP6567"),
    "SP3485EN-L/TR": Order(SOIC8, None, "SP3485EN"),
    "MCP2221A-I/SL": Order("Package_SO:SOIC-14_3.9x8.7mm_P1.27mm", None, "MCP2221A"),
    "BAT54C,215": Order(SOT23, 30, "BAT54C"),
    "SM712-02HTG": Order(SOT23, None, "SM712"),
    "TSS721ADR": Order("Package_SO:SOIC-16_3.9x9.9mm_P1.27mm", None, "TSS721A"),
    "CP2102N-A02-GQFN28R": Order(
        "Package_DFN_QFN:QFN-28-1EP_5x5mm_P0.5mm_EP3.35x3.35mm", None, "CP2102N"
    ),
    "LM2733YMF": Order("Package_TO_SOT_SMD:SOT-23-5", None, "LM2733Y"),
    "LM393DR": Order(SOIC8, None, "LM393"),
    "TLC555CDR": Order(SOIC8, None, "TLC555"),
    "TPS73633DBVR": Order("Package_TO_SOT_SMD:SOT-23-5", None, "TPS73633"),
    "USBLC6-2SC6": Order("Package_TO_SOT_SMD:SOT-23-6", None, "USBLC6-2SC6"),
    "ESP32-C3-WROOM-02-N4": Order(
        "kwhisper:ESP32-C3-WROOM-02_via0.3mm", None, "ESP32-C3-WROOM-02"
    ),
    # p1
    "MCP6001T-I/OT": Order("Package_TO_SOT_SMD:SOT-23-5", None, "MCP6001"),
    "LM4040AIM3-2.5/NOPB": Order(SOT23, None, "LM4040-2.5"),
    "SCCR12E105SRB": Order("Capacitor_THT:CP_Radial_D8.0mm_P3.50mm", 3.0, "1F 3V"),
    "6TPE470MI": Order(
        "Capacitor_Tantalum_SMD:CP_EIA-7343-31_Kemet-D_HandSolder", 6.3, "470u 6.3V"
    ),
    "RT0603BRD071K58L": Order(R, 75, "1k58 0.1%"),
    # mep
    "1984646": Order(
        "TerminalBlock_Phoenix:TerminalBlock_Phoenix_PT-1,5-5-3.5-H_1x05_P3.50mm_Horizontal",
        160, None,
    ),
    "61300621121": Order(_PIN + "2x03_P2.54mm_Vertical", None, None),
    "SMAJ9.0CA": Order("Diode_SMD:D_SMA", None, "SMAJ9.0CA"),
    "BAT46W-7-F": Order("Diode_SMD:D_SOD-123", 100, "BAT46W"),
    "BZX84-B12,215": Order(SOT23, None, "BZX84-B12"),
    "LM5165DRCR": Order("kwhisper:LM5165_VSON-10_VSSOP-10", None, "LM5165"),
    "TPS3808G01DBVR": Order("Package_TO_SOT_SMD:SOT-23-6", None, "TPS3808G01"),
    "MAX3232ECDR": Order("Package_SO:SOIC-16_3.9x9.9mm_P1.27mm", None, "MAX3232E"),
    "EEU-FR1J101": Order("Capacitor_THT:CP_Radial_D10.0mm_P5.00mm", 63, "100u 63V"),
    "DS18B20+": Order("Package_TO_SOT_THT:TO-92_Inline", None, "DS18B20"),
    "EEU-FR1H470": Order("Capacitor_THT:CP_Radial_D6.3mm_P2.50mm", 50, "47u 50V"),
    "SCCR20E335PRB": Order("Capacitor_THT:CP_Radial_D8.0mm_P3.50mm", 3.0, "3.3F 2.7V"),
    "SRN6045TA-101M": Order("Inductor_SMD:L_Bourns_SRN6045TA", None, "100u"),
    "CRM2512-JW-100ELF": Order(
        "Resistor_SMD:R_2512_6332Metric_Pad1.40x3.35mm_HandSolder", None, "10R 2W"
    ),
    "CRCW12061K00FKEAHP": Order(R12, 200, "1k"),
    "BC846B,215": Order(SOT23, 65, "BC846B"),
    "BC856B,215": Order(SOT23, 65, "BC856B"),
    "BCP56-16,115": Order("Package_TO_SOT_SMD:SOT-223", 80, "BCP56-16"),
    "MBR0540T1G": Order("Diode_SMD:D_SOD-123", 40, "MBR0540"),
    "1N4148W-7-F": Order("Diode_SMD:D_SOD-123", 100, "1N4148W"),
    "150080GS75000": Order(_LED, None, "green"),
    "150080RS75000": Order(_LED, None, "red"),
    "TL3342F160QG": Order("Button_Switch_SMD:SW_SPST_TL3342", None, None),
    "SRN6045TA-220M": Order("Inductor_SMD:L_Bourns_SRN6045TA", None, "22u"),
    "CL31B106KAHNNNE": Order(C12, 25, "10u 25V"),
    "CL31A226KAHNNNE": Order(C12, 25, "22u"),
    "GRM32ER72A225KA35L": Order(C10, 100, "2u2 100V"),
    "C1206C224K1RACTU": Order(C12, 100, "220n 100V"),
    "CC0603KRX7R9BB104": Order(C, 50, "100n"),
    "CC0603KRX7R9BB103": Order(C, 50, "10n"),
    "CC0603KRX7R9BB102": Order(C, 50, "1n"),
    "CC0603KRX7R9BB682": Order(C, 50, "6n8"),
    "CC0603JRNPO9BN101": Order(C, 50, "100p"),
    "CL10B105KA8NNNC": Order(C, 25, "1u"),
    "RT0603BRD07200KL": Order(R, 75, "200k 0.1%"),
    "RT0603BRD0710K2L": Order(R, 75, "10k2 0.1%"),
}  # fmt: skip
_SIZES = {"0603": (R, 75), "0805": (R08, 150), "1206": (R12, 200)}


def order(mpn):
    """What an order number stands for; chip resistors by the makers' codes; None when unknown."""
    if mpn in ORDERS:
        return ORDERS[mpn]
    yageo = re.fullmatch(r"RC(0603|0805|1206)FR-07([\dKMR]+)L", mpn)
    if yageo:
        size, code = yageo.groups()
        value = code[:-1] if code.endswith("R") else code.replace("K", "k")
        return Order(*_SIZES[size], value)
    panasonic = re.fullmatch(r"ERJ-3EKF(\d{3})(\d)V", mpn)
    if panasonic:
        number, power = map(int, panasonic.groups())
        return Order(*_SIZES["0603"], f"{number * 10**power // 1000}k")
    return None
