"""What each address answers; it knows no server: setup_server.py and run_server.py serve it.

An answer is (body, code, headers): the body text, bytes, an open file or an iterator of texts;
the server adds HEADERS.
The browser computes: the device formats nothing but JSON, and streams it value by value.
docs/api.md tells the addresses.
"""

import json

from ..storage import table

_LOCAL = const(".local .lan .home .home.arpa .internal .localdomain .fritz.box")
_FILES = __file__.rpartition("/")[0] + "/static/"
# On a chip they lie in one file, as each takes whole blocks of 4 KB: a line with name and length
# for each, an empty one, then one behind the other.
_PACK = __file__.rpartition("/")[0] + "/static.pack"
# What every answer says besides: the pages load nothing from elsewhere and cannot be shown inside
# another page.
HEADERS = """\
Content-Security-Policy: default-src 'self'; img-src data:; frame-ancestors 'none'; \
form-action 'self'; base-uri 'none'\r
X-Content-Type-Options: nosniff\r
Referrer-Policy: same-origin\r
"""


def own_host(host, host_name):
    """Whether the Host header names this device.

    A page of a foreign site whose name was pointed at our address (DNS rebinding) fails here.
    """
    host, colon, port = host.lower().partition(":")
    if colon and not port.isdigit():
        return False
    if host and not host.strip("0123456789."):
        return True
    name = host_name.lower()
    if not host.startswith(name):
        return host == "localhost"
    return host == name or host[len(name) :] in _LOCAL.split()


def foreign(headers, host_name):
    """Whether a request comes from another site's page, going by Host and Origin.

    microdot's own csrf module refuses every request over plain http: there browsers send no
    Sec-Fetch-Site. A POST without Origin comes from no browser (curl, a script) and passes.
    """
    host = headers.get("host", "")
    origin = headers.get("origin")
    return not own_host(host, host_name) or (
        origin is not None and origin.lower() != "http://" + host.lower()
    )


def answer(body, code=200, kind="application/json", more=None):
    """An answer of this type, with a header (name, value) more."""
    headers = {"Content-Type": kind, "Cache-Control": "no-store"}
    if more:
        headers[more[0]] = more[1]
    return body, code, headers


def text(words, code, more=None):
    """An answer in plain words."""
    return answer(words, code, "text/plain", more)


def json_object(body):
    """The dict that a request's body is in JSON; None if it is something else."""
    try:
        found = json.loads(body)
    except (ValueError, RuntimeError):
        return None  # RuntimeError: its brackets go too deep
    return found if isinstance(found, dict) else None


class Part:
    """So many bytes of an open file as a file."""

    def __init__(self, file, left):
        self.file = file
        self.left = left

    def readinto(self, view):
        n = self.file.readinto(memoryview(view)[: self.left])
        self.left -= n
        return n

    def read(self, n):
        data = self.file.read(min(n, self.left))
        self.left -= len(data)
        return data

    def close(self):
        self.file.close()


def _packed(name):
    # The Part of the pack with this name, or None.
    try:
        file = open(_PACK, "rb")
    except OSError:
        return None  # as in the sources
    at = 0
    found = None
    while True:
        row = file.readline().split()
        if not row:
            break
        if row[0] == name.encode():
            found = Part(file, int(row[1]))
        elif not found:
            at += int(row[1])
    if found:
        file.seek(at, 1)
    else:
        file.close()
    return found


def static(name):
    """A file of static/ or a table of the application's; 404 for a name that is neither."""
    inside = name.replace("languages/", "")
    path = _FILES + name
    for shared in (table.SETTINGS, table.BOARDS, table.ZONES):
        if shared.endswith("/" + name):
            path = shared
    end = name.rpartition(".")[2]
    if end in ("html", "css", "js", "json") and "/" not in inside:
        kind = "text/javascript" if end == "js" else "text/" + end
        if end == "json":
            kind = "application/json"
        for packed, more in ((".gz", ("Content-Encoding", "gzip")), ("", None)):
            try:
                file = _packed(name + packed) or open(path + packed, "rb")
                found = answer(file, 200, kind, more)
                if end in ("css", "js") or inside != name:
                    found[2]["Cache-Control"] = "max-age=600"
                return found
            except OSError:
                pass  # not compressed, as in the sources; or it is not there
    return text("There is nothing here.", 404)


def members(pairs):
    # A JSON object of (name, value), piece by piece.
    start = "{"
    for name, value in pairs:
        yield '%s"%s":%s' % (start, name, json.dumps(value))
        start = ","
    yield "}"


class Api:
    """The answers of one device in one mode, "setup" or "run".

    latest: the newest values, None in set-up; history, account: those parts, None if they are off.
    """

    def __init__(self, device, latest, mode, history=None, account=None):
        self.mode = mode
        self.history = history
        self.account = account
        self.device = device
        self.latest = latest
        self.task = self.incoming = None  # who serves; an update that it is to hand over

    async def refused(self, headers, address, secret):
        """None, or the answer to a request that may not see or change this. secret: True, the
        password is asked for; False, only if the values are locked; None, never. In set-up that of
        the access point has proved who is there."""
        s = self.device.settings
        if foreign(headers, s["host_name"]) and foreign(headers, self.device.host):
            where = self.device.status.ip
            return text("Open this page by the device's own address: http://%s/" % where, 403)
        if self.mode == "run" and (secret or (secret is False and s["web_lock"])):
            from .auth import locked

            wait = await locked(headers, address, not secret, self.device)
            if wait:
                return text("Too many wrong passwords: wait %d s." % wait, 429)
            if wait is not None:
                return text("Password?", 401, ("WWW-Authenticate", 'Basic realm="kWhisper"'))

    def about(self):
        """device.json: what a page needs before it knows a password."""
        s, status = self.device.settings, self.device.status
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
                    "zone": s["time_zone"],
                    "history": bool(self.history),
                    "energy": s["energy"],
                    "fuse": s["main_fuse"],
                    "production": s["production"],
                    "network": s["network"],
                }
            )
        )

    def data(self):
        """data.json: the newest values and the state of the device."""
        return answer(self.values())

    def values(self):
        # Here, as the set-up has no decoder: its imports go deep and take half of the memory.
        from meterwire.reading import flag_names

        from ..formats.entries import about

        s, latest = self.device.settings, self.latest
        (_, name), (_, kind), (_, number) = about(latest, s)
        meter = {"list": name, "type": kind}
        if s["publish_meter_id"]:
            meter["id"] = number
        yield '{"name":%s,"time":%s,"meter":%s,"lists":%d,"left_out":%d,"unknown_frame":%s,' % (
            json.dumps(s["host_name"]),
            json.dumps(latest.time),
            json.dumps(meter),
            latest.lists,
            latest.left_out,
            json.dumps(bool(latest.raw)),
        )
        yield '"values":{'
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
        yield '},"status":'
        yield from members(self.device.status.pairs())
        yield "}"
