"""How lists are built: each shape, each maker, and what is not known."""

import pytest
from decoder import made

from kwhisper_tools.meters import axdr, make
from kwhisper_tools.meters.axdr import I8, U16, U32, U64
from meterwire import Decoder

U1, I1 = "1-0:32.7.0", "1-0:31.7.0"


def bare_values(*items):
    return made.framed(axdr.data_notification(axdr.structure(*items)))


def described(*rows):
    """{ [ {class, OBIS, attribute, index} … ], name of the push, value … }

    The first descriptor names the array itself, the second the push setup's own name.
    """

    def descriptor(obis, class_id=3, attribute=2):
        return axdr.structure(
            axdr.integer(U16, class_id),
            axdr.name(obis),
            axdr.integer(I8, attribute),
            axdr.integer(U16, 0),
        )

    setup = descriptor("0-8:25.9.0", 40), descriptor("0-8:25.9.0", 40, 1)
    names = axdr.array(*setup, *(descriptor(obis) for obis, *_ in rows))
    values = (axdr.integer(kind, value) for _, value, kind in rows)
    return bare_values(names, axdr.name("0-8:25.9.0"), *values)


# ---- self-describing


def test_triples_carry_their_own_scale():
    found = made.reading(
        made.pushed(made.triple(I1, 93, -1, "A"), made.triple(U1, 2500, -1, "V", U16))
    )
    assert made.values(found) == {I1: ("9.3", "A"), U1: ("250.0", "V")}


def test_pairs_with_the_scaler_beside_them_as_in_austria():
    """{clock, OBIS, value, {scaler, unit}, OBIS, value, …, number}"""
    items = [axdr.octets(b"\x07\xe5\x09\x1b\x01\x09\x2f\x0f\x00\xff\x88\x80")]
    for obis, value, exponent, unit in (("1-0:1.8.0", 12937, 0, "Wh"), (U1, 2337, -1, "V")):
        items += [axdr.name(obis), axdr.integer(U32, value), axdr.scaler_unit(exponent, unit)]
    items.append(axdr.octets(b"181220000009"))
    found = made.reading(bare_values(*items))
    assert made.values(found) == {"1-0:1.8.0": ("12937", "Wh"), U1: ("233.7", "V")}
    assert found.meter_id == "181220000009"


def test_embriq_writes_tag_and_length_of_currents_the_wrong_way_round():
    odd = made.triple(I1, 212, -2, "A").replace(
        b"\x09\x06" + axdr.obis(I1), b"\x06\x09" + axdr.obis(I1)
    )
    found = made.reading(made.pushed(made.triple(U1, 2310, -1, "V"), odd))
    assert made.values(found) == {U1: ("231.0", "V"), I1: ("2.12", "A")}


def test_descriptors_go_with_the_values_in_their_order():
    found = made.reading(described(("1-0:1.7.0", 1604, U32), (U1, 231, U16), (I1, 695, U16)))
    assert made.values(found) == {
        "1-0:1.7.0": ("1604", "W"), U1: ("231", "V"), I1: ("6.95", "A"),
    }  # fmt: skip


def test_descriptors_without_type_tags_as_eg_d_prints_them():
    def row(obis, value):
        head = b"\x00\x03" + axdr.obis(obis) + b"\x02"
        return b"\x02\x02" + head + axdr.integer(U32, value)

    rows = [row("1-0:1.8.0", 123456), row("1-0:1.7.0", 1604)]
    body = b"\x02\x02\x16\x01\x01" + bytes((len(rows),)) + b"".join(rows)
    found = made.readings(made.framed(axdr.data_notification(body)))
    assert [made.values(r) for r in found] == [
        {"1-0:1.8.0": ("123456", "Wh"), "1-0:1.7.0": ("1604", "W")}
    ]


# ---- what the profiles know


def test_kamstrup_reports_energy_in_tens_of_watt_hours():
    pairs = (made.named("1-1:1.8.0", 3011453), made.named("1-1:32.7.0", 230, U16))
    found = made.reading(made.bare("Kamstrup_V0001", *pairs))
    assert made.values(found)["1-1:1.8.0"] == ("30114530", "Wh")


def test_kamstrup_in_sweden_reports_watt_hours():
    number = axdr.name("1-1:96.1.1") + axdr.visible("6841138BN245101090")
    pairs = (number, made.named("1-1:1.8.0", 30114530), made.named("1-1:32.7.0", 230, U16))
    found = made.reading(made.bare("Kamstrup_V0001", *pairs))
    assert made.values(found)["1-1:1.8.0"] == ("30114530", "Wh")


def kamstrup(model, amperes, power, volts=230):
    kind = axdr.name("1-1:96.1.1") + axdr.visible(model) if model else None
    rows = [made.named("1-1:1.7.0", power), made.named("1-1:2.7.0", 0)]
    rows += [made.named(f"1-1:{c}.7.0", amperes) for c in (31, 51, 71)]
    rows += [made.named(f"1-1:{c}.7.0", volts, U16) for c in (32, 52, 72)]
    return made.reading(made.bare("Kamstrup_V0001", *([kind] if kind else []), *rows))


def test_kamstrup_counts_hundredths_of_an_ampere():
    found = kamstrup("6841121BN243101040", 232, 1600)
    assert made.values(found)["1-1:31.7.0"] == ("2.32", "A")
    assert not made.flagged(found, "unsure")


def test_kamstrup_on_transformers_counts_milliamperes():
    found = kamstrup("6851121BN243101040", 23200, 16000)
    assert made.values(found)["1-1:31.7.0"] == ("23.200", "A")
    assert not made.flagged(found, "unsure")


def test_a_kamstrup_that_names_no_type_is_judged_by_its_power():
    """The list of 65 has no type; U·I against the power tells which of the two it is: the meter
    that others read as 910 A has 91 A."""
    for amperes, power, right in ((91000, 62790, "91.000"), (232, 1600, "2.32")):
        found = kamstrup(None, amperes, power)
        assert made.values(found)["1-1:31.7.0"] == (right, "A")
        assert not made.flagged(found, "unsure")
        assert made.values(found)["1-1:16.7.0"] == (str(power), "W")


def test_where_no_scale_fits_the_document_stands_and_is_marked_unsure():
    found = kamstrup(None, 232, 700000)
    assert made.values(found)["1-1:31.7.0"] == ("2.32", "A")
    assert set(made.flagged(found, "unsure")) == {f"1-1:{c}.7.0" for c in (31, 51, 71)}


def test_null_pairs_stand_for_phases_that_are_not_there():
    data = made.bare(
        "Kamstrup_V0001", made.named("1-1:1.7.0", 500), axdr.NULL, axdr.NULL,
        made.named("1-1:32.7.0", 230, U16), axdr.NULL, axdr.NULL,
    )  # fmt: skip
    assert made.values(made.reading(data)) == {
        "1-1:1.7.0": ("500", "W"), "1-1:32.7.0": ("230", "V"),
    }  # fmt: skip


def test_kaifa_counts_milliamperes_and_tenths_of_a_volt_by_position():
    texts = [axdr.octets(t) for t in (b"KFM_001", b"6970631400000005", b"MA304H4")]
    numbers = [1604, 0, 0, 120, 2321, 2400, 2450, 2310, 2320, 2330]
    found = made.reading(bare_values(*texts, *(axdr.integer(U32, n) for n in numbers)))
    says = made.values(found)
    assert says["1-0:31.7.0"] == ("2.321", "A")
    assert says["1-0:72.7.0"] == ("233.0", "V")
    assert says["1-0:4.7.0"] == ("120", "var")
    assert (found.list_id, found.meter_id, found.meter_type) == (
        "KFM_001", "6970631400000005", "MA304H4",
    )  # fmt: skip


def test_kaifa_t4_counts_energy_in_eight_bytes():
    meter = make("kaifa-t4", seed=3)
    for _ in range(40):
        found = made.reading(meter.next().data)
        if found.kind == 3:
            assert len(made.values(found)["1-0:1.8.0"][0]) >= 9
            return
    raise AssertionError("no hourly list came")


def test_kaifa_list_1_is_one_number():
    found = made.reading(bare_values(axdr.integer(U32, 1604)))
    assert made.values(found) == {"1-0:1.7.0": ("1604", "W")}
    assert found.kind == 1


def test_landis_gyr_of_switzerland_counts_whole_volts():
    """Others divide by ten and read 23.4 V."""
    found = made.reading(described((U1, 234, U16), ("1-0:52.7.0", 233, U16)))
    assert made.values(found) == {U1: ("234", "V"), "1-0:52.7.0": ("233", "V")}
    assert not made.flagged(found, "unsure")


@pytest.mark.parametrize(
    ("name", "code", "unit"),
    [("iskra-si", "1-0:32.7.0", "V"), ("iskra-si-celje", "1-0:31.7.0", "A"),
     ("wiener-netze", "1-0:1.8.0", "Wh"), ("kaernten-netz", "1-0:1.7.0", "W"),
     ("lg-e450-burgenland", "1-0:52.7.0", "V")],
)  # fmt: skip
def test_lists_without_codes_are_known_by_their_order(name, code, unit):
    meter = make(name, seed=6)
    burst = meter.next()
    found = made.reading(burst.data, key=meter.key, auth_key=meter.auth_key)
    assert made.values(found)[code] == burst.truth["values"][code]
    assert made.values(found)[code][1] == unit


# ---- what is not known


def test_an_unknown_list_gives_nothing_and_is_counted():
    decoder = Decoder()
    data = bare_values(*(axdr.integer(U32, n) for n in range(5)))
    assert made.readings(data, decoder=decoder) == []
    assert made.causes(decoder) == {"ok": 1, "unknown": 1}


def test_codes_in_an_unknown_list_are_used_and_marked_where_the_scale_is_not_known():
    pairs = (made.named("1-0:1.8.0", 5000), made.named(U1, 231, U16), made.named(I1, 50, U16))
    found = made.reading(made.bare("NOBODY_V9", *pairs, made.named("1-0:1.7.0", 700)))
    says = made.values(found)
    assert says["1-0:1.7.0"] == ("700", "W")
    assert "1-0:1.8.0" in made.flagged(found, "unsure")
    assert I1 in made.flagged(found, "unsure")


def test_a_known_order_after_another_meter_was_read():
    """One line may carry two meters' lists: each keeps its own profile."""
    one, other = make("kaifa", seed=1), make("kamstrup", seed=2)
    decoder = Decoder()
    for _ in range(12):
        for meter in (one, other):
            burst = meter.next()
            (found,) = made.readings(burst.data, decoder=decoder)
            says = made.values(found)
            assert {c: says[c] for c in burst.truth["values"]} == burst.truth["values"]


def test_eight_byte_totals():
    found = made.reading(made.pushed(made.triple("1-0:1.8.0", 2**40, 0, "Wh", U64)))
    assert made.values(found) == {"1-0:1.8.0": (str(2**40), "Wh")}


def test_the_frame_of_an_unknown_list_is_handed_over_before_it_is_gone():
    frame = bare_values(axdr.integer(U32, 1), axdr.integer(U32, 2))
    kept = []
    decoder = Decoder()
    decoder._unknown = lambda buf, start, stop: kept.append(bytes(buf[start:stop]))
    assert made.readings(frame, decoder) == []
    assert kept == [frame[:-1]], "the closing flag may open the next frame"


_SHAPES = {
    "class": lambda code, value: axdr.structure(code, axdr.integer(U16, 3), b"\x0f\x02"),
    "attribute": lambda code, value: axdr.structure(code, b"\x0f\x02", value),
    "attribute and index": lambda code, value: axdr.structure(
        code, b"\x0f\x02", axdr.integer(U16, 0), value
    ),
    "scaler and unit without braces": lambda code, value: axdr.structure(
        code, value, b"\x0f\xff", b"\x16\x1b"
    ),
    "scaler before the value": lambda code, value: axdr.structure(
        code, axdr.scaler_unit(-1, "W"), value
    ),
    "unit alone": lambda code, value: axdr.structure(code, value, b"\x16\x1b"),
}


@pytest.mark.parametrize("shape", list(_SHAPES))
@pytest.mark.parametrize("count", [1, 3, 12])
def test_a_list_with_a_loose_number_beside_each_value_is_not_believed(shape, count):
    """Which of two numbers is the value nobody knows: a class, an attribute, a scaler?"""
    codes = [f"1-0:{c}.7.0" for c in (1, 2, 3, 4, 31, 51, 71, 32, 52, 72, 21, 41)][:count]
    rows = [
        _SHAPES[shape](axdr.name(code), axdr.integer(U32, 1111 + n))
        for n, code in enumerate(codes)
    ]
    decoder = Decoder()
    assert made.readings(made.pushed(*rows), decoder=decoder) == []
    assert decoder.counters["unknown"] == 1


def test_names_in_one_array_and_values_behind_it_are_not_mixed_up():
    names = axdr.array(*(axdr.name(f"1-0:{c}.7.0") for c in (1, 2, 3, 4)))
    told = [axdr.integer(U32, 1111 + n) for n in range(4)]
    for behind in (told, [axdr.array(*told)]):
        data = made.framed(axdr.data_notification(axdr.structure(names, *behind)))
        for found in made.readings(data):
            assert made.values(found) == {}


def test_one_loose_number_in_a_list_does_no_harm():
    rows = [made.triple(f"1-0:{c}.7.0", 100 + c, 0, "W") for c in (1, 2, 21, 22)]
    found = made.reading(made.pushed(axdr.integer(U32, 77), *rows))
    assert made.values(found)["1-0:22.7.0"] == ("122", "W")
