"""What happened, for whoever looks for a fault: a ring of lines, bounded in bytes.

Secrets never get in: parts hand over their own words and exceptions' types, never settings.
"""

import time

from micropython import const

_LEVELS = "error warning info debug"  # the further back, the less important
_LINE = const(120)


class Journal:
    """The last lines, each with the second since the start; printed on the console as well."""

    def __init__(self, size=2048, level="info", echo=True):
        self.size = size
        self.level = _LEVELS.index(level)
        self.echo = echo
        self.lines = []  # oldest first
        self._bytes = 0
        self._start = time.ticks_ms()

    def note(self, level, *words):
        """Keep a line of `level` ("error" … "debug"); words as for print()."""
        if _LEVELS.index(level) > self.level:
            return
        text = " ".join(str(w) for w in words)[:_LINE]
        if self.echo:
            print("kWhisper:", text)
        seconds = time.ticks_diff(time.ticks_ms(), self._start) // 1000
        line = "%d %s %s" % (seconds, level, text)
        self.lines.append(line)
        self._bytes += len(line)
        while self._bytes > self.size:
            self._bytes -= len(self.lines.pop(0))

    def set_level(self, name):
        """Keep lines from `name` up; False for a name that is none."""
        if name not in _LEVELS.split():
            return False
        self.level = _LEVELS.index(name)
        return True
