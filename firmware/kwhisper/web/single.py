"""The web server of a small chip: one connection at a time, on a socket that it looks at now and
then. The others wait in the socket's own queue."""

import asyncio
import gc
import select
import socket

_LOOK_MS = 50


async def serve(app, port=80, host="0.0.0.0", most=1, note=print):
    """Serves the `app` of make_app() for ever; what `note` is told: server.py."""
    app.port = port
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(socket.getaddrinfo(host, port)[0][-1])
        listener.listen(4)
        waiting = select.poll()
        waiting.register(listener, select.POLLIN)
        while True:
            for _ in waiting.ipoll(0):
                break
            else:
                await asyncio.sleep_ms(_LOOK_MS)
                continue
            await attend(app, listener, waiting, note)
    finally:
        listener.close()


async def attend(app, listener, waiting, note):
    """Take the next connection and serve it."""
    sock = talk = None
    try:
        sock = listener.accept()[0]
        sock.setblocking(False)
        from .plain import Plain

        talk = Plain(sock, waiting)
        await app.handle_request(talk, talk)
    except (OSError, EOFError):
        pass  # the client left, dawdled or made room: its connection ends here
    except MemoryError:
        gc.collect()
        note("web: out of memory")
        try:
            await talk.refuse()
        except (OSError, AttributeError):
            pass  # the client left meanwhile, or there was no memory for a Plain at all
    finally:
        if sock:
            sock.close()
        del sock, talk
        app.leave_all()
