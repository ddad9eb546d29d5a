"""The runtimes that the other tests stand on are what they are taken for."""


def test_the_32_bit_runtime_has_32_bit_integers_and_the_chips_heap(micropython32, on_micropython):
    script = """
import gc, sys, vfs
@micropython.viper
def square(a: int) -> int:
    return a * a
gc.collect()
print(sys.maxsize, square(100000), gc.mem_free() < 38 * 1024, vfs.VfsRom.__name__)
"""
    printed = on_micropython([*micropython32, "-X", "heapsize=38k"], script)
    assert printed.split() == ["2147483647", "1410065408", "True", "VfsRom"]


def test_the_64_bit_runtime_imports_the_fetched_modules(micropython, on_micropython):
    from kwhisper_tools import paths

    script = "import microdot, umqtt.simple; print(microdot.Microdot.__name__)"
    assert on_micropython([micropython], script, paths.library_path()).strip() == "Microdot"
