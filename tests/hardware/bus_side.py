"""The golden block of what the readers of a HAN port have in common, from jack to receiver: wiring
pin by pin, volts of its nets, formulas. Written from data sheets, not from workshop/bus.py; the
golden tables of han-usb, han-isolated and han-selfpowered add what is their own.
"""

VOLTS = {
    **dict.fromkeys(("HAN_P", "HAN_N", "BUS_P", "CII_A", "CII_B", "BUSL1", "BUSL2"), (-1, 42)),
    "STC": (0, 9), "SC": (0, 41), "RIDD": (0, 1.4),
}  # fmt: skip
WINDOWS = {
    "R1": (210, 230), "R2": (210, 230),  # TSS721A's application circuit
    "R4": (100, 180), "C1": (16e-6, 47e-6), "C2": (180e-9, 330e-9), "C3": (1e-6, 2.2e-6),
}  # fmt: skip
# TVS: breakdown at 1 mA and 25 degrees, least and most; 0.1 % a degree; surge current in amperes
# and what they then clamp at
TVS = {"SMAJ36CA": (40.0, 44.2, 58.1, 6.9), "SMAJ40CA": (44.4, 49.1, 64.5, 6.2)}


def port(cii_a, cii_b):
    """Pins 1 and 2 of the jack, the fuse, the outer TVS; pins 4 and 5 by two jumpers."""
    return f"""
        BUS_P: D1.2 F1.2
        CII_A: J1.4 {cii_a}.1
        CII_B: J1.5 {cii_b}.1
        HAN_N: D1.1 J1.2 {cii_b}.2
        HAN_P: F1.1 J1.1 {cii_a}.2
    """


def receiver(ground, ris):
    """TSS721A (SLAS222B): BUSL1 16, BUSL2 1, STC 3, RIDD 4, SC 6, VDD 11, RIS 14, GND 15."""
    return f"""
        BUS_P: R1.1
        BUSL1: D3.2 R1.2 U1.16
        BUSL2: D3.1 R2.2 U1.1
        HAN_N: R2.1
        RIDD: R3.1 U1.4
        {ris}: R4.1 U1.14
        SC: C2.1 U1.6
        STC: C1.1 U1.3
        TSS_VDD: C3.1 U1.11
        {ground}: C1.2 C2.2 C3.2 R3.2 R4.2 U1.15
    """


def electric(value, of, must, loads):
    """`value(ref)` a part's text, `of(ref)` its number, `must(true, words)` notes a finding;
    `loads`: M-Bus unit loads of 1.5 mA."""
    load = 25 * 1.33 / of("R3")
    must(loads * 1.0e-3 < load < loads * 1.5e-3, f"receiver draws {1e3 * load:.2f} mA")
    must(of("C1") * 0.64 / of("C3") >= 4, "C1 to C3 below 4")
    for ref in ("D1", "D3"):
        must(value(ref) in TVS, f"{ref}: {value(ref)} is in no table")
    if value("D3") in TVS and value("D1") in TVS:
        least, most, clamp, peak = TVS[value("D3")]
        surge = (TVS[value("D1")][2] - least) / (of("R1") + of("R2"))
        hot = most * 1.035 + surge * (clamp - most) / peak
        must(hot < 50, f"D3 lets {hot:.1f} V to U1, which stands 50")
        must(least * 0.95 >= 38, f"D3 breaks down at {least * 0.95:.1f} V in the cold")
        must(TVS[value("D1")][0] * 0.95 >= 42, "D1 conducts on a bus of 42 V")
