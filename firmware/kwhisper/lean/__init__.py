"""Run mode on a small chip: one loop and one object where the large chips have six tasks.

run.py      the loop, what it does on every turn, and the object that holds what is going on
start.py    builds it
session.py  the way to a session with the broker and to its end, and what the broker says
rest.py     the radio, what happens once a second or less, faults, the way to a restart

On a chip with 31 KB for all, each object, each task and each function that stays costs; so of
these only run.py stays in memory, the rest is borrowed when it is called (tools/bundles.py). What
the messages mean stands where it does for the large chips: port.py, dial.py, publish.py, outputs/.
"""

import sys

from .. import turns

# Coroutines are driven by hand here. In a small chip's image, which has no use for this file,
# turns stands for asyncio everywhere (tools/bundles.py); from the sources it does from here on.
sys.modules["asyncio"] = turns
