"""The command ``kwhisper``: one line a subcommand, each in a module loaded when asked for."""

import importlib
import sys

import typer

# name: what the help says. commands/<name>.py has a function of that name, or a typer `app`.
COMMANDS = {
    "demo": "A simulated meter, the real firmware and a broker on this PC.",
    "simulate": "Write the frames of a meter to a pty, a serial port or a TCP port.",
    "decode": "Explain captured frames, or those arriving on a serial port.",
    "monitor": "A live table of what a device publishes over MQTT.",
    "build": "Make what goes onto the chips, into dist/.",
    "flash": "Put MicroPython and kWhisper on a board.",
    "find": "The devices of this network.",
    "watch": "Show a board's console; the WiFi of its set-up as a code for a phone.",
    "update": "Update a device over the network.",
    "backup": "Save a device's settings, its secrets under a passphrase.",
    "restore": "Load a backup into a device.",
    "reset": "Factory reset of a device over the network.",
    "sign": "Sign updates with a key of your own.",
    "bench": "Measure: decoding, a fast line, a fleet of devices.",
}


def _placeholder() -> None:
    """Stands in the list of commands for a module that this call does not need."""


def _asked(arguments: list[str]) -> str | None:
    return next((a for a in arguments if not a.startswith("-")), None)


def make(arguments: list[str]) -> typer.Typer:
    """The typer application for one call; only the module of the command asked for is loaded."""
    app = typer.Typer(
        name="kwhisper",
        help="kWhisper: reads the electricity meter and tells the home over MQTT.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode="rich",
        pretty_exceptions_show_locals=False,
    )
    # With a single command typer would drop its name; a callback keeps the names.
    app.callback()(_placeholder)
    asked = _asked(arguments)
    for name, text in COMMANDS.items():
        if name != asked:
            app.command(name, help=text)(_placeholder)
            continue
        path = f"{__package__}.commands.{name}"
        try:
            module = importlib.import_module(path)
        except ModuleNotFoundError as error:
            if error.name != path:
                raise
            raise SystemExit(f"kwhisper {name}: there is no tools/commands/{name}.py")
        if hasattr(module, "app"):
            app.add_typer(module.app, name=name, help=text)
        else:
            app.command(name)(getattr(module, name))
    return app


def main() -> None:
    """Entry point of the console script."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal or a file that has not all letters gets a mark in their place, not an end.
        stream.reconfigure(errors="replace")
    make(sys.argv[1:])()


if __name__ == "__main__":
    main()
