"""Makes the plain twin of a Viper file: the same functions as ordinary Python.

Where Viper is not to be had (CPython, the ESP8266 but for its CRC) the twin runs instead. It is
made from the same source, so there is one text to read and to mend. What changes:

- the decorator and the annotations go;
- `int(x)` and `uint(x)` around a buffer mean its address: 0 in the twin, where an address is an
  index into the buffer; around anything else they mean x;
- `ptr8(i)[n]` with an address i is `buf[i + n]`, buf being the function's only ptr8 parameter,
  or for two buffers the one the address was made from (`i += int(data)`);
- `x = ptr8(window)` is `x = window`;
- what is stored into a byte or a halfword is cut to its size, as the machine does it;
- inside CPython the constants are put in, as MicroPython's compiler does.
"""

import ast

VIPER = ("crc_v", "frame_v", "apdu_v", "text_v", "judge_v", "digits_v", "ghash_v")
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
            # i += int(buf): from here on i is an address in buf
            if isinstance(inner, ast.AugAssign) and isinstance(inner.target, ast.Name):
                base = self._address(inner.value)
                if base:
                    self.origin[inner.target.id] = base
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


def _constants(tree):
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            if getattr(node.value.func, "id", "") == "const":
                found[node.targets[0].id] = ast.literal_eval(node.value.args[0])
    return found


def plain_tree(text, inline=False):
    """The twin's syntax tree; inline=True also puts the constants in (for CPython)."""
    tree = ast.parse(text)
    constants = _constants(tree) if inline else {}
    body = []
    for node in tree.body:
        if isinstance(node, ast.Import) and node.names[0].name == "micropython":
            continue
        if inline and isinstance(node, ast.ImportFrom) and node.module == "micropython":
            continue
        if inline and isinstance(node, ast.Assign) and node.targets[0].id in constants:
            node.value = ast.copy_location(ast.Constant(constants[node.targets[0].id]), node.value)
        else:
            node = _Plain(constants).visit(node)
        body.append(node)
    tree.body = body
    return ast.fix_missing_locations(tree)


def plain_source(text):
    """The twin as source for MicroPython's compiler, docstrings left out (they cost flash)."""
    tree = plain_tree(text)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.FunctionDef)) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree) + "\n"


def load(name):
    """Import the twin of the Viper file `name` of this package on CPython."""
    import os
    import sys
    import types

    full = __package__ + "." + name
    if full in sys.modules:
        return sys.modules[full]
    path = os.path.join(os.path.dirname(__file__), name + ".py")
    with open(path, encoding="utf-8") as file:
        code = compile(plain_tree(file.read(), inline=True), path, "exec")
    module = types.ModuleType(full)
    module.__package__ = __package__
    module.__file__ = path
    sys.modules[full] = module
    exec(code, module.__dict__)
    return module
