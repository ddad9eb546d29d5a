"""Fixtures that every folder of tests shares: paths, captures, builds, MicroPython runtimes."""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from mqtt import authority, faulty_tls
from mqtt.faulty import Faulty
from mqtt.rig import Listener, Mosquitto
from web import chromium

from kwhisper_tools import paths

# Who starts tests in the background may have had Ctrl-C ignored; their programs shall heed it.
signal.signal(signal.SIGINT, signal.default_int_handler)

# No test asserts a time: a machine under load is slow.
settings.register_profile("kwhisper", deadline=None)
settings.load_profile("kwhisper")

CAPTURES = Path(
    os.environ.get("KWHISPER_CAPTURES") or (paths.ROOT / ".." / "shared" / "captures").resolve()
)


# What starts a broker, a browser or a whole device has one of these.
WHOLE = {"board", "browser", "bursts", "chip", "device", "faulty", "home", "house", "mosquitto",
         "on_chip", "running", "site", "start", "stream", "wheel"}  # fmt: skip


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if WHOLE & set(item.fixturenames):
            item.add_marker("whole")


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return paths.ROOT


@pytest.fixture(scope="session")
def once(tmp_path_factory):
    """once(name, make): the folder that make(folder) fills, once for all processes of this run."""
    base = tmp_path_factory.getbasetemp()
    top = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def folder_of(name, make):
        folder, done = top / name, top / f"{name}.done"
        with open(top / f"{name}.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)  # another process skipped in the middle
                folder.mkdir()
                make(folder)
                done.touch()
        return folder

    return folder_of


@pytest.fixture(scope="session")
def captures() -> dict[str, dict]:
    """Every real capture by its id; they lie beside the repo because meter ids are in them."""
    files = sorted(f for name in ("frames", "unsolved") for f in (CAPTURES / name).glob("*.json"))
    if not files:
        pytest.skip(f"no captures in {CAPTURES}: set KWHISPER_CAPTURES to their folder")
    frames = (json.loads(file.read_text()) for file in files)
    return {frame["id"]: frame for frame in frames}


@pytest.fixture(scope="session")
def micropython() -> str:
    """The path of MicroPython's 64-bit unix port."""
    try:
        return paths.micropython()
    except FileNotFoundError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def micropython32() -> list[str]:
    """The command (a list) that starts 32-bit MicroPython, the model of the chips' memory."""
    from kwhisper_tools.host import unix32

    try:
        return unix32.command()
    except unix32.Unavailable as error:
        pytest.skip(str(error))


@pytest.fixture
def folder():
    """In memory where there is such a place: a chip's flash does not wait for this PC's disk."""
    place = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=place) as name:
        yield Path(name)


@pytest.fixture(scope="session")
def certificates(once):
    """A folder with ca.pem, other.pem (another CA), good/expired/client .pem and .key."""
    return once("certificates", authority.make)


@pytest.fixture
def mosquitto(tmp_path):
    """mosquitto(*lines of its configuration) starts the real broker."""
    if not (shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")):
        pytest.skip("no mosquitto: apt-get install mosquitto")
    made = []

    def start(*lines):
        made.append(Mosquitto(tmp_path, lines or ("allow_anonymous true",)))
        return made[-1]

    yield start
    for broker in made:
        broker.kill()


@pytest.fixture
def faulty():
    """faulty(fault) starts a broker that misbehaves; with tls=CONTEXT after its handshake, or
    in it, if the fault is one of faulty_tls."""
    made = []

    def start(fault, refusal=0, tls=None):
        if fault in faulty_tls.FAULTS:
            made.append(faulty_tls.FaultyTls(fault, tls))
        else:
            made.append(Faulty(fault, refusal, tls))
        return made[-1]

    yield start
    for one in made:
        one.close()


@pytest.fixture
def listen():
    """listen(port, topic) -> a client that keeps every message."""
    made = []

    def start(port, topic="#", **more):
        made.append(Listener(port, topic, **more))
        return made[-1]

    yield start
    for one in made:
        one.close()


@pytest.fixture(scope="module")
def browser():
    """Chromium; in a session of its own it would leave asyncio.run() no thread."""
    sync = pytest.importorskip("playwright.sync_api", reason="`make venv` brings playwright")
    program = shutil.which("chromium")
    if not program:
        pytest.skip("chromium is missing: apt-get install chromium")
    with sync.sync_playwright() as p:
        b = p.chromium.launch(**chromium.started(program))
        yield b
        b.close()


def run(command: list[str], script: str, path: list[str] = (), timeout: float = 60) -> str:
    """Run a script on a MicroPython and return what it printed; an error there fails the test."""
    environment = dict(os.environ, MICROPYPATH=":".join([*path, ".frozen"]))
    done = subprocess.run(
        [*command, "-c", script],
        capture_output=True,
        text=True,
        timeout=timeout,
        env=environment,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, f"{' '.join(command)}:\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="session")
def library(root):
    """The path on which a script finds the firmware and the helpers of tests/mqtt."""
    return [str(root / "tests/mqtt"), *paths.library_path()]


@pytest.fixture(scope="session")
def on_micropython():
    """run(command, script, path): a script on a MicroPython runtime."""
    return run
