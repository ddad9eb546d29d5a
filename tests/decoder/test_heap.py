"""The decoder's share of an ESP32's memory, on the 32-bit model: heap and machine code."""

import pytest

from kwhisper_tools.bench import decoder_heap
from kwhisper_tools.meters import METERS
from meterwire import _twin


@pytest.fixture(scope="module")
def rows(micropython32):
    return {row.meter: row for row in decoder_heap.measure(list(METERS), _twin.chip_choice())}


@pytest.mark.parametrize("name", list(METERS))
def test_a_meter_s_decoder_takes_at_most_34_kilobytes(rows, name):
    """Imported, with its buffers, and all that its lists needed when they were read."""
    assert rows[name].lists, "its lists were read"
    assert rows[name].read <= decoder_heap.HEAP_BUDGET, rows[name]


def test_the_machine_code_fits_what_is_free_of_charge():
    code = decoder_heap.machine_code(_twin.chip_choice())
    assert sum(sum(functions.values()) for functions in code.values()) <= decoder_heap.CODE_BUDGET
    assert set(code) == set(_twin.chip_choice())
