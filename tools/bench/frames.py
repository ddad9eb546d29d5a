"""The frames that decoders are timed on: the biggest list of simulated meters, always the same.

A frame that is encrypted comes as a run of messages: its invocation counter must rise, so one and
the same message can be decoded once only.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from kwhisper_tools.meters import frame, make

_START = datetime(2026, 1, 20, 10, 59, 55, tzinfo=UTC)
_SEED = 7
_RUN = 64  # messages of an encrypted meter


@dataclass(frozen=True)
class Frame:
    """A frame to decode: its name, the messages, the keys, what it is."""

    name: str
    messages: tuple[bytes, ...]
    what: str
    key: bytes | None = None
    auth_key: bytes | None = None

    @property
    def size(self) -> int:
        """Bytes of one message."""
        return len(self.messages[0])


# name: (simulated meter, what it is)
_METERS = {
    "aidon-hourly": ("aidon", "Aidon's hourly list, Norway, HDLC"),
    "aidon-se": ("aidon-se-p1hdlc", "Aidon's list, Sweden, HDLC"),
    "kaifa": ("kaifa", "Kaifa's hourly list, Norway, HDLC"),
    "kamstrup": ("kamstrup", "Kamstrup's hourly list, Norway, HDLC"),
    "dsmr": ("dsmr5", "DSMR 5, three phases, no gas meter, P1"),
    "dsmr-gas": ("dsmr5", "DSMR 5, three phases, gas meter, P1"),
    "swedish-p1": ("swedish-p1", "the Swedish telegram, P1"),
    "kamstrup-dk": ("kamstrup-dk", "Kamstrup's list, Denmark, HDLC, AES-128-GCM"),
    "sagemcom-at": ("sagemcom-at", "Sagemcom's list, Austria, M-Bus, AES-128-GCM"),
    "smarty-lu": ("esmr-encrypted", "the Luxembourg telegram, P1 in AES-128-GCM"),
}
NAMES = tuple(_METERS)


def _crc_arc(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc


def _without_gas(telegram: bytes) -> bytes:
    """The telegram of a house without a gas meter and without power failures."""
    lines = []
    for line in telegram.split(b"\r\n"):
        if line.startswith(b"1-0:99.97.0"):
            line = b"1-0:99.97.0()"
        if not line.startswith((b"0-1:", b"!")):
            lines.append(line)
    body = b"\r\n".join(lines).rstrip(b"\r\n") + b"\r\n!"
    return body + b"%04X\r\n" % _crc_arc(body)


def _run_of(meter) -> tuple[bytes, ...]:
    messages: list[bytes] = []
    longest = 0
    for _ in range(8 * _RUN):
        data = meter.next().data
        if len(data) > longest:
            longest = len(data)
            messages.clear()
        if len(data) == longest:
            messages.append(data)
        if len(messages) == _RUN:
            break
    return tuple(messages)


def load(name: str) -> Frame:
    """One frame by its name; KeyError for an unknown one."""
    meter_name, what = _METERS[name]
    meter = make(meter_name, seed=_SEED, start=_START)
    if meter.encrypted:
        return Frame(name, _run_of(meter), what, meter.key, meter.auth_key)
    data = frame(meter_name)
    return Frame(name, (_without_gas(data) if name == "dsmr" else data,), what)
