"""A board's table of parts: one row each, as parts.py of a board fills it.

A row says what the part is, why it has its value, who makes it and who else does. The schematic,
the layout, the simulations, the BOM and the tests all read their values from it.
"""

R0603 = "Resistor_SMD:R_0603_1608Metric_Pad0.98x0.95mm_HandSolder"
C0603 = "Capacitor_SMD:C_0603_1608Metric_Pad1.08x0.95mm_HandSolder"
C1206 = "Capacitor_SMD:C_1206_3216Metric_Pad1.33x1.80mm_HandSolder"
C1210 = "Capacitor_SMD:C_1210_3225Metric_Pad1.33x2.70mm_HandSolder"
OPEN = "Jumper:SolderJumper-2_P1.3mm_Open_RoundedPad1.0x1.5mm"
CLOSED = "Jumper:SolderJumper-2_P1.3mm_Bridged_RoundedPad1.0x1.5mm"
_FACTORS = {"p": 1e-12, "n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6}


def scaled(text):
    """'2k32', '100u 63V', '0.5F 5.5V', '6R8', '220' as a number."""
    word = text.split()[0]
    for letter in "pnumkMRF":
        if letter in word:
            whole, rest = word.split(letter)
            return float(f"{whole}.{rest or 0}" if "." not in whole else whole) * _FACTORS.get(
                letter, 1.0
            )
    return float(word)


def panasonic(value):
    """Panasonic's four-character code of a 1 % resistor: three digits and a power of ten."""
    number, power = scaled(value), 0
    while number >= 1000:
        number, power = number / 10, power + 1
    if number < 100:
        return f"{number:.2f}".replace(".", "R")[:4]
    return f"{number:.0f}{power}"


class Parts(dict):
    """{ref: row}, filled row by row."""

    def row(self, refs, symbol, value, land, mpn="", maker="", second="", why="", bom=True):
        """`value` may be a dict: {ref: value}."""
        fields = {"MPN": mpn, "Manufacturer": maker, "Second source": second} if bom else {}
        for ref in refs.split():
            self[ref] = {
                "symbol": symbol,
                "value": value[ref] if isinstance(value, dict) else value,
                "footprint": land,
                "fields": dict(fields),
                "bom": bom,
                "why": why,
            }

    def number(self, ref):
        """A part's value as a number."""
        return scaled(self[ref]["value"])

    def resistor(self, refs, value, why):
        """A 1 % chip resistor 0603."""
        yageo = value if any(letter in value for letter in "kMR") else value + "R"
        mpn = f"RC0603FR-07{yageo.upper()}L"
        if scaled(value) < 1e6 and scaled(value) >= 10:
            second = f"Panasonic ERJ-3EKF{panasonic(value)}V"
        else:
            second = f"Vishay CRCW0603{yageo.upper().ljust(4, '0')}FKEA"
        self.row(refs, "Device:R", value, R0603, mpn, "Yageo", second, why)

    def capacitor(self, refs, value, land, mpn, maker, second, why):
        self.row(refs, "Device:C", value, land, mpn, maker, second, why)

    def bypass(self, refs, why="bypass"):
        self.capacitor(refs, "100n", C0603, "CC0603KRX7R9BB104", "Yageo",
                       "Samsung CL10B104KB8NNNC", why)  # fmt: skip

    def bulk(self, refs, why):
        """10 uF of 25 V."""
        self.capacitor(refs, "10u 25V", C1206, "CL31B106KAHNNNE", "Samsung",
                       "Murata GRM31CR71E106KA12L", why)  # fmt: skip

    def holes(self, count):
        refs = " ".join(f"H{n}" for n in range(1, count + 1))
        self.row(refs, "Mechanical:MountingHole", "M2", "MountingHole:MountingHole_2.2mm_M2",
                 bom=False, why="bare hole")  # fmt: skip

    def test_points(self, nets):
        """{ref: net}."""
        self.row(" ".join(nets), "Connector:TestPoint", nets, "TestPoint:TestPoint_Pad_D1.5mm",
                 bom=False, why="see the bring-up table")  # fmt: skip

    def jumper(self, refs, value, closed, why):
        kind = "Bridged" if closed else "Open"
        self.row(refs, f"Jumper:SolderJumper_2_{kind}", value, CLOSED if closed else OPEN,
                 bom=False, why=why)  # fmt: skip

    def usb(self, jack, guard, pulls):
        """USB-C's jack, its protection and the two resistors of CC."""
        self.row(jack, "Connector:USB_C_Receptacle_USB2.0_16P", "USB-C",
                 "Connector_USB:USB_C_Receptacle_GCT_USB4105-xx-A_16P_TopMnt_Horizontal",
                 "USB4105-GF-A", "GCT", "XKB U262-161N-4BVC11", "5 V and data")  # fmt: skip
        self.row(guard, "Power_Protection:USBLC6-2SC6", "USBLC6-2SC6",
                 "Package_TO_SOT_SMD:SOT-23-6", "USBLC6-2SC6", "STMicroelectronics",
                 "UMW USBLC6-2SC6", "ESD of D+ and D-")  # fmt: skip
        self.resistor(pulls, "5k1", "CC: asks a host for 5 V")

    def module(self, ref):
        self.row(ref, "RF_Module:ESP32-C3-WROOM-02", "ESP32-C3-WROOM-02",
                 "kwhisper:ESP32-C3-WROOM-02_via0.3mm", "ESP32-C3-WROOM-02-N4", "Espressif",
                 "none: sole source", "native USB, so no bridge chip; certified antenna; "
                 "castellations a hand can solder")  # fmt: skip

    def button(self, ref, value, why):
        self.row(ref, "Switch:SW_Push", value, "Button_Switch_SMD:SW_SPST_TL3342",
                 "TL3342F160QG", "E-Switch", "XKB TS-1187A-B-A-B", why)  # fmt: skip

    def led(self, ref, colour, why):
        mpn, second = {
            "green": ("150080GS75000", "Kingbright APT2012LZGCK"),
            "red": ("150080RS75000", "Kingbright APT2012EC"),
        }[colour]
        self.row(ref, "Device:LED", colour,
                 "LED_SMD:LED_0805_2012Metric_Pad1.15x1.40mm_HandSolder", mpn,
                 "Wuerth Elektronik", second, why)  # fmt: skip

    def schottky(self, refs, why):
        """40 V, 0.5 A."""
        self.row(refs, "Device:D_Schottky", "MBR0540", "Diode_SMD:D_SOD-123", "MBR0540T1G",
                 "onsemi", "Diodes Incorporated B0540W-7-F", why)  # fmt: skip

    def regulator(self, ref):
        self.row(ref, "Regulator_Linear:TPS73633DBV", "TPS73633", "Package_TO_SOT_SMD:SOT-23-5",
                 "TPS73633DBVR", "Texas Instruments", "none: sole source",
                 "3.3 V, 400 mA; stable with any output capacitor")  # fmt: skip
