"""The long run: millions of mutated frames of every simulated meter, on CPython or MicroPython.

    python tests/decoder/fuzz_long.py --runtime micropython --seed 1 --frames 10000000

It may be stopped at any time and goes on where it was; the state stands in build/fuzz. What it
finds it prints with seed, chunk and meter, and stops there. Give another seed for other frames.
docs/meters.md tells what was run.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
LIBRARY = ROOT / "firmware" / "lib"


def lines(each=14, most=12):
    """Frames of all simulated meters: "name key auth_key hex". The lists of the encrypted ones
    come a second time, in the clear, so that damage reaches the layouts too."""
    from kwhisper_tools.meters import METERS, hdlc, make

    sys.path.insert(0, str(ROOT / "tests"))
    from meters import witness

    for name in METERS:
        meter = make(name, seed=5)
        seen = {}
        for _ in range(60):
            burst = meter.next()
            of_size = seen.setdefault(len(burst.data), [])
            if len(of_size) < most and sum(map(len, seen.values())) < each:
                of_size.append(burst.data)
        key, auth_key = (k.hex() if k else "-" for k in (meter.key, meter.auth_key))
        for data in (data for of_size in seen.values() for data in of_size):
            yield f"{name} {key} {auth_key} {data.hex()}"
            if meter.key and data[0] in b"\x7e\x68":
                plain = hdlc.frame(hdlc.LLC + witness.apdu(data, meter.key), b"\x41\x03")
                yield f"{name}-plain - - {plain.hex()}"


def start(runtime, seed, frames, folder):
    """The command that runs the worker, and its environment."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "frames.txt"
    if not file.exists():
        file.write_text("\n".join(lines()) + "\n")
    environment = dict(os.environ, MICROPYPATH=f"{LIBRARY}:.frozen", PYTHONPATH=str(LIBRARY))
    if runtime == "cpython":
        program = [sys.executable]
    elif runtime == "micropython":
        from kwhisper_tools import paths

        program = [paths.micropython(), "-X", "heapsize=16m"]
    else:
        from kwhisper_tools.host import unix32

        program = [*unix32.command(), "-X", "heapsize=16m"]
    state = folder / f"{runtime}-{seed}.json"
    arguments = [str(file), str(state), str(seed), str(frames)]
    return [*program, str(HERE / "fuzz_worker.py"), *arguments], environment


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runtime", default="cpython")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--frames", type=int, default=10_000_000)
    options = parser.parse_args()
    if options.runtime not in ("cpython", "micropython", "micropython32"):
        parser.error("--runtime: cpython, micropython or micropython32")
    command, environment = start(
        options.runtime, options.seed, options.frames, ROOT / "build" / "fuzz"
    )
    sys.exit(subprocess.run(command, env=environment).returncode)


if __name__ == "__main__":
    main()
