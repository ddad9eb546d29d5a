"""A device for the pages alone: the real static files and tables, canned answers, faults at will.

with StandIn("setup") as device:
    device.faults["/settings.json"] = [(503, "busy"), "slow", "gone"]   # for the next requests
    device.posts        # [(path, changes)]
"""

import json
import random
import struct
import tempfile
import threading
import time
from datetime import UTC, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from zoneinfo import ZoneInfo

from kwhisper_tools import paths
from kwhisper_tools.build import tree
from kwhisper_tools.host import made_up_history as made_up

KWHISPER = paths.FIRMWARE / "kwhisper"
STATIC = KWHISPER / "web" / "static"
LANGUAGES = tree.languages()  # as a chip has them
TABLE = KWHISPER / "storage" / "setting_table.json"
SECURE = (
    "default-src 'self'; img-src data:; frame-ancestors 'none'; form-action 'self'; "
    "base-uri 'none'"
)
KINDS = {".css": "text/css", ".js": "text/javascript", ".html": "text/html; charset=UTF-8"}
POSTED = ("/settings.json", "/restart", "/restore", "/update", "/reset", "/meter", "/reference")
NETWORKS = [
    ["Hjemme æøå", -48, True],
    ['Café <b>"Bla\'"</b> & co', -63, False],
    ["Naboen", -81, True],
    ["", -50, True],
    ["Hjemme æøå", -85, True],
]


def value(label, text, unit, age=2, **more):
    """One entry of /data.json; `text` goes out as it is, as the device's decimals do."""
    more = "".join(f',"{name}":{json.dumps(m)}' for name, m in more.items())
    return f'{{"label":{json.dumps(label)},"value":{text},"unit":"{unit}","age":{age}{more}}}'


def values():
    """A three-phase house; the power changes from request to request in StandIn."""
    return {
        "active_power_import": value("Power import", "1789", "W"),
        "active_power_export": value("Power export", "0", "W"),
        "reactive_power_import": value("Reactive power import", "0", "var"),
        "reactive_power_export": value("Reactive power export", "212", "var"),
        "current_l1": value("Current L1", "3.42", "A"),
        "current_l2": value("Current L2", "1.90", "A"),
        "current_l3": value("Current L3", "2.71", "A"),
        "voltage_l1": value("Voltage L1", "230.40", "V"),
        "voltage_l2": value("Voltage L2", "229.8", "V"),
        "voltage_l3": value("Voltage L3", "231.0", "V", flags=["unsure"]),
        "active_energy_import": value("Energy import", "23456789", "Wh", 1200),
        "active_energy_export": value("Energy export", "1200", "Wh", 9000, flags=["stale"]),
        "meter1_volume": value("Gas", "1043.217", "m3"),
        "meter2_energy": value("Heat", "1240860000000", "J"),
        "meter3_energy": value("Cooling", "5000000", "J"),
        "1-0:99.98.97": value("1-0:99.98.97", "-1", ""),
    }


def energy(now):
    """What /energy.json says of a house in Norway; Wh, W and NOK."""
    hour = now - now % 3600
    local = datetime.fromtimestamp(now, ZoneInfo("Europe/Oslo"))
    midnight = int(local.replace(hour=0, minute=0, second=0).timestamp())
    return {
        "time": now,
        "currency": "NOK",
        "register_time": hour + 11,
        "hour_start": hour,
        "hour_import": 1204,
        "hour_export": 0,
        "hour_cost": 1.31234,
        "hour_income": 0.0,
        "today_start": midnight,
        "month_start": midnight - 25 * 86400,
        "today_import": 21873,
        "today_export": 310,
        "today_cost": 24.1,
        "today_income": 0.2,
        "yesterday_import": 31873,
        "yesterday_export": 0,
        "yesterday_cost": 35.01234,
        "month_import": 812873,
        "month_export": 45030,
        "month_cost": 895.4476,
        "month_income": 20.26,
        "last_month_import": 763000,
        "last_month_export": 171460,
        "last_month_cost": 772.67,
        "last_month_income": 77.16,
        "estimated": ["hour", "today"],
        "capacity": 4216,
        "capacity_peaks": [[hour - 200000, 4871], [hour - 300000, 4102], [hour - 500000, 3675]],
        "capacity_limit": 5000,
        "capacity_minutes": 60,
        "capacity_cost": 206.5,
        "forecast": 2980,
        "forecast_limit": 7351,
        "alarm": False,
        "price_import": 1.09,
        "price_export": 0.45,
        "price_until": hour + 3600,
        "reference_start": hour - 1000000,
        "reference_text": "Before the heat pump",
        "reference_import": 312873,
        "reference_export": 0,
        "reference_cost": 375.4476,
    }


class StandIn:
    """The server; `values`, `device`, `status`, `networks`, `past` and `faults` may be changed."""

    def __init__(self, mode):
        rows = json.loads(TABLE.read_text(encoding="utf-8"))
        self.rows = {row["name"]: row for row in rows if "name" in row}
        self.settings = {
            name: False if row.get("secret") else row["default"] for name, row in self.rows.items()
        }
        self.device = {"mode": mode, "problem": None, "name": "kwhisper", "ip": "127.0.0.1"}
        self.device |= {"version": "1.0.0", "board": "esp32c3", "password_set": False}
        self.device |= {"zone": "Europe/Oslo", "history": mode == "run", "energy": False}
        self.device |= {"fuse": 0, "production": 0, "network": "tn"}
        self.flash = tempfile.TemporaryDirectory()  # ledger/, history/, energy/ as on a device
        self.energy = None  # /energy.json
        self.watts = []  # of /history/power
        self.lists = 9
        self._said = None
        self.more = {}  # path: (content type, text) of addresses beside
        self.networks = NETWORKS
        self.values = values()
        self.meter = {"type": "6525", "list": "AIDON_V0001"}
        self.time = "2026-11-20T10:00:10+01:00"
        self.unknown_frame = False
        self.status = {
            "state": "running",
            "problem": None,
            "uptime": 93784,
            "mem_free": 98304,
            "rssi": -58,
            "ip": "192.168.1.40",
            "mqtt": "connected",
            "frame_age": 1,
            "frames": {"ok": 12873, "fcs": 3, "noise": 0},
        }
        self.errors = {}  # what the next saves are answered
        self.faults = {}  # path: what befalls the next requests: (code, text), "slow", "gone"
        self.posts = []
        self.asked = []
        self.moving = False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self._released = threading.Event()

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """No device any more."""
        self._released.set()
        self._server.shutdown()
        self._server.server_close()
        self.flash.cleanup()

    def lay(self, days, now, **more):
        """A history of so many days before `now`, as a device has it."""
        made_up.lay(self.flash.name, days, now, **more)

    def fill(self, days=400, now=None):
        """All of what a device can tell, of a house in Norway with a solar roof."""
        now = now or datetime.now(UTC)
        registers = (23_456_789, 5_200_345)
        self.lay(days, now, registers=registers, solar=True, gas=Decimal("2043.217"), price="1.2")
        self.device |= {"energy": True, "fuse": 25, "production": 5}
        self.energy = energy(int(now.timestamp()))
        # dearer in the morning and in the evening, today and tomorrow
        prices = [
            1.1 + (0.5 if n % 24 in (7, 8, 17, 18, 19) else -0.2 * (n % 24 < 6)) for n in range(48)
        ]
        known = {"start": self.energy["today_start"], "minutes": 60, "import": prices}
        text = json.dumps({"currency": "NOK", **known, "export": [0.45] * 48})
        self.more["/price.json"] = ("application/json", text)
        # A heat pump that begins at the fifth minute, a kettle, a hob, and the sun at the end.
        rnd = random.Random(7)
        self.watts = [
            rnd.randint(340, 420)
            + 1150 * (n > 30)
            + rnd.randint(0, 60)
            + 1950 * (62 < n < 80)
            + 1400 * (210 < n < 290 and n % 9 < 6)
            - int(9.5 * max(0, n - 260) ** 1.2)
            for n in range(360)
        ]
        self.watts[120:140] = [None] * 20

    def release(self):
        """Let the slow requests go on."""
        self._released.set()

    def data(self):
        """The text of /data.json."""
        if self.moving:
            n = len(self.asked)
            watts = 1400 + 90 * (n * 7 % 5) + (2100 if n % 40 > 22 else 0)
            self.values["active_power_import"] = value("Power import", watts, "W")
        # What a test has changed is a new list.
        said = repr((self.values, self.status, self.meter, self.unknown_frame))
        if said != self._said:
            self.lists += 1
            self._said = said
        inside = ",".join(f'"{name}":{text}' for name, text in self.values.items())
        return (
            f'{{"name":"{self.device["name"]}","time":"{self.time}",'
            f'"meter":{json.dumps(self.meter)},"lists":{self.lists},'
            f'"unknown_frame":{json.dumps(self.unknown_frame)},'
            f'"values":{{{inside}}},"status":{json.dumps(self.status)}}}'
        )

    def history(self, path, query):
        """The bytes of an address of the history, None for another or if there is none."""
        since = query.partition("since=")[2]
        if path == "/history/power" and self.device["history"]:
            told = {"time": None, "age": 3, "every": 10, "step": 1, "values": self.watts}
            return json.dumps(told).encode()
        if path == "/energy.json" and self.energy:
            return json.dumps(self.energy).encode()
        if not path.startswith("/history/") or not self.device["history"]:
            return None
        what = path.removeprefix("/history/")
        folder = Path(self.flash.name, {"hours": "ledger", "days": "history"}.get(what, "energy"))
        files = [f for f in sorted(folder.glob("*")) if f.name.isalnum() and f.name != "sent"]
        text = b"".join(f.read_bytes() for f in files)
        if what == "hours":
            records = [text[at : at + 52] for at in range(0, len(text), 52)]
            later = [r for r in records if struct.unpack_from("<I", r)[0] > int(since or 0)]
            return b"".join(later or records)
        return b"".join(row for row in text.splitlines(True) if row.decode() >= since)

    def answer(self, path, changes, query=""):
        """(code, content type, body) of a request."""
        setup = self.device["mode"] == "setup"
        pages = {"/": "setup.html" if setup else "live.html", "/settings": "setup.html"}
        file = STATIC / pages.get(path, path[1:])
        if file.suffix in KINDS and file.is_file():
            return 200, KINDS[file.suffix], file.read_bytes()
        if path.startswith("/languages/") and file.name in LANGUAGES:
            return 200, "application/json", LANGUAGES[file.name]
        data = self.data() if path == "/data.json" else ""
        if data and query == f"lists={self.lists}":
            return 204, "text/plain", b""
        told = self.history(path, query)
        if told is not None:
            return 200, "text/plain", told
        if changes is not None and path == "/settings.json" and self.errors:
            return 422, "application/json", json.dumps({"errors": self.errors}).encode()
        answers = {
            "/setting_table.json": TABLE.read_text(encoding="utf-8"),
            "/boards.json": (KWHISPER / "boards.json").read_text(encoding="utf-8"),
            "/zones.json": (KWHISPER / "storage/zones.json").read_text(encoding="utf-8"),
            "/device.json": json.dumps(self.device),
            "/settings.json": json.dumps(self.settings),
            "/networks.json": json.dumps(self.networks),
            "/data.json": data,
        }
        if changes is not None:
            said = '{"saved":true,"restart":true}'
            answers = dict.fromkeys(POSTED, said)
            answers["/backup"] = '{"kwhisper":1,"settings":{},"secrets":"…"}'
        if changes is None and path in self.more:
            kind, text = self.more[path]
            return 200, kind, text.encode()
        if path in answers:
            return 200, "application/json", answers[path].encode()
        return 404, "text/html", b"There is nothing here."

    def _handler(device):  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                self.reply(None)

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                kind = self.headers.get("Content-Type")
                self.reply(json.loads(body) if kind == "application/json" else body)

            def reply(self, changes):
                path, _, query = self.path.partition("?")
                device.asked.append(self.path)
                waiting = device.faults.get(path)
                fault = waiting.pop(0) if waiting else None
                if fault == "slow":
                    device._released.wait(60)
                if fault == "gone":
                    self.connection.close()
                    return
                if isinstance(fault, tuple):
                    code, kind, body = fault[0], "text/html", fault[1].encode()
                else:
                    if changes is not None:
                        device.posts.append((path, changes))
                    code, kind, body = device.answer(path, changes, query)
                try:
                    self.send(code, kind, body)
                except OSError:
                    pass  # the browser did not wait

            def send(self, code, kind, body):
                self.send_response(code)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Cache-Control", "no-store")
                self.send_header("Content-Security-Policy", SECURE)
                self.end_headers()
                self.wfile.write(body)

        return Handler


if __name__ == "__main__":  # stand_in.py setup|run: to look at the pages by hand
    import sys

    with StandIn(*sys.argv[1:]) as stand_in:
        stand_in.moving = True
        stand_in.fill()
        print(f"http://127.0.0.1:{stand_in.port}/", flush=True)
        while True:
            time.sleep(1)
