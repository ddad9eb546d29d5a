"""As much of an HTTP server as the pages need, where microdot's 8 KB are most of what is left."""

_CHUNK = 256


async def read(line, most, reader):
    """The request that begins with `line` as Pages.answer() takes it, its body up to `most` bytes;
    or, if there is something wrong with it, the answer: body, code, headers."""
    try:
        method, url, _ = str(line, "utf-8").split()
        headers, size = await _headers(reader)
        if size > most:
            return b"Too large", 413, {}
        if method not in ("GET", "HEAD", "POST"):
            return b"Not allowed", 405, {}
        body = [await reader.readexactly(size) if size else b""]
    except ValueError:
        return b"Bad request", 400, {}
    path, _, query = url.partition("?")
    return method, path[1:], query, headers, body


async def write(body, code, headers, head, writer):
    """Writes an answer, without its body if `head`, and closes."""
    await writer.awrite(b"HTTP/1.0 %d %s\r\n" % (code, b"OK" if code == 200 else b"-"))
    for name in headers:
        await writer.awrite(("%s: %s\r\n" % (name, headers[name])).encode())
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
