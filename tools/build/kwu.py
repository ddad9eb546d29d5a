"""kwhisper-VERSION-ARCH.kwu: a version as a device takes it over the network.

The file's shape stands at the top of firmware/kwhisper/update/package.py. It is signed with the
project's key or its owner's (`kwhisper sign`); without a key the signature is 256 zeros, which no
device takes. The same tree gives the same bytes but for the signature, and that, too, is the same.
"""

import hashlib
import json
import os
import struct
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from kwhisper_tools.paths import ROOT

MAGIC = b"kWu1"
SIGNATURE = 256
BITS, EXPONENT = 2048, 65537
MICROPYTHON = "1.26"  # as official_image.py asks for
KEY_VARIABLE = "KWHISPER_SIGN_KEY"

_HEAD = struct.Struct(f">4sI{SIGNATURE}s")
_BLOCK = 4096
# As MicroPython numbers what native code is for (py/persistentcode.h), and its sub-version.
_ARCHES = {"x86": 1, "x64": 2, "xtensa": 9, "xtensawin": 10, "rv32imc": 11}
_FORMAT, _SUB_VERSION = 6, 3


class BadUpdate(ValueError):
    """A file that is no update, or not what it says; args: why."""


def guard() -> int:
    """The version of boot.py, which its first line tells."""
    return int((ROOT / "boot.py").read_text("utf-8").split("\n")[0].split()[-1])


def manifest(files: dict[str, bytes], march: str, version: str) -> bytes:
    """A line about the version, and a line for each file."""
    rows = [
        {"path": path, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for path, data in sorted(files.items())
    ]
    folders = {path.rpartition("/")[0] for path in files}
    # A file takes whole blocks, a folder two; littlefs keeps the smallest in their folder.
    flash = sum(-(-len(data) // _BLOCK) for data in files.values()) + 2 * len(folders)
    head = {
        "version": version,
        "arch": march,
        "mpy": _ARCHES[march] << 10 | _SUB_VERSION << 8 | _FORMAT,
        "micropython": MICROPYTHON,
        "guard": guard(),
        "bytes": 0,
        "flash": flash * _BLOCK,
    }
    below = "".join(json.dumps(row) + "\n" for row in rows)
    # The whole file's length is part of what it tells.
    contents = sum(len(data) for data in files.values())
    while True:
        text = json.dumps(head) + "\n" + below
        total = _HEAD.size + len(text) + contents
        if head["bytes"] == total:
            return text.encode()
        head["bytes"] = total


def pack(
    files: dict[str, bytes], march: str, version: str, key: rsa.RSAPrivateKey | None = None
) -> bytes:
    """The update of these files, signed if there is a key."""
    told = manifest(files, march, version)
    body = b"".join(data for _, data in sorted(files.items()))
    return _HEAD.pack(MAGIC, len(told), _signature(told, key)) + told + body


def _signature(told: bytes, key: rsa.RSAPrivateKey | None) -> bytes:
    if key is None:
        return bytes(SIGNATURE)
    return key.sign(told, padding.PKCS1v15(), hashes.SHA256())


def head(data: bytes) -> dict:
    """What an update says of its version; BadUpdate if its files are not what it says."""
    told, _, body = _parts(data)
    about, *rows = (json.loads(line) for line in told.splitlines())
    at = 0
    for row in rows:
        part = body[at : at + row["size"]]
        if hashlib.sha256(part).hexdigest() != row["sha256"]:
            raise BadUpdate(f"{row['path']} is damaged")
        at += row["size"]
    if about["bytes"] != len(data) or at != len(body):
        raise BadUpdate(f"it has {len(data)} bytes and should have {about['bytes']}")
    return about


def _parts(data: bytes) -> tuple[bytes, bytes, bytes]:
    if len(data) < _HEAD.size or data[:4] != MAGIC:
        raise BadUpdate("this is not a kWhisper update (.kwu file)")
    _, size, signature = _HEAD.unpack_from(data)
    told = data[_HEAD.size : _HEAD.size + size]
    return told, signature, data[_HEAD.size + size :]


def sign(data: bytes, key: rsa.RSAPrivateKey) -> bytes:
    """The same update with this key's signature."""
    head(data)
    told, _, body = _parts(data)
    return _HEAD.pack(MAGIC, len(told), _signature(told, key)) + told + body


def signed_by(data: bytes, key: rsa.RSAPublicKey) -> bool:
    """Whether the owner of this key signed it."""
    from cryptography.exceptions import InvalidSignature

    told, signature, _ = _parts(data)
    try:
        key.verify(signature, told, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def make_key(path: Path) -> Path:
    """Write a new private key, readable by its owner alone, and beside it the public one, whose
    path is returned. FileExistsError: a key is never written over."""
    key = rsa.generate_private_key(EXPONENT, BITS)
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    place = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(place, "wb") as file:
        file.write(secret)
    beside = path.with_suffix(".pem")
    beside.write_bytes(public_text(key))
    return beside


def public_text(key: rsa.RSAPrivateKey) -> bytes:
    """The public key as a device takes it: PEM."""
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def read_key(path: Path) -> rsa.RSAPrivateKey:
    """A private key that devices can check; BadUpdate says why it is none."""
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise BadUpdate(f"{path}: no private key that can be read: {error}")
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size != BITS:
        raise BadUpdate(f"{path}: not an RSA key of {BITS} bits")
    if key.public_key().public_numbers().e != EXPONENT:
        raise BadUpdate(f"{path}: its exponent is not {EXPONENT}")
    return key


def the_key() -> rsa.RSAPrivateKey | None:
    """The key that KWHISPER_SIGN_KEY names, None if it names none."""
    path = os.environ.get(KEY_VARIABLE)
    return read_key(Path(path)) if path else None


def name(march: str, version: str) -> str:
    """The file's name."""
    return f"kwhisper-{version}-{march}.kwu"


def write(files: dict[str, bytes], march: str, version: str, folder: Path, key=None) -> Path:
    """Write the update of these files into a folder; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name(march, version)
    path.write_bytes(pack(files, march, version, key))
    return path
