"""meterwire: decodes what electricity meters say on their customer port.

    from meterwire import Decoder

    decoder = Decoder()
    for reading in decoder.feed(data):
        for i in range(len(reading)):
            print(reading.obis(i), reading.decimal(i), reading.unit(i))

HDLC, wired M-Bus, P1 and bare APDUs; DLMS lists of every shape; AES-128-GCM. Runs on
CPython and on MicroPython, there with its inner loops in Viper.
"""

import sys

if sys.implementation.name == "cpython":
    from . import _twin

    _twin.install()
elif __file__.endswith(".py"):
    from . import _source

    _source.install()

from .decoder import Decoder  # noqa: E402
from .reading import (  # noqa: E402
    DERIVED,
    ESTIMATED,
    FULL,
    LIVE,
    STALE,
    TOTALS,
    UNSURE,
    Reading,
)

__version__ = "2.0.0"
