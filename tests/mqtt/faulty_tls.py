"""A broker that misbehaves in the TLS handshake, each connection according to one of FAULTS."""

import contextlib
import os
import ssl
import time

from mqtt.faulty import Faulty

FAULTS = (
    "tls half",  # the half of its first flight, and not a word more
    "tls cut",  # the half, and the connection is closed
    "tls drip",  # a byte at a time, to the end; then it does not answer the login
    "tls garbage",  # noise instead of its first flight
    "tls alert",  # refuses at once
    "tls flood",  # an endless flight
)
_ALERT = b"\x15\x03\x03\x00\x02\x02\x28"  # fatal: handshake failure
# A ServerHello's record that tells of more to come than any record may hold.
_ENDLESS = b"\x16\x03\x03\x3f\xff\x02\x00\xff\xff"


class FaultyTls(Faulty):
    """A Faulty whose fault comes within the handshake; `context` is an ssl.SSLContext."""

    def __init__(self, fault, context):
        super().__init__(fault, tls=context)

    def _serve(self, s):
        with contextlib.suppress(OSError, ssl.SSLError):
            if self.fault in ("tls garbage", "tls alert", "tls flood"):
                s.recv(4096)
            if self.fault == "tls garbage":
                s.sendall(os.urandom(3000))
            elif self.fault == "tls alert":
                s.sendall(_ALERT)
            elif self.fault == "tls flood":
                s.sendall(_ENDLESS)
                while True:
                    s.sendall(bytes(4096))
            else:
                self._handshake(s)
            if self.fault != "tls cut":
                while s.recv(4096):
                    pass
        if self.fault == "tls cut":
            s.close()

    def _handshake(self, s):
        heard, said = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = self.tls.wrap_bio(heard, said, server_side=True)
        while True:
            try:
                tls.do_handshake()
                done = True
            except ssl.SSLWantReadError:
                done = False
            flight = said.read()
            if flight and self.fault != "tls drip":
                s.sendall(flight[: len(flight) // 2])
                return
            for i in range(len(flight)):
                s.sendall(flight[i : i + 1])
                time.sleep(0.0005)
            if done:
                return
            heard.write(s.recv(4096))
