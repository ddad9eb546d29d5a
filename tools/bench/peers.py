"""Decodes frames with another decoder of PyPI when told to; runs in an environment of its own.

    python peers.py PEER          PEER is a name of PEERS below

Speaks the language of worker.py. Each peer is asked in its own fastest way for the same thing:
the whole frame as it came off the line goes in, its checks are checked, all values come out.
What the peer says is put into our form only to compare it, never while the time runs.
"""

import gc
import json
import re
import sys
import tracemalloc
from decimal import Decimal

_FRAMES = {}


def _code(octets):
    return ".".join(str(b) for b in octets[2:5])


class Nothing(Exception):
    """The peer read nothing of the frame."""


# ---- lists as gurux-dlms and dlms-cosem give them: what stood in the structures, nothing named


def _named(data):
    """{C.D.E: number or text} of nested lists: an OBIS code is followed by its value."""
    values = {}
    flat = []

    def walk(item):
        if isinstance(item, (list, tuple)):
            if len(item) == 2 and all(isinstance(i, int) for i in item):
                flat.append(("scale", item[0]))
            else:
                for inner in item:
                    walk(inner)
        else:
            flat.append(("value", item))

    walk(data)
    for (_, code), (_, value), scale in zip(flat, flat[1:], flat[2:] + [("", 0)], strict=False):
        if isinstance(code, (bytes, bytearray)) and len(code) == 6 and code[5] == 0xFF:
            if isinstance(value, int):
                number = Decimal(value)
                if scale[0] == "scale":
                    number = number.scaleb(scale[1])
                values[_code(code)] = number
            elif isinstance(value, str):
                values[_code(code)] = value
    return values


def _only(frame, *starts):
    """Refuse a frame of another kind than the peer is made for."""
    kind = {0x7E: "HDLC", 0x68: "M-Bus"}.get(frame["messages"][0][0], "P1")
    if frame["key"]:
        kind = f"encrypted {kind}"
    if kind not in starts:
        raise Nothing(f"no {kind}")


def _gurux(frame):
    _only(frame, "HDLC", "M-Bus", "encrypted HDLC", "encrypted M-Bus")
    from gurux_dlms import GXByteBuffer, GXReplyData
    from gurux_dlms.enums import Authentication, InterfaceType, Security

    kind = InterfaceType.WIRED_MBUS if frame["messages"][0][0] == 0x68 else InterfaceType.HDLC
    if frame["key"]:
        from gurux_dlms.secure import GXDLMSSecureClient

        client = GXDLMSSecureClient(True, -1, -1, Authentication.NONE, None, kind)
        client.ciphering.security = Security.AUTHENTICATION_ENCRYPTION
        client.ciphering.blockCipherKey = bytearray(frame["key"])
        client.ciphering.authenticationKey = bytearray(frame["auth_key"] or bytes(16))
    else:
        from gurux_dlms import GXDLMSClient

        client = GXDLMSClient(True, -1, -1, Authentication.NONE, None, kind)

    def decode(message):
        notify = GXReplyData()
        client.getData(GXByteBuffer(message), GXReplyData(), notify)
        return notify.value

    return decode, _named


def _dlms_cosem(frame):
    _only(frame, "HDLC", "encrypted HDLC")
    from dlms_cosem import dlms_data
    from dlms_cosem.dlms_data import DlmsDataParser, VisibleStringData
    from dlms_cosem.hdlc.frames import UnnumberedInformationFrame
    from dlms_cosem.protocol.xdlms import DataNotification, GeneralGlobalCipher

    class Text(VisibleStringData):
        """The package leaves reading a visible-string to its user."""

        @classmethod
        def from_bytes(cls, source):
            return cls(bytes(source).decode("latin-1"))

    dlms_data.DlmsDataFactory.MAP[10] = Text
    parser = DlmsDataParser()
    key, auth_key = frame["key"], frame["auth_key"]

    def decode(message):
        apdu = UnnumberedInformationFrame.from_bytes(message).payload[3:]
        if key:
            apdu = GeneralGlobalCipher.from_bytes(apdu).to_plain_apdu(key, auth_key)
        body = DataNotification.from_bytes(apdu).body
        return parser.parse(body)[0].to_python()

    return decode, _named


# ---- amshan gives names


def _amshan(frame):
    _only(frame, "HDLC", "P1")
    from han import dlde, hdlc
    from han.autodecoder import AutoDecoder
    from han.obis_map import name_obis_map

    if frame["messages"][0][:1] == b"/":
        reader = dlde.ModeDReader()
    else:
        reader = hdlc.HdlcFrameReader()
    decoder = AutoDecoder()

    def decode(message):
        for read in reader.read(message):
            if read.is_valid:
                return decoder.decode_message(read)
        return None

    def values(found):
        said = {}
        for name, value in found.items():
            for code in name_obis_map.get(name, [name]):
                if isinstance(value, (int, float)):
                    said[code] = Decimal(str(value))
                elif isinstance(value, str):
                    said[code] = value
        return said

    return decode, values


# ---- dsmr-parser gives objects


def _dsmr_parser(frame):
    _only(frame, "P1", "encrypted P1")
    from dsmr_parser import telegram_specifications as specifications
    from dsmr_parser.parsers import TelegramParser

    head = frame["messages"][0][:4]
    key = frame["key"].hex() if frame["key"] else ""
    auth_key = frame["auth_key"].hex() if frame["auth_key"] else ""
    if key:
        # the tag is checked: there is no CRC within
        parser = TelegramParser(specifications.MSN, apply_checksum_validation=False)
    elif head == b"/ELL":
        parser = TelegramParser(specifications.SWEDEN)
    else:
        parser = TelegramParser(specifications.V5)

    def decode(message):
        if key:
            return parser.parse(message.hex(), key, auth_key)
        return parser.parse(message.decode("ascii"))

    def values(telegram):
        said = {}

        for reference, thing in telegram.items():
            value = getattr(thing, "value", None)
            # the references are patterns: ^\\d-\\d:1\\.8\\.1.+?\\r\\n
            code = re.search(r"\d+\.\d+\.\d+", reference.replace("\\", ""))
            if code and isinstance(value, Decimal):
                unit = getattr(thing, "unit", None) or ""
                said[code[0]] = value * 1000 if unit[:1] == "k" else value
        return said

    return decode, values


PEERS = {
    "gurux-dlms": _gurux,
    "dlms-cosem": _dlms_cosem,
    "amshan": _amshan,
    "dsmr-parser": _dsmr_parser,
}


def load(ask, make):
    """Keep the messages; decode the first one to what it says."""
    with open(ask["file"], "rb") as file:
        data = file.read()
    messages = []
    at = 0
    for size in ask["sizes"]:
        messages.append(data[at : at + size])
        at += size
    frame = {"messages": messages}
    for name in ("key", "auth_key"):
        frame[name] = bytes.fromhex(ask[name]) if ask[name] else None
    try:
        decode, values = make(frame)
        found = decode(messages[0])
        if not found:
            raise Nothing("reads nothing of it")
        said = values(found)
        # what works once must work on and on
        if not all(decode(message) for message in messages):
            raise Nothing("does not read every message")
    except Exception as error:  # whatever a peer raises means that it cannot
        why = str(error) if isinstance(error, Nothing) else f"{type(error).__name__}: {error}"
        return {"cannot": why[:120]}
    frame["decode"] = decode
    _FRAMES[ask["name"]] = frame
    numbers = {c: str(v) for c, v in said.items() if isinstance(v, Decimal)}
    texts = {c: v for c, v in said.items() if isinstance(v, str)}
    return {"values": numbers, "texts": texts}


def heap(frame):
    """Bytes that decoding one message takes at most."""
    tracemalloc.start()
    found = frame["decode"](frame["messages"][-1])
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    del found
    return most


def main():
    """Answer until the line closes."""
    import logging

    logging.disable(logging.CRITICAL)
    make = PEERS[sys.argv[1]]
    answers = sys.stdout
    # some peers print what they think of a frame
    sys.stdout = sys.stderr
    for line in sys.stdin:
        ask = json.loads(line)
        answer = {}
        if ask["do"] == "load":
            answer = load(ask, make)
        elif ask["do"] == "heap":
            answer = {"alloc": heap(_FRAMES[ask["name"]])}
        elif ask["do"] == "rest":
            gc.collect()
            gc.disable()
        else:
            frame = _FRAMES[ask["name"]]
            decode = frame["decode"]
            for _ in range(ask["passes"]):
                for message in frame["messages"]:
                    decode(message)
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main()
