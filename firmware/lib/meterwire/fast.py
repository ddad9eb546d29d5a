"""The parts that exist twice, Viper and plain, in the form this runtime can run.

    find     frames in the stream (frame_v)        apdu    A-XDR (apdu_v)
    judge    plausibility and units (judge_v)      digits  decimal text (digits_v)

Two more are chosen where they are needed: text_v in telegram, ghash_v in gcm_chip.

An ESP8266 build leaves the Viper files out, all but the CRC: their native code would not fit its
executable memory. Native code of another chip raises ValueError on import, so does a runtime
without Viper (SyntaxError when it compiles the source).
"""

import sys

if sys.implementation.name == "cpython":
    from ._twin import load

    find = load("frame_v")
    apdu = load("apdu_v")
    judge = load("judge_v")
    digits = load("digits_v")

    def _push(dst, src, end, to, data):
        """Copy data[src:end] to to[dst:], at the speed of a slice."""
        to[dst : dst + end - src] = data[src:end]

    find.push = _push
else:
    _NO_VIPER = (ImportError, ValueError, MemoryError, SyntaxError)

    try:
        from . import frame_v as find
    except _NO_VIPER:
        from . import frame_plain as find
    try:
        from . import apdu_v as apdu
    except _NO_VIPER:
        from . import apdu_plain as apdu
    try:
        from . import judge_v as judge
    except _NO_VIPER:
        from . import judge_plain as judge
    try:
        from . import digits_v as digits
    except _NO_VIPER:
        from . import digits_plain as digits
