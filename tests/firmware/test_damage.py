"""Whatever lies in any file of ours, the device starts, and its settings can be saved again."""

import os
import random
from pathlib import Path

import pytest

from kwhisper_tools import paths

HERE = Path(__file__).parent
FILES = """settings.json settings.json.last joined line ap_secret ap_secret.last cause setup log
log.old slot ledger/sent history/2026 energy/state"""


@pytest.fixture
def damaged(chip):
    """run(number, seed) -> what damage_run.py printed."""

    def run(number, seed, seconds):
        device = chip()
        for file in (HERE / "damage_run.py", HERE / "energy_run.py",
                     paths.ROOT / "tests" / "mqtt" / "reading.py"):  # fmt: skip
            (device.flash / file.name).write_text(file.read_text())
        # boot.py as a module: what it does with its files, without its end.
        guard = (device.flash / "boot.py").read_text().partition('if __name__ == "__main__":')[0]
        (device.flash / "boot_again.py").write_text(
            guard + "\n\ndef guard():\n    return _guard()\n"
        )
        (device.flash / "main.py").write_text(
            f"import damage_run\ndamage_run.main({number}, {seed})\n"
        )
        device.power_on()
        device.wait_for("bricks ", seconds)
        return "\n".join(line for line in device.output if not line.startswith("kWhisper:"))

    return run


def test_no_damage_to_any_file_makes_a_brick(damaged):
    output = damaged(40, 1, 120)
    assert "bricks 0 of 40" in output, output
    for name in FILES.split():
        assert f'"/{name}"' in output, f"{name} is no longer damaged"


@pytest.mark.slow
def test_flips_over_every_file_make_no_brick(damaged):
    """KWHISPER_DAMAGES=5000 takes half an hour."""
    number = int(os.environ.get("KWHISPER_DAMAGES", "500"))
    output = damaged(number, 20261126, 7200)
    assert f"bricks 0 of {number}" in output, output


def test_a_device_with_damaged_files_opens_its_set_up_or_runs(chip):
    dice = random.Random(7)
    device = chip()
    device.settings(wifi_ssid="Fjellheim", wifi_password="kwhisper-demo")
    sound = (device.flash / "settings.json").read_bytes()
    for name in ("settings.json", "joined", "line", "setup", "cause", "ap_secret"):
        (device.flash / "settings.json").write_bytes(sound)
        (device.flash / name).unlink(missing_ok=True)
        (device.flash / name).write_bytes(dice.randbytes(60) + b"\xff\xfe")
        device.output.clear()
        device.power_on()
        device.wait_for("then open" if name == "settings.json" else "WiFi: connected")
        device.power_cut()
