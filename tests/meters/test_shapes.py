"""The simulated frames have the form of real ones; the captures lie beside the repo."""

import pytest
from meters import witness

from kwhisper_tools.meters import METERS, frame, make

# meter, kind of list, a capture of the same list in the clear
_IN_THE_CLEAR = (
    ("aidon", "live", "no-aidon-6534-list1-1"),
    ("aidon", "full", "no-aidon-6534-list2-1"),
    ("aidon", "hourly", "no-aidon-6534-list3-1"),
    ("aidon-1ph", "full", "no-aidon-6515-list2-1"),
    ("aidon-3w", "hourly", "no-aidon-6525-list3"),
    ("aidon-se-p1hdlc", "full", "se-aidon-doc_example_rj12-selist"),
    ("kaifa", "live", "no-kaifa-ma304h4-list1-1"),
    ("kaifa", "full", "no-kaifa-ma304h4-list2-4"),
    ("kaifa", "hourly", "no-kaifa-ma304h4-list3-2"),
    ("kaifa-1ph", "full", "no-kaifa-ma105h2e-list2-1"),
    ("kaifa-1ph", "hourly", "no-kaifa-ma105h2e-list3-2"),
    ("kaifa-3w", "hourly", "no-kaifa-ma304h3e-list3-1"),
    ("kaifa-t4", "hourly", "se-kaifa-ma304t4-list3"),
    ("kaifa-se", "full", "se-kaifa-ma304h4-selist"),
    ("kamstrup", "full", "no-kamstrup-6841131bn243101040-list2-1"),
    ("kamstrup", "hourly", "no-kamstrup-6841121bn243101040-list3-1"),
    ("lg-e450-ch", "full", "ch-landis_gyr-e450-gbt-5"),
    ("iskra-si", "full", "si-iskraemeco-am550-hdlc-1"),
    ("iskra-si", "quarter", "si-iskraemeco-am550-hdlc-2"),
    ("iskra-si-celje", "full", "si-iskraemeco-am550-hdlc-7"),
)

# captures that are an APDU or LLC payload only, decrypted or taken from a listing
_PLAIN = (
    ("kamstrup-1ph", "full", "no-kamstrup-6861111bn242101040-list2llc"),
    ("kamstrup-1ph", "hourly", "no-kamstrup-6861111bn242101040-list3llc"),
    ("kamstrup-dk", "full", "dk-kamstrup-omnipower-apdu"),
    ("sagemcom-at", "full", "at-sagemcom-t210_d-apdu"),
    ("kaifa-at-tinetz", "full", "at-kaifa-ma309_1kfm02-apdu"),
    ("lg-e450-at", "full", "at-landis_gyr-e450-apdu-2"),
    ("lg-e450-burgenland", "full", "at-landis_gyr-e450-apdu-1"),
    ("wiener-netze", "full", "at-iskraemeco-am550_wiener_netze-enchdlc-2"),
    ("kaernten-netz", "full", "at-iskraemeco-am550_kaernten_netz-enchdlc-2"),
)

_ENCRYPTED = (
    ("sagemcom-at", "at-sagemcom-austrian_smart_meter-encmbus-1"),
    ("kaifa-at", "at-kaifa-ma309_netz_noe_evn_doc_example-encmbus"),
    ("kaifa-at-tinetz", "at-kaifa-ma309m-encmbus-3"),
    ("kamstrup-dk", "dk-kamstrup-omnipower_3_phase-enchdlc-1"),
    ("lg-e450-at", "at-landis_gyr-e450-encgbt-1"),
    ("lg-e450-burgenland", "at-landis_gyr-e450-enchdlc-1"),
    ("wiener-netze", "at-iskraemeco-am550_wiener_netze-enchdlc-2"),
    ("kaernten-netz", "at-iskraemeco-am550_kaernten_netz-enchdlc-2"),
)

_TELEGRAMS = (
    ("swedish-p1", "se-sagemcom-ell5_ellevio_253833635_a-p1-1"),
    ("swedish-p1-lg", "se-landis_gyr-e360-p1-1"),
    ("graz-encrypted", "at-sagemcom-t210_d_r-p1"),
)


def burst_of(name, kind):
    meter = make(name)
    meter.next()
    return meter, meter.burst(kind)


def bytes_of(captures, capture):
    return bytes.fromhex(captures[capture]["hex"])


@pytest.mark.parametrize(("name", "kind", "capture"), _IN_THE_CLEAR)
def test_list_has_the_types_and_codes_of_a_real_one(captures, name, kind, capture):
    meter, burst = burst_of(name, kind)
    real = bytes_of(captures, capture)
    ours, theirs = witness.apdu(burst.data), witness.apdu(real)
    assert witness.shape(ours) == witness.shape(theirs)
    # addresses and control too, where the country is the same
    if capture[:2].upper() == METERS[name].country:
        assert burst.data[3:7] == real[3:7]


@pytest.mark.parametrize(("name", "kind", "capture"), _PLAIN)
def test_list_has_the_types_and_codes_of_a_real_apdu(captures, name, kind, capture):
    meter, burst = burst_of(name, kind)
    real = bytes_of(captures, capture)
    if real[:3] == b"\xe6\xe7\x00":
        real = real[3:]
    if captures[capture]["key"]:
        real = witness.apdu(real, bytes.fromhex(captures[capture]["key"]))
    assert witness.shape(witness.apdu(burst.data, meter.key)) == witness.shape(real)


@pytest.mark.parametrize(("name", "capture"), _ENCRYPTED)
def test_encrypted_frames_are_cut_like_real_ones(captures, name, capture):
    ours = list(witness.frames(frame(name)))
    theirs = list(witness.frames(bytes_of(captures, capture)))
    assert [len(f) for f in ours] == [len(f) for f in theirs]
    assert [f[:9] for f in ours] == [f[:9] for f in theirs]


def test_landis_gyr_blocks_are_cut_like_real_ones(captures):
    real = bytes_of(captures, "ch-landis_gyr-e450-gbt-5")
    ours = list(witness.frames(frame("lg-e450-ch")))
    assert [f[:18] for f in ours[1:]] == [f[:18] for f in list(witness.frames(real))[1:]]
    assert len(frame("lg-e450-ch")) == len(real)


@pytest.mark.parametrize(("name", "capture"), _TELEGRAMS)
def test_telegram_has_the_lines_of_a_real_one(captures, name, capture):
    meter = make(name)
    burst = meter.next()
    text = burst.data if meter.key is None else witness.decipher(burst.data, meter.key)
    assert witness.lines(text) == witness.lines(bytes_of(captures, capture))


@pytest.mark.parametrize(
    ("name", "capture"),
    [
        ("dsmr2", "nl-kamstrup-ka6u001660297912-p1"),
        ("fluvius-be", "be-sagemcom-fluvius_253769484_a-p1-2"),
    ],
)
def test_codes_come_in_the_order_of_a_real_telegram(captures, name, capture):
    real = [line.split("(")[0] for line in witness.lines(bytes_of(captures, capture))]
    ours = [line.split("(")[0] for line in witness.lines(make(name).next().data)]
    assert ours == [code for code in real if code in ours]
    assert len(ours) > 0.9 * len(real)


def test_dsmr_telegram_prints_every_code_as_a_real_one_does(captures):
    real = witness.lines(bytes_of(captures, "nl-iskraemeco-am550_2m550t_1012-p1-4"))
    gas = witness.lines(bytes_of(captures, "nl-sagemcom-xs210_esmr_5_0-p1"))
    known = {line.split("(")[0]: line for line in gas + real}
    for line in witness.lines(make("dsmr5").next().data):
        code = line.split("(")[0]
        if not code.endswith(("96.1.1", "0-1:96.1.0")):
            assert line == known[code]
