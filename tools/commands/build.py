"""``kwhisper build``: what goes onto the chips, into dist/; see kwhisper_tools.build.dist."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from kwhisper_tools.build import dist, kwu, tree
from kwhisper_tools.paths import CHECKOUT, DIST


def build(
    chip: Annotated[
        str,
        typer.Option(
            help=f"One of {', '.join(tree.CHIPS)}, or all; demo: an update for kwhisper demo.",
            metavar="CHIP",
        ),
    ] = "all",
    out: Annotated[Path, typer.Option(help="The folder to build into.")] = DIST
    if CHECKOUT
    else Path("dist"),
    key: Annotated[
        Path | None,
        typer.Option(
            help="The private key that the updates are signed with (kwhisper sign --new-key).",
            envvar=kwu.KEY_VARIABLE,
        ),
    ] = None,
) -> None:
    """Make what goes onto the chips, into dist/."""
    from rich.console import Console

    if chip not in (*tree.CHIPS, "all", "demo"):
        raise typer.BadParameter(f"{chip!r} is not one of {', '.join(tree.CHIPS)}, all, demo")
    try:
        private = kwu.read_key(key) if key else None
        if chip == "demo":
            typer.echo(dist.write_update(tree.make(tree.demo()), out, private))
            return
    except ValueError as error:
        raise SystemExit(f"build: {error}")
    chosen = tree.CHIPS.values() if chip == "all" else [tree.CHIPS[chip]]
    console = Console(width=None if sys.stdout.isatty() else 110)
    rows = []
    updates = []
    for one in chosen:
        try:
            made, size = dist.make(one, out)
        except (ValueError, FileNotFoundError) as error:
            raise SystemExit(f"build: {error}")
        rows.append((made, size))
        updates.append(dist.write_update(made, out, private))
    dist.write_manifest(out)
    console.print(_sizes(rows))
    console.print(_code([made for made, _ in rows]))
    for path in filter(None, updates):
        console.print(f"{path}{'' if private else ': not signed (kwhisper sign)'}", markup=False)


def _sizes(rows):
    from rich.table import Table

    table = Table("chip", "for", title="Sizes in bytes")
    groups = ("lib/meterwire", "esp8266", "kwhisper/web", "kwhisper", "lib")
    for name in ("files", "meterwire", "esp8266", "web", "kwhisper", "fetched", "image", "of"):
        table.add_column(name, justify="right")
    for made, size in rows:
        left = dict(made.files)
        sums = []
        for group in groups:
            mine = [path for path in left if path.startswith(group + "/")]
            sums.append(sum(len(left.pop(path)) for path in mine))
        chip = made.chip
        table.add_row(
            chip.name,
            f"{chip.folder}, {chip.image}",
            str(len(made.files)),
            *map(str, sums),
            str(size),
            str(chip.image_budget or "-"),
        )
    return table


def _code(trees: list[tree.Tree]):
    """Machine code of every Viper function; "plain" where the chip runs its plain twin."""
    from rich.table import Table

    sizes = {made.chip.march: tree.viper_sizes(made.chip.march) for made in trees}
    table = Table("module", "function", title="Viper: bytes of machine code a function")
    for made in trees:
        table.add_column(made.chip.name, justify="right")
    for module, functions in next(iter(sizes.values())).items():
        for name in functions:
            numbers = []
            for made in trees:
                size = sizes[made.chip.march][module][name]
                fast = name in made.code.get(module, {})
                numbers.append(str(size) if fast else f"plain ({size})")
            table.add_row(module, name, *numbers)
    table.add_section()
    table.add_row("", "runs as machine code", *(str(made.machine_code()) for made in trees))
    table.add_row("", "room for", *(str(made.chip.code_budget or "-") for made in trees))
    return table
