"""Shorter names for modules: the same program under other names."""

import subprocess
import sys

import pytest

from kwhisper_tools import renamed

PROGRAM = {
    "house/__init__.py": "",
    "house/garden/__init__.py": "from house.tools import SPADE\n",
    "house/garden/beds.py": "from house.garden import SPADE\nROWS = SPADE * 2\n",
    "house/tools.py": "SPADE = 4\n",
    "house/door.py": (
        "from house import tools as kit\n"
        "from house import garden\n"
        "from house.garden.beds import ROWS\n"
        "beds = __import__('house.garden.' + 'beds', None, None, ('ROWS',))\n"
        "print(kit.SPADE, garden.SPADE, ROWS, beds.ROWS)\n"
    ),
}
NAMES = {"house.garden.beds": "g.b", "house.garden": "g", "house.tools": "t"}


def run(folder, texts, start):
    for path, text in texts.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    done = subprocess.run(
        [sys.executable, "-c", f"import {start}"], cwd=folder, capture_output=True, text=True
    )
    return done.stdout + done.stderr


def test_the_program_is_the_same_under_other_names(tmp_path):
    texts = renamed.rename(PROGRAM, NAMES | {"house.garden.beds": "g.beds"})
    assert set(texts) == {
        "house/__init__.py", "g/__init__.py", "g/beds.py", "t.py", "house/door.py",
    }  # fmt: skip
    assert run(tmp_path, texts, "house.door") == "4 4 8 8\n"


def test_files_of_a_package_go_with_it():
    assert renamed.path("house/garden/map/plan.css.gz", NAMES) == "g/map/plan.css.gz"
    assert renamed.path("lib/house/tools.py", NAMES) == "t.py"
    assert renamed.path("house/toolshed.py", NAMES) == "house/toolshed.py"


def test_two_modules_of_one_name_are_refused():
    with pytest.raises(ValueError, match="same name"):
        renamed.rename(PROGRAM, {"house.tools": "t", "house.door": "t"})
