"""Frames that operators and makers have printed, made again by the simulated meters."""

from datetime import datetime

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kwhisper_tools.meters import ciphering, hdlc, make, telegram


class Printed:
    """A house with the quantities of a printed example; what is not told is 0."""

    def __init__(self, **thousandths):
        self._values = {code.replace("_", ".")[1:]: v for code, v in thousandths.items()}

    def read(self, code):
        return self._values.get(code, 0)

    def exports(self, phase):
        return False

    def tariff(self):
        return 1


def example(name, kind, seed=1, start=None, **thousandths):
    meter = make(name, seed=seed, start=start and datetime.fromisoformat(start))
    meter.home = Printed(**thousandths)
    meter.ms = 0
    return meter, lambda: meter.burst(kind)


def test_check_values_of_both_crcs():
    assert hdlc.crc16_x25(b"123456789") == 0x906E
    assert telegram.crc16_arc(b"123456789") == 0xBB3D


def test_aidon_list_1_of_the_han_powermeter_seed():
    _, burst = example("aidon", "live", _1_7_0=1_604_000)
    printed = (
        "7EA02A410883130413E6E7000F40000000000101020309060100010700FF06000006440202 0F00161B6F927E"
    )
    assert burst().data == bytes.fromhex(printed)
    assert burst().truth["values"] == {"1-0:1.7.0": ("1604", "W")}


def test_aidon_list_2_of_one_phase_as_in_its_description():
    meter, burst = example(
        "aidon-1ph", "full", _1_7_0=1_362_000, _3_7_0=996_000, _31_7_0=9_300, _32_7_0=250_000
    )
    meter.meter_id = "7359992890941742"
    data = burst().data
    begin = (
        "7EA0D24108831382D6E6E7000F40000000000109020209060101000281FF0A0B4149444F4E5F56303030 31"
    )
    assert data.startswith(bytes.fromhex(begin))
    assert data.endswith(bytes.fromhex("E0C47E"))
    assert len(data) == 0xD2 + 2
    truth = burst().truth
    assert truth["values"]["1-0:31.7.0"] == ("9.3", "A")
    assert truth["values"]["1-0:32.7.0"] == ("250.0", "V")


# The sample of Netz NÖ's brochure 218_9: both M-Bus frames without the brochure's misprint.
_EVN_KEY = "36C66639E48A8CA4D6BC8B282A793BBB"
_EVN_TEXT = """
88D5AB4F97515AAFC6B88D2F85DAA7A0E3C0C40D004535C397C9D037AB7DBDA329107615444894A1A0DD7E85F02D49
6CECD3FF46AF5FB3C9229CFE8F3EE4606AB2E1F409F36AAD2E50900A4396FC6C2E083F373233A69616950758BFC7D6
3A9E9B6E99E21B2CBC2B934772CA51FD4D69830711CAB1F8CFF25F0A329337CBA51904F0CAED88D61968743C8454BA
922EB00038182C22FE316D16F2A9F544D6F75D51A4E92A1C4EF8AB19A2B7FEAA32D0726C0ED80229AE6C0F7621A420
9251ACE2B2BC66FF0327A653BB686C756BE033C7A281F1D2A7E1FA31C3983E15F8FD16CC5787E6F5419A3CFDA44BE4
38C96F0E38BF83D9
"""


def test_kaifa_of_netz_noe_as_in_the_operators_brochure():
    meter, burst = example(
        "kaifa-at",
        "full",
        seed=9,
        start="2021-09-27T09:47:15+02:00",
        _1_8_0=12_937_000,
        _32_7_0=233_700,
        _13_7_0=1000,
    )
    meter.key = bytes.fromhex(_EVN_KEY)
    meter.counter = 0x23
    meter.invoke = lambda: bytes.fromhex("8006870E")
    text = bytes.fromhex(_EVN_TEXT)
    head = bytes.fromhex("DB084B464D675000000981F82000000023")
    printed = (
        bytes.fromhex("68FAFA6853FF000167") + head + text[:228] + b"\x17\x16"
        + bytes.fromhex("6814146853FF110167") + text[228:] + b"\x83\x16"
    )  # fmt: skip
    assert burst().data == printed
    truth = burst().truth
    assert truth["time"] == "2021-09-27T09:47:15+02:00"
    assert truth["meter_id"] == "181220000009"
    assert truth["values"]["1-0:1.8.0"] == ("12937", "Wh")
    assert truth["values"]["1-0:32.7.0"] == ("233.7", "V")
    assert truth["values"]["1-0:13.7.0"] == ("1.000", "")


def test_authenticated_ciphering_as_in_the_green_book():
    plain = bytes.fromhex("C0010000080000010000FF0200")
    title = bytes.fromhex("4D4D4D0000BC614E")
    sealed = ciphering.seal(plain, ciphering.KEY, ciphering.AUTH_KEY, title, 0x01234567, 0x30)
    assert sealed.hex().upper() == "411312FF935A47566827C467BC7D825C3BE4A77C3FCC056B6B"


def test_without_authentication_the_text_is_the_same_only_the_tag_is_missing():
    title, plain = b"KFMxxxxx", b"data-notification"
    bare = ciphering.seal(plain, ciphering.KEY, None, title, 7, 0x20)
    tagged = AESGCM(ciphering.KEY).encrypt(title + b"\x00\x00\x00\x07", plain, b"")
    assert bare == tagged[: len(plain)]
