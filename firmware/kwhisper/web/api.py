"""What each address answers; it knows no server: setup_server.py and run_server.py serve it.

An answer is (body, code, headers): the body text, bytes, an open file or an iterator of texts.
The browser computes: the device formats nothing but JSON, and streams it value by value.
docs/api.md tells the addresses.
"""

import asyncio
import json

from meterwire.reading import flag_names

from . import auth

_HERE = __file__.rpartition("/")[0]
_FOLDERS = {"setting_table.json": "/../storage/", "boards.json": "/../"}
_KINDS = {
    "html": "text/html",
    "css": "text/css",
    "js": "text/javascript",
    "json": "application/json",
}


def answer(body, code=200, kind="json", age="no-store"):
    """The answer with the headers that all have. The pages load nothing from elsewhere and
    cannot be shown inside another page."""
    return (
        body,
        code,
        {
            "Content-Type": _KINDS.get(kind, kind) + "; charset=UTF-8",
            "Cache-Control": age,
            "Content-Security-Policy": "default-src 'self'; img-src data:; "
            "frame-ancestors 'none'; form-action 'self'; base-uri 'none'",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
        },
    )


def text(words, code):
    """An answer in plain words."""
    return answer(words, code, "text/plain")


def static(name):
    """A file of static/ or a table of the application's; 404 for a name that is neither."""
    kind = name.rpartition(".")[2]
    if kind not in _KINDS or "/" in name:
        return text("There is nothing here.", 404)
    path = _HERE + _FOLDERS.get(name, "/static/") + name
    coded = True
    try:
        try:
            file = open(path + ".gz", "rb")
        except OSError:
            file = open(path, "rb")  # not built: run from the sources, or a small table
            coded = False
    except OSError:
        return text("There is nothing here.", 404)
    found = answer(file, 200, kind, "no-store" if kind == "html" else "max-age=600")
    if coded:
        found[2]["Content-Encoding"] = "gzip"
    return found


def _members(pairs):
    # The inner part of a JSON object of (name, value).
    comma = ""
    for name, value in pairs:
        yield '%s"%s":%s' % (comma, name, json.dumps(value))
        comma = ","


class Api:
    """The answers of one device in one mode, "setup" or "run".

    latest: the newest values, None in set-up. device.leave(why) is a coroutine function that
    restarts the device when the answer had the time to get out.
    """

    def __init__(self, device, latest, mode):
        self.mode = mode
        self._device = device
        self._latest = latest

    async def refused(self, headers, address, secret):
        """None, or the answer to a request that may not see or change this; secret: the password
        is asked for. In set-up that of the access point has proved who is there."""
        s = self._device.settings
        if auth.foreign(headers, s["host_name"]):
            return text(
                "Open this page by the device's own address: http://%s/" % self._device.status.ip,
                403,
            )
        if not secret or self.mode == "setup":
            return None
        wait = await auth.locked(headers, address, s["web_password"], self._device)
        if wait is None:
            return None
        if wait:
            refusal = text("Too many wrong passwords. Try again in %d s." % wait, 429)
            refusal[2]["Retry-After"] = str(wait)
        else:
            refusal = text("Password?", 401)
            refusal[2]["WWW-Authenticate"] = 'Basic realm="kWhisper"'
        return refusal

    def page(self, name=None):
        """The page of the mode, or the one named."""
        return static(name or ("live.html" if self.mode == "run" else "setup.html"))

    def device(self):
        """device.json: what a page needs before it knows a password."""
        s, status = self._device.settings, self._device.status
        return answer(
            json.dumps(
                {
                    "mode": self.mode,
                    "problem": s.problem or (status.problem if s.configured else None),
                    "name": s["host_name"],
                    "ip": status.ip,
                    "version": status.version,
                    "board": status.board,
                    "password_set": bool(s["web_password"]),
                }
            )
        )

    def data(self):
        """data.json: the newest values and the state of the device."""
        return answer(self._data())

    def _data(self):
        from ..formats.entries import meter_type
        from ..latest import LIST_ID, METER_ID, METER_TYPE, TIME

        s, latest = self._device.settings, self._latest
        number = latest.about(METER_ID)
        meter = {
            "type": meter_type(latest.about(METER_TYPE), number, s),
            "list": latest.about(LIST_ID),
        }
        if s["publish_meter_id"]:
            meter["id"] = number
        yield '{"name":%s,"time":%s,"meter":%s,"lists":%d,"unknown_frame":%s,"values":{' % (
            json.dumps(s["host_name"]),
            json.dumps(latest.about(TIME)),
            json.dumps(meter),
            latest.lists,
            "true" if latest.raw() else "false",
        )
        comma = ""
        for name, label, decimal, unit, age, flags in latest.entries():
            # The number stands as the meter sent it: 230.40 keeps its decimals.
            yield '%s"%s":{"label":%s,"value":%s,"unit":"%s","age":%d%s}' % (
                comma,
                name,
                json.dumps(label),
                decimal,
                unit,
                age,
                ',"flags":' + json.dumps(flag_names(flags)) if flags else "",
            )
            comma = ","
        yield '},"status":{'
        yield from _members(self._device.status.pairs())
        yield "}}"

    def settings(self):
        """settings.json: all settings; of a secret only whether it is saved."""
        return answer(self._settings())

    def _settings(self):
        yield "{"
        yield from _members(self._device.settings.public())
        yield "}"

    def change(self, body):
        """POST settings.json: take over and save what the bytes of a JSON object say."""
        try:
            changes = json.loads(body)
        except (ValueError, RuntimeError):
            changes = None
        if not isinstance(changes, dict) or [n for n in changes if not isinstance(n, str)]:
            return answer('{"errors":{"":"must be a JSON object of settings"}}', 400)
        settings = self._device.settings
        errors = settings.change(changes)
        if not errors:
            try:
                settings.save()
            except OSError as e:
                errors[""] = str(e)
        if errors:
            return answer(json.dumps({"errors": errors}), 422)
        return self.restart("settings", '{"saved":true,"restart":true}')

    def restart(self, why="web", told='{"restart":true}'):
        """POST restart: start the device anew."""
        asyncio.create_task(self._device.leave(why))
        return answer(told)

    def frame(self):
        """frame.bin: the newest frame that was not understood."""
        raw = self._latest.raw()
        if not raw:
            return text("Every list of the meter was understood.", 404)
        found = answer(raw, 200, "application/octet-stream")
        found[2]["Content-Disposition"] = 'attachment; filename="frame.bin"'
        return found
