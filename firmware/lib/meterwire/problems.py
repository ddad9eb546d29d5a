"""What keeps a meter from being read, in words for its owner. Loaded when there is something."""

from .words import (
    BAD_CRC,
    BAD_FCS,
    BAD_HCS,
    BAD_LENGTH,
    BAD_SUM,
    CAUSE_KEY,
    CAUSE_ROWS,
    CAUSE_TAG,
    DOUBLED,
    HEADERS,
    NOISE,
    OK,
    UNCHECKED_FRAMES,
)

_MANY = 1000  # bytes of noise without a frame
_CIPHER = (
    "the key does not fit this meter",
    "the authentication tag failed: check the authentication key",
    "the meter's invocation counter went back: repeated messages are ignored",
)


def problem(window, counts, no_key, cause, doubtful):
    """The gravest problem as text, or None.

    window: see words.py; counts: of the messages; no_key: the last message was encrypted and there
    is no key; cause: why the last one was not deciphered, or None; doubtful: how many values of
    the last list are marked unsure.
    """
    if no_key:
        return "this meter encrypts: enter its key"
    if cause is not None:
        return _CIPHER[1 if cause == CAUSE_TAG else 0 if cause == CAUSE_KEY else 2]
    if window[HEADERS] > 2:
        return "the meter sends only its name: ask the grid company to open the customer port"
    if window[OK] == window[UNCHECKED_FRAMES] == 0:
        if window[DOUBLED] > 2:
            return (
                "bytes are changed on the way, 0A to 0D 0A: "
                "set the adapter or program between to binary (raw) mode"
            )
        damaged = window[BAD_HCS] + window[BAD_FCS] + window[BAD_SUM] + window[BAD_LENGTH]
        if window[BAD_CRC] > 2:
            return "telegrams arrive damaged: check the line's speed, parity and wiring"
        if damaged > 2:
            return "frames arrive damaged: check the line's speed, parity and wiring"
        if window[NOISE] > _MANY:
            return (
                "no frame in %d bytes: check the line's speed, parity and polarity" % window[NOISE]
            )
    if counts[CAUSE_ROWS]:
        return (
            "values left out: %d; the meter's list has more than there is room for"
            % counts[CAUSE_ROWS]
        )
    if doubtful:
        return "values in doubt: %d; their unit or scale does not fit the others" % doubtful
    return None
