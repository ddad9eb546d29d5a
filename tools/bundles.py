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
            "check frame_plain apdu_plain judge_plain fast assembly decoder",
        )
        + _paths("kwhisper/", "utc port reader wire broker clock totals ledger station")
        + _paths("kwhisper/", "commands publish web/live runmode")
    ),
    # a list, while it is told
    "kwhisper/outputs/__init__.py": (
        _paths("lib/meterwire/", "digits_plain reading obis")
        + _paths("kwhisper/outputs/", "__init__ fields text topics")
    ),
    # a page, while it is made
    "kwhisper/web/talk.py": _paths("kwhisper/web/", "talk plain mini"),
    "kwhisper/web/pages.py": _paths("kwhisper/web/", "pages"),
    "kwhisper/fields.py": _paths("kwhisper/", "fields rules"),
    "kwhisper/setmode.py": _paths("kwhisper/", "wifi portal setmode"),
}

# {group: functions}: the functions of a group are loaded together, for one call.
SELDOM = {
    # the start
    "load": _functions(
        "kwhisper/settings", "load Settings.__init__ Settings._accept _read _replace _remove"
    )
    + _functions("kwhisper/board", "pick _board Board.__init__")
    + _functions("kwhisper/status", "Status.__init__")
    + _functions("kwhisper/journal", "Journal.__init__"),
    "board": _functions("kwhisper/board", "_row _number _column"),
    "made": _functions("lib/meterwire/decoder", "Decoder.__init__")
    + _functions("lib/meterwire/assembly", "Assembly.__init__")
    + _functions("kwhisper/port", "Port.__init__")
    + _functions("kwhisper/reader", "Reader.__init__")
    + _functions("kwhisper/wire", "Wire.__init__")
    + _functions("kwhisper/broker", "Broker.__init__ device_id")
    + _functions("kwhisper/clock", "Clock.__init__ _is_set")
    + _functions("kwhisper/ledger", "Ledger.__init__")
    + _functions("kwhisper/publish", "Publisher.__init__")
    + _functions("kwhisper/commands", "Commands.__init__")
    + _functions("kwhisper/station", "Station.__init__")
    + _functions("kwhisper/lamp", "Lamp.__init__")
    + _functions("kwhisper/web/live", "Live.__init__"),
    # a list
    "list": _functions("kwhisper/runmode", "take")
    + _functions("kwhisper/publish", "Publisher.on_reading Publisher.is_due")
    + _functions("kwhisper/clock", "Clock.learn Clock._set")
    + _functions("kwhisper/ledger", "Ledger.take")
    + _functions(
        "kwhisper/web/live",
        "Live.follow Live._take Live._place Live._take_texts Live._take_names"
        " _is_number_of_meter",
    ),
    "formats": _functions("kwhisper/publish", "Publisher.prepare")
    + _functions("kwhisper/outputs/__init__", "load _make"),
    "ledger": _functions("kwhisper/utc", "seconds of_clock offset_of fields text")
    + _functions("kwhisper/totals", "Record.__init__ unpack seal sealed of _sum less must_have_grown")
    + _functions(
        "kwhisper/ledger",
        "Ledger._keep Ledger.pending Ledger.mark Ledger.save_mark Ledger.last Ledger._name"
        " Ledger._open Ledger._scan Ledger._append Ledger._write Ledger._drop_old Ledger._drop"
        " Ledger._read Ledger._read_mark Ledger._write_mark",
    )
    + _functions(
        "kwhisper/publish",
        "Publisher._mind_totals Publisher._send_total Publisher._send_oldest"
        " Publisher._write_total",
    ),
    "messages": _functions(
        "lib/meterwire/decoder",
        "Decoder._message Decoder._open Decoder._ciphered Decoder._bare_cipher Decoder._bare"
        " Decoder._frame",
    ),
    "telegram": _functions("lib/meterwire/decoder", "Decoder._telegram Decoder._telegrams"),
    "counted": _functions("lib/meterwire/decoder", "Decoder._counted Decoder._problem"),
    "odd": _functions(
        "lib/meterwire/decoder", "Decoder._tell_unknown Decoder._misfit Decoder._rescale Decoder._layouts"
    ),
    "parts": _functions(
        "lib/meterwire/assembly",
        "length behind_length Assembly._append Assembly._complete Assembly.hdlc Assembly.mbus"
        " Assembly.block",
    ),
    # the line
    "port": _functions(
        "kwhisper/port",
        "_parse Port._recall Port._begin_search Port._open Port._idles_low Port._found Port.described",
    )
    + _functions("kwhisper/reader", "Reader._line Reader._open"),
    "trouble": _functions("kwhisper/reader", "Reader._trouble Reader._dropped"),
    # the session
    "way": _functions("kwhisper/broker", "Broker._dial Broker._reach Broker._build_connect"),
    "state": _functions(
        "kwhisper/broker",
        "Broker._state Broker._say Broker._failed Broker._cut Broker._later",
    ),
    "packets": _functions("kwhisper/broker", "Broker._packets")
    + _functions("kwhisper/wire", "Wire.packet Wire.taken Wire._shift Wire.drop_live"),
    "join": _functions("kwhisper/station", "reason Station._join Station.proved Station._mark"),
    "publish": _functions(
        "kwhisper/publish",
        "Publisher.publish_now Publisher.send_device Publisher._each_minute Publisher.frame_bytes",
    )
    + _functions("kwhisper/status", "Status.pairs"),
    "commands": _functions("kwhisper/commands", "Commands.hear Commands._answer Commands.show"),
    "end": _functions("kwhisper/app", "Device.fail")
    + _functions("kwhisper/runmode", "leave")
    + _functions("kwhisper/broker", "Broker.goodbye"),
    # pages
    "pages": _functions("kwhisper/web/__init__", "make_app"),
    "page": _functions("kwhisper/web/single", "_attend")
    + _functions("kwhisper/web/small", "App._serve App._answer App.spare App.leave_all"),
    "refuse": _functions("kwhisper/web/talk", "Talk.refuse"),
    "request": _functions("kwhisper/web/mini", "read _headers"),
    "save": _functions("kwhisper/settings", "Settings.change Settings._check_together")
    + _functions("kwhisper/settings", "Settings.save Settings._write Settings.of Settings.given"),
    "check": _functions("kwhisper/rules", "_check_int _check_choices _check_key _check_text"),
    "portal": _functions("kwhisper/web/pages", "Pages._portal Pages._data Pages._networks"),
    "keep": _functions("kwhisper/web/pages", "Pages._keep Pages._saved"),
    "live": _functions("kwhisper/web/live", "Live.entries"),
    # set-up
    "radio": _functions("kwhisper/wifi", "open_access_point access_point _secret _text"),
    "query": _functions("kwhisper/portal", "answer _take"),
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
