"""How much of the heap is free."""

import gc


def room():
    """Bytes free in the heap as it is: what it grew by, the system's drivers would lack."""
    gc.collect()
    try:
        from esp32 import HEAP_DATA, idf_heap_info

        # MicroPython counts the largest piece that the heap could take, too.
        return gc.mem_free() - max([region[2] for region in idf_heap_info(HEAP_DATA)])
    except ImportError:
        return gc.mem_free()
