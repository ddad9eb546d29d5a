"""A certificate authority for the tests: right, wrong, expired and for another host."""

import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)


def _name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(subject, issuer, key, signer, host=None, since=-2, until=365):
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + since * DAY)
        .not_valid_after(now + until * DAY)
        .add_extension(x509.BasicConstraints(ca=subject == issuer, path_length=None), True)
    )
    if host:
        names = x509.SubjectAlternativeName([x509.DNSName(host)])
        builder = builder.add_extension(names, False)
    return builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _key():
    return ec.generate_private_key(ec.SECP256R1())


def make(folder):
    """Write every certificate and key into the folder."""
    ca, other, server, client = _key(), _key(), _key(), _key()
    files = {
        "ca.pem": _certificate("Home CA", "Home CA", ca, ca),
        "other.pem": _certificate("Other CA", "Other CA", other, other),
        "good.pem": _certificate("broker", "Home CA", server, ca, "localhost"),
        "expired.pem": _certificate("broker", "Home CA", server, ca, "localhost", -30, -1),
        "elsewhere.pem": _certificate("broker", "Home CA", server, ca, "example.org"),
        "client.pem": _certificate("meter", "Home CA", client, ca),
    }
    for name, key in (("server.key", server), ("client.key", client)):
        files[name] = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    for name, data in files.items():
        (folder / name).write_bytes(data)
