"""Writes docs/meters.md from the tables of the decoder and of the simulated meters.

python -m kwhisper_tools.build.docs     after a change of meterwire/profiles.txt,
                                        meterwire/obis.py or tools/meters; a test fails until it
                                        was run
"""

import re
import textwrap

from kwhisper_tools.meters import METERS, table
from kwhisper_tools.paths import ROOT
from meterwire import obis, profiles

FILE = ROOT / "docs" / "meters.md"

_COUNTRIES = {
    "AT": "Austria",
    "BE": "Belgium",
    "CH": "Switzerland",
    "DK": "Denmark",
    "LU": "Luxembourg",
    "NL": "Netherlands",
    "NO": "Norway",
    "PL": "Poland",
    "SE": "Sweden",
    "SI": "Slovenia",
}

_HEAD = """\
# Meters

<!-- Made by `python -m kwhisper_tools.build.docs` from the code's tables: change those. -->

kWhisper finds out by itself what meter it hears: speed and parity of the line, the framing (HDLC,
wired M-Bus, P1 text telegrams, or none at all), the encryption, and how the list is built. There
is nothing to choose. An encrypted meter needs the key that its operator gives out.

A value is published only from a frame whose check held, if the meter sends one (`unchecked` else).
What cannot be right is marked, and `unsure` values get no topic that would promise a unit: see
[what is doubtful](#what-is-doubtful).

## Meters that are tested with every change

Each has a simulated twin, made from its documents and not from the decoder's code:
`kwhisper demo --meter NAME`, `kwhisper simulate NAME --pty`. Other meters of the same kind work
too; if yours does not, see [an unknown meter](#an-unknown-meter).

"""

_RECOGNISED = """\
## How a list is understood

In this order:

1. **Values that carry their code, scale and unit** (Aidon, Landis+Gyr Embriq, Sagemcom, Kaifa in
   Austria and most others): `{OBIS, value, {scaler, unit}}`, with or without the braces. P1 and
   D0 telegrams, whose lines say everything, are of this kind.
2. **Values with a code but no scale** (Kamstrup, Kaifa in Sweden): the unit follows from the OBIS
   code (IEC 62056-61), the scale from the first table below.
3. **A list of codes, then the values** (Landis+Gyr E450; EG.D): as 2.
4. **Values alone**: the second table, by how many and of which types they are and how the first
   begins.

A list that none of these fits is counted as `unknown`.

The MEP port of NES meters (OSGP) sends no lists: it is asked, see [NES meters](mep.md), and
simulated as `nes`. Captured exchanges are decoded, too (`kwhisper decode --mep`).

### Scales that lists leave unsaid

Powers of ten of W and var, Wh and varh, A, V, and the power factor. "Then" is another power of ten
that the currents of such meters have: the long list of Kamstrup does not say whether the meter has
current transformers. It is used as soon as it fits the power and the first does not.

Voltages and currents are held against physics besides: of V, 0.1 V and 0.01 V the one that gives
80 to 300 V is taken; of A, 0.1 A, 0.01 A and 0.001 A one that agrees with the power, if no
document states it only after three lists in a row agree. Until then the values are `unsure`.

"""

_ORDERS = """\
### Orders of lists that name nothing

`-` is a value whose meaning no public document tells.

"""

_DOUBTFUL = """\
## What is doubtful

| mark | meaning |
| --- | --- |
| `unsure` | a voltage outside 80 to 300 V (0 V is a phase that is not there); currents that do \
not fit the power (the sum of U·I against the root of P² + Q²); a total lower than the one \
before; a scale that nothing told |
| `stale` | an hourly list whose totals are those of the hour before although power was drawn: \
some meters repeat a list |
| `derived` | worked out here: net power, import less export; the sum of the tariffs, where a \
list has all of them and no sum |
| `unchecked` | of a whole list: nothing guarded it. P1 meters older than DSMR 4 send no CRC. \
Once a meter was heard to send one, none without is believed |

Marked values are left as the meter sent them; only a scale that the meter does not state is ever
chosen, as told above. A value that is `unsure` has no topic of its own: JSON and the page show it
with its mark.

The meter's clock is taken with the offset that the meter states. Kamstrup leaves it open
(standard time all year) and Aidon writes 0 beside local time: then there is no offset. P1's S and
W are summer and winter time of the zone in the settings; of Lithuania's ESO, whose ident line
begins with /ESO, always +03:00 and +02:00. No other telegram is known to tell its country: those
of Finland have the makers' idents (/ADN9, /KAM5, /LGF5), the same as Sweden's, and none of Estonia
or Latvia is known. There the setting rules; the set-up puts in the zone of your browser. A wrong
zone shifts hours and days, never a value.

## Encrypted meters

AES-128-GCM (security suites 0 and 1). The encryption key is enough to read; with the
authentication key too, the tag of each message is checked before anything of it is used. A
message that comes a second time, or whose invocation counter went back, is not used; after three
messages with rising lower counters the meter is taken to have started anew. Meters that do not
count at all (Poland) are read.

| it says | it means |
| --- | --- |
| this meter encrypts: enter its key | no key is in the settings |
| the key does not fit this meter | what comes out is no list: the encryption key is wrong |
| the authentication tag failed: check the authentication key | the encryption key fits, the \
authentication key does not |
| the meter's invocation counter went back: repeated messages are ignored | a repeated message |

## OBIS codes

What has no name is published under its code. Sub-meters (gas, water, heat on channel 1 to 4) are
named `meter1_…` to `meter4_…`; one that counts in J or Wh says `meter1_energy` where the table
says `volume`. The phases' registers have tariffs, too: 21.8.1 is
`active_energy_import_l1_t1`.

"""

_UNKNOWN = """\
## An unknown meter

`kwhisper decode CAPTURE` shows every frame as a tree, also those of lists it does not know. A
meter needs a line in `firmware/lib/meterwire/profiles.txt`, a simulated twin in `tools/meters` and
a test: [CONTRIBUTING.md](../CONTRIBUTING.md#a-meter) shows the way.

## How it was tested

- Every list of every simulated meter against what that meter says it said, in winter and in
  summer.
- The same vectors on CPython and MicroPython of 64 and 32 bits, in machine code and plain.
- Every real capture at hand against what its source states: `kwhisper bench captures`.
- Mutated frames, of every meter, framing, cipher and layout: no exception may escape, and no
  value that no undamaged frame has said. A 16-bit check lets one damage in 65,536 pass, the byte
  sum of M-Bus one in 256: such a frame is told apart by a second computation of its check and
  counted ("collision").

{runs}

To repeat it, or to go on with other frames (it may be stopped at any time and goes on where it
was):

    python tests/decoder/fuzz_long.py --runtime cpython --seed 1 --frames 10000000
    python tests/decoder/fuzz_long.py --runtime micropython --seed 2 --frames 10000000
"""

# runtime, seed, mutated frames, readings among them, those that no check guarded, collisions, and
# values that no meter said
RUNS = (
    ("CPython 3.11", 1, 10_000_000, 3_158_811, 181_167, 2_120, 0),
    ("CPython 3.11", 4, 1_000_000, 311_507, 16_177, 204, 0),
    ("MicroPython, 64 bits, Viper", 2, 1_360_000, 432_315, 23_978, 290, 0),
    ("MicroPython, 64 bits, Viper", 5, 300_000, 95_597, 5_751, 62, 0),
    ("MicroPython, 32 bits, Viper", 3, 460_000, 145_243, 8_134, 84, 0),
)
_RUN = """
On 2026-11-20. The first million frames of seed 1 stopped the run seven times; what they found is
fixed and has a test each: a scaler beyond reason, a doubtful total (twice), a telegram without a
line end, a segment without contents, a list with the sum of its currents, and a buffer that is
full within a check. The run went on with the mended decoder; the other nine million and the other
seeds found nothing. Seeds 4 and 5 ran on the decoder as it is since it deciphers in Viper.
150,000 mutations of 210 real captures found nothing either.
"""


def _table(heads, rows):
    lines = ["| " + " | ".join(heads) + " |", "| " + " | ".join("---" for _ in heads) + " |"]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines) + "\n\n"


def _meters():
    rows = sorted(
        (_COUNTRIES[country], maker, model, port, line, every, key or "-", f"`{name}`")
        for name, maker, model, country, port, line, every, key, _ in table()
    )
    heads = ("country", "maker", "model", "port", "line", "a list every", "needs", "simulated as")
    return f"{len(METERS)} meters.\n\n" + _table(heads, rows)


def _scales():
    rows = []
    for name, kind, exponents, other in profiles.rows("scale"):
        kind = f"ends {kind[1:]}" if kind[:1] == "*" else f"begins {kind}" if kind else "any"
        first = exponents.split()
        then = other if other != first[2] else ""
        rows.append((name, kind, *first, then))
    heads = ("list's name begins", "meter's type", "power", "energy", "current", "voltage", "PF")
    return _table((*heads, "then"), rows)


def _orders():
    rows = []
    for name, begins, _, codes, exponents in profiles.rows("order"):
        rows.append((name, begins or "any", _codes(codes), exponents))
    return _table(("list", "begins", "values in their order", "scales as above"), rows)


def _codes(text):
    said = []
    for code in profiles.codes(text):
        if code is None:
            said.append("-")
        else:
            channel = "" if code[:2] == (1, 0) else f"{code[0]}-{code[1]}:"
            said.append(f"{channel}{code[2]}.{code[3]}.{code[4]}")
    return " ".join(said)


def _obis():
    rows = [
        (obis.code(key), f"`{name}`", unit or "")
        for key, name, unit in obis.rows()
        if not re.search(r"_l\d_t\d$", name)
    ]
    return _table(("code", "name", "unit"), rows)


def _runs():
    heads = ("runtime", "seed", "mutated frames", "readings", "unchecked", "collisions", "wrong")
    rows = [(*run[:2], *(f"{n:,}" for n in run[2:])) for run in RUNS]
    return _table(heads, rows) + textwrap.fill(_RUN.strip(), 98)


def make():
    """The page as text."""
    return (
        _HEAD + _meters() + _RECOGNISED + _scales() + _ORDERS + _orders() + _DOUBTFUL + _obis()
        + _UNKNOWN.replace("{runs}", _runs())
    )  # fmt: skip


if __name__ == "__main__":
    FILE.write_text(make(), "utf-8")
