"""Tables kept as data: a JSON array with one row a line, read row by row and never resident."""

import gc
import json

_TOP = __file__.rpartition("/")[0].rpartition("/")[0]

SETTINGS = _TOP + "/storage/setting_table.json"
BOARDS = _TOP + "/boards.json"


def rows(path):
    """Iterate the rows of the table as dicts."""
    with open(path) as f:
        for line in f:
            if line[0] == "{":
                # What is kept of a row would else come to lie behind the garbage of those before
                # it, all over the heap; one in pieces takes the system's memory (esp32-memory).
                gc.collect()
                yield json.loads(line.rstrip(" ,\n"))
