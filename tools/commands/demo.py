"""``kwhisper demo``: a simulated meter, the real firmware and a broker on this PC.

Meter ── pty at the real baud rate ──▶ firmware on MicroPython's unix port ──▶ MQTT broker ──▶ you.
The firmware runs unchanged, on the stand-ins of kwhisper_tools.host, from a temporary folder.
"""

import contextlib
import json
import queue
import signal
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from kwhisper_tools import paths

from . import arguments

_TABLE = paths.FIRMWARE / "kwhisper/storage/setting_table.json"
_PAYLOADS = next(
    [name for name, _ in row["choices"]]
    for row in json.loads(_TABLE.read_text("utf-8"))
    if row.get("name") == "payload"
)
_WIFI = {"wifi_ssid": "Fjellheim", "wifi_password": "kwhisper-demo"}
_USER = "kwhisper"
_PASSWORD = "kwhisper-demo"
_PRICE = "1.09"  # of a kWh
_LONGEST_TOPIC = 64  # bytes, as the setting's
_ANSWER_S = 30  # a broker's answer to a login
_ROWS_BESIDE = 10  # lines of the terminal that the table leaves free


@dataclass
class Seen:
    """What arrived on MQTT: per topic the newest payload, its moment, how many."""

    topics: dict[str, tuple[str, float, int]] = field(default_factory=dict)
    total: int = 0

    def take(self, topic: str, payload: bytes) -> str:
        """Note a message; returns its payload as text."""
        text = payload.decode(errors="replace")
        count = self.topics.get(topic, ("", 0, 0))[2]
        self.topics[topic] = (text, time.monotonic(), count + 1)
        self.total += 1
        return text


def _fail(message: str):
    typer.echo(f"kwhisper demo: {message}", err=True)
    raise typer.Exit(2)


def _subscribe(host: str, port: int, login: tuple[str, str], on_message):
    """A paho client that hears everything; connects again by itself. Ends the demo when the broker
    does not let it in."""
    import paho.mqtt.client as mqtt

    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, "kwhisper-demo")
    client.username_pw_set(login[0] or None, login[1] or None)
    answers = queue.Queue()

    def connected(c, _data, _flags, reason, _properties):
        answers.put(reason)
        c.subscribe("#")

    client.on_connect = connected
    client.on_message = lambda _c, _u, m: on_message(m.topic, m.payload)
    client.reconnect_delay_set(1, 5)
    try:
        client.connect(host, port, keepalive=30)
        client.loop_start()
        answer = answers.get(timeout=_ANSWER_S)
    except OSError as error:
        _fail(f"no broker at {host}:{port}: {error}")
    except queue.Empty:
        _fail(f"what listens at {host}:{port} does not answer as a broker")
    if answer.is_failure:
        _fail(f"the broker at {host}:{port} says {str(answer).lower()!r}: --user and --password")
    return client


def demo(
    meter: Annotated[str, typer.Option(help="Which meter; kwhisper simulate --list.")] = "aidon",
    broker: Annotated[
        str | None, typer.Option(help="HOST[:PORT] of a broker; else one of its own.")
    ] = None,
    user: Annotated[str, typer.Option(help="User of that broker.")] = "",
    password: Annotated[
        str,
        typer.Option(help="Password; better from the variable.", envvar="KWHISPER_MQTT_PASSWORD"),
    ] = "",
    setup: Annotated[bool, typer.Option("--setup", help="Start as an unset device.")] = False,
    payload: Annotated[
        str, typer.Option(help=f"One or several of {', '.join(_PAYLOADS)}; comma between.")
    ] = "topics,json",
    home_assistant: Annotated[
        bool,
        typer.Option("--home-assistant", help="A Home Assistant beside it (fetched: 1 GB)."),
    ] = False,
    topic: Annotated[str, typer.Option(help="Publish below this topic.")] = "kwhisper",
    speed: Annotated[
        float, typer.Option(min=0.001, max=10_000, help="How many times faster the meter is.")
    ] = 1.0,
    noise: Annotated[
        float, typer.Option(min=0, max=1, help="Share of lists damaged, 0 to 1.")
    ] = 0.0,
    key: Annotated[str | None, typer.Option(help="Encryption key, 32 hex digits.")] = None,
    auth_key: Annotated[str | None, typer.Option(help="Authentication key, same.")] = None,
    seed: Annotated[int, typer.Option(help="Another seed, another house.")] = 1,
    solar: Annotated[bool, typer.Option("--solar", help="The house has a solar roof.")] = False,
    kind: Annotated[
        list[str] | None, typer.Option(help="nes: what it is like, see kwhisper simulate.")
    ] = None,
    fault: Annotated[
        list[str] | None, typer.Option(help="nes: what goes wrong, see kwhisper simulate.")
    ] = None,
    days: Annotated[
        int, typer.Option(min=0, help="It has run for so many days: history, energy and cost.")
    ] = 0,
    seconds: Annotated[float | None, typer.Option(help="End by itself after so long.")] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="The device's console.")
    ] = False,
) -> None:
    """Watch kWhisper work: no hardware needed. Ctrl-C ends all of it."""
    from kwhisper_tools.meters import METERS, make, mep_meter

    address = arguments.address(broker) if broker else None
    keys = arguments.key(key, "key"), arguments.key(auth_key, "authentication key")
    if meter not in METERS and meter != mep_meter.Nes.name:
        _fail(f"no meter {meter!r}; there are: {', '.join((*METERS, mep_meter.Nes.name))}")
    if (kind or fault) and meter != mep_meter.Nes.name:
        _fail("--kind and --fault are those of nes")
    if not 0 < len(topic.encode()) <= _LONGEST_TOPIC or "+" in topic or "#" in topic:
        _fail(f"--topic {topic!r}: 1 to {_LONGEST_TOPIC} bytes, without + and #")
    chosen = [name.strip() for name in payload.split(",")]
    if strange := [name for name in chosen if name not in _PAYLOADS]:
        _fail(f"no payload {strange[0]!r}; there are: {', '.join(_PAYLOADS)}")
    if home_assistant:
        # Its values have the topics of the simple format.
        chosen = ["homeassistant", *(c for c in chosen if c not in ("homeassistant", "topics"))]
    payload = ",".join(chosen)
    from datetime import datetime

    try:
        paths.micropython()  # what there is not on this system ends it now
        now = datetime.now().astimezone()
        if meter == mep_meter.Nes.name:
            source = mep_meter.Nes(seed, now, keys[0], solar, kind or ())
            source.port = mep_meter.Port(source, fault or (), seed, speed=speed)
        else:
            source = make(meter, seed, now, *keys, solar=solar)
    except (ValueError, FileNotFoundError) as error:
        _fail(str(error))
    # A terminated demo must tidy up as one that was interrupted, in a background job too.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler)
    with contextlib.ExitStack() as stack:
        try:
            lived = (days, solar, now)
            wanted = (home_assistant, setup, payload, topic, speed, noise, seconds, verbose)
            _run(stack, source, address, (user, password), lived, *wanted)
        except KeyboardInterrupt:
            pass
    typer.echo("ended: meter, device and broker are gone")


def _home_assistant(stack, broker, login) -> str:
    """Start one that listens to the broker; its page's address."""
    from kwhisper_tools.host import hass_install

    try:
        if not hass_install.program().exists():
            print("fetching Home Assistant: 1 GB, two minutes or more …", flush=True)
        program = hass_install.fetch()
        print("starting Home Assistant …", flush=True)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kwhisper-home-")))
        running = hass_install.Running(program, folder, broker, login, _USER, _PASSWORD)
    except hass_install.Unavailable as error:
        _fail(f"{error}\nWith one of your own: --broker ITS-BROKER --payload homeassistant")
    stack.callback(running.close)
    return f"{running.url}config/devices/dashboard"


def _settings(source, host, port, payload, topic, setup) -> dict:
    values = {"mqtt_host": host, "mqtt_port": port, "mqtt_topic": topic, "payload": payload}
    values["host_name"] = "kwhisper-demo"
    if "domoticz" in payload:
        values["domoticz_idx"] = "p1=1,kwh=2,current=3,voltage_l1=4"
    if source.interface == "MEP":
        # It has to be asked: nothing finds that out.
        values |= {"meter": "mep", "mep_key": source.key.hex(), "mep_rc4": "rc4" in source.kinds}
    else:
        for name, key in (("meter_key", source.key), ("meter_auth_key", source.auth_key)):
            if key:
                values[name] = key.hex()
    return values if setup else values | _WIFI | {"web_password": _PASSWORD}


def _past(flash, source, days, solar, now) -> dict:
    """Lay so many days onto the flash; the settings with which they show."""
    from decimal import Decimal

    from kwhisper_tools.host import made_up_history

    registers = [source.home.read(code) // 1000 for code in ("1.8.0", "2.8.0")]
    gas = Decimal(source.home.gas()) / 1000 if hasattr(source, "gas_lines") else None
    made_up_history.lay(flash, days, now, registers, solar=solar, gas=gas, price=_PRICE)
    values = {"energy": True, "capacity": "no", "currency": "NOK", "price_energy": _PRICE}
    values |= {"main_fuse": 25, "time_zone": "Europe/Oslo"}
    return values | ({"production": 5, "price_export": "0.45"} if solar else {})


def _run(
    stack,
    source,
    address,
    login,
    lived,
    home,
    setup,
    payload,
    topic,
    speed,
    noise,
    seconds,
    verbose,
) -> None:
    from kwhisper_tools.host import Device
    from kwhisper_tools.host.embedded_broker import EmbeddedBroker
    from kwhisper_tools.meters.speaker import Speaker

    if address is None:
        embedded = EmbeddedBroker()
        stack.callback(embedded.close)
        address = ("127.0.0.1", embedded.port)
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="kwhisper-demo-"))
    page = None
    if home:
        page = _home_assistant(stack, address, login)
    speaker = Speaker(source, speed, noise)
    stack.callback(speaker.close)
    show = print if verbose else None
    line = {"uart": speaker.wire.name, "line": speaker.line}
    device = stack.enter_context(Device(folder, **line, on_output=show))
    device.install("a")
    values = _settings(source, *address, payload, topic, setup)
    values |= {"mqtt_user": login[0], "mqtt_password": login[1]}
    if lived[0]:
        values |= _past(device.flash, source, *lived)
    device.settings(**values)
    seen = Seen()
    screen = Screen(seen, live=sys.stdout.isatty() and not verbose)
    client = _subscribe(*address, login, screen.message)
    stack.callback(client.loop_stop)
    stack.callback(client.disconnect)
    device.power_on()
    screen.say(f"meter    {source.name}: {source.maker} {source.model}, {speaker.line}")
    screen.say(f"broker   {address[0]}:{address[1]}, everything below {topic}/")
    asked = "" if setup else f" (settings: any user, password {_PASSWORD})"
    screen.say(f"page     {device.url}{asked}")
    if page:
        screen.say(f"home     {page}, user {_USER}, password {_PASSWORD}")
    if setup:
        device.wait_for("then open")
        point = device.told("access_point")
        screen.say(f"set-up   the device's WiFi is {point['ssid']}, password {point['key']};")
        screen.say("         this PC is in it already: open the page above and choose the network")
        screen.say(f"         {_WIFI['wifi_ssid']}, password {_WIFI['wifi_password']}")
    speaker.start()
    screen.run(device, seconds)


class Screen:
    """Shows what arrives: a live table on a terminal, else a line a message."""

    def __init__(self, seen: Seen, live: bool):
        self.seen = seen
        self.live = live
        self.head: list[str] = []

    def say(self, text: str) -> None:
        """A line that stays above the table."""
        self.head.append(text)
        if not self.live:
            print(text, flush=True)

    def message(self, topic: str, payload: bytes) -> None:
        """A message arrived; called by the MQTT client's thread."""
        text = self.seen.take(topic, payload)
        if not self.live:
            print(f"{topic} {text}", flush=True)

    def run(self, device, seconds: float | None) -> None:
        """Until the time is over, the device is dead or Ctrl-C."""
        end = time.monotonic() + seconds if seconds else None
        if not self.live:
            while device.alive() and not (end and time.monotonic() > end):
                time.sleep(0.2)
        else:
            self._run_live(device, end)
        if not device.alive():
            print("the device stopped:", *list(device.output)[-20:], sep="\n", file=sys.stderr)
            raise typer.Exit(1)

    def _run_live(self, device, end) -> None:
        from rich.console import Console
        from rich.live import Live

        console = Console()
        with Live(console=console, screen=False, auto_refresh=False) as live:
            while device.alive() and not (end and time.monotonic() > end):
                live.update(self._table(console.size.height - _ROWS_BESIDE), refresh=True)
                time.sleep(0.25)

    def _table(self, rows: int):
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, expand=True)
        table.add_column("topic", style="cyan", no_wrap=True)
        table.add_column("value", justify="left", no_wrap=True, overflow="ellipsis", ratio=1)
        table.add_column("age", justify="right", no_wrap=True)
        table.add_column("×", justify="right", no_wrap=True)
        now = time.monotonic()
        # Topics that speak most stand first, so that they stay visible on a small terminal.
        newest = sorted(self.seen.topics.items(), key=lambda t: (-t[1][2] // 5, t[0]))
        for topic, (text, at, count) in newest[: max(rows, 3)]:
            fresh = "bold green" if now - at < 1 else ""
            value = Text(text.replace("\n", " "), style=fresh)
            table.add_row(topic, value, f"{now - at:.0f} s", str(count))
        head = Text("\n".join(self.head), style="dim")
        foot = Text(f"{self.seen.total} messages. Ctrl-C ends it.", style="dim")
        return Group(head, Text(), table, foot)
