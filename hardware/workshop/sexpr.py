"""Read and write KiCad's S-expressions as nested Python lists.

An atom is a str; a quoted atom is a Quoted (a str), so that writing gives back what was read.
"""

import re

_TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|([()])|([^\s()"]+)')


class Quoted(str):
    """An atom that stands between double quotes in the file."""


def parse(text):
    """The first expression of `text`."""
    stack = [[]]
    for match in _TOKEN.finditer(text):
        quoted, bracket, atom = match.groups()
        if bracket == "(":
            stack.append([])
        elif bracket == ")":
            done = stack.pop()
            stack[-1].append(done)
        else:
            stack[-1].append(atom if quoted is None else Quoted(quoted))
    return stack[0][0]


def load(path):
    """The expression a file holds."""
    with open(path, encoding="utf-8") as file:
        return parse(file.read())


def dump(tree, depth=0):
    """`tree` as text, a line for each nested list."""
    if isinstance(tree, Quoted):
        return f'"{tree}"'
    if isinstance(tree, str):
        return tree
    head = " ".join(dump(item) for item in tree if not isinstance(item, list))
    rest = [dump(item, depth + 1) for item in tree if isinstance(item, list)]
    if not rest:
        return f"({head})"
    if all("\n" not in item for item in rest) and len(head) + sum(map(len, rest)) < 90:
        return f"({' '.join([head, *rest])})"
    inner = "".join("\n" + "\t" * (depth + 1) + item for item in rest)
    return f"({head}{inner}\n" + "\t" * depth + ")"


def every(tree, name):
    """The direct children of `tree` whose head is `name`."""
    return [item for item in tree if isinstance(item, list) and item and item[0] == name]


def one(tree, name):
    """The first direct child with head `name`, or None."""
    found = every(tree, name)
    return found[0] if found else None
