"""Fewer modules for a small chip: those that always run together become one.

On MicroPython a module costs RAM whatever is in it: a dict with an entry for every name it has or
imports, and a list of all its words. A bundle has one of each for all its parts.

Works on the sources: who means what is settled here instead of by `import` on the chip. What it
cannot settle it refuses.
"""

import ast
from dataclasses import dataclass, field

from kwhisper_tools.scopes import FUNCTION, IMPORT, Linker, assigned, dotted, flat, imports


@dataclass
class _Module:
    path: str
    tree: ast.Module
    home: str  # the module it ends up in
    bound: dict[str, tuple] = field(default_factory=dict)

    @property
    def package(self) -> str:
        name = dotted(self.path)
        return name if self.path.endswith("__init__.py") else name.rpartition(".")[0]

    @property
    def stem(self) -> str:
        parts = self.path.removesuffix(".py").removesuffix("/__init__").split("/")
        return "_".join(part for part in parts if part not in ("lib", "kwhisper", "meterwire"))


def link(
    texts: dict[str, str],
    bundles: dict[str, tuple[str, ...]],
    beside: set[str] = frozenset(),
    public: set[str] = frozenset(),
    used: set[str] = frozenset(),
) -> "Program":
    """The same program ({path: text}) in fewer modules.

    bundles: {path of the bundle: paths of its parts}; a part may have the bundle's own path.
    beside: paths of modules that are there but not among the texts. public: names of the bundles
    that keep their name. used: names that others ask for; what nobody asks for is left out of the
    bundles. Raises ValueError for what cannot be settled.
    """
    program = Program(texts, bundles, beside, public)
    program.trees = program.linked()
    _fold(program.trees, bundles, public)
    _leave_out(program.trees, bundles, public | used)
    return program


class Program:
    """Modules and who means what in them. `trees`: the linked modules, {path: tree}."""

    def __init__(self, texts, bundles, beside, public):
        home = {part: bundle for bundle, parts in bundles.items() for part in parts}
        self.bundles = bundles
        self.public = public
        self.paths = {dotted(path): path for path in texts}
        self.beside = {dotted(path) for path in beside}
        missing = home.keys() - texts.keys()
        if missing:
            raise ValueError(f"no such modules: {sorted(missing)}")
        self.modules = {}
        for path, text in texts.items():
            tree = ast.parse(text)
            module = _Module(path, tree, home.get(path, path))
            self.modules[path] = module
            tree.body = self._settled(module, tree.body)
        for module in self.modules.values():
            _Missing(self, module).visit(module.tree)
            for node in imports(module.tree.body):
                module.bound.update(self.meaning(module, node))
            tried = {name for node in _tried(module.tree) for name in self.meaning(module, node)}
            for name in sorted(assigned(module.tree.body) | tried):
                module.bound[name] = ("own", module.path, name)

    def texts(self) -> dict[str, str]:
        """The linked modules as they are compiled."""
        return {
            path: ast.unparse(ast.fix_missing_locations(tree)) for path, tree in self.trees.items()
        }

    def _settled(self, module, body):
        """Statements without those that this program decides: which runtime, which twin."""
        kept = []
        for node in body:
            if isinstance(node, ast.If) and ast.unparse(node.test) == (
                "sys.implementation.name == 'cpython'"
            ):
                kept += self._settled(module, node.orelse)
            elif isinstance(node, ast.Try) and self._imports_what_is_not(module, node.body):
                for handler in node.handlers:
                    kept += self._settled(module, handler.body)
            elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
                kept.append(node)
        return kept

    def _imports_what_is_not(self, module, body):
        return any(self.is_missing(module, node) for node in body)

    def is_missing(self, module, node):
        """Whether a `from` statement asks for a module of ours that is not there."""
        known = self.paths.keys() | self.beside
        if not isinstance(node, ast.ImportFrom) or not node.level:
            return False
        source = self.source_of(module, node)
        if node.module:
            return source not in known
        # a name of the package itself, or a module in it
        names = {alias.name for alias in node.names}
        body = self.modules[self.paths[source]].tree.body if source in self.paths else []
        own = assigned(body) | {a.asname or a.name for s in imports(body) for a in s.names}
        return not all(name in own or f"{source}.{name}" in known for name in names)

    def source_of(self, module, node):
        """The absolute name of the module that a `from` statement names."""
        if not node.level:
            return node.module
        package = module.package
        for _ in range(node.level - 1):
            package = package.rpartition(".")[0]
        return f"{package}.{node.module}" if node.module else package

    def meaning(self, module, node):
        """{name that an import binds: ("module", path) | ("name", path, name) | ("foreign", …)}"""
        found = {}
        for alias in node.names:
            bound = alias.asname or alias.name.split(".")[0]
            if isinstance(node, ast.Import):
                found[bound] = ("foreign", alias.name, None, alias.asname)
                continue
            source = self.source_of(module, node)
            inner = f"{source}.{alias.name}"
            if inner in self.paths:
                found[bound] = ("module", self.paths[inner])
            elif source in self.paths:
                found[bound] = ("name", self.paths[source], alias.name)
            else:
                found[bound] = ("foreign", source, alias.name, alias.asname)
        return found

    def end_of(self, meaning):
        """Follow a name through the modules that only pass it on."""
        while meaning[0] == "name":
            module = self.modules[meaning[1]]
            if meaning[2] not in module.bound:
                raise ValueError(f"{meaning[1]} has no {meaning[2]}")
            if module.bound[meaning[2]] == meaning:
                return ("own", *meaning[1:])
            meaning = module.bound[meaning[2]]
        return meaning

    def called(self, path, name):
        """What a module's own name is called in its home."""
        module = self.modules[path]
        if module.home not in self.bundles or name in self.public or name.startswith("__"):
            return name
        if name.startswith("_"):
            return f"_{module.stem}{name}"
        return f"{module.stem}_{name}"

    def linked(self):
        """{path: tree} of bundles and of the modules that stay by themselves."""
        found = {}
        for bundle, parts in self.bundles.items():
            found[bundle] = self._bundle(bundle, parts)
        for path, module in self.modules.items():
            if module.home == path and path not in self.bundles:
                linker = Linker(self, module, {})
                body = flat(linker.visit(node) for node in module.tree.body)
                found[path] = ast.Module(linker.imports() + body, [])
        return found

    def _bundle(self, bundle, parts):
        order: dict[str, None] = {}
        for path in parts:
            self._behind_its_imports(path, bundle, order, set())
        top, body = [], []
        foreign: dict[str, tuple] = {}
        for path in order:
            linker = Linker(self, self.modules[path], foreign)
            body += flat(linker.visit(node) for node in self.modules[path].tree.body)
            top += linker.imports()
        return ast.Module(_once(top + body), [])

    def _behind_its_imports(self, path, bundle, order, begun):
        """Put a module into the order in which a bundle's parts run."""
        if path in begun or path in order:
            return
        begun.add(path)
        for meaning in self.modules[path].bound.values():
            if meaning[0] in ("module", "name"):
                for target in (meaning, self.end_of(meaning)):
                    if target[0] != "foreign" and self.modules[target[1]].home == bundle:
                        self._behind_its_imports(target[1], bundle, order, begun)
        order[path] = None


class _Missing(ast.NodeTransformer):
    """In functions, what cannot run here for want of a module: an import of it fails, and nothing
    comes behind it. So the names in it need not be there either."""

    def __init__(self, program, module):
        self._program = program
        self._module = module

    def visit_If(self, node):
        if ast.unparse(node.test) == "sys.implementation.name == 'cpython'":
            return flat(self.visit(child) for child in node.orelse) or ast.Pass()
        return self._shortened(node)

    def visit_FunctionDef(self, node):
        return self._shortened(node)

    visit_AsyncFunctionDef = visit_ExceptHandler = visit_FunctionDef

    def _shortened(self, node):
        self.generic_visit(node)
        for block in ("body", "orelse"):
            for i, child in enumerate(getattr(node, block, ())):
                if self._program.is_missing(self._module, child):
                    getattr(node, block)[i:] = ast.parse("raise ImportError").body
                    break
        return node


def _tried(tree):
    """Imports from this program that may fail: what they bind is the module's own."""
    for node in tree.body:
        if isinstance(node, ast.Try):
            for statement in imports([node]):
                if isinstance(statement, ast.ImportFrom) and statement.level:
                    statement.tried = True
                    yield statement


def _once(nodes):
    """The statements without imports that were made before."""
    seen, kept = set(), []
    for node in nodes:
        if isinstance(node, IMPORT):
            text = ast.unparse(node)
            if text in seen:
                continue
            seen.add(text)
        kept.append(node)
    return kept


# ---- constants put in where they are used


def _fold(linked, bundles, public):
    """Put what the bundles bind once and for all where it is used: as a name of a module it costs
    an entry in a dict, and it is there even when only borrowed functions use it."""
    values = {}  # (module, name) -> the constant
    for path in bundles:
        tree = linked[path]
        bound = [name for node in ast.walk(tree) for name in _binds(node)]
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                name, value = node.targets[0].id, _constant(node.value)
                if value is not None and bound.count(name) == 1 and name not in public:
                    values[dotted(path), name] = value
    for path, tree in linked.items():
        own = {name: value for (home, name), value in values.items() if home == dotted(path)}
        _Folder(values, own).visit(tree)


def _binds(node):
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, ast.Global):
        yield from node.names * 2
    elif isinstance(node, ast.arg):
        yield node.arg


def _constant(node):
    """The number, text or tuple that an expression is, None for anything else."""
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "const":
        node = node.args[0]
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return None
    if type(value) is int or (type(value) in (str, bytes, tuple) and len(repr(value)) <= _LONG):
        return value
    return None


# Longer ones stay where they are: each use would be one more copy in flash.
_LONG = 600


class _Folder(ast.NodeTransformer):
    def __init__(self, values, own):
        self.values = values
        self.own = own

    def visit_ImportFrom(self, node):
        kept = []
        for alias in node.names:
            found = self.values.get((node.module, alias.name))
            if found is None or alias.asname:
                kept.append(alias)
            else:
                self.own[alias.name] = found
        node.names = kept
        return node if kept else ast.Pass()

    def visit_Name(self, node):
        if isinstance(node.ctx, ast.Load) and node.id in self.own:
            value = ast.parse(repr(self.own[node.id])).body[0].value
            return ast.copy_location(value, node)
        return node


# ---- what nobody asks for


def _leave_out(linked, bundles, used):
    """Take functions, methods and values out of the bundles that no module names."""
    while True:
        asked = set(used)
        for tree in linked.values():
            for node in ast.walk(tree):
                if isinstance(node, ast.Attribute):
                    asked.add(node.attr)
                elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                    asked.add(node.id)
                elif isinstance(node, ast.alias):
                    asked.add(node.name)
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    asked.add(node.value)
        found = False
        for bundle in bundles:
            tree = linked[bundle]
            holders = [tree, *(n for n in tree.body if isinstance(n, ast.ClassDef))]
            for holder in holders:
                kept = [n for n in holder.body if not _idle(n, asked)]
                kept = kept or [ast.Pass()]
                found = found or len(kept) < len(holder.body)
                holder.body[:] = kept
        if not found:
            return


def _idle(node, asked):
    """Whether a statement only binds a name that nobody asks for."""
    if isinstance(node, FUNCTION | ast.ClassDef):
        return node.name not in asked and not node.name.startswith("__")
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        value = node.value
        if isinstance(value, ast.Call) and getattr(value.func, "id", "") == "const":
            value = value.args[0]
        simple = all(
            isinstance(n, ast.Constant | ast.Tuple | ast.UnaryOp | ast.USub | ast.Load)
            for n in ast.walk(value)
        )
        return simple and node.targets[0].id not in asked
    return isinstance(node, ast.Pass)
