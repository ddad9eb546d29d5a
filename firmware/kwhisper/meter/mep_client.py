"""Asks an NES meter on its MEP port, in the place of uart.py and the decoder.

Every round asks for the present values (BT28), and every five seconds at most for the registers
(BT23) and the meter's clock: together they are one Reading. What stands where is asked for at the
start, once an hour, and when the meter has counted its sequence number on of its own accord: so it
says that it was set otherwise (guide, IDT Version). meterwire.mep checks every answer.

    silent ──▶ COM ENABLE off and on ──▶ learn ──▶ rounds      ten seconds without an answer, and
       ▲                                             │         it begins anew
       └─────────────────────────────────────────────┘
"""

import asyncio
import time

import machine

from meterwire import mep

from ..storage import table
from .reader import Reader

_POWER_MS = const(1000)  # COM ENABLE off, and on before the first request
_REQUEST_MS = const(100)  # between an answer and the next request
_ANSWER_MS = const(500)  # until the first bytes of an answer
_GAP_MS = const(50)  # within one
# A UART's FIFO may keep 120 bytes back until the line rests; the request goes out before: in bits.
_HELD = const(1500000)
_TRIES = const(3)
_PATIENCE = const(4)  # a meter that is late gets up to so many times as long
_LOST_S = const(10)
_AGAIN_MS = const(2000)  # after a round without an answer
_REGISTERS_S = const(4)  # a little less than the usual interval
_LEARN_S = const(3600)
_PART = const(464)  # bytes of a table that fit an answer, in whole values
_SAMPLES = const(12)

_CAUSES = const("ok silent cut noise digest sequence key tls refused")
_FAULTS = const("- - noise noise digest - key tls")  # what each says of the port, the gravest last
_OK = const(0)
_SILENT = const(1)
_CUT = const(2)
_NOISE = const(3)
_DIGEST = const(4)
_SEQUENCE = const(5)
_KEY = const(6)
_TLS = const(7)
_REFUSED = const(8)


class MepReader(Reader):
    """Asks the meter on the UART of `board`; each Reading goes to the `consumers`."""

    def __init__(self, board, settings, consumers, status, note):
        Reader.__init__(self, None, None, consumers, (), status, note)
        # "mep", or as "mep-9600-8E1"
        words = (settings["meter"] + "-9600-8N1").split("-")
        self.line = int(words[1]), words[2]
        self.board = board
        self.interval = settings["mep_interval"] * 1000
        key = settings.key("mep_key")
        self.mep = mep.Mep(key, settings["mep_rc4"], board.buffer) if key else None
        self.enable = None
        if board.enable is not None:
            self.enable = machine.Pin(board.enable, machine.Pin.OUT, value=0)
        self.buf = board.buffer(mep.MOST + 2)
        self.size = 0  # of the last answer in it
        self.counts = [0] * 9
        self.alerts = 0
        self.lately = 0  # what befell answers since the last good one: a bit each cause
        self.patience = 1
        self.since = None  # uptime when answers began to fail, None while they are good
        self.next_registers = self.next_learn = 0  # uptime
        self.fault = self.words = None  # what problem() said last

    # ---- what others ask of a decoder

    @property
    def counters(self):
        """Answers by what befell them: {"ok": n, cause: n …}; noise counts bytes."""
        found = {}
        for i, cause in enumerate(_CAUSES.split(" ")):
            found[cause] = self.counts[i]
        return found

    def raw(self):
        """(buffer, start, end) of the last answer; an enciphered one as it was deciphered."""
        return self.buf, 0, self.size

    def take_stock(self):
        """Nothing to count here: the line is known."""

    def problem(self):
        """What is wrong between the meter and its values, in words for the user, or None."""
        fault = None
        if not self.mep:
            fault = "none"
        elif self.lost(0):
            fault = "busy" if self.lists else "silent"
            for bit, name in enumerate(_FAULTS.split(" ")):
                # From a meter that was understood, fragments say that somebody else talks to it.
                if bit > _SILENT and self.lately >> bit & 1:
                    if bit > _DIGEST or not self.lists:
                        fault = name
        elif not self.lists:
            fault = "refused" if self.counts[_REFUSED] > _TRIES else None
        elif self.next_learn and not self.sure():
            fault = "unsure"
        if fault != self.fault:
            self.fault = fault
            self.words = fault and table.find("/meter/mep_faults.json", fault)["text"]
        return self.words

    def lost(self, begin):
        """Whether no answer was good for ten seconds, not counting those before `begin`."""
        since = self.since
        return since is not None and self.status.uptime() - max(since, begin) > _LOST_S

    def deaf(self):
        """Whether the meter does not answer."""
        return not self.lists or self.since is not None

    def sure(self):
        """Whether the meter told what stands where, and its transformers' ratios can be."""
        layouts = self.mep.layout(mep.REGISTERS), self.mep.layout(mep.PRESENT)
        return layouts[0][2] and layouts[1] and layouts[1][2] and self.mep.ratios()[2]

    # ---- the line

    async def pause(self, ms):
        """Wait; the loop is seen to be alive."""
        while ms > 0:
            self.last = time.ticks_ms()
            await asyncio.sleep_ms(min(ms, 1000))
            ms -= 1000
        self.last = time.ticks_ms()

    async def open(self):
        """Switch the port off and on, and open the UART."""
        if self.uart:
            self.uart.deinit()
            self.uart = None
        board = self.board
        if self.enable:
            self.enable.value(0)
            await self.pause(_POWER_MS)
            self.enable.value(1)
        await self.pause(_POWER_MS)
        # A line at rest is high; where a bare transistor turns the levels over, low, and so is
        # what is sent.
        pin = machine.Pin(board.rx, machine.Pin.IN)
        low = 0
        for _ in range(_SAMPLES):
            await asyncio.sleep_ms(10)
            low += not pin.value()
        baud, form = self.line
        invert = 0
        if low == _SAMPLES:
            invert = machine.UART.INV_RX | machine.UART.INV_TX
        self.uart = machine.UART(
            board.uart,
            baud,
            bits=8,
            parity=0 if form == "8E1" else None,
            tx=board.tx,
            rx=board.rx,
            rxbuf=1024,
            invert=invert,
        )
        self.describe(" inverted" if invert else "")

    def describe(self, more=""):
        """The line and the factors in use, for the status."""
        text = "MEP %d %s" % self.line + more
        ct, vt, _ = self.mep.ratios()
        if ct * vt > 1:
            text += ", CT %d VT %d, energy in %d Wh" % (ct, vt, self.mep.energy_unit())
        self.status.line = text

    async def ask(self, number, offset, count):
        """Read a part of a table; returns what befell the answer. What it says is kept by mep."""
        cause = _SILENT
        for _ in range(_TRIES):
            await self.pause(_REQUEST_MS)
            # Late answers and alerts: whatever came unasked.
            for _ in range(16):
                if self.uart.any():
                    self.unasked(self.uart.readinto(self.buf) or 0)
            self.uart.write(self.mep.ask(number, offset, count))
            cause = await self.answer()
            self.counts[cause] += 1
            if cause == _OK or cause == _REFUSED:
                self.since = None
                self.lately = 0
                break
            if cause != _SEQUENCE:
                self.lately |= 1 << cause
                if self.since is None:
                    self.since = self.status.uptime()
        return cause

    def unasked(self, n):
        """Count n bytes that are no answer."""
        if any(self.buf[:n]):
            self.counts[_NOISE] += n
            return
        # 00 00, once a second until it was dealt with: for who processes the meter's alarms
        if not self.alerts:
            self.note("info", "the meter has an alert for the company that reads it")
        self.alerts += 1

    async def answer(self):
        """Wait for the answer to the last request; returns what befell it."""
        uart, buf, baud = self.uart, self.buf, self.line[0]
        first = _ANSWER_MS * self.patience + _HELD // baud
        gap = _GAP_MS + _HELD // baud
        whole = 2 * first + 4 * gap + 5 * _HELD // baud
        view = memoryview(buf)
        cause = _SILENT
        n = 0
        self.last = began = heard = time.ticks_ms()
        while True:
            got = (uart.any() and uart.readinto(view[n:])) or 0
            self.last = now = time.ticks_ms()
            if got:
                n += got
                heard = now
            elif time.ticks_diff(now, heard) > (gap if n else first):
                # An answer that stops, or none.
                if not n and self.patience < _PATIENCE:
                    self.patience += 1
                return _CUT if n else cause
            if time.ticks_diff(now, began) > whole:
                return _NOISE  # it never ends
            while n > 1:
                size = (buf[0] << 8 | buf[1]) + 2
                if size > len(buf):
                    # No frame begins like that.
                    cause = _NOISE
                    size = n
                    self.unasked(n)
                elif size == 2:
                    self.unasked(size)
                elif n < size:
                    break
                else:
                    self.size = size
                    code = self.mep.take(buf, size)
                    if time.ticks_diff(now, began) < _ANSWER_MS and self.patience > 1:
                        self.patience -= 1
                    if code == mep.OK:
                        return _OK
                    if code == mep.BAD_SEQUENCE:
                        return _SEQUENCE
                    if code == mep.NO_SESSION:
                        return _TLS
                    if code == mep.NOT_AUTHENTIC:
                        return _KEY
                    if code > 0:
                        return _REFUSED
                    # Damaged, or the late answer to another question: the right one may follow.
                    cause = _DIGEST
                buf[: n - size] = buf[size:n]
                n -= size
            await asyncio.sleep_ms(0 if got else 10)

    # ---- the meter

    async def run(self):
        """Ask for ever."""
        while not self.mep:
            await self.pause(60000)  # problem() says what lacks
        while True:
            await self.open()
            begin = self.status.uptime()
            self.next_learn = self.next_registers = 0
            while not self.lost(begin):
                good = self.counts[_OK]
                began = time.ticks_ms()
                if self.next_learn > self.status.uptime() or await self.learn():
                    await self.round()
                wait = self.interval - time.ticks_diff(time.ticks_ms(), began)
                if self.lately & (1 << _KEY | 1 << _TLS):
                    wait = _LOST_S * 1000  # whoever asks in vain may be locked out
                elif self.counts[_OK] == good:
                    wait = min(wait, _AGAIN_MS)
                elif not self.next_learn:
                    wait = 0  # it answers, and has to be asked anew
                await self.pause(wait)

    async def learn(self):
        """Ask what stands where; whether the meter answered to all of it, if only by refusing."""
        core = self.mep
        core.kept.clear()
        core.unit = self.next_learn = 0
        if not self.told(await self.ask(mep.DIMENSIONS, 0, 10)):
            return False
        numbered = self.counts[_SEQUENCE]
        for number, count in (
            (mep.MANUFACTURER, 16),
            (mep.SERIAL, 30),
            (mep.CONSTANTS, 17),
        ):
            if not self.told(await self.ask(number, 0, count)):
                return False
        sizes = core.kept.get(mep.DIMENSIONS)
        if sizes and len(sizes) > 9:
            for number, count in (
                (mep.SUM_SOURCES, sizes[3]),
                (mep.PRESENT_SOURCES, sizes[8] + sizes[9]),
            ):
                if not self.told(await self.read(number, 0, count)):
                    return False
        ct, vt, _ = core.ratios()
        if ct * vt > 1:
            # Only such meters may count in 10 or 100 Wh.
            if not self.told(await self.ask(mep.MOST_REGISTERS, 0, 10)):
                return False
            at = core.unit_at()
            if at and not self.told(await self.ask(mep.CONFIGURATION, at, 1)):
                return False
        if self.counts[_SEQUENCE] != numbered:
            return False  # it was set otherwise meanwhile
        self.describe()
        self.next_learn = self.status.uptime() + _LEARN_S
        return True

    def told(self, cause):
        """Whether there is no use in asking again."""
        return cause == _OK or cause == _REFUSED

    async def read(self, number, offset, count):
        """Read a table that may be longer than an answer; returns what befell it."""
        end = offset + count
        cause = _OK
        while offset < end and cause == _OK:
            cause = await self.ask(number, offset, min(_PART, end - offset))
            offset += _PART
        return cause

    async def round(self):
        """Ask for the values, and hand on what they are."""
        core, uptime = self.mep, self.status.uptime()
        numbered = self.counts[_SEQUENCE]
        core.begin()
        if uptime >= self.next_registers:
            if await self.ask(mep.CLOCK, 0, 7) == _SILENT:
                return
            at, sources, _ = core.layout(mep.REGISTERS)
            if await self.ask(mep.REGISTERS, at, 4 * known(sources)) == _OK:
                self.next_registers = uptime + _REGISTERS_S
        found = core.layout(mep.PRESENT)
        if found:
            await self.read(mep.PRESENT, found[0], 4 * known(found[1]))
        if self.counts[_SEQUENCE] != numbered:
            # What came since then may stand elsewhere than it was taken to.
            self.next_learn = self.next_registers = 0
            return
        r = core.finish()
        if r:
            self.lists += 1
            self.status.last_frame = self.status.uptime()
            self.send(self.consumers, r, None)


def known(sources):
    """How many of the sources to read: those up to the last one that has an OBIS code."""
    n = len(sources)
    while n and not mep.row_of(sources[n - 1]):
        n -= 1
    return n
