"""Tables kept as data: a JSON array with one row a line, read row by row and never resident."""

import json
import sys

try:
    _TOP = __file__.rsplit("/", 2)[0]
except NameError:  # MicroPython's ESP8266 build is without it; boot.py puts the slot in front
    _TOP = sys.path[0] + "/kwhisper"

SETTINGS = _TOP + "/storage/setting_table.json"
BOARDS = _TOP + "/boards.json"
ZONES = _TOP + "/storage/zones.json"


def rows(path):
    """Iterate the rows of the table as dicts."""
    with open(path) as f:
        for line in f:
            if line[0] == "{":
                yield json.loads(line.rstrip(" ,\n"))


def find(path, value):
    """The row of the table at `path` in the application's folder whose first column has this
    value; {} if there is none."""
    mark = ": %s," % json.dumps(value)
    with open(_TOP + path) as f:
        for line in f:
            if 0 < line.find(mark) == line.find(": "):
                return json.loads(line.rstrip(" ,\n"))
    return {}
