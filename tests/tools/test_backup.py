"""kwhisper backup and restore, against the web part of the firmware."""

import json

import pytest
from typer.testing import CliRunner
from web.conftest import SET_UP_KEY, start, third_party  # noqa: F401 (fixtures)

from kwhisper_tools import cli


def run(*arguments, ask=""):
    return CliRunner().invoke(cli.make(list(arguments)), list(arguments), input=ask)


def test_a_device_is_backed_up_and_another_one_made_the_same(start, tmp_path):  # noqa: F811
    values = {"wifi_ssid": "Hjemme", "wifi_password": "hemmelig-wifi", "mqtt_port": 8883}
    one, other = start("run", values), start("run", {"mqtt_topic": "hytta"})
    file = tmp_path / "backup.json"
    host = f"127.0.0.1:{one.port}"
    options = ("--password", SET_UP_KEY, "--passphrase", "ti lange ord")
    result = run("backup", host, str(file), *options)
    assert result.exit_code == 0 and "2 settings" in result.output, result.output
    assert "hemmelig" not in file.read_text()
    result = run("restore", f"127.0.0.1:{other.port}", str(file), *options)
    assert result.exit_code == 0, result.output
    found = json.loads(other.file.read_bytes().partition(b"\n#")[0])
    assert {name: found[name] for name in values} == values and "mqtt_topic" not in found


def test_what_the_device_refuses_is_told(start, tmp_path):  # noqa: F811
    device = start("run", {"wifi_ssid": "Hjemme"})
    host = f"127.0.0.1:{device.port}"
    file = tmp_path / "backup.json"
    result = run("backup", host, str(file), "--password", "wrong", "--passphrase", "")
    assert result.exit_code == 1 and not file.exists()
    assert "refused: wrong password" in result.output
    file.write_text('{"kwhisper": 7}')
    result = run("restore", host, str(file), "--password", SET_UP_KEY, "--passphrase", "")
    assert result.exit_code == 1 and "not a kWhisper backup" in result.output


@pytest.mark.parametrize("keep", [True, False])
def test_a_device_is_reset_when_the_user_is_sure(start, keep):  # noqa: F811
    device = start("run", {"wifi_ssid": "Hjemme"})
    host = f"127.0.0.1:{device.port}"
    options = ["--password", SET_UP_KEY] + keep * ["--keep-totals"]
    result = run("reset", host, *options, ask="n\n")
    assert result.exit_code == 1 and ("hours and history" in result.output) != keep
    assert device.file.exists()
    result = run("reset", host, "--password", "wrong", "--yes")
    assert result.exit_code == 1 and "refused" in result.output and device.file.exists()
    result = run("reset", host, *options, ask="y\n")
    assert result.exit_code == 0 and "new device" in result.output, result.output


@pytest.mark.parametrize("host", ["127.0.0.1:1", "nobody.invalid", "127.0.0.1:port"])
@pytest.mark.parametrize(
    "command",
    [
        ("backup", "--force", "--passphrase", ""),
        ("restore", "--passphrase", ""),
        ("reset", "--yes"),
    ],
)
def test_a_device_that_is_not_there_is_told_of(command, host, tmp_path):
    file = tmp_path / "backup.json"
    file.write_text("{}")
    name, *options = command
    files = [] if name == "reset" else [str(file)]
    result = run(name, host, *files, *options, "--password", "x")
    assert result.exit_code == 1 and isinstance(result.exception, SystemExit)
    assert host in result.output and "kwhisper find" in result.output
    assert file.read_text() == "{}", "there was nothing to save"


def test_what_is_no_backup_is_not_sent(tmp_path):
    file = tmp_path / "rubbish"
    file.write_bytes(b"\xff\x00 rubbish")
    result = run("restore", "127.0.0.1:1", str(file), "--password", "x", "--passphrase", "")
    assert result.exit_code == 1 and "is no backup" in result.output


def test_a_backup_that_cannot_be_written_is_told_before_the_device_is_asked(tmp_path):
    options = "--password", "x", "--passphrase", ""
    nowhere = tmp_path / "nowhere" / "backup.json"
    result = run("backup", "127.0.0.1:1", str(nowhere), *options)
    assert result.exit_code == 1 and f"no folder {nowhere.parent}" in str(result.output)
    file = tmp_path / "backup.json"
    file.write_text("{}")
    result = run("backup", "127.0.0.1:1", str(file), *options)
    assert result.exit_code == 1 and "--force" in result.output
    assert file.read_text() == "{}"


def test_a_key_is_never_written_over(tmp_path):
    key, public = tmp_path / "own.key", tmp_path / "own.pem"
    assert run("sign", "--new-key", str(key)).exit_code == 0
    kept = key.read_bytes(), public.read_bytes()
    result = run("sign", "--new-key", str(key))
    assert result.exit_code == 1 and f"{key} exists" in result.output
    key.unlink()
    result = run("sign", "--new-key", str(key))
    assert result.exit_code == 1 and f"{public} exists" in result.output
    result = run("sign", "--new-key", str(public))
    assert result.exit_code == 1 and "own.key" in result.output
    assert not key.exists() and public.read_bytes() == kept[1]
