"""Functions that are seldom called need not stay in a small chip's memory.

Each group of them lies in a module of its own, which is loaded for one call and let go with its
last line: self.f(x) becomes _borrow("c3").f(self, x), and C(x), whose __init__ is lent, becomes
_borrow("c3").C___init__(C(), x), which returns the object. From flash that takes milliseconds.
Works on the modules that link.py has put together.
"""

import ast
import copy
from dataclasses import dataclass

from kwhisper_tools.link import Program
from kwhisper_tools.names import known
from kwhisper_tools.scopes import FUNCTION, IMPORT, assigned, dotted, imports

_BORROW = "_borrow"
# Kept in the first bundle; the modules lie in the root, where they are found first.
# Garbage is collected often from there on, so that what stays does not come to lie scattered.
_BORROW_SOURCE = """
import gc
gc.threshold(1024)

def _borrow(name):
    module = __import__(name)
    del sys.modules[name]
    return module
"""


@dataclass
class _Lent:
    """A function that lies in the module `group`, called `name` there."""

    group: str
    name: str
    cls: str | None
    node: ast.AST
    home: str


def lend(
    program: Program, seldom: dict[str, tuple[str, ...]], words: tuple[str, ...] = ()
) -> dict[str, str]:
    """Move the functions of `seldom` into modules of their own, one a group: {group: its path}.

    seldom: {group: functions of bundles, "path:name" or "path:Class.name"}. The first bundle holds
    _borrow. words: what to call the modules, c0, c1 … without. Raises ValueError for a function
    that is handed on, or that a call cannot be told to mean.
    """
    linked = program.trees
    first = next(iter(program.bundles))
    lent = []
    groups = list(words[: len(seldom)])
    groups += [f"c{number}" for number in range(len(groups), len(seldom))]
    for name, functions in zip(groups, seldom.values(), strict=True):
        for full in functions:
            lent.append(_taken_out(linked, program, name, full))
    paths = {group: f"{name}.py" for group, name in zip(seldom, groups, strict=True)}
    if not lent:
        return paths
    known = _Known(linked, lent)
    for name in groups:
        group = [one for one in lent if one.group == name]
        linked[f"{name}.py"] = _group(group, linked, known)
    for path, tree in linked.items():
        if path not in known.groups:
            known.put(tree, path, None, first)
    for path in program.bundles:
        _without_idle_imports(linked, path)
    head = ast.parse("import sys\n" + _BORROW_SOURCE).body
    body = [n for n in linked[first].body if ast.unparse(n) != "import sys"]
    at = max((i + 1 for i, n in enumerate(body) if isinstance(n, IMPORT)), default=0)
    linked[first].body = head[:1] + body[:at] + head[1:] + body[at:]
    return paths


def _without_idle_imports(linked, path):
    """What only lent functions used need not be imported any more."""
    tree = linked[path]
    used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    for other in linked.values():
        for node in ast.walk(other):
            if isinstance(node, ast.ImportFrom) and node.module == dotted(path):
                used |= {alias.name for alias in node.names}
    for node in [n for n in tree.body if isinstance(n, IMPORT)]:
        node.names = [a for a in node.names if (a.asname or a.name).split(".")[0] in used]
        if not node.names:
            tree.body.remove(node)


def _taken_out(linked, program, group, full):
    path, _, name = full.partition(":")
    if path not in program.modules or program.modules[path].home not in program.bundles:
        raise ValueError(f"{path} is in no bundle")
    cls, _, name = name.rpartition(".")
    home = program.modules[path].home
    holder = linked[home]
    if cls:
        cls = program.called(path, cls)
        holder = _defined(holder, cls, full)
    else:
        name = program.called(path, name)
    node = _defined(holder, name, full)
    if node.decorator_list:
        raise ValueError(f"{full} has a decorator")
    if cls and name[0] != "_" and name in known():
        raise ValueError(f"{full}: objects of MicroPython have such a method too")
    holder.body.remove(node)
    if not holder.body:
        holder.body.append(ast.Pass())
    lent = _Lent(group, f"{cls}_{name}" if cls else name, cls or None, node, home)
    lent.method = name
    node.name = lent.name
    if name == "__init__":
        if any(isinstance(n, ast.Return) for n in ast.walk(node)):
            raise ValueError(f"{full} returns before its end")
        node.body.append(ast.parse(f"return {node.args.args[0].arg}").body[0])
    return lent


def _defined(holder, name, full):
    for node in holder.body:
        if isinstance(node, FUNCTION | ast.ClassDef) and node.name == name:
            return node
    raise ValueError(f"there is no {full}")


class _Known:
    """Finds out whether a call is one of a function that was lent."""

    def __init__(self, linked, lent):
        self.groups = {f"{one.group}.py" for one in lent}
        self.functions = {one.name: one for one in lent if not one.cls}
        self.methods = {}
        self.made = {one.cls: one for one in lent if one.method == "__init__"}
        for one in lent:
            if one.cls and one.method != "__init__":
                self.methods.setdefault(one.method, []).append(one)
        for tree in linked.values():
            self._check_stored(tree)
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef):
                    self._check_heirs(node)
        self.staying = {
            node.name
            for tree in linked.values()
            for node in ast.walk(tree)
            if isinstance(node, FUNCTION)
        }

    def _check_stored(self, tree):
        for node in ast.walk(tree):
            if not isinstance(node, ast.Attribute) or node.attr[0] == "_":
                continue
            if isinstance(node.ctx, ast.Store):
                for one in self.methods.get(node.attr, ()):
                    raise ValueError(f"{one.method} is also what something holds: not to be told")

    def _check_heirs(self, cls):
        bases = {getattr(base, "id", "") for base in cls.bases}
        for node in cls.body:
            for one in self.methods.get(getattr(node, "name", ""), ()):
                if one.cls in bases:
                    raise ValueError(f"{one.cls}.{one.method} is overridden: it has to stay")
        if bases & self.made.keys():
            raise ValueError(f"{cls.name} has heirs' rights to an __init__ that is lent")

    def method(self, name, of_self, cls):
        """The lent method that a call of `name` means, None if it is none."""
        found = self.methods.get(name, ())
        if of_self:
            for one in found:
                if one.cls == cls:
                    return one
        if not found or of_self and (name[0] == "_" or name in self.staying):
            return None  # this class's own
        if len(found) > 1 or name in self.staying:
            raise ValueError(f"{name} is a method of several classes: it cannot be lent")
        return found[0]

    def put(self, tree, path, group, first):
        """Make the calls in a module borrow what they call."""
        borrower = _Borrower(self, path, group)
        borrower.visit(tree)
        if borrower.used and path != first:
            tree.body.insert(0, ast.ImportFrom(dotted(first), [ast.alias(_BORROW)], 0))


def _group(functions, linked, known):
    """The module of a group: its functions, and imports of what they name."""
    used = False
    for one in functions:
        borrower = _Borrower(known, None, one.group, one.cls)
        borrower.visit(one.node)
        used = used or borrower.used
    needed = {}
    for one in functions:
        top = linked[one.home]
        bound = assigned(top.body)
        imported = {
            alias.asname or alias.name.split(".")[0]: (statement, alias)
            for statement in imports(top.body)
            for alias in statement.names
        }
        for inner in ast.walk(one.node):
            if isinstance(inner, ast.Global):
                raise ValueError(f"{one.name} binds a name of its module")
            if not isinstance(inner, ast.Name) or not isinstance(inner.ctx, ast.Load):
                continue
            if inner.id in bound:
                needed[inner.id] = _constant(top, inner.id) or ast.ImportFrom(
                    dotted(one.home), [ast.alias(inner.id)], 0
                )
            elif inner.id in imported:
                statement, alias = imported[inner.id]
                needed[inner.id] = copy.copy(statement)
                needed[inner.id].names = [alias]
    heads = list(needed.values())
    if used:
        home = next(iter(linked))
        heads.insert(0, ast.ImportFrom(dotted(home), [ast.alias(_BORROW)], 0))
    if any(isinstance(h, ast.Assign) for h in heads):
        heads = [h for h in heads if ast.unparse(h) != "from micropython import const"]
        heads.insert(0, ast.parse("from micropython import const").body[0])
    return ast.Module(heads + [one.node for one in functions], [])


def _constant(tree, name):
    """The statement of a constant that the compiler puts in where it is used."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name:
            if name[0] == "_" and isinstance(node.value, ast.Call):
                if getattr(node.value.func, "id", "") == "const":
                    return node
    return None


class _Borrower(ast.NodeTransformer):
    """Calls of functions that lie elsewhere: self.f(x) becomes _borrow("c3").f(self, x)."""

    def __init__(self, known, path, group, cls=None):
        self.known = known
        self.path = path
        self.group = group
        self.cls = cls
        self.used = False

    def visit_ClassDef(self, node):
        was, self.cls = self.cls, node.name
        self.generic_visit(node)
        self.cls = was
        return node

    def visit_Attribute(self, node):
        of_self = isinstance(node.value, ast.Name) and node.value.id == "self"
        if isinstance(node.ctx, ast.Load) and self.known.method(node.attr, of_self, self.cls):
            raise ValueError(f"{ast.unparse(node)} is handed on: it has to stay")
        return self.generic_visit(node)

    def visit_Call(self, node):
        f = node.func
        if isinstance(f, ast.Name) and f.id in self.known.made:
            lent = self.known.made[f.id]
        elif isinstance(f, ast.Attribute):
            of_self = isinstance(f.value, ast.Name) and f.value.id == "self"
            lent = self.known.method(f.attr, of_self, self.cls)
        else:
            lent = self.known.functions.get(getattr(f, "id", None))
        if lent is None:
            return self.generic_visit(node)
        node.args = [self.visit(a) for a in node.args]
        node.keywords = [self.visit(k) for k in node.keywords]
        if lent.method == "__init__":
            node.args.insert(0, ast.Call(f, [], []))
        elif lent.cls:
            node.args.insert(0, self.visit(f.value))
        if lent.group == self.group:
            node.func = ast.Name(lent.name, ast.Load())
        else:
            self.used = True
            lender = ast.Call(ast.Name(_BORROW, ast.Load()), [ast.Constant(lent.group)], [])
            node.func = ast.Attribute(lender, lent.name, ast.Load())
        return node

    def visit_Name(self, node):
        if node.id in self.known.functions and isinstance(node.ctx, ast.Load):
            raise ValueError(f"{node.id} is handed on: it has to stay")
        return node

    def visit_ImportFrom(self, node):
        node.names = [a for a in node.names if a.name not in self.known.functions]
        return node if node.names else None
