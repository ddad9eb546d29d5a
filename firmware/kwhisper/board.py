"""The board: its pins and amounts. One row of boards.json a board; no other file asks.

    b = board.pick("auto")      # or a name of the table

name, label            "esp32c3", "ESP32-C3"
uart, rx, tx           the UART's number and its pins. Never those of the console's UART: a meter
                       sends 03 too, which the console takes for Ctrl-C
enable                 the pin that feeds COM ENABLE of a MEP port, or None
button, led, led_on    pins or None; the level that lights the LED
adc, divider           the pin that measures the supply, or None; mV that a volt there stands for
supply                 None, or of a board that lives on the meter's port: the ADC pin of its
                       store, store_divider (store mV = ADC mV * divider / 1000), power_fail (the
                       pin that falls when the bus goes), the ADC pin of the bus, bus_divider
ethernet              None, or of a board with a socket for a cable: network/cable.py

b.outside is memory outside the heap, which only an ESP32 has: for what lives as long as the device
runs. b.buffer(n) takes of it while there is some. b.place is the same, None on other chips: there
what can grow begins small.
"""

import sys

from .storage.table import BOARDS, rows


class Board:
    """A row of the table, its columns as attributes, and what is the same on every board."""

    button = led = adc = enable = supply = ethernet = None
    led_on = 1
    divider = 1000  # mV that a volt at `adc` stands for
    rxbuf = 4096  # bytes of the UART driver's ring
    chunk = 256  # bytes of one read
    frame = 3072  # bytes of the decoder's frame buffer
    rows = 120  # entries of the longest list
    watchdog_ms = 30000

    def __init__(self, row):
        for column in row:
            setattr(self, column, row[column])
        self.outside = None
        # place is for what can grow by itself: None where it would take the heap's.
        self.buffer, self.place = bytearray, None
        try:
            from .outside import found

            self.outside = outside = found()
            if outside:
                self.buffer = self.place = outside.buffer
        except ImportError:
            pass  # another chip


def pick(name="auto", pins=""):
    """The Board called `name`; with "auto" or an unknown name the first that fits this chip. pins:
    what is otherwise, "rx=16,led=2"."""
    machine = getattr(sys.implementation, "_machine", "")
    fitting = None
    for row in rows(BOARDS):
        if row["name"] == name:
            fitting = row
            break
        if fitting is None and row["platform"] == sys.platform and row["machine"] in machine:
            fitting = row
    found = Board(fitting or row)
    for pair in pins.split(",") if pins else ():
        column, _, number = pair.strip().partition("=")
        setattr(found, column, int(number))
    return found
