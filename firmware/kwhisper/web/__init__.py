"""The device's web pages: setup, live values, settings, /data.json.

    live = Live(status.uptime)      # of web/live.py; app.py calls live.on_reading(r) per list
    app = web.make_app(settings, status, live, scan, restart, "run")
    await web.serve(app, 80, most=board.connections)

mode "setup": the access point is up. / is the form with a WiFi scan, every other address leads to
it (captive portal), no web password is asked: the access point's own password proved who is there.
mode "run": / shows the live values, /settings the form, behind the web password if one is set.

Nothing here waits without a bound, no secret is ever sent out, and a page is streamed row by row:
it never exists as a whole in memory.
"""

from .app import make_app
from .server import serve

__all__ = ("make_app", "serve")
