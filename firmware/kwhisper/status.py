"""What the device knows about itself: every part writes its own, pages and MQTT read all."""

import gc
import time


class Status:
    """The device's state. `pairs()` is what /data.json and MQTT show; never put a secret here."""

    def __init__(self, reset_cause, board, version):
        self.state = "starting"
        self.problem = None
        self.wifi = "off"
        self.rssi = None
        self.ip = None
        self.mqtt = "off"
        self.mqtt_error = None
        self.decoder = None  # has the counters of frames
        self.line = None
        self.last_frame = None  # uptime() at the last good one: ticks_ms wraps after days
        self.reset_cause = reset_cause
        self.dropped = 0  # messages and lists that could not be published
        self.restarts = 0  # of parts
        self.totals_lost = 0
        self.supply_mv = self.bus_mv = None
        self.board = board
        self.version = version
        self._seconds = 0
        self._ticks = time.ticks_ms()

    def uptime(self):
        """Seconds since the start; asked for every second, as ticks_ms wraps after days."""
        now = time.ticks_ms()
        passed = time.ticks_diff(now, self._ticks) // 1000
        if passed > 0:
            self._seconds += passed
            self._ticks = time.ticks_add(self._ticks, passed * 1000)
        return self._seconds

    def frames(self):
        """Frames by what befell them: {"ok": n, cause: n …}."""
        return self.decoder.counters if self.decoder else {}

    def mem_free(self):
        """Free bytes of the heap, garbage not counted as free."""
        return gc.mem_free()

    def frame_age(self):
        """Seconds since the last good frame, None before the first."""
        return None if self.last_frame is None else self.uptime() - self.last_frame

    def pairs(self):
        """Yield (name, value): numbers, texts, None; "frames" is the dict of counts by cause."""
        for name, value in self.__dict__.items():
            if name[0] != "_" and name not in ("decoder", "last_frame"):
                yield name, value
        yield "uptime", self.uptime()
        yield "mem_free", self.mem_free()
        yield "frame_age", self.frame_age()
        yield "frames", self.frames()
