"""Commands over MQTT: <topic>/cmd/<command>, each answered on <topic>/cmd/result.

restart            the device starts anew
update             payload: an http address of a .kwu file; or install: that of the settings
publish            the newest values and the device's state at once
discovery          Home Assistant's discovery is sent again
log                payload: error, warning, info or debug; or show: the log on <topic>/log
meter              payload: new; registers that fell are believed, it is another meter
reset              payload: the device's client id, so that none is reset by chance; behind it
                   may stand: keep; factory reset, hours and history kept
capture            payload: 1 … 20; so many frames are published raw on <topic>/capture

Imported when the first one is heard. A function takes (publisher, device, payload as text) and
returns the answer; a ValueError says why it is refused.
"""

import json

_CAPTURE_MOST = const(20)
_LEVELS = ("error", "warning", "info", "debug")


def obey(publisher, name, payload, retained):
    """Do the command called `name` (bytes) and answer it on <command topic>/result."""
    # what is no text must not get into the JSON of the answer
    shown = "".join(chr(c) if 32 < c < 127 else "?" for c in name[:32])
    answer = {"command": shown, "ok": True}
    try:
        answer["text"] = _do(publisher, publisher.device, shown, payload, retained)
    except ValueError as e:
        answer["ok"] = False
        answer["text"] = str(e)
    # QoS 1: on a slow line live values make room for it.
    publisher.client.publish(
        publisher.commands + b"/result", json.dumps(answer).encode(), False, 1
    )


def _do(publisher, device, name, payload, retained):
    if retained:
        # It would be done again at every start; a retained restart would never end.
        raise ValueError("a retained command is ignored: publish it without retain")
    do = _COMMANDS.get(name)
    if do is None:
        raise ValueError("unknown command; there are: " + ", ".join(sorted(_COMMANDS)))
    try:
        text = payload.decode().strip()
    except UnicodeError:
        raise ValueError("the payload is not text")
    return do(publisher, device, text)


def _restart(publisher, device, payload):
    import asyncio

    asyncio.create_task(device.leave("command"))
    return "restarting"


def _update(publisher, device, payload):
    import asyncio

    url = device.settings["update_url"] if payload == "install" else payload
    if payload and not url:
        raise ValueError("there is no address: the setting Address of updates is empty")
    if url[:7] != "http://":
        raise ValueError("the payload must be an address, http://…/….kwu")
    from ..update import download

    asyncio.create_task(download.bring(device, url, publisher))
    return "being fetched; see %s/update" % publisher.context.topic.decode()


def _publish(publisher, device, payload):
    some = publisher.publish_now()
    publisher.send_device()
    return "published, and whole with the next list" if some else "with the next list of each kind"


def _discovery(publisher, device, payload):
    if not publisher.discovery:
        raise ValueError("the payload format homeassistant is not on")
    publisher.discovery.announce()
    return "being sent"


def _log(publisher, device, payload):
    if payload == "show":
        publisher.send(b"log", "\n".join(device.lines).encode(), False, 1)
        topic = publisher.context.topic.decode()
        return "the newest lines are on %s/log; all on the page, /log.txt" % topic
    if payload not in _LEVELS:
        raise ValueError("the payload must be show, or one of " + ", ".join(_LEVELS))
    device.level = payload
    return "log level " + payload


def _meter(publisher, device, payload):
    if payload != "new":
        raise ValueError("the payload must be: new")
    device.plausible.new_meter()
    return "the registers that the meter sends next are accepted as they are"


def _reset(publisher, device, payload):
    import asyncio

    name = publisher.client.id
    if payload not in (name, name + " keep"):
        raise ValueError("the payload must be this device's client id, or that and: keep")
    from ..storage.factory import leave

    asyncio.create_task(leave(device, payload != name))
    return "all settings are deleted; it restarts as a new device"


def _capture(publisher, device, payload):
    if not publisher.settings["publish_meter_id"]:
        raise ValueError("frames contain the meter's number: switch on Publish the meter's number")
    if not payload.isdigit() or not 1 <= int(payload) <= _CAPTURE_MOST:
        raise ValueError("the payload must be a number from 1 to %d" % _CAPTURE_MOST)
    publisher.capture = int(payload)
    topic = publisher.context.topic.decode()
    return "the next %s frames come on %s/capture" % (payload, topic)


_COMMANDS = {
    "restart": _restart,
    "update": _update,
    "publish": _publish,
    "discovery": _discovery,
    "log": _log,
    "meter": _meter,
    "reset": _reset,
    "capture": _capture,
}
