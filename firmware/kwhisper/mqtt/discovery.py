"""When Home Assistant's configs are published: one at each step, of which the run mode makes two a
second, when a value is first seen, again in every session and whenever Home Assistant starts.

Afterwards the values are said again, since Home Assistant listens to them only a moment after it
has read the config.
"""

from meterwire import obis

from .. import let_go
from ..formats.entities import entities

_RESTATE_AFTER = const(6)  # steps


class Discovery:
    """Keeps which entities there are; the publisher hands it Readings and calls step()."""

    def __init__(self, publisher):
        self.publisher = publisher
        self.known = {}  # see formats/homeassistant.py
        self.queue = []  # keys whose configs are still to be sent
        self.restate = 0  # steps until the values are published again
        # where Home Assistant says that it started
        self.topic = publisher.settings["ha_prefix"].encode() + b"/status"

    def announce(self, record=None):
        """Send every config again. The registers of a record from the ledger have theirs at once,
        even if the next hour is far away."""
        for key in record.codes() if record else ():
            self.known.setdefault(key << 4, True)
        from ..formats.homeassistant import DEVICE

        measured = self.publisher.context.status.supply_mv is not None
        first = len(DEVICE) if measured else len(DEVICE) - 1
        self.queue = list(range(-first, 0)) + list(self.known)

    def reading(self, r, newest=False):
        """Look for values that have no entity yet, and queue their configs.

        newest: the list is put together of the newest values and does not tell how often each
        comes: what is known stays, and a register may wait for its hour.
        """
        for which, known in entities(r, self.known):
            if newest:
                if which in self.known:
                    continue
                known = known or obis.is_total(which >> 4)
            self.known[which] = known
            if which not in self.queue:
                self.queue.append(which)

    def step(self):
        """A config, which takes a chip 50 ms; then, when Home Assistant has had its moment, the
        values again."""
        publisher = self.publisher
        if self.queue:
            from ..formats.homeassistant import config

            # One that fails must not stand before all others for ever.
            which = self.queue.pop(0)
            entity = config(which, self.known, publisher.context)
            if not publisher.client.publish(*entity, True, 0, True):
                self.queue.insert(0, which)
                return
            self.restate = _RESTATE_AFTER
            if not self.queue:
                let_go("kwhisper.formats.homeassistant")
                let_go("kwhisper.formats.labels")
        elif self.restate:
            self.restate -= 1
            if not self.restate:
                publisher.publish_now()
                publisher.send_device()
