"""Other ways out than MQTT and the pages: each a module here, loaded only if it is on.

A door is a consumer of Readings (reading(r)), or a task (run()), or both; what it is bounded by
stands at its top. Those that answer at an address of the pages stand in web/routes.json.
"""

import asyncio


def open_doors(device, uart, decoder, consumers):
    """Build and start the doors that the settings want; returns the UART to read from."""
    s = device.settings
    on = s["outlets"].split(",")

    def start(name, door):
        asyncio.create_task(device.keep(name, door.run, True))

    if "raw_tcp" in on:
        from . import raw_tcp

        door = raw_tcp.RawTcp(s["raw_port"], decoder)
        if s["raw_all"] and uart:
            uart = raw_tcp.Tapped(uart, door)
        else:
            consumers.append(door)
        start("raw TCP", door)
    if "serial" in on:
        from . import serial

        try:
            door = serial.SerialOut(device)
            consumers.append(door)
            start("serial out", door)
        except (OSError, ValueError) as e:
            device.note("error", "serial out: no such UART or pin here:", repr(e))
    return uart
