"""The board: its pins and amounts. One row of boards.json a board; no other file asks.

    b = board.pick("auto")      # or a name of the table

name, label            "esp32c3", "ESP32-C3"
uart, rx, tx           the UART's number and its pins. Never those of the console's UART: a meter
                       sends 03 too, which the console takes for Ctrl-C
button, led, led_on    pins or None; the level that lights the LED
supply                 None, or of a board that lives on the meter's port: the ADC pin of its
                       store, store_divider (store mV = ADC mV * divider / 1000), power_fail (the
                       pin that falls when the bus goes), the ADC pin of the bus, bus_divider
"""

import sys

from .storage.table import BOARDS, rows


class Board:
    """A row of the table, its columns as attributes, and what is the same on every board."""

    button = led = supply = None
    led_on = 1
    rxbuf = 4096  # bytes of the UART driver's ring
    chunk = 256  # bytes of one read
    frame = 3072  # bytes of the decoder's frame buffer
    rows = 120  # entries of the longest list
    watchdog_ms = 30000

    def __init__(self, row):
        for column in row:
            setattr(self, column, row[column])


def pick(name="auto"):
    """The Board called `name`; with "auto" or an unknown name the first that fits this chip."""
    machine = getattr(sys.implementation, "_machine", "")
    fitting = None
    for row in rows(BOARDS):
        if row["name"] == name:
            return Board(row)
        if fitting is None and row["platform"] == sys.platform and row["machine"] in machine:
            fitting = row
    return Board(fitting or row)
