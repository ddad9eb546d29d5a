"""The session with the broker: what the device says about each trouble, how it gets over it."""

import socket
import struct
import subprocess
import threading

import pytest
from mqtt.faulty import FAULTS
from mqtt.rig import BYSTANDER, free_port, until
from slow_cases import slow_but

from kwhisper_tools import paths

# Waits of seconds shrink to this many milliseconds a second, so that every one of them is seen.
QUICK = 50


def test_online_is_retained_and_offline_after_a_goodbye(mosquitto, device, listener):
    broker = mosquitto()
    d = device(broker.port, seconds=1, until="session")
    assert listener(broker.port).wait("kwhisper/status")[-1] == "online"
    d.finish()
    late = listener(broker.port)
    late.wait("kwhisper/status")
    assert ("kwhisper/status", b"offline", True) in late.messages


def test_the_last_will_speaks_for_a_device_without_power(mosquitto, device, listener):
    broker = mosquitto()
    heard = listener(broker.port)
    d = device(broker.port)
    heard.wait("kwhisper/status")
    d.kill()
    assert heard.wait("kwhisper/status", 2) == ["online", "offline"]
    late = listener(broker.port)
    late.wait("kwhisper/status")
    assert ("kwhisper/status", b"offline", True) in late.messages, "retained"


def test_it_comes_back_after_the_broker_was_killed(mosquitto, device, listener):
    broker = mosquitto()
    d = device(broker.port, second=QUICK)
    d.says("connected")
    broker.kill()
    d.says("the connection was cut")
    d.says("nothing listens at")
    broker.start()
    heard = listener(broker.port)
    assert "online" in heard.wait("kwhisper/status")
    heard.wait("kwhisper/active_power_import", 3)
    until(lambda: d.last.get("state") == "connected" and not d.last["error"], what="all is well")


def test_the_broker_is_told_how_long_silence_means_death(faulty, device):
    """CONNECT: MQTT 3.1.1, will of QoS 1, retained, and a keepalive (3.1.2 of the standard)."""
    broker = faulty("mute")
    device(broker.port)
    until(lambda: broker.packets, what="a CONNECT")
    kind, body = broker.packets[0]
    assert kind == 0x10 and body[:7] == b"\0\4MQTT\4"
    assert body[7] & 0x3C == 0x2C, "will, its QoS 1, retained"
    assert 30 <= body[8] << 8 | body[9] <= 120
    assert b"kwhisper/status" in body and body.endswith(b"offline")


# What happens in each attempt to have a session, and how long the device pauses after it.
PAUSES = """
import asyncio
from kwhisper.mqtt import client as module, connect
from parts import Device
attempts = {attempts!r}.split()
chance = {chance}
done = []
class Time:
    now = 0
    def ticks_ms():
        return Time.now
    def ticks_diff(a, b):
        return a - b
class Random:
    def getrandbits(n):
        return chance
class Pause:
    async def sleep_ms(ms):
        if ms > 100:  # less is the session's own step
            print(ms)
module.time, module.random, module.asyncio = Time, Random, Pause
module.let_go = lambda *names: None  # an import would load it anew
device = Device({{"mqtt_host": "broker.lan"}}, None)
client = device.client
client.settings.values["mqtt_tls"] = True
class Over(BaseException):
    pass
async def look_up(host):
    print("look up")
    return "10.0.0.1"
async def reach(sock, address, port, second):
    if len(done) == len(attempts):
        raise Over
    done.append(attempts[len(done)])
    if done[-1] == "unreachable":
        raise module.Ended("closed", "10.0.0.1:1883")
async def log_in(sock, host):
    if done[-1] == "refused":
        raise module.Ended(5)
    if done[-1] == "unready":
        raise module.Ended(3)
    if done[-1] == "lacking":
        raise MemoryError
    if done[-1] == "tight":
        raise module.Ended("tls memory")
    return Sock()
class Sock:
    def write(self, data):
        return len(data)
    def readinto(self, buffer):
        Time.now += 31000 if done[-1] == "long" else 1000
        if client.lasted or done[-1] != "long":
            raise OSError(104)
    def close(self):
        pass
connect.reach, connect.look_up = reach, look_up
client._log_in = log_in
try:
    asyncio.run(client.run(device.publisher))
except Over:
    print(device.status.mqtt_error)
except MemoryError:
    print("given up")
"""


@pytest.fixture
def pauses(micropython, on_micropython, library):
    """pauses(attempts, chance): what is looked up, how long it pauses in ms, the last error."""

    def run(attempts, chance=0):
        script = PAUSES.format(attempts=attempts, chance=chance)
        return on_micropython([micropython], script, library).splitlines()

    return run


def seconds(lines):
    return [int(line) / 1000 for line in lines if line.isdigit()]


@pytest.mark.parametrize("trouble", ["unreachable", "unready", "short"])
def test_the_pauses_grow(pauses, trouble):
    grown = [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert seconds(pauses(f"{trouble} " * 9)) == grown
    by_chance = seconds(pauses(f"{trouble} " * 9, 0xFFFF))
    assert all(1.4 * a < b < 1.5 * a for a, b in zip(grown, by_chance, strict=True))


def test_a_heap_without_room_for_the_session_is_the_device_s_to_mend(pauses):
    """Device.keep tries again, and restarts the chip if that does not help."""
    assert pauses("lacking")[-1] == "given up"


def test_after_a_refusal_the_pause_is_longer(pauses):
    """A person must act; some brokers lock out who tries too often."""
    assert seconds(pauses("refused " * 7)) == [15, 15, 15, 15, 16, 32, 60]


def test_after_a_long_session_the_pause_is_short_again(pauses):
    assert seconds(pauses("unreachable " * 5 + "long unreachable short")) == [
        *[1, 2, 4, 8, 16],
        *[1, 2, 4],
    ]


@pytest.mark.parametrize("before", ["short", "unreachable", "unready"])
def test_tls_that_lacks_memory_later_than_at_the_start_is_given_up(pauses, before):
    """Only a restart gives the system back what the heap has grown into; a chip that never had the
    memory goes on reading, and does not restart for ever."""
    assert pauses("tight tight short")[-1] == "the connection was cut"
    assert "not enough memory for TLS" in pauses("tight tight")[-1]
    assert pauses(f"{before} tight short")[-1] == "given up"
    # Where a person must act it would not end: not in the first hour.
    assert pauses("refused tight short")[-1] == "the connection was cut"


def test_a_broker_that_is_not_reached_twice_is_looked_up_anew(pauses):
    found = ["L" if line == "look up" else "." for line in pauses("unreachable " * 5)[:-1]]
    assert "".join(found) == "L..L..L."
    found = pauses("unreachable short unreachable short refused short")
    assert found.count("look up") == 1, "it was reached in between"


def test_who_is_cut_soon_three_times_is_asked_about_its_id(pauses):
    assert pauses("short short")[-1] == "the connection was cut"
    assert "does another device use the client id kwhisper?" in pauses("short short short")[-1]
    assert pauses("short short long short short")[-1] == "the connection was cut"


def test_the_newest_live_values_win_in_a_full_queue(micropython, on_micropython, library):
    """What is under way stays as it is, as TLS wants; what is retained or QoS 1 stays, too."""
    script = """
from parts import Device
class Sock:
    tries = []
    takes = 0
    def write(self, data):
        Sock.tries.append(bytes(data))
        return min(Sock.takes, len(data)) or None
device = Device({"mqtt_host": "10.0.0.1"}, None)
client, packets = device.client, device.client.packets
client.connected, client.sock = True, Sock()
fill = b"." * (len(packets.out) // 4 - 60)  # four fit
def waiting():
    bodies = bytes(packets.out[packets.start : packets.end]).split(b"#")[1:]
    return [body[: body.find(b".")].decode() for body in bodies]
client.publish(b"under/way", b"#under way" + fill)
client.push()
client.publish(b"retained", b"#retained" + fill, True)
client.publish(b"told", b"#qos 1" + fill, False, 1)
for n in range(3):
    client.publish(b"live", b"#live %d" % n + fill)
print(waiting(), device.status.dropped)
print(client.publish(b"totals", fill, False, 1, True), device.status.dropped)
print(len(Sock.tries) > 2, len(set(Sock.tries)))
burst = Sock.tries[0]
Sock.takes, Sock.tries = 100, []
client.push()
rest = [burst[n:] for n in range(0, len(burst), 100)]
print(Sock.tries[: len(rest)] == rest, len(Sock.tries) > len(rest), packets.waiting())
"""
    out = on_micropython([micropython], script, library).splitlines()
    assert out == [
        "['under way', 'retained', 'qos 1', 'live 2'] 2",
        "False 2",
        "True 1",
        "True True 0",
    ]


def test_user_and_password(mosquitto, device, tmp_path):
    passwords = tmp_path / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", passwords, "meter", "gåte"], check=True)
    broker = mosquitto("allow_anonymous false", f"password_file {passwords}")
    right = {"mqtt_user": "meter", "mqtt_password": "gåte"}
    device(broker.port, right).says("connected")
    for wrong in ({}, dict(right, mqtt_password="gate")):
        d = device(broker.port, wrong)
        d.says("not authorised")
        assert not any("gåte" in line for line in d.log + d.noise)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (1, "does not speak MQTT 3.1.1"),
        (2, "refuses the client id"),
        (3, "not ready yet"),
        (4, "user name or password is wrong"),
        (5, "not authorised"),
    ],
)
def test_each_refusal_has_its_own_words(faulty, device, code, text):
    d = device(faulty("mute", refusal=code).port)
    d.says(text)


def test_nothing_listens(device):
    d = device(free_port(), second=QUICK)
    d.says("nothing listens at 127.0.0.1")


def test_nobody_answers_the_connection(device):
    """A host that drops what it gets: as one whose queue of connections is full."""
    with socket.socket() as host:
        host.bind(("127.0.0.1", 0))
        host.listen(0)
        waiting = []
        for _ in range(4):
            waiting.append(socket.socket())
            waiting[-1].setblocking(False)
            waiting[-1].connect_ex(host.getsockname())
        d = device(host.getsockname()[1], second=QUICK)
        d.says("no answer from 127.0.0.1")
        for one in waiting:
            one.close()


@pytest.mark.parametrize("code", range(1, 8))
def test_only_a_broker_that_is_not_ready_is_asked_again_soon(
    micropython, on_micropython, library, code
):
    script = f"""
import asyncio
from kwhisper.mqtt.connect import Ended, login
from kwhisper.mqtt.packets import Packets
from kwhisper.storage.table import find
class Sock:
    def write(self, data):
        return len(data)
    def readinto(self, buf):
        buf[:4] = b"\\x20\\2\\0\\{code}"
        return 4
try:
    asyncio.run(login(Packets(bytearray(400), bytearray(100)), Sock(), "broker", 1000))
except Ended as e:
    row = find("/mqtt/faults.json", e.args[0])
    print("refused" in row, bool(row["text"] % e.args[1:]))
"""
    out = on_micropython([micropython], script, library)
    assert out.split() == [str(code != 3), "True"]


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("silent", "no answer to the login"),
        ("half", "no answer to the login"),
        ("drop", "the broker closed the connection at the login"),
        ("garbage", "is not an MQTT broker"),
        ("deaf", "does not answer a ping"),
        ("mute", "does not answer a ping"),
        ("half later", "does not answer a ping"),
        ("short", "does another device use the client id kwhisper?"),
        ("nonsense", "something that is not MQTT"),
    ],
)
def test_each_fault_is_told_and_tried_again(faulty, device, fault, text):
    broker = faulty(fault)
    # Much to say, so that a broker that does not read is noticed.
    d = device(broker.port, {"payload": "topics,json,ams"}, second=QUICK, every_ms=2)
    d.says(text)
    if fault != "short":
        until(lambda: broker.connections > 1, what="another attempt")
        assert not any("client id" in line for line in d.log)


def test_only_a_session_that_is_cut_makes_the_client_id_a_suspect(faulty, device):
    broker = faulty("nonsense")
    d = device(broker.port, second=5)
    # So fast a clock that some logins are given up before they are answered.
    told = lambda: sum("something that is not MQTT" in line for line in d.log)  # noqa: E731
    until(lambda: told() > 5, what="six sessions cut")
    assert not any("client id" in line for line in d.log)


def test_without_a_socket_it_tries_again(micropython, on_micropython, library):
    """Browsers may hold all that the chip has."""
    script = """
import asyncio
from kwhisper.mqtt import client
from parts import Device
class socket:
    tries = 0
    def socket():
        socket.tries += 1
        raise OSError(23)
client.socket = socket
device = Device({"mqtt_host": "10.0.0.1"}, None)
device.client.second = 1
async def main():
    task = asyncio.create_task(device.client.run(device.publisher))
    while socket.tries < 3:
        await asyncio.sleep_ms(5)
    print(device.status.mqtt, task.done())
asyncio.run(main())
"""
    assert on_micropython([micropython], script, library).strip() == "pausing False"


@pytest.mark.parametrize("fault", slow_but(FAULTS, "silent", "deaf", "half later", "flood"))
def test_no_fault_holds_up_the_reading(faulty, device, micropython, fault):
    """The reading waits no more than 50 ms longer than a bystander on the same busy machine."""
    for _attempt in range(5):
        broker = faulty(fault)
        bystander = subprocess.Popen(
            [micropython, "-c", BYSTANDER], stdout=subprocess.PIPE, text=True
        )
        end = device(broker.port, second=100, seconds=2, every_ms=20).finish()
        bystander.kill()
        worst = int((bystander.communicate()[0].split() or ["0"])[-1])
        assert broker.connections
        if end["stall"] - worst <= 50:
            return
    raise AssertionError(f"five times the reading waited, at last {end['stall']} ms")


def test_a_broker_that_takes_nothing_is_left(micropython, on_micropython, root):
    """A socket that answers pings and never takes a byte ends the session; losses are counted."""
    script = """
import asyncio
from kwhisper.mqtt import client, connect
from kwhisper.status import Status
from kwhisper.storage.settings import Settings
class Sock:
    def write(self, data):
        return None
    def readinto(self, buf):
        buf[0], buf[1] = 0xd0, 0
        return 2
class Listener:
    topics = []
    def connected(self):
        pass
async def main():
    st = Status("", "", "")
    st.ip = "127.0.0.1"
    settings = Settings("/x")
    settings.change({"mqtt_client_id": "kwhisper"})
    c = client.Client(settings, st, lambda level, *words: None, None)
    c.listener = Listener()
    c.second = 20
    async def talk():
        while True:
            for _ in range(50):  # on a busy machine the session may last a turn or two
                c.publish(b"kwhisper/live", b"x" * 100)
            await asyncio.sleep_ms(5)
    asyncio.create_task(talk())
    try:
        await c._serve(Sock(), st.ip)
    except connect.Ended as e:
        print(e, st.dropped > 5, c.packets.waiting() <= len(c.packets.out))
asyncio.run(main())
"""
    path = [str(root / "firmware"), *paths.library_path()]
    out = on_micropython([micropython], script, path)
    assert out.strip() == "drain True True"


def test_the_longest_telegram_in_hex_is_sent(micropython, on_micropython, library):
    """2,405 bytes are 4,810 digits, more than the queue is made for; it grows once."""
    script = """
from parts import Device
class Sock:
    got = b""
    def write(self, data):
        n = min(len(data), 700)
        Sock.got += bytes(data[:n])
        return n
class Decoder:
    counters = {}
    frame = bytes(range(256)) * 9 + bytes(101)
    def raw(self):
        return self.frame, 0, len(self.frame)
import reading
from binascii import hexlify
device = Device({"mqtt_host": "10.0.0.1", "payload": "topics,raw"}, Decoder())
client = device.client
client.connected, client.sock = True, Sock()
client.publish(b"first", b"x" * 3000)
sizes = []
for n in range(3):
    device.reading(reading.live(n))
    sizes.append(len(client.packets.out))
    hexes = Sock.got.count(hexlify(Decoder.frame))
    print(hexes, Sock.got.count(b"x" * 3000), device.status.dropped)
print(sizes[0] == sizes[2] < 9000)
"""
    out = on_micropython([micropython], script, library)
    assert out.splitlines() == ["1 1 0", "2 1 0", "3 1 0", "True"]


@pytest.mark.parametrize("fault", slow_but(["drop", "short"], "drop"))
def test_a_hundred_sessions_leave_nothing_behind(faulty, device, fault):
    broker = faulty(fault)
    d = device(broker.port, second=1)
    until(lambda: broker.connections > 100 and d.last.get("second", 0) > 4, what="100 sessions")
    used = [x["memory"] for x in d.lines if "memory" in x]
    # Some looks meet the way to a session while it is loaded: the least tells load from leak.
    half = len(used) // 2
    assert half > 1 and min(used[-half:]) - min(used[2 : half + 2]) < 512, used


def test_a_flood_does_not_swell_the_memory(faulty, device):
    for fault in ("flood", "flood oversize"):
        d = device(faulty(fault).port, seconds=4)
        d.finish()
        used = [x["memory"] for x in d.lines if "memory" in x]
        assert used[-1] - used[1] < 4096, used


def test_a_message_too_long_is_passed_over_and_the_next_one_heard(mosquitto, device, listener):
    broker = mosquitto()
    heard = listener(broker.port)
    d = device(broker.port)
    heard.wait("kwhisper/status")
    for size in (500, 3000, 70000):
        heard.say("kwhisper/cmd/log", "x" * size)
    heard.say("kwhisper/cmd/log", "debug")
    until(lambda: "log level debug" in str(heard.of("kwhisper/cmd/result")), what="an answer")
    until(lambda: d.last.get("second", 0) > 2, what="some seconds")
    assert d.last["sessions"] == 1
    assert sum("too long for this chip" in line for line in d.log) == 2 + 1


def test_a_new_address_of_its_own_ends_the_session(mosquitto, device):
    broker = mosquitto()
    d = device(broker.port, second=QUICK, ips={"1": "127.0.0.2"})
    d.says("this device's address changed")
    until(lambda: d.log.count("mqtt: connected") == 2, what="a second session")


def test_without_network_it_waits(mosquitto, device):
    broker = mosquitto()
    d = device(broker.port, ip="", seconds=2)
    assert d.finish()["sessions"] == 0
    assert d.last["state"] == "waiting for the network"


def test_names_are_looked_up_without_holding_anything_up(micropython, on_micropython, root):
    """A name server that stays silent once, then answers with an alias and an address."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    asked = []

    def serve():
        while True:
            question, who = server.recvfrom(512)
            asked.append(question)
            if len(asked) == 1:
                continue
            name = question[12:-4]
            if b"nowhere" in name:
                answer, count, code = b"", 0, 3
            else:
                alias = b"\xc0\x0c\0\5\0\1\0\0\0\1\0\4\1x\xc0\x0c"
                answer = alias + b"\xc0\x30\0\1\0\1\0\0\0\1\0\4\x0a\x01\x02\x03"
                count, code = 2, 0
            head = question[:2] + struct.pack("!HHHHH", 0x8180 | code, 1, count, 0, 0)
            server.sendto(head + name + question[-4:] + answer, who)

    threading.Thread(target=serve, daemon=True).start()
    script = f"""
import asyncio, time
from kwhisper.network.resolver import resolve
worst = 0
async def watch():
    global worst
    while True:
        t = time.ticks_ms()
        await asyncio.sleep_ms(5)
        worst = max(worst, time.ticks_diff(time.ticks_ms(), t))
async def main():
    asyncio.create_task(watch())
    server = ("127.0.0.1", {server.getsockname()[1]})
    print(await resolve("10.9.8.7", server))
    print(await resolve("localhost", server))
    print(await resolve("broker.lan", server))
    try:
        await resolve("nowhere.lan", server)
    except OSError as e:
        print(e.errno)
    print(worst < 1000)
asyncio.run(main())
"""
    out = on_micropython([micropython], script, [str(root / "firmware")])
    assert out.split() == ["10.9.8.7", "127.0.0.1", "10.1.2.3", "2", "True"]
    assert len(asked) == 3


def test_multicast_names_are_asked_for_and_understood(micropython, on_micropython, root):
    """RFC 6762: the reply to a one-shot query may come without the question."""
    script = """
from kwhisper.network import resolver
print(bytes(resolver.query("homeassistant.local", 7)))
reply = b"\\0\\7\\x84\\0\\0\\0\\0\\1\\0\\0\\0\\0\\x0dhomeassistant\\x05local\\0"
reply += b"\\0\\1\\x80\\1\\0\\0\\0\\x78\\0\\4\\xc0\\xa8\\1\\5"
mine, other = (resolver.query("homeassistant.local", n) for n in (7, 8))
print(resolver.answer(reply, mine, True), resolver.answer(reply, other, True))
for n in range(len(reply)):
    assert resolver.answer(reply[:n], mine, True) in (None, "")
zero = b"\\0\\0" + reply[2:]
print(resolver.answer(zero, mine, True), resolver.answer(zero, mine), resolver.answer(reply, mine))
def told(number, name):
    head = b"\\0" + bytes([number]) + b"\\x81\\x80\\0\\1\\0\\1\\0\\0\\0\\0"
    return head + bytes(resolver.query(name, 1)[12:]) + b"\\xc0\\x0c" + reply[33:]
lan = "broker.lan"
for n, name in ((7, lan), (7, "Broker.LAN"), (0, lan), (7, "broken.lan"), (8, lan)):
    print(resolver.answer(told(n, name), resolver.query(lan, 7)))
"""
    out = on_micropython([micropython], script, [str(root / "firmware")]).splitlines()
    assert "homeassistant" in out[0] and out[1] == "192.168.1.5 None"
    assert out[2] == "192.168.1.5 None None", "number 0 and no question: by multicast only"
    assert out[3:] == ["192.168.1.5", "192.168.1.5", "None", "None", "None"]


def test_the_client_id_taken_by_another(mosquitto, device):
    """Two devices with one id throw each other out: both say what is wrong."""
    broker = mosquitto()
    plan = {"second": 200}
    first = device(broker.port, {"mqtt_client_id": "twin"}, **plan)
    second = device(broker.port, {"mqtt_client_id": "twin"}, **plan)
    first.says("does another device use the client id twin?")
    second.says("does another device use the client id twin?")


def test_commands_not_allowed_are_told(faulty, device):
    d = device(faulty("no commands").port, seconds=1, until="error")
    assert d.finish()["error"] == "the broker refuses the subscription to the command topic"
    assert d.last["sessions"] == 1


def test_the_newer_umqtt_in_the_chips_images_is_served_as_well(mosquitto, device, tmp_path):
    """1.8.0 is nowhere to be had but in the images: the older one with 1.8.0's differences."""
    old = (paths.UMQTT / "umqtt" / "simple.py").read_text()
    new = old
    for was, becomes in (
        ("import usocket as socket", "import socket"),
        ("import ustruct as struct", "import struct"),
        ("from ubinascii import", "from binascii import"),
        ("ssl=False, ssl_params={}", "ssl=None"),
        ("        self.ssl_params = ssl_params\n", ""),
        ("connect(self, clean_session=True)", "connect(self, clean_session=True, timeout=None)"),
        ("= socket.socket()\n", "= socket.socket()\n        self.sock.settimeout(timeout)\n"),
        ("import ussl\n", "pass\n"),
        (
            "ussl.wrap_socket(self.sock, **self.ssl_params)",
            "self.ssl.wrap_socket(self.sock, server_hostname=self.server)",
        ),
    ):
        assert was in new, was
        new = new.replace(was, becomes)
    (tmp_path / "umqtt").mkdir()
    (tmp_path / "umqtt" / "simple.py").write_text(new)
    broker = mosquitto()
    end = device(broker.port, seconds=1, until="session", path=str(tmp_path)).finish()
    assert end["sessions"] == 1 and end["error"] is None
    assert "kwhisper/active_power_import" in broker.log.read_text()


def test_a_fault_of_a_command_does_not_end_the_session(micropython, on_micropython, library):
    script = """
from kwhisper.mqtt.client import Client
class Listener:
    def heard(self, topic, payload, retained):
        print("retained", retained)
        raise IndexError(topic)
class Session:
    listener = Listener()
    retained = True
    said = []
    def note(self, *words):
        self.said.append(words)
s = Session()
Client._arrived(s, b"kwhisper/cmd/x", b"")
print(s.said)
"""
    out = on_micropython([micropython], script, library)
    assert "error" in out and "a command failed:" in out and "IndexError" in out
    assert "retained True" in out
