"""A web server that a hostile or clumsy client cannot exhaust; microdot does the rest.

Bounded are: connections at once, the seconds a request may take, the bytes of its headers.
Browsers open connections in advance and keep them silent; when all places are taken, the one that
has been silent longest makes room, else the newcomer waits a little, unread.
"""

import asyncio


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
            writer.close()
            note("web: out of memory")
            return
        await converse(app, open_now, most, note, reader, writer)

    server = await asyncio.start_server(client, host, port)
    try:
        await server.wait_closed()
        while True:  # CPython before 3.12 returns at once
            await asyncio.sleep(60)
    finally:
        server.close()
