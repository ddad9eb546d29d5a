"""Coroutines take turns on the small chip: what of asyncio stands in turns.py does as asyncio."""

import pytest

from kwhisper_tools import paths

SCRIPT = """
import gc, time
from kwhisper import turns
async def steps(name, ms, n):
    for i in range(n):
        print(name, i)
        await turns.sleep_ms(ms)
async def broken(name):
    await turns.sleep_ms(5)
    raise ValueError(name)
"""


@pytest.fixture(params=["micropython", "micropython32"])
def told(request, on_micropython):
    """told(script) -> the lines it printed."""
    command = request.getfixturevalue(request.param)
    command = command if isinstance(command, list) else [command]

    def run(script):
        return on_micropython(command, SCRIPT + script, paths.library_path()).splitlines()

    return run


def test_each_has_its_turn_while_the_others_sleep(told):
    lines = told("""
async def main():
    turns.create_task(steps("often", 20, 6))
    turns.create_task(steps("seldom", 50, 2))
    print("first")
    await turns.sleep_ms(400)
turns.run(main())
print("the end")
""")
    assert lines[:3] == ["first", "often 0", "seldom 0"] and lines[-1] == "the end"
    assert [line for line in lines if "often" in line] == [f"often {i}" for i in range(6)]
    assert lines.index("often 1") < lines.index("seldom 1") < lines.index("often 5")


def test_a_pause_is_as_long_as_was_asked(told):
    (line,) = told("""
async def main():
    turns.create_task(steps("", 1, 0))
    start = time.ticks_ms()
    await turns.sleep_ms(120)
    short = time.ticks_diff(time.ticks_ms(), start)
    await turns.sleep(1)
    print(short, time.ticks_diff(time.ticks_ms(), start) - short)
turns.run(main())
""")
    short, long = map(int, line.split())
    assert 120 <= short < 500 and 1000 <= long < 1500


def test_a_task_that_fails_is_told_and_the_others_go_on(told):
    lines = told("""
async def main():
    turns.create_task(broken("the lamp"))
    turns.create_task(steps("on", 20, 3))
    await turns.sleep_ms(400)
    print("tasks", len(turns._tasks) // 2)
turns.run(main())
print("the end")
""")
    assert [line for line in lines if line.startswith("on")] == ["on 0", "on 1", "on 2"]
    assert lines.count("ValueError: the lamp") == 1
    assert lines[-2:] == ["tasks 1", "the end"], "what failed or ended is not kept"


def test_what_the_main_task_raises_comes_out(told):
    lines = told("""
async def main():
    turns.create_task(steps("on", 20, 99))
    await broken("the main one")
try:
    turns.run(main())
except ValueError as e:
    print("out", e)
async def again():
    print("again", len(turns._tasks) // 2)
turns.run(again())
""")
    assert lines == ["on 0", "out the main one", "again 1"], "and nothing is left behind"


def test_a_pause_takes_no_memory(told):
    assert told("""
async def pauses(n):
    for _ in range(n):
        await turns.sleep_ms(1)
async def main():
    turns.create_task(pauses(200))
    await pauses(3)
    gc.collect()
    gc.disable()
    before = gc.mem_alloc()
    for _ in range(100):
        await turns.sleep_ms(1)
    print(gc.mem_alloc() - before)
turns.run(main())
""") == ["0"]
