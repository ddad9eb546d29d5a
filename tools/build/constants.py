"""Constants put in where they are used, over the borders of meterwire's modules.

MicroPython's compiler puts a const() in within its own module only. The words of the decoder's
context arrays are stated once, beside the code that owns them, and read by others as find.PAY,
judge.FLAGS …: on a chip each costs an entry in a dict, a name, and a look-up at every use. Here
they become the numbers they are, line for line, so a traceback still says where.
"""

import ast

# How meterwire names the modules that exist twice, see meterwire/fast.py and telegram.py.
_ALIASES = {
    "find": "frame",
    "apdu": "apdu",
    "judge": "judge",
    "digits": "digits",
    "text": "text",
}
_FOLDER = "lib/meterwire/"


def _stem(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".py").removesuffix("_v").removesuffix("_plain")


def _number(node: ast.AST) -> int | None:
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "const":
        node = node.args[0]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            value = _number(node.operand)
            return None if value is None else -value
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    return None


def _stated(tree: ast.Module, everywhere: bool) -> dict[str, tuple[int, ast.Assign]]:
    """Names that the module binds once and for all to a number: with const(), or any way."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            if everywhere or isinstance(node.value, ast.Call):
                value = _number(node.value)
                if value is not None:
                    found[node.targets[0].id] = value, node
    return found


def _edit(text: str, edits: list[tuple[ast.AST, str]]) -> str:
    lines = [line.encode() for line in text.splitlines()]
    for node, new in sorted(edits, key=lambda e: (e[0].lineno, e[0].col_offset), reverse=True):
        assert node.lineno == node.end_lineno
        line = lines[node.lineno - 1]
        lines[node.lineno - 1] = (
            line[: node.col_offset] + new.encode() + line[node.end_col_offset :]
        )
    return b"\n".join(lines).decode() + "\n"


def _loads(tree: ast.Module, names: dict[str, int]):
    """Every read of one of the names, with its number."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            if node.id in names:
                yield node, str(names[node.id])


def fold(texts: dict[str, str]) -> dict[str, str]:
    """The same modules ({path: text}) with the decoder's constants put in."""
    ours = {path: ast.parse(text) for path, text in texts.items() if path.startswith(_FOLDER)}
    words = {}
    for path, tree in ours.items():
        if _stem(path) in _ALIASES.values():
            words[_stem(path)] = {n: v for n, (v, _) in _stated(tree, False).items()}
    folded = dict(texts)
    for path, tree in ours.items():
        edits = []
        owner = _stem(path) in words
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                known = words.get(_ALIASES.get(node.value.id, ""), {})
                if not owner and node.attr in known:
                    edits.append((node, str(known[node.attr])))
        text = _edit(texts[path], edits)
        # now that find.PAY is a number, so is _PAY = find.PAY
        tree = ast.parse(text)
        mine = {
            name: (value, node)
            for name, (value, node) in _stated(tree, not owner).items()
            if owner or name.startswith("_")
        }
        edits = [(node, "pass") for _, node in mine.values()]
        numbers = {name: value for name, (value, _) in mine.items()}
        edits += _loads(tree, numbers)
        folded[path] = _edit(text, edits)
    return folded
