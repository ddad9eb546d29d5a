"""Values of every A-XDR type, scalers and signs, as exact decimals."""

import struct

import pytest
from decoder import made

from kwhisper_tools.meters import axdr
from meterwire import Decoder


def element(tag, data, exponent=0, unit="W"):
    raw = bytes((tag,)) + data
    return axdr.structure(axdr.name("1-0:1.7.0"), raw, axdr.scaler_unit(exponent, unit))


def says(tag, data, exponent=0, unit="W"):
    return made.values(made.reading(made.pushed(element(tag, data, exponent, unit))))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (axdr.U8, 255), (axdr.I8, -128), (axdr.I8, 127),
        (axdr.U16, 65535), (axdr.I16, -32768), (axdr.I16, -1), (axdr.I16, 32767),
        (axdr.U32, 0), (axdr.U32, 2**31), (axdr.U32, 2**32 - 1),
        (axdr.I32, -(2**31)), (axdr.I32, -1), (axdr.I32, 2**31 - 1),
        (axdr.U64, 2**32), (axdr.U64, 2**53 + 1), (axdr.U64, 2**63 - 1),
        (axdr.I64, -(2**63)), (axdr.I64, -1), (axdr.I64, 2**63 - 1),
    ],
)  # fmt: skip
def test_integers_of_every_width_and_sign(kind, value):
    assert says(kind, axdr.integer(kind, value)[1:]) == {"1-0:1.7.0": (str(value), "W")}


@pytest.mark.parametrize(
    ("value", "exponent", "printed"),
    [
        (93, -1, "9.3"), (-93, -1, "-9.3"), (5, -1, "0.5"), (-5, -1, "-0.5"), (0, -1, "0.0"),
        (5, -3, "0.005"), (1, -9, "0.000000001"), (1234567, 1, "12345670"), (-12, 3, "-12000"),
        (0, 3, "0"), (2300, -1, "230.0"), (1, 9, "1000000000"), (0, -3, "0.000"),
    ],
)  # fmt: skip
def test_the_scaler_moves_the_point_and_rounds_nothing(value, exponent, printed):
    found = says(axdr.I32, value.to_bytes(4, "big", signed=True), exponent)
    assert found == {"1-0:1.7.0": (printed, "W")}


@pytest.mark.parametrize("exponent", [-128, -100, -13, 10, 50, 127])
def test_a_scaler_beyond_reason_costs_its_value_and_no_memory(exponent):
    other = made.triple("1-0:2.7.0", 7, 0, "W")
    found = made.reading(made.pushed(element(axdr.U32, bytes((0, 0, 1, 0)), exponent), other))
    assert made.values(found) == {"1-0:2.7.0": ("7", "W")}


@pytest.mark.parametrize(
    ("code", "unit"),
    [(27, "W"), (28, "VA"), (29, "var"), (30, "Wh"), (31, "VAh"), (32, "varh"), (33, "A"),
     (35, "V"), (44, "Hz"), (13, "m3"), (255, ""), (77, "")],
)  # fmt: skip
def test_units_of_the_blue_books_table(code, unit):
    raw = axdr.structure(
        axdr.name("1-0:99.7.0"), axdr.integer(axdr.U32, 5), bytes((2, 2, 15, 0, 22, code))
    )
    assert made.values(made.reading(made.pushed(raw))) == {"1-0:99.7.0": ("5", unit)}


@pytest.mark.parametrize(
    ("value", "printed"),
    [(0.0, "0"), (1.0, "1"), (-1.5, "-1.5"), (230.1, "230.1"), (0.1, "0.1"), (1604.0, "1604"),
     (12345678.0, "12345678"), (-0.001, "-0.001"), (3.4e9, "3400000000")],
)  # fmt: skip
@pytest.mark.parametrize("tag", [0x17, 0x18], ids=["float32", "float64"])
def test_floats_become_the_decimals_that_were_meant(tag, value, printed):
    data = struct.pack(">f" if tag == 0x17 else ">d", value)
    ((said, unit),) = says(tag, data).values()
    assert (said, unit) == (printed, "W")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_infinity_and_not_a_number_are_no_values(value):
    other = made.triple("1-0:2.7.0", 7, 0, "W")
    for tag, form in ((0x17, ">f"), (0x18, ">d")):
        found = made.reading(made.pushed(element(tag, struct.pack(form, value)), other))
        spoken = made.values(found)
        assert spoken.pop("1-0:2.7.0") == ("7", "W")
        assert "1-0:1.7.0" not in spoken


def test_every_other_type_is_stepped_over_and_the_list_read_on():
    odd = [
        b"\x00",  # null-data
        b"\x03\x01",  # boolean
        b"\x04\x0b\xff\xe0",  # bit-string of 11 bits
        b"\x09\x03\x01\x02\x03",
        b"\x09\x81\x03\x01\x02\x03",  # a length of the long form
        b"\x0a\x02ab",
        b"\x0c\x02\xc3\xb8",
        b"\x0d\x12",
        b"\x16\x05",
        b"\x19" + bytes(12),
        b"\x1a" + bytes(5),
        b"\x1b" + bytes(4),
        b"\x02\x00",  # an empty structure
        b"\x01\x00",
    ]
    for raw in odd:
        rows = [made.triple(f"1-0:{c}.7.0", 1600 + c, 0, "W") for c in (1, 21, 41, 61, 3, 4)]
        found = made.reading(made.pushed(raw, *rows[:3], raw, *rows[3:]))
        assert made.values(found)["1-0:1.7.0"] == ("1601", "W"), raw.hex()
        assert len(made.values(found)) == len(rows)


def test_a_compact_array_is_stepped_over():
    """Blue Book 4.1.5: 13, a description of the type, then a length and untagged values."""
    data = b"\x13\x02\x02\x12\x06" + b"\x06" + b"\x00\x01\x00\x00\x00\x02"
    descriptor = made.axdr.structure(
        axdr.integer(axdr.U16, 3), axdr.name("1-0:1.7.0"), axdr.integer(axdr.I8, 2),
        axdr.integer(axdr.U16, 0),
    )  # fmt: skip
    setup = made.axdr.structure(
        axdr.integer(axdr.U16, 40), axdr.name("0-8:25.9.0"), axdr.integer(axdr.I8, 2),
        axdr.integer(axdr.U16, 0),
    )  # fmt: skip
    other = descriptor.replace(axdr.obis("1-0:1.7.0"), axdr.obis("0-0:94.31.0"))
    apdu = axdr.data_notification(
        axdr.structure(axdr.array(setup, other, descriptor), data, axdr.integer(axdr.U32, 1604))
    )
    found = made.readings(made.framed(apdu))
    assert [made.values(r) for r in found] == [{"1-0:1.7.0": ("1604", "W")}]


def test_a_structure_of_more_than_127_elements():
    many = [made.named(f"1-0:{n}.9.0", n, axdr.U8) for n in range(1, 120)]
    body = b"\x02\x81" + bytes((2 * len(many),)) + b"".join(many)
    found = made.reading(made.framed(axdr.data_notification(body)), rows=200)
    assert len(made.values(found)) == 119


@pytest.mark.parametrize("tag", [0x07, 0x08, 0x0B, 0x0E, 0x1C, 0x40, 0xFE])
def test_a_tag_of_no_table_makes_the_list_broken(tag):
    decoder = Decoder()
    assert made.readings(made.pushed(element(tag, b"\0\0\0\1")), decoder=decoder) == []
    assert decoder.counters["apdu"] + decoder.counters["unknown"] == 1


def test_nesting_without_end_is_refused():
    for depth in (9, 50, 400):
        body = b"\x02\x01" * depth + b"\x06\0\0\0\1"
        decoder = Decoder()
        assert made.readings(made.framed(axdr.data_notification(body)), decoder=decoder) == []
        assert decoder.counters["apdu"] + decoder.counters["unknown"] == 1


def test_a_count_of_elements_beyond_reason_is_refused():
    for count in (b"\x82\xff\xff", b"\x84\x7f\xff\xff\xff", b"\xff", b"\x81\xff"):
        decoder = Decoder()
        data = made.framed(axdr.data_notification(b"\x01" + count + b"\x06\0\0\0\1"))
        assert made.readings(data, decoder=decoder) == []
        assert decoder.counters["apdu"] + decoder.counters["unknown"] == 1


def test_more_entries_than_rows_are_left_out():
    many = [made.triple(f"1-0:{n}.8.0", n, 0, "Wh") for n in range(5, 25)]
    found = made.reading(made.pushed(*many), rows=8)
    assert made.values(found) == {f"1-0:{n}.8.0": (str(n), "Wh") for n in range(5, 13)}
