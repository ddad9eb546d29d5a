"""``kwhisper update HOST FILE``: brings a version to a device over the network, and waits until
the device has confirmed it or went back.
"""

import base64
import http.client
import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

import typer

from kwhisper_tools.build import kwu

_ANSWER_S = 60
_LOOK_EVERY_S = 2
_PIECE = 4096
_READY_S = 120
# Three starts of seven minutes, and those that boot.py cuts short.
_LONGEST_S = 1800


class Failed(Exception):
    """args: why, for the user."""


@dataclass
class Device:
    """A device on the network: HOST or HOST:PORT, and the password of its pages."""

    host: str
    password: str = ""

    def ask(
        self, path: str, body: bytes | None = None, sent: Callable[[int], None] = lambda n: None
    ) -> tuple[int, str]:
        """(code, text) of the answer; a body is posted, sent(bytes) tells how far it is."""
        name, _, port = self.host.partition(":")
        # By its address: the device takes no request for a name that it does not know as its own.
        address = socket.gethostbyname(name)
        connection = http.client.HTTPConnection(address, int(port or 80), timeout=_ANSWER_S)
        try:
            connection.putrequest("GET" if body is None else "POST", path)
            if self.password:
                coded = base64.b64encode(f"kwhisper:{self.password}".encode()).decode()
                connection.putheader("Authorization", f"Basic {coded}")
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders()
            for start in range(0, len(body or b""), _PIECE):
                connection.send(body[start : start + _PIECE])
                sent(min(len(body), start + _PIECE))
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        finally:
            connection.close()

    def state(self) -> dict:
        """/update.json; OSError while it starts."""
        code, text = self.ask("/update.json")
        if code == HTTPStatus.SERVICE_UNAVAILABLE:
            raise OSError(text)  # it is busy
        if code == HTTPStatus.NOT_FOUND:
            raise Failed("its version takes no updates yet: use `kwhisper flash` this once")
        if code != HTTPStatus.OK:
            raise Failed(text)
        return json.loads(text)


def fitting(about: dict, state: dict) -> str | None:
    """Why a device cannot take this update, as far as it is known before it is sent."""
    if state["slot"] is None:
        return "the device has no slots: use `kwhisper flash`"
    if about["mpy"] != state["mpy"]:
        return f"the file is for {about['arch']}, the device has another chip"
    return None


def wait(device: Device, version: str, say: Callable[[str], None]) -> None:
    """Until the version is confirmed; Failed if it is not."""
    end = time.monotonic() + _LONGEST_S
    told = None
    while time.monotonic() < end:
        time.sleep(_LOOK_EVERY_S)
        try:
            state = device.state()
        except (OSError, http.client.HTTPException, ValueError):
            continue  # it starts, or is busy
        if state["failed"]:
            raise Failed(
                f"{state['failed']} was taken back: {state['version']} runs as before. "
                "The device's log may say why."
            )
        if state["version"] == version and state["state"] == "trial" and told is None:
            told = (
                f"{version} runs on trial: it has to read the meter and find its broker for 60 s"
            )
            say(told)
        if state["version"] == version and state["state"] == "settled":
            return
    raise Failed("the device gave no sign that it has confirmed the update; look at its page")


def until(device: Device, found: Callable[[dict], bool]) -> None:
    """Until its state is found to be as wanted; Failed if it does not come back at all."""
    end = time.monotonic() + _READY_S
    while time.monotonic() < end:
        try:
            if found(device.state()):
                return
        except (OSError, http.client.HTTPException, ValueError):
            pass  # it starts
        time.sleep(_LOOK_EVERY_S)
    raise Failed("it did not come back for the update; try again")


def _send(device: Device, data: bytes, older: bool) -> tuple[int, str]:
    from rich.progress import Progress

    path = "/update?older=1" if older else "/update"
    with Progress(transient=True) as progress:
        task = progress.add_task("sending", total=len(data))
        return device.ask(path, data, lambda n: progress.update(task, completed=n))


def update(
    host: Annotated[str, typer.Argument(help="The device's name or address, as kwhisper.local.")],
    file: Annotated[
        Path, typer.Argument(help="The update, a .kwu file.", exists=True, dir_okay=False)
    ],
    password: Annotated[
        str,
        typer.Option(
            help="Of the device's pages; asked for if needed.", envvar="KWHISPER_PASSWORD"
        ),
    ] = "",
    older: Annotated[
        bool, typer.Option("--older", help="Bring a version older than the one that runs.")
    ] = False,
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="Do not wait until it is confirmed.")
    ] = False,
) -> None:
    """Bring a version to a device over the network."""
    data = file.read_bytes()
    device = Device(host, password)
    try:
        about = kwu.head(data)
        state = device.state()
        if why := fitting(about, state):
            raise Failed(why)
        typer.echo(f"{host} runs {state['version']} (slot {state['slot']}); bringing {file.name}")
        code, text = _send(device, data, older)
        if code == HTTPStatus.UNAUTHORIZED and not device.password:
            device.password = typer.prompt("Password of its pages", hide_input=True)
            code, text = _send(device, data, older)
        if code == HTTPStatus.ACCEPTED:
            typer.echo("The device restarts to have the memory for it; sending it again then")
            until(device, lambda state: state["state"] == "ready")
            code, text = _send(device, data, older)
        if code != HTTPStatus.OK:
            raise Failed(f"the device refused it: {text}")
        typer.echo(f"{about['version']} is written; the device restarts")
        if not no_wait:
            wait(device, about["version"], typer.echo)
            typer.echo(f"{about['version']} is confirmed")
    except (Failed, kwu.BadUpdate) as error:
        raise SystemExit(f"update: {error}")
    except (OSError, http.client.HTTPException) as error:
        raise SystemExit(f"update: {host}: {error or type(error).__name__}")
