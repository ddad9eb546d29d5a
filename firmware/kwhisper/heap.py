"""How much of the heap is free, and what a browser is told if it is not enough."""

import gc

NO_ROOM = (
    "TLS or the energy takes the memory that the pages need. It suffices with fewer formats or "
    "without the history, on a board with PSRAM, or without TLS. The button opens the set-up."
)


def room():
    """Bytes free in the heap as it is: what it grew by, the system's drivers would lack."""
    gc.collect()
    try:
        from esp32 import HEAP_DATA, idf_heap_info

        # MicroPython counts the largest piece that the heap could take, too.
        return gc.mem_free() - max([region[2] for region in idf_heap_info(HEAP_DATA)])
    except ImportError:
        return gc.mem_free()
