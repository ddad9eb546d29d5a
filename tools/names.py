"""Fewer names for a small chip: private names and arguments share a few.

MicroPython keeps every name that a module brings along in RAM, once: 7 bytes, and 2 for each
module, in pools that double when they are full. Private names (_x) and the names of arguments
mean nothing outside of where they stand, so hundreds of them become _0, _1 … and _a, _b … here.
Lines stay as they are, so a traceback still says where.

Not touched: public names, constants that the compiler removes, what is passed by keyword, and
every name that also stands in a string.
"""

import ast
import io
import re
import tokenize
from collections import defaultdict
from string import ascii_lowercase

_PRIVATE = re.compile(r"_[A-Za-z0-9]\w*$")


def shorten(sources: dict[str, str], foreign: dict[str, str]) -> dict[str, str]:
    """The same modules ({path: text}) with fewer names; `foreign` are modules that run beside them
    unchanged."""
    trees = {path: ast.parse(text) for path, text in sources.items()}
    kept = _kept(trees, sources, foreign)
    private = _share(trees, kept)
    keywords = {
        node.arg
        for tree in [*trees.values(), *(ast.parse(text) for text in foreign.values())]
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and node.arg
    }
    return {
        path: _rewrite(text, _arguments(trees[path], keywords), private)
        for path, text in sources.items()
    }


def _kept(trees, sources, foreign) -> set[str]:
    """Private names that must stay."""
    kept = {path.rpartition("/")[2].removesuffix(".py") for path in sources}
    for text in foreign.values():
        kept |= set(re.findall(r"\b_\w+", text))
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                kept |= set(re.findall(r"\b_\w+", node.value))
            elif isinstance(node, ast.JoinedStr):
                kept |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
                kept |= {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}
            elif isinstance(node, ast.Assign) and _is_const(node.value):
                kept |= {target.id for target in node.targets}
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                # Set on somebody else's object, where names of two files meet.
                if not (isinstance(node.value, ast.Name) and node.value.id == "self"):
                    kept.add(node.attr)
    return kept


def _is_const(node) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == "const"


def _defined(tree) -> set[str]:
    """Private names that a module makes itself."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            found.add(node.attr)
    return {name for name in found if _PRIVATE.match(name)}


def _used(tree) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        for name in ("id", "attr", "name"):
            value = getattr(node, name, None)
            if isinstance(value, str) and _PRIVATE.match(value):
                found.add(value)
    return found


def _families(trees) -> dict[str, set[str]]:
    """{path: paths whose names can meet its own on one object}: itself and, where a class inherits
    across files, both."""
    homes = defaultdict(set)
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                homes[node.name].add(path)
    families = {path: {path} for path in trees}
    for path, tree in trees.items():
        for node in ast.walk(tree):
            for base in node.bases if isinstance(node, ast.ClassDef) else ():
                name = base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
                for home in homes[name]:
                    joined = families[path] | families[home]
                    for member in joined:
                        families[member] = joined
    return families


def _share(trees, kept) -> dict[str, str]:
    """{private name: its short one}: different ones for names that can meet."""
    defined = set().union(*map(_defined, trees.values())) - kept
    families = _families(trees)
    places = defaultdict(set)
    for path, tree in trees.items():
        for name in _used(tree) & defined:
            places[name] |= families[path]
    taken = defaultdict(set)
    short = {}
    for name in sorted(places, key=lambda n: (-len(places[n]), n)):
        number = 0
        while any(number in taken[path] for path in places[name]):
            number += 1
        for path in places[name]:
            taken[path].add(number)
        short[name] = f"_{number}"
    return short


def _arguments(tree, keywords) -> dict[tuple[int, int], str]:
    """{(line, column): new name} of every argument and every use of it."""
    found: dict[tuple[int, int], str] = {}

    def visit(node, names, depth):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            a = node.args
            for outside in [*a.defaults, *filter(None, a.kw_defaults)]:
                visit(outside, names, depth)
            for decorator in getattr(node, "decorator_list", ()):
                visit(decorator, names, depth)
            inner = {n: t for n, t in names.items() if n not in _locals(node)}
            for arg in [*a.posonlyargs, *a.args]:
                if arg.arg in keywords or arg.arg == "self" or _outer(node, arg.arg):
                    continue
                inner[arg.arg] = f"_{ascii_lowercase[depth]}"
                depth += 1
                found[arg.lineno, arg.col_offset] = inner[arg.arg]
            body = node.body if isinstance(node.body, list) else [node.body]
            for child in body:
                visit(child, inner, depth)
            return
        if isinstance(node, ast.Name) and node.id in names:
            found[node.lineno, node.col_offset] = names[node.id]
        for child in ast.iter_child_nodes(node):
            visit(child, names, depth)

    visit(tree, {}, 0)
    return found


def _locals(function) -> set[str]:
    a = function.args
    found = {arg.arg for arg in [*a.posonlyargs, *a.args, *a.kwonlyargs]}
    found |= {arg.arg for arg in (a.vararg, a.kwarg) if arg}
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return found


def _outer(function, name) -> bool:
    """Whether the name is changed or bound in a way that is not a plain Name: left alone."""
    for node in ast.walk(function):
        if isinstance(node, ast.Nonlocal | ast.Global) and name in node.names:
            return True
        if isinstance(node, ast.ExceptHandler) and node.name == name:
            return True
        if isinstance(node, ast.alias) and name in (node.name, node.asname):
            return True
        if isinstance(node, ast.JoinedStr | ast.ClassDef):
            return True
    return False


def _rewrite(text: str, arguments: dict[tuple[int, int], str], private: dict[str, str]) -> str:
    """The text with the names put in, line by line as it was."""
    lines = text.splitlines(keepends=True)
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    for token in reversed(tokens):
        if token.type != tokenize.NAME:
            continue
        row, column = token.start
        # ast counts bytes, tokenize characters.
        offset = len(lines[row - 1][:column].encode())
        new = arguments.get((row, offset)) or private.get(token.string)
        if new:
            line = lines[row - 1]
            lines[row - 1] = line[:column] + new + line[column + len(token.string) :]
    return "".join(lines)
