"""Net classes, and how far apart they must be, from a layout's tables.

CLASSES = {class: patterns of its nets' names}; a net in none of them is Default.
APART = [(class, class, millimetres)]: clearance through air and creepage along the board.

The classes go into NAME.kicad_pro, the distances into NAME.kicad_dru beside the board: KiCad's DRC
and its pours obey both.
"""

import json
from pathlib import Path


def rules(tables):
    """The text of the .kicad_dru."""
    lines = ["(version 1)"]
    for a, b, distance in tables.APART:
        lines += [
            f'(rule "{a} apart from {b}"',
            f"  (constraint clearance (min {distance:g}mm))",
            f"  (constraint creepage (min {distance:g}mm))",
            f"  (condition \"A.NetClass == '{a}' && B.NetClass == '{b}'\"))",
        ]
    return "\n".join(lines) + "\n"


def project(text, tables):
    """The project file with the layout's classes in it."""
    tree = json.loads(text)
    settings = tree["net_settings"]
    default = next(c for c in settings["classes"] if c["name"] == "Default")
    settings["classes"] = [
        default,
        *(default | {"name": name, "priority": n} for n, name in enumerate(tables.CLASSES)),
    ]
    settings["netclass_patterns"] = [
        {"netclass": name, "pattern": pattern}
        for name, patterns in tables.CLASSES.items()
        for pattern in patterns
    ]
    return json.dumps(tree, indent=2) + "\n"


def draw(folder, path, tables):
    """Write both files beside the board `path`; the project of `folder` is where they begin.
    Returns the project to draw the board with."""
    begin = Path(folder) / f"{Path(folder).name}.kicad_pro"
    if not hasattr(tables, "CLASSES"):
        return begin
    path = Path(path)
    text = project(begin.read_text(encoding="utf-8"), tables)
    path.with_suffix(".kicad_pro").write_text(text, encoding="utf-8")
    path.with_suffix(".kicad_dru").write_text(rules(tables), encoding="utf-8")
    return path.with_suffix(".kicad_pro")
