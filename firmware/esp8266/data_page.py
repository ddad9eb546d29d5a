"""GET /data.json. Imported when a browser comes, and let go when it is answered."""

import json
import time

_ASK_MS = const(300)
_MOST_MS = const(3000)
_REQUEST = const(512)  # bytes looked at: the request line
_HEAD = b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\nCache-Control: no-store\r\n\r\n"
_OTHER = (
    b"HTTP/1.0 404 Not Found\r\nContent-Type: text/plain\r\n\r\n"
    b"kWhisper: the values are at /data.json. Settings: hold the button for 5 seconds.\n"
)


def answer(door, r, status, feed):
    """Answer the browser that is at the door, a listening socket, with the last list, the Reading
    `r`: one at a time, and it has to ask at once."""
    try:
        client, _ = door.accept()
    except OSError:
        return  # it left
    try:
        client.settimeout(_ASK_MS / 1000)
        _talk(client, r, status, feed)
    except OSError:
        pass  # it asks nothing, left, or takes nothing
    finally:
        client.close()


def _talk(client, r, status, feed):
    if not client.recv(_REQUEST).startswith(b"GET /data.json "):
        client.write(_OTHER)
        return
    client.write(_HEAD)
    began = time.ticks_ms()
    for piece in _pieces(r, status):
        feed()
        client.write(piece)
        if time.ticks_diff(time.ticks_ms(), began) > _MOST_MS:
            break


def _pieces(r, status):
    from kwhisper.formats import entries

    yield '{"values":{'
    comma = ""
    for i in range(len(r)):
        if r.entry(i) == 0 and not entries.names_meter(r.key(i)):
            # The number stands as the meter sent it: 230.40 keeps its decimals.
            yield '%s"%s":{"value":%s,"unit":"%s","flags":"%s"}' % (
                comma,
                entries.name(r, i).decode(),
                r.decimal(i),
                r.unit(i),
                entries.flag_text(r.flag(i)).decode(),
            )
            comma = ","
    yield '},"status":'
    comma = "{"
    for name, value in status.pairs():
        yield '%s"%s":%s' % (comma, name, json.dumps(value))
        comma = ","
    yield "}}"
