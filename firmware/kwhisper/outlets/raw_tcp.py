"""The meter's bytes on a TCP port, as a P1 gateway or a serial server gives them.

bound                      | what happens beyond it
---------------------------|---------------------------------------------------------
2 clients                  | the next one is closed at once
what TCP takes at once     | the client that reads too slowly is closed: nothing waits
                           | for it, and nothing is kept for it
what clients send          | is read and thrown away

Either the frames whose checks held, each when it was decoded, or every byte as it comes. Of an
encrypted meter the frames are deciphered, the bytes are not.
"""

import asyncio
import select

from ..web import listen

_CLIENTS = const(2)
_STEP_MS = const(200)
_TELEGRAM = const(0x2F)  # "/", the begin of one of P1; its last line's end is not in the frame


class RawTcp:
    """reading(r) sends the frame that the Reading came from; decoder has it. run() lets clients
    in and out."""

    def __init__(self, port, decoder):
        self.port = port
        self.decoder = decoder
        self.clients = []

    def reading(self, r):
        """A list was decoded."""
        if self.clients:
            buf, start, end = self.decoder.raw()
            self.send(memoryview(buf)[start:end])
            if buf[start] == _TELEGRAM:
                self.send(b"\r\n")

    def send(self, data):
        """To all clients; those that do not take it all are closed."""
        for client in self.clients[:]:
            try:
                n = client.write(data)
            except OSError:
                n = None  # it left
            if n != len(data):
                self.close(client)

    def close(self, client):
        self.clients.remove(client)
        client.close()

    async def run(self):
        """Let clients in and see those that leave."""
        door = listen(self.port)
        poll = select.poll()
        poll.register(door, select.POLLIN)
        scrap = bytearray(32)
        try:
            while True:
                await asyncio.sleep_ms(_STEP_MS)
                if any(poll.ipoll(0)):
                    client, _ = door.accept()
                    client.setblocking(False)
                    if len(self.clients) < _CLIENTS:
                        self.clients.append(client)
                    else:
                        client.close()
                for client in self.clients[:]:
                    try:
                        n = client.readinto(scrap)
                    except OSError:
                        n = 0
                    if n == 0:
                        self.close(client)
        finally:
            door.close()
            while self.clients:
                self.close(self.clients[0])


class Tapped:
    """The meter's UART, whose bytes go to a door, too, as they are read."""

    def __init__(self, uart, door):
        self.uart = uart
        self.door = door

    def read(self):
        n = self.uart.read()
        if n and self.door.clients:
            self.door.send(memoryview(self.uart.chunk)[:n])
        return n

    def __getattr__(self, name):
        return getattr(self.uart, name)
