"""TLS towards the broker: its certificate is checked against the user's CA and its name."""

import ssl
from binascii import a2b_base64


def wrap(sock, settings):
    """The socket under TLS; the handshake is done by its first write, without waiting.

    ValueError, in words for the user, if a certificate or key in the settings cannot be read.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.verify_mode = ssl.CERT_REQUIRED
    try:
        for der in _ders(settings["mqtt_ca"]):
            context.load_verify_locations(cadata=der)
    except (ValueError, OSError):
        raise ValueError("the CA certificate in the settings cannot be read")
    if settings["mqtt_cert"]:
        try:
            certificate = next(_ders(settings["mqtt_cert"]))
            context.load_cert_chain(certificate, next(_ders(settings["mqtt_key"])))
        except (ValueError, OSError, StopIteration):
            raise ValueError("the client certificate or its key cannot be read")
    name = settings["mqtt_host"]
    return context.wrap_socket(sock, server_hostname=name, do_handshake_on_connect=False)


def fault(e):
    """What went wrong in the handshake, for the user."""
    text = " ".join(str(e).split())
    if "VERIFY" in text or "cert" in text.lower():
        return "the broker's certificate is not accepted: " + text
    return "no TLS with the broker: " + text


def _ders(pem):
    """Every certificate or key of a PEM text as DER, which all ports' TLS can read."""
    body = None
    for line in pem.split("\n"):
        if line.startswith("-----END"):
            yield a2b_base64("".join(body or ()))
            body = None
        elif line.startswith("-----"):
            body = []
        elif body is not None:
            body.append(line.strip())
