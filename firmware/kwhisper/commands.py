"""Commands over MQTT: <topic>/cmd/<command>, each answered on <topic>/cmd/result.

restart            the device starts anew
publish            the next lists are published whole, the device's state at once
discovery          Home Assistant's discovery is sent again
log                payload: error, warning, info or debug
capture            payload: 1 … 20; so many frames are published raw on <topic>/capture
"""

from binascii import hexlify

_CAPTURE_MOST = const(20)
_LEVELS = ("error", "warning", "info", "debug")


class Refused(Exception):
    """The command is not done; the text says why."""


class Commands:
    """What is heard below the command topic, and what is answered."""

    def __init__(self, pub):
        self.pub = pub
        own = pub.settings["mqtt_command_topic"].encode()
        self.topic = own or pub.broker.topic + b"/cmd"
        self.restart = None  # set by app.py: callables
        self.set_log_level = None
        self._others = {}  # topic -> callback(payload), for formats that listen too
        self._capture = 0

    def listen(self, topic, callback):
        """A format hears `topic` (bytes) as well."""
        self._others[topic] = callback
        self.pub.broker.topics.append(topic)

    def heard(self, topic, payload, retained):
        """Every message the broker delivers."""
        if topic in self._others:
            self._others[topic](payload)
            return
        if not topic.startswith(self.topic + b"/"):
            return
        name = topic[len(self.topic) + 1 :]
        if name == b"result":
            return  # our own answer
        try:
            if retained:
                # It would be done again at every start; a retained restart would never end.
                raise Refused("a retained command is not obeyed: publish it without retain")
            do = _TABLE.get(name)
            if do is None:
                raise Refused("unknown command; there are: " + ", ".join(names()))
            self._answer(name, True, do(self, payload.decode().strip()))
        except Refused as e:
            self._answer(name, False, str(e))
        except UnicodeError:
            self._answer(name, False, "the payload is no text")

    def reading(self):
        """A frame was decoded: it is shown if a capture runs."""
        if self._capture and self.pub.decoder:
            self._capture -= 1
            self.pub.send(b"capture", hexlify(self.pub.frame()))

    def _answer(self, name, ok, text):
        page = self.pub.page.clear()
        # what is no text must not get into the JSON of the answer
        shown = "".join(chr(c) if 32 < c < 127 else "?" for c in name[:32])
        page.put(b'{"command":').string(shown)
        page.put(b',"ok":true,"text":' if ok else b',"ok":false,"text":').string(text).put(b"}")
        self.pub.send_to(self.topic + b"/result", page.view())

    def _do_restart(self, payload):
        if not self.restart:
            raise Refused("this device cannot restart itself")
        self.restart()
        return "restarting"

    def _do_publish(self, payload):
        self.pub.publish_now()
        self.pub.send_device()
        return "with the next list of each kind"

    def _do_discovery(self, payload):
        found = [f for f in self.pub.formats if hasattr(f, "announce")]
        if not found:
            raise Refused("the payload format homeassistant is not on")
        for f in found:
            f.announce()
        return "being sent"

    def _do_log(self, payload):
        if payload not in _LEVELS:
            raise Refused("the payload must be one of " + ", ".join(_LEVELS))
        if not self.set_log_level:
            raise Refused("this device keeps no log")
        self.set_log_level(payload)
        return "log level " + payload

    def _do_capture(self, payload):
        if not payload.isdigit() or not 1 <= int(payload) <= _CAPTURE_MOST:
            raise Refused("the payload must be a number from 1 to %d" % _CAPTURE_MOST)
        if not self.pub.decoder:
            raise Refused("there are no frames to capture")
        self._capture = int(payload)
        return "the next %s frames come on %s/capture" % (payload, self.pub.broker.topic.decode())


_TABLE = {
    b"restart": Commands._do_restart,
    b"publish": Commands._do_publish,
    b"discovery": Commands._do_discovery,
    b"log": Commands._do_log,
    b"capture": Commands._do_capture,
}


def names():
    """The commands there are."""
    return sorted(name.decode() for name in _TABLE)
