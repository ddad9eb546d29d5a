"""An update from an address in the home, over plain http: what it is signed with decides, not the
way that it came. Imported when somebody asks for one over MQTT, or for the daily look.
"""

import json
import socket

from ..mqtt.connect import Ended, look_up, reach
from ..storage.table import find
from . import Refused
from .stream import Stream

_HEAD = const(264)  # bytes ahead of the manifest
_FAULTS = const("/mqtt/faults.json")  # of a way to a server, too
_SECOND = const(1000)
_ANSWER = const(1024)  # bytes of an answer's head


class Source(Stream):
    """What comes from an address."""

    def __init__(self, url):
        if url[:7] != "http://":
            raise Refused("the address must begin with http://")
        place, _, self.path = url[7:].partition("/")
        super().__init__(socket.socket(), 0, b"", place)

    async def open(self):
        """Ask for it; Refused if the server has no such thing."""
        host, _, port = self.place.partition(":")
        try:
            await reach(self.sock, await look_up(host), int(port or 80), _SECOND)
        except Ended as e:
            row = find(_FAULTS, e.args[0])
            raise Refused(row["text"] % e.args[1:])
        except ValueError:
            raise Refused("the address has an invalid port: " + port)
        self.sock.write(b"GET /%s HTTP/1.0\r\nHost: %s\r\n\r\n" % (self.path.encode(), host))
        head = b""
        one = memoryview(bytearray(1))
        self.left = _ANSWER
        while head[-4:] != b"\r\n\r\n":
            if not await self.more(one):
                raise Refused(self.place + " does not answer")
            head += one
        lines = head.lower().split(b"\r\n")
        if lines[0].split()[1:2] != [b"200"]:
            raise Refused("%s says: %s" % (self.place, lines[0].decode()))
        self.left = 0
        for line in lines:
            name, _, value = line.partition(b":")
            if name == b"content-length":
                self.left = int(value)


async def look(url):
    """What the update at an address says of itself, before anybody knows who signed it."""
    source = Source(url)
    try:
        await source.open()
        text = b""
        view = memoryview(bytearray(_HEAD))
        while source.left and b"\n" not in text[_HEAD:] and len(text) < _ANSWER:
            text += view[: await source.more(view)]
        if text[:4] != b"kWu1":
            raise Refused("what %s has at this address is not a kWhisper update" % source.place)
        return json.loads(text[_HEAD:].split(b"\n")[0])
    finally:
        source.sock.close()


async def bring(device, url, publisher=None):
    """Take the update at an address; the publisher tells how it goes."""
    from . import package, slots

    words = slots.make_room(device.status, url)
    why = "room for an update"
    if not words:
        tell(publisher, "being fetched")
        try:
            source = Source(url)
            try:
                await source.open()
                version = await package.install(device, source.more, source.left)
            finally:
                source.sock.close()
            words = version + " is on trial from the next start"
            why = "update to " + version
        except MemoryError:
            words = slots.make_room(device.status, url, slots.EVERYTHING) or "out of memory"
        except (Refused, OSError, ValueError) as e:
            words = str(e) or "failed"
            device.note("warning", "update refused:", words)
            tell(publisher, words)
            return
    tell(publisher, words)
    await device.leave(why)


def tell(publisher, words, latest=None):
    """The state of Home Assistant's entity; `latest`: the version that may be had."""
    if not publisher:
        return
    version = publisher.status.version
    state = {"installed_version": version, "latest_version": latest or version}
    state["release_summary"] = words[:255]
    publisher.send(b"update", json.dumps(state).encode(), True)
