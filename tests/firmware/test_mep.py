"""The MEP port of an NES meter, asked by the firmware: in virtual time, with every fault.

The client runs on CPython against the simulated meter, whose bytes come when they are due; a UART
shows them in lumps, as a FIFO does. No value may come out that the meter did not tell, and the
owner must read what is wrong.
"""

import builtins
import importlib
import json
import re
import sys
from decimal import Decimal
from types import SimpleNamespace

import pytest
from decoder.test_mep import CODES

from kwhisper_tools import paths
from kwhisper_tools.meters.mep_meter import FAULTS, KEY, KINDS, Nes, Port
from meterwire import UNSURE, mep

LUMP = 117  # bytes that a FIFO may keep back
HOUR = 3600


class Done(Exception):
    """The time is over."""


class World:
    """Virtual time, the chip's UART and pins, and the meter at the other end."""

    def __init__(self, port, sends_after=25):
        self.port = port
        self.now = 0.0
        self.end = 0
        self.sends_after = sends_after
        self.level = 1  # of the line at rest
        self.enabled = []  # (second, level) of COM ENABLE
        self.opened = []
        self.problems = []  # (second, sentence), when it became another one
        self.reader = None

    def ticks_ms(self):
        return int(self.now) & 0x3FFFFFFF

    @staticmethod
    def ticks_diff(a, b):
        return (a - b + 0x20000000 & 0x3FFFFFFF) - 0x20000000

    async def sleep_ms(self, ms):
        before = self.now // 1000
        self.now += max(ms, 1)
        if self.now // 1000 != before:
            self.second()

    def second(self):
        """What run mode's heart does once a second."""
        problem = self.reader.problem()
        if problem != (self.problems[-1][1] if self.problems else None):
            self.problems.append((self.now // 1000, problem))
        assert self.reader.alive(10_000)
        if self.now > self.end:
            raise Done


def machine_of(world):
    """The module machine of this world."""

    class Pin:
        IN, OUT = 0, 1

        def __init__(self, number, mode=0, value=None):
            self.number = number

        def value(self, level=None):
            if level is None:
                return world.level
            world.enabled.append((world.now // 1000, level))

    class UART:
        INV_RX, INV_TX = 4, 32

        def __init__(self, number, baud, **options):
            world.opened.append((number, baud, options))
            self.buffer = b""

        def deinit(self):
            self.buffer = b""

        def any(self):
            self.buffer += world.port.due(world.now)
            return len(self.buffer)

        def readinto(self, buf):
            n = min(len(buf), self.any())
            buf[:n] = self.buffer[:n]
            self.buffer = self.buffer[n:]
            return n or None

        def write(self, data):
            world.port.heard(bytes(data), world.now + world.sends_after)
            return len(data)

    return SimpleNamespace(Pin=Pin, UART=UART)


@pytest.fixture
def module(monkeypatch):
    """kwhisper.meter.mep_client on CPython."""
    monkeypatch.setattr(builtins, "const", lambda value: value, raising=False)
    monkeypatch.syspath_prepend(str(paths.FIRMWARE))
    monkeypatch.setitem(sys.modules, "machine", SimpleNamespace())
    # __file__ of the table's module tells where the tables lie.
    return importlib.import_module("kwhisper.meter.mep_client")


class Values:
    """A consumer that holds each Reading against what the meter told last."""

    def __init__(self, world):
        self.world = world
        self.seconds = []
        self.newest = {}
        self.unsure = 0
        self.longest = 0  # seconds between two lists

    def reading(self, r):
        truth = {
            CODES[source]: Decimal(value).scaleb(exponent)
            for source, (value, exponent) in self.world.port.meter.truth().items()
        }
        for i in range(len(r)):
            code = r.obis(i).removeprefix("1-0:")
            if r.entry(i) or r.flag(i) & UNSURE:
                self.unsure += r.entry(i) == 0
                continue
            value = Decimal(r.decimal(i))
            if code in truth:
                assert value == truth[code], (code, self.world.now)
            else:
                assert code in ("16.7.0", "36.7.0", "56.7.0", "76.7.0"), code
            self.newest[code] = value
        now = self.world.now / 1000
        if self.seconds:
            self.longest = max(self.longest, now - self.seconds[-1])
        self.seconds.append(now)
        self.reading_ = r


def settings_of(**other):
    values = {"meter": "mep", "mep_interval": 5, "mep_rc4": False, "mep_key": KEY} | other

    class Settings(dict):
        def key(self, name):
            return self[name]

    return Settings(values)


@pytest.fixture
def run(module, monkeypatch):
    """run(seconds, kinds, faults, **settings): (world, values, reader) after so long."""

    def run(seconds, kinds=(), faults=(), level=1, **settings):
        world = World(Port(Nes(seed=3, kinds=kinds), faults, piece=LUMP))
        world.level = level
        world.end = seconds * 1000
        for name in ("kwhisper.meter.mep_client", "kwhisper.meter.reader"):
            room = sys.modules[name]
            monkeypatch.setattr(
                room,
                "time",
                SimpleNamespace(ticks_ms=world.ticks_ms, ticks_diff=world.ticks_diff),
            )
            monkeypatch.setattr(room, "asyncio", SimpleNamespace(sleep_ms=world.sleep_ms))
        monkeypatch.setattr(module, "machine", machine_of(world))
        status = SimpleNamespace(line=None, last_frame=None, dropped=0)
        status.uptime = lambda: int(world.now // 1000)
        board = SimpleNamespace(uart=2, rx=16, tx=17, enable=5, buffer=bytearray)
        values = Values(world)
        world.notes = []

        def note(*words):
            world.notes.append(words)

        world.reader = reader = module.MepReader(
            board, settings_of(**settings), [values], status, note
        )
        with pytest.raises(Done):
            reader.run().send(None)
        assert status.dropped == 0, world.notes
        return world, values, reader

    return run


def sentences(world):
    return [text for _, text in world.problems if text]


# ---- what meters are like


@pytest.mark.parametrize(
    "kinds", [(), ("no-demand",), ("remaining",), ("gen4",), ("ct",), ("ct", "gen4"), ("rc4",)]
)
def test_every_kind_of_meter_is_read(run, kinds):
    world, values, reader = run(60, kinds, mep_rc4="rc4" in kinds)
    assert not sentences(world)
    assert values.seconds[0] < 15 and len(values.seconds) >= 9 and values.longest < 6
    assert {"1.8.0", "2.8.0", "1.7.0", "16.7.0", "31.7.0", "32.7.0", "14.7.0"} <= set(
        values.newest
    )
    assert values.newest["16.7.0"] == values.newest["1.7.0"] - values.newest["2.7.0"]
    assert values.unsure == 0
    r = values.reading_
    assert (r.meter_id, r.meter_type) == ("NES0000000003", "NES 83334-3I")
    assert r.plate == b"NES 83334-3I\x08\x23" + world.port.meter.firmware.to_bytes(2, "big")
    shown = "CT 40 VT 1, energy in 10 Wh" in reader.status.line
    assert shown == ("ct" in kinds), reader.status.line
    # one question for the right number; every request then has the next one
    assert reader.counters["sequence"] == 1
    assert reader.counters["ok"] == world.port.requests - 1


def test_the_clock_of_the_meter_is_told_with_each_list(run):
    _, values, _ = run(60)
    assert values.reading_.time.startswith("2026-01-20T11:00:2")


def test_the_interval_is_that_of_the_settings(run):
    _, values, _ = run(300, mep_interval=60)
    assert len(values.seconds) == 5 and values.longest < 61
    world, values, _ = run(60, mep_interval=1)
    assert len(values.seconds) > 40
    # registers and clock at most every four seconds: 1.5 questions a second
    assert world.port.requests < 100


def test_the_line_is_that_of_the_settings(run):
    world, _, reader = run(20, meter="mep-2400-8N1")
    number, baud, options = world.opened[0]
    assert (number, baud, options["parity"], options["invert"]) == (2, 2400, None, 0)
    assert reader.status.line == "MEP 2400 8N1"
    world, _, reader = run(20, meter="mep-9600-8E1", level=0)
    assert world.opened[0][1:][0] == 9600
    assert (world.opened[0][2]["parity"], world.opened[0][2]["invert"]) == (0, 36)
    assert reader.status.line.startswith("MEP 9600 8E1")


def test_power_comes_a_second_before_the_first_question(run):
    world, values, _ = run(30)
    assert world.enabled == [(0, 0), (1, 1)]
    assert values.seconds[0] > 2


# ---- what goes wrong


@pytest.mark.parametrize(
    ("kinds", "faults", "settings", "sentence"),
    [
        ((), ("silence",), {}, "the meter does not answer"),
        ((), ("garbage",), {}, "is not an answer of a MEP port"),
        ((), ("digest",), {}, "their digest fails"),
        (("tls",), (), {}, "requires TLS"),
        (("rc4",), (), {}, "its port requires RC4"),
        ((), (), {"mep_key": bytes(16)}, "the MEP key does not fit"),
        ((), (), {"mep_key": None}, "enter it"),
    ],
)
def test_a_port_that_cannot_be_read_says_why(run, kinds, faults, settings, sentence):
    world, values, reader = run(90, kinds, faults, **settings)
    assert values.seconds == []
    assert sentences(world) and all(sentence in text for text in sentences(world))
    assert world.problems[0][0] < 20 and len(world.problems) == 1, world.problems
    assert reader.deaf()
    if "mep_key" not in settings or settings["mep_key"]:
        # off and on again and again, ten seconds apart at least
        on = [second for second, level in world.enabled if level]
        assert len(on) >= 4
        assert all(b - a >= 10 for a, b in zip(on, on[1:], strict=False))


def test_a_meter_that_is_set_otherwise_is_asked_anew(run):
    """Its number leaps by 25, and its values stand elsewhere: none may be taken for another."""
    world, values, reader = run(HOUR, faults=("sequence",))
    assert not sentences(world) and values.longest < 16
    assert reader.counters["sequence"] > 20
    assert len(values.seconds) > 500 and {"1.8.0", "1.7.0", "32.7.0"} <= set(values.newest)


def test_what_was_told_before_a_meter_was_set_otherwise_counts_no_more(run, monkeypatch):
    whole, table = Nes.answer, Nes.table
    asked = []

    def answer(self, frame):
        asked.append(frame)
        if len(asked) == 60:
            self.reconfigure()
        return whole(self, frame)

    def told(self, number):
        late = len(asked) >= 60 and number in (mep.SUM_SOURCES, mep.PRESENT_SOURCES)
        return None if late else table(self, number)

    monkeypatch.setattr(Nes, "answer", answer)
    monkeypatch.setattr(Nes, "table", told)
    world, values, _ = run(300)
    assert len(values.seconds) > 40 and values.unsure > 500
    assert "which value is which" in world.problems[-1][1]


def test_requests_that_do_not_arrive_cost_no_number(run, monkeypatch):
    """Up to seven in a row the meter accepts, and tells the number then."""
    heard = Port.heard

    def lossy(self, data, now):
        # each third minute nothing arrives for half a minute
        if now % 180_000 > 30_000 or now < 60_000:
            heard(self, data, now)

    monkeypatch.setattr(Port, "heard", lossy)
    world, values, reader = run(HOUR)
    assert set(sentences(world)) <= {
        "the meter has stopped answering: its optical port may be in use, or the cable is out"
    }
    assert values.longest < 60 and reader.counters["sequence"] < 30


def test_alerts_are_passed_over(run):
    world, values, reader = run(120, faults=("alerts",))
    assert not sentences(world) and values.longest < 6
    assert reader.alerts > 20 and reader.counters["noise"] == 0
    told = [words for words in world.notes if "alert" in words[1]]
    assert len(told) == 1 and told[0][0] == "info"


def test_late_answers_are_waited_for_and_never_taken_for_others(run):
    world, values, reader = run(300, faults=("slow",))
    assert not sentences(world)
    assert len(values.seconds) > 20
    assert reader.counters["digest"] + reader.counters["silent"] > 0


def test_a_session_at_the_optical_port_is_named_and_survived(run):
    world, values, _ = run(600, faults=("optical",))
    assert set(sentences(world)) == {
        "the meter has stopped answering: its optical port may be in use, or the cable is out"
    }
    spoken = [s for s in values.seconds if s % 120 < 29 or s % 120 > 103]
    assert len(spoken) > 40 and values.longest < 80
    assert world.problems[-1][1] is None or world.now % 120_000 < 90_000


def test_damaged_answers_cost_a_try_at_most(run):
    world, values, reader = run(HOUR, faults=("damage",))
    assert not sentences(world)
    counted = reader.counters
    assert world.port.damaged > 100
    assert counted["digest"] + counted["cut"] + counted["silent"] > 100
    assert values.longest < 12 and len(values.seconds) > 600


@pytest.mark.slow
def test_a_day_with_a_tenth_of_the_answers_damaged(run):
    world, values, reader = run(24 * HOUR, faults=("damage",))
    assert not sentences(world)
    assert world.port.damaged > 4000
    assert len(values.seconds) > 15000
    # a number that is lost is back within a round
    assert values.longest < 12
    assert reader.counters["ok"] + world.port.damaged >= world.port.requests - 10


def test_what_a_meter_does_not_tell_puts_its_values_in_doubt(run, monkeypatch):
    whole = Nes.table
    missing = {mep.SUM_SOURCES, mep.PRESENT_SOURCES}
    monkeypatch.setattr(
        Nes, "table", lambda self, number: None if number in missing else whole(self, number)
    )
    world, values, _ = run(60)
    assert values.newest == {} and values.unsure > 20
    assert all("which value is which" in text for text in sentences(world)) and sentences(world)


def test_a_meter_that_refuses_its_values_says_so(run, monkeypatch):
    monkeypatch.setattr(Nes, "table", lambda self, number: None)
    world, values, _ = run(60)
    assert values.seconds == []
    assert sentences(world)[-1].startswith("the meter refuses")


def test_tables_longer_than_an_answer_are_read_in_parts(run, monkeypatch):
    whole = Nes.__init__

    def longer(self, *arguments, **options):
        whole(self, *arguments, **options)
        # values that no client knows, before those that all do
        self.present = (*[200] * 150, *self.present)

    monkeypatch.setattr(Nes, "__init__", longer)
    world, values, reader = run(60)
    assert not sentences(world) and len(values.seconds) > 8
    assert "1.7.0" in values.newest and reader.counters["refused"] == 0


def test_wires_that_are_joined_are_no_meter(run, monkeypatch):
    monkeypatch.setattr(Nes, "answer", lambda self, frame: frame)
    world, values, reader = run(60)
    assert values.seconds == [] and reader.counters["digest"] > 5
    assert all("digest fails" in text for text in sentences(world)) and sentences(world)


def test_a_line_that_never_rests_holds_nobody_up(run, monkeypatch):
    """Noise without end at the highest speed: the loop comes round, and the owner is told."""
    noise = bytes(range(33, 133))
    monkeypatch.setattr(Port, "due", lambda self, now: noise)
    world, values, reader = run(90, meter="mep-115200-8N1")
    assert values.seconds == [] and reader.counters["noise"] > 1000
    assert all("is not an answer" in text for text in sentences(world)) and sentences(world)


@pytest.mark.parametrize("piece", [b"\x00\x40abc", b"\x01\x00" + bytes(range(40))])
def test_answers_that_stop_half_way_are_told_as_a_bad_line(run, monkeypatch, piece):
    monkeypatch.setattr(Nes, "answer", lambda self, frame: piece)
    world, values, reader = run(60)
    assert values.seconds == [] and reader.counters["cut"] > 5
    assert all("is not an answer" in text for text in sentences(world)) and sentences(world)


def test_a_silent_port_is_switched_off_and_on_three_times_a_minute(run):
    world, _, _ = run(120, faults=("silence",))
    on = [second for second, level in world.enabled if level]
    # ten seconds, the tries under way, and two to switch it off and on
    assert all(b - a <= 20 for a, b in zip(on, on[1:], strict=False)), on


# ---- what is told


def test_the_docs_tell_sentences_counters_pins_kinds_and_faults(module):
    text = (paths.ROOT / "docs" / "mep.md").read_text()
    faults = json.loads((paths.FIRMWARE / "kwhisper/meter/mep_faults.json").read_text())
    source = (paths.FIRMWARE / "kwhisper/meter/mep_client.py").read_text()
    for row in faults:
        assert f"| {row['text']} |" in text, row
        assert re.search(rf'["\s]{row["fault"]}["\s]', source), f"{row['fault']}: nobody says it"
    for cause in re.search(r'_CAUSES = const\("(.*)"\)', source)[1].split():
        assert f"`{cause}`" in text, cause
    for name in (*KINDS, *FAULTS):
        assert re.search(rf"\b{name}\b", text), name
    boards = json.loads((paths.FIRMWARE / "kwhisper/boards.json").read_text())
    asking = [board for board in boards if board["platform"] == "esp32"]
    assert len(asking) > 4
    for board in asking:
        pins = " | ".join(f"GPIO{board[pin]}" for pin in ("rx", "tx", "enable"))
        assert f"| {board['label']} | {pins} |" in text, board


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("01" * 20, "01" * 16),
        ("0x" + "Ab" * 16, "ab" * 16),
        ("58 74 7A 3B-7E2C6856 56794F45404B79724F69562B", "58747a3b7e2c685656794f45404b7972"),
        ("XtzABCDEFGHIJKLMNOPQ", "58747a4142434445464748494a4b4c4d"),
        ("01234567890123456789", "30313233343536373839303132333435"),
        ("", ""),
        ("01" * 15, None),
        ("nineteen characters", None),
    ],
)
def test_a_key_is_kept_as_what_is_used_of_it(module, typed, kept):
    validation = importlib.import_module("kwhisper.storage.validation")
    row = {"name": "mep_key", "type": "mep_key", "secret": True, "default": ""}
    value, error = validation.check(row, typed)
    assert value == kept
    assert bool(error) == (kept is None)
