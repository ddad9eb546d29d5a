"""Other ways out than MQTT and the pages: each a module here, loaded only if it is on.

A door is a consumer of Readings (reading(r)) or a format (messages(r, context)), and has a task,
run(); what it is bounded by stands at its top. Those that answer at an address of the pages stand
in web/routes.json. A door that cannot be opened is told, and the meter is read all the same.
"""

import asyncio

from .. import fault_of

_RMII = (19, 21, 22, 25, 26, 27)  # of an ESP32's own Ethernet
# The settings with the pins of a door.
_PINS = {
    "serial": ("serial_pin",),
    "ds18b20": ("ds_pin",),
    "display": ("display_sda", "display_scl"),
}


def open_doors(device, uart, decoder, consumers, publisher):
    """Build and start the doors that the settings want; returns the UART to read from."""
    s = device.settings
    needed = taken(device.board, s["meter"])
    for name in s["outlets"].split(","):
        clash = [s[pin] for pin in _PINS.get(name, ()) if s[pin] in needed]
        if clash:
            device.note("error", name, "does not work here: pin", clash[0], "is used by the board")
            continue
        try:
            door = made(name, device, decoder, publisher)
        except Exception as e:
            device.note("error", name, "does not work here:", fault_of(e))
            continue
        if door is None:
            continue
        if name == "raw_tcp" and s["raw_all"] and uart:
            from .raw_tcp import Tapped

            uart = Tapped(uart, door)
        elif hasattr(door, "messages"):
            publisher.formats.append(door)
        else:
            consumers.append(door)
        asyncio.create_task(device.keep(name, door.run, True))
    return uart


def taken(board, meter):
    """The pins that the board needs itself."""
    pins = [board.rx, board.tx, board.button, board.led, board.adc]
    if meter[:3] == "mep":
        pins.append(board.enable)
    wired = board.ethernet or {}
    if "mdc" in wired:
        pins += _RMII
    for name in wired:
        if name != "phy_addr":
            pins += wired[name] if name == "spi" else [wired[name]]
    supply = board.supply or {}
    return pins + [supply.get(name) for name in ("store", "power_fail", "bus")]


def made(name, device, decoder, publisher):
    """The door of this name; None for those that are only an address of the pages."""
    if name == "raw_tcp":
        from .raw_tcp import RawTcp

        return RawTcp(device.settings["raw_port"], decoder)
    if name == "serial":
        from .serial import SerialOut

        return SerialOut(device)
    if name == "ds18b20":
        from .ds18b20 import Thermometers

        return Thermometers(device)
    if name == "display":
        from .display import Display

        return Display(device, publisher)
    if name == "broker2" and device.settings["broker2_host"]:
        from .second_broker import SecondBroker

        return SecondBroker(device, publisher)
