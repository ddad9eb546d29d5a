"""Every part of the board, one row each: what it is, why it has its value, who makes it and who
else does.

The schematic, the layout, the simulations, the BOM and the tests all read their values from here.
"""

import bus
from rows import C0603, C1206, CLOSED, OPEN, R0603, Parts, panasonic

_HEADER = "Connector_PinHeader_2.54mm:PinHeader_1x{:02d}_P2.54mm_Vertical"

PARTS = Parts()

# Values whose Panasonic number is in no parts list at hand, while another maker's is.
_OTHER = {
    "62k": ("Vishay", "CRCW060362K0FKEAC"),
    "1M8": ("Vishay", "CRCW06031M80FKEA"),
}
_PANASONIC_FIRST = ("182k",)


def _resistor(refs, value, why):
    """A 1 % chip resistor 0603."""
    yageo = value if any(letter in value for letter in "kM") else value + "R"
    first = "Yageo", f"RC0603FR-07{yageo.upper()}L"
    second = _OTHER.get(value) or ("Panasonic", f"ERJ-3EKF{panasonic(value)}V")
    if value in _PANASONIC_FIRST:
        first, second = second, first
    PARTS.row(refs, "Device:R", value, R0603, first[1], first[0], " ".join(second), why)


# -- HAN port -------------------------------------------------------------------------------------
bus.parts(PARTS, {"J1": "HAN port"}, "30k",
          "RIDD for one unit load: I_STC = 25 * 1.28 V / 30 k = 1.07 mA")  # fmt: skip
PARTS.row(
    "J2",
    "Connector_Generic:Conn_01x02",
    "HAN chain",
    "TerminalBlock_Phoenix:TerminalBlock_Phoenix_PT-1,5-2-3.5-H_1x02_P3.50mm_Horizontal",
    "1984617",
    "Phoenix Contact",
    "Wuerth Elektronik 691214110002",
    "the bus goes on to the next reader, behind F1; a screw terminal: nothing that carries 3.3 V "
    "has its shape",
)
PARTS.row(
    "D2",
    "Diode_Bridge:MB6S",
    "MB6S",
    "Package_TO_SOT_SMD:TO-269AA",
    "MB6S",
    "onsemi",
    "Vishay MB6S-E3/80",
    "either polarity of the pair; 600 V, 0.5 A",
)

# -- M-Bus receiver -------------------------------------------------------------------------------
_resistor(
    "R34 R35",
    "1k",
    "between U1's outputs and the GPIO: a pin set as output by mistake harms nothing",
)

# -- current limiter ------------------------------------------------------------------------------
_resistor(
    "R5",
    "200",
    "limit without jumper: 0.58 V / 200 = 2.9 mA; with U1 below Kamstrup's 6 mA in every corner",
)
_resistor("R6", "56", "JP2 sets 200 || 56: 13.3 mA; with U1 below Kaifa's 21 mA in every corner")
_resistor(
    "R7", "120", "JP2 and JP3 set 200 || 56 || 120: 18.1 mA; below Aidon's 30 mA in every corner"
)
_resistor("R8", "68k", "base current of Q2: 0.3 mA at 24 V; more would be lost on Kamstrup's 6 mA")
PARTS.row(
    "Q1",
    "Transistor_BJT:BC857",
    "BC857C",
    "Package_TO_SOT_SMD:SOT-23",
    "BC857C,215",
    "Nexperia",
    "onsemi BC857CLT1G",
    "senses the drop over R5..R7 and steals Q2's base current",
)
PARTS.row(
    "Q2",
    "Transistor_BJT:BCP53",
    "BCP53-16",
    "Package_TO_SOT_SMD:SOT-223",
    "BCP53-16,115",
    "Nexperia",
    "onsemi BCP53-16T1G",
    "pass transistor: 80 V; 0.48 W at a bus of 42 V, on a pour of 1.2 cm2 (sim/thermal.py)",
)
PARTS.row(
    "D4",
    "Device:D_Schottky",
    "BAT46W",
    "Diode_SMD:D_SOD-123",
    "BAT46W-7-F",
    "Diodes Incorporated",
    "STMicroelectronics BAT46ZFILM",
    "the bulk must not flow back through Q2 while the bus is in space; 100 V",
)
PARTS.row(
    "C4",
    "Device:C_Polarized",
    "100u 63V",
    "Capacitor_THT:CP_Radial_D10.0mm_P5.00mm",
    "EEU-FR1J101",
    "Panasonic",
    "Nichicon UPW1J101MPD6",
    "bulk: carries the buck through the space bits, droops 0.8 V in the longest (9 bits at 2400 "
    "Bd)",
)

# -- buck converter -------------------------------------------------------------------------------
PARTS.row(
    "U2",
    "kwhisper:LM5165",
    "LM5165",
    "kwhisper:LM5165_VSON-10_VSSOP-10",
    "LM5165DRCR",
    "Texas Instruments",
    "none: sole source",
    "65 V, 11 uA quiescent, current limit in PFM is its normal way of working; the land takes the "
    "VSON-10 (DRC) on pads that an iron reaches, or the VSSOP-10 (DGS)",
)
PARTS.capacitor("C5", "2u2 100V", "Capacitor_SMD:C_1210_3225Metric_Pad1.33x2.70mm_HandSolder",
"GRM32ER72A225KA35L",
           "Murata", "TDK C3225X7R2A225K230AB", "input pulses of 180 mA at 150 kHz")  # fmt: skip
PARTS.row(
    "L1",
    "Device:L",
    "100u",
    "Inductor_SMD:L_Bourns_SRN6045TA",
    "SRN6045TA-101M",
    "Bourns",
    "Sunlord SWPA6045S101MT",
    "180 mA peak at 14 V: on 1.3 us, 150 kHz; on-time at 42 V still 0.47 us, over the chip's "
    "least 0.18 us",
)
_resistor("R9", "1M", "undervoltage lock-out, upper")
_resistor(
    "R10", "75k", "on at 1.212 V * (1 + 1 M / 75 k) = 17.4 V: below what a mark of 20.8 V leaves"
)
_resistor(
    "R11",
    "2k2",
    "off at 1.144 V * (1 + 1 M / 77.2 k) = 16.0 V: the bulk stays high, where 1 mA carries most",
)
_resistor("R12", "24k9", "ILIM: peak 180 mA, so half of it, 90 mA (78 to 103), charges the store")
_resistor(
    "R13",
    "182k",
    "output 1.223 V * (1 + 182 k / 100 k) = 3.45 V: more in the store, below the module's 3.6 V",
)
_resistor("R14", "100k", "feedback, lower")
PARTS.capacitor(
    "C6 C12",
    "22u",
    C1206,
    "CL31A226KAHNNNE",
    "Samsung",
    "Murata GRM31CR61E226KE15L",
    "C6 takes the buck's ripple, C12 the module's edges (Espressif asks 10 uF or more)",
)

# -- store and supervisor -------------------------------------------------------------------------
PARTS.row(
    "C7 C8",
    "Device:C_Polarized",
    "3.3F 2.7V",
    "Capacitor_THT:CP_Radial_D8.0mm_P3.50mm",
    "SCCR20E335PRB",
    "Kyocera AVX",
    "Vinatech VEC2R7335QG",
    "two in series 1.65 F, 5.4 V or more; at 1.73 V each they age slowly; the least that does: "
    "sim/",
)
_resistor("R15 R16", "100k", "keep both cells at half; 17 uA, more than their leakage")
PARTS.row(
    "U3",
    "Power_Supervisor:TPS3808DBV",
    "TPS3808G01",
    "Package_TO_SOT_SMD:SOT-23-6",
    "TPS3808G01DBVR",
    "Texas Instruments",
    "Diodes Incorporated PT7M3808G01TAEX",
    "holds EN until the store carries a WiFi start, lets go above the module's brown-out",
)
_resistor("R17", "215k", "supervisor, upper: on at 3.22 V at the most, below USB's 3.267 V")
_resistor("R18", "34k", "supervisor, lower: with R17 and R19 on at 3.06 V, off at 2.70 V")
_resistor("R19", "1M8", "supervisor, hysteresis of 0.36 V: off at 2.59 to 2.80 V")
_resistor("R20", "47k", "EN pull-up; small against R19")
PARTS.capacitor(
    "C9 C13 C14 C15 C16 C18",
    "100n",
    C0603,
    "CC0603KRX7R9BB104",
    "Yageo",
    "Samsung CL10B104KB8NNNC",
    "bypass; C14 and C15 smooth the ADC's inputs, C18 takes the discharges that U5 leads off",
)
PARTS.capacitor(
    "C17",
    "10n",
    C0603,
    "CC0603KRX7R9BB103",
    "Yageo",
    "Samsung CL10B103KB8NNNC",
    "EN against noise",
)

# -- USB ------------------------------------------------------------------------------------------
PARTS.row(
    "J3",
    "Connector:USB_C_Receptacle_USB2.0_16P",
    "USB-C",
    "Connector_USB:USB_C_Receptacle_GCT_USB4105-xx-A_16P_TopMnt_Horizontal",
    "USB4105-GF-A",
    "GCT",
    "XKB U262-161N-4BVC11",
    "set-up and flashing",
)
PARTS.row(
    "U5",
    "Power_Protection:USBLC6-2SC6",
    "USBLC6-2SC6",
    "Package_TO_SOT_SMD:SOT-23-6",
    "USBLC6-2SC6",
    "STMicroelectronics",
    "UMW USBLC6-2SC6",
    "ESD of D+ and D-; its upper diodes end behind D5: on VBUS they would feed it from the "
    "module's pull-up of D+",
)
_resistor("R21 R22", "5k1", "CC: asks a host for 5 V")
_resistor(
    "R23 R36",
    "470",
    "pull VBUS down: what leaks back through D5 in the heat (180 uA) makes 0.2 V; half of VBUS on "
    "U4's EN, which stands 6 V: a plug makes 8.5 V for a microsecond",
)
PARTS.row(
    "D5",
    "Device:D_Schottky",
    "MBR0540",
    "Diode_SMD:D_SOD-123",
    "MBR0540T1G",
    "onsemi",
    "Diodes Incorporated B0540W-7-F",
    "no way back to the USB host: leaks 10 uA, a B5819W 50 uA and more",
)
PARTS.row(
    "R24",
    "Device:R",
    "10R 2W",
    "Resistor_SMD:R_2512_6332Metric_Pad1.40x3.35mm_HandSolder",
    "CRM2512-JW-100ELF",
    "Bourns",
    "Vishay CRCW251210R0JNEGHP",
    "limits the charge from USB to 440 mA and takes its heat: 1.9 W at first, full after 20 s",
)
PARTS.row(
    "U4",
    "Regulator_Linear:TPS73633DBV",
    "TPS73633",
    "Package_TO_SOT_SMD:SOT-23-5",
    "TPS73633DBVR",
    "Texas Instruments",
    "none: sole source",
    "stable with any output capacitor, blocks what would flow back, does not discharge the store "
    "as AP2112 and TLV757 would",
)
PARTS.capacitor(
    "C10 C11",
    "10u 25V",
    C1206,
    "CL31B106KAHNNNE",
    "Samsung",
    "Murata GRM31CR71E106KA12L",
    "U4's own",
)

# -- measurement ----------------------------------------------------------------------------------
_resistor("R25", "1M", "bus voltage to the ADC: 42 V gives 2.45 V, 23 uA at 24 V")
_resistor("R26", "62k", "bus voltage, lower")
_resistor("R27 R28", "100k", "store voltage to the ADC: half; 17 uA")

# -- ESP32 ----------------------------------------------------------------------------------------
PARTS.row(
    "U6",
    "RF_Module:ESP32-C3-WROOM-02",
    "ESP32-C3-WROOM-02",
    "kwhisper:ESP32-C3-WROOM-02_via0.3mm",
    "ESP32-C3-WROOM-02-N4",
    "Espressif",
    "none: sole source",
    "native USB, so no bridge chip; certified antenna; castellations a hand can solder",
)
_resistor("R29 R30 R31", "10k", "straps GPIO2, GPIO8, GPIO9 high: start from flash")
PARTS.row(
    "SW1 SW2",
    "Switch:SW_Push",
    "{}",
    "Button_Switch_SMD:SW_SPST_TL3342",
    "TL3342F160QG",
    "E-Switch",
    "XKB TS-1187A-B-A-B",
    "SW1 BOOT (GPIO9, the set-up button), SW2 RESET",
)
PARTS["SW1"] = PARTS["SW1"] | {"value": "BOOT"}
PARTS["SW2"] = PARTS["SW2"] | {"value": "RESET"}

# -- in and out -----------------------------------------------------------------------------------
_resistor("R32", "2k2", "LED at 0.4 mA (its green takes 2.6 V): seen in a cabinet, 1.4 mW")
PARTS.row(
    "D6",
    "Device:LED",
    "green",
    "LED_SMD:LED_0805_2012Metric_Pad1.15x1.40mm_HandSolder",
    "150080GS75000",
    "Wuerth Elektronik",
    "Kingbright APT2012LZGCK",
    "status; dark by firmware or for good by cutting JP4",
)
_resistor("R33", "4k7", "1-Wire pull-up")
PARTS.row(
    "U7",
    "Sensor_Temperature:DS18B20",
    "DS18B20",
    "Package_TO_SOT_THT:TO-92_Inline",
    "DS18B20+",
    "Analog Devices",
    "UMW DS18B20",
    "temperature on the board; leave it out when one hangs on J4",
)
PARTS.row(
    "J4",
    "Connector_Generic:Conn_01x03",
    "DS18B20",
    _HEADER.format(3),
    "61300311121",
    "Wuerth Elektronik",
    "Samtec TSW-103-07-G-S",
    "a DS18B20 on a wire",
)
PARTS.row(
    "J5",
    "Connector_Generic:Conn_01x06",
    "Expansion",
    _HEADER.format(6),
    "61300611121",
    "Wuerth Elektronik",
    "Samtec TSW-106-07-G-S",
    "console UART, 3.3 V, GND and two GPIOs: a small display or a wired output",
)

# -- no part to buy -------------------------------------------------------------------------------
PARTS.row("JP1", "Jumper:SolderJumper_2_Bridged", "HAN power", CLOSED, bom=False,
     why="cut it and the board is one unit load on a shared bus, powered by USB")  # fmt: skip
PARTS.row("JP2", "Jumper:SolderJumper_2_Open", "Kaifa", OPEN, bom=False, why="adds R6")
PARTS.row("JP3", "Jumper:SolderJumper_2_Open", "Aidon", OPEN, bom=False, why="adds R7")
bus.cii(PARTS, "JP5 JP6")
PARTS.row(
    "JP4",
    "Jumper:SolderJumper_2_Bridged",
    "LED",
    CLOSED,
    bom=False,
    why="cut it and the LED stays dark",
)
PARTS.row("TP1 TP2 TP3 TP4 TP5 TP6 TP7 TP8 TP9", "Connector:TestPoint", "{}",
     "TestPoint:TestPoint_Pad_D1.5mm", bom=False, why="see the bring-up table")  # fmt: skip
TEST_POINTS = {
    "TP1": "VBR",
    "TP2": "VBULK",
    "TP3": "+3V3",
    "TP4": "GND",
    "TP5": "STC",
    "TP6": "TSS_VDD",
    "TP7": "HAN_RX",
    "TP8": "PF",
    "TP9": "EN",
}
for _ref, _net in TEST_POINTS.items():
    PARTS[_ref] = PARTS[_ref] | {"value": _net}
PARTS.row("H1 H2 H3 H4", "Mechanical:MountingHole", "M2", "MountingHole:MountingHole_2.2mm_M2",
bom=False,
     why="bare holes: use plastic screws near the antenna")  # fmt: skip
