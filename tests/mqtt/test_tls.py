"""TLS: who the broker is, is always checked, and what is wrong with it is told apart."""

import subprocess

import pytest
from mqtt import faulty_tls
from mqtt.rig import BYSTANDER, until
from slow_cases import slow_but


@pytest.fixture
def tls(mosquitto, certificates):
    """tls(server certificate, *more) starts mosquitto with TLS."""

    def start(name="good.pem", *more):
        return mosquitto(
            "allow_anonymous true",
            f"cafile {certificates / 'ca.pem'}",
            f"certfile {certificates / name}",
            f"keyfile {certificates / 'server.key'}",
            *more,
        )

    return start


def settings(certificates, ca="ca.pem", host="localhost"):
    pem = (certificates / ca).read_text()
    return {"mqtt_host": host, "mqtt_tls": True, "mqtt_ca": pem}


def test_values_arrive_over_tls(tls, certificates, device):
    broker = tls()
    d = device(broker.port, settings(certificates), seconds=1, until="session", every_ms=20)
    assert d.finish()["state"] == "connected"
    assert d.last["error"] is None and d.last["dropped"] == 0
    assert "kwhisper/active_power_import" in broker.log.read_text()


@pytest.mark.parametrize(
    ("certificate", "ca", "host", "text"),
    [
        ("good.pem", "other.pem", "localhost", "not correctly signed by the trusted CA"),
        ("expired.pem", "ca.pem", "localhost", "has expired"),
        ("elsewhere.pem", "ca.pem", "localhost", "does not match with the expected CN"),
    ],
)
def test_a_wrong_certificate_is_refused(tls, certificates, device, certificate, ca, host, text):
    broker = tls(certificate)
    d = device(broker.port, settings(certificates, ca, host), seconds=1, until="error")
    end = d.finish()
    assert end["sessions"] == 0
    assert "certificate is not accepted" in end["error"] and text in end["error"]
    assert "New client connected" not in broker.log.read_text()


def test_a_broker_that_asks_for_a_client_certificate(tls, certificates, device):
    broker = tls("good.pem", "require_certificate true", "use_identity_as_username true")
    own = {
        "mqtt_cert": (certificates / "client.pem").read_text(),
        "mqtt_key": (certificates / "client.key").read_text(),
    }
    d = device(broker.port, dict(settings(certificates), **own), seconds=1, until="session")
    assert d.finish()["sessions"] == 1
    assert "u'meter'" in broker.log.read_text()
    without = device(broker.port, settings(certificates), seconds=1, until="error").finish()
    assert without["state"] != "connected" and without["error"]


def test_a_broker_without_tls(mosquitto, certificates, device):
    broker = mosquitto()
    end = device(broker.port, settings(certificates), seconds=1, until="error").finish()
    assert "the TLS connection failed" in end["error"]


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("silent", "no answer to the TLS handshake from localhost"),
        ("tls half", "no answer to the TLS handshake from localhost"),
        ("tls cut", "the TLS connection failed"),
        ("tls drip", "no answer to the login"),
        ("tls garbage", "the TLS connection failed"),
        ("tls alert", "the TLS connection failed"),
        ("tls flood", "the TLS connection failed"),
    ],
)
def test_each_fault_of_a_handshake_is_told_and_tried_again(
    faulty, certificates, server_tls, device, fault, text
):
    broker = faulty(fault, tls=server_tls if fault != "silent" else None)
    d = device(broker.port, settings(certificates), second=50)
    d.says(text)
    until(lambda: broker.connections > 1, what="another attempt")


@pytest.mark.parametrize(
    "fault",
    slow_but(
        (*faulty_tls.FAULTS, "none", "silent", "drop", "deaf", "half later", "flood"),
        *("none", "tls half", "tls drip", "flood"),
    ),
)
def test_no_fault_under_tls_holds_up_the_reading(
    faulty, certificates, server_tls, device, micropython, fault
):
    """No more than 50 ms longer than a bystander waits; the handshake's computing counts."""
    for _attempt in range(5):
        broker = faulty(fault, tls=server_tls)
        bystander = subprocess.Popen(
            [micropython, "-c", BYSTANDER], stdout=subprocess.PIPE, text=True
        )
        end = device(
            broker.port, settings(certificates), second=100, seconds=2, every_ms=20, early=True,
            until="session" if fault == "none" else None,
        ).finish()  # fmt: skip
        bystander.kill()
        worst = int((bystander.communicate()[0].split() or ["0"])[-1])
        assert broker.connections
        assert fault != "none" or end["sessions"] == 1
        if end["stall"] - worst <= 50:
            return
    raise AssertionError(f"five times the reading waited, at last {end['stall']} ms")


def test_a_ca_that_is_none_is_told(tls, certificates, device):
    wrong = dict(
        settings(certificates), mqtt_ca="-----BEGIN CERTIFICATE-----\nAAAA\n-----END X-----"
    )
    end = device(tls().port, wrong, seconds=1, until="error").finish()
    assert end["error"] == "the CA certificate in the settings cannot be read"
