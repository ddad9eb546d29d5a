"""Whatever is sent or stored: it is taken, refused or put aside, and nothing escapes."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kwhisper.storage import settings
from kwhisper.storage.table import SETTINGS, rows
from kwhisper.web import api
from kwhisper_tools import paths

ROWS = {row["name"]: row for row in rows(SETTINGS) if "name" in row}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


def test_there_are_rows():
    assert len(ROWS) > 20


@given(st.dictionaries(st.sampled_from(list(ROWS)) | st.text(), JSON))
def test_any_json_of_settings(changes):
    s = settings.Settings("nowhere")
    errors = s.change(changes)
    assert all(isinstance(name, str) and message for name, message in errors.items())
    for name, row in ROWS.items():
        assert type(s[name]) is type(row["default"])
        if errors:
            assert s[name] == row["default"]


@given(st.binary() | JSON.map(lambda x: json.dumps(x).encode()))
def test_any_file_of_settings(tmp_path_factory, content):
    file = tmp_path_factory.mktemp("any") / "settings.json"
    file.write_bytes(content)
    s = settings.load(str(file))
    for name, row in ROWS.items():
        assert type(s[name]) is type(row["default"])
    assert s.change({"mqtt_topic": "a"}) == {}
    s.save()
    assert settings.load(str(file))["mqtt_topic"] == "a"


@given(st.text())
@example("[")
@example("]")
@example(":")
def test_any_host_and_origin(text):
    assert api.own_host(text, "kwhisper") in (True, False)
    assert api.foreign({"host": text, "origin": text}, "kwhisper") in (True, False)
    assert api.foreign({"host": "kwhisper", "origin": text}, "kwhisper") is (
        text.lower() != "http://kwhisper"
    )


ON_CHIP = r"""
import json
import random
from kwhisper.storage import settings
from kwhisper.web.api import Api
from kwhisper.web.changes import change

class Device:
    settings = settings.load("{folder}/settings.json")
    host = settings["host_name"]
    async def leave(self, why): pass

api = Api(Device(), None, "run")
random.seed({seed})
parts = '{{|}}|[|]|:|,|"|1|-|e|.|null|true|\\|d8|00|a|"mqtt_port"|"payload"|"board"|"mqtt_ca"| '
parts = [part.encode() for part in parts.split("|")]
parts += [b"9" * 30, bytes([0xC3]), bytes([0xFF]), bytes(1)]
codes = {{}}
import asyncio
async def main():
    for _ in range(1000):
        body = b"".join([random.choice(parts) for _ in range(random.randrange(12))])
        if random.randrange(2):
            body = b'{{"mqtt_port":1,' + body + b"}}"
        _, code, _ = change(api, body)
        codes[code] = codes.get(code, 0) + 1
asyncio.run(main())
assert 400 in codes and 422 in codes
print(len(codes))
"""


@pytest.mark.parametrize("seed", [1, 2])
def test_any_body_on_the_chips_python(seed, tmp_path, micropython32, on_micropython):
    script = ON_CHIP.format(folder=tmp_path, seed=seed)
    assert on_micropython(micropython32, script, paths.library_path())
