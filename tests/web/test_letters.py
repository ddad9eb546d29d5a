"""What MicroPython takes for text and is none: overlong forms, surrogates, beyond Unicode."""

import json

import pytest

from kwhisper_tools import paths

SCRIPT = """
import json
from kwhisper.storage import settings
s = settings.Settings("nowhere")
for raw in {raws!r}:
    try:
        errors = s.change(json.loads(b'{{"mqtt_user":"' + raw + b'"}}'))
        print(json.dumps(errors.get("mqtt_user")))
    except ValueError:
        print('"no JSON"')
"""
REFUSED = [b"\xc0\xaf", b"a\xc1\x81", b"\xe0\x80\xaf", b"\xf0\x80\x80\xaf", b"\xf5\x80\x80\x80",
           b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\x7f", b"\xff", b"\xc3"]  # fmt: skip
TAKEN = ["æøå", "€", "😀", "a" * 64, "\u07ff\u0800\uffff\U0010ffff"]


@pytest.mark.parametrize("runtime", ["micropython", "micropython32"])
def test_only_letters_are_letters(runtime, request, on_micropython):
    command = request.getfixturevalue(runtime)
    command = command if isinstance(command, list) else [command]
    raws = REFUSED + [text.encode() for text in TAKEN]
    out = on_micropython(command, SCRIPT.format(raws=raws), paths.library_path())
    said = [json.loads(line) for line in out.splitlines()]
    assert len(said) == len(raws)
    assert all(said[: len(REFUSED)]), said
    assert said[len(REFUSED) :] == [None] * len(TAKEN)
