"""The ESP32's module esp32, as far as firmware asks for it."""

HEAP_DATA = 4
# (total, free, largest, least ever free): nothing is free, as a PC's heap does not grow into it
regions = [(160000, 0, 0, 0)]


def idf_heap_info(capability):
    """What is known of each region of the system's memory."""
    return regions
