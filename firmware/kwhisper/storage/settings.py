"""The settings: their values, and the file they are kept in. What there is to set:
setting_table.json, one row a setting.

    s = load()                  # never fails: a damaged file is put aside and s.problem says so
    s["mqtt_port"]              # 1883, the default until something else is saved
    s.key("meter_key")          # 16 bytes, or None when no key is set
    errors = s.change({"mqtt_port": "8883"})    # {} or {name: message}; all or nothing
    s.save()                    # OSError when the flash refuses, the old file stays

Values are str (text, choices, keys as 32 hex digits, lists as comma text), int or bool. A row
with "seldom" takes no memory while it has its default: it is then read from the table each time.

The file is a JSON object of what is not the default, and behind it "\n#" and its CRC-32. One
without a CRC was written by hand: it is validated. It is written aside, read back and renamed; the
one before is kept as the last good copy.
"""

import json
import os
from binascii import unhexlify

from .checked import crc32
from .table import SETTINGS, find, rows

VERSION = 1
# A settings file bigger than this is not ours (three certificates and everything else fit in it).
_MOST_BYTES = const(16384)
_ENOENT = const(2)
_LONG = const(200)  # characters
_PIECE = const(100)
_ON_FLASH = (True,)  # instead of a long text: it is in the file


class Settings:
    """The values by name. `problem` is None, or what was wrong with the file, for the user."""

    def __init__(self, path):
        self.path = path
        self.problem = None
        self.before = None  # the values before the last change()
        self.wired = None  # whether the board has a socket for a cable
        self.values = {}
        for row in rows(SETTINGS):
            if "name" in row and "seldom" not in row:
                self.values[row["name"]] = row["default"]

    def __getitem__(self, name):
        value = self.values.get(name)
        if value is _ON_FLASH:
            return read(self.source)[0][name]
        return find("/storage/setting_table.json", name)["default"] if value is None else value

    def key(self, name):
        """A setting of type key as its 16 bytes, or None when it is empty."""
        return unhexlify(self[name]) or None

    @property
    def configured(self):
        """Whether a person has set the device up: it knows a network to join, or has a cable."""
        return bool(self["wifi_ssid"] or self.wired)

    def public(self):
        """Iterate (name, value); of a secret the value is only whether one is saved."""
        for row in rows(SETTINGS):
            if "name" in row:
                value = self[row["name"]] if row["name"] in self.values else row["default"]
                yield row["name"], bool(value) if row.get("secret") else value

    def change(self, changes):
        """Take {name: value as typed or native}; return {name: message}, empty: all is taken.

        None sets the default again. An empty secret means "as it was": pages need not show it.
        """
        from .validation import check_all

        values, errors = check_all({name: self[name] for name in self.values}, changes)
        if not errors:
            self.before = self.before or self.values
            self.values = values or {}
        return errors

    def let_texts_go(self):
        """Keep no long text, such as certificates, in memory: it is read when it is asked for."""
        for name in self.values:
            value = self.values[name]
            if isinstance(value, str) and len(value) > _LONG:
                self.values[name] = _ON_FLASH

    def lines(self, name):
        """Iterate the lines of a text. One that is on flash is read piece by piece: at a handshake
        no large piece of memory is to be had."""
        value = self.values.get(name)
        if value is not _ON_FLASH:
            yield from self[name].split("\n")
            return
        mark = '"%s"' % name
        with open(self.source) as f:
            text = piece = f.read(_PIECE)
            while piece and mark not in text:
                piece = f.read(_PIECE)
                text = text[-len(mark) :] + piece
            text = text.split(mark, 1)[-1] + f.read(_PIECE)
            text = text.split('"', 1)[-1]
            while piece:
                line = text.split("\\n", 1)
                last = line[0].split('"', 1)
                if len(line) > 1 or len(last) > 1:
                    yield last[0]
                    if len(last) > 1:
                        return
                    text = line[1]
                else:
                    piece = f.read(_PIECE)
                    text += piece

    def save(self):
        """Write the file. When it fails, the values are again what they were before change()."""
        from .saving import save

        save(self)

    def accept(self, path):
        """Take what the file at `path` holds; ValueError if it is damaged."""
        data, sound = read(path)
        self.source = path
        data.pop("version", None)
        unusable = []
        if sound:
            # The CRC stands for the validation it had; a name of another version is passed over.
            for name in data:
                try:
                    if type(data[name]) is type(self[name]):
                        self.values[name] = data[name]
                except KeyError:
                    pass  # no such setting any more
        else:
            from .validation import check_each

            unusable = check_each(self.values, data)
        if unusable:
            self.problem = "invalid settings, default used: " + ", ".join(unusable)


def load(path="/settings.json"):
    """The settings kept in `path`; the defaults if there are none that can be read."""
    s = Settings(path)
    found = False
    # The new one: the power went on a filesystem whose rename is not atomic.
    for copy in (path, path + ".new", path + ".last"):
        try:
            s.accept(copy)
            if found:
                s.problem += "; an earlier copy is used"
            return s
        except Exception as e:  # any content of any file must start the device
            if isinstance(e, OSError) and e.errno == _ENOENT:
                continue
            if not found:
                found = True
                s.problem = "the settings file was damaged; it is kept as " + path + ".bad"
                if isinstance(e, MemoryError):
                    s.problem = "the settings file takes too much memory"
                    continue
                from .saving import move

                try:
                    move(copy, path + ".bad")
                except OSError:
                    pass  # a flash that takes nothing: it stays where it is
    return s


def read(path):
    """(the object in a settings file, whether its CRC holds)."""
    if os.stat(path)[6] > _MOST_BYTES:
        raise ValueError("too big")
    with open(path, "rb") as f:
        parts = f.read().rsplit(b"\n#", 1)
    sound = len(parts) > 1
    if sound and int(parts[1], 16) != crc32(parts[0]):
        raise ValueError("checksum")
    data = json.loads(parts[0])
    if not isinstance(data, dict):
        raise ValueError("no JSON object")
    return data, sound
