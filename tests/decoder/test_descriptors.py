"""Lists whose names stand apart: descriptors of 3 to 6 elements with the class before the code."""

import pytest
from decoder import made

from kwhisper_tools.meters import axdr
from kwhisper_tools.meters.axdr import U16, U32

SAYS = {"1-0:1.7.0": ("1111", "W"), "1-0:2.7.0": ("0", "W"), "1-0:1.8.0": ("12345", "Wh")}
CODES = ("1-0:1.7.0", "1-0:2.7.0", "1-0:1.8.0")
VALUES = (1111, 0, 12345)


def descriptor(code, elements, class_id=3, attribute=2):
    """{class, OBIS, attribute, index, restriction, columns}, the first of them."""
    parts = [
        axdr.integer(U16, class_id),
        axdr.name(code),
        b"\x0f" + bytes((attribute,)),
        axdr.integer(U16, 0),
        axdr.structure(b"\x16\x00", axdr.NULL),
        axdr.array(),
    ]
    return axdr.structure(*parts[:elements])


def said(found):
    """The numbers of a Reading but for what the decoder derived."""
    return {code: value for code, value in made.values(found).items() if code != "1-0:16.7.0"}


def push_list(elements, itself=True, nested=False, codes=CODES, values=VALUES):
    names = [descriptor(code, elements) for code in codes]
    if itself:
        names.insert(0, descriptor("0-0:25.9.0", elements, 40))
    told = [axdr.integer(U32, value) for value in values]
    if nested:
        told = [axdr.structure(*told)]
    return made.framed(axdr.data_notification(axdr.structure(axdr.array(*names), *told)))


@pytest.mark.parametrize("elements", [3, 4, 5, 6])
@pytest.mark.parametrize("itself", [True, False], ids=["named itself", "not named"])
def test_descriptors_of_every_length_name_the_values_behind_them(elements, itself):
    assert said(made.reading(push_list(elements, itself))) == SAYS


def test_the_values_may_stand_in_a_structure_of_their_own():
    assert said(made.reading(push_list(4, itself=False, nested=True))) == SAYS


@pytest.mark.parametrize("elements", [3, 4, 5, 6])
def test_an_attribute_or_class_is_never_taken_for_a_value(elements):
    """ru-energomera-apdu: the attribute index 2 was read as 2 W."""
    found = made.readings(push_list(elements, codes=CODES, values=VALUES[:1]))
    assert found == [], "more names than values: nothing is known"
    pairs = [axdr.integer(U16, 3) + axdr.name(c) + axdr.integer(U32, 7) for c in CODES]
    flat = axdr.structure(*(pairs)).replace(b"\x02\x03", b"\x02\x09", 1)
    assert made.readings(made.framed(axdr.data_notification(flat))) == []


@pytest.mark.parametrize("elements", [1, 2, 7, 9])
def test_descriptors_of_other_lengths_are_an_unknown_list_and_not_a_wrong_one(elements):
    extra = [axdr.NULL] * max(0, elements - 3)
    names = [
        axdr.structure(axdr.integer(U16, 3), axdr.name(c), b"\x0f\x02", *extra) for c in CODES
    ]
    if elements < 3:
        names = [axdr.structure(axdr.name(c)) for c in CODES]
    told = [axdr.integer(U32, value) for value in VALUES]
    data = made.framed(axdr.data_notification(axdr.structure(axdr.array(*names), *told)))
    for found in made.readings(data):
        assert all(found.flag(i) & 1 for i in range(len(found)))


def test_values_that_are_no_numbers_stay_with_their_codes():
    names = [descriptor(c, 6) for c in ("0-0:96.1.0", "1-0:1.7.0", "1-0:2.7.0")]
    told = [axdr.octets(b"12345678"), axdr.structure(axdr.integer(U32, 1)), axdr.integer(U32, 9)]
    data = made.framed(axdr.data_notification(axdr.structure(axdr.array(*names), *told)))
    found = made.reading(data)
    assert made.texts(found) == {"0-0:96.1.0": "12345678"}
    assert made.values(found) == {"1-0:2.7.0": ("9", "W")}


def described(codes, *told, itself=True):
    names = [descriptor(code, 4, attribute) for code, attribute in codes]
    if itself:
        names.insert(0, descriptor("0-0:25.9.0", 4))
    return made.framed(axdr.data_notification(axdr.structure(axdr.array(*names), *told)))


@pytest.mark.parametrize("itself", [True, False])
def test_a_scaler_beside_its_value_or_named_by_itself_is_used(itself):
    one, two = axdr.integer(U32, 1111), axdr.integer(U32, 12345)
    deciwatt, kilowatthour = axdr.scaler_unit(-1, "W"), axdr.scaler_unit(3, "Wh")
    right = {"1-0:1.7.0": ("111.1", "W"), "1-0:1.8.0": ("12345000", "Wh")}
    codes = (("1-0:1.7.0", 2), ("1-0:1.8.0", 2))
    beside = (axdr.structure(one, deciwatt), axdr.structure(two, kilowatthour))
    found = made.reading(described(codes, *beside, itself=itself))
    assert said(found) == right and made.flagged(found, "unsure") == []
    codes = (("1-0:1.7.0", 2), ("1-0:1.7.0", 3), ("1-0:1.8.0", 2), ("1-0:1.8.0", 3))
    told = (one, deciwatt, two, kilowatthour)
    found = made.reading(described(codes, *told, itself=itself))
    assert said(found) == right and made.flagged(found, "unsure") == []


def test_a_scaler_that_cannot_be_is_not_used():
    value = axdr.structure(axdr.integer(U32, 1111), axdr.scaler_unit(100, "W"))
    found = made.reading(described((("1-0:1.7.0", 2), ("1-0:2.7.0", 2)), value, value))
    assert made.flagged(found, "unsure") == ["1-0:1.7.0", "1-0:2.7.0", "1-0:16.7.0"]


def test_values_in_an_array_of_their_own_are_read():
    told = axdr.array(*(axdr.integer(U32, value) for value in VALUES))
    assert said(made.reading(described([(code, 2) for code in CODES], told))) == SAYS
    assert said(made.reading(described([(code, 2) for code in CODES], told, itself=False))) == SAYS
