"""Symbols and lands beside their makers' data sheets (makers.py), our own also beside KiCad's and
those of second sources."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
import makers  # noqa: E402
from bench import ALL, footprints, run, stock, xy  # noqa: E402
from board_rules import HARDWARE, every, one, sexpr  # noqa: E402

OWN = HARDWARE / "lib"

# -- beside the makers' data sheets ---------------------------------------------------------------


def _on_sheets(name):
    """{board: {number: name}} of every board's sheet that has the symbol."""
    found = {}
    for design in ALL.values():
        sheet = sexpr.load(design.folder / f"{design.name}.kicad_sch")
        for symbol in every(one(sheet, "lib_symbols"), "symbol"):
            if symbol[1] == name:
                found[design.name] = _numbers(symbol)
    return found


def _numbers(symbol):
    return {
        one(pin, "number")[1]: one(pin, "name")[1]
        for unit in every(symbol, "symbol")
        for pin in every(unit, "pin")
    }


@pytest.mark.parametrize(("symbol", "maker", "boards"), [
    ("kwhisper:LM5165", makers.LM5165, "han-selfpowered mep"),
    ("Regulator_Linear:TPS73633DBV", makers.TPS736_DBV,
     "han-isolated han-selfpowered han-usb mep p1"),
    ("Interface_UART:MAX3232", makers.MAX3232E, "mep"),
    ("Reference_Voltage:LM4040DBZ-2.5", makers.LM4040_DBZ, "p1"),
])  # fmt: skip
def test_the_sheets_pins_are_those_of_the_makers(symbol, maker, boards):
    sheets = _on_sheets(symbol)
    assert set(sheets) == set(boards.split())
    for board, pins in sheets.items():
        mine = {int(number): _WORDS.get(name, name) for number, name in pins.items()}
        assert mine == maker, board


# KiCad's word for a pin of the MAX3232 -> TI's
_WORDS = {"VS+": "V+", "VS-": "V-"} | {
    f"{way}{line}{end}": f"{logic}{line}"
    for line in "12"
    for way, end, logic in (
        ("T", "OUT", "DOUT"), ("T", "IN", "DIN"), ("R", "IN", "RIN"), ("R", "OUT", "ROUT")
    )
}  # fmt: skip


def test_the_bucks_land_takes_that_of_its_data_sheet():
    land = _lands(OWN / "kwhisper.pretty" / "LM5165_VSON-10_VSSOP-10.kicad_mod")
    for number in range(1, 11):
        left, row = number <= 5, number - 1 if number <= 5 else 10 - number
        at = (-1 if left else 1) * makers.DRC_APART / 2, (row - 2) * makers.DRC_PITCH
        assert _inside_one([_box(at, makers.DRC_PAD)], land[str(number)], 0.001), number
    assert _box((0, 0), makers.DRC_EXPOSED) in land["11"]


def test_the_module_has_the_pins_of_its_data_sheet():
    sheets = _on_sheets("RF_Module:ESP32-C3-WROOM-02")
    assert set(sheets) == {"han-selfpowered", "han-usb", "mep", "p1"}
    for board, pins in sheets.items():
        named = {int(number): name.split("/")[0] for number, name in pins.items()}
        assert {n: name.removeprefix("IO") for n, name in named.items()} == makers.WROOM_02, board
        assert pins["11"].endswith("RXD") and pins["12"].endswith("TXD")


def test_the_modules_land_is_that_of_its_data_sheet():
    """Its nine squares are windows in the paste of one pad; where they lie hangs on how far the
    module's edges are from the rows of pads."""
    file = OWN / "kwhisper.pretty" / "ESP32-C3-WROOM-02_via0.3mm.kicad_mod"
    land, half = _lands(file), makers.WROOM_APART / 2
    for number in range(1, 19):
        left, row = number <= 9, number - 1 if number <= 9 else 18 - number
        at = -half if left else half, (row - 4) * makers.WROOM_PITCH
        assert _rounded(land[str(number)]) == _rounded([_box(at, makers.WROOM_PAD)]), number
    upper = -4 * makers.WROOM_PITCH - makers.WROOM_FIRST
    x = makers.WROOM_GROUND[0] - makers.WROOM_WIDTH / 2
    y = upper + makers.WROOM_LENGTH - makers.WROOM_GROUND[1]
    side, step = makers.WROOM_SQUARE, makers.WROOM_SQUARE + makers.WROOM_GAP
    squares = [
        _box((x + across * step, y + down * step), (side, side))
        for across in (-1, 0, 1)
        for down in (-1, 0, 1)
    ]
    assert sorted(_rounded(squares)) == sorted(_rounded(land[""]))
    assert _rounded([_box((x, y), (2 * step + side,) * 2)])[0] in _rounded(land["19"])


def test_the_bridges_plus_lies_where_makers_print_it():
    """On the board itself, whatever numbers its land has: with both alternating leads towards the
    reader, minus over the left one and plus over the right one."""
    bridge = footprints(ALL["han-selfpowered"])["D2"]
    assert one(bridge, "layer")[1] == "F.Cu"  # seen from above, not through the board
    at = {
        str(one(pad, "net")[2]).removeprefix("/"): complex(*xy(one(pad, "at")))
        for pad in every(bridge, "pad")
    }
    near = (at["BUS_P"] + at["HAN_N"]) / 2
    away = (at["GND"] + at["VBR"]) / 2 - near
    # above 0: on the right of who looks that way, as y goes downwards
    side = {net: ((place - near) / away).imag for net, place in at.items()}
    assert side["BUS_P"] * side["HAN_N"] < 0
    nets = {"-": "GND", "+": "VBR"}
    left, right = makers.MBS_FAR_SIDE
    assert side[nets[left]] < 0 < side[nets[right]]


@pytest.mark.parametrize("maker", makers.MBS)
def test_the_bridges_land_takes_the_leads_of(maker):
    """Of the least and the largest part: its feet end on the pads, with a whole foot or half a
    millimetre of the pad under them, in their whole width in the middle of the pitch."""
    lead = makers.MBS[maker]
    land = _pads(footprints(ALL["han-selfpowered"])["D2"])
    upper, lower = (sum(land[number][0][2:]) / 2 for number in "12")
    assert lead["pitch"][0] <= lower - upper <= lead["pitch"][1]
    for number in "1234":
        ((left, right, top, bottom),) = land[number]
        inner, outer = sorted((abs(left), abs(right)))
        assert bottom - top >= lead["width"][1]
        for span in lead["span"]:
            tip = span / 2
            assert inner < tip <= outer, number
            assert tip - inner >= min(lead["foot"][0], 0.5), number


@pytest.mark.parametrize(
    ("board", "chip", "peak", "limit", "over", "under"),
    [
        ("han-selfpowered", "U2", "peak()", "R12", "R13", "R14"),
        ("mep", "U1", "peak()", "R42", "R6", "R7"),
    ],
)
def test_the_decks_reckon_with_the_bucks_data_sheet(board, chip, peak, limit, over, under):
    """Peak of the coil's current by what hangs on ILIM, and the output's voltage."""
    design = ALL[board]
    assert (design.net(chip, "3") == "GND") == (limit is None)
    done = run(f"import circuit; print(circuit.{peak}, circuit.rail())", board=board)
    assert done.returncode == 0, done.stderr
    amps, volts = map(float, done.stdout.split())
    ohms = design.parts.number(limit) if limit else 0
    assert amps == pytest.approx(makers.LM5165_PEAKS[ohms])
    divider = 1 + design.parts.number(over) / design.parts.number(under)
    assert volts == pytest.approx(makers.LM5165_FEEDBACK * divider)


@pytest.mark.parametrize(
    ("board", "deck"), [("han-usb", "supply"), ("mep", "heat"), ("han-isolated", "output")]
)
def test_the_decks_heat_the_regulator_as_its_data_sheet_does(board, deck):
    done = run(f"import {deck}; print({deck}.TO_AIR)", board=board)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) == pytest.approx(makers.TPS736_DBV_TO_AIR, abs=0.5)


def _box(at, size):
    (x, y), (w, h) = at, size
    return x - w / 2, x + w / 2, y - h / 2, y + h / 2


def _rounded(boxes):
    return [tuple(round(v, 3) for v in box) for box in boxes]


# -- beside KiCad's libraries and second sources --------------------------------------------------


def test_the_receivers_second_source_has_the_same_pins():
    """NCN5150's pin-out (onsemi NCN5150/D, figure 1) against our symbol of the TSS721A."""
    ncn5150 = (
        "BUSL2 VB STC RIDD PF SC TXI TX BAT VS VDD RX RXI RIS GND BUSL1"  # it says PFb and VIO
    ).split()
    assert [_pins(OWN / "kwhisper.kicad_sym", "TSS721A")[str(n)] for n in range(1, 17)] == ncn5150


def _pins(library, name):
    return _numbers(next(s for s in every(sexpr.load(library), "symbol") if s[1] == name))


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
    public copies of data sheets show it (MB6S: above, by where the leads are)."""
    theirs = _pins(stock("symbols", f"{library}.kicad_sym"), base or name)
    assert want is None or theirs == want
    sheets = _on_sheets(f"{library}:{name}")
    for board, mine in sheets.items():
        assert mine == theirs, board
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
    return _pads(sexpr.load(path))


def _pads(footprint):
    """{pad: [(left, right, top, bottom)]} of a footprint; holes by their drill."""
    lands = {}
    for pad in every(footprint, "pad"):
        lands.setdefault(pad[1], []).append(_box(xy(one(pad, "at")), xy(one(pad, "size"))))
    return lands
