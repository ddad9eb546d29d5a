"""A pretended chip for each test: the firmware as it is, on the stand-ins of tools/host."""

import pytest

from kwhisper_tools.host import Device


@pytest.fixture
def chip(tmp_path, micropython):
    """make(**options) -> an installed Device, not yet powered; all are cut off at the end."""
    devices = []

    def make(**options):
        device = Device(tmp_path / str(len(devices)), micropython=[micropython], **options)
        devices.append(device)
        device.install()
        return device

    yield make
    for device in devices:
        device.power_cut()


@pytest.fixture
def on_chip(chip):
    """run(script) -> what a script printed that ran instead of main.py."""

    def run(script, **options):
        device = chip(**options)
        (device.flash / "main.py").write_text(script + "\nprint('the end')\n")
        device.power_on()
        device.wait_for("the end")
        return "\n".join(device.output)

    return run
