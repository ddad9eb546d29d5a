"""A board's own files as modules: parts.py, layout.py, checked.py …"""

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path


def load(board, name):
    """BOARD/NAME.py; it finds the workshop's modules where sys.path has them."""
    spec = spec_from_file_location(f"{board} {name}", Path(board) / f"{name}.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def borrow(*boards):
    """Simulations of other boards may be imported from now on; some names are in several, and a
    board's own come first."""
    hardware = Path(__file__).resolve().parent.parent
    sys.path += [str(hardware / board / "sim") for board in boards]
