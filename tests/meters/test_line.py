"""The line: real pace, noise, pty, TCP; and the command that offers it."""

import os
import random
import re
import select
import signal
import socket
import subprocess
import sys
import time
import tty

import pytest
from typer.testing import CliRunner

from kwhisper_tools import cli
from kwhisper_tools.meters import METERS, frame, make
from kwhisper_tools.meters.line import Pty, Tcp, byte_time, damage, play


class Ear:
    """A sink that notes when which bytes came."""

    def __init__(self):
        self.heard = []

    def write(self, data):
        self.heard.append((time.monotonic(), bytes(data)))

    @property
    def data(self):
        return b"".join(data for _, data in self.heard)


def test_a_byte_takes_its_start_parity_and_stop_bits():
    assert byte_time(2400, "8E1") == 11 / 2400
    assert byte_time(115200, "8N1") == 10 / 115200
    assert byte_time(9600, "7E1") == 10 / 9600


def test_bytes_are_spread_over_the_time_they_take_at_the_baud_rate():
    ear = Ear()
    play(make("aidon"), ear, speed=4, seconds=0)
    first, last = ear.heard[0][0], ear.heard[-1][0]
    whole = len(ear.data) * byte_time(2400, "8E1") / 4
    assert ear.data == make("aidon").next().data
    assert len(ear.heard) >= 5
    # what lies between first and last piece cannot be shorter than the line allows
    assert last - first > whole * 0.7


def test_austrian_frames_of_one_list_come_with_a_pause_between():
    meter, ear = make("kaifa-at"), Ear()
    burst = make("kaifa-at").next()
    ((offset, pause),) = burst.pauses
    assert offset == 256
    play(meter, ear, speed=20, seconds=0)
    assert ear.data == burst.data
    sizes = [len(data) for _, data in ear.heard]
    edge = next(i for i in range(len(sizes)) if sum(sizes[:i]) == offset)
    assert ear.heard[edge][0] - ear.heard[edge - 1][0] >= pause / 20


def test_noise_damages_the_share_of_lists_that_was_asked_for():
    told, ear = [], Ear()
    play(make("kaifa"), ear, speed=10_000, noise=0.5, seconds=400, heard=lambda *a: told.append(a))
    damaged = [burst for burst, bad in told if bad]
    assert 0.35 < len(damaged) / len(told) < 0.65
    assert all(burst.data in ear.data for burst, bad in told if not bad)


def test_damage_always_changes_something_and_uses_every_kind():
    rng, data = random.Random(3), frame("kamstrup")
    sizes = {len(damage(data, rng)) - len(data) for _ in range(300)}
    assert all(damage(data, rng) != data for _ in range(300))
    assert sizes >= {-1, 0, 1}


def test_pty_gives_what_the_meter_says():
    pty = Pty()
    reader = os.open(pty.name, os.O_RDWR | os.O_NOCTTY)
    tty.setraw(reader)
    try:
        play(make("kaifa"), pty, speed=50, seconds=0)
        data, want = b"", make("kaifa").next().data
        while len(data) < len(want) and select.select([reader], [], [], 5)[0]:
            data += os.read(reader, 4096)
        assert data == want
    finally:
        os.close(reader)
        pty.close()


def test_pty_without_a_reader_blocks_nobody():
    pty = Pty()
    try:
        for _ in range(400):
            pty.write(bytes(500))
    finally:
        pty.close()


def test_every_tcp_client_hears_the_meter_and_one_that_leaves_harms_nobody():
    server = Tcp(0)
    host, port = server.name.split(":")
    try:
        first = socket.create_connection((host, int(port)))
        server.write(b"a")
        second = socket.create_connection((host, int(port)))
        server.write(b"b")
        first.close()
        for _ in range(50):
            server.write(b"c")
        second.settimeout(5)
        data = b""
        while len(data) < 51:
            data += second.recv(100)
        assert data == b"b" + b"c" * 50
        second.close()
    finally:
        server.close()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("", "which meter"),
        ("nope --pty", "there are: aidon"),
        ("aidon", "one of --pty"),
        ("aidon --pty --tcp 0", "one of --pty"),
        ("aidon --pty --noise 1.5", "between 0 and 1"),
        ("aidon --pty --speed 0", "between 0.001"),
        ("aidon --pty --start yesterday", "not a time"),
        ("aidon --pty --key 00", "does not encrypt"),
        ("kaifa-at --pty --auth-key 00", "does not authenticate"),
        ("kaifa-at --pty --key 00", "32 hex digits"),
        ("kaifa-at --pty --key xyz", "32 hex digits"),
        ("aidon --serial /dev/does-not-exist", "cannot open"),
        ("aidon --tcp 99999", "cannot open"),
    ],
)
def test_a_mistake_is_told_and_ends_with_2(arguments, says):
    words = ["simulate", *arguments.split()]
    result = CliRunner().invoke(cli.make(words), words)
    assert result.exit_code == 2
    assert says in result.output


def test_help_and_list_name_every_meter():
    for option in ("--help", "--list"):
        words = ["simulate", option]
        result = CliRunner().invoke(cli.make(words), words, terminal_width=200)
        assert result.exit_code == 0
        assert all(re.search(rf"\b{name}\b", result.output) for name in METERS)


def test_command_speaks_on_tcp_and_ctrl_c_ends_it_cleanly():
    command = [sys.executable, "-u", "-m", "kwhisper_tools.cli", "simulate", "kamstrup-dk"]
    options = ["--tcp", "0", "--start", "2026-01-20T12:00:00", "--speed", "20", "--seed", "4"]
    running = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True)
    try:
        lines = [running.stdout.readline() for _ in range(5)]
        port = int(re.search(r"127\.0\.0\.1:(\d+)", lines[1])[1])
        assert "000102030405060708090A0B0C0D0E0F" in lines[2]
        assert "D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF" in lines[3]
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.settimeout(20)
            data = b""
            while len(data) < 1500:
                data += client.recv(4096)
        assert data.count(bytes.fromhex("7EA1E9410313")) >= 2
        running.send_signal(signal.SIGINT)
        assert running.wait(10) == 0
        assert running.stdout.read().endswith("ended\n")
    finally:
        running.kill()
        running.wait()
