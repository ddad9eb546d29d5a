"""A made-up board on a pty: MicroPython's console as mpremote knows it, on the unix port.

Its filesystem is a folder that stands for the flash. Like a chip it runs boot.py after every reset
and main.py after a hard one, keeps its RTC memory, and has umqtt.simple frozen in.
"""

import contextlib
import os
import pty
import select
import signal
import subprocess
import threading
import tty
from pathlib import Path

from kwhisper_tools.paths import UMQTT

# Boots, then reads a length and so much code, runs it, ends its output as the raw REPL does.
_LOOP = """
import os, sys, vfs
vfs.umount("/")
vfs.mount(vfs.VfsPosix(os.getenv("KWHISPER_ROOT")), "/")
os.chdir("/")
vfs.mount(vfs.VfsPosix({chip!r}), "/.chip")
vfs.mount(vfs.VfsPosix(os.getenv("KWHISPER_STATE")), "/.state")
vfs.mount(vfs.VfsPosix(), "/.real")
sys.path[:] = ["", "/.chip", "/lib", ".frozen"] + {frozen!r}
names = {{"__name__": "__main__"}}
for file in ("boot.py", "main.py")[: int(os.getenv("KWHISPER_FILES"))]:
    try:
        with open(file) as f:
            code = f.read()
    except OSError:
        continue
    try:
        exec(code, names)
    except BaseException as error:
        sys.print_exception(error)
sys.stdout.write("\\x05")
while True:
    try:
        size = sys.stdin.buffer.readline()
    except KeyboardInterrupt:
        continue  # Ctrl-C came when the boot was just over
    if not size:
        break
    code = sys.stdin.buffer.read(int(size))
    try:
        exec(code, names)
        sys.stdout.write("\\x04\\x04>")
    except BaseException as error:
        sys.stdout.write("\\x04")
        sys.print_exception(error)
        sys.stdout.write("\\x04>")
"""
_GREETING = b"raw REPL; CTRL-B to exit\r\n>"
_CTRL_A, _CTRL_B, _CTRL_C, _CTRL_D = 1, 2, 3, 4
_BOOTED = b"\x05"
_HARD, _SOFT = 2, 1  # how many of the two files run


class Board:
    """`chip` is the folder of stand-ins for a chip's modules, `flash` that of the board's files.

    `port` is what to connect to, `ran` every piece of code sent, `resets` how often it was reset
    hard, `said` what it printed while it booted.
    """

    def __init__(self, folder: Path, micropython: str, chip: Path, umqtt: bool = True) -> None:
        self.flash = folder / "flash"
        self.ran: list[str] = []
        self.resets = 0
        self.said = b""
        state = folder / "state"
        for made in (self.flash, state):
            made.mkdir()
        self._environment = dict(
            os.environ, KWHISPER_ROOT=str(self.flash), KWHISPER_STATE=str(state)
        )
        frozen = [f"/.real{UMQTT}"] if umqtt else []
        self._command = [micropython, "-c", _LOOP.format(chip=str(chip), frozen=frozen)]
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)
        self._raw = False
        self._code = b""
        self._waiting = b""  # typed while it boots
        self._start(_HARD)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take the board away."""
        self._stop.set()
        self._thread.join(10)
        self._kill()
        os.close(self._master)
        os.close(self._slave)

    def _start(self, files: int, greeting: bytes = b"") -> None:
        self._booting = True
        self._greeting = greeting
        self._process = subprocess.Popen(
            self._command,
            cwd=self.flash,
            env=self._environment | {"KWHISPER_FILES": str(files)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )

    def _kill(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _reset_hard(self) -> None:
        self._kill()
        self.resets += 1
        self._raw, self._code = False, b""
        self._start(_HARD)

    def _serve(self) -> None:
        while not self._stop.is_set():
            sources = [self._master, *([self._process.stdout] if self._booting else [])]
            ready, _, _ = select.select(sources, [], [], 0.1)
            if self._process.stdout in ready:
                self._boot()
            for byte in os.read(self._master, 4096) if self._master in ready else b"":
                if byte == _CTRL_C and self._booting:
                    self._process.send_signal(signal.SIGINT)
                elif self._booting:
                    self._waiting += bytes([byte])
                else:
                    self._take(byte)

    def _boot(self) -> None:
        said = self._process.stdout.read(4096)
        if not said:
            self._reset_hard()  # boot.py or main.py asked for it
        before, booted, _ = said.partition(_BOOTED)
        self.said += before
        if booted:
            self._booting = False
            os.write(self._master, self._greeting)
            waiting, self._waiting = self._waiting, b""
            for byte in waiting:
                self._take(byte)

    def _take(self, byte: int) -> None:
        if byte == _CTRL_A and self._code == b"\x05A":  # raw paste, which this board knows not
            self._code = b""
            os.write(self._master, b"R\x00")
        elif byte == _CTRL_A:
            self._raw, self._code = True, b""
            os.write(self._master, _GREETING)
        elif byte == _CTRL_B:
            self._raw = False
            os.write(self._master, b"\r\n>>> ")
        elif byte == _CTRL_C:
            self._code = b""
        elif byte == _CTRL_D and self._raw and not self._code:
            self._kill()
            os.write(self._master, b"OK\r\nMPY: soft reboot\r\n")
            self._start(_SOFT, _GREETING)
        elif byte == _CTRL_D and self._raw:
            os.write(self._master, b"OK")
            code, self._code = self._code, b""
            self._run(code)
        elif self._raw:
            self._code += bytes([byte])

    def _run(self, code: bytes) -> None:
        self.ran.append(code.decode())
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(b"%d\n" % len(code) + code)
        ends = 0
        while ends < 2 and not self._stop.is_set():
            said = self._process.stdout.read(4096)
            if not said:
                self._reset_hard()
                return
            ends += said.count(b"\x04")
            os.write(self._master, said)
