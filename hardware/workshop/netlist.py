"""The netlist as KiCad itself reads it from a schematic."""

import subprocess
import tempfile
from pathlib import Path

import sexpr
from sexpr import every, one


def read(schematic):
    """(components, nets) of a .kicad_sch.

    components: {ref: {"value", "footprint", "path", "fields"}}; nets: {net name: {(ref, pin), …}}.
    """
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "netlist.net"
        subprocess.run(
            ["kicad-cli", "sch", "export", "netlist", "-o", str(target), str(schematic)],
            check=True,
            capture_output=True,
            timeout=120,
        )
        tree = sexpr.load(target)
    components = {}
    for comp in every(one(tree, "components"), "comp"):
        fields = one(comp, "fields")
        components[one(comp, "ref")[1]] = {
            "value": one(comp, "value")[1],
            "footprint": one(comp, "footprint")[1],
            "path": "/" + one(comp, "tstamps")[1],
            "fields": {
                one(field, "name")[1]: field[2]
                for field in (every(fields, "field") if fields else [])
                if len(field) > 2 and not isinstance(field[2], list)
            },
        }
    nets = {}
    for net in every(one(tree, "nets"), "net"):
        nets[one(net, "name")[1]] = {
            (one(node, "ref")[1], one(node, "pin")[1]) for node in every(net, "node")
        }
    return components, nets
