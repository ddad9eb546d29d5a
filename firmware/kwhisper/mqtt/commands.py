"""Commands over MQTT: <topic>/cmd/<command>, each answered on <topic>/cmd/result.

restart            the device starts anew
publish            the next lists are published whole, the device's state at once
discovery          Home Assistant's discovery is sent again
log                payload: error, warning, info or debug
capture            payload: 1 … 20; so many frames are published raw on <topic>/capture
"""

from binascii import hexlify

from .forget import forget


class Commands:
    """What is heard below the command topic, and what is answered. What each does: orders.py."""

    def __init__(self, pub):
        self.pub = pub
        own = pub.settings["mqtt_command_topic"].encode()
        self.topic = own or pub.broker.topic + b"/cmd"
        self.restart = None  # set by app.py: callables
        self.set_log_level = None
        self.capture = 0  # frames still to be shown

    def hear(self, topic):
        """The formats hear `topic` (bytes) as well."""
        if topic not in self.pub.broker.topics:
            self.pub.broker.topics.append(topic)

    def heard(self, topic, payload, retained):
        """Every message the broker delivers."""
        self._heard(topic, payload, retained)

    def _heard(self, topic, payload, retained):
        if topic in self.pub.broker.topics:
            for f in self.pub.prepare():
                f.heard(topic, payload)
            self.pub.rest()
            return
        if not topic.startswith(self.topic + b"/"):
            return
        name = topic[len(self.topic) + 1 :]
        if name == b"result":
            return  # our own answer
        if retained:
            # It would be done again at every start; a retained restart would never end.
            text = "a retained command is not obeyed: publish it without retain"
            self._answer(name, False, text)
            self.pub.rest()
            return
        from .orders import obey

        try:
            self._answer(name, True, obey(self, name, payload))
        except ValueError as e:
            self._answer(name, False, str(e))
        if self.pub.broker.board.small:
            del obey
            forget("kwhisper.orders")
        self.pub.rest()

    def show(self):
        """A frame was decoded while a capture runs: it is shown."""
        self.capture -= 1
        self.pub.send(b"capture", hexlify(self.pub.frame_bytes()), False, 1)

    def _answer(self, name, ok, text):
        page = self.pub.page.clear()
        # what is no text must not get into the JSON of the answer
        shown = "".join(chr(c) if 32 < c < 127 else "?" for c in name[:32])
        page.put(b'{"command":').string(shown)
        page.put(b',"ok":true,"text":' if ok else b',"ok":false,"text":').string(text).put(b"}")
        # QoS 1: on a slow line live values make room for it.
        self.pub.send_to(self.topic + b"/result", page.view(), False, 1)
