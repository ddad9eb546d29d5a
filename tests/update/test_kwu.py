"""The file of an update and its signature: made on the PC, checked by what runs on the chip."""

import hashlib
import json
import stat
import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from typer.testing import CliRunner

from kwhisper_tools import cli, paths
from kwhisper_tools.build import kwu
from kwhisper_tools.commands import official_image

FILES = {"kwhisper/app.mpy": bytes(range(256)) * 20, "lib/a/b.mpy": b"b", "lib/empty": b""}


def test_an_update_says_what_is_in_it(keys):
    made = kwu.pack(FILES, "xtensawin", "1.2.3", keys[0])
    about = kwu.head(made)
    assert (about["version"], about["arch"], about["bytes"]) == ("1.2.3", "xtensawin", len(made))
    assert about["mpy"] == 10 << 10 | 3 << 8 | 6
    assert about["flash"] >= sum(map(len, FILES.values()))
    assert kwu.signed_by(made, keys[0].public_key())
    assert not kwu.signed_by(made, keys[1].public_key())
    assert kwu.pack(FILES, "xtensawin", "1.2.3", keys[0]) == made
    assert int(official_image.LEAST[1]) == int(kwu.MICROPYTHON.split(".")[1])


@pytest.mark.parametrize("at", [0, 5, 300, -1, -300])
def test_a_bit_that_fell_over_is_noticed(keys, at):
    made = bytearray(kwu.pack(FILES, "xtensawin", "1.2.3", keys[0]))
    made[at] ^= 1
    try:
        kwu.head(bytes(made))
        sound = kwu.signed_by(bytes(made), keys[0].public_key())
    except ValueError:
        sound = False
    assert not sound


def forged(keys):
    """(the name, signature, digest, key) of what must not hold, and the first, which does."""
    key, other, _ = keys
    told = b"a manifest"
    digest = hashlib.sha256(told).digest()
    good = kwu._signature(told, key)
    pem = kwu.public_text(key).decode()
    n = key.public_key().public_numbers().n
    d = key.private_numbers().d

    def made(block):
        return pow(int.from_bytes(block, "big"), d, n).to_bytes(256, "big")

    info = bytes.fromhex("3031300d060960864801650304020105000420") + digest
    whole = b"\0\1" + b"\xff" * (256 - 3 - len(info)) + b"\0" + info
    assert made(whole) == good, "this is how a signature is made"
    small = rsa.generate_private_key(65537, 1024)
    yield "good", good, digest, pem
    yield "another digest", good, hashlib.sha256(b"another").digest(), pem
    yield "another key", good, digest, kwu.public_text(other).decode()
    yield "nothing", bytes(256), digest, pem
    yield "one", bytes(255) + b"\1", digest, pem
    yield "the modulus more", (int.from_bytes(good, "big") + n).to_bytes(257, "big"), digest, pem
    yield "short", good[:-1], digest, pem
    yield "a zero ahead", b"\0" + good, digest, pem
    # The digest at the end of a block that is not filled as it must be.
    yield "no filling", made(b"\0\1\0" + bytes(253 - len(info)) + info), digest, pem
    yield "rubbish behind", made(b"\0\1\xff\0" + info + b"\7" * (252 - len(info))), digest, pem
    yield "kind 2", made(b"\0\2" + whole[2:]), digest, pem
    yield "no kind of digest", made(b"\0\1" + b"\xff" * 221 + b"\0" + digest), digest, pem
    yield "a small key", good, digest, kwu.public_text(small).decode()
    yield "no key", good, digest, ""
    yield "rubbish for a key", good, digest, "-----BEGIN PUBLIC KEY-----\n!!\n-----END-----"


@pytest.mark.parametrize("runtime", ["micropython", "micropython32"])
def test_the_chip_takes_the_signature_and_nothing_like_it(keys, request, on_micropython, runtime):
    command = request.getfixturevalue(runtime)
    cases = [(n, s.hex(), d.hex(), p) for n, s, d, p in forged(keys)]
    script = (
        "import sys, json\nfrom binascii import unhexlify\nimport builtins\n"
        "builtins.const = lambda value: value\n"
        "import signature\n"
        f"for name, s, d, pem in json.loads({json.dumps(json.dumps(cases))}):\n"
        "    if signature.holds(unhexlify(s), unhexlify(d), pem): print(name)\n"
    )
    place = paths.FIRMWARE / "kwhisper" / "update"
    command = [command] if isinstance(command, str) else command
    assert on_micropython(command, script, [str(place)]) == "good\n"


def test_the_projects_key_is_one_that_devices_can_check(on_micropython, micropython):
    place = paths.FIRMWARE / "kwhisper" / "update"
    script = (
        "import builtins\nbuiltins.const = lambda value: value\nimport signature\n"
        f"print(signature.modulus(open({str(place / 'project.pem')!r}).read()) >> 2047)"
    )
    assert on_micropython([micropython], script, [str(place)]) == "1\n"
    listed = subprocess.run(
        ["git", "ls-files"], cwd=paths.ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    found = [name for name in listed if name.endswith((".pem", ".key"))]
    assert found
    for name in found:
        assert b"PRIVATE" not in (paths.ROOT / name).read_bytes(), name


def run(*arguments):
    return CliRunner().invoke(cli.make(list(arguments)), list(arguments))


def test_a_key_is_made_once_and_signs(tmp_path):
    key, file = tmp_path / "my.key", tmp_path / "a.kwu"
    file.write_bytes(kwu.pack(FILES, "xtensawin", "1.2.3"))
    done = run("sign", "--new-key", str(key), str(file))
    assert done.exit_code == 0, done.output
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    private = kwu.read_key(key)
    assert kwu.signed_by(file.read_bytes(), private.public_key())
    assert (tmp_path / "my.pem").read_bytes() == kwu.public_text(private)
    before = key.read_bytes()
    assert run("sign", "--new-key", str(key)).exit_code != 0
    assert key.read_bytes() == before
    file.write_bytes(file.read_bytes()[:-1])
    assert run("sign", "--key", str(key), str(file)).exit_code != 0
    assert run("sign", str(file)).exit_code != 0


def test_keys_that_no_device_could_check_are_refused(tmp_path):
    from cryptography.hazmat.primitives import serialization

    for key in (rsa.generate_private_key(65537, 3072), rsa.generate_private_key(3, 2048)):
        path = tmp_path / "other.key"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        with pytest.raises(kwu.BadUpdate):
            kwu.read_key(path)
    path.write_bytes(b"no key")
    with pytest.raises(kwu.BadUpdate):
        kwu.read_key(path)


def test_the_build_writes_updates_signed_with_the_key_that_it_is_given(tmp_path):
    key = tmp_path / "my.key"
    kwu.make_key(key)
    done = run("build", "--chip", "demo", "--out", str(tmp_path), "--key", str(key))
    assert done.exit_code == 0, done.output
    (made,) = tmp_path.glob("kwhisper-*-x64.kwu")
    assert kwu.signed_by(made.read_bytes(), kwu.read_key(key).public_key())
    assert kwu.head(made.read_bytes())["arch"] == "x64"
