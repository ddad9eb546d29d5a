"""A made-up board on a pty: runs what mpremote sends it on the unix port of MicroPython.

Its filesystem is a folder that stands for the flash.
"""

import os
import pty
import select
import subprocess
import threading
import tty
from pathlib import Path

# Reads a length and so much code, runs it, ends its output as the raw REPL does.
_LOOP = """
import os, sys, vfs
vfs.umount("/")
vfs.mount(vfs.VfsPosix(os.getenv("KWHISPER_ROOT")), "/")
os.chdir("/")
vfs.mount(vfs.VfsPosix({chip!r}), "/.chip")
vfs.mount(vfs.VfsPosix(os.getenv("KWHISPER_STATE")), "/.state")
vfs.mount(vfs.VfsPosix(), "/.real")
sys.path[:] = ["/slots/a", "/slots/a/lib", "/.chip", ".frozen"]
names = {{"__name__": "__main__"}}
while True:
    size = sys.stdin.buffer.readline()
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


class Board:
    """`chip` is the folder of stand-ins for a chip's modules, `flash` that of the board's files.

    `port` is what to connect to, `ran` every piece of code sent, `resets` how often it was reset.
    """

    def __init__(self, folder: Path, micropython: str, chip: Path) -> None:
        self.flash = folder / "flash"
        self.ran: list[str] = []
        self.resets = 0
        state = folder / "state"
        for made in (self.flash, state):
            made.mkdir()
        self._environment = dict(
            os.environ, KWHISPER_ROOT=str(self.flash), KWHISPER_STATE=str(state)
        )
        self._command = [micropython, "-c", _LOOP.format(chip=str(chip))]
        self._process = None
        self._master, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)
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

    def _kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.communicate()
        self._process = None

    def _serve(self) -> None:
        raw, code = False, b""
        while not self._stop.is_set():
            ready, _, _ = select.select([self._master], [], [], 0.1)
            for byte in os.read(self._master, 4096) if ready else b"":
                if byte == 0x01 and code == b"\x05A":  # raw paste: this board knows nothing of it
                    code = b""
                    os.write(self._master, b"R\x00")
                elif byte == 0x01:
                    raw, code = True, b""
                    os.write(self._master, _GREETING)
                elif byte == 0x02:
                    raw = False
                    os.write(self._master, b"\r\n>>> ")
                elif byte == 0x03:
                    code = b""
                elif byte == 0x04 and raw and not code:
                    self._kill()
                    os.write(self._master, b"OK\r\nMPY: soft reboot\r\n" + _GREETING)
                elif byte == 0x04 and raw:
                    os.write(self._master, b"OK")
                    self._run(code)
                    code = b""
                elif raw:
                    code += bytes([byte])

    def _run(self, code: bytes) -> None:
        self.ran.append(code.decode())
        if code.rstrip().endswith(b"machine.reset()"):
            self.resets += 1
            self._kill()
            return
        if self._process is None:
            self._process = subprocess.Popen(
                self._command,
                cwd=self.flash,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
            )
        self._process.stdin.write(b"%d\n" % len(code) + code)
        ends = 0
        while ends < 2 and not self._stop.is_set():
            said = self._process.stdout.read(4096)
            if not said:
                self._kill()
                return
            ends += said.count(b"\x04")
            os.write(self._master, said)
