"""The vectors that every runtime decodes: simulated meters, public examples, damage, keys.

A vector is a line: name key auth-key buffer-size bytes-a-feed hex ("-" for no key).
"""

import random
from datetime import datetime

from decoder import made, mutate

from kwhisper_tools.meters import METERS, ciphering, hdlc, make, mbus

# Examples that operators and makers have published: Netz NÖ's brochure 218_9, the HAN-powermeter
# seed, and an HDLC frame without information.
_EVN_KEY = "36c66639e48a8ca4d6bc8b282a793bbb"
_EVN = (
    "68fafa6853ff000167db084b464d675000000981f82000000023"
    "88d5ab4f97515aafc6b88d2f85daa7a0e3c0c40d004535c397c9d037ab7dbda329107615444894a1a0dd7e85f02d49"
    "6cecd3ff46af5fb3c9229cfe8f3ee4606ab2e1f409f36aad2e50900a4396fc6c2e083f373233a69616950758bfc7d6"
    "3a9e9b6e99e21b2cbc2b934772ca51fd4d69830711cab1f8cff25f0a329337cba51904f0caed88d61968743c8454ba"
    "922eb00038182c22fe316d16f2a9f544d6f75d51a4e92a1c4ef8ab19a2b7feaa32d0726c0ed80229ae6c0f7621a420"
    "9251ace2b2bc66ff0327a653bb686c756be033c7a281f1d2a7e1fa31c3983e15f8fd16cc5787e6f5419a3cfd1716"
    "6814146853ff110167a44be438c96f0e38bf83d98316"
)
EXAMPLES = (
    ("evn-brochure", _EVN_KEY, None, bytes.fromhex(_EVN)),
    ("seed-list-1", None, None, made.SEED_LIST),
    ("no-information", None, None, bytes.fromhex("7ea00801020110378d7e")),
)

_START = datetime(2026, 1, 20, 11, 59, 50)


def _meters():
    for name in METERS:
        meter = make(name, seed=23, start=_START)
        data = b"".join(meter.next().data for _ in range(6))
        yield name, meter.key, meter.auth_key, data
        rng = mutate.Dice(len(name) * 77)
        frames = [meter.next().data for _ in range(8)]
        hurt = b"".join(bytes(mutate.mutated(rng, frame, frames[0])) + frame for frame in frames)
        yield name + "-hurt", meter.key, meter.auth_key, hurt
        forged = b"".join(bytes(mutate.forged(rng, frame, frames[0])) for frame in frames * 2)
        yield name + "-forged", meter.key, meter.auth_key, forged


def _doubtful():
    """What test_descriptors, test_repeated, test_scales and test_units are about."""
    from decoder.test_descriptors import push_list
    from decoder.test_problems import HEADER, long_list
    from decoder.test_repeated import HOLLEY, LAST_MONTH
    from decoder.test_scales import described, pairs

    for elements in (3, 4, 5, 6):
        yield f"descriptors-{elements}", None, None, push_list(elements) * 2
    opened = (*HOLLEY, "0-0:98.1.0", "(", *LAST_MONTH, ")", *HOLLEY[:1])
    yield "open-group", None, None, made.telegraph(*opened)
    ring = [
        f"7-0:23.1.0*255(0{1238 + h}.740*m3)(19-01-01 {h * 5 % 24:02}:00:00)" for h in range(24)
    ]
    yield "ring", None, None, made.telegraph(*ring, *HOLLEY)
    yield "centivolt", None, None, pairs(551, (139, 36, 187), (23593, 23343, 23507)) * 2
    yield "amperes", None, None, pairs(258_000, (374, 370, 378), (230, 231, 229)) * 4
    yield "feeding", None, None, pairs(600, (1600, 900, 800), (230, 231, 229)) * 4
    yield "impossible", None, None, pairs(551, (139, 36, 187), (43593, 43343, 43507)) * 2
    for name in ("XYZ_V0001", "LGZ_V0001"):
        yield name, None, None, pairs(900, (139, 36, 187), (2359, 2334, 2351), name) * 4
    yield "push-setup", None, None, described("0-6:25.9.0", b"LGZ1030655933512", (2357, 0, 0))
    lines = ("1-0:4.7.0(00.007)", "1-0:15.8.0(00007137.694*kWh )", "1-0:1.7.0(01.604*V)")
    heat = ("0-1:24.1.0(012)", "0-1:24.2.1(260120115500W)(024.086*GJ)", "0-2:24.2.1(024.086)")
    yield "units", None, None, made.telegraph(*lines, *heat)
    yield "zone", None, None, made.telegraph("0-0:1.0.0(240714101855S)", ident="ESO5 made")
    yield "long-list", None, None, made.telegraph(*long_list(96))
    yield "header-alone", None, None, HEADER * 4
    yield "translated", None, None, made.SEED_LIST.replace(b"\x01", b"\r\n") * 4


def _made():
    integers = [
        made.triple("1-0:1.8.0", 2**63 - 1, -3, "Wh", made.axdr.U64),
        made.triple("1-0:2.8.0", -(2**63), 2, "Wh", made.axdr.I64),
        made.triple("1-0:3.8.0", 2**32 - 1, 9, "varh"),
        made.triple("1-0:1.7.0", -(2**31), 0, "W", made.axdr.I32),
        made.triple("1-0:2.7.0", 2**31, 0, "W"),
        made.triple("1-0:31.7.0", 65535, -2, "A", made.U16),
        made.triple("1-0:32.7.0", 65535, -2, "V", made.U16),
        made.triple("1-0:11.7.0", 1, -1, "A"),
    ]
    yield "integers", None, None, made.pushed(*integers) * 2
    floats = b"\x17\x43\x66\x19\x9a", b"\x18\x40\x6c\xc3\x33\x33\x33\x33\x33", b"\x17\x7f\x80\0\0"
    yield (
        "floats",
        None,
        None,
        made.pushed(
            *(
                made.axdr.structure(
                    made.axdr.name(f"1-0:{32 + 20 * n}.7.0"), raw, made.axdr.scaler_unit(0, "V")
                )
                for n, raw in enumerate(floats)
            )
        ),
    )
    lines = [f"1-0:1.8.{n}({10 ** (4 * n) + n}.{n:03}*kWh)" for n in range(5)]
    lines += ["0-1:24.2.1(260120115500W)(00872.234*m3)", "1-0:4:24.7.0(1*kW)", "0-0:96.13.0(4B)"]
    lines += ["1-0:2.8.0(-12345678901.234*kWh)", "1-0:13.7.0(0.987)", "1-0:21.7.0("]
    yield "telegram", None, None, made.telegraph(*lines) * 2
    yield "no crc", None, None, made.unchecked(*lines)
    for text in ("260120101500", "26-01-20 10:15:00", "26-01-20 01:07:09"):
        clock = f"0-0:1.0.0({text})"
        yield "clock", None, None, made.telegraph(clock, "1-0:1.8.0(000123.456*kWh)")
    apdu = made.notification(made.triple("1-0:1.7.0", 1604, 0, "W"))
    title = b"KFM\x67\x50\x00\x00\x09"
    for security in (0x20, 0x21, 0x30):
        stream = b"".join(
            made.framed(
                ciphering.glo_ciphering(
                    apdu, ciphering.KEY, ciphering.AUTH_KEY, title, n, security
                )
            )
            for n in (1, 2, 2, 1, 5, 0)
        )
        for key, auth_key in (
            (ciphering.KEY, ciphering.AUTH_KEY),
            (ciphering.KEY, None),
            (ciphering.AUTH_KEY, ciphering.KEY),
            (ciphering.KEY, ciphering.KEY),
            (None, None),
        ):
            yield f"security-{security:02x}", key, auth_key, stream
    parts = b"".join(hdlc.segments(hdlc.LLC + apdu, made.ADDRESS, 20))
    yield "segments", None, None, parts + parts[40:] + parts
    yield "m-bus", None, None, b"".join(mbus.segments(apdu * 4, 60))
    yield "blocks", None, None, b"".join(hdlc.block_transfer(apdu, made.ADDRESS, (20,))) * 2
    yield "noise", None, None, random.Random(5).randbytes(4000)


def lines(size=2600):
    """All vectors, each in two ways of being fed."""
    for source in (EXAMPLES, _made(), _doubtful(), _meters()):
        for name, key, auth_key, data in source:
            key, auth_key = ((k if isinstance(k, str) else k.hex()) if k else "-" for k in
                             (key, auth_key))  # fmt: skip
            yield f"{name.replace(' ', '-')} {key} {auth_key} {size} {len(data)} {data.hex()}"
            yield f"{name.replace(' ', '-')} {key} {auth_key} {size} 61 {data.hex()}"
