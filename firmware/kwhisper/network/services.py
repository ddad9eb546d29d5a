"""What multicast DNS is told of the device: its name and services (RFC 6762, 6763).

Imported by mdns.py when a packet may be meant for it, and let go. A packet may hold anything: what
does not parse is no question. Services are named after the host, whose name is looked for first:
another device that has it already keeps it.

    packet    header(12) question* record*           header: id 2, flags 2, four counts of 2
    question  name kind(2) class(2)
    record    name kind(2) class(2) ttl(4) size(2) data
    name      label* (0 | pointer)                   label: length 1, text; pointer: 11, 14 bits
"""

import asyncio
import socket
from binascii import hexlify

import machine

_PORT = const(5353)
_IP = const(0)  # IPPROTO_IP
_GROUP = const("224.0.0.251")
_MOST = const(512)
_STEPS = const(40)  # labels and pointers of a name; those of an IPv6 address have 34
_NAME = const(255)
_PROBES = const(3)
_AT_A_STRETCH = const(8)
_PROBE_MS = const(250)
_AGAIN_MS = const(1000)
_LONGEST = const(27)  # characters of a host's name, when "-" and four digits are added

_A = const(1)
_PTR = const(12)
_TXT = const(16)
_AAAA = const(28)
_SRV = const(33)
_NSEC = const(47)
_ANY = const(255)
_UNIQUE = const((_A, _NSEC, _SRV, _TXT))  # nobody else has such a record

_HOST_TTL = const(120)
_TTL = const(4500)
_ONCE_TTL = const(10)

_LOCAL = const(b"\x05local\0")
_ALL = const(b"\x09_services\x07_dns-sd\x04_udp\x05local\0")
_HTTP = const(b"\x05_http\x04_tcp\x05local\0")
_KWHISPER = const(b"\x09_kwhisper\x04_tcp\x05local\0")
_HOMEWIZARD = const(b"\x09_hwenergy\x04_tcp\x05local\0")


def door(note):
    """The socket, which must be there before the radio starts; None if the port is taken."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(socket.getaddrinfo("0.0.0.0", _PORT)[0][-1])
        sock.setblocking(False)
        return sock
    except OSError:
        # As after a soft reset: MicroPython's own responder keeps it until the chip restarts.
        sock.close()
        note("warning", "the port of mDNS is in use: nothing is announced")


async def begin(device, sock, poll):
    """Join the group, make sure of the name, announce."""
    ip = pack(device.status.ip)
    group = socket.getaddrinfo(_GROUP, _PORT)[0][-1]
    sock.setsockopt(_IP, socket.IP_ADD_MEMBERSHIP, pack(_GROUP) + ip)
    for _ in range(_PROBES):
        host = host_of(device)
        # One question, and the record that is to be ours. Not every responder answers to ANY.
        probe = b"\0\0\0\0\0\1\0\0\0\1\0\0" + host + b"\0\1\0\1" + record(host, _A, ip)
        sock.sendto(probe, group)
        await asyncio.sleep_ms(_PROBE_MS)
        for _ in range(_AT_A_STRETCH):
            if any(poll.ipoll(0)) and taken(sock.recvfrom(_MOST)[0], host_of(device), ip):
                name = device.host
                own = hexlify(machine.unique_id()[-2:]).decode()
                other = device.settings["host_name"][:_LONGEST] + "-" + own
                device.host = other
                words = "another device is called %s.local: this one is %s.local"
                device.note("warning", words % (name, other))
    told = list(records(device, ip))
    for _ in range(2):
        sock.sendto(build(told), group)
        await asyncio.sleep_ms(_AGAIN_MS)


def heard(device, sock, packet, source):
    """Answer a query: to all, or to a simple client that asks from a port of its own."""
    told = list(records(device, pack(device.status.ip)))
    answers, end = asked(packet, told)
    if not answers:
        return
    named = [r[2] for r in answers]
    # What whoever asks will ask for next.
    more = [r for r in told if r not in answers and (r[0] in named or r[1] in (_A, _NSEC))]
    try:
        # (host, port), or the bytes of a sockaddr
        pair = isinstance(source, tuple)
        port = source[1] if pair else source[2] << 8 | source[3]
        if port == _PORT:
            group = socket.getaddrinfo(_GROUP, _PORT)[0][-1]
            sock.sendto(build(answers, more), group)
        else:
            said = build(answers, more, packet[:2], packet[12:end])
            sock.sendto(said, source)
    except OSError:
        pass  # the network is gone, or takes nothing just now


def records(device, ip):
    """Yield (name, kind, data) of all that there is to tell."""
    host = host_of(device)
    yield host, _A, ip
    # There is no other address, such as one of IPv6: nobody need wait for it.
    yield host, _NSEC, host + b"\0\1\x40"
    name = device.host.encode()
    version, board = device.status.version, device.status.board
    services = [
        (_HTTP, name, (b"path=/",)),
        (_KWHISPER, name, (b"version=" + version.encode(), b"board=" + board.encode())),
    ]
    if "homewizard" in device.settings["outlets"]:
        # As its public documentation says; the number is that of /api.
        number = hexlify(machine.unique_id()[:6])
        services.append(
            (
                _HOMEWIZARD,
                b"p1meter-" + number[-6:].upper(),
                (
                    b"api_enabled=1",
                    b"path=/api/v1",
                    b"product_name=P1 meter",
                    b"product_type=HWE-P1",
                    b"serial=" + number,
                ),
            )
        )
    for kind, name, words in services:
        own = label(name) + kind
        yield kind, _PTR, own
        yield own, _SRV, b"\0\0\0\0\0\x50" + host
        yield own, _TXT, b"".join([label(word) for word in words])
        yield _ALL, _PTR, kind


def host_of(device):
    """The host's name as it stands in a packet."""
    return label(device.host.encode()) + _LOCAL


def label(text):
    """A name's or a text's part: its length, then itself."""
    return bytes((len(text),)) + text


def pack(ip):
    """The four bytes of an address."""
    return bytes([int(part) for part in ip.split(".")])


def record(name, kind, data, simple=False):
    """A record; simple: for a client that keeps nothing."""
    ttl = _ONCE_TTL if simple else _HOST_TTL if kind in (_A, _NSEC, _SRV) else _TTL
    flush = 0x80 if kind in _UNIQUE and not simple else 0
    size = len(data)
    return (
        name + bytes((0, kind, flush, 1, 0, 0, ttl >> 8, ttl & 255, size >> 8, size & 255)) + data
    )


def build(answers, more=(), number=b"\0\0", question=b""):
    """A response; a simple client's has its number and question."""
    simple = bool(question)
    head = number + bytes((0x84, 0, 0, simple, 0, len(answers), 0, 0, 0, len(more)))
    told = [record(*r, simple) for r in answers] + [record(*r, simple) for r in more]
    return head + question + b"".join(told)


def asked(packet, told):
    """The records of `told` that a query asks for and does not know already; and where its first
    question ends."""
    answers = []
    known = []
    end = 0
    for name, kind, data, at in read(packet):
        if data is None:
            end = end or at
            for r in told:
                fits = kind in (r[1], _ANY) or (kind == _AAAA and r[1] == _NSEC)
                # Names are spelled in whichever case.
                if fits and r[0].lower() == name and r not in answers:
                    answers.append(r)
        elif kind == _PTR:
            try:
                known.append((name, named(packet, at - len(data))[0]))
            except IndexError:
                break
    # Only what others may have, too, is worth the comparison.
    return [r for r in answers if (r[0].lower(), r[2].lower()) not in known], end


def taken(packet, host, ip):
    """Whether another device has this name: it says so, or it looks for it, too, and its address
    is the higher one."""
    host = host.lower()
    for name, kind, data, _ in read(packet):
        if data and kind == _A and name == host and data != ip:
            if packet[2] & 0x80 or data > ip:
                return True
    return False


def read(packet):
    """Yield (name, kind, data, where it ends) of each question, without data, and each record; as
    far as they can be read."""
    try:
        questions = packet[5]
        at = 12
        for i in range(questions + packet[7] + packet[9] + packet[11]):
            name, at = named(packet, at)
            kind = packet[at] << 8 | packet[at + 1]
            packet[at + 3]
            at += 4
            data = None
            if i >= questions:
                size = packet[at + 4] << 8 | packet[at + 5]
                data = packet[at + 6 : at + 6 + size]
                at += 6 + size
                if at > len(packet):
                    return
            yield name, kind, data, at
    except IndexError:
        pass  # it ends early, or was cut


def named(packet, at):
    """(the name there in small letters, where it ends); IndexError if there is none."""
    name = b""
    end = 0
    for _ in range(_STEPS):
        n = packet[at]
        if n >= 0xC0:
            end = end or at + 2
            at = (n & 63) << 8 | packet[at + 1]
        elif n:
            name += packet[at : at + 1 + n]
            at += 1 + n
            if n > 63 or len(name) > _NAME:
                break
        else:
            return name.lower() + b"\0", end or at + 1
    raise IndexError
