"""Every row of profiles.txt is whole: codes, exponents, kinds, counts. What is wrong is named."""

import pytest

from meterwire import _twin, obis, profiles

_KINDS = "tdhwqbx"
_EXPONENTS = range(-6, 7)


def wrong(line, groups):
    """What is wrong with a line of profiles.txt, or None. groups: names of those before it."""
    if not line or line.startswith("#"):
        return None
    fields = line.split("|")
    counts = {"scale": 5, "order": 6, "group": 3}
    if fields[0] not in counts:
        return f"no row begins with {fields[0]!r}"
    if len(fields) != counts[fields[0]]:
        return f"{len(fields)} fields, a row of {fields[0]} has {counts[fields[0]]}"
    if any(field != field.strip() or "  " in field for field in fields):
        return "blanks that say nothing"
    if fields[0] == "scale":
        return wrong_exponents(fields[3]) or (wrong_exponents(fields[4], 1) if fields[4] else None)
    if fields[0] == "group":
        if len(fields[1]) != 1 or not "A" <= fields[1] <= "Z" or fields[1] in groups:
            return f"{fields[1]!r} is no capital of its own"
        return wrong_codes(fields[2], ())
    _, name, _begins, kinds, codes, exponents = fields
    if not name:
        return "no name"
    if not kinds or set(kinds) - set(_KINDS):
        return f"kinds {kinds!r}, there are {_KINDS}"
    problem = wrong_codes(codes, groups) or wrong_exponents(exponents)
    if problem:
        return problem
    told = list(profiles.codes(codes))
    if len(told) != len(kinds):
        return f"{len(kinds)} kinds, but {len(told)} codes"
    if len(set(filter(None, told))) != len(list(filter(None, told))):
        return "a code stands twice"
    for kind, code in zip(kinds, told, strict=True):
        if code and kind == "d" and code[2:] != (1, 0, 0):
            return f"a clock under {code}"
        if code and kind in "hwqb" and code[0] == 1 and not obis.name(*key(code)):
            return f"{code} has no name in obis.py"
    return None


def key(code):
    return (code[2] << 16 | code[3] << 8 | code[4],)


def wrong_exponents(text, count=5):
    words = text.split(" ")
    if len(words) != count:
        return f"{len(words)} exponents, there must be {count}"
    for word in words:
        if not word.lstrip("-").isdigit() or int(word) not in _EXPONENTS:
            return f"exponent {word!r}"
    return None


def wrong_codes(text, groups):
    for word in text.split(" "):
        if word == "-" or word in groups:
            continue
        channel, _, rest = word.rpartition(":")
        numbers = rest.split(".") + (channel.split("-") if channel else ["1", "0"])
        if len(numbers) != 5 or not all(n.isdigit() and int(n) < 256 for n in numbers):
            return f"code {word!r}"
    return None


LINES = _twin.PROFILES.read_text(encoding="utf-8").split("\n")
GROUPS = [line.split("|")[1] for line in LINES if line.startswith("group|")]


@pytest.mark.parametrize("line", [line for line in LINES if line and line[0] != "#"])
def test_every_row_is_whole(line):
    before = GROUPS[: GROUPS.index(line.split("|")[1])] if line.startswith("group") else GROUPS
    assert wrong(line, before) is None


def test_there_are_rows_of_every_kind():
    assert len(list(profiles.rows("scale"))) > 8
    assert len(list(profiles.rows("order"))) > 15
    assert len(list(profiles.rows("group"))) == len(GROUPS) > 8


@pytest.mark.parametrize(
    "line,says",
    [
        ("order|NEW|KFM|tww|M 1.7.0 2.7.0|0 0 -3 -1", "4 exponents"),
        ("order|NEW|KFM|tww|M 1.7.0 2.7.0|0 0 -3 -1 -33", "exponent '-33'"),
        ("order|NEW|KFM|tww|M 1.7.0|0 0 -3 -1 -3", "3 kinds, but 2 codes"),
        ("order|NEW|KFM|tyw|M 1.7.0 2.7.0|0 0 -3 -1 -3", "kinds 'tyw'"),
        ("order|NEW|KFM|tww|M 1.7 2.7.0|0 0 -3 -1 -3", "code '1.7'"),
        ("order|NEW|KFM|tww|M 1.7.0 1.7.0|0 0 -3 -1 -3", "a code stands twice"),
        ("order|NEW|KFM|tww|M 1.7.0 2.7.300|0 0 -3 -1 -3", "code '2.7.300'"),
        ("order|NEW|KFM|tww|M 1.7.0 99.9.9|0 0 -3 -1 -3", "has no name in obis.py"),
        ("order|NEW|KFM|tww|M 1.7.0 Z|0 0 -3 -1 -3", "code 'Z'"),
        ("order||KFM|tww|M 1.7.0 2.7.0|0 0 -3 -1 -3", "no name"),
        ("order|NEW|tww|M 1.7.0 2.7.0|0 0 -3 -1 -3", "5 fields"),
        ("order|NEW|KFM|dww|M 1.7.0 2.7.0|0 0 -3 -1 -3", "a clock under"),
        ("scale|NEW||0 0 -2 0|", "4 exponents"),
        ("scale|NEW||0 0 -2 0 -3|x", "exponent 'x'"),
        ("scale|NEW|0 0 -2 0 -3|", "4 fields"),
        ("scales|NEW||0 0 -2 0 -3|", "no row begins with"),
        ("group|P|1.7.0", "no capital of its own"),
    ],
)
def test_a_wrong_row_is_named(line, says):
    assert says in wrong(line, GROUPS)
