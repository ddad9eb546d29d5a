"""As much of an HTTP server as the pages need, where microdot's 8 KB are most of what is left."""

_CHUNK = 256


async def answer(line, pages, reader, writer):
    """Reads the request that begins with `line`, writes the answer of `pages`, closes."""
    if not line:
        return
    code, fields, body, head = 400, {}, b"Bad request", False
    try:
        method, url, _ = str(line, "utf-8").split()
        headers, size = await _headers(reader)
        head = method == "HEAD"
        if size > pages.body_bytes:
            code, body = 413, b"Too large"
        elif method not in ("GET", "HEAD", "POST"):
            code, body = 405, b"Not allowed"
        else:
            body = [await reader.readexactly(size) if size else b""]
            path, _, query = url.partition("?")
            body, code, fields = await pages.answer(method, path[1:], query, headers, body)
    except ValueError:
        pass  # it is no request: 400
    await writer.awrite(b"HTTP/1.0 %d %s\r\n" % (code, b"OK" if code == 200 else b"-"))
    for name in fields:
        await writer.awrite(("%s: %s\r\n" % (name, fields[name])).encode())
    await writer.awrite(b"\r\n")
    if not head:
        await _write(writer, body)
    await writer.aclose()


async def _headers(reader):
    headers = {}
    while True:
        line = str(await reader.readline(), "utf-8").strip()
        if not line:
            return headers, int(headers.get("content-length", 0))
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()


async def _write(writer, body):
    if hasattr(body, "read"):
        try:
            while True:
                part = body.read(_CHUNK)
                if not part:
                    return
                await writer.awrite(part)
        finally:
            body.close()
    elif isinstance(body, (bytes, str)):
        await writer.awrite(body if isinstance(body, bytes) else body.encode())
    else:
        for part in body:
            await writer.awrite(part.encode() if isinstance(part, str) else part)
