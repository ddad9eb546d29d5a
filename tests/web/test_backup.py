"""Backup and restore, and the test of a connection before it is saved."""

import contextlib
import hashlib
import json
import socket
import threading
import time
from base64 import b64decode

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from web.conftest import SET_UP_KEY

PASSPHRASE = "åtte lange ord"
SECRETS = {"wifi_password": "hemmelig-wifi-1", "meter_key": "0123456789abcdef0123456789abcdef"}
PLAIN = {"wifi_ssid": "Hjemme æøå", "mqtt_host": "10.0.0.2", "mqtt_port": 8883, "led": "off"}


def opened(backup, passphrase):
    """The secrets of a backup, opened as anybody may who has the passphrase."""
    made = hashlib.pbkdf2_hmac(
        "sha256", passphrase.encode(), b64decode(backup["salt"]), backup["rounds"]
    )
    sealed = b64decode(backup["secrets"])
    mode = modes.GCM(made[16:28], sealed[-12:], min_tag_length=12)
    opener = Cipher(algorithms.AES(made[:16]), mode).decryptor()
    opener.authenticate_additional_data(b"kwhisper backup 1")
    return json.loads(opener.update(sealed[:-12]) + opener.finalize())


def saved(device):
    found = json.loads(device.file.read_bytes().partition(b"\n#")[0])
    del found["version"]
    return found


def test_without_a_passphrase_no_secret_is_in_it(start, mode):
    device = start(mode, PLAIN | SECRETS)
    answer = device.ask("/backup")
    assert answer.code == 200 and "kwhisper.json" in answer.headers["content-disposition"]
    assert json.loads(answer.text)["settings"] == PLAIN
    assert not any(secret in answer.text for secret in SECRETS.values())


def test_secrets_are_sealed_by_the_passphrase_and_nothing_else_opens_them(start):
    device = start("run", PLAIN | SECRETS)
    answer = device.ask("/backup", {"passphrase": PASSPHRASE})
    assert not any(secret in answer.text for secret in SECRETS.values())
    backup = json.loads(answer.text)
    assert opened(backup, PASSPHRASE) == SECRETS
    with pytest.raises(InvalidTag):
        opened(backup, PASSPHRASE + "x")
    again = json.loads(device.ask("/backup", {"passphrase": PASSPHRASE}).text)
    assert again["salt"] != backup["salt"] and again["secrets"] != backup["secrets"]


def test_a_backup_makes_another_device_the_same(start, mode):
    backup = start("run", PLAIN | SECRETS).ask("/backup", {"passphrase": PASSPHRASE}).text
    other = start(mode, {"mqtt_topic": "another", "mqtt_password": "andre-passord"})
    body = {"backup": json.loads(backup), "passphrase": PASSPHRASE}
    answer = other.ask("/restore", body)
    assert answer.code == 200 and json.loads(answer.text)["saved"]
    found = saved(other)
    if mode == "setup":
        assert len(found.pop("web_password")) == 10
    assert found == PLAIN | SECRETS


def test_without_the_passphrase_secrets_stay_as_they_are(start):
    backup = start("run", PLAIN | SECRETS).ask("/backup", {"passphrase": PASSPHRASE}).text
    other = start("run", {"wifi_ssid": "Hjemme æøå", "wifi_password": "samme-passord"})
    assert other.ask("/restore", {"backup": json.loads(backup)}).code == 200
    assert saved(other) == PLAIN | {"wifi_password": "samme-passord"}


def test_a_changed_backup_is_refused_and_changes_nothing(start):
    device = start("run", PLAIN | SECRETS)
    backup = json.loads(device.ask("/backup", {"passphrase": PASSPHRASE}).text)
    before = device.file.read_bytes()
    sealed = b64decode(backup["secrets"])
    cases = [
        (backup, PASSPHRASE + "x", "is wrong"),
        (backup | {"salt": "AAAA"}, PASSPHRASE, "is wrong"),
        (backup | {"secrets": "AAAA"}, PASSPHRASE, "is wrong"),
        (backup | {"secrets": sealed.hex()}, PASSPHRASE, ""),
        (backup | {"rounds": 10**9}, PASSPHRASE, "no secrets"),
        (backup | {"rounds": "4000"}, PASSPHRASE, "no secrets"),
        (backup | {"kwhisper": 2}, PASSPHRASE, "not a kWhisper backup"),
        (backup | {"settings": []}, PASSPHRASE, "not a kWhisper backup"),
        ([], PASSPHRASE, "not a kWhisper backup"),
        (None, "", "not a kWhisper backup"),
        (backup, "short", "at least 10"),
        (backup, [1], "at least 10"),
    ]
    for case, passphrase, says in cases:
        answer = device.ask("/restore", {"backup": case, "passphrase": passphrase})
        assert answer.code == 422 and says in answer.text, (case, passphrase, answer.text)
    answer = device.ask("/restore", {"backup": backup | {"settings": {"mqtt_port": "x"}}})
    assert json.loads(answer.text)["errors"] == {"mqtt_port": "must be a whole number"}
    assert device.ask("/backup", {}).code == 422
    assert device.ask("/backup", b"[1]").code == 400
    assert device.file.read_bytes() == before and "Traceback" not in device.log()


def test_a_setting_of_another_version_is_passed_over(start):
    device = start("run", PLAIN)
    backup = json.loads(device.ask("/backup").text)
    backup["settings"]["of_the_future"] = 1
    assert device.ask("/restore", {"backup": backup}).code == 200
    assert saved(device) == PLAIN


def test_backup_and_reset_need_the_password(start):
    device = start("run", PLAIN | SECRETS)
    device.password = None
    for path, body in (("/backup", None), ("/backup", {}), ("/restore", {}), ("/reset", {}),
                       ("/meter", {"new": True}), ("/test", {}), ("/log.txt", None)):  # fmt: skip
        assert device.ask(path, body).code == 401, path
    assert device.ask("/backup", password=SET_UP_KEY).code == 200


# a connection, before it is saved


@pytest.fixture
def listener():
    """listener(*answer): a port that answers the first packet so, in so many pieces; and a list
    with that packet."""
    servers = []

    def listen(*answer):
        server = socket.create_server(("127.0.0.1", 0))
        heard = []

        def serve():
            # The device may hang up, and the test be over before anybody came.
            with contextlib.suppress(OSError), server.accept()[0] as connection:
                heard.append(connection.recv(500))
                for piece in answer:
                    connection.sendall(piece)
                    time.sleep(0.3)
                if answer:
                    connection.recv(100)

        threading.Thread(target=serve, daemon=True).start()
        servers.append(server)
        return server.getsockname()[1], heard

    yield listen
    for server in servers:
        server.close()


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ((b"\x20\x02\x00\x00",), None),
        ((b"\x20", b"\x02\x00", b"\x00"), None),
        ((b"\x20\x02\x00\x05",), "not authorised"),
        ((b"\x20\x02\x00\x04",), "password is wrong"),
        ((b"HTTP/1.1 400 Bad Request\r\n\r\n",), "not an MQTT broker"),
        ((b"\x20\x03\x00\x00\x00",), "not an MQTT broker"),
        ((), "the broker closed the connection"),
    ],
)
def test_a_broker_is_asked_before_it_is_saved(start, listener, answer, says):
    device = start("run", PLAIN)
    before = device.file.read_bytes()
    port, heard = listener(*answer)
    typed = {"mqtt_host": "127.0.0.1", "mqtt_port": port, "mqtt_user": "u",
             "mqtt_password": "p" * 120}  # fmt: skip
    found = json.loads(device.ask("/test", typed).text)
    assert list(found) == ["broker"]
    assert found["broker"] is None if says is None else says in found["broker"]
    assert heard[0][:2] == bytes((0x10, len(heard[0]) - 3 & 127 | 128)) and b"p" * 120 in heard[0]
    assert device.file.read_bytes() == before and "restart" not in device.log()


def test_nothing_listens_there(start):
    device = start("run", PLAIN)
    typed = {"mqtt_host": "127.0.0.1", "mqtt_port": 1}
    assert json.loads(device.ask("/test", typed).text) == {
        "broker": "nothing listens at 127.0.0.1:1"
    }


def test_a_saved_password_is_not_sent_to_a_host_that_somebody_only_tries(start, listener):
    device = start("run", PLAIN | {"mqtt_user": "u", "mqtt_password": "hemmelig-mqtt"})
    port, heard = listener()
    answer = device.ask("/test", {"mqtt_host": "127.0.0.1", "mqtt_port": port})
    assert answer.code == 422 and "mqtt_password" in json.loads(answer.text)["errors"]
    assert not heard


def test_another_meter_is_told_to_those_who_judge(start):
    device = start("run", PLAIN)
    assert device.ask("/meter", {"new": 1}).code == 400
    assert device.ask("/meter", {"new": True}).code == 200
    assert "another meter" in device.log()
