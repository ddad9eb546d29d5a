"""Our own symbols and lands beside KiCad's and those of second sources."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
from bench import ALL, stock, xy  # noqa: E402
from board_rules import HARDWARE, every, one, sexpr  # noqa: E402

OWN = HARDWARE / "lib"


def test_the_receivers_second_source_has_the_same_pins():
    """NCN5150's pin-out (onsemi NCN5150/D, figure 1) against our symbol of the TSS721A."""
    ncn5150 = (
        "BUSL2 VB STC RIDD PF SC TXI TX BAT VS VDD RX RXI RIS GND BUSL1"  # it says PFb and VIO
    ).split()
    assert [_pins(OWN / "kwhisper.kicad_sym", "TSS721A")[str(n)] for n in range(1, 17)] == ncn5150


def _pins(library, name):
    symbol = next(s for s in every(sexpr.load(library), "symbol") if s[1] == name)
    return {
        one(pin, "number")[1]: one(pin, "name")[1]
        for unit in every(symbol, "symbol")
        for pin in every(unit, "pin")
    }


def test_the_bucks_symbol_numbers_its_pins_as_kicads_does():
    theirs = _pins(stock("symbols", "Regulator_Switching.kicad_sym"), "LM5165")
    assert _pins(OWN / "kwhisper.kicad_sym", "LM5165") == theirs


@pytest.mark.parametrize(("library", "name", "base", "want"), [
    ("Diode_Bridge", "MB6S", "MB2S", {"1": "~", "2": "~", "3": "+", "4": "-"}),
    ("RF_Module", "ESP32-C3-WROOM-02", None, None),
    ("Amplifier_Operational", "MCP6001-OT", "MCP6L91T-EOT",
     {"1": "~", "2": "V-", "3": "+", "4": "-", "5": "V+"}),
    ("Reference_Voltage", "LM4040DBZ-2.5", "LM4040DBZ-2.0", {"1": "K", "2": "A", "3": "NC"}),
])  # fmt: skip
def test_the_sheets_number_pins_as_kicads_library_of_today(library, name, base, want):
    """On every sheet that has the part. `base`: the symbol that it extends; `want`: as far as
    public copies of data sheets show it (MB6S: both alternating pins on one side)."""
    theirs = _pins(stock("symbols", f"{library}.kicad_sym"), base or name)
    assert want is None or theirs == want
    sheets = 0
    for design in ALL.values():
        sheet = sexpr.load(design.folder / f"{design.name}.kicad_sch")
        for symbol in every(one(sheet, "lib_symbols"), "symbol"):
            if symbol[1] == f"{library}:{name}":
                sheets += 1
                mine = {
                    one(pin, "number")[1]: one(pin, "name")[1]
                    for unit in every(symbol, "symbol")
                    for pin in every(unit, "pin")
                }
                assert mine == theirs, design.name
    assert sheets


@pytest.mark.parametrize(
    ("ours", "theirs", "pads"),
    [
        # only the heat vias are wider; only the print is shorter
        ("ESP32-C3-WROOM-02_via0.3mm", "RF_Module.pretty/ESP32-C3-WROOM-02", 19),
        ("SOT-223_short_print", "Package_TO_SOT_SMD.pretty/SOT-223", 4),
    ],
)
def test_a_land_of_our_own_has_kicads_pads(ours, theirs, pads):
    """Of the same place and size."""
    lands = [
        sorted(
            (
                str(p[1]),
                p[2],
                *(round(float(v), 3) for v in one(p, "at")[1:3] + one(p, "size")[1:]),
            )
            for p in every(sexpr.load(file), "pad")
        )
        for file in (OWN / f"kwhisper.pretty/{ours}.kicad_mod", _kicads(theirs))
    ]
    assert lands[0] == lands[1] and len(lands[0]) >= pads


def _kicads(name):
    return stock("footprints", f"{name}.kicad_mod")


@pytest.mark.parametrize(
    "package",
    ["Package_SON.pretty/Texas_S-PVSON-N10", "Package_SO.pretty/VSSOP-10_3x3mm_P0.5mm"],
)
def test_the_bucks_land_takes_both_of_its_packages(package):
    mine = _lands(OWN / "kwhisper.pretty" / "LM5165_VSON-10_VSSOP-10.kicad_mod")
    other = _lands(_kicads(package))
    assert {str(n) for n in range(1, 11)} <= set(other)
    for pad in range(1, 11):
        assert _inside_one(other[str(pad)], mine[str(pad)], 0.011), pad
    right = min(box[0] for pad in range(6, 11) for box in mine[str(pad)])
    assert right - max(box[1] for box in mine["11"]) >= 0.2  # the pad below keeps clear of them


@pytest.mark.parametrize(
    ("ours", "theirs", "slack"),
    [
        ("Connector_USB.pretty/USB_C_Receptacle_GCT_USB4105-xx-A_16P_TopMnt_Horizontal",
         "Connector_USB.pretty/USB_C_Receptacle_XKB_U262-16XN-4BVC11", 0.02),
        ("Button_Switch_SMD.pretty/SW_SPST_TL3342", "Button_Switch_SMD.pretty/"
         "SW_Push_1P1T_XKB_TS-1187A", 0.0),
        ("Inductor_SMD.pretty/L_Bourns_SRN6045TA", "Inductor_SMD.pretty/L_Sunlord_SWPA6045S",
         0.31),
    ],
)  # fmt: skip
def test_the_land_of_a_second_source_lies_in_ours(ours, theirs, slack):
    """Each pad of the other maker's footprint, as KiCad has it, on a pad of the same number."""
    mine, other = _lands(_kicads(ours)), _lands(_kicads(theirs))
    for pad, boxes in other.items():
        assert _inside_one(boxes, mine[pad], slack), pad


def _inside_one(boxes, ours, slack):
    """Whether each box lies in one of ours."""
    return all(
        any(
            a - slack <= left and right <= b + slack and c - slack <= top and bottom <= d + slack
            for a, b, c, d in ours
        )
        for left, right, top, bottom in boxes
    )


def _lands(path):
    """{pad: [(left, right, top, bottom)]} of a footprint; holes by their drill."""
    lands = {}
    for pad in every(sexpr.load(path), "pad"):
        x, y = xy(one(pad, "at"))
        w, h = xy(one(pad, "size"))
        lands.setdefault(pad[1], []).append((x - w / 2, x + w / 2, y - h / 2, y + h / 2))
    return lands
