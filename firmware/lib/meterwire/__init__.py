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

from . import reading  # noqa: E402

__version__ = "2.0.0"


def __getattr__(name):
    """Reading with its flags and kinds; Decoder and the modules, each imported when it is asked
    for: whoever asks a MEP port needs nothing of the decoder."""
    if hasattr(reading, name):
        return getattr(reading, name)
    try:
        found = __import__("meterwire." + name.lower(), None, None, ("x",))
    except ImportError:
        raise AttributeError(name)
    return found.Decoder if name == "Decoder" else found
