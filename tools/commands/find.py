"""``kwhisper find``: the devices of this network, by multicast DNS.

A device that announces itself is found whatever its name; one that does not still answers to its
name, which is asked for.
"""

import http.client
import json
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

import typer

_KIND = "_kwhisper._tcp.local."
_ANSWER_S = 4
_MS = 1000


@dataclass(order=True)
class Found:
    """A device: its name, where its pages are, what it is."""

    name: str
    address: str
    version: str = ""
    board: str = ""
    note: str = ""


def about(address: str, port: int = 80) -> Found | None:
    """What the device at an address says of itself; None if none of ours answers there."""
    connection = http.client.HTTPConnection(address, port, timeout=_ANSWER_S)
    try:
        connection.request("GET", "/device.json")
        answer = connection.getresponse()
        if answer.status != HTTPStatus.OK:
            return None
        said = json.loads(answer.read())
        note = "set-up" if said["mode"] == "setup" else said["problem"] or ""
        return Found(said["name"], address, said["version"], said["board"], note)
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        return None
    finally:
        connection.close()


def search(names: Iterable[str], seconds: float) -> list[Found]:
    """All that answer within so many seconds."""
    from zeroconf import AddressResolverIPv4, IPVersion, ServiceBrowser, ServiceListener, Zeroconf

    services: set[str] = set()

    class Listener(ServiceListener):
        """Keeps the names of the services."""

        def add_service(self, _zc, _type, name):
            services.add(name)

        def update_service(self, _zc, _type, name):
            services.add(name)

        def remove_service(self, _zc, _type, name):
            services.discard(name)

    found: dict[str, Found] = {}

    def by_name(network: Zeroconf, name: str) -> None:
        resolver = AddressResolverIPv4(f"{name.removesuffix('.local')}.local.")
        if resolver.request(network, seconds * _MS):
            for address in resolver.parsed_addresses(IPVersion.V4Only):
                device = about(address)
                if device:
                    found.setdefault(address, device)

    with Zeroconf() as network:
        browser = ServiceBrowser(network, _KIND, Listener())
        asked = [threading.Thread(target=by_name, args=(network, name)) for name in names]
        for thread in asked:
            thread.start()
        threading.Event().wait(seconds)
        for thread in asked:
            thread.join()
        for name in list(services):
            info = network.get_service_info(_KIND, name, _ANSWER_S * _MS)
            if not info:
                continue  # it has left
            said = info.decoded_properties
            for address in info.parsed_addresses(IPVersion.V4Only):
                found[address] = about(address, info.port or 80) or Found(
                    name.removesuffix("." + _KIND),
                    address,
                    said.get("version") or "",
                    said.get("board") or "",
                )
        browser.cancel()
    return sorted(found.values())


def find(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Names of devices that do not announce themselves; else: kwhisper."),
    ] = None,
    seconds: Annotated[float, typer.Option(min=1, max=60, help="How long to listen.")] = 4,
) -> None:
    """The devices of this network: name, address, version, board."""
    try:
        devices = search(names or ["kwhisper"], seconds)
    except OSError as error:
        raise SystemExit(f"find: this computer has no multicast DNS: {error}")
    if not devices:
        raise SystemExit(
            "find: no device answered. It is found by its name, kwhisper unless you gave it "
            "another one (kwhisper find NAME), or by any if its setting Announce the device is "
            "on. Some routers keep WiFi and cable apart: they list its address."
        )
    width = max(len(device.name) for device in devices)
    for d in devices:
        line = f"{d.name:{width}}  http://{d.address}/  {d.version}  {d.board}  {d.note}"
        # What strangers say may hold a terminal's commands.
        typer.echo("".join(c for c in line.rstrip() if c.isprintable()))
