"""Solids for parts whose makers' models are not in KiCad's library, as STEP: plain boxes, as a
case needs them. KiCad takes NAME.step for NAME.wrl when it writes a board's STEP.

Run as a script it writes ../lib/kwhisper.3dshapes/*.step. Millimetres from pad 1, z from the
board.
"""

from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "lib" / "kwhisper.3dshapes"

# name: least and most x, y, z
BOXES = {"RJ45_jack": ((-3.3, 12.2), (-14.1, 4.1), (0.0, 13.2))}

_HEAD = """ISO-10303-21;
HEADER;
FILE_DESCRIPTION(('{name}'),'2;1');
FILE_NAME('{name}.step','2026-11-26T00:00:00',('kWhisper'),(''),'kWhisper','kWhisper','');
FILE_SCHEMA(('AUTOMOTIVE_DESIGN {{ 1 0 10303 214 1 1 1 1 }}'));
ENDSEC;
DATA;
"""
# the six faces by the corners' numbers (bit 0: x, 1: y, 2: z), seen from outside against the clock
_FACES = (
    (0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5),
)  # fmt: skip


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


def _brep(file, spans):
    corners = [tuple(spans[axis][n >> axis & 1] for axis in range(3)) for n in range(8)]
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
    for face in _FACES:
        ring = [edge(a, b) for a, b in zip(face, face[1:] + face[:1], strict=True)]
        loop = file.add(f"EDGE_LOOP('',({','.join(ring)}))")
        bound = file.add(f"FACE_OUTER_BOUND('',{loop},.T.)")
        along = _unit(corners[face[0]], corners[face[1]])
        normal = _cross(along, _unit(corners[face[1]], corners[face[2]]))
        place = file.add(
            f"AXIS2_PLACEMENT_3D('',{points[face[0]]},{direction(normal)},{direction(along)})"
        )
        plane = file.add(f"PLANE('',{place})")
        faces.append(file.add(f"ADVANCED_FACE('',({bound}),{plane},.T.)"))
    shell = file.add(f"CLOSED_SHELL('',({','.join(faces)}))")
    return file.add(f"MANIFOLD_SOLID_BREP('',{shell})")


def text(name):
    """The STEP file of one box."""
    file = _File()
    solid = _brep(file, BOXES[name])
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


if __name__ == "__main__":
    for box in BOXES:
        (FOLDER / f"{box}.step").write_text(text(box), encoding="utf-8")
