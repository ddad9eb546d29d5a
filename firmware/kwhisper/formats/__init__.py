"""The payload formats, one module each; only those chosen in the settings are ever imported.

A module has one class (or two), named in FORMATS: a Format whose verbs the publisher calls. It is
given `pub`: settings, status, the buffers pub.text (a value) and pub.page (a document), and the
ways out, pub.send(b"name", payload) below the device's topic, pub.send_to(topic, payload); and
`kept`, a dict that is its own. What it is to know the next time stands there and nowhere else: a
small chip makes it anew for each list.
"""

# setting, module, class: one text, which stays in flash
FORMATS = """
topics topics Topics
json json Json
homeassistant homeassistant HomeAssistant
domoticz domoticz Domoticz
mysensors mysensors MySensors
ams ams Ams
raw raw Raw
rawbytes raw RawBytes
"""


class Format:
    """What a payload format may do; most do little of it."""

    def __init__(self, pub, kept):
        self.pub = pub
        self.kept = kept

    def reading(self, r):
        """A list was read and is due: send what it says."""

    def unknown(self, frame):
        """A list came that nobody knows."""

    def totals(self, record):
        """A session began; this is the ledger's newest Record: the totals before the next list."""

    def connected(self):
        """A session with the broker began: what has to be said again."""

    def restate(self):
        """The next list is to be published whole."""

    def told(self):
        """The device's state was published, as it is once a minute."""

    def heard(self, topic, payload):
        """A message came on a topic that pub.commands.hear() asked for."""

    def step(self):
        """Every second while pub.work is true: a piece of longer work; whether there is more."""


def load(payload, pub, most=8):
    """The formats named in the comma text `payload`, at most `most`, ready to be called."""
    chosen = payload.split(",")
    made = []
    for name in chosen:
        name = name.strip()
        if len(made) < most and "\n" + name + " " in FORMATS:
            if name == "homeassistant" and "topics" not in chosen:
                made.append(_make("topics", pub))  # its entities read the plain topics
            made.append(_make(name, pub))
    return made


def _make(name, pub):
    if name == "topics":
        # Most have it, so a small chip's image holds it beside the publisher.
        from .topics import Topics

        return Topics(pub, pub.kept(name))
    at = FORMATS.find("\n" + name + " ") + 1
    _, module, cls = FORMATS[at : FORMATS.find("\n", at)].split(" ")
    path = "kwhisper.outputs." + module
    return getattr(__import__(path, None, None, (cls,)), cls)(pub, pub.kept(name))
