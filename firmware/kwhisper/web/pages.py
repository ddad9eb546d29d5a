"""Which address answers what, and to whom. It knows no server: full.py and mini.py serve it.

GET /  /settings  /settings.json  /data.json  /frame.bin  /kw.css  /kw.js
POST /settings  /settings.json  /restart
In set-up the form is at /, and every address that is not known leads there.
"""

import json

_SECURE = """default-src 'self'; img-src data:; frame-ancestors 'none'; form-action 'self'; \
base-uri 'none'"""
_HTML = "text/html; charset=UTF-8"
_JSON = "application/json; charset=UTF-8"
_STATIC = __file__.rpartition("/")[0] + "/static/"


def _send(body, kind=_HTML, code=200):
    return body, code, {"Content-Type": kind, "Cache-Control": "no-store"}


def _page(parts, code=200):
    answer = _send(parts, _HTML, code)
    answer[2]["Content-Security-Policy"] = _SECURE
    answer[2]["X-Content-Type-Options"] = "nosniff"
    answer[2]["Referrer-Policy"] = "same-origin"
    return answer


def _note(text, code):
    from .text import attribute

    return _page(
        "<!doctype html><meta charset=utf-8><title>kWhisper</title><p>" + attribute(text), code
    )


def _static(name, kind):
    try:
        answer = _page(open(_STATIC + name + ".gz", "rb"))
        answer[2]["Content-Encoding"] = "gzip"
    except OSError:
        answer = _page(open(_STATIC + name, "rb"))  # not built: run from the sources
    answer[2]["Content-Type"] = kind
    if kind != _HTML:
        answer[2]["Cache-Control"] = "max-age=600"
    return answer


class Pages:
    """The answers of one device in one mode. app.port and app.networks (heard last) outlive it."""

    def __init__(self, app, settings, status, live, scan, restart, setup, small):
        self._app = app
        self._settings = settings
        self._status = status
        self._live = live
        self._scan = scan
        self._restart = restart
        self._setup = setup
        self._small = small

    async def answer(self, method, path, query, headers, body):
        """(body, code, headers) for a request; `path` without its first slash.

        The body answered is bytes, text, an open file, or an iterator of text. `headers` has
        lower-case names. `body` is a list of the bytes posted: they are taken out of it, so that
        nobody holds them any longer than it takes to read them.
        """
        post = method == "POST"
        if path == "kw.css":
            return _static(path, "text/css")
        if path == "kw.js":
            return _static(path, "text/javascript")
        if path == ("" if self._setup else "settings"):
            return await self._guarded(
                headers, self._save if post else self._form, body if post else query
            )
        if path == "settings.json":
            return await self._guarded(headers, self._change if post else self._show, body)
        if self._setup:
            return self._portal()
        if post:
            if path == "restart":
                return await self._guarded(headers, self._again, None)
        elif path == "":
            return _static("live.html", _HTML)
        elif path == "data.json":
            return self._data(headers)
        elif path == "frame.bin":
            return await self._guarded(headers, self._frame, None)
        return _note("There is nothing here.", 404)

    def _portal(self):
        # Whatever a phone asks for to find out whether it is online (/generate_204, /ncsi.txt,
        # /hotspot-detect.html, /connecttest.txt, /canonical.html ...) leads to the form.
        port = self._app.port
        answer = _send("", _HTML, 302)
        answer[2]["Location"] = "http://%s%s/" % (
            self._status.ip or "192.168.4.1",
            "" if port == 80 else ":%d" % port,
        )
        return answer

    def _data(self, headers):
        # Without a password, but not for the page of another site (DNS rebinding).
        from . import guard

        own = guard.own_host(headers.get("host", ""), self._settings["host_name"])
        del guard
        self._app.spare("kwhisper.web.guard")
        if not own:
            return _note("Ask by the device's own address: " + str(self._status.ip), 403)
        from .data import pieces

        return _send(pieces(self._settings, self._status, self._live), _JSON)

    async def _guarded(self, headers, page, given):
        """The answer of `page(given)`, if the settings may be seen and changed by this request."""
        from . import guard

        name = self._settings["host_name"]
        if self._setup and not guard.own_host(headers.get("host", ""), name):
            return self._portal()
        if guard.foreign(headers, name):
            text = "Open this page by the device's own address: http://%s/" % self._status.ip
            return _note(text, 403)
        if self._setup or await guard.authorized(headers, self._settings["web_password"]):
            del guard
            headers.clear()  # a quarter of a kilobyte that nobody needs any more
            self._app.spare("kwhisper.web.guard")
            return await page(given)
        answer = _send("Password?", _HTML, 401)
        answer[2]["WWW-Authenticate"] = 'Basic realm="kWhisper"'
        return answer

    async def _networks(self, again):
        if self._setup and (again or not self._app.networks):
            try:
                self._app.networks = await self._scan()
            except (OSError, RuntimeError):
                self._app.networks = ()  # the radio is busy: the name can be typed
        return self._app.networks

    async def _form(self, query, typed=None, errors=None):
        from . import form

        networks = await self._networks(query == "again=1")
        return _page(
            form.page(
                self._settings,
                self._status.problem,
                typed or {},
                errors or {},
                networks,
                self._small,
            ),
            422 if errors else 200,
        )

    async def _save(self, body):
        from . import post

        typed = post.read(body.pop(), self._settings, self._small)
        if typed is None:
            return _note("This form was not complete. Go back and try again.", 400)
        del post
        self._app.spare("kwhisper.web.post")
        errors = self._keep(typed)
        self._app.spare("kwhisper.rules")
        if not errors:
            self._app.spare("kwhisper.fields")
            return self._saved()
        from . import post

        post.retype(typed, errors)
        del post
        self._app.spare("kwhisper.fields", "kwhisper.web.post")
        return await self._form(None, typed, errors)

    def _saved(self):
        from . import saved

        return _page(saved.page(self._settings, self._setup))

    def _keep(self, changes):
        errors = self._settings.change(changes)
        if not errors:
            try:
                self._settings.save()
                self._restart()
            except OSError as e:
                errors[""] = str(e)
        return errors

    async def _again(self, _):
        self._restart()
        return self._saved()

    async def _show(self, _):
        from .data import settings_json

        return _send(settings_json(self._settings), _JSON)

    async def _change(self, body):
        try:
            changes = json.loads(body.pop())
        except ValueError:
            changes = None
        if not isinstance(changes, dict):
            return _send('{"errors":{"":"must be a JSON object"}}', _JSON, 400)
        errors = self._keep(changes)
        if errors:
            return _send(json.dumps({"errors": errors}), _JSON, 422)
        return _send('{"saved":true,"restart":true}', _JSON)

    async def _frame(self, _):
        raw = self._live.raw()
        if not raw:
            return _note("Every list of the meter was understood.", 404)
        answer = _send(raw, "application/octet-stream")
        answer[2]["Content-Disposition"] = 'attachment; filename="frame.bin"'
        return answer
