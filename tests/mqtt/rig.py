"""Brokers, devices and listeners for the MQTT tests."""

import contextlib
import json
import os
import socket
import subprocess
import threading
from pathlib import Path

import paho.mqtt.client as mqtt
from system.waiting import PATIENCE, until

from kwhisper_tools import paths
from kwhisper_tools.host import free_port

HERE = Path(__file__).parent

# How long a program that does nothing has to wait for its turn on this machine.
BYSTANDER = """
import asyncio, time
async def main():
    worst = 0
    while True:
        before = time.ticks_us()
        await asyncio.sleep_ms(5)
        late = time.ticks_diff(time.ticks_us(), before) // 1000 - 5
        if late > worst:
            worst = late
            print(worst)
asyncio.run(main())
"""


class Mosquitto:
    """The real broker, which can be killed and started again on its port."""

    def __init__(self, folder, lines=("allow_anonymous true",)):
        self.port = free_port()
        self.config = folder / f"mosquitto{self.port}.conf"
        self.log = folder / f"mosquitto{self.port}.log"
        # "user root": started by root it would become another user, who may not read our files.
        head = ("user root", f"listener {self.port} 127.0.0.1")
        self.config.write_text("\n".join([*head, *lines, ""]))
        self.process = None
        self.start()

    def start(self):
        with open(self.log, "ab") as log:
            command = ["mosquitto", "-v", "-c", str(self.config)]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        until(self._listens, what="mosquitto")

    def _listens(self):
        assert self.process.poll() is None, self.log.read_text()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def kill(self):
        self.process.kill()
        self.process.wait()


class Listener:
    """A client that keeps every message: (topic, payload, retained)."""

    def __init__(self, port, topic="#", persistent=None, **login):
        clean = {"client_id": persistent, "clean_session": False} if persistent else {}
        self.client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, **clean)
        if login:
            self.client.username_pw_set(login["user"], login["password"])
        self.messages = []
        self.ready = threading.Event()
        self.client.on_message = self._heard
        self.client.on_connect = lambda c, *_: c.subscribe(topic, 1)
        self.client.on_subscribe = lambda *_: self.ready.set()
        self.client.reconnect_delay_set(0.1, 0.2)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        assert self.ready.wait(PATIENCE)

    def _heard(self, client, userdata, message):
        self.messages.append((message.topic, message.payload, message.retain))

    def of(self, topic, since=0):
        """Every payload of a topic, as text; of the messages from a number on."""
        return [p.decode() for t, p, _ in self.messages[since:] if t == topic]

    def wait(self, topic, times=1):
        until(lambda: len(self.of(topic)) >= times, what=f"{times} messages on {topic}")
        return self.of(topic)

    def say(self, topic, payload="", retain=False):
        self.client.publish(topic, payload, retain=retain).wait_for_publish(PATIENCE)

    def close(self):
        self.client.loop_stop()
        self.client.disconnect()


class Device:
    """device.py in a process of its own; its lines are read as they come."""

    def __init__(self, micropython, plan):
        first = [plan.pop("path")] if "path" in plan else []
        path = [*first, str(HERE), *paths.library_path(), ".frozen"]
        environment = dict(os.environ, MICROPYPATH=":".join(path), KW=json.dumps(plan))
        self.process = subprocess.Popen(
            [micropython, str(HERE / "device.py")],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines = []
        self.noise = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            try:
                self.lines.append(json.loads(line))
            except ValueError:
                self.noise.append(line)

    @property
    def last(self):
        """The newest line of state."""
        return next((x for x in reversed(self.lines) if "state" in x), {})

    @property
    def log(self):
        return [x["log"] for x in self.lines if "log" in x]

    def says(self, text):
        """Wait for a line of its log."""
        said = lambda: f"{self.log} {self.noise}"  # noqa: E731
        until(lambda: any(text in x for x in self.log), what=repr(text), said=said)

    def finish(self):
        code = self.process.wait(10 * PATIENCE)
        self._reader.join(PATIENCE)
        assert code == 0, "".join(self.noise)
        return self.last

    def kill(self):
        self.process.kill()
        self.process.wait()
