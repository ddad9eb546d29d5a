"""TLS towards the broker: its certificate is checked against the user's CA and its name."""

import ssl
from binascii import a2b_base64

from .connect import Ended, until

_WITHIN = const(20)
_ALLOC_FAILED = const(16)


async def secure(packets, sock, settings, second):
    """The socket under TLS; the handshake is done by the first write, that of the CONNECT which
    waits in the packets."""
    host = settings["mqtt_host"]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_mode = ssl.CERT_REQUIRED
    fault = "ca"
    try:
        for der in _ders(settings, "mqtt_ca"):
            context.load_verify_locations(cadata=der)
        fault = "cert"
        certificate = next(_ders(settings, "mqtt_cert"), None)
        if certificate:
            context.load_cert_chain(certificate, next(_ders(settings, "mqtt_key")))
    except (ValueError, OSError, StopIteration):
        raise Ended(fault)
    try:
        sock = context.wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)
        if await until(lambda: packets.drain(sock), _WITHIN * second):
            return sock
    except (OSError, ValueError) as e:
        # the TLS module reports a certificate that it does not accept as either
        text = " ".join(str(e).split())
        # MicroPython tells mbedTLS's want of memory as ENOMEM, as a text, or as number 16.
        if "ENOMEM" in text or "ALLOC" in text or e.args[0] == _ALLOC_FAILED:
            raise Ended("tls memory")
        raise Ended("verify" if "VERIFY" in text or "cert" in text.lower() else "tls", text)
    raise Ended("secure", host)


def _ders(settings, name):
    """Every certificate or key of a PEM text as DER, which all ports' TLS can read."""
    body = None
    for line in settings.lines(name):
        if line.startswith("-----END"):
            yield bytes(body)
            body = None
        elif line.startswith("-----"):
            body, rest = bytearray(), ""
        elif body is not None:
            # Four letters are three bytes, however the lines are broken.
            rest += line.strip()
            whole = len(rest) & ~3
            body += a2b_base64(rest[:whole])
            rest = rest[whole:]
