"""Whatever is sent or stored: it is taken, refused or put aside, and nothing escapes."""

import json
from urllib.parse import urlencode

from hypothesis import given
from hypothesis import strategies as st

from kwhisper import fields, settings
from kwhisper.web import post

NAMES = [row.name for row in fields.fields()]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(st.binary())
def test_any_body_of_a_form(body):
    s = settings.Settings("nowhere")
    for whole in (b"", b"&form=whole"):
        typed = post.read(body + whole, s)
        if typed is not None:
            post.retype(typed, s.change(typed))


@given(st.dictionaries(st.sampled_from(NAMES), st.text()))
def test_a_form_is_read_as_a_browser_wrote_it(values):
    s = settings.Settings("nowhere")
    body = urlencode({**values, "form": "whole"}).encode("utf-8")
    typed = post.read(body, s)
    for name, value in values.items():
        row = fields.field(name)
        if value != s.of(row):
            assert typed[name] == value


@given(st.dictionaries(st.sampled_from(NAMES) | st.text(), JSON))
def test_any_json_of_settings(changes):
    s = settings.Settings("nowhere")
    errors = s.change(changes)
    for name in changes:
        if name not in errors and not errors:
            row = fields.field(name)
            assert type(s.of(row)) is type(row.default)
    if errors:
        assert all(s.of(fields.field(n)) == fields.field(n).default for n in NAMES)


@given(st.binary() | JSON.map(lambda x: json.dumps(x).encode()))
def test_any_file_of_settings(tmp_path_factory, content):
    file = tmp_path_factory.mktemp("any") / "settings.json"
    file.write_bytes(content)
    s = settings.load(str(file))
    for name in NAMES:
        assert type(s[name]) is type(fields.field(name).default)
    assert s.change({"mqtt_topic": "a"}) == {} or s.problem
    s.save()
    assert settings.load(str(file))["mqtt_topic"] == "a"
