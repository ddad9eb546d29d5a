"""Runs on 32-bit MicroPython: imports modules one after the other and tells what each takes.

    micropython import_worker.py TREE MODULE …     =expression: an object that is made and kept

Before and after each module that is loaded two lines are printed: "> name bytes" or "< name
bytes" with the bytes of the heap in use, and what micropython.qstr_info() tells. What the chips
have in C, and umqtt, which is frozen there, are empty shells: only the modules count.
"""

import _thread
import builtins
import gc
import sys
import time

import micropython


class _Anything:
    def __init__(self, *_):
        pass

    def __getattr__(self, name):
        return self

    def __call__(self, *_, **__):
        return self

    def __int__(self):
        return 1

    def __or__(self, other):
        return 1

    __ror__ = __lshift__ = __or__


class _Shell:
    MQTTClient = _Anything
    MQTTException = Exception

    def __getattr__(self, name):
        return _anything


_anything = _Anything()
_loading = []  # the modules that are being loaded, the innermost last
_import = builtins.__import__


def _tell(sign, name):
    gc.collect()
    print(sign, name, gc.mem_alloc())
    micropython.qstr_info()


def _absolute(name, level):
    # A relative name is that of the innermost module: nothing else imports meanwhile.
    if not level:
        return name
    package = _loading[-1].split(".")
    if not hasattr(sys.modules[_loading[-1]], "__path__"):
        package.pop()
    package = package[: len(package) - level + 1]
    return ".".join(package + [name] if name else package)


def _counted(name, names=None, locals=None, wanted=None, level=0):
    name = _absolute(name, level)
    if name in sys.modules:
        return _import(name, None, None, wanted, 0)
    package = name.rpartition(".")[0]
    if package and package not in sys.modules:
        _counted(package)
    _tell(">", name)
    _loading.append(name)
    try:
        return _import(name, None, None, wanted, 0)
    finally:
        _loading.pop()
        _tell("<", name)


_SHELLS = "umqtt umqtt.simple network machine socket ssl esp32 onewire ds18x20"
for _name in _SHELLS.split(" "):
    sys.modules[_name] = _Shell()
import asyncio  # noqa: E402, F401 (a fixed sum on the chips, as it is frozen)

sys.path[:] = [sys.argv[1], sys.argv[1] + "/lib", ".frozen"]
builtins.__import__ = _counted
_kept = []
_done = []


def _load():
    try:
        for name in sys.argv[2:]:
            _tell("#", name)
            if name[0] == "=":
                # Which module imports cannot be told then, so what it loads counts to it.
                builtins.__import__ = _import
                _tell(">", name)
                _kept.append(eval(name[1:], {"meterwire": sys.modules.get("meterwire")}))
                _tell("<", name)
                builtins.__import__ = _counted
            else:
                __import__(name)
        _tell("#", "")
        _done.append(True)
    finally:
        _done.append(False)


# _counted() makes the nesting deeper than it is on a chip.
_thread.stack_size(1 << 20)
_thread.start_new_thread(_load, ())
while not _done:
    time.sleep_ms(5)
sys.exit(not _done[0])
