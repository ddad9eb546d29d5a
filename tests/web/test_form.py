"""The template of the settings page is the table of settings, and nothing else."""

from kwhisper import fields
from kwhisper_tools import webform


def test_the_template_is_made_from_the_table_as_it_is_now():
    assert webform.TARGET.read_text() == webform.page(), "python -m kwhisper_tools.webform"


def test_no_secret_has_a_mark_for_its_value():
    text = webform.page()
    for row in fields.fields():
        assert ("{V:" + row.name + ":" in text) == (
            not row.secret
            and row.type in ("text", "host", "topic", "int", "lines", "pairs")
            and row.name != "wifi_ssid"
        ), row.name
