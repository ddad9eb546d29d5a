"""The payload formats: what a Reading says, as messages. One module each; only those chosen in
the settings are ever imported. They call nothing back.

    messages(reading, context)      the messages of a list
    registers(record, context)      a session began: the newest totals of the ledger
    connected(context)              a session began: what has to be said again
    device(context)                 once a minute: the device about itself
    unknown(frame, context)         a list came that nobody knows
    PAGE                            bytes of context.page that it needs for a document

A format has those of them that mean something to it. Each yields (topic, payload, kind), bytes or
a buffer that is good until the next one is asked for; QoS and the retain flag follow from the
kind. homeassistant has no messages but announces those of topics: see mqtt/discovery.py.
"""

# kinds of messages
DOCUMENT = 0  # live, each time
VALUE = 1  # live; with "only values that changed" only then
REGISTER = 2  # the same, retained
FACT = 3  # retained, only when it differs
MARK = 4  # live, only when it differs


def load(payload, device=None):
    """The modules of the formats named in the comma text `payload`, in its order. One that cannot
    be imported is left out and told to the device; without one it is an ImportError."""
    names = payload.split(",")
    if "homeassistant" in names and "topics" not in names:
        names.insert(0, "topics")  # its entities read the plain topics
    # Where the settings' name says less than the module's.
    files = "json json_object ams amsreader raw raw_hex rawbytes raw_bytes".split(" ")
    found = []
    for name in names:
        try:
            file = files[files.index(name) + 1] if name in files[::2] else name
            path = __name__ + "." + file
            found.append(__import__(path, None, None, ("messages",)))
        except ImportError:
            if not device:
                raise
            problem = "the payload format " + name + " cannot be loaded"
            device.note("error", problem)
            device.settings.problem = problem
    return found


class Context:
    """What a format may know beside the Reading.

    device: the device's own id. settings: by name, as the one table has them. status: uptime(),
    frame_age(), mem_free(), rssi, ip, board, version, dropped. now: a callable giving (seconds
    since 1970, minutes east) or None. page: bytes of the longest document, 0 without any;
    buffer(n) makes the buffer for it.
    """

    def __init__(self, settings, status, device, now, page, buffer=bytearray):
        self.settings = settings
        self.status = status
        self.device = device
        self.now = now
        self.topic = settings["mqtt_topic"].encode()
        self.below = self.topic + b"/"  # what all topics of the device begin with
        self.page = None
        if page:
            from .writer import Writer

            self.page = Writer(buffer(page))
        self.frame = None  # the bytes of the last frame, while there are any
        self.skipped = 0  # lists of this kind that were not published since the last one
        self.said = set()  # what has been said in this session, for formats that say it once
        self.memory = {}  # name -> what a format keeps of earlier lists
        self._number = memoryview(bytearray(48))

    def number(self, r, i):
        """Number i of a Reading as text, with the decimals that the meter gave."""
        return self._number[: r.put(i, self._number, 0)]
