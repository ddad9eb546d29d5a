"""The small parts: console, status, supervision."""


def test_the_console_shows_what_is_as_important_as_the_settings_say(on_chip):
    output = on_chip(
        """
from kwhisper.app import Device
d = Device(None, "started again")
d.note("debug", "too detailed")
d.level = "debug"
d.note("debug", "now it is", 7)
d.level = "error"
d.note("warning", "too little")
"""
    )
    assert "kWhisper: started again" in output and "kWhisper: now it is 7" in output
    assert "too" not in output


WRAPPING = """
class Time:
    now = (1 << 30) - 5000
    def ticks_ms(self): return self.now & (1 << 30) - 1
    def ticks_diff(self, a, b): return (a - b + (1 << 29) & (1 << 30) - 1) - (1 << 29)
    def ticks_add(self, a, b): return a + b & (1 << 30) - 1
"""


def test_uptime_goes_on_over_the_wrap_of_the_ticks(on_chip):
    output = on_chip(
        WRAPPING
        + """
from kwhisper import status as module
t = module.time = Time()
s = module.Status("", "", "")
for _ in range(20):
    t.now += 999
    s.uptime()
print("uptime", s.uptime())
s.last_frame = s.uptime()
for _ in range(10):
    t.now += 24 * 3600 * 1000
    s.uptime()
print("age", s.frame_age())
names = [name for name, _ in s.pairs()]
print("pairs", len(names) == len(set(names)), "frames" in names)
"""
    )
    assert "uptime 19" in output
    assert "age 864000" in output, "ten silent days are more than the ticks can count"
    assert "pairs True True" in output


SUPERVISED = """
import asyncio
from kwhisper import app
resets = []
app.machine.reset = lambda: resets.append(1)
sleep = asyncio.sleep
pauses = []
def hurried(seconds):
    pauses.append(seconds)
    return sleep(0)
asyncio.sleep = hurried
class Sys:
    def print_exception(self, e): pass
app.sys = Sys()
settled = []
d = app.Device(lambda: settled.append(1), None)
"""


def test_a_part_out_of_memory_is_counted_and_started_again_then_the_chip(on_chip):
    output = on_chip(
        SUPERVISED
        + """
runs = []
async def part():
    runs.append(1)
    if len(runs) < 3:
        raise MemoryError
asyncio.run(d.keep("web", part))
print("runs", len(runs), "counted", d.status.restarts, "resets", len(resets))
class Reset(BaseException): pass
def reset():
    raise Reset
app.machine.reset = reset
async def broken():
    raise MemoryError
try:
    asyncio.run(d.keep("broker", broken))
except Reset:
    print("reset", app._take(app.CAUSE), "settled", len(settled))
"""
    )
    assert "runs 3 counted 2 resets 0" in output
    assert "reset out of memory in broker settled 0" in output


def test_a_part_that_fails_once_in_some_days_is_not_what_keeps_failing(on_chip):
    output = on_chip(
        WRAPPING
        + SUPERVISED
        + """
from kwhisper import status
status.time = t = Time()
if hasattr(app.time, "ticks_ms"):
    app.time = t
d.status._ticks = t.ticks_ms()
runs = []
async def part():
    runs.append(1)
    for _ in range(7 * 24):
        t.now += 3600 * 1000
        d.status.uptime()
    if len(runs) < 8:
        raise ValueError
asyncio.run(d.keep("port", part))
print("runs", len(runs), "resets", len(resets))
"""
    )
    assert "runs 8 resets 0" in output


def test_an_optional_part_that_keeps_failing_is_left_alone_and_tried_again(on_chip):
    output = on_chip(
        SUPERVISED
        + """
runs = []
async def part():
    runs.append(1)
    if len(runs) < 8:
        raise MemoryError
asyncio.run(d.keep("web", part, True))
print("runs", len(runs), "resets", len(resets), "longest pause", max(pauses))
"""
    )
    assert "runs 8 resets 0 longest pause 600" in output
    assert "kWhisper: web is switched off" in output


def test_a_wanted_restart_is_no_failed_start_and_leaves_its_reason(on_chip):
    output = on_chip(
        SUPERVISED
        + """
d.restart("settings")
print("resets", len(resets), "settled", len(settled))
print("next start says", app._cause())
print("and only once", app._cause())
"""
    )
    assert "resets 1 settled 1" in output
    assert "next start says PWRON_RESET: settings" in output
    assert "and only once PWRON_RESET\n" in output


def test_the_setup_settles_though_a_second_is_skipped_and_waits_for_who_types(on_chip):
    output = on_chip(
        SUPERVISED
        + """
from kwhisper import setup_mode
from kwhisper.network import access_point
d.settings.change({"wifi_ssid": "Fjellheim", "wifi_password": "kwhisper-demo"})
d.note = lambda *words: None  # the log's lines ask for the time, too; so do the parts' starts
class Ended(BaseException): pass
def reset():
    raise Ended
app.machine.reset = reset
class Watchdog:
    fed = 0
    def __init__(self, timeout): pass
    def feed(self): Watchdog.fed += 1
app.machine.WDT = Watchdog
async def idle(*_, **more): pass
d.keep = idle
def left_after(times, visits):
    asyncio.new_event_loop()
    seconds = list(times)
    settled.clear()
    d._settled = lambda: settled.append(1)
    now = [0]
    def uptime():
        if not seconds:
            raise Ended
        now[0] = seconds.pop(0)
        return now[0]
    d.status.uptime = uptime
    access_point.visited = lambda: now[0] in visits
    try:
        asyncio.run(setup_mode.run(d, "test"))
    except Ended:
        return now[0], len(settled)
print("settled", left_after((10, 59, 61, 62), ()))
print("fed each time", Watchdog.fed >= 4)
print("nobody", left_after((10, 61, 899, 901, 1000), ()))
print("typing", left_after((10, 61, 899, 901, 1798, 1800, 1802), (61, 899)))
print("for ever", left_after(range(10, 9000, 60), range(10, 9000, 60)))
"""
    )
    assert "settled (62, 1)" in output
    assert "fed each time True" in output
    assert "nobody (901, 1)" in output
    assert "typing (1800, 1)" in output
    assert "for ever (3610, 1)" in output
