"""The pages as a microdot application."""

import gc

from microdot import Microdot, Request, Response

from .pages import Pages

_BODY = 12288  # three certificates need most of it


def App(*given):
    """A Microdot that hands every GET and POST to Pages(*given).

    One route for all: microdot compiles a regular expression for each.
    """
    app = Microdot()
    app.packet = 512
    app.port = 80
    app.networks = None
    app.spare = lambda *names: None  # there is room for all of it
    app.leave_all = gc.collect
    pages = Pages(app, *given)
    Request.max_body_length = Request.max_content_length = _BODY
    Response.send_file_buffer_size = app.packet

    @app.route("/<re:.*:path>", methods=["GET", "POST"])
    async def every(request, path):
        body = [request.body]
        request._body = None
        return Response(
            *await pages.answer(request.method, path, request.query_string, request.headers, body)
        )

    return app
