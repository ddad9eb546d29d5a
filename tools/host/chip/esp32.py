"""The ESP32's module esp32, as far as firmware asks for it."""

HEAP_DATA = 4
# (total, free, largest, least ever free), as a freshly started chip says
regions = [(160000, 94256, 53248, 90000)]


def idf_heap_info(capability):
    """What is known of each region of the system's memory."""
    return regions
