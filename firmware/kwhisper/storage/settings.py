"""The settings: their values, and the file they are kept in. What there is to set: fields.py.

    s = load()                  # never fails: a damaged file is put aside and s.problem says so
    s["mqtt_port"]              # 1883, the default until something else is saved
    s.key("meter_key")          # 16 bytes, or None when no key is set
    errors = s.change({"mqtt_port": "8883"})    # {} or {name: message}; all or nothing
    s.save()                    # atomic; OSError when the flash refuses, the old file stays

Values are str (text, choices, keys as 32 hex digits, lists as comma text), int or bool. Only the
first read of a name allocates, but code that runs per frame should still keep its own copy.
The table of fields is imported where it is needed, so that a small chip can forget it meanwhile.
"""

import json
import os

from .forget import forget

VERSION = 1
# (last version that used the name, old name, new name), for files of that version or older
RENAMED = ()

# A settings file bigger than this is not ours (three certificates and everything else fit in it).
_MOST_BYTES = 16384


class Settings:
    """The values by name. `problem` is None, or what was wrong with the file, for the user."""

    def __init__(self, path="/settings.json"):
        self.path = path
        self.problem = None
        self._values = {}
        self._before = {}  # what change() replaced since the last save; None: it was not set
        self.small = False  # whether the table of fields is too large to be kept

    def __getitem__(self, name):
        try:
            return self._values[name]
        except KeyError:
            from .fields import field

            row = field(name)
            if row is None:
                raise
            self._values[name] = row.default
            if self.small:
                del field
                forget("kwhisper.fields")
            return self._values[name]

    def of(self, row):
        """The value of a Field; unlike s[name] it keeps no default in memory."""
        return self._values.get(row.name, row.default)

    def given(self, name, otherwise=""):
        """What was set for a name, else `otherwise`: needs no table of fields."""
        return self._values.get(name, otherwise)

    def key(self, name):
        """A field of type key as its 16 bytes, or None when it is empty."""
        digits = self[name]
        return bytes(int(digits[i : i + 2], 16) for i in range(0, 32, 2)) if digits else None

    @property
    def configured(self):
        """Whether a person has set the device up: it knows a network to join."""
        return bool(self["wifi_ssid"])

    def change(self, changes):
        """Takes {name: value as typed or native}; returns {name: message}, empty: all is taken.

        None sets the default again. An empty secret means "as it was": forms need not show it.
        """
        from .fields import field
        from .rules import check

        errors = {}
        clean = {}
        for name in changes:
            row = field(name)
            value = changes[name]
            if row is None:
                errors[name] = "is no setting"
            elif value is None:
                clean[name] = row.default
            elif not (row.secret and value == ""):
                clean[name], error = check(row, value)
                if error:
                    errors[name] = error
        if not errors:
            self._check_together(clean, errors)
        if not errors:
            for name in clean:
                self._before.setdefault(name, self._values.get(name))
            self._values.update(clean)
        return errors

    def _check_together(self, clean, errors):
        from .fields import field

        def of(name):
            return clean[name] if name in clean else self[name]

        # Else whoever may change a setting could have a saved password sent to a place of his own.
        for place, password in (("wifi_ssid", "wifi_password"), ("mqtt_host", "mqtt_password")):
            if of(place) != self[place] and self[password] and password not in clean:
                errors[password] = "must be typed again for another " + field(place).label.lower()
        # Nor may it go out unencrypted, or to whoever another CA vouches for.
        weaker = self["mqtt_tls"] and not of("mqtt_tls")
        if weaker or (self["mqtt_ca"] and of("mqtt_ca") != self["mqtt_ca"]):
            if self["mqtt_password"] and "mqtt_password" not in clean:
                what = "to send it without TLS" if weaker else "for another CA certificate"
                errors["mqtt_password"] = "must be typed again " + what
        if of("mqtt_tls") and not of("mqtt_ca"):
            errors["mqtt_ca"] = "is needed for TLS: without it nobody checks who the broker is"
        if bool(of("mqtt_cert")) != bool(of("mqtt_key")):
            errors["mqtt_key"] = "and the client certificate belong together: give both or neither"

    def save(self):
        """Writes the file; a power cut at any instant leaves the old one or the new one whole.

        When it fails, the values are again what they were before the last change().
        """
        try:
            self._write()
        except OSError:
            for name in self._before:
                if self._before[name] is None:
                    self._values.pop(name, None)
                else:
                    self._values[name] = self._before[name]
            raise
        finally:
            self._before.clear()

    def _write(self):
        from .fields import field

        data = {n: v for n, v in self._values.items() if v != field(n).default}
        data["version"] = VERSION
        temporary = self.path + ".new"
        try:
            with open(temporary, "w") as f:
                json.dump(data, f)
            if hasattr(os, "sync"):
                os.sync()
            if _read(temporary) != data:
                raise ValueError
        except (OSError, ValueError) as e:
            _remove(temporary)
            raise OSError("the settings could not be written: " + (str(e) or "read back wrong"))
        _replace(temporary, self.path)

    def _accept(self, data):
        from .fields import field
        from .rules import check

        version = data.pop("version", VERSION)
        for last, old, new in RENAMED:
            if old in data and version <= last:
                data[new] = data.pop(old)
        bad = []
        for name in data:
            row = field(name)
            value, error = (None, None) if row is None else check(row, data[name])
            if error:
                bad.append(name)
            elif row is not None:
                self._values[name] = value
        if bad:
            self.problem = "settings not usable, default taken: " + ", ".join(sorted(bad))


def load(path="/settings.json"):
    """The settings kept in `path`; the defaults if there are none, or if the file is damaged."""
    s = Settings(path)
    try:
        s._accept(_read(path))
    except OSError:
        # No such file: it is new, or the power went on a filesystem whose rename is not atomic.
        try:
            s._accept(_read(path + ".new"))
        except (OSError, ValueError):
            pass  # a first save that was cut short: nothing was promised to be kept
    except (ValueError, MemoryError, RuntimeError):
        aside = path + ".bad"
        _replace(path, aside)
        s.problem = "the settings file was damaged; it is kept as " + aside
    return s


def _read(path):
    if os.stat(path)[6] > _MOST_BYTES:
        raise ValueError("too big")
    with open(path) as f:
        data = json.load(f)
    if not isinstance(data, dict):
        raise ValueError("no object")
    return data


def _replace(source, target):
    try:
        os.rename(source, target)
    except OSError:
        # FAT does not rename onto a file; load() finds the new one if the power goes in between.
        _remove(target)
        os.rename(source, target)


def _remove(path):
    try:
        os.remove(path)
    except OSError:
        pass  # it was never written
