"""The boards: pins, UART, and what the chip affords. One row a board; no other file asks.

b = board.pick("auto")      # or a name of the table
b.name, b.label, b.chip     # "nodemcu", "ESP8266 NodeMCU / Wemos D1 mini", "esp8266"
b.small                     # True on the ESP8266: one format, one page at a time, no TLS
b.uart, b.rx, b.tx          # the UART's number and its pins
b.detach                    # it is the console's UART: take it from the REPL, swap its pins
b.invert                    # how a line is inverted: "line" (UART(invert=)) or "register"
b.rxbuf, b.lump, b.frame    # bytes: the driver's ring, one read, the decoder's frame buffer
b.rows                      # entries of the longest list
b.button, b.lamp, b.lamp_on # pins or None; the level that lights the lamp
b.supply                    # None, or of a board that lives on the meter's port: ADC pin of its
                            # store, divider (store mV = ADC mV * divider / 1000), the pin that
                            # falls when the bus goes, ADC pin of the bus, its divider
b.watchdog                  # its bound in ms; None: fixed by the chip, about 3 s
b.tls, b.payloads, b.connections, b.queue, b.raw, b.live, b.journal    # see _AFFORDS
"""

import sys

# One text: on the ESP8266 it stays in flash, and only the row in use becomes objects. - is none.
# name | platform and machine text it is found by | label | chip | size |
# uart rx tx console | rxbuf lump | button lamp lamp_on | supply
# Never the pins of the console's UART (the ESP8266 has no other): a meter sends 03 too,
# and the console takes that for Ctrl-C. A board that never sends gives its UART a pin that
# nothing but a pull-up hangs on.
_ROWS = """\
nodemcu|esp8266|ESP8266 NodeMCU / Wemos D1 mini|esp8266|small|0 13 15 1|1024 128|0 2 0|-
esp32s2|esp32 ESP32S2|ESP32-S2|esp32s2|large|1 18 17 0|4096 256|0 15 1|-
esp32s3|esp32 ESP32S3|ESP32-S3|esp32s3|large|1 18 17 0|4096 256|0 - 1|-
esp32c3|esp32 ESP32C3|ESP32-C3|esp32c3|large|1 4 5 0|4096 256|9 8 0|-
esp32c6|esp32 ESP32C6|ESP32-C6|esp32c6|large|1 4 5 0|4096 256|9 - 1|-
han-selfpowered|-|kWhisper HAN board|esp32c3|large|1 4 8 0|4096 256|9 10 0|1 2000 5 0 17129
esp32|esp32|ESP32|esp32|large|2 16 17 0|4096 256|0 2 1|-
host|linux|PC (MicroPython's unix port)|host|large|1 16 17 0|2048 256|0 - 1|-"""

# size | frame buffer, entries of a list, TLS, formats at once, web connections, bytes queued for
# MQTT, bytes of an unknown frame kept, values on the live page, bytes of journal, watchdog
_AFFORDS = """\
small|1536 56 0 1 2 800 600 40 0 -
large|3072 64 1 8 4 8192 2048 64 4096 30000"""

# What the columns of numbers are, in their order.
_NAMES = """ uart rx tx detach rxbuf lump button lamp lamp_on frame rows tls payloads connections \
queue raw live journal watchdog """


class Board:
    """One row of the table, its columns as attributes: read out of the text when asked for."""

    def __init__(self, name, small):
        self.name = name
        self.small = small

    def __getattr__(self, column):
        return _column(_row(_ROWS, self.name), column)


def _column(row, column):
    _, _, label, chip, size, uart, buffers, signs, supply = row
    if column in ("label", "chip"):
        return label if column == "label" else chip
    if column == "invert":
        return "register" if chip == "esp8266" else "line"
    if column == "supply":
        return None if supply == "-" else [_number(x) for x in supply.split()]
    at = _NAMES.find(" " + column + " ")
    if at < 0:
        raise AttributeError(column)
    text = uart + " " + buffers + " " + signs + " " + _row(_AFFORDS, size)[1]
    value = _number(text.split(" ")[_NAMES[:at].count(" ")])
    return value == 1 if column == "detach" else value


def _row(table, name):
    """The columns of the row called `name`, or None."""
    for row in table.split("\n"):
        if row.startswith(name + "|"):
            return row.split("|")
    return None


def names():
    """Yield (name, label) of every board, for the settings page."""
    for row in _ROWS.split("\n"):
        columns = row.split("|", 3)
        yield columns[0], columns[2]


def pick(name="auto"):
    """The Board called `name`; with "auto" or an unknown name the row that fits this chip."""
    row = _row(_ROWS, name)
    if row:
        return _board(row)
    machine = getattr(sys.implementation, "_machine", "")
    for text in _ROWS.split("\n"):
        row = text.split("|")
        platform, _, model = row[1].partition(" ")
        if platform == sys.platform and model in machine:
            return _board(row)
    return _board(row)


def _board(row):
    return Board(row[0], row[4] == "small")


def _number(text):
    return None if text == "-" else int(text)
