"""When Home Assistant's configs are published: a few a second, when a value is first seen, again
in every session and whenever Home Assistant starts.

Afterwards the values are said again, since Home Assistant listens to them only a moment after it
has read the config.
"""

from ..formats import homeassistant

_AT_A_STEP = const(4)
_RESTATE_AFTER = const(3)  # steps


class Discovery:
    """Keeps which entities there are; the publisher hands it Readings and calls step()."""

    def __init__(self, publisher):
        self._publisher = publisher
        self._known = {}  # see formats/homeassistant.py
        self._queue = []  # keys whose configs are still to be sent
        self._restate = 0
        self.topic = homeassistant.status_topic(publisher.context)

    def waiting(self):
        """Whether configs, or the values behind them, are still to be sent."""
        return bool(self._queue or self._restate)

    def announce(self):
        """Send every config again."""
        self._queue = list(range(-len(homeassistant.DEVICE), 0)) + list(self._known)

    def registers(self, record):
        """The energy entities are there from the start, even if the next hour is far away."""
        for which in record.keys():
            if which << 4 not in self._known:
                self._see(which << 4, True)

    def reading(self, r):
        """Look for values that have no entity yet."""
        for which, known in homeassistant.entities(r, self._known):
            self._see(which, known)

    def _see(self, which, known):
        self._known[which] = known
        if which not in self._queue:
            self._queue.append(which)

    def step(self):
        """A few configs; then, when Home Assistant has had its moment, the values again."""
        publisher = self._publisher
        for _ in range(_AT_A_STEP):
            if not self._queue:
                break
            config = homeassistant.config(self._queue[0], self._known, publisher.context)
            if not publisher.client.publish(*config, True, 0, True):
                return
            self._queue.pop(0)
            self._restate = _RESTATE_AFTER
        if self._restate and not self._queue:
            self._restate -= 1
            if not self._restate:
                publisher.publish_now()
                publisher.send_device()
