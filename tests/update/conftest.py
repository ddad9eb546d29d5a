"""A device that takes updates, on the pretended chip; and updates for it."""

import json
import time
from contextlib import suppress

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from system.waiting import PATIENCE, until

from kwhisper_tools.build import dist, kwu, tree
from kwhisper_tools.commands import update
from kwhisper_tools.host import Device

PASSWORD = "correct horse"


@pytest.fixture(scope="session")
def keys():
    """(the project's private key of these tests, an owner's, a stranger's)."""
    return tuple(rsa.generate_private_key(kwu.EXPONENT, kwu.BITS) for _ in range(3))


def tree_of(version, key, more=None, within=150):
    """{path: data} of the whole application as sources, called `version`, that trusts `key`; a
    trial takes seconds, `within` at most. `more`: {path: (a piece of its text, what stands there
    instead)}; without a piece it is put to the end."""
    now = dist.version("kwhisper", "VERSION")
    changes = {
        "kwhisper/__init__.py": (f'"{now}"', f'"{version}"'),
        "kwhisper/update/trial.py": ("_GOOD_S = const(60)", "_GOOD_S = const(2)"),
        **(more or {}),
    }
    files = {}
    for place, source in tree.of_the_esp32().items():
        if place.startswith("lib/umqtt/"):
            continue
        path, data = tree.packed(place, source.read_bytes())
        if place in changes:
            old, new = (text.encode() for text in changes.pop(place))
            assert old in data, f"{place} has no {old}"
            data = data.replace(old, new) if old else data + new
        files[path] = data
    assert not changes, f"{set(changes)}: no such files"
    files["kwhisper/update/trial.py"] = files["kwhisper/update/trial.py"].replace(
        b"_WITHIN_S = const(300)", b"_WITHIN_S = const(%d)" % within
    )
    files["kwhisper/update/project.pem"] = kwu.public_text(key)
    return files


class Home:
    """A device that runs in slot a and trusts the first of the keys, and what one does with it."""

    def __init__(self, folder, micropython, keys, edits=None, uart=None, **settings):
        self.device = Device(folder, micropython=[micropython], uart=uart)
        self.key, self.owner, self.stranger = keys
        self.device.install("a")
        slot = self.device.flash / "slots" / "a"
        pem = slot / "kwhisper" / "update" / "project.pem"
        pem.write_bytes(kwu.public_text(self.key))
        for path, (old, new) in (edits or {}).items():
            text = (slot / path).read_text()
            assert old in text
            (slot / path).write_text(text.replace(old, new))
        if settings:
            self.device.settings(**settings)
        self.device.power_on()
        self.until(lambda: self.state())

    def until(self, found, seconds=0):
        """What found() gives, once it gives something."""
        return until(found, seconds, said=lambda: "\n".join(self.device.output))

    def ask(self, path, body=None, password=PASSWORD):
        """(code, text) of a request; a body is posted."""
        return update.Device(f"127.0.0.1:{self.device.web_port}", password).ask(path, body)

    def state(self):
        """/update.json."""
        code, text = self.ask("/update.json")
        if code == 503:
            raise OSError(text)  # it is busy, and will be back
        assert code == 200, text
        return json.loads(text)

    def pack(self, version, more=None, march="x64", within=150):
        """An update signed with the project's key."""
        return kwu.pack(tree_of(version, self.key, more, within), march, version, self.key)

    def bring(self, update, query=""):
        """Post an update that is taken."""
        code, text = self.ask("/update" + query, update)
        assert code == 200, text

    def settled(self, version):
        """Wait until this version runs and is confirmed."""
        return self.until(
            lambda: (s := self.state())["version"] == version and s["state"] == "settled" and s
        )

    def files(self):
        """All files of the device's flash but what changes as it runs."""
        flash = self.device.flash
        return {
            p.relative_to(flash).as_posix(): p.read_bytes()
            for p in flash.rglob("*")
            if p.is_file() and p.relative_to(flash).parts[0] in ("slots", "slot", "slot.try")
        }


@pytest.fixture
def home(tmp_path, micropython, keys):
    """home(**settings): a Home whose device runs."""
    made = []

    def start(**settings):
        known = {
            "wifi_ssid": "Fjellheim",
            "wifi_password": "kwhisper-demo",
            "web_password": PASSWORD,
        }
        folder = tmp_path / str(len(made))
        made.append(Home(folder, micropython, keys, **(known | settings)))
        return made[-1]

    yield start
    for one in made:
        one.device.power_cut()
        print(*one.device.output, sep="\n")


# So long the whole of an update may take, for a test.
HURRIED = {"kwhisper/update/__init__.py": ("const(1200000)", "const(3000)")}


def trickle(connection, data):
    """Send half of it, and then a byte now and then, as long as somebody takes it."""
    half = len(data) // 2
    with suppress(OSError):
        connection.sendall(data[:half])
        for at in range(half, half + 4 * int(PATIENCE)):
            connection.sendall(data[at : at + 1])
            time.sleep(0.25)
