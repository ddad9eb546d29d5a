"""docs/meters.md is what the tables of the code say."""

from kwhisper_tools import docs
from kwhisper_tools.meters import METERS


def test_the_page_of_meters_is_up_to_date():
    assert docs.FILE.read_text() == docs.make(), "run `python -m kwhisper_tools.docs`"


def test_the_page_names_every_meter_and_code():
    text = docs.make()
    for name, meter in METERS.items():
        assert f"`{name}`" in text
        assert meter.model in text
    assert "| 31.7.0 | `current_l1` | A |" in text
    assert "AM550 15 min" in text
