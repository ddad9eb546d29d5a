"""Prints what the decoder says to a file of vectors, in one form on every runtime.

argv: file of vectors (vectors.lines)
"""

import sys

from meterwire import Decoder


def say(reading):
    """A Reading as one line, the allocation-free face included."""
    parts = [str(reading.kind), str(reading.flags), str(reading.list_id), str(reading.meter_id)]
    parts += [str(reading.meter_type), str(reading.time)]
    room = bytearray(60)
    for i in range(len(reading)):
        said = f"{reading.obis(i)}={reading.flag(i)}:"
        if reading.entry(i):
            said += repr(reading.text(i))
        else:
            end = reading.put(i, room, 3)
            if bytes(room[3:end]).decode() != reading.decimal(i):
                said += "put and decimal differ "
            said += f"{reading.decimal(i)} {reading.unit(i)} {reading.value(i)} "
            said += str(reading.exponent(i))
        parts.append(said)
    return " | ".join(parts)


def run(line):
    """Decode one vector and print everything about it."""
    name, key, auth_key, size, step, data = line.split()
    key = None if key == "-" else bytes.fromhex(key)
    auth_key = None if auth_key == "-" else bytes.fromhex(auth_key)
    # so few rows that a long list is cut
    decoder = Decoder(int(size), key, auth_key, rows=64)
    step = int(step)
    print("#", name, step)
    for at in range(0, len(data), step * 2):
        for reading in decoder.feed(bytes.fromhex(data[at : at + step * 2])):
            print(say(reading))
    for reading in decoder.flush():
        print("silent:", say(reading))
    counters = decoder.counters
    print(" ".join(f"{c}={counters[c]}" for c in sorted(counters) if counters[c]))
    print(decoder.problem)


with open(sys.argv[1]) as file:
    for line in file:
        run(line)
