"""Multicast DNS (RFC 6762) for the device's name and services; MicroPython's own responder knows
the name alone.

The two cannot share the port: whoever is first has it. So services.door() is called before the
radio starts, and the name is answered here, too. Only this ear stays in memory: services.py, which
understands and answers, is loaded for what may be meant for the device, twice a second at most.
"""

import asyncio
import select
import time

from .. import let_go

_MOST = const(512)  # bytes of a packet; its questions come first
_STEP_MS = const(200)
_APART_MS = const(500)
_AT_A_STRETCH = const(8)
_AGAIN_S = const(10)
_LOADED = const("kwhisper.network.services")


def ear(device, sock):
    """run(), which tells the network the device's name and services, then answers, for ever."""
    poll = select.poll()
    poll.register(sock, select.POLLIN)

    async def run():
        ip = None
        last = time.ticks_ms()
        while True:
            await asyncio.sleep_ms(_STEP_MS)
            if ip != device.status.ip:
                ip = device.status.ip
                if ip:
                    from .services import begin

                    try:
                        await begin(device, sock, poll)
                    except OSError:
                        ip = None  # the network is gone again
                        await asyncio.sleep(_AGAIN_S)
                    del begin
                    let_go(_LOADED)
            for _ in range(_AT_A_STRETCH):
                if not any(poll.ipoll(0)):
                    break
                packet, source = sock.recvfrom(_MOST)
                # Of a query days ago ticks say that it is still to come.
                quick = 0 <= time.ticks_diff(time.ticks_ms(), last) < _APART_MS
                # Answers, and what is no standard query, are for others.
                if not ip or quick or len(packet) < 12 or packet[2] & 0xF8:
                    continue
                asked = packet.lower()
                host = device.host.lower().encode()
                for name in (host, b"_http", b"_kwhisper", b"_hwenergy", b"_dns-sd"):
                    if name in asked:
                        from .services import heard

                        heard(device, sock, packet, source)
                        del heard
                        let_go(_LOADED)
                        last = time.ticks_ms()
                        break

    return run
