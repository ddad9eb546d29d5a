"""A device on the network, asked as its pages ask it: for update, backup, restore and reset."""

import base64
import http.client
import json
import socket
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

import typer

_ANSWER_S = 60
_PIECE = 4096
WRONG_PASSWORD = "wrong password"

Host = Annotated[str, typer.Argument(help="The device's name or address, as kwhisper.local.")]
Password = Annotated[
    str,
    typer.Option(
        prompt=True,
        hide_input=True,
        envvar="KWHISPER_PASSWORD",
        help="Password of the device's pages.",
    ),
]


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
        if port and not port.isdecimal():
            raise OSError("the port after the colon must be a number")
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


def unreachable(host: str, error: Exception) -> str:
    """What to say of a device that gave no answer."""
    return f"{host}: {error or type(error).__name__}; `kwhisper find` shows the devices there are"


def told(host: str, password: str, path: str, body: dict | None = None) -> dict:
    """The object that a device answers to a request, or to one with this body; ends the command
    with its words if it refuses, and with what to do if it is not there."""
    data = None if body is None else json.dumps(body).encode()
    try:
        code, text = Device(host, password).ask(path, data)
    except (OSError, http.client.HTTPException) as error:
        typer.echo(unreachable(host, error), err=True)
        raise typer.Exit(1) from None
    try:
        found = json.loads(text)
        if code == HTTPStatus.OK:
            return found
        text = "; ".join(f"{name} {fault}".strip() for name, fault in found["errors"].items())
    except (ValueError, KeyError):
        text = text.partition("\n")[0]  # plain words; or another's page, of many lines
    if code == HTTPStatus.UNAUTHORIZED:
        text = WRONG_PASSWORD
    typer.echo(f"refused: {text}", err=True)
    raise typer.Exit(1)
