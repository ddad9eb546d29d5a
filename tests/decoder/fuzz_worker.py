"""Runs chunks of mutated frames until told enough; started by fuzz_long.py on either runtime.

argv: frames file, state file, seed, how many mutated frames in all
"""

import json
import os
import sys

sys.path.insert(0, __file__.rsplit("/", 1)[0] if "/" in __file__ else ".")

from mutate import PER_CHUNK, Meter, run_chunk

_FIELDS = ("frames", "readings", "unchecked", "collisions", "heap")


def load(path):
    """The meters of a frames file: lines "name key auth_key hex", "-" for no key."""
    meters = {}
    with open(path) as file:
        for line in file:
            name, key, auth_key, data = line.split()
            meters.setdefault((name, key, auth_key), []).append(bytes.fromhex(data))
    return [
        Meter(name, _key(key), _key(auth_key), frames)
        for (name, key, auth_key), frames in sorted(meters.items())
    ]


def _key(text):
    return None if text == "-" else bytes.fromhex(text)


def save(path, state):
    with open(path + ".new", "w") as file:
        file.write(json.dumps(state))
    os.rename(path + ".new", path)


def main():
    frames, state_path, seed, goal = sys.argv[1:5]
    try:
        with open(state_path) as file:
            state = json.load(file)
    except OSError:
        state = {"seed": int(seed), "chunk": 0}
        for field in _FIELDS:
            state[field] = 0
    meters = load(frames)
    while state["frames"] < int(goal):
        number = state["chunk"]
        meter = meters[number % len(meters)]
        try:
            run_chunk(meter, state["seed"], number, state)
        except Exception:
            print("seed", state["seed"], "chunk", number, "meter", meter.name)
            raise
        state["chunk"] = number + 1
        if number % 40 == 39:
            save(state_path, state)
    save(state_path, state)
    print(json.dumps(state), PER_CHUNK)


main()
