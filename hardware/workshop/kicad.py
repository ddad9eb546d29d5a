"""Call kicad-cli with a configuration of our own, so that a fresh machine finds the stock
libraries."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

_PLACES = (
    "/usr/share/kicad", "/usr/local/share/kicad", "/app/share/kicad", "/opt/kicad/share/kicad",
)  # fmt: skip
_LIMIT = 600


def share():
    """KiCad's folder of templates, symbols and footprints: KICAD_SHARE, or where a distribution,
    a build of one's own or a flatpak puts it."""
    places = [os.environ.get("KICAD_SHARE"), *_PLACES]
    found = [Path(place) for place in places if place and (Path(place) / "template").is_dir()]
    return found[0] if found else Path(_PLACES[0])


def present():
    """Is there a KiCad 9 here?"""
    if not shutil.which("kicad-cli"):
        return False
    version = subprocess.run(
        ["kicad-cli", "version"], capture_output=True, text=True, timeout=60
    ).stdout
    return version.startswith("9.")


def cli(*words, models=None):
    """Run kicad-cli; raises with its output when it fails."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "9.0"
        config.mkdir()
        for name in ("sym-lib-table", "fp-lib-table"):
            shutil.copy(share() / "template" / name, config)
        env = os.environ | {"KICAD_CONFIG_HOME": folder}
        if models:
            env["KICAD9_3DMODEL_DIR"] = str(models)
        result = subprocess.run(
            ["kicad-cli", *map(str, words)],
            capture_output=True,
            text=True,
            timeout=_LIMIT,
            env=env,
        )
    if result.returncode:
        raise RuntimeError(
            f"kicad-cli {' '.join(map(str, words))}: {result.stdout}{result.stderr}"
        )
    return result.stdout
