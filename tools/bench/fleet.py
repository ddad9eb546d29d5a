"""Many devices on one broker: what the firmware publishes, said by N connections at once.

The payloads are recorded from the real firmware (recorder.py). Every device has its own
connection and its own tree of topics, `fleet/<number>/…`, and publishes the messages of one list
every `interval` seconds, QoS 0 as the firmware does, each at its own moment. Behind each burst it
sends a probe that carries the time it began: as a broker keeps the order of a connection, the
probe's age on arrival is that of the whole burst. One listener hears all.
"""

import heapq
import json
import random
import resource
import selectors
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from kwhisper_tools.bench import brokers, cpu, recorder
from kwhisper_tools.bench.listener import PROBE

TREE = "fleet"
_DRAIN_SECONDS = 3
_CONNECT_SECONDS = 20
_KEEPALIVE = 60
_SPARE_FILES = 100


class Failed(Exception):
    """The fleet could not be brought up, and why."""


@dataclass
class Outcome:
    """What was offered, what arrived, what it cost."""

    broker: str
    devices: int
    interval: float
    seconds: float
    burst: float  # messages of a list, mean
    sent: int
    sent_per_second: float
    bytes_per_second: int
    received: int
    lost: int
    broken: int  # connections that ended
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    late_ms: float  # by how much this PC was late with a burst, 99th percentile
    broker_cpu: float | None
    broker_mb: float | None
    listener_cpu: float
    sender_cpu: float

    def line(self) -> dict:
        """The outcome as `bench fleet --json` prints it."""
        return vars(self)


def percentile(values: list[float], share: float) -> float:
    """The value below which so large a share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def _open_files(count: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + _SPARE_FILES
    if wanted > hard:
        raise Failed(f"{count} connections need {wanted} open files; this system allows {hard}")
    if wanted > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class _Fleet:
    """N connections driven by one loop: no threads, so that the PC is not what is measured."""

    def __init__(self, host: str, port: int, devices: int, bursts: list[recorder.Burst]):
        self.bursts = bursts
        self.selector = selectors.DefaultSelector()
        self.clients = []
        self.sent = 0
        self.broken = 0
        self.late: list[float] = []
        self._up = 0
        for number in range(devices):
            self.clients.append(self._connect(host, port, number))
        end = time.monotonic() + _CONNECT_SECONDS
        while self._up < devices and time.monotonic() < end:
            self._serve(0.1)
        if self._up < devices:
            raise Failed(f"only {self._up} of {devices} devices could connect")

    def _connect(self, host, port, number):
        import paho.mqtt.client as mqtt

        name = f"kwhisper-{number:06}"
        client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, name)
        client.will_set(f"{TREE}/{number:06}/status", b"offline", retain=True)
        client.on_connect = self._connected
        client.on_disconnect = self._gone
        try:
            client.connect(host, port, keepalive=_KEEPALIVE)
        except OSError as error:
            raise Failed(f"device {number} cannot connect: {error}") from None
        # a burst is many small packets: each would wait for the answer to the one before
        client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.selector.register(client.socket(), selectors.EVENT_READ, client)
        return client

    def _connected(self, _client, _data, _flags, reason, _properties):
        if not reason.is_failure:
            self._up += 1

    def _gone(self, *_):
        self.broken += 1

    def _serve(self, timeout: float) -> None:
        for key, events in self.selector.select(timeout):
            client = key.data
            if events & selectors.EVENT_READ:
                client.loop_read()
            if events & selectors.EVENT_WRITE:
                client.loop_write()
            self._watch(client, key.fileobj)

    def _watch(self, client, sock) -> None:
        if client.socket() is None:
            self.selector.unregister(sock)
            return
        wanted = selectors.EVENT_READ
        if client.want_write():
            wanted |= selectors.EVENT_WRITE
        if self.selector.get_key(sock).events != wanted:
            self.selector.modify(sock, wanted, client)

    def _say(self, number: int, burst: recorder.Burst) -> None:
        client = self.clients[number]
        sock = client.socket()
        if sock is None:
            return
        base = f"{TREE}/{number:06}/"
        began = time.monotonic_ns()
        for below, payload, retain in burst:
            client.publish(base + below, payload, 0, retain)
        client.publish(base + PROBE, b"%d" % began)
        self.sent += len(burst)
        self._watch(client, sock)

    def run(self, interval: float, seconds: float) -> float:
        """Publish for so long; returns how long it took."""
        rng = random.Random(7)
        begin = time.monotonic()
        due = [(begin + rng.random() * interval, n, 0) for n in range(len(self.clients))]
        heapq.heapify(due)
        tidied = begin
        while (now := time.monotonic()) < begin + seconds:
            if now - tidied > 1:
                tidied = now
                for client in self.clients:
                    client.loop_misc()
            at, number, turn = due[0]
            if at > now:
                self._serve(min(at - now, 0.05))
                continue
            self.late.append(now - at)
            self._say(number, self.bursts[(turn + number) % len(self.bursts)])
            heapq.heapreplace(due, (at + interval, number, turn + 1))
            if turn % 8 == 0:
                self._serve(0)
        return time.monotonic() - begin

    def drain(self, seconds: float) -> None:
        """Let everything go out that still waits here."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and any(c.want_write() for c in self.clients):
            self._serve(0.05)

    def close(self) -> None:
        """Take back what was retained, and leave without a last will."""
        kept = {below for burst in self.bursts for below, _, retain in burst if retain}
        for number, client in enumerate(self.clients):
            for below in kept:
                client.publish(f"{TREE}/{number:06}/{below}", b"", 0, True)
        self.drain(_DRAIN_SECONDS)
        for client in self.clients:
            client.disconnect()
        self.selector.close()


def _megabytes(pid: int) -> float | None:
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return round(int(line.split()[1]) / 1024, 1)
    except OSError:
        pass  # no such file system here
    return None


def run(
    devices: int,
    seconds: float,
    interval: float,
    meter: str,
    payload: str,
    given: tuple[str, int] | None,
    tell=lambda text: None,
) -> Outcome:
    """Bring the fleet up, let it speak, count; raises Failed, NoBroker or NothingHeard."""
    _open_files(devices)
    with brokers.broker(given) as (host, port, name, pid):
        tell(f"recording what the firmware publishes of {meter}")
        bursts = recorder.record(host, port, meter, payload)
        tell(f"connecting {devices} devices to {name}")
        listener = subprocess.Popen(
            [sys.executable, "-m", "kwhisper_tools.bench.listener", host, str(port), TREE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            if listener.stdout.readline().strip() != "ready":
                raise Failed("the listener did not come up")
            fleet = _Fleet(host, port, devices, bursts)
            tell(f"publishing for {seconds:g} s")
            before = cpu.spent_ns(pid) if pid and cpu.can() else None
            own = time.process_time()
            took = fleet.run(interval, seconds)
            own = (time.process_time() - own) / took
            spent = None if before is None else (cpu.spent_ns(pid) - before) / 1e9 / took
            memory = _megabytes(pid) if pid else None
            fleet.drain(_DRAIN_SECONDS)
            time.sleep(_DRAIN_SECONDS)
            broken = fleet.broken
            out, _ = listener.communicate(timeout=30)
            heard = json.loads(out)
            fleet.close()
        finally:
            if listener.poll() is None:
                listener.kill()
                listener.wait(5)
    delays = [ns / 1e6 for ns in heard["delays"]]
    size = sum(len(below) + len(TREE) + 8 + len(p) for b in bursts for below, p, _ in b)
    messages = sum(len(b) for b in bursts)
    return Outcome(
        broker=name,
        devices=devices,
        interval=interval,
        seconds=round(took, 1),
        burst=round(messages / len(bursts), 1),
        sent=fleet.sent,
        sent_per_second=round(fleet.sent / took, 1),
        bytes_per_second=round(fleet.sent * size / messages / took),
        received=heard["messages"],
        lost=fleet.sent - heard["messages"],
        broken=broken,
        p50_ms=round(percentile(delays, 0.5), 2),
        p95_ms=round(percentile(delays, 0.95), 2),
        p99_ms=round(percentile(delays, 0.99), 2),
        max_ms=round(max(delays, default=0), 2),
        late_ms=round(percentile(fleet.late, 0.99) * 1000, 2),
        broker_cpu=None if spent is None else round(spent, 3),
        broker_mb=memory,
        listener_cpu=round(heard["cpu"] / took, 3),
        sender_cpu=round(own, 3),
    )
