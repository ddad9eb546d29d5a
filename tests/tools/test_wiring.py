"""The drawings of the docs are those of the code, and lead where the tables say."""

import xml.etree.ElementTree as ET

import pytest

from kwhisper_tools import paths
from kwhisper_tools.build import wiring_drawing as wiring


@pytest.mark.parametrize("name", wiring.DRAWINGS)
def test_the_drawing_is_the_code_s(name):
    """Else: python -m kwhisper_tools.build.wiring_drawing"""
    drawn = wiring.draw(name)
    assert (paths.ROOT / "docs" / f"{name}.svg").read_text("utf-8") == drawn
    ET.fromstring(drawn)


@pytest.mark.parametrize("name", wiring.DRAWINGS)
def test_every_wire_joins_two_pins(name):
    of = wiring.DRAWINGS[name]
    starts = {"port": of["port"][2], "adapter": of["out"]}
    ends = {"adapter": of["adapter"][2], "board": of["board"][2]}
    used = set()
    for start, row, end, goal, kind, _ in of["wires"]:
        assert starts[start][row] and ends[end][goal] and kind in wiring._COLOURS
        used |= {(start, row, "out"), (end, goal, "in")}
    for pins, side in ((starts, "out"), (ends, "in")):
        for box, names in pins.items():
            assert {(box, i, side) for i in range(len(names))} <= used, (name, box)
