"""Tables kept as data: a JSON array with one row a line, read row by row and never resident."""

import json

_TOP = __file__.rpartition("/")[0].rpartition("/")[0]

SETTINGS = _TOP + "/storage/setting_table.json"
BOARDS = _TOP + "/boards.json"


def rows(path):
    """Iterate the rows of the table as dicts."""
    with open(path) as f:
        for line in f:
            if line[0] == "{":
                yield json.loads(line.rstrip(" ,\n"))
