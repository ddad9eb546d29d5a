"""Tables kept as data: a JSON array with one row a line, read row by row and never resident."""

import json

_TOP = __file__.rpartition("/")[0].rpartition("/")[0]

SETTINGS = _TOP + "/storage/setting_table.json"
BOARDS = _TOP + "/boards.json"
FAULTS = _TOP + "/mqtt/faults.json"


def rows(path):
    """Iterate the rows of the table as dicts."""
    with open(path) as f:
        for line in f:
            if line[0] == "{":
                yield json.loads(line.rstrip(" ,\n"))


def find(path, value):
    """The first row that has this value in a column, though not the last; {} if none has."""
    mark = ": %s, " % json.dumps(value)
    with open(path) as f:
        for line in f:
            if mark in line:
                return json.loads(line.rstrip(" ,\n"))
    return {}
