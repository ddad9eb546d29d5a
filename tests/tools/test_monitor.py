"""The live table of a broker's messages."""

import asyncio
import subprocess
import threading

import pytest
from rich.console import Console
from system.waiting import PATIENCE
from typer.testing import CliRunner

from kwhisper_tools import cli, paths
from kwhisper_tools.commands import arguments, monitor


def shown(rows, now=100.0, width=100):
    console = Console(width=width)
    with console.capture() as capture:
        console.print(monitor.table(rows, now))
    return capture.get()


def test_a_plain_topic_is_one_row_and_json_one_row_a_name():
    rows = {}
    monitor.take(rows, "kwhisper/active_power_import", b"1234", False, 90.0)
    monitor.take(rows, "kwhisper/json", b'{"voltage_l1": 231.10, "meter": "a"}', False, 97.0)
    monitor.take(rows, "kwhisper/active_energy_import", b"12345.670", True, 97.0)
    text = shown(rows)
    assert "1234 10 s" in " ".join(text.split())
    assert "231.10" in text and "12345.670" in text and "retained" in text
    assert len(rows) == 4


def test_long_topics_are_told_apart_on_a_narrow_terminal():
    rows = {}
    topics = [f"kwhisper/reactive_energy_import_{end}" for end in ("l1", "l2", "t1", "q4")]
    for topic in topics:
        monitor.take(rows, topic, b"123456", False, 90.0)
    monitor.take(rows, "kwhisper/json", b'{"values": "' + b"x" * 200 + b'"}', False, 90.0)
    text = shown(rows, width=80)
    assert all(topic in text for topic in topics) and text.count("123456") == 4


def test_messages_are_counted_and_the_newest_shown():
    rows = {}
    for value in (b"1", b"2", b"3"):
        monitor.take(rows, "t", value, False, 99.9)
    assert rows["t"].value == "3" and rows["t"].count == 3


def test_bytes_that_are_no_text_are_shown_in_hex():
    assert list(monitor.rows_of("raw", b"\x7e\xa0")) == [("raw", "7ea0")]


def test_big_numbers_lose_nothing():
    assert list(monitor.rows_of("t", b'{"a": 123456789012345678.90}')) == [
        ("t a", "123456789012345678.90")
    ]


@pytest.fixture
def broker():
    """amqtt on a free port of this machine, in a thread of its own."""
    from amqtt.broker import Broker

    ready, ended = threading.Event(), threading.Event()
    port = []

    async def serve():
        config = {
            "listeners": {"default": {"type": "tcp", "bind": "127.0.0.1:0"}},
            "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {}},
        }
        served = Broker(config)
        await served.start()
        port.append(_port_of(served))
        ready.set()
        while not ended.is_set():
            await asyncio.sleep(0.05)
        await served.shutdown()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
    thread.start()
    assert ready.wait(PATIENCE)
    yield port[0]
    ended.set()
    thread.join(20)


def _port_of(broker):
    server = next(iter(broker._servers.values()))
    return server.instance.sockets[0].getsockname()[1]


def test_the_command_shows_what_a_broker_has(broker):
    import paho.mqtt.publish as publish

    publish.single("kwhisper/active_power_import", b"4321", retain=True, port=broker)
    command = [
        paths.program("kwhisper"),
        "monitor",
        "--broker",
        "127.0.0.1",
        "--port",
        str(broker),
    ]
    for seconds in ("2", "30"):
        done = subprocess.run([*command, "--seconds", seconds], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        if "4321" in done.stdout:
            break
    assert "active_power_import" in done.stdout and "4321" in done.stdout


def test_no_broker_is_said_in_words():
    command = [paths.program("kwhisper"), "monitor", "--broker", "127.0.0.1", "--port", "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "no broker at 127.0.0.1:1" in done.stderr and "Traceback" not in done.stderr


def test_what_answers_but_not_as_a_broker_is_said():
    import http.server

    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        command = ["monitor", "--broker", f"127.0.0.1:{server.server_port}", "--seconds", "2"]
        done = CliRunner().invoke(cli.make(command), command)
    finally:
        server.shutdown()
        server.server_close()
    assert done.exit_code == 1 and "does not answer as a broker" in done.output


def test_the_port_may_stand_behind_the_host():
    for text, host, port in (
        ("house", "house", 1883),
        ("house:8883", "house", 8883),
        ("[fd00::5]:1884", "fd00::5", 1884),
        ("[fd00::5]", "fd00::5", 1883),
        ("fd00::5", "fd00::5", 1883),
    ):
        assert arguments.address(text, 1883) == (host, port), text


@pytest.mark.parametrize(
    "arguments",
    (
        ("--broker", "house:1", "--port", "2"),
        ("--broker", "house:"),
        ("--broker", "house:70000"),
        ("--broker", "house", "--port", "0"),
    ),
)
def test_a_wrong_port_is_bad_use(arguments):
    command = ["monitor", *arguments]
    assert CliRunner().invoke(cli.make(command), command).exit_code == 2
