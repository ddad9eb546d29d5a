"""Run mode: run_mode.py builds its parts, and this looks after them."""

import asyncio
import gc
import select

import machine
from micropython import const

from . import fault_of, let_go
from .web import listen

_SETTLED_S = const(60)
_READ_WITHIN_MS = const(10000)
_UNPROVED = const(3)
_HELD_S = const(5)
_HALF_MS = const(500)
_KNOCK_MS = const(100)
_CONFIGS = const(300)  # so many knocks they are waited for
_PAGES = const(11000)  # bytes of the heap that they take, answers and garbage included
_CODE = const(3300)  # bytes of their bytecode


async def run(device, _):
    """Build the parts, then let them run, for ever."""
    from .run_mode import build

    heart = await build(device, Running(device))
    del build
    let_go("kwhisper.run_mode")
    await heart


class Running:
    """The parts of a running device by their names; those that it may lack are None."""

    supply = cycle = account = history = None

    def __init__(self, device):
        self.device = device
        self.status = device.status

    def may_transmit(self):
        """Whether the radio may be on."""
        supply, cycle = self.supply, self.cycle
        return (not supply or supply.allows_wifi()) and (
            not self.sleeps or (cycle is not None and cycle.ready())
        )

    def unknown(self, buffer, first, end):
        """The decoder met a list that nobody knows: before there is a reader there is none."""
        self.reader.unknown(buffer, first, end)

    async def goodbye(self):
        """What a wanted restart waits for."""
        try:
            from .mqtt.farewell import forget

            await forget(self.publisher)
        except Exception as e:
            # The restart matters more than what is left at the broker.
            self.device.note("warning", "mqtt:", fault_of(e))
        await self.client.goodbye()
        self.ledger.save_mark()
        if self.account:
            self.account.save()

    async def broker(self):
        """The session with the broker."""
        await self.client.run(self.publisher)

    async def web(self):
        """The pages are loaded while somebody looks at them: they cost what a TLS handshake
        wants."""
        device = self.device
        door = listen()
        # What lies outside the heap is never given back: buffers, the place of the code.
        spare = []
        code = None
        try:
            poll = select.poll()
            poll.register(door, select.POLLIN)
            while True:
                # Not beside Home Assistant's configs or a handshake, as far as that can be waited
                # for: some meters leave no memory for both.
                knocks = 0
                while not knocks or (knocks < _CONFIGS and self.busy()):
                    await asyncio.sleep_ms(_KNOCK_MS)
                    knocks += any(poll.ipoll(0))
                if device.settings["mqtt_tls"] or self.account:
                    from .heap import room

                    lacks = room() < _PAGES
                    del room
                    let_go("kwhisper.heap")
                    if lacks:
                        from .web import refusal

                        await refusal.refuse(door, refusal.NO_ROOM)
                        del refusal
                        let_go("kwhisper.web.refusal")
                        continue
                from .web import api

                # What is read from flash at a stretch delays the meter.
                await asyncio.sleep_ms(0)
                from .web import run_server

                await asyncio.sleep_ms(0)
                outside = device.board.outside
                if outside:
                    code = code or outside.take(_CODE)
                    if code:
                        # The same bytes go to the same place, each time.
                        await self._move(outside.again(code, _CODE), "kwhisper.web.")
                await asyncio.sleep_ms(0)
                said = api.Api(device, self.latest, "run", self.history, self.account)
                said.task = asyncio.current_task()
                incoming = None
                try:
                    await run_server.serve(device, said, door, spare)
                except asyncio.CancelledError:
                    incoming = said.incoming
                    if not incoming:
                        raise
                del api, run_server, said
                # The count of wrong passwords stays.
                let_go("kwhisper.web.", "kwhisper.web.auth")
                let_go("kwhisper.formats.labels")
                if incoming:
                    await self._update(door, poll, incoming, spare[-1])
        finally:
            door.close()

    def busy(self):
        """Whether the session with the broker needs the memory of the pages."""
        return self.status.mqtt == "securing" or self.publisher.telling()

    async def _move(self, outside, room):
        # Not this class's own: it is running.
        from .bytecode import move

        await move(outside, 0, room)
        del move
        let_go("kwhisper.bytecode")

    async def _update(self, door, poll, incoming, buffer):
        # Taken without the pages: with them there is no memory for it.
        from .update.incoming import take

        task = asyncio.create_task(take(self.device, *incoming, buffer))
        del take
        let_go("kwhisper.update.incoming")
        from .web import refusal

        while not task.done():
            if any(poll.ipoll(0)):
                await refusal.refuse(door, refusal.UPDATE)
            await asyncio.sleep_ms(_KNOCK_MS)

    async def lights(self):
        """The LED."""
        await self.led.run(self.troubled)

    def troubled(self):
        """Whether the LED is to say that something is wrong."""
        offline = self.device.settings["mqtt_host"] and not self.client.connected
        return self.reader.deaf() or not self.status.ip or offline

    async def heart(self):
        """Once a second. The watchdog is fed while the meter is read."""
        device, status, reader, ledger = self.device, self.status, self.reader, self.ledger
        station = self.station
        watchdog = machine.WDT(timeout=device.board.watchdog_ms)
        late = True
        while True:
            if reader.alive(_READ_WITHIN_MS):
                watchdog.feed()
            reader.take_stock()
            status.problem = reader.problem() or ledger.problem or device.settings.problem
            status.totals_lost = ledger.lost
            if self.supply:
                await self.supply.tick(device, ledger, self.client)
            self._do("mqtt", self.publisher.tick)
            uptime = status.uptime()
            if late and uptime > _SETTLED_S:
                # What this meter's lists had loaded; between two of them nothing of it runs.
                late = False
                await self._move(device.board.outside, "meterwire.")
            elif uptime >= _SETTLED_S:
                device.settled()
            # Many boards' button, held while the power comes, starts the chip's own loader.
            if self.button.pressed_for(_HELD_S):
                device.restart("the button was held", "the button was held")
            if station.failures >= _UNPROVED and not station.proved():
                # Never once connected: a mistyped password must not need a button to be mended.
                device.restart(station.name + ": " + status.wifi, status.wifi)
            gc.collect()
            await asyncio.sleep_ms(_HALF_MS)
            self._do("mqtt", self.publisher.tell)
            if self.history:
                await asyncio.sleep_ms(0)  # the meter is read between two that take time
                self._do("history", self.history.tick)
            await asyncio.sleep_ms(_HALF_MS)

    def _do(self, what, step):
        try:
            step()
        except Exception as e:
            # What is published or kept must not stop what is read.
            self.status.dropped += 1
            self.device.note("error", what + ":", fault_of(e))
