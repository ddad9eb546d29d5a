"""``kwhisper monitor``: a live table of what devices publish over MQTT."""

import json
import queue
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import typer

from . import arguments

_REFRESH_S = 0.5
_CONNECT_S = 10


@dataclass
class Row:
    """The last value of one topic (or of one name in a JSON message)."""

    value: str
    at: float
    retained: bool
    count: int = 1


def rows_of(topic: str, payload: bytes) -> Iterator[tuple[str, str]]:
    """(name, text) pairs of a message: one, or one for every name of a JSON object."""
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        yield topic, payload.hex()
        return
    try:
        # Numbers stay the text they are: 1.50 is not 1.5.
        value = json.loads(text, parse_float=str, parse_int=str)
    except ValueError:
        value = None
    if isinstance(value, dict):
        for name, item in value.items():
            shown = item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)
            yield f"{topic} {name}", shown
    else:
        yield topic, text


def table(rows: dict[str, Row], now: float):
    """The table as rich draws it."""
    from rich.table import Table

    made = Table(box=None, pad_edge=False, expand=True)
    # Of two long topics the ends differ: what gives way on a narrow terminal is the value.
    made.add_column("topic", no_wrap=True)
    made.add_column("value", justify="right", no_wrap=True, overflow="ellipsis", ratio=1)
    made.add_column("age", justify="right", no_wrap=True)
    made.add_column("messages", justify="right", no_wrap=True)
    for name, row in sorted(rows.items()):
        fresh = now - row.at < 2 * _REFRESH_S
        age = "retained" if row.retained else f"{now - row.at:.0f} s"
        made.add_row(name, row.value, age, str(row.count), style="bold" if fresh else "")
    return made


def take(rows: dict[str, Row], topic: str, payload: bytes, retained: bool, now: float) -> None:
    """Enter a message into the table's rows."""
    for name, value in rows_of(topic, payload):
        count = rows[name].count + 1 if name in rows else 1
        rows[name] = Row(value, now, retained, count)


def monitor(
    broker: Annotated[str, typer.Option(help="The broker: HOST or HOST:PORT.")],
    topic: Annotated[str, typer.Option(help="What to subscribe to.")] = "kwhisper/#",
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="The broker's port, else 1883; 8883 means TLS."),
    ] = None,
    user: Annotated[str, typer.Option(help="User name.")] = "",
    password: Annotated[
        str,
        typer.Option(envvar="KWHISPER_MQTT_PASSWORD", help="Password; better from the variable."),
    ] = "",
    seconds: Annotated[float, typer.Option(help="Stop after so long; 0: never.")] = 0,
) -> None:
    """A live table of what a device publishes."""
    import paho.mqtt.client as mqtt
    from rich.console import Console
    from rich.live import Live

    if port and arguments.address(broker, 1) == arguments.address(broker, 2):
        raise typer.BadParameter(f"{broker} has its port already", param_hint="--port")
    broker, port = arguments.address(broker, port or 1883)
    console = Console()
    arrived: queue.Queue = queue.Queue()
    refused: list[str] = []
    answered = threading.Event()

    def on_connect(client, _userdata, _flags, reason, _properties):
        answered.set()
        if reason.is_failure:
            refused.append(str(reason))
        else:
            client.subscribe(topic)

    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.on_connect = on_connect
    client.on_message = lambda _c, _u, m: arrived.put((m.topic, m.payload, m.retain))
    if user:
        client.username_pw_set(user, password)
    if port == 8883:
        client.tls_set()
    try:
        client.connect(broker, port, keepalive=30)
    except OSError as error:
        raise SystemExit(f"monitor: no broker at {broker}:{port}: {error}")
    client.loop_start()
    rows: dict[str, Row] = {}
    begun = time.monotonic()
    try:
        with Live(console=console, auto_refresh=False, transient=False) as live:
            while not refused and not (seconds and time.monotonic() - begun > seconds):
                _drain(arrived, rows)
                now = time.monotonic()
                if rows:
                    live.update(table(rows, now), refresh=True)
                elif now - begun > _CONNECT_S and not answered.is_set():
                    break
                elif not answered.is_set():
                    live.update(f"connecting to {broker}:{port}", refresh=True)
                else:
                    live.update(f"waiting for {topic} at {broker}:{port}", refresh=True)
    except KeyboardInterrupt:
        pass  # the way to end it
    finally:
        client.loop_stop()
        client.disconnect()
    if refused:
        raise SystemExit(f"monitor: {broker}:{port} refused: {refused[0]}")
    if not answered.is_set():
        raise SystemExit(f"monitor: what listens at {broker}:{port} does not answer as a broker")


def _drain(arrived: queue.Queue, rows: dict[str, Row]) -> None:
    """Take what has arrived, waiting up to one refresh for the first message."""
    end = time.monotonic() + _REFRESH_S
    while (left := end - time.monotonic()) > 0:
        try:
            topic, payload, retained = arrived.get(timeout=left)
        except queue.Empty:
            return
        take(rows, topic, payload, retained, time.monotonic())
