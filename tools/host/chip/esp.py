"""The ESP8266's module esp, as far as firmware asks for it."""


def osdebug(level):
    """Messages of the vendor's system: there are none here."""


def flash_size():
    """Bytes of flash."""
    return 4 * 1024 * 1024
