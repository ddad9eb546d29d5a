"""bytecode.txt: what firmware/kwhisper/bytecode.py must know to move code out of the heap."""

import ast
import zlib

from kwhisper_tools.build import mpy

TABLE = "kwhisper/bytecode.txt"
# Modules that the run mode loads to stay, of which nothing runs before all are loaded. What finds
# no place any more stays in the heap, so the surely loaded come first.
RESIDENT = (
    "meterwire.decoder",
    "meterwire.reading",
    "kwhisper.mqtt.publisher",
    "kwhisper.mqtt.client",
    "kwhisper.storage.ledger",
    "kwhisper.mqtt.packets",
    "meterwire.mep",
    "kwhisper.meter.mep_client",
    "kwhisper.meter.reader",
    "kwhisper.meter.uart",
    "kwhisper.storage.record",
    "kwhisper.latest",
    "kwhisper.meter.plausible",
    "meterwire.obis",
    "kwhisper.clock",
    "kwhisper.formats.entries",
    "kwhisper.calendar",
    "kwhisper.formats",
    "kwhisper.formats.topics",
    "kwhisper.panel",
    "kwhisper.storage.history",
    "kwhisper.energy.account",
    "kwhisper.storage.settings",
    "kwhisper.formats.json_object",
    "kwhisper.formats.writer",
    "meterwire.cipher",
    "meterwire.gcm_v",
    "kwhisper.status",
    "kwhisper.storage.checked",
    "kwhisper.storage.table",
    "kwhisper.board",
    "kwhisper.outside",
    "kwhisper.mqtt.discovery",
    "kwhisper.formats.entities",
    "kwhisper.web",
    "kwhisper",
    # While somebody looks at the pages:
    "kwhisper.web.api",
    "kwhisper.web.limits",
    "kwhisper.web.run_server",
    # What only some meters' lists want, once they come:
    "meterwire.telegram_v",
    "meterwire.layout",
    "meterwire.element_v",
    "meterwire.orders",
    "meterwire.physics",
    "meterwire.scales",
    "meterwire.problems",
    "meterwire.assembly",
    "meterwire.unlinked_v",
)
# Of these something runs for ever once the parts run, so all of it moves before, but for what runs
# even then.
STARTED = {
    "kwhisper.app": ("main",),
    "kwhisper.running": ("run",),
    "kwhisper.network.station": (),
    "kwhisper.network.cable": (),
}
# Bytes of a function's bytecode from which on it is worth its line: the heap counts in 16.
_LEAST = 17
_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef
_INSIDE = ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def functions(text: str, data: bytes) -> dict[str, bytes]:
    """{name, or class and name with a dot: bytecode} of the functions of a module and of its
    classes that their names lead to, from its source and its .mpy."""
    return dict(_named(ast.parse(text).body, mpy.code(data).children, ""))


def _named(body, codes, before):
    scopes = [scope for node in body for scope in _scopes(node)]
    if len(scopes) != len(codes):
        raise ValueError(f"{len(scopes)} functions, but {len(codes)} in the .mpy")
    for scope, code in zip(scopes, codes, strict=True):
        if isinstance(scope, ast.ClassDef) and not before:
            yield from _named(scope.body, code.children, scope.name + ".")
        elif isinstance(scope, _FUNCTIONS) and code.bytecode and not scope.decorator_list:
            yield before + scope.name, code.data


def _scopes(node):
    """What of a statement or expression becomes code of its own, without what is inside that."""
    if isinstance(node, _FUNCTIONS | ast.ClassDef | _INSIDE):
        if not isinstance(node, _INSIDE):
            for outside in node.decorator_list:
                yield from _scopes(outside)
        if isinstance(node, _FUNCTIONS | ast.Lambda):
            for default in (*node.args.defaults, *node.args.kw_defaults):
                if default:
                    yield from _scopes(default)
        yield node
    else:
        for child in ast.iter_child_nodes(node):
            yield from _scopes(child)


def _pauses(node):
    """Whether it is a coroutine or a generator: its call may be under way at any time."""
    if isinstance(node, ast.FunctionDef):
        return any(isinstance(inside, ast.Yield | ast.YieldFrom) for inside in ast.walk(node))
    return isinstance(node, ast.AsyncFunctionDef)


def table(texts: dict[str, str], files: dict[str, bytes]) -> bytes:
    """The table, of {path: source} and {path: .mpy} as they go onto a chip."""
    lines = []
    for name in RESIDENT + tuple(STARTED):
        path = name.replace(".", "/")
        if name.startswith("meterwire."):
            path = "lib/" + path
        if path + ".py" not in texts:
            path += "/__init__"
        text = texts[path + ".py"]
        stay = set(STARTED.get(name, ()))
        if name.startswith("meterwire."):
            # Of the decoder some moves while a list is read.
            stay |= {node.name for node in ast.walk(ast.parse(text)) if _pauses(node)}
        rows = [
            f" {function} {len(code)} {zlib.crc32(code):x}\n"
            for function, code in functions(text, files[path + ".mpy"]).items()
            if len(code) >= _LEAST and function.rpartition(".")[2] not in stay
        ]
        lines.append(f"{name} {sum(map(len, rows))}\n")
        lines += rows
    return "".join(lines).encode()
