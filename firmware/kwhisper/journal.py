"""What happened, for whoever looks for a fault: a ring of lines, bounded in bytes.

Secrets never get in: parts hand over their own words and exceptions' types, never settings.
"""

import time

from micropython import const

ERROR = const(0)
WARNING = const(1)
INFO = const(2)
DEBUG = const(3)
_NAMES = ("error", "warning", "info", "debug")
_LINE = const(120)


class Journal:
    """The last lines, each with the second since the start; printed on the console as well."""

    def __init__(self, size=2048, level="info", echo=True):
        self.size = size
        self.level = _NAMES.index(level)
        self.echo = echo
        self.counts = [0, 0, 0, 0]
        self._lines = []
        self._bytes = 0
        self._start = time.ticks_ms()

    def note(self, level, *words):
        """Keep a line. Words as for print()."""
        self.counts[level] += 1
        if level > self.level:
            return
        text = " ".join(str(w) for w in words)[:_LINE]
        if self.echo:
            print("kWhisper:", text)
        seconds = time.ticks_diff(time.ticks_ms(), self._start) // 1000
        line = "%d %s %s" % (seconds, _NAMES[level], text)
        self._lines.append(line)
        self._bytes += len(line)
        while self._bytes > self.size:
            self._bytes -= len(self._lines.pop(0))

    def error(self, *words):
        self.note(ERROR, *words)

    def warning(self, *words):
        self.note(WARNING, *words)

    def info(self, *words):
        self.note(INFO, *words)

    def debug(self, *words):
        self.note(DEBUG, *words)

    def say(self, level, text):
        """Keep a line of the level called `level`."""
        self.note(_NAMES.index(level), text)

    def set_level(self, name):
        """Keep lines from `name` ("error" … "debug") up; False for a name that is none."""
        if name not in _NAMES:
            return False
        self.level = _NAMES.index(name)
        return True

    def lines(self):
        """Yield the lines, oldest first."""
        yield from self._lines
