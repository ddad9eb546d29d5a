"""Decodes frames with meterwire when told to; runs on CPython and on MicroPython.

    python worker.py FOLDER       FOLDER holds the meterwire to measure

One JSON object a line comes in, one goes out:
    {"do": "load", "name", "file", "sizes", "key", "auth_key"}    file: all messages on end
        → {"values": {code: [mantissa, exponent, unit]}, "texts": {code: text}} of the first one
    {"do": "time", "name", "passes", "values"}       → {} once all messages were decoded so often
    {"do": "heap", "name", "values"}                 → {"alloc": heap bytes a message, or null}
    {"do": "rest"}                                   → {} with the garbage collected
Whoever asks measures the time: it is the CPU time this process took for the answer.
"""

import gc
import json
import sys

sys.path.insert(0, sys.argv[1])

from meterwire import Decoder  # noqa: E402

_CPYTHON = sys.implementation.name == "cpython"
if _CPYTHON:
    import tracemalloc
_SIZE = 2048
_NUMBER = 0
_TEXT = 1
_DERIVED = 8
_FRAMES = {}


def _say(answer):
    sys.stdout.write(json.dumps(answer) + "\n")
    if _CPYTHON:
        sys.stdout.flush()


def _decoder(frame):
    return Decoder(_SIZE, frame["key"], frame["auth_key"])


def load(ask):
    """Keep the messages; decode the first one to what it says."""
    with open(ask["file"], "rb") as file:
        data = file.read()
    messages = []
    at = 0
    for size in ask["sizes"]:
        messages.append(data[at : at + size])
        at += size
    keys = [bytes.fromhex(ask[k]) if ask[k] else None for k in ("key", "auth_key")]
    frame = {"messages": messages, "key": keys[0], "auth_key": keys[1]}
    frame["decoder"] = _decoder(frame)
    _FRAMES[ask["name"]] = frame
    decoder = _decoder(frame)
    reading = decoder.feed(messages[0]).read()
    if reading is None:
        return {"cannot": decoder.problem or str(decoder.counters)}
    values = {}
    texts = {}
    for i in range(len(reading)):
        code = reading.obis(i)
        if reading.entry(i) == _NUMBER and not reading.flag(i) & _DERIVED:
            values[code] = [reading.value(i), reading.exponent(i), reading.unit(i)]
        elif reading.entry(i) == _TEXT:
            texts[code] = reading.text(i)
    return {"values": values, "texts": texts}


def decode(frame, passes, values):
    """Whole frames in, finished Readings out; with values each fetched as objects, too."""
    messages = frame["messages"]
    decoder = frame["decoder"]
    for _ in range(passes):
        if frame["key"]:
            # the counters of the messages begin again
            decoder = _decoder(frame)
        for message in messages:
            decoder.feed(message)
            while (r := decoder.read()) is not None:
                if values:
                    _fetch(r)


def _fetch(r):
    for i in range(len(r)):
        if r.entry(i) == _NUMBER:
            (r.key(i), r.value(i), r.exponent(i), r.unit(i))
        else:
            (r.key(i), r.text(i))


def heap(frame, values):
    """Heap bytes that one message leaves behind (MicroPython), or takes at most (CPython)."""
    messages = frame["messages"]
    # no key: one decoder for all of them, as the counters rise
    one = {"messages": messages[:1], "key": None, "decoder": _decoder(frame)}
    n = 0
    most = 0
    before = 0
    while n < len(messages) or n < 2:
        one["messages"][0] = messages[n % len(messages)]
        if _CPYTHON:
            tracemalloc.start()
        elif n == 1:
            gc.collect()
            gc.disable()
            before = gc.mem_alloc()
        decode(one, 1, values)
        if _CPYTHON:
            if n:
                most = max(most, tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        n += 1
    if _CPYTHON:
        return most
    after = gc.mem_alloc()
    gc.enable()
    return (after - before) // (n - 1)


def main():
    """Answer until the line closes."""
    while True:
        line = sys.stdin.readline()
        if not line:
            return
        ask = json.loads(line)
        what = ask["do"]
        if what == "load":
            _say(load(ask))
        elif what == "heap":
            _say({"alloc": heap(_FRAMES[ask["name"]], ask["values"])})
        elif what == "rest":
            gc.collect()
            if _CPYTHON:
                gc.disable()
            _say({})
        else:
            decode(_FRAMES[ask["name"]], ask["passes"], ask["values"])
            _say({})


main()
