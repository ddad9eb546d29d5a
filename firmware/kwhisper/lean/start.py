"""Builds what the loop runs on."""

import gc
import select
import socket
import time

import machine
import network

from meterwire import Decoder

from ..clock import Clock
from ..ledger import Ledger
from ..port import Port
from ..publish import Publisher
from ..session import device_id
from ..web.live import Live

_IN = 256  # bytes of the longest message to us


# Read once, so that their values lie with the rest of what stays.
_READ = "publish_changed publish_meter_id time_zone host_name payload mqtt_tls mqtt_host mqtt_port"


def made(device, h, ballast):
    """Make `h`, a Lean, ready to run. ballast: a list of what held its place until now."""
    ballast.clear()
    gc.collect()
    _blank(h)
    s, status, board = device.settings, device.status, device.board
    # The big buffers first, while the heap is in one piece.
    keys = s.key("meter_key"), s.key("meter_auth_key")
    h.decoder = decoder = Decoder(board.frame, *keys, board.rows, False)
    h.port = Port(board, s["meter"])
    h.out = bytearray(board.queue)
    h.inp = bytearray(_IN)
    device.live = Live(status.uptime, board.live, board.raw)
    for name in _READ.split():
        s[name]
    h.device = device
    h.settings = s
    h.status = status
    h.board = board
    status.counted = decoder
    status.state = "running"
    h.clock = Clock(s, status)
    ledger = Ledger(s)
    if ledger.problem:
        device.note("error", ledger.problem)
    _session(h, s)
    h.publisher = Publisher(s, status, h, ledger, decoder)
    h.publisher.commands.restart = h.asked
    h.publisher.commands.set_log_level = device.journal.set_level
    decoder.on_unknown = h.unknown
    _radio(h, s)
    _pages(h)
    _signs(h, s, board)
    now = time.ticks_ms()
    h.works = [h.port.open(), now, None, now, None, now]
    h.second = h.heard = now
    h.silent = True
    h.torn = False
    h.found = None
    h.lists = h.at = h.faults = 0
    h.fault = now
    h.heard_at = h.leaving = None
    h.settled = False


def _blank(h):
    # All at once, so that the table of them, which doubles when it is full, comes to lie first.
    h.address = h.at = h.began = h.board = h.button = h.client_id = None
    h.clock = h.connected = h.decoder = h.device = h.end = h.failures = None
    h.fault = h.faults = h.found = h.got = h.greeted = h.heard = None
    h.heard_at = h.held = h.inp = h.joins = h.lamp = h.leaving = None
    h.left = h.listener = h.lists = h.lit = h.on = h.on_ack = None
    h.on_command = h.on_connect = h.out = h.own = h.pause = h.pid = None
    h.pinged = h.port = h.publisher = h.quiet = h.received = h.second = None
    h.seen = h.sent = h.settings = h.settled = h.short = h.silent = None
    h.size = h.skip = h.sock = h.start = h.status = h.topic = None
    h.topics = h.torn = h.tries = h.unreached = h.waiting = h.watchdog = None
    h.wlan = h.works = None


def _session(h, s):
    h.connected = h.pinged = h.greeted = False
    h.client_id = s["mqtt_client_id"] or device_id(s)
    h.topic = s["mqtt_topic"].encode()
    h.topics = []
    h.on_connect = h.on_command = h.on_ack = None
    h.sock = h.address = None
    h.start = h.end = h.got = h.skip = h.size = h.pid = 0
    h.failures = h.unreached = h.short = h.left = 0


def _radio(h, s):
    h.wlan = network.WLAN(network.STA_IF)
    network.WLAN(network.AP_IF).active(False)
    try:
        network.hostname(s["host_name"])
    except (AttributeError, ValueError):
        pass  # an old firmware, or too long for it: the router shows the chip's own name
    h.joins = 0  # failures since the last connection
    h.tries = -1  # seconds since a join began, -1: none is under way
    h.pause = 0  # seconds until the next
    h.status.wifi = "off"


def _pages(h):
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(socket.getaddrinfo("0.0.0.0", 80)[0][-1])
    listener.listen(4)
    h.listener = listener
    h.waiting = select.poll()
    h.waiting.register(listener, select.POLLIN)


def _signs(h, s, board):
    h.lamp = h.button = None
    h.seen = h.lit = 0
    h.on = board.lamp_on
    if board.lamp is not None and s["led"] != "off":
        h.lamp = machine.Pin(board.lamp, machine.Pin.OUT, value=1 - h.on)
    h.quiet = s["led"] != "on"
    if board.button is not None:
        h.button = machine.Pin(board.button, machine.Pin.IN, machine.Pin.PULL_UP)
    h.held = 0
    h.watchdog = machine.WDT()
