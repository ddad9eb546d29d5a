"""A broker to measure with: mosquitto when it is installed, else amqtt inside this process."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from kwhisper_tools.host import free_port

_START_SECONDS = 10
# Debian puts servers where a user's PATH does not look.
_SERVERS = "/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin"
# A queue that holds what a burst brings: the broker's own default of 1,000 messages is for
# subscribers that are slow, and what it drops would be counted as the fleet's loss.
_CONFIG = """\
listener {port} 127.0.0.1
allow_anonymous true
max_queued_messages 100000
set_tcp_nodelay true
"""


class NoBroker(Exception):
    """No broker is to be had, and why."""


def mosquitto() -> str | None:
    """The path of mosquitto, or None."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path=_SERVERS)


def reach(host: str, port: int) -> None:
    """Raise NoBroker unless somebody listens there."""
    try:
        socket.create_connection((host, port), 3).close()
    except OSError as error:
        raise NoBroker(f"no broker at {host}:{port}: {error}") from None


@contextlib.contextmanager
def broker(given: tuple[str, int] | None = None) -> Iterator[tuple[str, int, str, int | None]]:
    """(host, port, name, process id or None) of the broker given, or of one started here."""
    if given:
        reach(*given)
        yield *given, f"broker at {given[0]}:{given[1]}", None
        return
    program = mosquitto()
    if not program:
        from kwhisper_tools.host.embedded_broker import EmbeddedBroker

        embedded = EmbeddedBroker()
        try:
            yield "127.0.0.1", embedded.port, "amqtt, in this process", None
        finally:
            embedded.close()
        return
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="kwhisper-broker-") as folder:
        config = Path(folder) / "mosquitto.conf"
        user = f"user {_user()}\n"
        config.write_text(_CONFIG.format(port=port) + user)
        process = subprocess.Popen(
            [program, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            _await(port, process)
            yield "127.0.0.1", port, _version(program), process.pid
        finally:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)


def _user() -> str:
    # started as root mosquitto would turn into another user, who cannot read the config
    import pwd

    return pwd.getpwuid(os.getuid()).pw_name


def _await(port: int, process: subprocess.Popen) -> None:
    end = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise NoBroker("mosquitto does not start")


def _version(program: str) -> str:
    done = subprocess.run([program, "-h"], capture_output=True, text=True, timeout=5)
    words = (done.stdout or done.stderr).split("\n")[0].split()
    return " ".join(words[:3]) or "mosquitto"
