"""What each command does. Loaded when one is heard: on a small chip that is seldom.

A function takes the Commands and the payload as text, and returns the answer; a ValueError says
why it is refused.
"""

_CAPTURE_MOST = const(20)
_LEVELS = ("error", "warning", "info", "debug")


def obey(commands, name, payload):
    """Do the command called `name` (bytes); returns what to answer."""
    do = _TABLE.get(name)
    if do is None:
        known = ", ".join(sorted(n.decode() for n in _TABLE))
        raise ValueError("unknown command; there are: " + known)
    try:
        text = payload.decode().strip()
    except UnicodeError:
        raise ValueError("the payload is no text")
    return do(commands, text)


def _restart(commands, payload):
    if not commands.restart:
        raise ValueError("this device cannot restart itself")
    commands.restart()
    return "restarting"


def _publish(commands, payload):
    told = commands.pub.publish_now()
    commands.pub.send_device()
    return "published, and whole with the next list" if told else "with the next list of each kind"


def _discovery(commands, payload):
    found = [f for f in commands.pub.prepare() if hasattr(f, "announce")]
    if not found:
        raise ValueError("the payload format homeassistant is not on")
    for f in found:
        f.announce()
    return "being sent"


def _log(commands, payload):
    if payload not in _LEVELS:
        raise ValueError("the payload must be one of " + ", ".join(_LEVELS))
    if not commands.set_log_level:
        raise ValueError("this device keeps no log")
    commands.set_log_level(payload)
    return "log level " + payload


def _capture(commands, payload):
    if not payload.isdigit() or not 1 <= int(payload) <= _CAPTURE_MOST:
        raise ValueError("the payload must be a number from 1 to %d" % _CAPTURE_MOST)
    if not commands.pub.decoder:
        raise ValueError("there are no frames to capture")
    commands.capture = int(payload)
    return "the next %s frames come on %s/capture" % (payload, commands.pub.broker.topic.decode())


_TABLE = {
    b"restart": _restart,
    b"publish": _publish,
    b"discovery": _discovery,
    b"log": _log,
    b"capture": _capture,
}
