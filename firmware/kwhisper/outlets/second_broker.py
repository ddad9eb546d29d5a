"""A second MQTT broker: another host, its own topic and formats, no TLS, no commands.

It has a session and a queue of its own (2 KB), so whatever becomes of one broker the other hears
every list. The hourly totals that waited go to the first alone: the second hears the newest.
"""

import asyncio

from ..mqtt.client import Client
from ..mqtt.publisher import Publisher

# What this session reads instead of the first one's settings, and what it does without.
_OWN = {
    "mqtt_host": "broker2_host",
    "mqtt_port": "broker2_port",
    "mqtt_user": "broker2_user",
    "mqtt_password": "broker2_password",
    "mqtt_topic": "broker2_topic",
    "payload": "broker2_payload",
}
_OFF = {"mqtt_tls": False, "mqtt_commands": False, "energy": False, "mqtt_command_topic": ""}


class Around:
    """A thing that is another but for what is set on it."""

    def __init__(self, other):
        self.other = other

    def __getattr__(self, name):
        return getattr(self.other, name)


class Settings(Around):
    """The settings, as the second session sees them."""

    def __getitem__(self, name):
        if name in _OFF:
            return _OFF[name]
        # Two sessions with one id would throw each other out, were it one broker.
        return self.id if name == "mqtt_client_id" else self.other[_OWN.get(name, name)]


class NoTotals(Around):
    """The ledger, whose records are not this session's to send."""

    def pending(self):
        return None


class SecondBroker:
    """reading(r) publishes, run() keeps the session."""

    def __init__(self, device, first):
        status = Around(device.status)
        status.mqtt = "off"
        status.mqtt_error = None
        status.dropped = 0
        here = Around(device)
        here.status = status
        here.settings = settings = Settings(device.settings)
        settings.id = first.client.id + "-2"

        def note(level, *words):
            device.note(level, "second", *words)

        self.client = Client(settings, status, note, first.client.clock)
        self.publisher = Publisher(
            here,
            self.client,
            NoTotals(first.ledger),
            first.decoder,
            first.latest,
            first.context.now,
        )
        self.reading = self.publisher.reading
        self.status = status
        self.shown = device.status

    async def run(self):
        """The session, and what the publisher does each second."""
        session = asyncio.create_task(self.client.run(self.publisher))
        try:
            while not session.done():
                for step in (self.publisher.tick, self.publisher.tell):
                    try:
                        step()
                    except MemoryError:
                        self.status.dropped += 1
                    self.shown.broker2 = self.status.mqtt_error or self.status.mqtt
                    await asyncio.sleep_ms(500)
            await session
        finally:
            session.cancel()
