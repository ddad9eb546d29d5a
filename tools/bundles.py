"""What a small chip's image is made of: which modules become one, and what is seldom called.

A part of a bundle is in memory whenever the bundle is. What is not listed stays by itself:
loaded when it is asked for, and most of those are forgotten after. See link.py, lend.py.
"""


def _paths(folder: str, names: str) -> tuple[str, ...]:
    return tuple(f"{folder}{name}.py" for name in names.split())


def _functions(module: str, names: str) -> tuple[str, ...]:
    return tuple(f"{module}.py:{name}" for name in names.split())


BUNDLES = {
    # both modes
    "kwhisper/app.py": (
        _paths("kwhisper/", "app turns status journal settings board lamp forget")
        + _paths("kwhisper/web/", "__init__ single small")
    ),
    # from the meter to the broker
    "kwhisper/runmode.py": (
        _paths(
            "lib/meterwire/",
            "check frame_plain apdu_plain judge_plain digits_plain fast assembly reading decoder"
            " obis",
        )
        + _paths("kwhisper/", "utc port reader wire broker clock totals ledger station")
        + _paths("kwhisper/outputs/", "__init__ fields text topics")
        + _paths("kwhisper/", "commands publish web/live runmode")
    ),
    # a page, while it is made
    "kwhisper/web/talk.py": _paths("kwhisper/web/", "talk plain mini"),
    "kwhisper/web/pages.py": _paths("kwhisper/web/", "pages"),
    "kwhisper/fields.py": _paths("kwhisper/", "fields rules"),
    "kwhisper/setmode.py": _paths("kwhisper/", "wifi portal setmode"),
}

# {group: functions}: the functions of a group are loaded together, for one call.
SELDOM = {
    "load": _functions("kwhisper/settings", "load Settings._accept"),
    "together": _functions("kwhisper/settings", "Settings._check_together"),
    "save": _functions("kwhisper/settings", "Settings._write"),
    "replace": _functions("kwhisper/settings", "_replace _remove"),
    "read": _functions("kwhisper/settings", "_read"),
    "board": _functions("kwhisper/board", "pick _row _number"),
    "radio": _functions("kwhisper/wifi", "open_access_point access_point _secret _text"),
    "query": _functions("kwhisper/portal", "answer _take"),
    "end": _functions("kwhisper/app", "Device.fail") + _functions("kwhisper/runmode", "leave"),
    "port": _functions(
        "kwhisper/port",
        "_parse Port._recall Port._begin_search Port._open Port._idles_low Port._found",
    ),
    "trouble": _functions(
        "kwhisper/reader", "Reader._line Reader._trouble Reader._dropped Reader._open"
    ),
    "way": _functions(
        "kwhisper/broker",
        "device_id Broker._dial Broker._reach Broker._build_connect Broker._later",
    ),
    "state": _functions("kwhisper/broker", "Broker._state Broker._say Broker._failed Broker._cut"),
    "flood": _functions("kwhisper/wire", "Wire.drop_live"),
    "clock": _functions("kwhisper/clock", "Clock._set"),
    "join": _functions("kwhisper/station", "reason Station._join Station.proved Station._mark"),
    "formats": _functions("kwhisper/outputs/__init__", "load _make"),
    "pages": _functions("kwhisper/web/__init__", "make_app"),
    "messages": _functions(
        "lib/meterwire/decoder",
        "Decoder._message Decoder._open Decoder._ciphered Decoder._bare_cipher Decoder._bare",
    ),
    "odd": _functions(
        "lib/meterwire/decoder", "Decoder._tell_unknown Decoder._misfit Decoder._rescale"
    ),
    "parts": _functions(
        "lib/meterwire/assembly",
        "length behind_length Assembly._append Assembly._complete Assembly.hdlc Assembly.mbus"
        " Assembly.block",
    ),
    "words": _functions("lib/meterwire/reading", "unhex Reading.obis"),
    "names": _functions("lib/meterwire/obis", "code row name"),
    "ledger": _functions("kwhisper/utc", "seconds of_clock offset_of fields text")
    + _functions("kwhisper/totals", "unpack seal sealed of _sum less must_have_grown")
    + _functions(
        "kwhisper/ledger",
        "Ledger._keep Ledger.pending Ledger.mark Ledger._name Ledger._open Ledger._scan"
        " Ledger._append Ledger._write Ledger._drop_old Ledger._drop Ledger._read"
        " Ledger._read_mark Ledger._write_mark",
    )
    + _functions("kwhisper/publish", "Publisher._send_oldest Publisher._write_total"),
    "flags": _functions("kwhisper/outputs/fields", "flag_names flag_text"),
    "publish": _functions("kwhisper/publish", "Publisher.publish_now Publisher.send_device"),
    "commands": _functions("kwhisper/commands", "Commands.hear Commands._answer"),
    "page": _functions("kwhisper/web/small", "App._serve App._answer"),
    "spare": _functions("kwhisper/web/small", "App.spare"),
    "rest": _functions("kwhisper/web/small", "App.rest"),
    "attend": _functions("kwhisper/web/single", "_attend"),
    "refuse": _functions("kwhisper/web/talk", "Talk.refuse"),
    "request": _functions("kwhisper/web/mini", "read _headers"),
    "check int": _functions("kwhisper/rules", "_check_int"),
    "check choices": _functions("kwhisper/rules", "_check_choices"),
    "check key": _functions("kwhisper/rules", "_check_key"),
    "check text": _functions("kwhisper/rules", "_check_text"),
    "portal": _functions("kwhisper/web/pages", "Pages._portal Pages._data"),
    "keep": _functions("kwhisper/web/pages", "Pages._keep"),
    "saved": _functions("kwhisper/web/pages", "Pages._saved"),
    "networks": _functions("kwhisper/web/pages", "Pages._networks"),
    "live": _functions("kwhisper/web/live", "Live._take_texts Live._take_names"),
}

# What only larger chips have.
LEFT_OUT = (
    _paths("kwhisper/", "bursts power newest secure ntp")
    + _paths("kwhisper/web/", "server conversation full")
    + _paths("lib/meterwire/", "mep")
)

# {what the sources import: what a small chip has in its place}
INSTEAD = {"asyncio": "kwhisper/turns.py"}

# Called from the start files.
PUBLIC = {"main"}
