"""A second topic in the same session: what the formats say below it, too, or another format.

Imported only if the setting mqtt_topic2 names one. To the publisher it is a format, whose messages
have the retain flag and QoS of their kind like all others. Status, device and totals stay at the
first topic.
"""

from ..formats import Context, load

_BELOW = const("topics json_object amsreader raw_hex raw_bytes")


class SecondTopic:
    """The functions of a format (formats/__init__.py), for formats and a Context of its own."""

    __name__ = "second topic"

    def __init__(self, publisher, buffer):
        settings, first = publisher.settings, publisher.context
        payload = settings["topic2_payload"] or settings["payload"]
        # Home Assistant is told of the first; Domoticz and MySensors have topics of their own.
        chosen = load(payload, publisher.device)
        self.formats = [f for f in chosen if f.__name__.rpartition(".")[2] in _BELOW.split()]
        if not self.formats:
            publisher.device.note("warning", "second topic: its format has topics of its own")
        page = 0
        for form in self.formats:
            page = max(page, getattr(form, "PAGE", 0))
        if first.page and len(first.page.buf) >= page:
            page = 0
        self.context = Context(settings, first.status, first.device, first.now, page, buffer)
        if not page:
            self.context.page = first.page  # one document is sent before the next one begins
        self.context.topic = settings["mqtt_topic2"].encode()
        self.context.below = self.context.topic + b"/"

    def messages(self, r, context):
        """The messages of a list."""
        self.context.frame = context.frame
        self.context.skipped = context.skipped
        return self._all("messages", r)

    def registers(self, record, context):
        """The newest totals of the ledger."""
        return self._all("registers", record)

    def connected(self, context):
        """A session began."""
        self.context.said.clear()
        return self._all("connected")

    def device(self, context):
        """The device about itself, as far as a format tells it."""
        return self._all("device")

    def unknown(self, frame, context):
        """A list came that nobody knows."""
        return self._all("unknown", frame)

    def _all(self, what, *given):
        for form in self.formats:
            if hasattr(form, what):
                yield from getattr(form, what)(*given, self.context)
