"""``kwhisper update HOST FILE``: brings a version to a device over the network, and waits until
the device has confirmed it or went back.
"""

import http.client
import time
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

import typer

from kwhisper_tools.build import kwu

from .device import WRONG_PASSWORD, Device, Failed, Host, unreachable

_LOOK_EVERY_S = 2
_READY_S = 120
# Three starts of seven minutes, and those that boot.py cuts short.
_LONGEST_S = 1800


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
                f"{state['failed']} did not work: {state['version']} runs again. "
                "The device's log may say why."
            )
        if state["version"] == version and state["state"] == "trial" and told is None:
            told = (
                f"{version} runs on trial: it has to read the meter and find its broker for 60 s"
            )
            say(told)
        if state["version"] == version and state["state"] == "settled":
            return
    raise Failed("the device did not confirm the update; look at its page")


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
    host: Host,
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
        bool, typer.Option("--older", help="Install a version older than the one that runs.")
    ] = False,
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="Do not wait until it is confirmed.")
    ] = False,
) -> None:
    """Update a device over the network."""
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
        if code == HTTPStatus.UNAUTHORIZED:
            raise Failed(WRONG_PASSWORD)
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
        raise SystemExit(f"update: {unreachable(host, error)}")
