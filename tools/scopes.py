"""Who means what in a module's source, and the same module with other names (for link.py)."""

import ast
from contextlib import contextmanager
from dataclasses import dataclass

FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef
IMPORT = ast.Import | ast.ImportFrom
_COMPREHENSION = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def dotted(path: str) -> str:
    """lib/meterwire/obis.py as meterwire.obis."""
    name = path.removeprefix("lib/").removesuffix(".py").removesuffix("/__init__")
    return name.replace("/", ".")


def assigned(body):
    """Names that statements of a module or class bind but by import, functions not entered."""
    found, stack = set(), list(body)
    while stack:
        node = stack.pop()
        if isinstance(node, FUNCTION | ast.ClassDef):
            found.add(node.name)
            continue
        if isinstance(node, ast.Lambda | _COMPREHENSION):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        stack.extend(ast.iter_child_nodes(node))
    return found


def imports(body):
    """The import statements among statements, functions and classes not entered."""
    stack = list(body)
    while stack:
        node = stack.pop()
        if isinstance(node, IMPORT):
            yield node
        elif not isinstance(node, FUNCTION | ast.ClassDef | ast.Lambda):
            stack.extend(ast.iter_child_nodes(node))


def flat(nodes):
    """What a NodeTransformer returned for several nodes, as one list."""
    found = []
    for node in nodes:
        found += node if isinstance(node, list) else [] if node is None else [node]
    return found


def _arguments(a):
    return {x.arg for x in [*a.posonlyargs, *a.args, *a.kwonlyargs, a.vararg, a.kwarg] if x}


def _locals(node):
    """(names that a function binds, the imports in it); inner functions not entered."""
    names = _arguments(node.args)
    stack, found, outside = list(node.body), [], set()
    while stack:
        inner = stack.pop()
        if isinstance(inner, ast.Global | ast.Nonlocal):
            outside |= set(inner.names)
        elif isinstance(inner, IMPORT):
            found.append(inner)
        elif isinstance(inner, FUNCTION | ast.ClassDef):
            names.add(inner.name)
            stack.extend(getattr(inner, "decorator_list", ()))
            continue
        elif isinstance(inner, ast.Lambda | _COMPREHENSION):
            # nothing is bound here by them
            continue
        elif isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store | ast.Del):
            names.add(inner.id)
        elif isinstance(inner, ast.ExceptHandler) and inner.name:
            names.add(inner.name)
        stack.extend(ast.iter_child_nodes(inner))
    return names - outside, found


@dataclass
class _Scope:
    """names: {bound here: None if the function's own, else what an import there means}; (bundle,
    name) that are needed from elsewhere, and those whose import stands where the source has it."""

    names: dict
    needed: set
    placed: set

    def imports(self):
        homes: dict[str, list] = {}
        for home, name in sorted(self.needed):
            homes.setdefault(home, []).append(name)
        return [
            ast.ImportFrom(dotted(home), [ast.alias(name) for name in names], 0)
            for home, names in homes.items()
        ]


class Linker(ast.NodeTransformer):
    """Puts the linked names into one module of a link.Program.

    foreign: what the bundle's parts import from elsewhere, {name: meaning}, shared by them all.
    """

    def __init__(self, program, module, foreign):
        self.program = program
        self.module = module
        self.foreign = foreign
        # of the module, then of the functions around, the innermost last
        self._scopes = [_Scope({}, set(), set())]
        self._kept: list[ast.stmt] = []
        self._in_class = False

    def imports(self):
        """The import statements of the module's top, once all of it was visited."""
        return self._scopes[0].imports() + self._kept

    @contextmanager
    def _inside(self, names, own=False):
        """A scope that binds `names`: a function's with `own` imports, or one within it."""
        outer = self._scopes[-1]
        made = (set(), set()) if own else (outer.needed, outer.placed)
        self._scopes.append(_Scope(names, *made))
        yield self._scopes[-1]
        self._scopes.pop()

    def _meaning(self, name):
        """(what a name means here, the scope that binds it); None for a local one or a builtin."""
        for scope in reversed(self._scopes[1:]):
            if name in scope.names:
                return scope.names[name], scope
        return self.module.bound.get(name), self._scopes[0]

    def _home(self, path):
        return self.program.modules[path].home

    def _bundled(self, path):
        return self._home(path) in self.program.bundles

    def _own(self, path, name, scope):
        """The new name of one of the program's own, imported into the scope if it must be."""
        new = self.program.called(path, name)
        there = (self._home(path), new)
        if there[0] != self.module.home and there not in scope.placed:
            scope.needed.add(there)
        return new

    def visit_Name(self, node):
        meaning, scope = self._meaning(node.id)
        if meaning is None:
            return node
        meaning = self.program.end_of(meaning)
        if meaning[0] == "own":
            node.id = self._own(meaning[1], meaning[2], scope)
        elif meaning[0] == "module":
            if self._bundled(meaning[1]):
                raise ValueError(f"{self.module.path} hands on the module {meaning[1]}")
            if scope is self._scopes[0]:
                self._keep(_import_of_module(meaning[1], node.id))
        return node

    def _keep(self, statement):
        if ast.unparse(statement) not in map(ast.unparse, self._kept):
            self._kept.append(statement)

    def visit_Attribute(self, node):
        if not isinstance(node.value, ast.Name):
            return self.generic_visit(node)
        meaning, scope = self._meaning(node.value.id)
        if meaning and meaning[0] != "own":
            meaning = self.program.end_of(meaning)
        if not meaning or meaning[0] != "module" or not self._bundled(meaning[1]):
            return self.generic_visit(node)
        bound = self.program.modules[meaning[1]].bound.get(node.attr)
        end = bound and self.program.end_of(bound)
        if not end or end[0] != "own":
            raise ValueError(f"{self.module.path}: {meaning[1]} has no {node.attr} of its own")
        new = self._own(end[1], end[2], scope)
        return ast.copy_location(ast.Name(new, node.ctx), node)

    def visit_Global(self, node):
        node.names = [self.program.called(self.module.path, name) for name in node.names]
        return node

    # imports

    def visit_Import(self, node):
        if getattr(node, "tried", False):
            # What it binds is the module's own, whichever of several imports it is.
            names = [
                ast.alias(a.name, self.program.called(self.module.path, a.asname or a.name))
                for a in node.names
            ]
            return ast.ImportFrom(self.program.source_of(self.module, node), names, 0)
        found = self.program.meaning(self.module, node).items()
        kept = flat(self._import(bound, self.program.end_of(m)) for bound, m in found)
        return kept or (ast.Pass() if len(self._scopes) > 1 else None)

    visit_ImportFrom = visit_Import

    def _import(self, bound, end):
        """The statement that binds a name here, None if there is none needed."""
        at_top = len(self._scopes) == 1
        if end[0] == "foreign":
            _, source, name, asname = end
            if at_top and self.foreign.setdefault(bound, end) != end:
                raise ValueError(f"{bound} means two things: {self.foreign[bound]}, {end}")
            if name is None:
                return ast.Import([ast.alias(source, asname)])
            return ast.ImportFrom(source, [ast.alias(name, asname)], 0)
        path = end[1]
        if end[0] == "module":
            if self._bundled(path):
                return None
            if not at_top:
                return _import_of_module(path, bound)
            return self._keep(_import_of_module(path, bound))
        if at_top:
            # imported with the names that are used; out of a module by itself under its own name
            if bound != end[2] and not self._bundled(path):
                raise ValueError(f"{self.module.path}: {end[2]} as {bound}")
            return None
        if not self._bundled(path):
            alias = ast.alias(end[2], None if bound == end[2] else bound)
            return ast.ImportFrom(dotted(path), [alias], 0)
        if self._home(path) == self.module.home:
            return None
        # At its place: it may be left for another bundle to be there only then.
        new = self.program.called(path, end[2])
        self._scopes[-1].placed.add((self._home(path), new))
        return ast.ImportFrom(dotted(self._home(path)), [ast.alias(new)], 0)

    # scopes

    def _function(self, node):
        node.decorator_list = [self.visit(d) for d in node.decorator_list]
        self._defaults(node.args)
        names, own = _locals(node)
        scope = dict.fromkeys(names)
        for statement in own:
            for bound, meaning in self.program.meaning(self.module, statement).items():
                # what stays a module or comes from one remains the function's own name
                end = self.program.end_of(meaning)
                scope[bound] = meaning if end[0] != "foreign" and self._bundled(end[1]) else None
        with self._inside(scope, own=True) as inside:
            body = flat(self.visit(child) for child in node.body)
        node.body = inside.imports() + body
        return node

    def _defaults(self, a):
        a.defaults = [self.visit(d) for d in a.defaults]
        a.kw_defaults = [d and self.visit(d) for d in a.kw_defaults]

    def visit_FunctionDef(self, node):
        if len(self._scopes) == 1 and not self._in_class:
            node.name = self.program.called(self.module.path, node.name)
        return self._function(node)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node):
        self._defaults(node.args)
        with self._inside(dict.fromkeys(_arguments(node.args))):
            node.body = self.visit(node.body)
        return node

    def visit_ListComp(self, node):
        targets = [n for part in node.generators for n in ast.walk(part.target)]
        with self._inside(dict.fromkeys(n.id for n in targets if isinstance(n, ast.Name))):
            return self.generic_visit(node)

    visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_ListComp

    def visit_ClassDef(self, node):
        if len(self._scopes) == 1:
            node.name = self.program.called(self.module.path, node.name)
        node.bases = [self.visit(b) for b in node.bases]
        own = dict.fromkeys(assigned(node.body))
        was, self._in_class = self._in_class, True
        body = []
        for child in node.body:
            if isinstance(child, FUNCTION):
                body.append(self._function(child))
            else:
                # Names of the class are seen by its statements, not by its functions.
                with self._inside(own):
                    body.append(self.visit(child))
        node.body = flat(body)
        self._in_class = was
        return node


def _import_of_module(path, bound):
    package, _, name = dotted(path).rpartition(".")
    return ast.ImportFrom(package, [ast.alias(name, None if bound == name else bound)], 0)
