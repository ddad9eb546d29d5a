"""The ESP32's module esp32, as far as firmware asks for it."""

HEAP_DATA = 4


def idf_heap_info(capability):
    """[(total, free, largest, least ever free)] of a region, as a freshly started chip says."""
    return [(160000, 94256, 53248, 90000)]
