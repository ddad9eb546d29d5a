"""Our own lands that follow from a table: the ESP32-C3-WROOM-02 with heat vias that any board
house drills (0.3 mm; KiCad's own has 0.2 mm, which costs extra); a coupler with wide legs whose
print leaves room for a slot in the board between them; a SOT-223 whose print is shorter, to lie
between the pegs of a jack on the other side.

Run as a script it writes ../lib/kwhisper.pretty. Measures: data sheet of the module, recommended
land pattern; the antenna points up, millimetres from the middle between the rows of pads.
"""

from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "lib" / "kwhisper.pretty"
NAME = "ESP32-C3-WROOM-02_via0.3mm"

_PITCH, _PADS, _ROW = 1.5, 9, 8.75
_PAD = (1.5, 0.9)
_HEAT, _HEAT_AT = 2.9, (0.96, 0.2)
_VIA, _DRILL, _STEP = 0.6, 0.3, 0.55
_BODY = (-9.0, -13.15, 9.0, 6.85)  # with the antenna, which begins at -7.1
_MODEL = "${KICAD9_3DMODEL_DIR}/RF_Module.3dshapes/ESP32-C3-WROOM-02.step"


def _line(layer, width, *points):
    for (x1, y1), (x2, y2) in zip(points, points[1:], strict=False):
        yield (
            f"\t(fp_line (start {x1:g} {y1:g}) (end {x2:g} {y2:g}) "
            f'(stroke (width {width}) (type solid)) (layer "{layer}"))'
        )


def _box(layer, width, left, top, right, bottom):
    corners = (left, top), (right, top), (right, bottom), (left, bottom), (left, top)
    yield from _line(layer, width, *corners)


def _property(name, text, y, layer, hide=False):
    hidden = " (hide yes)" if hide else ""
    return (
        f'\t(property "{name}" "{text}" (at 0 {y:g} 0) (layer "{layer}"){hidden} '
        "(effects (font (size 1 1) (thickness 0.15))))"
    )


def _pads():
    first = -(_PADS - 1) / 2 * _PITCH
    for number in range(1, 2 * _PADS + 1):
        left = number <= _PADS
        row = number - 1 if left else 2 * _PADS - number
        x, y = -_ROW if left else _ROW, first + row * _PITCH
        yield (
            f'\t(pad "{number}" smd rect (at {x:g} {y:g}) '
            f'(size {_PAD[0]} {_PAD[1]}) (layers "F.Cu" "F.Mask" "F.Paste"))'
        )
    x, y = _HEAT_AT
    ground = "(property pad_prop_heatsink)"
    yield (
        f'\t(pad "{2 * _PADS + 1}" smd rect (at {x} {y}) (size {_HEAT} {_HEAT}) {ground} '
        '(layers "F.Cu" "F.Mask") (zone_connect 2))'
    )
    # heat vias on the lines between nine windows of paste
    for i in range(-2, 3):
        for j in range(-2, 3):
            place = f"(at {x + i * _STEP:.2f} {y + j * _STEP:.2f})"
            if (i + j) % 2 == 0 and i % 2 == 0:
                yield f'\t(pad "" smd rect {place} (size 0.7 0.7) (layers "F.Paste"))'
            elif (i + j) % 2:
                yield (
                    f'\t(pad "{2 * _PADS + 1}" thru_hole circle {place} (size {_VIA} {_VIA}) '
                    f'(drill {_DRILL}) {ground} (layers "*.Cu" "F.Mask") (zone_connect 2))'
                )


def text():
    """The footprint's file."""
    left, top, right, bottom = _BODY
    lines = [
        f'(footprint "{NAME}"\n\t(version 20241229)\n\t(generator "kwhisper")',
        '\t(generator_version "9.0")\n\t(layer "F.Cu")',
        '\t(descr "ESP32-C3-WROOM-02 with heat vias of 0.3 mm")',
        _property("Reference", "REF**", bottom + 1.5, "F.SilkS"),
        _property("Value", NAME, bottom + 3, "F.Fab"),
        _property("Datasheet", "", 0, "F.Fab", True),
        _property("Description", "", 0, "F.Fab", True),
        "\t(attr smd)",
        *_box("F.Fab", 0.1, left, top, right, bottom),
        *_line("F.Fab", 0.1, (left, -7.1), (right, -7.1)),
        *_box("F.CrtYd", 0.05, -9.75, top - 0.1, 9.75, bottom + 0.25),
        *_line("F.SilkS", 0.12, (left - 0.12, -6.75), (left - 0.12, top - 0.05)),
        *_line("F.SilkS", 0.12, (right + 0.12, -6.75), (right + 0.12, top - 0.05)),
        *_line("F.SilkS", 0.12, (left - 0.12, 6.75), (left - 0.12, bottom + 0.12),
               (right + 0.12, bottom + 0.12), (right + 0.12, 6.75)),
        # a dot beside pin 1
        "\t(fp_circle (center -9.75 -7) (end -9.6 -7) (stroke (width 0.12) (type solid)) "
        '(fill yes) (layer "F.SilkS"))',
        '\t(fp_text user "${REFERENCE}" (at 0 3 0) (layer "F.Fab") '
        "(effects (font (size 1 1) (thickness 0.15))))",
        *_pads(),
        "\t(embedded_fonts no)",
        f'\t(model "{_MODEL}" (offset (xyz 0 0 0)) (scale (xyz 1 1 1)) (rotate (xyz 0 0 0)))',
        ")\n",
    ]  # fmt: skip
    return "\n".join(lines)


COUPLER = "DIP-4_W10.16mm_slot"
_LEGS = ((0, 0), (0, 2.54), (10.16, 2.54), (10.16, 0))
_SLOT = (3.9, 6.26)  # no print between these


def coupler():
    """KiCad's DIP-4_W10.16mm, but nothing printed where a slot runs."""
    top, bottom = -1.33, 3.87
    inner, outer = _SLOT
    lines = [
        f'(footprint "{COUPLER}"\n\t(version 20241229)\n\t(generator "kwhisper")',
        '\t(generator_version "9.0")\n\t(layer "F.Cu")',
        '\t(descr "DIP-4 with legs 10.16 mm apart, for a slot between them")',
        _property("Reference", "REF**", top - 1.2, "F.SilkS"),
        _property("Value", COUPLER, bottom + 1.2, "F.Fab"),
        _property("Datasheet", "", 0, "F.Fab", True),
        _property("Description", "", 0, "F.Fab", True),
        "\t(attr through_hole)",
        *_box("F.Fab", 0.1, 1.905, -1.27, 8.255, 3.81),
        *_box("F.CrtYd", 0.05, -1.05, -1.52, 11.21, 4.07),
        *_line("F.SilkS", 0.12, (inner, top), (1.16, top), (1.16, bottom), (inner, bottom)),
        *_line("F.SilkS", 0.12, (outer, top), (9.0, top), (9.0, bottom), (outer, bottom)),
        # a dot beside pin 1
        "\t(fp_circle (center 0 -1.2) (end 0.15 -1.2) (stroke (width 0.12) (type solid)) "
        '(fill yes) (layer "F.SilkS"))',
        '\t(fp_text user "${REFERENCE}" (at 5.08 1.27 0) (layer "F.Fab") '
        "(effects (font (size 1 1) (thickness 0.15))))",
        *(
            f'\t(pad "{number}" thru_hole {"roundrect" if number == 1 else "circle"} '
            f"(at {x:g} {y:g}) (size 1.6 1.6) (drill 0.8)"
            f"{' (roundrect_rratio 0.15)' if number == 1 else ''} "
            '(layers "*.Cu" "*.Mask"))'
            for number, (x, y) in enumerate(_LEGS, 1)
        ),
        "\t(embedded_fonts no)",
        '\t(model "${KICAD9_3DMODEL_DIR}/Package_DIP.3dshapes/DIP-4_W10.16mm.step" '
        "(offset (xyz 0 0 0)) (scale (xyz 1 1 1)) (rotate (xyz 0 0 0)))",
        ")\n",
    ]  # fmt: skip
    return "\n".join(lines)


TAB = "SOT-223_short_print"
_TAB_PADS = (("1", -3.15, -2.3, 1.5), ("2", -3.15, 0, 1.5), ("3", -3.15, 2.3, 1.5),
             ("4", 3.15, 0, 3.8))  # fmt: skip


def tab():
    """KiCad's SOT-223, but nothing printed along the leads' half of its sides."""
    lines = [
        f'(footprint "{TAB}"\n\t(version 20241229)\n\t(generator "kwhisper")',
        '\t(generator_version "9.0")\n\t(layer "F.Cu")',
        '\t(descr "SOT-223 with less print along its sides")',
        _property("Reference", "REF**", -4.5, "F.SilkS"),
        _property("Value", TAB, 4.5, "F.Fab"),
        _property("Datasheet", "", 0, "F.Fab", True),
        _property("Description", "", 0, "F.Fab", True),
        "\t(attr smd)",
        *_line("F.Fab", 0.1, (-1.85, -2.3), (-0.8, -3.35), (1.85, -3.35), (1.85, 3.35),
               (-1.85, 3.35), (-1.85, -2.3)),
        *_box("F.CrtYd", 0.05, -4.4, -3.6, 4.4, 3.6),
        *(
            line
            for side in (-1, 1)
            for line in _line("F.SilkS", 0.12, (0.7, 3.46 * side), (1.96, 3.46 * side),
                              (1.96, 2.15 * side))
        ),
        # a dot behind pin 1
        "\t(fp_circle (center -4.45 -2.3) (end -4.3 -2.3) (stroke (width 0.12) (type solid)) "
        '(fill yes) (layer "F.SilkS"))',
        '\t(fp_text user "${REFERENCE}" (at 0 0 90) (layer "F.Fab") '
        "(effects (font (size 1 1) (thickness 0.15))))",
        *(
            f'\t(pad "{number}" smd roundrect (at {x:g} {y:g}) (size 2 {height:g}) '
            f'(roundrect_rratio 0.25) '
            '(layers "F.Cu" "F.Mask" "F.Paste"))'
            for number, x, y, height in _TAB_PADS
        ),
        "\t(embedded_fonts no)",
        '\t(model "${KICAD9_3DMODEL_DIR}/Package_TO_SOT_SMD.3dshapes/SOT-223.step" '
        "(offset (xyz 0 0 0)) (scale (xyz 1 1 1)) (rotate (xyz 0 0 0)))",
        ")\n",
    ]  # fmt: skip
    return "\n".join(lines)


FILES = {NAME: text, COUPLER: coupler, TAB: tab}

if __name__ == "__main__":
    for name, draw in FILES.items():
        (FOLDER / f"{name}.kicad_mod").write_text(draw(), encoding="utf-8")
