"""What lists leave unsaid: exponents, and the order of values. One row a list; no code.

A list that names its values but not their scale takes its exponents from SCALES; a list of bare
values takes its order from ORDERS as well. Adding a meter is adding a row here and a test.
"""

# Exponents of power, energy, current, voltage and power factor where a list states none: by how the
# list's name begins (its first text, or the push setup's code it begins with, or the meter's system
# title) and what the meter's type begins or, after a "*", ends with. The first match wins.
# A second current exponent is tried when the first fails against the power (CT meters).
# ruff: noqa: E501
SCALES = (
    # name        type     P  E   I  U   PF  I2     where it is stated, or how it was found
    ("Kamstrup", "685", (0, 1, -3, 0, -2), -3),  # CT meters count milliamperes
    ("Kamstrup", "*090", (0, 0, -2, 0, -2), -2),  # Sweden: Wh
    (
        "Kamstrup",
        "6",
        (0, 1, -2, 0, -2),
        -2,
    ),  # HAN-NVE interface description 3.1: 10 Wh, 0.01 A, V
    ("Kamstrup", "", (0, 1, -2, 0, -2), -3),  # the long list names no type; CT meters send it too
    ("KFM", "", (0, 0, -3, -1, -3), -3),  # KFM_001, 3.4: mA, 0.1 V, W, Wh
    ("LGZ", "", (0, 0, -2, 0, -3), -2),  # E450: W, Wh, 0.01 A, V
    ("0-8:25.9.0", "", (0, 0, -2, 0, -3), -2),  # the push setup of the same meter
    ("ISK", "", (0, 0, -2, -1, -3), -2),  # AM550
    ("0-6:25.9.0", "", (0, 0, -2, -1, -3), -2),
    ("SAG", "", (0, 0, -2, -1, -3), -2),
    ("EGD", "", (0, 0, -2, -1, -3), -2),
)

# The order of values in lists that name none: (name, how its first text begins, the kinds of its
# elements, their codes, exponents as above). A kind is t text, d clock (12 octets), h 2 bytes, w 4
# bytes, q 4 or 8 bytes, b 1 byte, x anything at all. Codes are A-B:C.D.E, 1-0 understood, "-" for
# what is not told; L, M, T, C are the list's name, the meter's number and type, the clock.
_KFM = (0, 0, -3, -1, -3)
_ISK = (0, 0, -2, -1, -3)
_LGZ = (0, 0, -2, 0, -3)
_P4 = "1.7.0 2.7.0 3.7.0 4.7.0"
_I3 = "31.7.0 51.7.0 71.7.0"
_U3 = "32.7.0 52.7.0 72.7.0"
_E4 = "1.8.0 2.8.0 3.8.0 4.8.0"
_PH = "21.7.0 41.7.0 61.7.0 22.7.0 42.7.0 62.7.0"
ORDERS = (
    # Kaifa MA105H2E, MA304H3E, MA304H4, MA304T3, MA304T4 (Norway, Sweden): lists 1, 2 and 3
    ("KFM_001", b"", "w", "1.7.0", _KFM),
    ("KFM_001", b"KFM", "tttwwwwww", "L M T " + _P4 + " 31.7.0 32.7.0", _KFM),
    ("KFM_001", b"KFM", "tttwwwwwwwwww", "L M T " + _P4 + " " + _I3 + " " + _U3, _KFM),
    ("KFM_001", b"KFM", "tttwwwwwwdqqqq", "L M T " + _P4 + " 31.7.0 32.7.0 C " + _E4, _KFM),
    (
        "KFM_001",
        b"KFM",
        "tttwwwwwwwwwwdqqqq",
        "L M T " + _P4 + " " + _I3 + " " + _U3 + " C " + _E4,
        _KFM,
    ),
    # Iskraemeco AM550, Slovenia: Ljubljana 5 s and 15 min, Celje, one-phase, single totals
    (
        "AM550 5 s",
        b"ISK",
        "ttwwwwhhhhhhwwwwww",
        "M L " + _P4 + " " + _U3 + " " + _I3 + " 21.7.0 41.7.0 61.7.0 22.7.0 42.7.0 62.7.0",
        _ISK,
    ),
    (
        "AM550 15 min",
        b"ISK",
        "ttbtwwwwwwww",
        "M L 0-0:96.3.10 0-0:96.14.0 1.8.0 1.8.1 1.8.2 2.8.0 2.8.1 2.8.2 3.8.0 4.8.0",
        _ISK,
    ),
    (
        "AM550 Celje",
        b"ISK",
        "tthhhhhhwwww",
        "M L " + _U3 + " " + _I3 + " " + _P4,
        _ISK,
    ),
    (
        "AM550 one-phase",
        b"ISK",
        "ttwwwwhww",
        "- M " + _P4 + " 32.7.0 21.7.0 22.7.0",
        _ISK,
    ),
    (
        "AM550 one-phase",
        b"ISK",
        "ttwwwwhhww",
        "- M " + _P4 + " 32.7.0 31.7.0 21.7.0 22.7.0",
        _ISK,
    ),
    (
        "AM550 tariffs",
        b"ISK",
        "twwwwwwww",
        "M 1.7.0 2.7.0 1.8.0 1.8.1 1.8.2 2.8.0 2.8.1 2.8.2",
        _ISK,
    ),
    ("AM550 total", b"", "tbww", "M 0-0:96.14.0 1.8.0 2.8.0", _ISK),
    # Iskraemeco IE.5-TD1, Croatia
    (
        "IE.5-TD1",
        b"",
        "tttwwwwwwwwwwwwhwwwwwwhhhhhhwxxxb",
        "M - - 1.8.0 1.8.1 1.8.2 2.8.0 2.8.1 2.8.2 5.8.0 6.8.0 7.8.0 8.8.0 1.7.0 2.7.0 13.7.0 "
        + _PH
        + " "
        + _U3
        + " "
        + _I3
        + " 0-0:17.0.0 - - - 0-0:96.3.10",
        _ISK,
    ),
    # Landis+Gyr E450, Netz Burgenland
    (
        "E450 Burgenland",
        b"",
        "hhhhhhwwwwhhht",
        _U3 + " " + _I3 + " 1.7.0 2.7.0 1.8.0 2.8.0 - - - M",
        _LGZ,
    ),
    ("E450 Burgenland", b"", "hhhhhhwwwwt", _U3 + " " + _I3 + " 1.7.0 2.7.0 1.8.0 2.8.0 M", _LGZ),
    # Wiener Netze, every maker, optical port
    ("Wiener Netze", b"", "dwwwwwwww", "C " + _E4 + " " + _P4, _ISK),
    # Iskraemeco AM550, Kärnten Netz
    ("Kärnten Netz", b"", "tttt" + "wwwwww" + "tt", "- M - - " + _E4 + " 1.7.0 2.7.0 - -", _ISK),
)
