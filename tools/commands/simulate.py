"""`kwhisper simulate`: a meter that writes its frames to a pty, a serial port or a TCP port."""

from datetime import datetime
from typing import Annotated

import typer

from kwhisper_tools.meters import METERS, make, mep_meter, table
from meterwire import mep_key

from . import arguments


def _fail(message):
    typer.echo(f"kwhisper simulate: {message}", err=True)
    raise typer.Exit(2)


def _start(text):
    if text is None:
        return datetime.now().astimezone()
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        _fail(f"--start {text!r} is not a time like 2026-01-20T11:59:30 or …+01:00")


def _sink(meter, pty, serial, tcp):
    from kwhisper_tools.meters import line

    try:
        if pty:
            return line.Pty()
        if serial:
            return line.Serial(serial, meter.baud, meter.parity)
        return line.Tcp(tcp)
    except (OSError, OverflowError, ValueError) as error:
        _fail(f"cannot open {serial or tcp or 'a pty'}: {line.explain(error)}")


def _columns(rows):
    """Rows as lines of aligned text; a wrapped table is no table."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def _print_table():
    rows = [("METER", "MAKER", "MODEL", "", "LINE", "KEYS")]
    for name, maker, model, country, _, line, _, keys, _ in table():
        count = {"": "", "key": "1"}.get(keys, "2")
        rows.append((name, maker, model, country, line.removesuffix(" inverted"), count))
    nes = mep_meter.Nes
    rows.append((nes.name, nes.maker, nes.model, nes.country, f"{nes.baud} {nes.parity}", "1"))
    typer.echo(_columns(rows))


def _tell(meter, sink, speed, noise):
    """Say what speaks, where, and with which keys: a reader needs all of it."""
    sign = ", inverted on a real meter" if meter.inverted else ""
    typer.echo(f"{meter.name}: {meter.maker} {meter.model}, {meter.country}, {meter.interface}")
    typer.echo(f"line: {sink.name}, {meter.baud} {meter.parity}{sign}")
    if meter.key:
        typer.echo(f"key: {meter.key.hex().upper()}")
    if getattr(meter, "auth_key", None):
        typer.echo(f"authentication key: {meter.auth_key.hex().upper()}")
    begin = meter.start.astimezone().isoformat(timespec="seconds")
    typer.echo(f"meter time starts at {begin}, speed {speed:g}, noise {noise:g}. Ctrl-C ends.")


def simulate(
    meter: Annotated[str | None, typer.Argument(help="Which meter; see --list.")] = None,
    pty: Annotated[bool, typer.Option("--pty", help="Make a pseudo terminal.")] = False,
    serial: Annotated[str | None, typer.Option(help="Write to this serial port.")] = None,
    tcp: Annotated[int | None, typer.Option(help="Serve on this TCP port, 0 = any.")] = None,
    noise: Annotated[float, typer.Option(help="Share of lists damaged, 0 to 1.")] = 0.0,
    speed: Annotated[float, typer.Option(help="How many times faster than real.")] = 1.0,
    seed: Annotated[int, typer.Option(help="Of the house, the meter's number, the noise.")] = 1,
    key: Annotated[str | None, typer.Option(help="Encryption key, 32 hex digits.")] = None,
    auth_key: Annotated[str | None, typer.Option(help="Authentication key, same.")] = None,
    start: Annotated[str | None, typer.Option(help="First moment, ISO; default now.")] = None,
    seconds: Annotated[float | None, typer.Option(help="End after so much meter time.")] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Print each list.")] = False,
    kind: Annotated[
        list[str] | None, typer.Option(help="nes: what it is like; may be given several times.")
    ] = None,
    fault: Annotated[
        list[str] | None, typer.Option(help="nes: what goes wrong; may be given several times.")
    ] = None,
    list_meters: Annotated[bool, typer.Option("--list", help="The table of meters.")] = False,
) -> None:
    """Write the frames of a simulated meter at its real pace, with values that add up."""
    if list_meters:
        return _print_table()
    if meter is None:
        _fail(f"which meter? {', '.join((*METERS, mep_meter.Nes.name))}")
    asked = meter == mep_meter.Nes.name
    if meter not in METERS and not asked:
        _fail(f"no meter {meter!r}; there are: {', '.join((*METERS, mep_meter.Nes.name))}")
    if (bool(pty), serial is not None, tcp is not None).count(True) != 1:
        _fail("give one of --pty, --serial PORT, --tcp PORT")
    if not 0 <= noise <= 1:
        _fail("--noise is a share between 0 and 1")
    if not 0.001 <= speed <= 10_000:
        _fail("--speed is between 0.001 and 10000")
    if asked:
        port = _port(key, auth_key, start, seed, kind or [], fault or [], speed, noise)
        return _answer(port, _sink(port.meter, pty, serial, tcp), speed, noise, seconds, verbose)
    if kind or fault:
        _fail("--kind and --fault are those of nes")
    row = METERS[meter]
    if key and not row.encrypted:
        _fail(f"{meter} does not encrypt, it takes no --key")
    if auth_key and not row.authenticated:
        _fail(f"{meter} does not authenticate, it takes no --auth-key")
    keys = arguments.key(key, "key"), arguments.key(auth_key, "authentication key")
    source = make(meter, seed, _start(start), *keys)
    return _run(source, _sink(source, pty, serial, tcp), speed, noise, seed, seconds, verbose)


def _port(key, auth_key, start, seed, kinds, faults, speed, noise):
    if auth_key:
        _fail("nes has one key, it takes no --auth-key")
    try:
        meter = mep_meter.Nes(seed, _start(start), key and mep_key.parse_key(key), kinds=kinds)
        port = mep_meter.Port(meter, faults + ["damage"] * bool(noise), seed, speed=speed)
    except ValueError as error:
        _fail(str(error))
    port.share = noise or port.share
    return port


def _answer(port, sink, speed, noise, seconds, verbose):
    """A meter that speaks only when asked."""

    def heard(requests):
        typer.echo(f"{requests:6} requests, sequence number {port.meter.sequence:08X}")

    _tell(port.meter, sink, speed, noise)
    try:
        mep_meter.serve(port, sink, seconds, heard if verbose else None)
    except KeyboardInterrupt:
        typer.echo("ended")
    except OSError as error:
        _fail(f"the line is gone: {error}")
    finally:
        sink.close()


def _run(source, sink, speed, noise, seed, seconds, verbose):
    from kwhisper_tools.meters.line import play

    def heard(burst, damaged):
        values = " ".join(
            f"{obis}={value}{unit}" for obis, (value, unit) in burst.truth["values"].items()
        )
        mark = " damaged" if damaged else ""
        typer.echo(f"{burst.at:9.1f} s {len(burst.data):4} bytes{mark} {values}")

    _tell(source, sink, speed, noise)
    try:
        play(source, sink, speed, noise, seed, seconds, heard if verbose else None)
    except KeyboardInterrupt:
        typer.echo("ended")
    except OSError as error:
        _fail(f"the line is gone: {error}")
    finally:
        sink.close()


def _table_text():
    """The meters for --help: name, maker, country, line, intervals."""
    nes = mep_meter.Nes
    rows = [(row[0], row[1], row[3], row[5].removesuffix(" inverted"), row[6]) for row in table()]
    rows.append((nes.name, nes.maker, nes.country, f"{nes.baud} {nes.parity}", "when asked"))
    return _columns(rows)


simulate.__doc__ += f"""

Keys not given are the Green Book's examples; they are printed at the start.
Noise flips bits, drops bytes and adds bytes. What no program
reads from a pty is lost.

nes speaks only when it is asked, as on a MEP port. It may be (--kind)

\b
{_columns([*mep_meter.KINDS.items()])}

and this may go wrong (--fault)

\b
{_columns([*mep_meter.FAULTS.items()])}

\b
{_table_text()}
"""
