"""The ledger: what the registers said, whatever happens to the power, the flash or the meter."""

import pytest

PRELUDE = """
import os, sys
import reading
from kwhisper import calendar
from kwhisper.storage.ledger import Ledger

SETTINGS = {"mqtt_host": "broker", "history_days": 40, "time_zone": "CET"}
START = calendar.seconds(2026, 1, 1)

def clock(t, offset=60):
    return calendar.fields(t + offset * 60) + (offset,)

def hour(n, **more):
    r = reading.hourly(n, clock(START + n * 3600 + 10))
    for name in more:
        setattr(r, name, more[name])
    return r

def told(t, wh, kind, doubt=0):
    r = reading.Reading(kind, clock(t), [("1-0:1.8.0", wh, 0, "Wh", doubt)])
    return r

def open_ledger(path=None, now=lambda: None, **settings):
    return Ledger(dict(SETTINGS, **settings), now, path or PATH)

def all_pending(ledger):
    found = []
    while True:
        record = ledger.pending()
        if not record:
            return found
        found.append(record)
        ledger.mark(record.sequence)
"""


@pytest.fixture
def run(micropython, on_micropython, library, tmp_path):
    """run(script) on the unix port with the ledger's folder in PATH; returns what it printed."""

    def on_unix(script, timeout=60):
        head = PRELUDE + f"PATH = {str(tmp_path / 'ledger')!r}\n"
        return on_micropython([micropython], head + script, library, timeout=timeout)

    return on_unix


def test_records_come_out_in_order_once_and_as_they_went_in(run):
    out = run("""
l = open_ledger()
for n in range(200):
    assert l.reading(hour(n))
l = open_ledger()
records = all_pending(l)
print([r.sequence for r in records] == list(range(1, 201)))
r = records[20]
print(calendar.text(r.time, r.offset), r.totals[0], r.totals[3], r.flags, r.kind)
print(all_pending(open_ledger()))
""")
    assert out.splitlines() == [
        "True",
        "2026-01-01T21:00:10+01:00 (1234760, 1) (5520, 1) 0 3",
        "[]",
    ]


def test_a_power_cut_at_any_byte_of_a_record_loses_no_other(run):
    out = run("""
l = open_ledger()
for n in range(5):
    l.reading(hour(n))
name = PATH + "/00000001"
whole = open(name, "rb").read()
for size in range(len(whole) + 1):
    for other in os.listdir(PATH):
        os.remove(PATH + "/" + other)
    with open(name, "wb") as f:
        f.write(whole[:size])
    l = open_ledger()
    kept = size // 52
    assert (l.last().sequence if l.last() else 0) == kept, size
    assert l.reading(hour(7)) and l.reading(hour(8))
    again = open_ledger()
    assert [r.sequence for r in all_pending(again)] == list(range(1, kept + 3)), size
print("ok")
""")
    assert out.strip() == "ok"


def test_a_flipped_bit_is_never_taken_for_a_total(run):
    out = run("""
l = open_ledger()
for n in range(3):
    l.reading(hour(n))
name = PATH + "/00000001"
whole = open(name, "rb").read()
for bit in range(52 * 8):
    bad = bytearray(whole)
    bad[52 + bit // 8] ^= 1 << bit % 8
    with open(name, "wb") as f:
        f.write(bad)
    l = open_ledger()
    assert [r.sequence for r in all_pending(l)] == [1, 3], bit
    assert l.lost == 1 and "1 totals were lost: damaged" in l.problem
    assert not l.reading(hour(2)) and l.reading(hour(9)) and l.last().sequence == 4
    os.remove(PATH + "/sent")
    for other in os.listdir(PATH):
        if other != "00000001":
            os.remove(PATH + "/" + other)
print("ok")
""")
    assert out.strip() == "ok"


def test_a_damaged_last_record_hides_none_that_comes_behind_it(run):
    out = run("""
l = open_ledger()
for n in range(3):
    l.reading(hour(n))
name = PATH + "/00000001"
whole = bytearray(open(name, "rb").read())
whole[155] ^= 4
with open(name, "wb") as f:
    f.write(whole)
l = open_ledger()
print(l.last().sequence, l.reading(hour(2)), l.reading(hour(3)))
l = open_ledger()
print([r.sequence for r in all_pending(l)], l.lost, sorted(os.listdir(PATH)))
""")
    assert out.splitlines() == [
        "2 True True",
        "[1, 2, 3, 4] 0 ['00000001', '00000003', 'meter', 'sent']",
    ]


def test_a_record_that_lies_in_anothers_place_is_none(run):
    out = run("""
l = open_ledger()
for n in range(4):
    l.reading(hour(n))
name = PATH + "/00000001"
whole = open(name, "rb").read()
with open(name, "wb") as f:
    f.write(whole[:104] + whole[:104])
l = open_ledger()
print(l.last().sequence, l.reading(hour(2)), l.last().sequence)
print([(r.sequence, (r.time - START) // 3600) for r in all_pending(open_ledger())])
""")
    assert out.splitlines() == ["2 True 3", "[(1, 0), (2, 1), (3, 2)]"]


def test_a_clock_of_the_meter_that_jumps_deletes_nothing_and_is_not_believed(run):
    out = run("""
l = open_ledger()
for n in range(405):
    l.reading(hour(n))
wild = hour(405, clock=(2060, 1, 1, 0, 0, 10, 60))
l.now = lambda: (START + 405 * 3600 + 12, 60)
print(l.reading(wild), calendar.text(l.last().time, l.last().offset), l.last().flags)
l.now = lambda: None  # and with nobody who knows better
wild = hour(406, clock=(2060, 1, 1, 1, 0, 10, 60))
print(l.reading(wild), l.last().time // 31556952 + 1970)
print(l.reading(hour(407)), l.last().flags, l.reading(hour(408)), l.last().flags)
print([r.sequence for r in all_pending(l)] == list(range(1, 410)), l.lost, l.problem)
""")
    assert out.splitlines() == [
        "True 2026-01-17T22:00:12+01:00 8",
        "True 2060",
        "True 1 True 0",
        "True 0 None",
    ]


def test_a_flash_that_takes_nothing_loses_no_hour_in_silence(run):
    out = run("""
l = open_ledger()
l.reading(hour(0))
plain = l.write
def refusing(record):
    raise OSError(5)
l.write = refusing
print(l.reading(hour(1)), l.lost, l.problem)
print(l.reading(hour(2)), l.lost)
l.write = plain
print(l.reading(hour(3)), l.lost, l.problem, [r.sequence for r in all_pending(l)])
""")
    assert out.splitlines() == [
        "False 1 1 totals were lost: the flash cannot be written, error 5",
        "False 2",
        "True 2 None [1, 2]",
    ]


def test_a_broker_away_for_longer_than_the_days_kept_is_told(run):
    out = run("""
l = open_ledger(history_days=4)
for n in range(3 * 78 + 1):
    l.reading(hour(n))
print(l.lost, l.problem, l.pending().sequence)
again = open_ledger(history_days=4)
quarters = 0
for n in range(4):
    for minute in (0, 15, 30, 45):
        t = START + (400 + n) * 3600 + minute * 60 + 10
        r = reading.hourly(400, clock(t))
        r.kind = 2
        quarters += again.reading(r)
print(quarters, open_ledger(history_days=4).always)
""")
    assert out.splitlines() == [
        "78 78 totals were lost: the broker was away too long, or the flash is full 79",
        "16 True",
    ]


def test_forty_days_are_kept_and_no_more_flash_is_used(run):
    out = run("""
l = open_ledger()
most = 0
for n in range(24 * 130):
    l.reading(hour(n))
    if n % 24 == 0:
        used = sum(os.stat(PATH + "/" + f)[6] for f in os.listdir(PATH))
        most = max(most, used)
first = l.pending()
print((l.last().time - first.time) // 86400 >= 40, most < 60000, l.lost > 0, len(l.files) < 16)
""")
    assert out.strip() == "True True True True"


def test_what_is_sent_is_remembered_without_writing_each_time(run):
    out = run("""
l = open_ledger()
for n in range(100):
    l.reading(hour(n))
writes = 0
plain = l.save_mark
def counted():
    global writes
    writes += 1
    plain()
l.save_mark = counted
for n in range(70):
    l.mark(l.pending().sequence)
again = open_ledger()
print(writes, again.pending().sequence)
""")
    writes, resumed = out.split()
    assert int(writes) <= 5
    assert 55 <= int(resumed) <= 71, "after a crash at most 16 are told twice, none is left out"


def test_what_is_sent_is_saved_before_the_power_ends(run):
    out = run("""
l = open_ledger()
for n in range(9):
    l.reading(hour(n))
for n in range(5):
    l.mark(l.pending().sequence)
print(open_ledger().pending().sequence)
l.save_mark()
print(open_ledger().pending().sequence)
os.remove(PATH + "/sent")
l.save_mark()
print("sent" in os.listdir(PATH))  # nothing new, nothing written
""")
    assert out.split() == ["1", "6", "False"]


def test_an_hour_that_is_sent_again_is_one_hour(run):
    out = run("""
l = open_ledger()
print(l.reading(hour(5)), l.reading(hour(5)), l.reading(hour(4, clock=hour(5).clock)))
print(l.reading(hour(6)), l.reading(hour(6)))
old = hour(6)
old.clock = hour(5).clock
print(l.reading(old), l.last().sequence)
""")
    assert out.splitlines() == ["True False False", "True False", "False 2"]


def test_doubtful_totals_are_marked(run):
    out = run("""
l = open_ledger()
l.reading(hour(10))
same = hour(11)
same._entries = hour(10)._entries
l.reading(same)
print("stood still while power was drawn:", l.last().flags)
less = hour(12)
less._entries = hour(3)._entries
l.reading(less)
print("ran backwards:", l.last().flags)
""")
    assert out.splitlines() == ["stood still while power was drawn: 2", "ran backwards: 65"]


def test_a_quarter_s_total_in_doubt_waits_for_a_sound_one(run):
    """DSMR 2 has no CRC: of a telegram with a flipped digit only its neighbours can tell."""
    out = run("""
l = open_ledger()
for second in range(0, 3601, 10):
    bad = second in (900, 910, 1800) or 2700 <= second <= 2830
    wh = 1000000 + second // 6 + 65000 * bad
    l.reading(told(START + second, wh, 3 if second % 900 <= 30 else 2, bad))
print([(r.time - START, r.totals[0][0] - 1000000, r.flags) for r in all_pending(l)])
""")
    # Where no list of the window was sound the last one is kept, and said to be in doubt.
    assert out.strip() == (
        "[(0, 0, 0), (920, 153, 0), (1810, 301, 0), (2820, 65470, 1), (3600, 600, 0)]"
    )


def test_an_hour_s_only_list_is_kept_in_doubt_and_begins_no_series(run):
    out = run("""
l = open_ledger()
for n, wh, doubt in ((0, 5000, 0), (1, 70000, 1), (2, 6000, 0), (3, 40, 1), (4, 6500, 0),
                     (5, 50, 1), (6, 51, 1), (7, 52, 0), (8, 60, 0)):
    print(l.reading(told(START + n * 3600 + 10, wh, 3, doubt)), end=" ")
    l = open_ledger()
print()
print([(r.totals[0][0], r.flags) for r in all_pending(l)])
""")
    # The third list of a new meter is believed, and a new series begins then.
    assert out.splitlines() == [
        "True " * 9,
        "[(5000, 0), (70000, 1), (6000, 0), (40, 1), (6500, 0), "
        "(50, 1), (51, 1), (52, 65), (60, 0)]",
    ]


def test_a_spreadsheet_reckons_nothing_with_totals_in_doubt(run):
    out = run("""
from kwhisper.web.history_csv import hours
class History:
    settings = SETTINGS
    ledger = open_ledger()
for n, wh, doubt in ((0, 5000, 0), (1, 5100, 0), (2, 70000, 1), (3, 5300, 0), (4, 5400, 0)):
    History.ledger.reading(told(START + n * 3600 + 10, wh, 3, doubt))
rows = [row.split(",") for row in hours(History, "", "9") if row]
print([(row[1], row[-1].rstrip()) for row in rows[1:]])
""")
    assert out.strip() == str([("100", ""), ("", ""), ("", "unsure"), ("100", ""), ("", "")])


def test_a_ledger_of_nothing_but_doubt_compares_nothing(run):
    out = run("""
l = open_ledger()
print([l.reading(told(START + n * 3600 + 10, 9000 - n, 3, n < 12)) for n in range(13)])
print([r.flags for r in all_pending(l)])
""")
    assert out.splitlines() == [str([True] * 13), str([1] * 12 + [0])]


def test_a_meter_that_tells_its_registers_always_is_kept_by_the_quarter(run):
    out = run("""
l = open_ledger()
for second in range(0, 7200, 10):
    t = START + second + 3
    r = reading.hourly(second, clock(t))
    r.kind = 3 if t % 900 < 30 else 2
    l.reading(r)
print([r.time - START for r in all_pending(l)], l.last().kind)
""")
    assert out.strip() == "[3, 903, 1803, 2703, 3603, 4503, 5403, 6303] 2"


def test_a_clock_that_nobody_set_hides_no_quarter(run):
    out = run("""
l = open_ledger(now=lambda: (t, 60))
wrong = calendar.seconds(2000, 1, 1) - START + 400
for second in range(0, 7200, 10):
    t = START + second + 3
    r = reading.hourly(second, clock(t + wrong))
    r.kind = 2
    l.reading(r)
print([r.time - START for r in all_pending(l)])
""")
    assert out.strip() == "[3, 903, 1803, 2703, 3603, 4503, 5403, 6303]"


def test_lists_without_registers_in_between_do_not_make_an_hours_total_one_of_many(run):
    out = run("""
l = open_ledger()
between = reading.live(1, clock(START + 1800))
between.kind = 2
print(l.reading(between), l.reading(hour(1)), l.last().kind)
""")
    assert out.strip() == "False True 3"


def test_the_sum_of_tariffs_is_kept_as_derived_and_tariffs_alone_are_no_sum(run):
    """The decoder makes the sum, for all who read it."""
    out = run("""
l = open_ledger()
r = hour(1)
tariffs = [("1-0:1.8.1", 1000, 0, "Wh", 0), ("1-0:1.8.2", 550, 0, "Wh", 0)]
r._entries = tariffs
print(l.reading(r))
r._entries = tariffs + [("1-0:1.8.0", 1550, 0, "Wh", 8)]
l.reading(r)
print(l.last().totals, l.last().flags)
""")
    assert out.splitlines() == ["False", "[(1550, 0), None, None, None] 8"]


def test_without_the_meters_clock_the_devices_is_taken_or_nothing(run):
    out = run("""
l = open_ledger()
silent = hour(1, clock=None)
print(l.reading(silent))
l.now = lambda: (START + 3601, 60)
print(l.reading(silent), l.last().flags)
l.now = lambda: None
open_clock = hour(2)
open_clock.clock = (2026, 7, 1, 12, 0, 10, None)
l.reading(open_clock)
print(calendar.text(l.last().time, l.last().offset))
""")
    assert out.splitlines() == ["False", "True 8", "2026-07-01T12:00:10+01:00"]


def test_no_days_no_ledger(run):
    out = run("""
l = open_ledger(history_days=0)
print(l.reading(hour(1)), l.pending())
""")
    assert out.strip() == "False None"


def test_a_full_flash_costs_the_oldest(run):
    out = run("""
l = open_ledger()
for n in range(200):
    l.reading(hour(n))
plain, full = l.write, True
def refusing(record):
    global full
    if full:
        full = False
        raise OSError(28)
    plain(record)
l.write = refusing
print(l.reading(hour(200)), l.last().sequence, l.pending().sequence, l.lost)
""")
    assert out.strip() == "True 201 79 78"


def test_littlefs_with_the_power_cut_at_every_write(run):
    """The chips' filesystem on a RAM disk whose power goes at the n-th write."""
    out = run(
        """
import vfs

class Disk:
    def __init__(self, data, cut=-1):
        self.data = data
        self.left = cut
    def readblocks(self, n, buf, off=0):
        at = n * 4096 + off
        buf[:] = self.data[at : at + len(buf)]
    def writeblocks(self, n, buf, off=0):
        if self.left == 0:
            raise OSError(5)
        self.left -= 1
        at = n * 4096 + off
        # the write in which the power goes is torn
        size = len(buf) // 2 if self.left == 0 else len(buf)
        self.data[at : at + size] = buf[:size]
    def ioctl(self, op, arg):
        if op == 4:
            return len(self.data) // 4096
        if op == 5:
            return 4096
        if op == 6:
            if self.left == 0:
                return -5
            self.left -= 1
            self.data[arg * 4096 : arg * 4096 + 4096] = b"\\xff" * 4096
            return 0

blank = bytearray(4096 * 40)
vfs.VfsLfs2.mkfs(Disk(blank))
disk = Disk(blank)
vfs.mount(vfs.VfsLfs2(disk), "/flash")
l = open_ledger("/flash/ledger")
for n in range(78):
    l.reading(hour(n))
for n in range(60):
    l.mark(l.pending().sequence)
vfs.umount("/flash")
start = bytes(blank)

cut = 0
while True:
    disk = Disk(bytearray(start), cut)
    done, powered = 78, True
    try:
        vfs.mount(vfs.VfsLfs2(disk), "/flash")
        l = open_ledger("/flash/ledger")
        for n in range(78, 86):
            l.reading(hour(n))
            if disk.left == 0:
                raise OSError(5)
            done = n + 1
            for _ in range(3):
                l.mark(l.pending().sequence)
                if disk.left == 0:
                    raise OSError(5)
        powered = False
    except OSError:
        pass
    try:
        vfs.umount("/flash")
    except OSError:
        pass
    disk.left = -1
    vfs.mount(vfs.VfsLfs2(disk), "/flash")
    l = open_ledger("/flash/ledger")
    assert done <= l.last().sequence <= done + 1, (cut, done, l.last().sequence)
    rest = [r.sequence for r in all_pending(l)]
    assert rest and rest == list(range(rest[0], l.last().sequence + 1)), (cut, rest)
    assert 49 <= rest[0] <= 74, (cut, rest)
    vfs.umount("/flash")
    if not powered:
        break
    cut += 1
print("cuts", cut)
""",
        timeout=120,
    )
    # MicroPython itself complains of files it could not close when the power went
    assert int(out.splitlines()[-1].split()[1]) > 30


def test_what_is_not_ours_or_cannot_be_read_does_not_keep_the_device_from_starting(run):
    out = run("""
l = open_ledger()
for n in range(3):
    l.reading(hour(n))
for name in ("notes123", "README.m", "0000000G", "00000000", "-0000001"):
    with open(PATH + "/" + name, "wb") as f:
        f.write(b"theirs")
l = open_ledger()
print(l.last().sequence, l.problem, l.reading(hour(3)), l.last().sequence)
os.mkdir(PATH + "/00000009")  # opening it is an error, as reading a worn block is
l = open_ledger()
print(l.last().sequence, l.problem is None, l.reading(hour(4)), l.last().sequence)
l = open_ledger()
print(l.last().sequence)
""")
    assert out.splitlines() == ["3 None True 4", "4 False True 5", "5"]
