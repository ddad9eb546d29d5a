"""The page that flashes from the browser: in chromium, against a loader that keeps what it gets.

The board is esp32-mock-bootloader, a stand-in of the chip's own loader, reached over TCP; what the
browser would have as its serial port is put in its place, and leads there over a WebSocket.
"""

import asyncio
import contextlib
import functools
import gzip
import http.server
import re
import shutil
import socket
import struct
import threading

import pytest
from system.waiting import PATIENCE

from kwhisper_tools.build import dist, images, tree, web
from kwhisper_tools.commands import first_steps, official_image

# A serial port as the page sees it. The board's console speaks once it was let out of reset.
_PORT = """
(() => {
  let socket, control, reset = 0
  const port = {
    readable: null, writable: null, opened: [],
    getInfo: () => ({ usbVendorId: 0x10c4, usbProductId: 0xea60 }),
    async open({ baudRate }) {
      port.opened.push(baudRate)
      const console = baudRate === 115200 && port.opened.includes(460800)
      port.readable = new ReadableStream({ start: (c) => { control = c } })
      if (console) {
        port.writable = new WritableStream({})
        return
      }
      if (!socket) {
        socket = new WebSocket('ws://127.0.0.1:@PORT@')
        socket.binaryType = 'arraybuffer'
        await new Promise((done) => { socket.onopen = done })
        socket.onmessage = (m) => { try { control.enqueue(new Uint8Array(m.data)) } catch {} }
      }
      port.writable = new WritableStream({ write: (data) => socket.send(data) })
    },
    async close() { port.readable = port.writable = null },
    async setSignals({ requestToSend }) {
      const console = port.opened.at(-1) === 115200 && port.opened.includes(460800)
      if (console && reset && !requestToSend) {
        for (const text of ['ets Jul 29 2019\\r\\nkWhisper: join the WiFi kWhisper-0001 ',
                            'with the password abcdefghijk\\r\\n']) {
          control.enqueue(new TextEncoder().encode(text))
        }
      }
      reset = requestToSend
    },
    addEventListener() {}, removeEventListener() {}
  }
  Object.defineProperty(navigator, 'serial', { configurable: true, value: {
    requestPort: async () => port, getPorts: async () => [port],
    addEventListener() {}, removeEventListener() {}
  } })
})()
"""


def table(*rows):
    """The table of partitions, of (type, subtype, offset, size, name)."""
    made = [
        struct.pack("<2sBBII16sI", b"\xaa\x50", kind, sub, at, size, name, 0)
        for kind, sub, at, size, name in rows
    ]
    return b"".join(made).ljust(0xC00, b"\xff")


FACTORY = (0, 0, 0x10000, 0x1F0000, b"factory")


def official(chip, *rows, version="1.26.1"):
    """A file that tells of itself what an official image does."""
    flavour = official_image.CHIPS[chip]
    head = b"\xe9\4\2\x20" + bytes(8) + flavour.chip_id.to_bytes(2, "little")
    file = head.ljust(0x8000 - flavour.offset, b"\xff") + table(*(rows or (FACTORY,)))
    text = f"MicroPython v{version} on 2025-09-11; umqtt/simple.py".encode()
    return file + text + bytes(range(256)) * 300


class Mock:
    """The loader of one board, and the WebSocket that leads to it."""

    def __init__(self, chip):
        from esp32_mock_bootloader import server

        server.reset_flash_image()
        self.stop = threading.Event()
        self.flash = server.get_flash_image()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._server = server
        self._chip = chip
        self._loop = asyncio.new_event_loop()
        self._up = threading.Event()
        threading.Thread(target=self._board, daemon=True).start()
        threading.Thread(target=self._bridge, daemon=True).start()
        assert self._up.wait(PATIENCE)

    def _board(self):
        while not self.stop.is_set():
            with contextlib.suppress(OSError):
                sock, _ = self._listener.accept()
                board = self._server.BootloaderConnection(sock=sock)
                self._server.handle_client(board, self.stop, self._chip)

    def _bridge(self):
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())

    async def _serve(self):
        from websockets.asyncio.server import serve

        async def lead(browser):
            address = self._listener.getsockname()
            reader, writer = await asyncio.open_connection(*address)

            async def back():
                while data := await reader.read(4096):
                    await browser.send(data)

            task = asyncio.ensure_future(back())
            async for data in browser:
                writer.write(data)
            task.cancel()
            writer.close()

        async with serve(lead, "127.0.0.1", 0) as running:
            self.port = running.sockets[0].getsockname()[1]
            self._up.set()
            while not self.stop.is_set():
                await asyncio.sleep(0.1)


@pytest.fixture
def mock():
    pytest.importorskip("esp32_mock_bootloader", reason="`make venv` brings it")
    made = []

    def start(chip):
        made.append(Mock(chip))
        return made[-1]

    yield start
    for one in made:
        one.stop.set()


@pytest.fixture(scope="module")
def site(once, dist):
    """(address, folder) of dist/web, served."""

    def make(out):
        for chip in ("esp32", "esp32c3"):
            name = tree.CHIPS[chip].folder
            shutil.copytree(dist / name, out / name)
        try:
            web.make(out)
        except web.Unavailable as why:
            pytest.skip(str(why))

    folder = once("web", make) / "web"

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    handler = functools.partial(Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", folder
    server.shutdown()


@pytest.fixture
def page(browser, site):
    opened = browser.new_page()
    opened.set_default_timeout(1000 * PATIENCE)
    opened.faults = []
    opened.on("pageerror", lambda e: opened.faults.append(str(e)))
    opened.on("request", lambda r: r.url.startswith(site[0]) or opened.faults.append(r.url))
    yield opened
    assert not [f for f in opened.faults if not f.startswith("ws:")]
    opened.close()


def connected(page, site, board):
    """The page when it knows the board; what it says of one that answers late is done."""
    page.add_init_script(_PORT.replace("@PORT@", str(board.port)))
    for _ in range(5):
        page.goto(site[0])
        page.click("#connect")
        page.wait_for_selector("#file:enabled, #chip.bad")
        if page.is_enabled("#file"):
            return
    raise AssertionError(page.text_content("#chip") + page.text_content("#log"))


def give(page, tmp_path, data):
    """Choose a file; returns what the page says of it."""
    # The same name twice is no change for a browser.
    path = tmp_path / f"image-{len(list(tmp_path.iterdir()))}.bin"
    path.write_bytes(data)
    page.set_input_files("#file", path)
    page.wait_for_function("document.getElementById('image').textContent")
    said = page.text_content("#image")
    page.evaluate("document.getElementById('image').textContent = ''")
    return said


@pytest.mark.parametrize("chip, build", [("esp32", "esp32"), ("esp32c3", "esp32c3")])
def test_a_new_board_gets_micropython_and_kwhisper(page, site, mock, tmp_path, chip, build):
    board = mock(chip)
    flavour = official_image.CHIPS[chip]
    image = official(chip)
    for _ in range(5):
        connected(page, site, board)
        assert page.text_content("#wanted a") == flavour.wanted
        assert "right" in give(page, tmp_path, image)
        page.click("#write")
        page.wait_for_selector("#written.bad, #written:has-text('kWhisper-0001')", timeout=500000)
        if not page.locator("#written.bad").count():
            break  # else as it says: a board that answers late is tried again
    assert "abcdefghijk" in page.text_content("#written")
    assert "join the WiFi" in page.text_content("#console")
    assert drawn(page) in codes(first_steps.joining("kWhisper-0001", "abcdefghijk"))
    assert board.flash.read(flavour.offset, len(image)) == image
    files = gzip.decompress((site[1] / f"{build}-512.littlefs.gz").read_bytes())
    assert board.flash.read(images.LITTLEFS_OFFSET, len(files)) == files


def drawn(page):
    """The modules of the code that stands on the page, as rows of 0 and 1."""
    path = page.get_attribute("#code path", "d")
    corners = {tuple(map(int, c)) for c in re.findall(r"M(\d+),(\d+)l5,0", path)}
    size = (int(page.get_attribute("#code svg", "viewBox").split()[2]) - 40) // 5
    cells = range(size)
    return [bytes((20 + 5 * x, 20 + 5 * y) in corners for x in cells) for y in cells]


def codes(text):
    """All QR codes that say this, one a mask. The text fills the code: what programs put behind a
    shorter one differs."""
    import segno

    made = [segno.make(text, error="m", mode="byte", mask=m, boost_error=False) for m in range(8)]
    return [[bytes(row) for row in code.matrix] for code in made]


def test_the_console_alone_and_the_code_of_the_board_s_wifi(page, site):
    page.add_init_script(_PORT.replace("&& port.opened.includes(460800)", ""))
    page.goto(site[0])
    page.click("#listen")
    page.wait_for_selector("#code svg")
    assert "ets Jul 29 2019" in page.text_content("#console")
    assert "kWhisper-0001" in page.text_content("#chip")
    assert drawn(page) in codes(first_steps.joining("kWhisper-0001", "abcdefghijk"))
    assert page.is_disabled("#connect")


def test_a_code_s_text_is_that_of_the_command(page, site):
    page.goto(site[0])
    ask = "async (pair) => (await import('./console.js')).joining(...pair)"
    for pair in (("kWhisper-0001", "abcdefghijk"), ('a;b,c:d"e', "back\\slash;")):
        assert page.evaluate(ask, pair) == first_steps.joining(*pair)


def test_a_file_for_something_else_is_refused(page, site, mock, tmp_path):
    connected(page, site, mock("esp32"))
    assert "not an image" in give(page, tmp_path, b"PK\3\4")
    assert "another chip" in give(page, tmp_path, official("esp32s3"))
    assert "too old" in give(page, tmp_path, official("esp32", version="1.24.1"))
    assert "not MicroPython" in give(
        page, tmp_path, official("esp32").replace(b"Python v", b"C v")
    )
    assert page.is_disabled("#write")
    assert "right" in give(page, tmp_path, official("esp32", version="1.30.0"))
    assert page.is_enabled("#write")


def test_the_filesystem_goes_where_that_file_puts_it(page, site):
    """A partition of its own, what is left of the flash, or a place nobody knows."""
    page.goto(site[0])
    ask = """async ([data, offset, flash]) => {
      const { filesystem } = await import('./image.js')
      return filesystem(new Uint8Array(data), offset, flash)
    }"""
    vfs = (1, 0x81, 0x310000, 0x4F0000, b"vfs")
    for flash, rows, place in (
        (4, (FACTORY,), {"at": 0x200000, "blocks": 512}),
        (8, (FACTORY,), {"at": 0x200000, "blocks": 1536}),
        (8, (FACTORY, vfs), {"at": 0x310000, "blocks": 0x4F0}),
    ):
        data = list(official("esp32s3", *rows)[:0x9000])
        assert page.evaluate(ask, [data, 0, flash << 20]) == place
    assert page.evaluate(ask, [[0xE9] * 0x9000, 0, 4 << 20]) is None


def test_a_browser_without_serial_ports_is_told(page, site):
    page.add_init_script("delete Navigator.prototype.serial")
    page.goto(site[0])
    page.wait_for_selector("#connect:disabled")
    assert "Chrome" in page.text_content("#chip")


def test_the_files_of_every_size_of_flash_are_there(site):
    from littlefs import LittleFS

    for build in ("esp32", "esp32c3"):
        for blocks in (512, 1536, 3584):
            image = gzip.decompress((site[1] / f"{build}-{blocks}.littlefs.gz").read_bytes())
            disk = LittleFS(block_size=4096, block_count=blocks, mount=False)
            disk.context.buffer[: len(image)] = image
            disk.mount()
            assert "main.py" in disk.listdir("/")
            assert "kwhisper" in disk.listdir(f"/{dist.SLOT}")
