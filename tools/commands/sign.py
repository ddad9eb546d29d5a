"""``kwhisper sign``: updates signed with a key of one's own, and that key made."""

from pathlib import Path
from typing import Annotated

import typer

from kwhisper_tools.build import kwu


def sign(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Updates (.kwu).", exists=True, dir_okay=False)
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(
            help=f"The private key; else ${kwu.KEY_VARIABLE} names it.", envvar=kwu.KEY_VARIABLE
        ),
    ] = None,
    new_key: Annotated[
        Path | None,
        typer.Option(help="Make a private key here, and beside it the public one (.pem)."),
    ] = None,
) -> None:
    """Sign updates with your own key, so that your devices take them."""
    if new_key:
        # Beside it lies the public one: nothing that exists is written over, nor the key itself.
        if new_key.suffix == ".pem":
            raise SystemExit(
                f"sign: {new_key}: the public key gets this name; as {new_key.stem}.key"
            )
        for place in (new_key, new_key.with_suffix(".pem")):
            if place.exists():
                raise SystemExit(f"sign: {place} exists, and is not written over; choose another")
        try:
            public = kwu.make_key(new_key)
        except OSError as error:
            raise SystemExit(f"sign: {new_key}: {error.strerror}")
        typer.echo(f"{new_key}: keep it to yourself; who has it can put a version on your devices")
        typer.echo(f"{public}: its text goes into the setting 'Your own key for updates'")
        key = key or new_key
    if not files:
        if not new_key:
            raise SystemExit("sign: name updates to sign, or make a key: --new-key")
        return
    if not key:
        raise SystemExit(f"sign: with which key? --key, or ${kwu.KEY_VARIABLE}")
    try:
        private = kwu.read_key(key)
        for path in files:
            path.write_bytes(kwu.sign(path.read_bytes(), private))
            about = kwu.head(path.read_bytes())
            typer.echo(f"{path}: {about['version']} for {about['arch']}, signed")
    except kwu.BadUpdate as error:
        raise SystemExit(f"sign: {error}")
