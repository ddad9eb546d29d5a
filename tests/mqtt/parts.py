"""The MQTT part of the firmware, put together for the tests' programs on MicroPython."""

from kwhisper.latest import Latest
from kwhisper.mqtt.client import Client
from kwhisper.mqtt.publisher import Publisher
from kwhisper.status import Status
from kwhisper.storage.ledger import Ledger
from kwhisper.storage.settings import Settings


class NoClock:
    """Nobody told the time, but this machine has it."""

    def now(self):
        return None

    async def ready(self):
        return True


class NoLedger:
    """Keeps nothing."""

    def reading(self, r):
        return False

    def last(self):
        return None

    pending = last


class Device:
    """What run_mode.py builds, without the meter's line, WiFi and pages.

    ledger: the path of a ledger's folder, or None. publish: takes the place of the client's.
    """

    def __init__(self, settings, decoder, ledger=None, publish=None):
        self.settings = s = Settings("/nowhere")
        # This port has no number of a chip, of which the device makes its own id.
        errors = s.change(dict({"mqtt_client_id": "kwhisper"}, **settings))
        assert not errors, errors
        self.status = status = Status("power on", "PC", "0.1")
        status.ip = "127.0.0.1"
        status.decoder = self.decoder = decoder
        self.sessions = 0
        clock = NoClock()
        self.ledger = Ledger(s, clock.now, ledger) if ledger else NoLedger()
        self.latest = Latest(status.uptime)
        self.client = Client(s, status, self.note, clock)
        self.publisher = Publisher(self, self.client, self.ledger, decoder, self.latest, clock.now)
        self.consumers = [self.ledger, self.latest, self.publisher]
        if publish:
            self.client.publish = publish
            self.client.connected = True

    def reading(self, r):
        """A list was decoded."""
        self.status.last_frame = self.status.uptime()
        for consumer in self.consumers:
            consumer.reading(r)

    def feed(self, data):
        """The decoder reads bytes; returns how many lists were in them."""
        self.decoder.feed(data)
        return self.drain()

    def drain(self):
        """Every list that the decoder has ready."""
        lists = 0
        while True:
            r = self.decoder.read()
            if r is None:
                return lists
            lists += 1
            self.reading(r)

    # what client and commands want of the device

    def note(self, level, *words):
        if words == ("mqtt:", "connected"):
            self.sessions += 1

    async def leave(self, why):
        pass
