"""Fewer names for a small chip: what only this program calls so shares a few names.

MicroPython keeps every name that a module brings along in RAM, once: 7 bytes, and 2 for each
module, in pools that double when they are full. Names of functions, classes, attributes and
arguments mean nothing to the chip. So hundreds of them are given here the words that MicroPython
has in flash anyway (append, splitlines …: they cost nothing), and _0, _1 … when those are used
up; two names that can meet in one class or one module stay apart. Lines stay as they are, so a
traceback still says where.

Not touched: constants that the compiler removes, what is passed by keyword or stands in a string,
what is set on an object from outside, and every name that MicroPython, the fetched libraries or
the start files know.
"""

import ast
import builtins
import importlib
import keyword
import re
import sys
from collections import defaultdict
from string import ascii_lowercase

_FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_COMPREHENSION = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
# Modules of MicroPython whose attributes CPython knows too.
_LIBRARY = (
    "array asyncio binascii collections gc hashlib io json math os random re select socket ssl "
    "struct sys time zlib"
).split()
# Words that MicroPython has in flash on every port: the methods of its types, its modules'
# functions. As the name of something of ours they cost no RAM.
_SPARE = """
append clear copy count end endswith extend find from_bytes get index insert isalpha isdigit
islower isspace isupper items join key keys little lower lstrip pop popitem remove replace
reverse rfind rindex rsplit rstrip sep setdefault sort split start startswith step stop strip
to_bytes update upper values fromkeys center partition rpartition splitlines encode decode
isdisjoint discard difference intersection union symmetric_difference issubset issuperset add
sqrt exp log sin cos tan acos asin atan atan2 ceil copysign fabs fmod floor isfinite isinf
isnan trunc modf frexp ldexp degrees radians collect disable enable mem_free mem_alloc
threshold version version_info implementation platform byteorder maxsize exit modules path argv
print_exception stdin stdout stderr listdir mkdir rmdir rename stat statvfs urandom chdir
getcwd unlink ilistdir mount umount gmtime localtime mktime sleep sleep_ms sleep_us ticks_ms
ticks_us ticks_cpu ticks_add ticks_diff time_ns calcsize pack pack_into unpack unpack_from
getrandbits seed match search sub group dump dumps load loads hexlify unhexlify a2b_base64
b2a_base64 crc32 sha256 sha1 digest md5 poll ipoll register unregister modify POLLIN POLLOUT
POLLERR POLLHUP select getaddrinfo bind listen accept connect recv recvfrom sendto sendall
setsockopt settimeout setblocking makefile sizeof addressof bytes_at bytearray_at heappush
heappop heapify namedtuple OrderedDict deque popleft appendleft peek push coro data state done
cancel mem8 mem16 mem32 on off fill pixel hline vline line rect text blit scroll flags buf seek
tell flush getvalue readlines f
""".split()
# The shortest of them, as names of files and so of modules (a file's path takes RAM, too), but for
# what is a module's name somewhere.
_MODULES = {"data", "f", "flags", "line", "select", "state", "text"} | set(sys.stdlib_module_names)
WORDS_FOR_MODULES = tuple(word for word in sorted(_SPARE, key=len) if word not in _MODULES)
# What objects have of themselves.
_OF_OBJECTS = {"args", "errno", "value"}
_TYPES = (str, bytes, bytearray, memoryview, list, dict, set, tuple, int, float, object)
_TYPES += (BaseException, OSError, type(iter([])), type((lambda: (yield))()))


def shorten(
    sources: dict[str, str], foreign: dict[str, str], public: set[str] = frozenset()
) -> dict[str, str]:
    """The same modules ({path: text}) with fewer names; `foreign` are modules that run beside them
    unchanged, `public` names that must stay."""
    trees = {path: ast.parse(text) for path, text in sources.items()}
    beside = [ast.parse(text) for text in foreign.values()]
    keywords = _keywords([*trees.values(), *beside])
    # f(**{"name": …}) passes by keyword too.
    keywords |= set().union(*(_strings(tree) for tree in [*trees.values(), *beside]))
    kept = keywords | known() | _kept(trees, sources) | public
    for tree in beside:
        kept |= _words_of(tree)
    anywhere = _set_from_outside(trees) - kept
    short = _share(trees, kept, anywhere)
    return {
        path: _rewrite(text, _Renamer(trees[path], text, short, keywords).places)
        for path, text in sources.items()
    }


def shorten_script(text: str, public: set[str]) -> str:
    """A script that the chip itself compiles, whose every word takes RAM there: all that it binds,
    in functions too, gets one of the words that MicroPython has anyway, but for `public`."""
    tree = ast.parse(text)
    kept = _keywords([tree]) | _known_words() | public | _strings(tree)
    bound, used = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (used if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.FunctionDef):
            bound.add(node.name)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            kept.add(node.name)
        elif isinstance(node, ast.Attribute):
            kept.add(node.attr)
    free = [word for word in _SPARE if word not in kept | used | bound]
    short = dict(zip(sorted(bound - kept), free, strict=False))
    places = {}
    lines = [line.encode() for line in text.splitlines()]
    for node in ast.walk(tree):
        named = [getattr(node, "id", getattr(node, "arg", getattr(node, "name", None)))]
        if isinstance(node, ast.Global):
            named = node.names
        for name in named:
            if not isinstance(name, str) or name not in short or isinstance(node, ast.keyword):
                continue
            line = lines[node.lineno - 1]
            column = re.compile(rb"\b%s\b" % name.encode()).search(line, node.col_offset).start()
            places[node.lineno, column] = (name, short[name])
    return _rewrite(text, places)


def _known_words() -> set[str]:
    return set(dir(builtins)) | set(keyword.kwlist)


def _keywords(trees) -> set[str]:
    nodes = (node for tree in trees for node in ast.walk(tree))
    return {node.arg for node in nodes if isinstance(node, ast.keyword) and node.arg}


def known() -> set[str]:
    """Names that MicroPython has of its own."""
    known = set(dir(builtins)) | set(keyword.kwlist) | {"const", "self", "ptr8", "ptr16", "ptr32"}
    known |= {"mem_free", "mem_alloc", "threshold", "ticks_ms", "getvalue", "ipoll", "any"}
    for module in map(importlib.import_module, _LIBRARY):
        known |= set(dir(module))
    for kind in (*_TYPES, *_library_types()):
        known |= set(dir(kind))
    return known


def _library_types():
    import asyncio
    import collections
    import hashlib
    import io
    import select
    import socket

    made = (type(hashlib.sha256()), type(select.poll()))
    queue = collections.deque
    return made + (asyncio.Task, asyncio.Event, queue, io.BytesIO, io.FileIO, socket.socket)


def _docstrings(tree) -> set[int]:
    found = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
            found.add(id(body[0].value))
    return found


def _strings(tree) -> set[str]:
    """Texts of a module that may be names: whole ones, documentation left out."""
    silent = _docstrings(tree)
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in silent
        and node.value.isidentifier()
    }


def _words_of(tree) -> set[str]:
    """All that a module names."""
    found = _strings(tree)
    for node in ast.walk(tree):
        for field in ("id", "attr", "arg", "name", "asname", "module"):
            name = getattr(node, field, None)
            if isinstance(name, str):
                found |= set(name.split("."))
        if isinstance(node, ast.Global | ast.Nonlocal):
            found |= set(node.names)
    return found


def _kept(trees, sources) -> set[str]:
    """Names of ours that must stay."""
    modules = {part for path in sources for part in path.removesuffix(".py").split("/")}
    kept = set(modules)
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                kept |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
                kept |= {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}
            elif isinstance(node, ast.Assign) and getattr(
                getattr(node.value, "func", None), "id", ""
            ) in ("const",):
                kept |= {target.id for target in node.targets if isinstance(target, ast.Name)}
            elif isinstance(node, ast.FunctionDef) and node.name.startswith("__"):
                kept.add(node.name)
            elif isinstance(node, ast.ExceptHandler) and node.name:
                kept.add(node.name)
            elif isinstance(node, ast.Import):
                kept |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                kept |= {alias.asname for alias in node.names if alias.asname}
                if not node.level and node.module.split(".")[0] not in modules:
                    kept |= {alias.name for alias in node.names}
    return kept


def _set_from_outside(trees) -> set[str]:
    """Attributes that are set on another object than self: no telling of which class."""
    return {
        node.attr
        for tree in trees.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.ctx, ast.Store)
        and not (isinstance(node.value, ast.Name) and node.value.id == "self")
    }


def _holders(trees) -> dict[str, set]:
    """{name: the classes and modules that have it}. Classes that inherit count as one, and a class
    by its name, whichever module it is in."""
    family: dict[str, set[str]] = {}
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                joined = {node.name} | family.get(node.name, set())
                for base in node.bases:
                    name = getattr(base, "attr", getattr(base, "id", ""))
                    joined |= {name} | family.get(name, set())
                for member in joined:
                    family[member] = joined
    holders = defaultdict(set)
    for path, tree in trees.items():
        for name in _bound(tree.body):
            holders[name].add(path)
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                # Also those that functions import for themselves meet there.
                for alias in node.names:
                    holders[alias.name].add(path)
            if isinstance(node, ast.ClassDef):
                kin = frozenset(family[node.name])
                for name in _bound(node.body):
                    holders[name].add(kin)
            elif isinstance(node, ast.FunctionDef) and (owner := _lent_by(node, family)):
                kin = frozenset(family[owner])
            else:
                continue
            for inner in ast.walk(node):
                if isinstance(inner, ast.Attribute) and isinstance(inner.ctx, ast.Store):
                    holders[inner.attr].add(kin)
    return holders


def _lent_by(function, family) -> str | None:
    """The class that a method was lent by (lend.py): it is called Class_method then."""
    args = function.args.args
    if not args or args[0].arg != "self":
        return None
    fitting = [name for name in family if function.name.startswith(name + "_")]
    return max(fitting, key=len, default=None)


def _bound(body) -> set[str]:
    """Names that these statements bind, functions not entered."""
    found: set[str] = set()
    stack = list(body)
    while stack:
        node = stack.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
            continue
        if isinstance(node, ast.Lambda | _COMPREHENSION):
            continue  # a scope of its own
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            found.add(node.id)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).split(".")[0])
        elif isinstance(node, ast.ExceptHandler) and node.name:
            found.add(node.name)
        stack.extend(ast.iter_child_nodes(node))
    return found


def _share(trees, kept, anywhere) -> dict[str, str]:
    """{name: its short one}: different ones for names that can meet. Those of `anywhere` can meet
    every other."""
    holders = _holders(trees)
    words = set().union(*(_strings(tree) for tree in trees.values()))
    spare = [word for word in _SPARE if word not in words]
    # What a holder has or uses under its own name. In a module a local name would hide it.
    taken = defaultdict(lambda: set(_OF_OBJECTS))
    for name in holders.keys() & kept:
        for holder in holders[name]:
            taken[holder].add(name)
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Name):
                taken[path].add(node.id)
            elif isinstance(node, ast.arg):
                taken[path].add(node.arg)
    short = {}
    everybody = list({holder for found in holders.values() for holder in found} | set(trees))
    free = (holders.keys() | anywhere) - kept
    for name in sorted(free, key=lambda n: (n not in anywhere, -len(holders[n]), n)):
        mine = everybody if name in anywhere else holders[name]
        for new in _new_names(spare):
            if not any(new in taken[holder] for holder in mine):
                break
        for holder in mine:
            taken[holder].add(new)
        short[name] = new
    return short


def _new_names(spare):
    yield from spare
    number = 0
    while True:
        yield f"_{number}"
        number += 1


class _Renamer:
    """Finds where in a module the names stand: `places` is {(line, byte): (old, new)}."""

    def __init__(self, tree, text, short, keywords):
        self.lines = [line.encode() for line in text.splitlines()]
        self.short = short
        self.keywords = keywords
        self.places = {}
        for node in tree.body:
            self.visit(node, {}, 0)

    def put(self, line, column, old, new=None):
        """Rename `old` at a place, if it has a new name."""
        new = new or self.short.get(old)
        if new:
            assert self.lines[line - 1][column:].startswith(old.encode()), (line, column, old)
            self.places[line, column] = (old, new)

    def after(self, node, old):
        """Rename the first word `old` at or behind the beginning of a node."""
        text = self.lines[node.lineno - 1]
        match = re.compile(rb"\b%s\b" % old.encode()).search(text, node.col_offset)
        if match and old in self.short:
            self.put(node.lineno, match.start(), old)

    def visit(self, node, names, depth):
        """`names`: {name bound in a function around: its new name, or None for none}."""
        if isinstance(node, _FUNCTION):
            self.function(node, names, depth)
            return
        if isinstance(node, _COMPREHENSION):
            targets = _bound([part.target for part in node.generators])
            names = names | dict.fromkeys(targets)
        if isinstance(node, ast.ClassDef) and node.name not in names:
            self.after(node, node.name)
        elif isinstance(node, ast.Attribute):
            column = node.end_col_offset - len(node.attr)
            self.put(node.end_lineno, column, node.attr)
        elif isinstance(node, ast.Name):
            if node.id not in names:
                self.put(node.lineno, node.col_offset, node.id)
            elif names[node.id]:
                self.put(node.lineno, node.col_offset, node.id, names[node.id])
        elif isinstance(node, ast.Global):
            for name in node.names:
                self.after(node, name)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                # A name imported into a function becomes that function's own: told apart there.
                self.put(alias.lineno, alias.col_offset, alias.name)
        for child in ast.iter_child_nodes(node):
            self.visit(child, names, depth)

    def function(self, node, names, depth):
        a = node.args
        for outside in [*a.defaults, *filter(None, a.kw_defaults)]:
            self.visit(outside, names, depth)
        for decorator in getattr(node, "decorator_list", ()):
            self.visit(decorator, names, depth)
        if not isinstance(node, ast.Lambda) and node.name not in names:
            self.after(node, node.name)
        body = node.body if isinstance(node.body, list) else [node.body]
        own = _bound(body) - {
            n for g in ast.walk(node) if isinstance(g, ast.Global) for n in g.names
        }
        # What the function binds itself keeps its name, but an imported name has its new one.
        imported = {
            alias.name
            for inner in body
            for found in ast.walk(inner)
            if isinstance(found, ast.ImportFrom)
            for alias in found.names
            if not alias.asname
        }
        inner = names | {name: self.short.get(name) if name in imported else None for name in own}
        whole = any(isinstance(n, ast.Nonlocal | ast.JoinedStr) for n in ast.walk(node))
        for arg in [*a.posonlyargs, *a.args, *a.kwonlyargs, a.vararg, a.kwarg]:
            if arg is None:
                continue
            inner[arg.arg] = None
            plain = arg in a.args or arg in a.posonlyargs
            if plain and not whole and arg.arg != "self" and arg.arg not in self.keywords:
                inner[arg.arg] = f"_{ascii_lowercase[depth]}"
                depth += 1
                self.put(arg.lineno, arg.col_offset, arg.arg, inner[arg.arg])
        for child in body:
            self.visit(child, inner, depth)


def _rewrite(text: str, places: dict[tuple[int, int], tuple[str, str]]) -> str:
    """The text with the names put in, line by line as it was."""
    lines = [line.encode() for line in text.splitlines(keepends=True)]
    for (row, column), (old, new) in sorted(places.items(), reverse=True):
        line = lines[row - 1]
        lines[row - 1] = line[:column] + new.encode() + line[column + len(old.encode()) :]
    return b"".join(lines).decode()
