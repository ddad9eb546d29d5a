"""A device for the pages alone: the real static files and tables, canned answers, faults at will.

with StandIn("setup") as device:
    device.faults["/settings.json"] = [(503, "busy"), "slow", "gone"]   # for the next requests
    device.posts        # [(path, changes)]
"""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from kwhisper_tools import paths

KWHISPER = paths.FIRMWARE / "kwhisper"
STATIC = KWHISPER / "web" / "static"
TABLE = KWHISPER / "storage" / "setting_table.json"
SECURE = (
    "default-src 'self'; img-src data:; frame-ancestors 'none'; form-action 'self'; "
    "base-uri 'none'"
)
KINDS = {".css": "text/css", ".js": "text/javascript", ".html": "text/html; charset=UTF-8"}
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


class StandIn:
    """The server; `values`, `device`, `status`, `networks` and `faults` may be changed."""

    def __init__(self, mode):
        rows = json.loads(TABLE.read_text(encoding="utf-8"))
        self.rows = {row["name"]: row for row in rows if "name" in row}
        self.settings = {
            name: False if row.get("secret") else row["default"] for name, row in self.rows.items()
        }
        self.device = {"mode": mode, "problem": None, "name": "kwhisper", "ip": "127.0.0.1"}
        self.device |= {"version": "1.0.0", "board": "esp32c3", "password_set": False}
        self.networks = NETWORKS
        self.values = values()
        self.meter = {"type": "6525", "list": "AIDON_V0001"}
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

    def release(self):
        """Let the slow requests go on."""
        self._released.set()

    def data(self):
        """The text of /data.json."""
        if self.moving:
            n = len(self.asked)
            watts = 1400 + 90 * (n * 7 % 5) + (2100 if n % 40 > 22 else 0)
            self.values["active_power_import"] = value("Power import", watts, "W")
        inside = ",".join(f'"{name}":{text}' for name, text in self.values.items())
        return (
            f'{{"name":"{self.device["name"]}","time":"2026-11-20T10:00:10+01:00",'
            f'"meter":{json.dumps(self.meter)},"lists":9,'
            f'"unknown_frame":{json.dumps(self.unknown_frame)},'
            f'"values":{{{inside}}},"status":{json.dumps(self.status)}}}'
        )

    def answer(self, path, changes):
        """(code, content type, body) of a request."""
        setup = self.device["mode"] == "setup"
        pages = {"/": "setup.html" if setup else "live.html", "/settings": "setup.html"}
        file = STATIC / pages.get(path, path[1:])
        if file.suffix in KINDS and file.is_file():
            return 200, KINDS[file.suffix], file.read_bytes()
        if changes is not None and path == "/settings.json" and self.errors:
            return 422, "application/json", json.dumps({"errors": self.errors}).encode()
        answers = {
            "/setting_table.json": TABLE.read_text(encoding="utf-8"),
            "/boards.json": (KWHISPER / "boards.json").read_text(encoding="utf-8"),
            "/zones.json": (KWHISPER / "storage/zones.json").read_text(encoding="utf-8"),
            "/device.json": json.dumps(self.device),
            "/settings.json": json.dumps(self.settings),
            "/networks.json": json.dumps(self.networks),
            "/data.json": self.data(),
        }
        if changes is not None:
            answers = dict.fromkeys(
                ("/settings.json", "/restart"), '{"saved":true,"restart":true}'
            )
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
                self.reply(json.loads(body))

            def reply(self, changes):
                path = self.path.partition("?")[0]
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
                    code, kind, body = device.answer(path, changes)
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
        print(f"http://127.0.0.1:{stand_in.port}/", flush=True)
        while True:
            time.sleep(1)
