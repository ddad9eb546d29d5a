"""Listens for browsers; what is said to one is in conversation.py."""

import asyncio
import gc


async def serve(app, port=80, host="0.0.0.0", most=4, note=print):
    """Serves the `app` of make_app() until cancelled: at most `most` connections at once.

    note: told in words when the memory did not suffice for a page.
    """
    app.port = port
    open_now = []

    async def client(reader, writer):
        try:
            from .conversation import converse
        except MemoryError:
            gc.collect()
            note("web: out of memory")
            writer.close()
            try:
                await writer.wait_closed()  # on MicroPython it is this that closes
            except OSError:
                pass  # it was closed by the other side
            return
        await converse(app, open_now, most, note, reader, writer)

    server = await asyncio.start_server(client, host, port)
    try:
        await server.wait_closed()
        while True:  # CPython before 3.12 returns at once
            await asyncio.sleep(60)
    finally:
        server.close()
