"""What runs on a PC: the ``kwhisper`` command, the simulated meters, the build."""

import sys

from kwhisper_tools import paths

if not paths.CHECKOUT:
    # The wheel has the decoder once: as the chips' source, which the command itself runs, too.
    sys.path.insert(0, str(paths.FIRMWARE / "lib"))
