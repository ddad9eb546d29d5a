"""meterwire: decodes what electricity meters say on their customer port.

    from meterwire import Decoder

    decoder = Decoder()
    for reading in decoder.feed(data):
        for i in range(len(reading)):
            print(reading.obis(i), reading.decimal(i), reading.unit(i))

HDLC, wired M-Bus, P1 and bare APDUs; DLMS lists of every shape; AES-128-GCM. Runs on
CPython and on MicroPython, there with its inner loops in Viper.
"""

from .decoder import Decoder
from .reading import (
    DERIVED,
    ESTIMATED,
    FULL,
    LIVE,
    STALE,
    TOTALS,
    UNSURE,
    Reading,
)

__version__ = "1.0.0"
