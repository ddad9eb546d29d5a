"""Makes the plain twins of the Viper files, and the package as a chip gets it.

Where Viper is not to be had (CPython; on a chip what does not fit its executable memory) the plain
twin of a function runs. It is made from the same source, so there is one text to read and to mend.
What changes:

- the decorator and the annotations go;
- `int(x)` and `uint(x)` around a buffer mean its address: 0 in the twin, where an address is an
  index into the buffer; around anything else they mean x;
- `ptr8(i)[n]` with an address i is `buf[i + n]`, buf being the function's only ptr8 parameter,
  or for two buffers the one the address was made from (`i += int(data)`, `i = int(data)`);
- `x = ptr8(window)` is `x = window`;
- what is stored into a byte or a halfword is cut to its size, as the machine does it;
- the constants of words.py and of the file itself are put in, as MicroPython's compiler does it
  within one file.
"""

import ast
import json
from pathlib import Path

from ._source import VIPER
from .words import AT, ROW, ROWS, TAG

_FOLDER = Path(__file__).parent
# what serves only CPython, or a MicroPython that runs from source
_PC_ONLY = ("_twin", "_source", "words", "gcm_host", "crc_host", "judge_host", "crc_wide_v")
PROFILES = _FOLDER / "profiles.txt"  # goes to a chip as it is
_WIDTH = {"ptr8": 0xFF, "ptr16": 0xFFFF}
_CASTS = ("int", "uint")


class _Plain(ast.NodeTransformer):
    def __init__(self, constants):
        self.constants = constants
        self.pointers = {}
        self.origin = {}

    def visit_FunctionDef(self, node):
        node.decorator_list = []
        self.pointers = {
            a.arg: a.annotation.id
            for a in node.args.args
            if isinstance(a.annotation, ast.Name) and a.annotation.id.startswith("ptr")
        }
        self.origin = {}
        for inner in ast.walk(node):
            # i += int(buf), i = int(buf), then k = i + 1: from here on they are addresses in buf
            target = getattr(inner, "targets", [getattr(inner, "target", None)])[0]
            if isinstance(inner, (ast.AugAssign, ast.Assign)) and isinstance(target, ast.Name):
                value = inner.value
                base = self._address(value)
                while isinstance(value, ast.BinOp) and not base:
                    value = value.left
                    base = self._address(value)
                if isinstance(value, ast.Name) and isinstance(inner, ast.Assign):
                    base = self.origin.get(value.id)
                if base:
                    self.origin[target.id] = base
            # buf = ptr8(window): buf is a pointer from here on
            if isinstance(inner, ast.Assign) and isinstance(inner.targets[0], ast.Name):
                value = inner.value
                if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
                    if value.func.id.startswith("ptr"):
                        self.pointers[inner.targets[0].id] = value.func.id
        for argument in node.args.args:
            argument.annotation = None
        node.returns = None
        self.generic_visit(node)
        node.body = [n for n in node.body if not _adds_nothing(n)]
        return node

    def _address(self, node):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in _CASTS and isinstance(node.args[0], ast.Name):
                if node.args[0].id in self.pointers:
                    return node.args[0].id
        return None

    def visit_Call(self, node):
        if self._address(node):
            return ast.copy_location(ast.Constant(0), node)
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and len(node.args) == 1:
            if node.func.id in _CASTS or node.func.id.startswith("ptr"):
                return node.args[0]
        return node

    def visit_Subscript(self, node):
        value = node.value
        if isinstance(value, ast.Call) and getattr(value.func, "id", "").startswith("ptr"):
            address = value.args[0]
            if isinstance(address, ast.Name) and address.id in self.origin:
                index = address
                if not (isinstance(node.slice, ast.Constant) and node.slice.value == 0):
                    index = ast.BinOp(address, ast.Add(), self.visit(node.slice))
                node.value = ast.copy_location(ast.Name(self.origin[address.id], ast.Load()), node)
                node.slice = ast.copy_location(index, node)
                return node
        self.generic_visit(node)
        return node

    def _width(self, target):
        if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
            return _WIDTH.get(self.pointers.get(target.value.id))
        return None

    def visit_Assign(self, node):
        self.generic_visit(node)
        mask = self._width(node.targets[0])
        if mask and not _small(node.value, mask, self):
            node.value = ast.BinOp(node.value, ast.BitAnd(), ast.Constant(mask))
        return node

    def visit_Name(self, node):
        if isinstance(node.ctx, ast.Load) and node.id in self.constants:
            return ast.copy_location(ast.Constant(self.constants[node.id]), node)
        return node


def _adds_nothing(node):
    return (
        isinstance(node, ast.AugAssign)
        and isinstance(node.value, ast.Constant)
        and node.value.value == 0
    )


def _small(node, mask, plain):
    """True if the value surely fits: a constant, or an element of as narrow a buffer."""
    if isinstance(node, ast.Constant):
        return 0 <= node.value <= mask
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        width = _WIDTH.get(plain.pointers.get(node.value.id))
        return width is not None and width <= mask
    return False


def _number(node):
    """The integer that `const(n)` or a literal states, or None."""
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "const":
        node = node.args[0]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = _number(node.operand)
        return None if value is None else -value
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    return None


def _stated(tree):
    """{name: number} of the constants that a module states at its top."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            value = _number(node.value)
            if value is not None:
                found[node.targets[0].id] = value
    return found


def words():
    """{name: number} of words.py."""
    return _stated(ast.parse((_FOLDER / "words.py").read_text("utf-8")))


def _from_words(node):
    return isinstance(node, ast.ImportFrom) and node.module == "words" and node.level == 1


def _constants(tree):
    """{name: number} of what a module imports from words.py or keeps for itself."""
    known = words()
    found = _private(tree)
    for node in tree.body:
        if _from_words(node):
            for alias in node.names:
                found[alias.asname or alias.name] = known[alias.name]
    return found


def _private(tree):
    """The constants of a module that nobody else asks for: they begin with an underscore."""
    return {name: value for name, value in _stated(tree).items() if name.startswith("_")}


def _is_constant(node, names):
    return (
        isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id in names
        and _number(node.value) is not None
    )


def plain_tree(text):
    """The twin's syntax tree, with the constants put in."""
    tree = ast.parse(text)
    private = _private(tree)
    constants = _constants(tree)
    body = []
    for node in tree.body:
        if isinstance(node, ast.Import) and node.names[0].name == "micropython":
            continue
        if isinstance(node, ast.ImportFrom) and node.module == "micropython":
            continue
        if _from_words(node) or _is_constant(node, private):
            continue
        viper = getattr(node, "decorator_list", None)
        body.append((_Plain if viper else _Numbers)(constants).visit(node))
    tree.body = body
    return ast.fix_missing_locations(tree)


def plain_source(text):
    """The twin as source for MicroPython's compiler, docstrings left out (they cost flash)."""
    return _without_docstrings(plain_tree(text))


def _without_docstrings(tree):
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.FunctionDef)) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree) + "\n"


def mixed_source(text, viper):
    """A Viper file for MicroPython's compiler: the functions named in `viper` stay Viper (None:
    all of them), the others become plain; the constants are put in."""
    tree = ast.parse(text)
    names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    if viper is not None and not names & set(viper):
        return plain_source(text)
    twins = {node.name: node for node in plain_tree(text).body if hasattr(node, "name")}
    private = _private(tree)
    numbers = _Numbers(_constants(tree))
    body = []
    for node in tree.body:
        if _from_words(node) or _is_constant(node, private):
            continue
        if isinstance(node, ast.ImportFrom) and node.module == "micropython":
            continue
        keep = not isinstance(node, ast.FunctionDef) or viper is None or node.name in viper
        body.append(numbers.visit(node) if keep else twins[node.name])
    tree.body = body
    return _without_docstrings(ast.fix_missing_locations(tree))


class _Numbers(ast.NodeTransformer):
    """Puts constants in."""

    def __init__(self, constants):
        self.constants = constants

    def visit_Name(self, node):
        if isinstance(node.ctx, ast.Load) and node.id in self.constants:
            return ast.copy_location(ast.Constant(self.constants[node.id]), node)
        return node


def folded_source(text):
    """An ordinary module with the constants put in, line for line: a traceback still says
    where."""
    tree = ast.parse(text)
    private = _private(tree)
    numbers = _constants(tree)
    edits = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in numbers:
            edits.append((node, str(numbers[node.id])))
        elif _from_words(node) or _is_constant(node, private):
            edits.append((node, "pass" + "\n" * (node.end_lineno - node.lineno)))
    lines = [line.encode() for line in text.splitlines()]
    edits.sort(key=lambda e: (e[0].lineno, e[0].col_offset), reverse=True)
    for node, new in edits:
        first, last = node.lineno - 1, node.end_lineno - 1
        joined = (
            lines[first][: node.col_offset] + new.encode() + lines[last][node.end_col_offset :]
        )
        lines[first : last + 1] = joined.split(b"\n")
    return b"\n".join(lines).decode() + "\n"


def chip_files(viper=None):
    """The package as source for MicroPython's compiler: {file name: text}.

    viper: {Viper file without .py: names of its functions that become machine code}; None: all
    functions; {}: none. CHIP is the choice for a chip.
    """
    found = {}
    for path in sorted(_FOLDER.glob("*.py")):
        text = path.read_text(encoding="utf-8")
        if path.stem in _PC_ONLY:
            continue
        if path.stem in VIPER:
            kept = None if viper is None else viper.get(path.stem, ())
            found[path.name] = mixed_source(text, kept)
            if path.stem == "bytes_v" and viper is None:
                # a PC has room for the tables; the later definition counts
                found[path.name] += mixed_source(
                    (_FOLDER / "crc_wide_v.py").read_text("utf-8"), None
                )
        elif path.stem == "__init__":
            at = text.index("import sys\n")
            found[path.name] = text[:at] + text[text.index("\nfrom .", at) + 1 :]
        else:
            found[path.name] = folded_source(text)
    return found


def chip_choice():
    """The functions that run as machine code on a chip, see chip.json beside this file."""
    return json.loads((_FOLDER / "chip.json").read_text("utf-8"))


# ---- CPython


def load(name):
    """The twin of the Viper file `name` as a new module."""
    import types

    path = _FOLDER / f"{name}.py"
    code = compile(plain_tree(path.read_text(encoding="utf-8")), str(path), "exec")
    module = types.ModuleType(__package__ + "." + name)
    module.__package__ = __package__
    module.__file__ = str(path)
    exec(code, module.__dict__)
    return module


def _push(target, source, end, to, data):
    """Copy data[source:end] to to[target:], at the speed of a slice."""
    to[target : target + end - source] = data[source:end]


def _unique(twin):
    """judge_v.unique, which has nothing to do but for a list with a code twice."""

    def unique(row, rows, memory, words, buf):
        count = words[ROWS]
        codes = bytes(rows[: count * ROW])
        if len({codes[k : k + 5] for k in range(0, count * ROW, ROW)}) < count:
            twin(row, rows, memory, words, buf)

    return unique


def _unit(twin):
    """telegram_v.unit, which meets few units and these again and again."""
    known = {}

    def unit(buf, words, pos):
        text = bytes(buf[pos : pos + 8])
        found = known.get(text)
        if found is None:
            stop = twin(buf, words, pos)
            if b")" in text and len(known) < 100:
                known[text] = words[TAG], words[AT], stop - pos
            return stop
        words[TAG], words[AT], size = found
        return pos + size

    return unit


def install():
    """Put the twins, and what CPython can do faster, where `import` looks."""
    import sys
    import types

    from . import crc_host, judge_host

    gcm = types.ModuleType(__package__ + ".gcm_v")

    def host(name):
        # loaded when a cipher asks for it: the only need of a package from PyPI
        from . import gcm_host

        return getattr(gcm_host, name)

    gcm.__getattr__ = host
    for name in VIPER:
        module = gcm if name == "gcm_v" else load(name)
        if name == "bytes_v":
            module.crc_x25 = crc_host.crc_x25
            module.crc_arc = crc_host.crc_arc
            module.push = _push
        if name == "judge_v":
            module.unique = _unique(module.unique)
            module.totals = judge_host.totals
            module.net = judge_host.net
            module.sums = judge_host.sums
        if name == "telegram_v":
            module.unit = _unit(module.unit)
        sys.modules[__package__ + "." + name] = module
