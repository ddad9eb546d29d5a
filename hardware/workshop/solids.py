"""Solids for parts whose makers' models are not in KiCad's library, or have another height there,
as STEP: boxes and upright prisms, as a case needs them. KiCad takes NAME.step for NAME.wrl when it
writes a board's STEP.

Run as a script it writes ../lib/kwhisper.3dshapes/*.step, and *.wrl of the prisms. Millimetres
from pad 1, z from the board.
"""

import math
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "lib" / "kwhisper.3dshapes"

# name: least and most x, y, z
BOXES = {
    "RJ45_jack": ((-3.3, 12.2), (-14.1, 4.1), (0.0, 13.2)),
    "RJ12_jack": ((-3.42, 9.78), (-16.77, 1.23), (0.0, 12.6)),
}
# name: middle, radius, height, corners: a can as a prism around its circle
CANS = {
    "cell_8x20": ((1.75, 0.0), 4.25, 21.5, 16),
    "cell_8x12": ((1.75, 0.0), 4.25, 13.5, 16),
}

_HEAD = """ISO-10303-21;
HEADER;
FILE_DESCRIPTION(('{name}'),'2;1');
FILE_NAME('{name}.step','2026-11-26T00:00:00',('kWhisper'),(''),'kWhisper','kWhisper','');
FILE_SCHEMA(('AUTOMOTIVE_DESIGN {{ 1 0 10303 214 1 1 1 1 }}'));
ENDSEC;
DATA;
"""


class _File:
    """Numbered lines of a STEP file."""

    def __init__(self):
        self.lines = []

    def add(self, text):
        self.lines.append(f"#{len(self.lines) + 1}={text};")
        return f"#{len(self.lines)}"


def _tuple(numbers):
    return "(" + ",".join(f"{n:.6g}." if n == int(n) else f"{n:.6g}" for n in numbers) + ")"


def _unit(a, b):
    length = sum((q - p) ** 2 for p, q in zip(a, b, strict=True)) ** 0.5
    return tuple((q - p) / length for p, q in zip(a, b, strict=True))


def _cross(a, b):
    return (
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    )


def _hull(name):
    """(corners, faces by the corners' numbers, seen from outside against the clock)."""
    if name in BOXES:
        (x1, x2), (y1, y2), spans = BOXES[name]
        foot = [(x1, y1), (x2, y1), (x2, y2), (x1, y2)]
    else:
        (x, y), radius, height, count = CANS[name]
        spans, reach = (0.0, height), radius / math.cos(math.pi / count)
        foot = [
            (x + reach * math.cos(2 * math.pi * k / count),
             y + reach * math.sin(2 * math.pi * k / count))
            for k in range(count)
        ]  # fmt: skip
    n = len(foot)
    corners = [(x, y, z) for z in spans for x, y in foot]
    sides = [(k, (k + 1) % n, (k + 1) % n + n, k + n) for k in range(n)]
    return corners, [tuple(range(n - 1, -1, -1)), tuple(range(n, 2 * n)), *sides]


def _brep(file, corners, hull):
    points = [file.add(f"CARTESIAN_POINT('',{_tuple(c)})") for c in corners]
    vertices = [file.add(f"VERTEX_POINT('',{p})") for p in points]

    def direction(vector):
        return file.add(f"DIRECTION('',{_tuple(vector)})")

    edges = {}

    def edge(a, b):
        """An oriented edge; each edge curve is made once, from the lower corner."""
        low, high = min(a, b), max(a, b)
        if (low, high) not in edges:
            along = file.add(
                f"VECTOR('',{direction(_unit(corners[low], corners[high]))},1.)"
            )  # fmt: skip
            line = file.add(f"LINE('',{points[low]},{along})")
            edges[low, high] = file.add(
                f"EDGE_CURVE('',{vertices[low]},{vertices[high]},{line},.T.)"
            )
        sense = ".T." if a == low else ".F."
        return file.add(f"ORIENTED_EDGE('',*,*,{edges[low, high]},{sense})")

    faces = []
    for face in hull:
        ring = [edge(a, b) for a, b in zip(face, face[1:] + face[:1], strict=True)]
        loop = file.add(f"EDGE_LOOP('',({','.join(ring)}))")
        bound = file.add(f"FACE_OUTER_BOUND('',{loop},.T.)")
        along = _unit(corners[face[0]], corners[face[1]])
        across = _cross(along, _unit(corners[face[1]], corners[face[2]]))
        normal = _unit((0, 0, 0), across)
        place = file.add(
            f"AXIS2_PLACEMENT_3D('',{points[face[0]]},{direction(normal)},{direction(along)})"
        )
        plane = file.add(f"PLANE('',{place})")
        faces.append(file.add(f"ADVANCED_FACE('',({bound}),{plane},.T.)"))
    shell = file.add(f"CLOSED_SHELL('',({','.join(faces)}))")
    return file.add(f"MANIFOLD_SOLID_BREP('',{shell})")


def text(name):
    """The STEP file of one solid."""
    file = _File()
    solid = _brep(file, *_hull(name))
    length = file.add("(LENGTH_UNIT()NAMED_UNIT(*)SI_UNIT(.MILLI.,.METRE.))")
    angle = file.add("(NAMED_UNIT(*)PLANE_ANGLE_UNIT()SI_UNIT($,.RADIAN.))")
    solid_angle = file.add("(NAMED_UNIT(*)SI_UNIT($,.STERADIAN.)SOLID_ANGLE_UNIT())")
    exact = file.add(
        f"UNCERTAINTY_MEASURE_WITH_UNIT(LENGTH_MEASURE(1.E-06),{length},'distance','')"
    )
    context = file.add(
        "(GEOMETRIC_REPRESENTATION_CONTEXT(3)"
        f"GLOBAL_UNCERTAINTY_ASSIGNED_CONTEXT(({exact}))"
        f"GLOBAL_UNIT_ASSIGNED_CONTEXT(({length},{angle},{solid_angle}))"
        "REPRESENTATION_CONTEXT('',''))"
    )
    origin = file.add("CARTESIAN_POINT('',(0.,0.,0.))")
    up, right = file.add("DIRECTION('',(0.,0.,1.))"), file.add("DIRECTION('',(1.,0.,0.))")
    place = file.add(f"AXIS2_PLACEMENT_3D('',{origin},{up},{right})")
    shape = file.add(f"ADVANCED_BREP_SHAPE_REPRESENTATION('',({place},{solid}),{context})")
    application = file.add("APPLICATION_CONTEXT('automotive design')")
    file.add(
        "APPLICATION_PROTOCOL_DEFINITION('international standard','automotive_design',2000,"
        f"{application})"
    )
    product_context = file.add(f"PRODUCT_CONTEXT('',{application},'mechanical')")
    product = file.add(f"PRODUCT('{name}','{name}','',({product_context}))")
    formation = file.add(f"PRODUCT_DEFINITION_FORMATION('','',{product})")
    design = file.add(f"PRODUCT_DEFINITION_CONTEXT('part definition',{application},'design')")
    definition = file.add(f"PRODUCT_DEFINITION('design','',{formation},{design})")
    defined = file.add(f"PRODUCT_DEFINITION_SHAPE('','',{definition})")
    file.add(f"SHAPE_DEFINITION_REPRESENTATION({defined},{shape})")
    return _HEAD.format(name=name) + "\n".join(file.lines) + "\nENDSEC;\nEND-ISO-10303-21;\n"


def wrl(name):
    """The same prism for KiCad's renders, which count in tenths of an inch."""
    corners, hull = _hull(name)
    points = ", ".join(" ".join(f"{v / 2.54:.4f}" for v in corner) for corner in corners)
    faces = ", ".join(", ".join(map(str, (*face, -1))) for face in hull)
    return (
        "#VRML V2.0 utf8\n"
        "Shape {\n  appearance Appearance { material Material {\n"
        "    diffuseColor 0.20 0.24 0.42 specularColor 0.3 0.3 0.3 shininess 0.3 } }\n"
        f"  geometry IndexedFaceSet {{ coord Coordinate {{ point [ {points} ] }}\n"
        f"    coordIndex [ {faces} ] }} }}\n"
    )


if __name__ == "__main__":
    for solid in (*BOXES, *CANS):
        (FOLDER / f"{solid}.step").write_text(text(solid), encoding="utf-8")
    for plain in (*CANS, "RJ12_jack"):
        (FOLDER / f"{plain}.wrl").write_text(wrl(plain), encoding="utf-8")
