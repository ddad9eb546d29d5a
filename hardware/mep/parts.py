"""Every part of the board, one row each: what it is, why it has its value, who makes it and who
else does.

The schematic, the layout, the simulations, the BOM and the tests all read their values from here.
"""

from rows import C0603, C1206, C1210, Parts

PARTS = Parts()
_R1206 = "Resistor_SMD:R_1206_3216Metric_Pad1.30x1.75mm_HandSolder"
_SOT23, _SOD123 = "Package_TO_SOT_SMD:SOT-23", "Diode_SMD:D_SOD-123"


def _npn(refs, why):
    PARTS.row(refs, "Transistor_BJT:BC846", "BC846B", _SOT23, "BC846B,215", "Nexperia",
              "onsemi BC846BLT1G", why)  # fmt: skip


def _sense(refs, why):
    PARTS.row(refs, "Transistor_BJT:BC857", "BC857C", _SOT23, "BC857C,215", "Nexperia",
              "onsemi BC857CLT1G", why)  # fmt: skip


def _pass(refs, why):
    PARTS.row(refs, "Transistor_BJT:BCP53", "BCP53-16", "Package_TO_SOT_SMD:SOT-223",
              "BCP53-16,115", "Nexperia", "onsemi BCP53-16T1G", why)  # fmt: skip


def _tvs(refs, value, why):
    PARTS.row(refs, "Device:D_TVS", value, "Diode_SMD:D_SMA", value, "Littelfuse",
              f"Bourns {value}", why)  # fmt: skip


def _bat46(refs, why):
    PARTS.row(refs, "Device:D_Schottky", "BAT46W", _SOD123, "BAT46W-7-F", "Diodes Incorporated",
              "STMicroelectronics BAT46ZFILM", why)  # fmt: skip


def _22u(refs, why):
    PARTS.capacitor(refs, "22u", C1206, "CL31A226KAHNNNE", "Samsung",
                    "Murata GRM31CR61E226KE15L", why)  # fmt: skip


# -- port and limiter -----------------------------------------------------------------------------
PARTS.row(
    "J1", "Connector:Screw_Terminal_01x05", "MEP",
    "TerminalBlock_Phoenix:TerminalBlock_Phoenix_PT-1,5-5-3.5-H_1x05_P3.50mm_Horizontal",
    "1984646", "Phoenix Contact", "Wuerth Elektronik 691214110005",
    "in the meter's order: 16 power, 16A TXD, 17 RXD, 18 COM ENABLE, 19 ground",
)  # fmt: skip
PARTS.row(
    "F1", "Device:Polyfuse", "0.14A 60V", "Fuse:Fuse_1812_4532Metric_Pad1.30x3.40mm_HandSolder",
    "MF-MSMF014-2", "Bourns", "Littelfuse 1812L014DR",
    "opens if what lies behind it fails short; holds 140 mA",
)  # fmt: skip
_tvs("D1", "SMAJ36CA", "breaks down above 40 V, either way; 58 V at the most in a surge")
_bat46("D2", "wires exchanged: nothing flows; 100 V against a surge of 58 V below a full bulk")
PARTS.resistor("R1", "22", "limit 0.62 V / 22 = 28 mA; below 38.4 mA (1 W at 26 V) in each corner")
PARTS.resistor("R2", "47k", "Q2's base: 0.5 mA, enough at its least gain")
_sense("Q1", "senses the drop over R1 and steals Q2's base current")
_pass("Q2", "pass transistor: 80 V; full on but while the bulk charges or too much is drawn")
PARTS.row(
    "C1", "Device:C_Polarized", "47u 50V", "Capacitor_THT:CP_Radial_D6.3mm_P2.50mm",
    "EEU-FR1H470", "Panasonic", "Nichicon UPW1H470MED",
    "bulk: what the lock-out's turns live from",
)  # fmt: skip

# -- buck converter -------------------------------------------------------------------------------
PARTS.row(
    "U1", "kwhisper:LM5165", "LM5165", "kwhisper:LM5165_VSON-10_VSSOP-10", "LM5165DRCR",
    "Texas Instruments", "none: sole source",
    "65 V, 11 uA quiescent; its peak current, set by R42, bounds what the port gives",
)  # fmt: skip
PARTS.capacitor("C2", "2u2 100V", C1210, "GRM32ER72A225KA35L", "Murata",
                "TDK C3225X7R2A225K230AB", "input pulses of 180 mA")  # fmt: skip
PARTS.row(
    "L1", "Device:L", "100u", "Inductor_SMD:L_Bourns_SRN6045TA", "SRN6045TA-101M", "Bourns",
    "Sunlord SWPA6045S101MT", "180 mA peak at 24 V: on 0.9 us, 170 kHz",
)  # fmt: skip
PARTS.resistor("R3", "1M", "undervoltage lock-out, upper")
PARTS.resistor("R4", "68k", "on at 1.212 V * (1 + 1 M / 68 k) = 19.0 V: below what 24 V leave")
PARTS.resistor(
    "R5",
    "1k5",
    "off at 1.144 V * (1 + 1 M / 69.5 k) = 17.6 V: the bulk stays high, where 1 mA carries most",
)
PARTS.resistor("R6", "182k", "output 1.223 V * (1 + 182 k / 100 k) = 3.45 V: more in the store, "
               "below the module's 3.6 V")  # fmt: skip
PARTS.resistor("R7", "100k", "feedback, lower")
PARTS.resistor("R42", "24k9", "ILIM: peak 180 mA, so half of it, 90 mA, charges the store; TI "
               "recommends 100 mA at most in PFM")  # fmt: skip
_22u("C3", "takes the buck's ripple")

# -- store and supervisor -------------------------------------------------------------------------
PARTS.row(
    "C4 C5", "Device:C_Polarized", "3.3F 2.7V", "Capacitor_THT:CP_Radial_D8.0mm_P3.50mm",
    "SCCR20E335PRB", "Kyocera AVX", "Vinatech VEC2R7335QG",
    "two in series 1.65 F: WiFi's peaks of 350 mA, of which the buck gives 90",
)  # fmt: skip
PARTS.resistor("R8 R9", "100k", "keep both cells at half; 17 uA, more than their leakage")
PARTS.row(
    "U2", "Power_Supervisor:TPS3808DBV", "TPS3808G01", "Package_TO_SOT_SMD:SOT-23-6",
    "TPS3808G01DBVR", "Texas Instruments", "Diodes Incorporated PT7M3808G01TAEX",
    "holds EN until the store carries a WiFi start, lets go above the module's brown-out",
)  # fmt: skip
PARTS.resistor("R10", "215k", "supervisor, upper: on at 3.22 V at the most, below USB's 3.267 V")
PARTS.resistor("R11", "34k", "supervisor, lower: with R10 and R12 on at 3.06 V, off at 2.70 V")
PARTS.resistor("R12", "1M8", "supervisor, hysteresis of 0.36 V")
PARTS.resistor("R13", "47k", "EN pull-up; small against R12")
PARTS.bypass("C6", "bypass of U2")
PARTS.capacitor("C7", "10n", C0603, "CC0603KRX7R9BB103", "Yageo", "Samsung CL10B103KB8NNNC",
                "EN against noise")  # fmt: skip

# -- USB ------------------------------------------------------------------------------------------
PARTS.usb("J2", "U3", "R14 R15")
PARTS.resistor("R16 R17", "470", "pull VBUS down: what leaks back through D3 in the heat makes "
               "0.2 V; half of VBUS on U4's enable")  # fmt: skip
PARTS.schottky("D3", "no way back to the USB host; U3's upper diodes end behind it")
PARTS.row(
    "R18", "Device:R", "10R 2W", "Resistor_SMD:R_2512_6332Metric_Pad1.40x3.35mm_HandSolder",
    "CRM2512-JW-100ELF", "Bourns", "Vishay CRCW251210R0JNEGHP",
    "limits the charge from USB to 440 mA and takes its heat: 1.9 W at first, full after 20 s",
)  # fmt: skip
PARTS.regulator("U4")
PARTS.bulk("C8 C9", "U4's own")
PARTS.bypass("C10", "takes the discharges that U3 leads off")

# -- COM ENABLE -----------------------------------------------------------------------------------
_npn("Q3", "GPIO6 switches COM ENABLE through it")
PARTS.resistor("R19", "10k", "Q3's base: 0.26 mA")
PARTS.resistor("R20", "47k", "off while the module starts or sleeps")
PARTS.resistor("R21", "68k", "Q5's base: 0.33 mA, enough for 20 mA at its least gain")
_sense("Q4", "senses the drop over R22")
PARTS.resistor("R22", "43", "limit 0.62 V / 43 = 14 mA: 10 mA and the zener's in every corner")
_pass("Q5", "switch and limiter of COM ENABLE; takes 0.4 W when the terminal is shorted")
PARTS.resistor("R23", "100k", "Q5 off against its own leakage")
_npn("Q6", "follower: the zener's 12 V less 0.6 V")
PARTS.resistor("R24", "22k", "zener's current: 0.5 mA")
PARTS.row(
    "D4", "Diode:BZX84Cxx", "BZX84-B12", _SOT23, "BZX84-B12,215", "Nexperia",
    "onsemi BZX84B12LT1G", "12 V within 2 %: 9.6 to 11.6 V at the terminal",
)  # fmt: skip
PARTS.resistor(
    "R25", "15k", "Q6's base: bounds what flows when the terminal lies 40 V below ground"
)
_bat46("D5", "26 V by an exchanged wire find no way in")
PARTS.bypass("C11", "takes a discharge at the terminal; 50 V")
PARTS.resistor("R26", "22k", "lets the terminal fall in 5 ms, and keeps Q6 conducting")

# -- RS-232 ---------------------------------------------------------------------------------------
PARTS.row(
    "U5", "Interface_UART:MAX3232", "MAX3232E", "Package_SO:SOIC-16_3.9x9.9mm_P1.27mm",
    "MAX3232ECDR", "Texas Instruments", "STMicroelectronics ST3232ECDR",
    "RS-232 from 3.3 V: +-5.4 V; 15 kV at its lines",
)  # fmt: skip
PARTS.bypass("C12 C13 C14 C15", "U5's pumps: 100 nF at 3.0 to 3.6 V, by its data sheet")
PARTS.bypass("C16", "bypass of U5")
PARTS.row(
    "R27 R28", "Device:R", "1k", _R1206, "CRCW12061K00FKEAHP", "Vishay",
    "Panasonic ERJ-P08F1001V",
    "power's 28 V on this line: 18 mA, 0.32 W of their 0.75; a receiver of 5 k still gets 4.2 V",
)  # fmt: skip
_tvs("D6 D7", "SMAJ9.0CA", "breaks down at 10 V: U5's driver stands 13.2 V")
PARTS.row(
    "J3", "Connector_Generic:Conn_02x03_Odd_Even", "TX/RX swap",
    "Connector_PinHeader_2.54mm:PinHeader_2x03_P2.54mm_Vertical", "61300621121",
    "Wuerth Elektronik", "Samtec TSW-103-07-G-D",
    "two shunts of 2.54 mm: 1-3 and 2-4 as labelled, 3-5 and 4-6 exchanged, 1-2 a loop",
)  # fmt: skip
PARTS.resistor("R29", "1k", "a pin set as output by mistake harms nothing")
PARTS.resistor("R30", "100k", "line at rest while the module starts")

# -- power fail and measurement -------------------------------------------------------------------
_npn("Q7", "power fail: high while the port gives 14 V or more")
PARTS.resistor("R31", "470k", "power fail, upper")
PARTS.resistor("R32", "150k", "power fail, lower: 17 uA at the most find the rail through Q7")
PARTS.resistor("R33", "100k", "power fail falls by itself; the GPIO's own pull-down helps")
PARTS.resistor("R34", "1M", "the port's voltage to the ADC: 28 V gives 1.63 V")
PARTS.resistor("R35", "62k", "the port's voltage, lower")
PARTS.resistor("R36 R37", "100k", "store voltage to the ADC: half; 17 uA")
PARTS.bypass("C17 C18", "smooth the ADC's inputs")

# -- ESP32 ----------------------------------------------------------------------------------------
PARTS.module("U6")
_22u("C19", "the module's edges (Espressif asks 10 uF or more)")
PARTS.bypass("C20", "bypass at the module's pin")
PARTS.resistor("R38 R39 R40", "10k", "straps GPIO2, GPIO8, GPIO9 high: start from flash")
PARTS.button("SW1", "BOOT", "GPIO9, the set-up button")
PARTS.button("SW2", "RESET", "U2's manual reset")
PARTS.resistor("R41", "2k2", "LED at 0.4 mA (its green takes 2.6 V)")
PARTS.led("D8", "green", "status")

# -- no part to buy -------------------------------------------------------------------------------
TEST_POINTS = {"TP1": "VBULK", "TP2": "+3V3", "TP3": "GND", "TP4": "VCOM", "TP5": "MEP_RX",
               "TP6": "MEP_TX", "TP7": "EN"}  # fmt: skip
PARTS.test_points(TEST_POINTS)
PARTS.holes(4)
