"""The way to the broker, on umqtt.simple: every wait in it is bounded. Imported for each attempt
and let go after it: class and client take 1.1 KB, which lists need while there is a session."""

import socket

import machine
from umqtt import simple

import kwhisper

_KEEPALIVE_S = const(60)
# What waits: connecting, then the answer to the login. The chip's watchdog bites after three.
_WAIT_S = 1.4
_LAST_REFUSAL = const(5)  # of the codes that a CONNACK may have (MQTT 3.1.1, 3.2.2.3)


class _Sockets:
    """What umqtt.simple takes for the module socket."""

    def __init__(self, feed):
        self.feed = feed

    def socket(self):
        # Here, whatever the version of umqtt.simple: before the socket is used.
        made = socket.socket()
        made.settimeout(_WAIT_S)
        return made

    def getaddrinfo(self, host, port):
        # lwIP asks for a name for some ten seconds, which no time-out bounds: a timer feeds the
        # watchdog meanwhile.
        timer = machine.Timer(-1)
        timer.init(period=1000, callback=lambda _: self.feed())
        try:
            return socket.getaddrinfo(host, port)
        finally:
            timer.deinit()


def connect(login, state, feed):
    """The socket of a session whose last will is "offline" on the topic `state`.

    login: client id, host, port, user, password, as MQTTClient takes them. Raises ValueError if
    the broker refuses it, and OSError if there is no broker, both with words for the user.
    """
    simple.socket = _Sockets(feed)
    client = simple.MQTTClient(*login, _KEEPALIVE_S)
    client.set_last_will(state, b"offline", True)
    try:
        client.connect()
        return client.sock
    except Exception as e:
        if client.sock:
            client.sock.close()
        if type(e) is simple.MQTTException and e.args[0] <= _LAST_REFUSAL:
            raise ValueError("the broker refused the login: %d" % e.args[0])
        if isinstance(e, (simple.MQTTException, IndexError, AssertionError, TypeError)):
            raise OSError("this is not an MQTT broker")
        raise


def let_go():
    """Nothing of this is needed while there is a session."""
    for name in (__name__, "umqtt.simple", "umqtt"):
        kwhisper.let_go(name)
