"""The device's web pages: setup, live values, settings, /data.json.

    live = Live(status.uptime)      # of web/live.py; app.py calls live.follow(r) per list
    app = web.make_app(settings, status, live, scan, restart, "run", board.small)
    await web.serve(app, 80, most=board.connections)

mode "setup": the access point is up. / is the form with a WiFi scan, every other address leads to
it (captive portal), no web password is asked: the access point's own password proved who is there.
mode "run": / shows the live values, /settings the form, behind the web password if one is set.

server.py listens, conversation.py holds one connection, on asyncio's streams; on a small chip
single.py and plain.py do, on a bare socket; talk.py is what the two have in common. pages.py says
what each address answers and knows no server; full.py serves it with microdot, small.py and
mini.py without. Nothing here waits without a bound, no secret is ever sent out, and a page is
streamed row by row: it never exists as a whole in memory.
"""

try:
    from .server import serve
except ImportError:  # a small chip's image has the other one alone
    from .single import serve

__all__ = ("make_app", "serve")


def make_app(settings, status, live, scan, restart, mode="run", small=False):
    """The application of one mode, "setup" or "run", for serve().

    scan: coroutine giving [(ssid, rssi, secured)], the strongest first. restart: called when new
    settings are saved; it must leave the answer the time to get out.
    live: None in set-up. small: the chip affords neither TLS, whose fields are left out, nor
    microdot beside the reading of a meter.
    """
    if small:
        from .small import App
    else:
        from .full import App
    return App(settings, status, live, scan, restart, mode == "setup", small)
