"""``kwhisper bench``: speed of decoding, memory, captures, a fast line, a fleet of devices."""

import json
import os
import platform
import sys
from pathlib import Path
from typing import Annotated

import typer

from kwhisper_tools.paths import ROOT

from . import arguments

app = typer.Typer(no_args_is_help=True, add_completion=False)

_PLOT = ROOT / "docs" / "bench-decode.svg"
_PAGE = ROOT / "docs" / "performance.md"


def _fail(command: str, message: str):
    typer.echo(f"kwhisper bench {command}: {message}", err=True)
    raise typer.Exit(2)


def machine() -> str:
    """The machine in words, for tables that are kept."""
    model = platform.processor() or platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    except OSError:
        pass  # not Linux: the platform's word must do
    release = f"{platform.system()} {platform.release()}"
    return f"{model}, {os.cpu_count()} CPUs, {release}, Python {platform.python_version()}"


def _chosen(given: str | None, known: tuple[str, ...], what: str) -> list[str]:
    if not given:
        return list(known)
    names = [name.strip() for name in given.split(",") if name.strip()]
    for name in names:
        if name not in known:
            _fail("decode", f"no {what} {name!r}; there are: {', '.join(known)}")
    return names


@app.command()
def decode(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a row.")] = False,
    frames: Annotated[str | None, typer.Option(help="Only these, with commas.")] = None,
    runtimes: Annotated[str | None, typer.Option(help="Only these, with commas.")] = None,
    rounds: Annotated[int, typer.Option(help="The shortest of so many counts.", min=1)] = 9,
    plot: Annotated[
        bool, typer.Option("--plot", help="Also renew plot and table in docs/.")
    ] = False,
) -> None:
    """Time and memory a frame: ours on every runtime, and decoders from PyPI, side by side."""
    from kwhisper_tools.bench import decoding, markdown
    from kwhisper_tools.bench import frames as known
    from kwhisper_tools.bench import plot as plotting

    names = _chosen(frames, known.NAMES, "frame")
    wanted = _chosen(runtimes, decoding.RUNTIMES, "runtime")
    bench = decoding.Bench(decoding.load(names), wanted, rounds)
    if not as_json:
        print("measuring: some minutes, the first time more …", file=sys.stderr, flush=True)
    quiet = as_json or not sys.stderr.isatty()
    try:
        rows = bench.run(lambda text: None if quiet else print(text, file=sys.stderr))
    except decoding.Unmeasurable as error:
        _fail("decode", str(error))
    if as_json:
        for row in rows:
            print(json.dumps(row.line()), flush=True)
    else:
        _show(bench, rows)
    if plot:
        _PLOT.write_text(plotting.draw(bench.frames, rows, machine()))
        typer.echo(f"drawn: {_PLOT.relative_to(ROOT)}", err=True)
        if markdown.put(_PAGE, markdown.table(bench.frames, rows, machine(), rounds)):
            typer.echo(f"renewed: {_PAGE.relative_to(ROOT)}", err=True)


def _show(bench, rows) -> None:
    from rich.console import Console
    from rich.table import Table

    from kwhisper_tools.bench import decoding

    console = Console(width=None if sys.stdout.isatty() else 110)
    console.print(f"\n{machine()}\n", highlight=False)
    table = Table(box=None, pad_edge=False)
    for head, side in (
        ("frame", "left"),
        ("runtime", "left"),
        ("µs", "right"),
        ("× fastest peer", "right"),
        ("heap bytes", "right"),
        ("", "left"),
    ):
        table.add_column(head, justify=side)
    for frame in bench.frames:
        peer = decoding.fastest_peer(rows, frame.name)
        table.add_section()
        label = f"{frame.name}\n{frame.size} bytes"
        for row in (r for r in rows if r.frame == frame.name):
            ratio = f"{peer.us / row.us:.1f}" if peer and row.us else ""
            us = f"{row.us:.2f}" if row.us else "–"
            heap = "" if row.alloc is None else f"{row.alloc:,}"
            table.add_row(label, row.runtime, us, ratio, heap, row.note)
            label = ""
    console.print(table)
    reached = decoding.goals(rows)
    if reached:
        console.print("\nGoals: how many times faster than the fastest peer", highlight=False)
        for frame, runtime, wanted, factor in reached:
            verdict = "met" if factor >= wanted else "MISSED"
            console.print(
                f"  {frame:14}{runtime:12}{factor:7.1f} of {wanted:3}   {verdict}",
                highlight=False,
            )
    console.print(
        "\nµs: CPU time a frame, the shortest of "
        f"{bench.rounds} rounds. Heap: what a frame leaves behind (MicroPython), or takes at most "
        "(CPython and peers). -values: every value also fetched as an object.",
        highlight=False,
    )


@app.command()
def memory(
    mode: Annotated[str, typer.Option(help="run or setup.")] = "run",
    payload: Annotated[str, typer.Option(help="What it publishes.")] = "topics,homeassistant",
    meter: Annotated[str, typer.Option(help="What it reads.")] = "aidon",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a module.")] = False,
) -> None:
    """What an ESP32's heap holds: each module in the order of loading, then all of it running."""
    from kwhisper_tools.bench import memory as heap
    from kwhisper_tools.host.unix32 import Unavailable

    if mode not in ("run", "setup"):
        _fail("memory", f"no mode {mode!r}; there are: run, setup")
    try:
        costs = heap.measure(mode=mode)
        if as_json:
            for row in costs.rows:
                print(json.dumps(vars(row)))
            return
        print(*heap.table(costs), sep="\n")
        if mode == "run":
            rest, peak = heap.running(payload, meter)
            print(f"\nrunning, {payload}, {meter}, no TLS: {rest} at rest, {peak} at the peak")
    except (ValueError, RuntimeError, TimeoutError, Unavailable) as error:
        _fail("memory", str(error))
    print(f"budget: {heap.AT_REST} at rest and {heap.AT_PEAK} at the peak")


@app.command()
def captures(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a capture.")] = False,
    folder: Annotated[
        Path | None, typer.Option(help="Where the captures lie; else $KWHISPER_CAPTURES.")
    ] = None,
) -> None:
    """Decode the real captures; exit code 1 if a value differs and nothing explains it."""
    from kwhisper_tools.bench import captures as checking

    beside = os.environ.get("KWHISPER_CAPTURES") or ROOT.parent / "shared" / "captures"
    place = folder or Path(beside)
    results = checking.check_all(place)
    if not results:
        _fail("captures", f"no captures in {place}: set KWHISPER_CAPTURES to their folder")
    if as_json:
        for result in results:
            print(json.dumps(result.line(), ensure_ascii=False), flush=True)
    else:
        _show_captures(checking, results)
    raise typer.Exit(1 if any(r.open for r in results) else 0)


def _show_captures(checking, results) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if sys.stdout.isatty() else 120)
    table = Table(box=None, pad_edge=False)
    for i, head in enumerate(checking.COLUMNS):
        table.add_column(head, justify="left" if i < 2 else "right")
    for row in checking.by_protocol_and_maker(results):
        if row[0] == "total":
            table.add_section()
        table.add_row(*(str(cell) for cell in row))
    console.print(table)
    for title, name in (("Explained", "explained"), ("Open", "open")):
        said = [(r.id, what, why) for r in results for what, why in getattr(r, name)]
        if said:
            console.print(f"\n{title}:", highlight=False)
            for of, codes, why in _gathered(said):
                console.print(f"  {of}: {codes}: {why}", highlight=False, markup=False)


def _gathered(said) -> list[tuple[str, str, str]]:
    """Rows of one capture with one reason put together."""
    together: dict[tuple[str, str], list[str]] = {}
    for of, what, why in said:
        together.setdefault((of, why), []).append(what)
    rows = []
    for (of, why), codes in together.items():
        shown = " ".join(codes) if len(codes) < 5 else f"{codes[0]} … {len(codes)} values"
        rows.append((of, shown, why))
    return rows


@app.command()
def line(
    seconds: Annotated[float, typer.Option(help="How long the stream lasts.", min=1)] = 20,
    meter: Annotated[str, typer.Option(help="Whose telegrams; one in the clear.")] = "dsmr5",
    as_json: Annotated[bool, typer.Option("--json", help="As a JSON object.")] = False,
) -> None:
    """Telegrams back to back at 115,200 baud through the whole firmware; exit code 1 on loss."""
    from kwhisper_tools.bench import brokers, decoding
    from kwhisper_tools.bench import saturation as fast

    try:
        outcome = fast.run(meter, seconds)
    except (fast.Failed, brokers.NoBroker, decoding.Unmeasurable, ValueError) as error:
        _fail("line", str(error))
    if as_json:
        print(json.dumps(outcome.line()))
    else:
        o = outcome
        rate = o.telegrams / o.seconds
        print(f"{o.meter}: {o.telegrams} telegrams, {o.sent:,} bytes in {o.seconds} s at 115,200")
        print(
            f"  baud, back to back ({rate:.1f} a second; the sender was {o.lag_ms} ms late once)"
        )
        print(f"found sound     {o.sound} of {o.telegrams}")
        print(f"damaged         {o.damaged}, bytes between telegrams {o.noise}, ", end="")
        print(f"lost for a full UART buffer {o.overrun}")
        print(f"CPU, reading    {o.reading_share:.3%} of one CPU: framing, CRC, decoding, judging")
        print(
            f"CPU, all of it  {o.process_share:.1%} (idle {o.idle_share:.1%}): also the pretended"
        )
        print("                UART in bytecode, WiFi, MQTT, pages")
        if o.unsent:
            print(f"                (MQTT messages dropped for newer ones: {o.unsent})")
        print("no byte was lost" if not o.lost else "SOMETHING WAS LOST")
    raise typer.Exit(1 if outcome.lost else 0)


@app.command()
def fleet(
    devices: Annotated[int, typer.Argument(metavar="N", help="How many devices.", min=1)],
    seconds: Annotated[float, typer.Option(help="How long they publish.", min=1)] = 20,
    interval: Annotated[
        float, typer.Option(help="Seconds between the lists of a device.", min=0.1)
    ] = 10,
    broker: Annotated[
        str | None, typer.Option(help="HOST[:PORT] of a broker; else one started here.")
    ] = None,
    meter: Annotated[str, typer.Option(help="The meter they all have.")] = "aidon",
    payload: Annotated[str, typer.Option(help="What the devices publish.")] = "topics,json",
    as_json: Annotated[bool, typer.Option("--json", help="As a JSON object.")] = False,
) -> None:
    """N devices on one broker: messages a second, loss, latency; exit code 1 on loss."""
    from kwhisper_tools.bench import brokers, recorder
    from kwhisper_tools.bench import fleet as many

    quiet = as_json or not sys.stderr.isatty()
    try:
        outcome = many.run(
            devices,
            seconds,
            interval,
            meter,
            payload,
            arguments.address(broker) if broker else None,
            lambda text: None if quiet else print(text, file=sys.stderr),
        )
    except (many.Failed, brokers.NoBroker, recorder.NothingHeard, ValueError) as error:
        _fail("fleet", str(error))
    if as_json:
        print(json.dumps(outcome.line()))
    else:
        _show_fleet(outcome)
    raise typer.Exit(1 if outcome.lost or outcome.broken else 0)


def _show_fleet(o) -> None:
    print(f"{o.devices} devices, a list every {o.interval:g} s, for {o.seconds:g} s; {o.broker}")
    print(f"offered   {o.sent_per_second:,.1f} messages/s in bursts of {o.burst:g}, ", end="")
    print(f"{o.bytes_per_second / 1000:,.1f} kB/s of topics and payloads")
    print(f"arrived   {o.received:,} of {o.sent:,}: {o.lost} lost, {o.broken} connections broken")
    print(f"latency   p50 {o.p50_ms} ms, p95 {o.p95_ms}, p99 {o.p99_ms}, most {o.max_ms}")
    print(f"          of a whole list; this PC itself was up to {o.late_ms} ms late (p99)")
    cost = f"CPU       sender {o.sender_cpu:.0%}, listener {o.listener_cpu:.0%} of one CPU each"
    if o.broker_cpu is not None:
        cost += f", broker {o.broker_cpu:.1%}, {o.broker_mb} MB"
    print(cost)
    if max(o.sender_cpu, o.listener_cpu) > 0.9:
        print("          this PC, not the broker, is the limit: run it from several")
