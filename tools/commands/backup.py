"""``kwhisper backup HOST``: a device's settings as a file, its secrets under a passphrase."""

import json
from pathlib import Path
from typing import Annotated

import typer

from .device import Host, Password, told

_PASSPHRASE = "The passphrase of the secrets, at least ten letters; empty: without them."


def backup(
    host: Host,
    file: Annotated[Path, typer.Argument(help="Where to.", dir_okay=False)] = Path(
        "kwhisper-backup.json"
    ),
    password: Password = "",
    passphrase: Annotated[
        str, typer.Option(prompt=True, prompt_required=True, hide_input=True, help=_PASSPHRASE)
    ] = "",
    force: Annotated[bool, typer.Option("--force", help="Write over a file that exists.")] = False,
):
    """Save the settings of a device, its secrets under a passphrase."""
    if file.exists() and not force:
        raise SystemExit(f"backup: {file} exists: choose another name, or --force")
    if not file.parent.is_dir():
        raise SystemExit(f"backup: there is no folder {file.parent}")
    found = told(host, password, "/backup", {"passphrase": passphrase} if passphrase else None)
    try:
        file.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    except OSError as error:
        raise SystemExit(f"backup: {file}: {error.strerror}")
    typer.echo(
        f"{file}: {len(found['settings'])} settings"
        + (", and the secrets under the passphrase" if passphrase else "; no secrets")
    )
