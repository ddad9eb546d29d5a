"""Decodes the real captures and holds what they give against what their sources state.

A capture (see the README beside them) states which of its frames are sound and, where its source
says so, values. Every stated value must come out, exactly; where it does not, explained.py must
say why the source is wrong.
"""

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from fnmatch import fnmatch
from pathlib import Path

from kwhisper_tools.bench.explained import DAMAGED, EXPLAINED
from kwhisper_tools.commands.decode import MEP
from kwhisper_tools.commands.exchange import Exchange, parse_key
from meterwire import Decoder
from meterwire.mep import BAD_SEQUENCE
from meterwire.words import NUMBER

FOLDERS = ("frames", "unsolved")
_SIZE = 8192
_ROWS = 250


@dataclass
class Result:
    """What one capture gave."""

    id: str
    protocol: str
    maker: str
    sealed: bool = False  # encrypted, and no key for it is known
    ok: int = 0
    bad: int = 0
    unchecked: int = 0
    readings: int = 0
    stated: int = 0
    matched: int = 0
    explained: list[tuple[str, str]] = field(default_factory=list)  # what, why
    open: list[tuple[str, str]] = field(default_factory=list)  # what, how it differs

    def line(self) -> dict:
        """The result as `bench captures --json` prints it."""
        return {**vars(self)}


# ---- what came out


@dataclass
class _Found:
    texts: dict[str, list[str]] = field(default_factory=dict)
    numbers: dict[str, list[tuple[Decimal, str]]] = field(default_factory=dict)
    times: list[str] = field(default_factory=list)
    meters: list[str] = field(default_factory=list)

    def take(self, reading) -> None:
        self.times.append(reading.time or "")
        self.meters.append(reading.meter_id or "")
        for i in range(len(reading)):
            code = reading.obis(i)
            # In `expected` 1-0:C.D.E also stands where the meter sends B = 1.
            codes = {code, re.sub(r"^1-\d+:", "1-0:", code)}
            for name in codes:
                if reading.entry(i) == NUMBER:
                    number = Decimal(reading.decimal(i))
                    self.numbers.setdefault(name, []).append((number, reading.unit(i)))
                else:
                    self.texts.setdefault(name, []).append(reading.text(i))


def _read(capture: dict) -> tuple[Decoder, _Found, int]:
    key, auth_key = (
        bytes.fromhex(capture[name]) if capture.get(name) else None for name in ("key", "auth_key")
    )
    decoder = Decoder(_SIZE, key, auth_key, rows=_ROWS)
    found = _Found()
    count = 0
    for pull in (decoder.feed(bytes.fromhex(capture["hex"])), decoder.flush()):
        for reading in pull:
            count += 1
            found.take(reading)
    return decoder, found, count


# ---- whether it is what is stated


def instant(text: str) -> datetime | None:
    """The moment that ISO text, a P1 stamp (YYMMDDhhmmssS) or a COSEM date-time (hex) names."""
    stamp = re.fullmatch(r"(\d{12})([SW]?)", text)
    try:
        if stamp:
            moment = datetime.strptime(stamp[1], "%y%m%d%H%M%S")
            hours = {"S": 2, "W": 1}.get(stamp[2])
            return moment.replace(tzinfo=hours and timezone(timedelta(hours=hours)))
        if re.fullmatch(r"07[0-9a-fA-F]{22}", text):
            raw = bytes.fromhex(text)
            return datetime(raw[0] << 8 | raw[1], raw[2], raw[3], raw[5], raw[6], raw[7])
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def same_time(stated: str, given: str) -> bool:
    """Whether both name one instant; where one leaves its zone open, one wall clock."""
    a, b = instant(stated), instant(given)
    if a is None or b is None:
        return stated == given
    if a.tzinfo is None or b.tzinfo is None:
        return a.replace(tzinfo=None) == b.replace(tzinfo=None)
    return a == b


def same_number(stated, unit: str | None, given: Decimal, given_unit: str) -> bool:
    """Whether a stated number (kWh, kW … or a bare one) is the given one in its base unit."""
    number = Decimal(str(stated))
    if unit and unit[:1] == "k" and given_unit:
        number *= 1000
    if unit and given_unit and unit.lstrip("k").lower() != given_unit.lower():
        return False
    return number == given


def same_text(stated: str, given: str) -> bool:
    """Whether a text is the stated one: as such, as its hex, as a time, without leading zeros."""
    if given == stated or same_time(stated, given):
        return True
    try:
        if bytes.fromhex(stated).decode("latin-1").strip("\0 ") == given:
            return True
    except ValueError:
        pass  # not hex: it is no such text
    try:
        return Decimal(stated) == Decimal(given)
    except InvalidOperation:
        return False


def _matches(code: str, stated, found: _Found) -> tuple[bool, str]:
    """(whether the value stated for a code was found, what was found instead)."""
    if code == "timestamp":
        times = [t for t in found.times if t]
        return any(same_time(stated, t) for t in times), f"times {times[:2]}"
    if code == "meter_id":
        return stated in found.meters, f"meters {sorted(set(found.meters))[:2]}"
    value, unit = stated["value"], stated.get("unit")
    numbers = found.numbers.get(code, [])
    texts = found.texts.get(code, [])
    given = [f"{n} {u}".strip() for n, u in numbers] + texts
    instead = f"gives {given[:2]}" if given else "not there"
    if isinstance(value, str):
        hit = any(same_text(value, t) for t in texts)
        return hit or any(same_text(value, str(n)) for n, _ in numbers), instead
    hit = any(same_number(value, unit, n, u) for n, u in numbers)
    # a number of the meter that the source read as a number, and we as the text it is
    return hit or any(same_text(str(value), t) for t in texts), instead


def check(capture: dict) -> Result:
    """Decode one capture and judge what came of it."""
    result = Result(
        capture["id"],
        capture["protocol"],
        capture["meter"]["maker"] or "?",
        sealed=bool(capture["encrypted"] and not capture.get("key")),
    )
    if capture["protocol"] == MEP:
        return _check_exchange(capture, result)
    decoder, found, result.readings = _read(capture)
    counters = decoder.counters
    result.ok, result.unchecked = counters["ok"], counters["unchecked"]
    result.bad = sum(counters[c] for c in ("hcs", "fcs", "length", "checksum", "crc"))

    stated = capture.get("frames") or {}
    sound = stated.get("ok", 0)
    # Telegrams without a CRC are stated; DLMS messages without a link layer are not.
    without = stated.get("no_crc") or 0
    whole = result.ok + (result.unchecked if "no_crc" in stated else 0)
    if stated and whole != sound + without:
        _differ(result, "frames", f"{whole} sound, {sound + without} stated")
    damaged = capture["check"] in ("bad-fcs", "truncated")
    if damaged and result.readings > whole:
        _differ(result, "damage", f"{result.readings} readings of {whole} sound frames")
    if capture["check"] == "ok" and not result.sealed and not result.readings:
        _differ(result, "readings", "none")
    for code, value in (capture.get("expected") or {}).items():
        result.stated += 1
        hit, instead = _matches(code, value, found)
        if hit:
            result.matched += 1
        elif damaged and not sound and not result.readings:
            result.explained.append((code, DAMAGED))
        else:
            says = value if isinstance(value, str) else _words(value)
            _differ(result, code, f"stated {says}: {instead}")
    return result


def _check_exchange(capture: dict, result: Result) -> Result:
    """The same for a MEP port's requests and responses: codes and table data are stated."""
    exchange = Exchange(parse_key(capture.get("key")))
    given = {}
    for frame in exchange.frames(bytes.fromhex(capture["hex"])):
        result.readings += frame.reading is not None
        if frame.code is not None:
            given["response_code"] = f"0x{frame.code:02X}"
            of = "sequence_no" if frame.code == BAD_SEQUENCE else "table_data"
            given[of] = frame.data.hex()
            given["count"] = len(frame.data)
    result.ok, result.bad = exchange.counters["ok"], exchange.counters["digest"]
    if capture["check"] == "ok" and (result.bad or result.ok != len(capture["messages"])):
        _differ(result, "frames", f"{result.ok} sound, {len(capture['messages'])} stated")
    for name, stated in (capture.get("expected") or {}).items():
        result.stated += 1
        if str(stated["value"]).lower() == str(given.get(name)).lower():
            result.matched += 1
        else:
            _differ(result, name, f"stated {stated['value']}: {given.get(name, 'not there')}")
    return result


def _words(value: dict) -> str:
    return f"{value['value']} {value.get('unit') or ''}".strip()


def _differ(result: Result, what: str, how: str) -> None:
    for of, codes, why in EXPLAINED:
        if fnmatch(result.id, of) and any(fnmatch(what, code) for code in codes.split()):
            result.explained.append((what, why))
            return
    result.open.append((what, how))


def check_all(folder: Path) -> list[Result]:
    """The results of every capture in the folder's `frames` and `unsolved`."""
    files = sorted(f for name in FOLDERS for f in (folder / name).glob("*.json"))
    return [check(json.loads(file.read_text(), parse_float=Decimal)) for file in files]


# ---- the table


def by_protocol_and_maker(results: list[Result]) -> list[tuple]:
    """Rows (protocol, maker, captures, ok, bad, unchecked, readings, stated, matched, explained,
    open) of the table, and their sum as the last."""
    sums: dict[tuple[str, str], Counter] = {}
    for r in results:
        for of in ((r.protocol, r.maker), ("total", "")):
            row = sums.setdefault(of, Counter())
            row["captures"] += 1
            for name in ("ok", "bad", "unchecked", "readings", "stated", "matched"):
                row[name] += getattr(r, name)
            row["explained"] += len(r.explained)
            row["open"] += len(r.open)
    total = sums.pop(("total", ""), None)
    rows = [(*of, *(row[c] for c in COLUMNS[2:])) for of, row in sorted(sums.items())]
    return rows + ([("total", "", *(total[c] for c in COLUMNS[2:]))] if total else [])


COLUMNS = (
    "protocol",
    "maker",
    "captures",
    "ok",
    "bad",
    "unchecked",
    "readings",
    "stated",
    "matched",
    "explained",
    "open",
)
