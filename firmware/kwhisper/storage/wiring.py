"""What may be typed for pins, the meter's line, the network's details, certificates, prices: a
function for each type that few homes set, NAME_fault(value); loaded when one is typed.

chips.json tells of each chip its pins, those that only read (and have no pull-up), those of flash,
USB and console, its UARTs, and the pins whose voltage it measures while WiFi is on.
"""

from binascii import hexlify

from .table import find

_PINS = const(("rx", "tx", "button", "led", "adc"))
_OTHERS = const(("uart", "led_on", "divider"))
# What formats/domoticz.py has beside the values.
_DOMOTICZ = const("p1 kwh current quality supply rssi energy")
_DIVIDER = const("100-100000")
_MOST_BAUD = const(921600)


def _within(number, spans):
    for span in spans.split(","):
        first, _, last = span.partition("-")
        if first and int(first) <= number <= int(last or first):
            return True
    return False


def pins_fault(value):
    """rx=16,tx=17,uart=2,button=0,led=2,led_on=1,adc=35,divider=2000: what is wrong with it on
    this chip, or None."""
    from .. import board

    chip = find("/storage/chips.json", board.pick().machine)
    given = {}
    for pair in value.split(","):
        name, _, number = pair.strip().partition("=")
        if name not in _PINS + _OTHERS or not number.isdigit() or name in given:
            return "must look like rx=16,tx=17,button=0,led=2"
        given[name] = int(number)
    if given.get("led_on", 0) > 1:
        return "led_on must be 0 or 1"
    if "uart" in given and not _within(given["uart"], chip["uarts"]):
        return "UART %d is used by the console, or is not on this chip" % given["uart"]
    if "divider" in given and not _within(given["divider"], _DIVIDER):
        return "divider must be from 100 to 100000: the supply's mV when the pin has 1 V"
    used = []
    for name in _PINS:
        pin = given.get(name)
        if pin is None:
            continue
        if _within(pin, chip["taken"]):
            return "GPIO%d is used by the flash, the USB or the console" % pin
        if name == "adc":
            if not _within(pin, chip["adc"]):
                return "GPIO%d cannot measure while WiFi is on: choose one of %s" % (
                    pin,
                    chip["adc"],
                )
        elif not _within(pin, chip["pins"]) and (name != "rx" or not _within(pin, chip["reads"])):
            return "GPIO%d is not on this chip, or is an input only" % pin
        if pin in used:
            return "GPIO%d is used twice" % pin
        used.append(pin)
    return None


def line_fault(value):
    """2400 8E1, 115200 8N1 inverted."""
    words = value.split(" ")
    good = 2 <= len(words) <= 3 and words[0].isdigit() and len(words[1]) == 3
    if not good or words[1][0] not in "78" or words[1][1] not in "NEO" or words[1][2] != "1":
        return "must look like 2400 8E1, or 115200 8N1 inverted"
    if not 300 <= int(words[0]) <= _MOST_BAUD:
        return "must have from 300 to %d baud" % _MOST_BAUD
    if len(words) == 3 and words[2] not in ("inverted", "normal"):
        return "must have inverted or normal as its third word, or none"
    return None


def static_fault(value):
    """192.168.1.40/24 192.168.1.1 192.168.1.1: address and length, gateway, name server."""
    words = value.split(" ")
    address, _, length = words[0].partition("/")
    if len(words) != 3 or not length.isdigit() or not 8 <= int(length) <= 30:
        return "must look like 192.168.1.40/24 192.168.1.1 192.168.1.1"
    numbers = []
    for word in (address, words[1], words[2]):
        parts = word.split(".")
        if len(parts) != 4 or not all(p.isdigit() and int(p) < 256 for p in parts):
            return "%s is not an IPv4 address" % word
        numbers.append(int.from_bytes(bytes([int(p) for p in parts]), "big"))
    if (numbers[0] ^ numbers[1]) >> 32 - int(length):
        return "the gateway %s is in another network than %s" % (words[1], words[0])
    return None


def station_fault(value):
    """The station to join: best, or 12 hex digits with colons."""
    digits = value.replace(":", "").lower()
    if value == "best" or (len(digits) == 12 and not digits.strip("0123456789abcdef")):
        return None
    return "must be best, or look like a4:2b:b0:c1:d2:e3"


def lines_fault(value):
    ok = value.startswith("-----BEGIN ") and value.endswith("-----")
    return None if ok else "must be PEM text, from -----BEGIN to the last -----"


def decimals_fault(value):
    for number in value.split(","):
        whole, _, decimals = number.strip().partition(".")
        if not (whole[whole[:1] == "-" :] + "0" + decimals).isdigit() or len(whole) > 8:
            return "must be a number such as 12 or 0.475"
        if len(decimals) > 5:
            return "may have at most five decimals"
        if "," in value and not whole + decimals:
            return "must be numbers, separated by commas"
    return None


def decimal_fault(value):
    return "must have a point, as in 0.475" if "," in value else decimals_fault(value)


def span_fault(value):
    first, _, last = value.partition("-")
    if not first.strip().isdigit() or not last.strip().isdigit():
        return "must look like 22-6"
    return "must have numbers from 0 to 24" if int(first) > 24 or int(last) > 24 else None


def pairs_fault(value):
    from meterwire import obis

    known = {row[1] for row in obis.rows()}.union(_DOMOTICZ.split(" "))
    for pair in value.split(","):
        name, _, number = pair.strip().partition("=")
        name = name.strip()
        if not name or not number.strip().isdigit() or not int(number):
            return "must look like active_power_import=12,voltage_l1=13"
        # Of a sub-meter: meter1_volume. What has no name has its OBIS code.
        own = name[name.find("_") + 1 :] if name[:5] == "meter" and name not in known else name
        if own not in known and ":" not in name and name[:12] != "temperature_":
            return "%s is an unknown value: its name stands on the page Meter" % name
    return None


def check_mep_key(value):
    # kept as the 32 hex digits that are used of it
    from meterwire.mep_key import parse_key

    try:
        return value and hexlify(parse_key(value)).decode(), None
    except ValueError:
        return None, "must have 40 or 32 hex digits, or 20 characters"
