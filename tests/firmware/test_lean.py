"""Run mode of a small chip: what its one object holds."""

import ast

from kwhisper_tools.paths import FIRMWARE


def test_the_object_has_its_whole_table_from_the_start():
    """A table that grows later comes to lie anywhere in a small chip's memory."""
    found = {"made": set(), "blank": set()}
    for path in (FIRMWARE / "kwhisper" / "lean").glob("*.py"):
        for function in ast.walk(ast.parse(path.read_text())):
            if not isinstance(function, ast.FunctionDef):
                continue
            for node in ast.walk(function):
                of = isinstance(node, ast.Attribute) and getattr(node.value, "id", None)
                if of in ("h", "self") and isinstance(node.ctx, ast.Store):
                    found["blank" if function.name == "_blank" else "made"].add(node.attr)
    assert found["made"] - found["blank"] == set()
    assert found["blank"] - found["made"] == {"on_ack", "on_command", "on_connect"} - found["made"]
