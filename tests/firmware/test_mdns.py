"""Services by multicast DNS, seen by python-zeroconf, which Home Assistant uses, too."""

import contextlib
import secrets
import socket
import struct
import subprocess
import sys
import threading

import pytest
from system.waiting import until

GROUP, PORT = "224.0.0.251", 5353
LOOPBACK = "127.0.0.1"
WIFI = {"wifi_ssid": "Fjellheim", "wifi_password": "kwhisper-demo"}
HTTP, KWHISPER, HOMEWIZARD = (f"_{name}._tcp.local." for name in ("http", "kwhisper", "hwenergy"))


@pytest.fixture(scope="session")
def multicast():
    """Whether this machine carries multicast on its loopback interface, as some containers do
    not."""
    group = socket.inet_aton(GROUP) + socket.inet_aton(LOOPBACK)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear, asking() as mouth:
        ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            ear.bind(("", PORT))
            ear.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
            ear.settimeout(20)
            mouth.sendto(b"?", (GROUP, PORT))
            ear.recv(512)
        except OSError as error:
            pytest.skip(f"no multicast on the loopback interface: {error}")


def asking():
    """A socket of a simple client, with a port of its own."""
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(LOOPBACK))
    return made


@pytest.fixture
def network(multicast):
    """The computer's own responder and browser."""
    zeroconf = pytest.importorskip("zeroconf", reason="no zeroconf: run `make venv`")
    with contextlib.closing(zeroconf.Zeroconf(interfaces=[LOOPBACK])) as made:
        yield made


@pytest.fixture
def announced(chip):
    """announced(**settings) -> (device, its name), as no other device on this machine has it."""

    def start(name=None, **settings):
        name = name or "kw-" + secrets.token_hex(4)
        device = chip(identity="240ac4" + secrets.token_hex(3))
        device.environment["KWHISPER_MDNS"] = LOOPBACK
        device.settings(**WIFI, host_name=name, **settings)
        device.power_on()
        device.wait_for("WiFi: connected")
        return device, name

    return start


def browsed(network, kind, name):
    """The service of this name, when a browser has found it."""
    import zeroconf

    found = threading.Event()

    class Listener(zeroconf.ServiceListener):
        def add_service(self, _zc, _kind, said):
            if said == f"{name}.{kind}":
                found.set()

        update_service = remove_service = add_service

    browser = zeroconf.ServiceBrowser(network, kind, Listener())
    try:
        until(found.is_set, what=f"{name}.{kind}")
    finally:
        browser.cancel()
    return until(lambda: network.get_service_info(kind, f"{name}.{kind}", 3000), what="its facts")


def test_after_a_week_without_a_query_the_next_one_is_heard(on_chip):
    """Ticks wrap after 12.4 days: beyond half of that a difference is less than nothing."""
    out = on_chip("""
import asyncio, select, time
from kwhisper.network import mdns, services

DAY = 86400000
clock = 0
heard = []

class Ticks:
    # As on a chip, whatever this machine's integers hold.
    def ticks_ms():
        return clock & 0x3FFFFFFF
    def ticks_diff(a, b):
        return ((a - b + 0x20000000) & 0x3FFFFFFF) - 0x20000000

class Socket:
    def recvfrom(self, most):
        waiting.pop()
        return b"\\0" * 12 + b"_http", None

class Poll:
    def register(self, *what):
        pass
    def ipoll(self, ms):
        return waiting[:1]

class Device:
    host = "kwhisper"
    class status:
        ip = "10.0.0.2"

class Select:
    POLLIN = 1
    poll = Poll

async def begin(*all):
    pass

waiting = []
mdns.time, mdns.select = Ticks, Select
mdns.let_go = lambda name: None
services.begin = begin
services.heard = lambda *all: heard.append(clock // DAY)

async def main():
    global clock
    ear = asyncio.create_task(mdns.ear(Device, Socket())())
    await asyncio.sleep_ms(0)
    for day in (1, 8, 9, 16, 29):
        clock = day * DAY
        waiting.append(1)
        while waiting:
            await asyncio.sleep_ms(10)
    ear.cancel()
    print(heard)

asyncio.run(main())
""")
    assert out.splitlines()[0] == "[1, 8, 9, 16, 29]"


def test_a_browser_finds_the_device_and_its_pages(network, announced):
    _, name = announced(announce=True)
    for kind in (HTTP, KWHISPER):
        info = browsed(network, kind, name)
        assert info.parsed_addresses() == [LOOPBACK] and info.port == 80
        assert info.server == f"{name}.local."
    assert set(info.decoded_properties) == {"version", "board"}


def test_home_assistant_is_told_what_its_homewizard_integration_wants(network, announced):
    """Its config_flow reads product_name, product_type and serial; the library path and
    api_enabled."""
    device, _ = announced(outlets="homewizard")
    info = browsed(network, HOMEWIZARD, "p1meter-" + device.identity[-6:].upper())
    assert info.decoded_properties == {
        "api_enabled": "1",
        "path": "/api/v1",
        "product_name": "P1 meter",
        "product_type": "HWE-P1",
        "serial": device.identity,
    }


def test_a_simple_client_is_answered_at_its_own_port(multicast, announced):
    _, name = announced(announce=True)
    label = name.upper().encode()  # names are spelled in whichever case
    question = bytes((len(label),)) + label + b"\5local\0\0\1\0\1"
    replies = []
    with asking() as s:
        s.settimeout(0.5)

        def answered():
            s.sendto(b"\x12\x34\0\0\0\1\0\0\0\0\0\0" + question, (GROUP, PORT))
            with contextlib.suppress(TimeoutError):
                replies.append(s.recvfrom(1500))
            return replies

        until(answered, what="an answer")
    reply, (host, port) = replies[0]
    assert (host, port) == (LOOPBACK, PORT)
    head = struct.unpack(">6H", reply[:12])
    assert head[:4] == (0x1234, 0x8400, 1, 1)
    assert reply[12 : 12 + len(question)] == question
    ttl, size, address = struct.unpack(">IH4s", reply[12 + len(question) + len(name) + 12 :][:10])
    assert (ttl, size, address) == (10, 4, socket.inet_aton(LOOPBACK))


def test_a_name_that_another_device_has_is_left_to_it(network, announced):
    import zeroconf

    name = "kw-" + secrets.token_hex(4)
    other = zeroconf.ServiceInfo(
        HTTP, f"other-{name}.{HTTP}", 80, addresses=[bytes((10, 9, 8, 7))], server=f"{name}.local."
    )
    network.register_service(other)
    device, _ = announced(name, announce=True)
    own = f"{name}-{device.identity[-4:]}"
    warning = f"another device is called {name}.local: this one is {own}.local"
    for _ in range(5):
        # On a busy machine the other one may answer too late to be heard.
        with contextlib.suppress(TimeoutError):
            device.wait_for(warning, 10)
            break
        device.power_cut()
        device.power_on()
    device.wait_for(warning)
    info = browsed(network, HTTP, own)
    assert info.server == f"{own}.local." and info.parsed_addresses() == [LOOPBACK]


def test_off_the_port_is_left_to_micropython(network, announced):
    device, name = announced()
    device.wait_for("WiFi: connected")
    import zeroconf

    assert not zeroconf.AddressResolver(f"{name}.local.").request(network, 2000)
    assert not any("mDNS" in line for line in device.output)


def test_the_command_finds_it(announced, network):
    _, name = announced(announce=True)
    browsed(network, KWHISPER, name)
    command = [sys.executable, "-m", "kwhisper_tools.cli", "find", "--seconds", "8"]

    def told():
        found = subprocess.run(command, capture_output=True, text=True, timeout=120)
        return next((x for x in found.stdout.splitlines() if x.startswith(name)), None)

    line = until(told, what="its line")
    assert "http://127.0.0.1/" in line and "host" in line


DAMAGED = """
import json, random
from kwhisper.network import services
class status: ip = "192.168.4.15"; version = "1.2.3"; board = "esp32"
class device: host = "kwhisper"
device.settings = {"outlets": "homewizard"}
device.status = status
class Sock:
    sent = []
    def sendto(self, data, to):
        assert len(data) < 1472
        self.sent.append(data)
sock = Sock()
ip = services.pack(status.ip)
def label(*parts): return b"".join(bytes((len(p),)) + p for p in parts) + b"\\0"
queries = [
    b"\\0\\0\\0\\0\\0\\1\\0\\0\\0\\0\\0\\0" + label(*name) + b"\\0" + bytes((kind,)) + b"\\0\\1"
    for name in ((b"_http", b"_tcp", b"local"), (b"kwhisper", b"local"),
                 (b"_services", b"_dns-sd", b"_udp", b"local"),
                 (b"kwhisper", b"_kwhisper", b"_tcp", b"local"))
    for kind in (1, 12, 16, 28, 33, 255)
]
told = list(services.records(device, ip))
queries.append(services.build(told))
ptr = b"\\0\\x0c\\0\\1"
known = b"\\xc0\\x0c" + ptr + b"\\0\\0\\x11\\x94\\0\\x0b\\x08kwhisper\\xc0\\x0c"
queries.append(b"\\0\\0\\0\\0\\0\\2\\0\\1\\0\\0\\0\\0" + label(b"_http", b"_tcp", b"local")
    + ptr + b"\\xc0\\x0c" + ptr + known)
# Each as it is: who asks for what is there gets it.
answers = 0
for q in queries:
    sock.sent.clear()
    services.heard(device, sock, q, ("10.0.0.1", 5353))
    answers += len(sock.sent)
print("answers", answers)
# What is known already is not said again.
sock.sent.clear()
services.heard(device, sock, queries[-1], ("10.0.0.1", 5353))
print("known", len(sock.sent))
# A pointer to itself, and one in a circle.
long = b"\\x3f" + b"x" * 63 + b"\\xc0\\x0c"
for tail in (b"\\xc0\\x0c", b"\\1a\\xc0\\x0c", b"\\xc0\\xff", long):
    q = b"\\0\\0\\0\\0\\0\\xff\\0\\xff\\0\\0\\0\\0" + tail * 7
    services.heard(device, sock, q, ("10.0.0.1", 5353))
random.seed(7)
for n in range(6000):
    q = bytearray(random.choice(queries))
    for _ in range(random.randrange(1, 6)):
        q[random.randrange(len(q))] = random.getrandbits(8)
    q = bytes(q[: random.randrange(12, len(q) + 1)])
    services.heard(device, sock, q, ("10.0.0.1", random.choice((5353, 40000))))
    services.taken(q, services.host_of(device), ip)
    sock.sent.clear()
print("all read")
"""


def test_no_packet_raises(on_chip):
    output = on_chip(DAMAGED)
    assert "all read" in output, output
    # 4 names, six kinds: those that are there, the host's AAAA too; PTR and ANY of a service …
    assert "known 0" in output
    answers = int(output.partition("answers ")[2].split()[0])
    assert answers == 2 + 3 + 2 + 3, output


def test_the_serial_is_that_of_the_api(on_chip):
    said = on_chip(
        "from kwhisper.network import services\n"
        "from kwhisper.outlets.homewizard import number\n"
        "class status: version = board = 'x'\n"
        "class device: host = 'kwhisper'\n"
        "device.settings = {'outlets': 'homewizard'}\n"
        "device.status = status\n"
        "print(number(), [d for _, k, d in services.records(device, b'1234') if k == 16])"
    )
    line = next(x for x in said.splitlines() if "serial" in x)
    assert "serial=" + line.split()[0] in line
