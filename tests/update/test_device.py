"""Updates of a whole device: brought over HTTP, tried, confirmed or taken back."""

import base64
import json
import re
import socket
import threading
import time

import pytest
from update.conftest import HURRIED, PASSWORD, trickle

from kwhisper_tools.build import dist, kwu
from kwhisper_tools.commands import update

NOW = dist.version("kwhisper", "VERSION")
BROKEN = {"kwhisper/latest.py": ("", "import nothing_of_that_name\n")}


def test_a_version_is_brought_tried_and_confirmed(home):
    h = home(host_name="cupboard")
    before = h.files()
    assert h.state() == h.state() | {"version": NOW, "slot": "a", "state": "settled"}
    h.bring(h.pack("9.1.0"))
    assert h.settled("9.1.0")["slot"] == "b"
    after = h.files()
    assert after["slot"] == b"b" and "slot.try" not in after
    # The old one stays in its slot, as it was.
    assert {p: after[p] for p in before if p.startswith("slots/a/")} == before
    assert h.device.wait_for("update: 9.1.0 is confirmed")
    assert json.loads(h.ask("/device.json")[1])["name"] == "cupboard"
    assert not (h.device.flash / "settings.json.back").exists()
    # And on to the next, which takes the old one's place.
    h.bring(h.pack("9.2.0"))
    assert h.settled("9.2.0")["slot"] == "a"
    assert h.state()["other"] == "9.1.0"


def bad(h):
    """(what is said, the update) of everything that is refused."""
    good = h.pack("9.1.0")
    yield "not a kWhisper update", b"PK\3\4" + good[4:]
    yield "not a kWhisper update", good[:4] + b"\xff" + good[5:]
    yield "not signed", kwu.pack({"a": b"a"}, "x64", "9.1.0")
    yield "does not trust", kwu.sign(good, h.stranger)
    yield "does not trust", good.replace(b'"9.1.0"', b'"9.1.1"')
    yield "another chip: xtensawin", h.pack("9.1.0", march="xtensawin")
    yield "should have", good[:-1]
    yield "should have", good + b"more"
    yield "ends too early", good[:200]
    yield "ends too early", good[:3000]
    yield "older than", h.pack("0.0.1")
    yield "is damaged", good[:-9] + bytes([good[-9] ^ 1]) + good[-8:]


def test_what_is_not_right_is_refused_and_changes_nothing(home):
    h = home()
    before = h.files()
    told = []
    for said, update_ in bad(h):
        code, text = h.ask("/update", update_)
        assert code == 422 and said in text, (said, code, text)
        told.append(text)
        assert h.files() == before, said
    assert len(set(told)) > 8
    assert h.device.starts == 1 and h.state()["state"] == "settled"
    assert sum("update refused" in line for line in h.device.output) == len(told)


def test_what_the_device_lacks_is_told(home, monkeypatch):
    h = home()
    before = h.files()
    for name, value, said in (
        ("MICROPYTHON", "9.9", "needs MicroPython 9.9"),
        ("guard", lambda: 99, "newer boot.py"),
        ("_BLOCK", 1 << 40, "flash is full"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(kwu, name, value)
            made = h.pack("9.1.0")
        code, text = h.ask("/update", made)
        assert code == 422 and said in text, text
    assert h.files() == before


def test_a_client_that_leaves_in_the_middle_does_no_harm(home):
    h = home()
    before = h.files()
    made = h.pack("9.1.0")
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", h.device.web_port)) as s:
            s.sendall(b"POST /update HTTP/1.0\r\nHost: 127.0.0.1\r\n")
            s.sendall(b"Content-Length: %d\r\n\r\n" % len(made) + made[: len(made) // 2])
    # The place of the other slot may hold pieces; no start takes it.
    h.until(lambda: "another" not in h.ask("/update", b"x" * 300)[1])
    assert {p: d for p, d in h.files().items() if "slots/new" not in p} == before
    h.bring(made)
    h.settled("9.1.0")
    assert not any("slots/new" in path for path in h.files())


def test_an_older_version_is_taken_when_it_is_meant(home):
    h = home()
    h.bring(h.pack("0.0.1"), "?older=1")
    h.settled("0.0.1")


def test_the_owners_key_is_trusted_once_it_is_set(home):
    h = home()
    made = kwu.sign(h.pack("9.1.0"), h.owner)
    assert "does not trust" in h.ask("/update", made)[1]
    h = home(update_key=kwu.public_text(h.owner).decode().strip())
    h.bring(made)
    h.settled("9.1.0")


def test_the_password_of_the_pages_is_asked_for(home):
    h = home()
    before = h.files()
    made = h.pack("9.1.0")
    assert h.ask("/update", made, password="")[0] == 401
    assert h.ask("/update", made, password="wrong")[0] == 401
    assert h.files() == before
    h.bring(made)
    h.settled("9.1.0")


def test_a_version_that_does_not_start_is_taken_back_and_all_are_told(home):
    h = home()
    settings = (h.device.flash / "settings.json").read_bytes()
    h.bring(h.pack("9.1.0", BROKEN))
    state = h.until(lambda: (s := h.state())["failed"] and s)
    assert (state["version"], state["slot"], state["failed"]) == (NOW, "a", "9.1.0")
    starts = [re.search(r"kWhisper: (\S+) on", line) for line in h.device.output]
    assert [m[1] for m in starts if m] == [NOW, "9.1.0", "9.1.0", "9.1.0", NOW]
    told = "went back to slot a after failed starts of 9.1.0"
    assert h.device.wait_for(told)
    assert json.loads(h.ask("/device.json")[1])["problem"] == told
    h.until(lambda: json.loads(h.ask("/data.json")[1])["status"]["problem"] == told)
    assert (h.device.flash / "settings.json").read_bytes() == settings
    # It is told until another update is tried.
    h.device.power_cut()
    h.device.power_on()
    assert h.until(lambda: h.state())["failed"] == "9.1.0"
    h.bring(h.pack("9.2.0"))
    assert h.settled("9.2.0")["failed"] is None


def test_a_version_that_hangs_is_taken_back(home):
    h = home()
    boot = h.device.flash / "boot.py"
    boot.write_text(boot.read_text().replace("const(420000)", "const(1500)"))
    hang = {"kwhisper/app.py": ("import gc\n", "import gc\nwhile True: pass\n")}
    h.bring(h.pack("9.1.0", hang))
    assert h.until(lambda: h.state()["failed"]) == "9.1.0"


@pytest.mark.parametrize(
    ("wanted", "more"),
    [
        pytest.param("lists", {}, marks=pytest.mark.slow),
        ("broker", {}),
        # A version that lost the settings is in the set-up, unasked.
        ("", {"kwhisper/storage/settings.py": ('bool(self["wifi_ssid"] or self.wired)', "False")}),
    ],
)
def test_a_version_that_does_less_than_the_one_before_is_taken_back(home, wanted, more):
    """There is no meter and no broker; that the old one had them says a word in /slot.try."""
    h = home()
    h.bring(h.pack("9.1.0", more, within=8))
    trial = h.device.flash / "slot.try"
    trial.write_text(f"b00 9.1.0 {wanted}")
    assert h.until(lambda: h.state()["failed"]) == "9.1.0"
    said = {
        "lists": "no lists",
        "broker": "no connection to the broker",
        "": "the set-up opened by itself",
    }[wanted]
    assert h.device.wait_for(f"restart: update to 9.1.0: {said}")


def test_settings_that_the_new_version_wrote_go_back_with_it(home):
    h = home()
    before = (h.device.flash / "settings.json").read_bytes()
    writes = 'open("/settings.json", "wb").write(b"{}")\nimport nothing_of_that_name\n'
    broken = {"kwhisper/latest.py": ("", writes)}
    h.bring(h.pack("9.1.0", broken, within=8))
    h.until(lambda: h.state()["failed"])
    assert (h.device.flash / "settings.json").read_bytes() == before


def test_a_power_cut_is_no_failed_start_of_a_trial_for_ever(home):
    """Three of them look like a version that pulls the supply down."""
    h = home()
    h.bring(h.pack("9.1.0"))
    h.device.wait_for("restart: update to 9.1.0")
    for _ in range(3):
        h.device.wait_for("9.1.0 on")
        h.device.power_cut()
        h.device.output.clear()
        h.device.power_on()
    assert h.until(lambda: h.state())["failed"] == "9.1.0"


def test_the_set_up_takes_updates_too(home):
    h = home(wifi_ssid="")
    assert json.loads(h.ask("/device.json")[1])["mode"] == "setup"
    h.bring(h.pack("9.1.0"))
    h.settled("9.1.0")
    assert json.loads(h.ask("/device.json")[1])["mode"] == "setup"


def test_a_low_supply_takes_no_update(home):
    h = home(wifi_ssid="", board="han-selfpowered")
    h.device.tell("volts", {"1": 1.55})
    code, text = h.ask("/update", h.pack("9.1.0"))
    assert code == 422 and "the supply is low: 3100 mV" in text


def test_a_device_without_slots_says_what_to_do(home):
    h = home()
    for name in ("kwhisper", "lib"):
        for path in (h.device.flash / "slots" / "a" / name).iterdir():
            target = h.device.flash / name / path.name
            target.parent.mkdir(exist_ok=True)
            path.rename(target)
    (h.device.flash / "slots").rename(h.device.flash / "gone")
    h.device.power_cut()
    h.device.power_on()
    h.until(lambda: h.state()["slot"] is None)
    code, text = h.ask("/update", h.pack("9.1.0"))
    assert code == 422 and "kwhisper flash" in text


def test_the_command_brings_an_update_and_waits(home, tmp_path):
    h = home()
    file = tmp_path / "new.kwu"
    file.write_bytes(h.pack("9.1.0"))
    device = update.Device(f"127.0.0.1:{h.device.web_port}", PASSWORD)
    about = kwu.head(file.read_bytes())
    assert update.fitting(about, device.state()) is None
    assert "another chip" in update.fitting(about | {"mpy": 6}, device.state())
    update.update(device.host, file, PASSWORD)
    assert device.state()["version"] == "9.1.0"
    file.write_bytes(h.pack("9.2.0", BROKEN))
    with pytest.raises(SystemExit, match="9.2.0 did not work: 9.1.0 runs again"):
        update.update(device.host, file, PASSWORD)


@pytest.mark.parametrize(
    "pages",
    [True, pytest.param(False, marks=pytest.mark.slow)],
    ids=["with pages", "without pages"],
)
def test_the_meter_is_read_while_an_update_comes_in(home, pages):
    """And the new version, too, has to read it. The pages are served meanwhile where there is
    memory for them."""
    from esp32.wire import Wire

    from kwhisper_tools.meters import make

    wire, meter = Wire(), make("aidon")
    over = threading.Event()

    def speak():
        while not over.is_set():
            wire.say(meter.next().data)
            time.sleep(0.2)

    threading.Thread(target=speak, daemon=True).start()
    try:
        edits = {} if pages else short_of_memory(alone=False)
        h = home(edits=edits, uart=wire.uart, meter="2400-8E1")

        def lists():
            return json.loads(h.ask("/data.json")[1])["status"]["frames"]["ok"]

        h.until(lambda: lists() > 3)
        seen, turned_away = [], []

        def sent(n):
            # A slow browser: it looks at the values meanwhile.
            if n % 65536 == 0:
                time.sleep(0.5)
                code, text = h.ask("/data.json")
                if code == 503:
                    turned_away.append(text)
                else:
                    seen.append(json.loads(text)["status"]["frames"]["ok"])

        device = update.Device(f"127.0.0.1:{h.device.web_port}", PASSWORD)
        code, text = device.ask("/update", h.pack("9.1.0"), sent)
        assert code == 200, text
        if pages:
            assert len(seen) > 5 and seen == sorted(set(seen)), seen
        else:
            assert len(turned_away) > 5 and "being written" in turned_away[0], (seen, turned_away)
        assert not any("with the memory to itself" in line for line in h.device.output)
        assert h.device.wait_for("9.1.0 is on trial for lists")
        h.settled("9.1.0")
        assert lists() > 0
    finally:
        over.set()
        wire.close()


def test_what_is_refused_without_the_pages_is_told_and_they_come_back(home):
    h = home(edits=short_of_memory(alone=False))
    made = h.pack("9.1.0")
    for wrong in (made[:-5], bytes(300) + made[300:], b"x" * 300, made[:99]):
        code, text = h.ask("/update", wrong)
        assert code == 422 and text, (code, text)
        # The pages come back a moment after the answer.
        assert h.until(lambda: h.ask("/update.json")[0] == 200)
    h.bring(made)
    h.settled("9.1.0")


@pytest.mark.slow
def test_a_hundred_updates_to_and_fro(home):
    h = home()
    versions = [h.pack("9.1.0"), h.pack("9.2.0")]
    for n in range(100):
        h.bring(versions[n % 2], "?older=1")
        state = h.settled("9.1.0" if n % 2 == 0 else "9.2.0")
        assert state["slot"] == "ba"[n % 2]
    assert sum(path.count("manifest") for path in h.files()) == 2


def short_of_memory(alone=True):
    """A device that never has the memory for an update and the pages; alone: nor for an update
    beside the reading."""
    needs = "900000000" if alone else "9000"
    return {
        "kwhisper/update/slots.py": (
            "_NEEDS = const(9000)\n_BESIDE_PAGES = const(24000)",
            f"_NEEDS = const({needs})\n_BESIDE_PAGES = const(900000000)",
        )
    }


def test_where_memory_is_short_the_device_makes_room_and_the_command_waits(home, tmp_path):
    h = home(edits=short_of_memory())
    file = tmp_path / "new.kwu"
    file.write_bytes(h.pack("9.1.0"))
    update.update(f"127.0.0.1:{h.device.web_port}", file, PASSWORD)
    assert h.state() == h.state() | {"version": "9.1.0", "state": "settled"}
    assert h.device.wait_for("restart: room for an update")
    assert h.device.wait_for("with the memory to itself")


def test_the_room_is_given_back_when_no_update_comes(home):
    soon = {"kwhisper/update/alone.py": ("_NOBODY_S = const(300)", "_NOBODY_S = const(10)")}
    h = home(edits=short_of_memory() | soon)
    code, text = h.ask("/update", h.pack("9.1.0"))
    assert code == 202 and "send it again" in json.loads(text)["text"]
    h.until(lambda: h.state()["state"] == "ready")
    assert h.ask("/update", b"x" * 300)[0] == 422
    h.until(lambda: h.state()["state"] == "settled")
    assert h.device.wait_for("restart: no update came")
    assert json.loads(h.ask("/data.json")[1])["status"]["state"] == "running"


def test_the_update_that_room_was_made_for_may_come_late(home):
    # The pages of the run mode are let go when nobody came for a while: here somebody will.
    idle = {"kwhisper/web/run_server.py": ("_IDLE_MS = const(120000)", "_IDLE_MS = const(200)")}
    h = home(edits=short_of_memory() | idle)
    assert h.ask("/update", h.pack("9.1.0"))[0] == 202
    h.until(lambda: h.state()["state"] == "ready")
    for _ in range(2):
        time.sleep(2)
        assert h.ask("/update", b"x" * 300)[0] == 422


@pytest.mark.parametrize("pages", [True, False])
def test_an_update_that_trickles_in_ends_and_the_next_may_come(home, pages):
    h = home(edits=HURRIED | ({} if pages else short_of_memory(alone=False)))
    made = h.pack("9.1.0")
    key = base64.b64encode(f"any:{PASSWORD}".encode()).decode()
    with socket.create_connection(("127.0.0.1", h.device.web_port)) as s:
        s.sendall(b"POST /update HTTP/1.0\r\nHost: 127.0.0.1\r\n")
        s.sendall(b"Authorization: Basic %s\r\n" % key.encode())
        s.sendall(b"Content-Length: %d\r\n\r\n" % len(made))
        threading.Thread(target=trickle, args=(s, made), daemon=True).start()
        assert h.device.wait_for("update refused: it is too slow")
    assert "another update" not in h.ask("/update", b"x" * 300)[1]
