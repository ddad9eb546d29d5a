"""What lists leave unsaid: exponents, and the order of values. One line a list; no code.

A list that names its values but not their scale takes its exponents from SCALES; a list of bare
values takes its order from ORDERS as well. Adding a meter is adding a line here and a test.

Both tables are texts: on a chip they stay in flash, and only the line that is needed is ever read
apart. Fields stand between "|", a line that begins with "#" says where a fact comes from.
"""

# how the list's name begins | the meter's type begins (after a "*": ends) | exponents of power,
# energy, current, voltage, power factor | exponent of current to try when that one fails
#
# The list's name is its first text, or the push setup's code it begins with, or the meter's system
# title. The first line that fits is taken.
SCALES = """
# CT meters count milliamperes
Kamstrup|685|0 1 -3 0 -2|-3
# Sweden: Wh
Kamstrup|*090|0 0 -2 0 -2|-2
# HAN-NVE interface description 3.1: 10 Wh, 0.01 A, V
Kamstrup|6|0 1 -2 0 -2|-2
# the long list names no type; CT meters send it too
Kamstrup||0 1 -2 0 -2|-3
# KFM_001 3.4: mA, 0.1 V, W, Wh
KFM||0 0 -3 -1 -3|-3
# E450: W, Wh, 0.01 A, V; and by the push setup of the same meter
LGZ||0 0 -2 0 -3|-2
0-8:25.9.0||0 0 -2 0 -3|-2
# AM550: 0.1 V
ISK||0 0 -2 -1 -3|-2
0-6:25.9.0||0 0 -2 -1 -3|-2
SAG||0 0 -2 -1 -3|-2
EGD||0 0 -2 -1 -3|-2
"""

# name | how its first text begins | kinds of its elements | codes of them | exponents as above
#
# A kind is t text, d clock (12 octets), h 2 bytes, w 4 bytes, q 4 or 8 bytes, b 1 byte, x any.
# Codes are A-B:C.D.E, 1-0 understood; "-" is not told. Capitals stand for codes that come
# together: L M T C the list's name, the meter's number and type, the clock; P power and reactive
# power, I currents, U voltages, E energies, N the phases' import, X their export.
ORDERS = """
# Kaifa MA105H2E, MA304H3E, MA304H4, MA304T3, MA304T4 (Norway, Sweden): lists 1, 2 and 3
KFM_001||w|1.7.0|0 0 -3 -1 -3
KFM_001|KFM|tttwwwwww|L M T P 31.7.0 32.7.0|0 0 -3 -1 -3
KFM_001|KFM|tttwwwwwwwwww|L M T P I U|0 0 -3 -1 -3
KFM_001|KFM|tttwwwwwwdqqqq|L M T P 31.7.0 32.7.0 C E|0 0 -3 -1 -3
KFM_001|KFM|tttwwwwwwwwwwdqqqq|L M T P I U C E|0 0 -3 -1 -3
# Iskraemeco AM550, Slovenia: Ljubljana 5 s and 15 min, Celje, one-phase, single totals
AM550 5 s|ISK|ttwwwwhhhhhhwwwwww|M L P U I N X|0 0 -2 -1 -3
AM550 15 min|ISK|ttbtwwwwwwww|M L 0-0:96.3.10 0-0:96.14.0 1.8.0 1.8.1 1.8.2 2.8.0 2.8.1 2.8.2 \
3.8.0 4.8.0|0 0 -2 -1 -3
AM550 Celje|ISK|tthhhhhhwwww|M L U I P|0 0 -2 -1 -3
AM550 one-phase|ISK|ttwwwwhww|- M P 32.7.0 21.7.0 22.7.0|0 0 -2 -1 -3
AM550 one-phase|ISK|ttwwwwhhww|- M P 32.7.0 31.7.0 21.7.0 22.7.0|0 0 -2 -1 -3
AM550 tariffs|ISK|twwwwwwww|M 1.7.0 2.7.0 1.8.0 1.8.1 1.8.2 2.8.0 2.8.1 2.8.2|0 0 -2 -1 -3
AM550 total||tbww|M 0-0:96.14.0 1.8.0 2.8.0|0 0 -2 -1 -3
# Iskraemeco IE.5-TD1, Croatia
IE.5-TD1||tttwwwwwwwwwwwwhwwwwwwhhhhhhwxxxb|M - - 1.8.0 1.8.1 1.8.2 2.8.0 2.8.1 2.8.2 5.8.0 6.8.0 \
7.8.0 8.8.0 1.7.0 2.7.0 13.7.0 N X U I 0-0:17.0.0 - - - 0-0:96.3.10|0 0 -2 -1 -3
# Landis+Gyr E450, Netz Burgenland
E450 Burgenland||hhhhhhwwwwhhht|U I 1.7.0 2.7.0 1.8.0 2.8.0 - - - M|0 0 -2 0 -3
E450 Burgenland||hhhhhhwwwwt|U I 1.7.0 2.7.0 1.8.0 2.8.0 M|0 0 -2 0 -3
# Wiener Netze, every maker, optical port
Wiener Netze||dwwwwwwww|C E P|0 0 -2 -1 -3
# Iskraemeco AM550, Kärnten Netz
Kärnten Netz||ttttwwwwwwtt|- M - - E 1.7.0 2.7.0 - -|0 0 -2 -1 -3
"""

_GROUPS = """
L 1-1:0.2.129
M 0-0:96.1.0
T 0-0:96.1.7
C 0-0:1.0.0
P 1.7.0 2.7.0 3.7.0 4.7.0
I 31.7.0 51.7.0 71.7.0
U 32.7.0 52.7.0 72.7.0
E 1.8.0 2.8.0 3.8.0 4.8.0
N 21.7.0 41.7.0 61.7.0
X 22.7.0 42.7.0 62.7.0
"""


def lines(table):
    """The rows of SCALES or ORDERS, one at a time, as lists of fields (text)."""
    at = 1
    while at < len(table):
        end = table.find("\n", at)
        if table[at] != "#":
            yield table[at:end].split("|")
        at = end + 1


def codes(text):
    """The codes of an order, one at a time: (A, B, C, D, E), or None for what is not told."""
    for word in text.split(" "):
        if word == "-":
            yield None
        elif "A" <= word <= "Z":
            at = _GROUPS.find("\n" + word + " ") + 3
            yield from codes(_GROUPS[at : _GROUPS.find("\n", at)])
        else:
            channel = (1, 0)
            if ":" in word:
                channel, word = word.split(":")
                channel = tuple(int(part) for part in channel.split("-"))
            yield channel + tuple(int(part) for part in word.split("."))
