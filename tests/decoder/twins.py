"""Every Viper function, or its plain twin, on the same random inputs.

Prints a digest for each function: all runtimes and both forms must print the same, for
MicroPython's machine integers are 64 or 32 bits wide and CPython's have no width at all.
"""

import sys
from array import array

from mutate import Dice

# of meterwire/words.py, which a build does not ship; test_runtimes compares them
BARE_APDU = 5
BEGIN = 0
BODY = 21
CROWDED = 7
DIGEST = 60
FED = 20
LEFT = 21
LENGTH = 30
LIST_WORDS = 65
MAX_ROWS = 19
MEMORY = 236
MARKS = 204
PAYLOAD_END = 6
ROOM = 24
ROWS = 0
SIZE = 8
STAMP = 59
STOP = 18
SURE = 25
WINDOW_WORDS = 26

_AHEAD = 24  # bytes behind a buffer that scanners may look at


class Digest:
    """A running sum of everything the function gave."""

    def __init__(self):
        self.sum = 0

    def take(self, *results):
        for result in results:
            for x in (result,) if isinstance(result, int) else result:
                self.sum = (self.sum * 31 + (x & 0xFFFF) + (x >> 16 & 0xFFFF)) & 0x3FFFFFF


def agree(name, count, trial):
    """Run `trial(module, dice)` so often with the module's functions; print their digest."""
    module_name = name.split(".")[0] + "_v"
    if sys.implementation.name == "cpython" and name.startswith(
        ("bytes.", "stream.", "judge.", "gcm.")
    ):
        # CPython has faster ones; these are the twins themselves
        from meterwire._twin import load

        module = load(module_name)
    else:
        __import__("meterwire." + module_name)
        module = sys.modules["meterwire." + module_name]
    digest = Digest()
    for n in range(count):
        digest.take(*trial(module, Dice(n * 977 + 5)))
    print(name, digest.sum)


def noise(dice, n):
    return bytes(dice.below(256) for _ in range(n))


# ---- inputs that get somewhere: frames, lists and telegrams, then damage

_OBIS = (1, 2, 3, 4, 11, 12, 13, 21, 22, 31, 32, 36, 51, 52, 61, 71, 72, 99, 25)


def a_value(dice):
    tag = (0x06, 0x12, 0x05, 0x10, 0x0F, 0x11, 0x15, 0x14, 0x16, 0x17, 0x18, 0x09, 0x0A, 0, 0x19)
    tag = tag[dice.below(len(tag))]
    size = {0x06: 4, 0x05: 4, 0x17: 4, 0x12: 2, 0x10: 2, 0x15: 8, 0x14: 8, 0x18: 8, 0: 0, 0x19: 12}
    if tag in (0x09, 0x0A):
        n = (4, 12, 7)[dice.below(3)]
        return bytes((tag, n)) + noise(dice, n)
    return bytes((tag,)) + noise(dice, size.get(tag, 1))


def a_list(dice):
    """An APDU: triples, pairs, or bare values; one in three with damage."""
    n = 1 + dice.below(12)
    shape = dice.below(3)
    out = b"\x0f\x40\x00\x00\x00" + (b"\x00", b"\x0c" + noise(dice, 12))[dice.below(2)]
    out += bytes((1 + dice.below(2), n * 2 if shape == 1 else n))
    for _ in range(n):
        a = 1 if dice.below(4) else 0
        d = (7, 8, 1, 0)[dice.below(4)]
        code = b"\x09\x06" + bytes(
            (a, dice.below(2), _OBIS[dice.below(19)], d, dice.below(3), 255)
        )
        value = a_value(dice)
        scaler = b"\x02\x02\x0f" + bytes((dice.below(14) - 9 & 0xFF,)) + b"\x16"
        scaler += bytes((27 + dice.below(9),))
        if shape == 0:
            out += b"\x02\x03" + code + value + scaler
        elif shape == 1:
            out += code + value
        else:
            out += value
    return damaged(dice, out)


def damaged(dice, data):
    out = bytearray(data)
    if dice.below(3) == 0:
        for _ in range(1 + dice.below(3)):
            out[dice.below(len(out))] = dice.below(256)
    return bytes(out)


def a_telegram(dice):
    units = ("kW", "kWh", "V", "A", "m3", "kvar", "x", "MWh", "s")
    out = "/KMP5 made\r\n\r\n"
    for _ in range(1 + dice.below(8)):
        code = f"{dice.below(2)}-{dice.below(5)}:{_OBIS[dice.below(19)]}.{(7, 8)[dice.below(2)]}.0"
        what = dice.below(6)
        number = "".join(chr(48 + dice.below(10)) for _ in range(1 + dice.below(18)))
        if what < 3:
            at = dice.below(len(number) + 1)
            number = ("", "-")[dice.below(2)] + number[:at] + "." + number[at:]
            out += f"{code}({number}*{units[dice.below(9)]})\r\n"
        elif what == 3:
            out += f"0-1:24.2.1(260120115500W)({number}*m3)\r\n"
        elif what == 4:
            out += f"{code}({number})\r\n"
        else:
            out += f"0-0:96.13.{dice.below(3)}({number})\n"
    return damaged(dice, out.encode() + b"!")


# ---- trials


def x25(module, dice):
    data = noise(dice, 1 + dice.below(300))
    return [module.crc_x25(dice.below(len(data)), dice.below(65536), len(data), data)]


def arc(module, dice):
    data = noise(dice, 1 + dice.below(300))
    return [module.crc_arc(dice.below(len(data)), dice.below(65536), len(data), data)]


def push(module, dice):
    room = bytearray(noise(dice, 400))
    data = noise(dice, 200)
    n = dice.below(100)
    module.push(dice.below(300), 20, 20 + n, room, data)
    # down within one buffer, the ranges overlapping
    start = 1 + dice.below(100)
    module.push(dice.below(start + 1), start, start + dice.below(200), room, room)
    return [bytes(room)]


def next_frame(module, dice):
    """Also pull(): a stream of frames and noise in pieces through one small buffer."""
    import mutate

    stream = bytearray()
    for _ in range(4):
        frame = bytes.fromhex(
            "7ea02a410883130413e6e7000f40000000000101020309060100010700ff06000006440202"
            "0f00161b6f927e"
        )
        frame = (frame, b"\x68\x06\x06\x68\x53\xff\x10\x01\x67\x0f\xd9\x16")[dice.below(2)]
        stream += mutate.mutated(dice, frame, frame) if dice.below(2) else frame
        stream += noise(dice, dice.below(9))
        if dice.below(2):
            text = a_telegram(dice)
            stream += (
                text
                + (b"\r\n", b"%04X\r\n" % mutate.crc_arc(0, 0, len(text), text))[dice.below(2)]
            )
    size = 160 + dice.below(200)
    buffer = bytearray(size + _AHEAD)
    window = array("I", bytes(4 * WINDOW_WORDS))
    window[SIZE] = window[ROOM] = size
    results = []
    at = 0
    while at < len(stream):
        piece = bytes(stream[at : at + 1 + dice.below(90)])
        at += len(piece)
        window[FED] = window[LEFT] = len(piece)
        for _ in range(200):
            kind = module.next_frame(buffer, window, piece)
            results.append(kind)
            results.append(list(window)[:FED])
            if kind in (BARE_APDU, CROWDED):
                window[BEGIN] += 1
            if kind == 0 and window[LEFT] == 0:
                break
    return results


def _list(dice, most=10):
    apdu = a_list(dice)
    words = array("I", bytes(4 * LIST_WORDS))
    words[STOP] = len(apdu)
    words[MAX_ROWS] = most
    return bytearray(apdu) + bytearray(300), bytearray(16 * most + 16), words


def scan(module, dice):
    data, rows, words = _list(dice)
    window = array("I", bytes(4 * WINDOW_WORDS))
    window[PAYLOAD_END] = words[STOP]
    said = module.read(data, rows, words, window)
    return [said, list(words), bytes(rows)]


def fill(module, dice):
    """And element() and put_row(), which it calls for each value of a known order."""
    data, rows, words = _list(dice, 40)
    words[BODY] = 6 if data[5] == 0 else 18
    end = module.element(data, words, words[BODY])
    n = words[LENGTH] & 63
    order = bytearray(6 * n + 7)
    order[0] = n
    for i in range(n):
        order[1 + i * 6] = b"xxxxxwhtqdb"[dice.below(11)]
        for j in range(5):
            order[2 + i * 6 + j] = (0xFF, 1, 0, 8)[dice.below(4)]
    said = module.fill(data, rows, words, order)
    one = module.put_row(data, rows, words, bytes(order), 1) if words[LENGTH] < 9 else 0
    return [end, said, one, list(words), bytes(rows)]


def lines(module, dice):
    text = a_telegram(dice)
    rows = bytearray(16 * 12 + 16)
    words = array("I", bytes(4 * LIST_WORDS))
    words[STOP] = len(text)
    words[MAX_ROWS] = 12
    said = module.lines(bytearray(text) + bytearray(_AHEAD), rows, words)
    return [said, list(words), bytes(rows)]


def judge(module, dice):
    """Lists one after the other, over one memory of totals."""
    from meterwire.list_v import read

    memory = bytearray(MEMORY)
    known = array("I", bytes(4 * LIST_WORDS))
    scale = bytearray(dice.below(4) - 3 & 0xFF for _ in range(5))
    results = []
    for _ in range(4):
        data, rows, words = _list(dice, 20)
        window = array("I", bytes(4 * WINDOW_WORDS))
        window[PAYLOAD_END] = words[STOP]
        if read(data, rows, words, window) < 1:
            continue
        for word in (STAMP, DIGEST):
            words[word] = known[word]
        words[SURE] = dice.below(2)
        results.append(module.judge(rows, words, scale, memory, data))
        # behind the totals lies scratch of unique()
        # and so is what lies behind the rows of sums()
        said = bytes(rows[: words[ROWS] * 16])
        results += [list(words), said, bytes(memory[:204])]
        known = words
    return results


def repeating(dice):
    """(rows, words, text) of a list with codes that come twice."""
    rows = bytearray()
    for _ in range(1 + dice.below(30)):
        row = bytearray(noise(dice, 16))
        row[0:5] = bytes((1, 0, dice.below(3) + 1, 7 + dice.below(2), dice.below(2)))
        row[5] = dice.below(3)
        row[8:12] = bytes((dice.below(40), 0, 12, 0))
        rows.extend(row)
    words = array("I", bytes(4 * LIST_WORDS))
    words[ROWS] = len(rows) // 16
    return rows, words, noise(dice, 80)


def unique(module, dice):
    rows, words, text = repeating(dice)
    module.unique(MARKS, rows, bytearray(MEMORY), words, text)
    return [words[ROWS], bytes(rows[: words[ROWS] * 16])]


def same_list(module, dice):
    rows, words, text = repeating(dice)
    return [module.same_list(rows, words, text, 3, 5), module.same_list(rows, words, text, 3, 5)]


def put(module, dice):
    row = bytearray(noise(dice, 16))
    row[6] = dice.below(22) - 12 & 0xFF
    for i in range(dice.below(9)):
        row[15 - i] = (0, 0xFF)[row[0] & 1]
    out = bytearray(80)
    end = module.put(row, 0, out, 5)
    return [end, bytes(out[5:end])]


def update(module, dice):
    table = array("H", bytes(256))
    module.table(table, noise(dice, 16))
    y = array("H", bytes(16))
    for _ in range(3):
        data = noise(dice, dice.below(60))
        module.update(y, table, data, 0, len(data))
    text = bytearray(noise(dice, 40))
    end = module.mix(text, dice.below(20), 20 + dice.below(20), noise(dice, 16))
    return [list(table), list(y), end, bytes(text)]


def main(times):
    agree("bytes.crc_x25", 60 * times, x25)
    agree("bytes.crc_arc", 60 * times, arc)
    agree("bytes.push", 40 * times, push)
    agree("stream.next_frame", 60 * times, next_frame)
    agree("list.scan", 300 * times, scan)
    agree("element.fill", 200 * times, fill)
    agree("telegram.lines", 200 * times, lines)
    agree("judge", 150 * times, judge)
    agree("judge.unique", 200 * times, unique)
    agree("element.same_list", 200 * times, same_list)
    agree("bytes.put", 400 * times, put)
    agree("gcm.update", 40 * times, update)


main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
