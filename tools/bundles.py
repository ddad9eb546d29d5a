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
    "kwhisper/app.py": _paths("kwhisper/", "app status journal settings board forget lean/words"),
    # run mode
    "kwhisper/run.py": (
        _paths(
            "lib/meterwire/",
            "check frame_plain apdu_plain judge_plain fast assembly octets cipher decoder",
        )
        + _paths(
            "kwhisper/", "utc port clock totals ledger station session commands publish lists"
        )
        + _paths("kwhisper/web/", "live")
        + _paths("kwhisper/lean/", "start session rest run")
    ),
    # a list, while it is read
    "lib/meterwire/layout.py": _paths("lib/meterwire/", "floats profiles layout"),
    "lib/meterwire/telegram.py": _paths("lib/meterwire/", "text_plain telegram"),
    "lib/meterwire/gcm_chip.py": _paths("lib/meterwire/", "ghash_plain gcm_chip"),
    # while it is told
    "lib/meterwire/reading.py": _paths("lib/meterwire/", "digits_plain reading obis"),
    "kwhisper/outputs/__init__.py": (_paths("kwhisper/outputs/", "__init__ fields text topics")),
    # a browser, while it is served
    "kwhisper/web/__init__.py": _paths("kwhisper/web/", "__init__ single small talk plain mini"),
    "kwhisper/web/pages.py": _paths("kwhisper/web/", "pages"),
    "kwhisper/fields.py": _paths("kwhisper/", "fields rules"),
    # set-up
    "kwhisper/setmode.py": _paths("kwhisper/", "wifi portal lamp setmode"),
}

# {group: functions}: the functions of a group are loaded together, for one call.
SELDOM = {
    # See NOT_NAMED.
    "words": _functions("kwhisper/lean/words", "names"),
    # the start
    "load": _functions(
        "kwhisper/settings", "load Settings.__init__ Settings._accept _read _replace _remove"
    )
    + _functions("kwhisper/board", "pick _board Board.__init__")
    + _functions("kwhisper/status", "Status.__init__")
    + _functions("kwhisper/journal", "Journal.__init__"),
    "board": _functions("kwhisper/board", "_row _number _column"),
    "made": _functions("kwhisper/lean/start", "made _blank _session _radio _pages _signs")
    + _functions("lib/meterwire/decoder", "Decoder.__init__")
    + _functions("lib/meterwire/assembly", "Assembly.__init__")
    + _functions("kwhisper/port", "Port.__init__")
    + _functions("kwhisper/session", "device_id")
    + _functions("kwhisper/clock", "Clock.__init__ _is_set")
    + _functions("kwhisper/ledger", "Ledger.__init__")
    + _functions("kwhisper/publish", "Publisher.__init__")
    + _functions("kwhisper/commands", "Commands.__init__")
    + _functions("kwhisper/web/live", "Live.__init__"),
    # a list
    "list": _functions("kwhisper/lists", "tell")
    + _functions("kwhisper/lean/rest", "tell")
    + _functions("kwhisper/publish", "Publisher.on_reading Publisher.is_due")
    + _functions("kwhisper/ledger", "Ledger.take"),
    "type": _functions("kwhisper/lists", "meter_type"),
    "learn": _functions("kwhisper/clock", "Clock.learn Clock._set Clock.ready"),
    "follow": _functions("kwhisper/lean/rest", "learn")
    + _functions("kwhisper/lists", "learn")
    + _functions(
        "kwhisper/web/live",
        "Live.follow Live._take Live._place Live._take_texts Live._take_names Live._keep_text"
        " _is_number_of_meter",
    ),
    "formats": _functions("kwhisper/publish", "Publisher.prepare")
    + _functions("kwhisper/outputs/__init__", "load _make"),
    "ledger": _functions("kwhisper/utc", "seconds of_clock offset_of fields text")
    + _functions(
        "kwhisper/totals", "Record.__init__ unpack seal sealed of _sum less must_have_grown"
    )
    + _functions(
        "kwhisper/ledger",
        "Ledger._keep Ledger.pending Ledger.mark Ledger.save_mark Ledger.last"
        " Ledger._is_newest Ledger._name Ledger._open Ledger._scan Ledger._append Ledger._write"
        " Ledger._drop_old Ledger._drop"
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
    "orders": _functions("lib/meterwire/apdu_plain", "walk fill")
    + _functions("lib/meterwire/judge_plain", "same"),
    "cipher": _functions(
        "lib/meterwire/cipher",
        "_gcm Cipher.__init__ Cipher.trouble Cipher.decipher Cipher._fresh",
    ),
    "counted": _functions("lib/meterwire/decoder", "Decoder._counted Decoder._problem"),
    "odd": _functions(
        "lib/meterwire/decoder",
        "Decoder._tell_unknown Decoder._misfit Decoder._rescale Decoder._layouts",
    ),
    "parts": _functions(
        "lib/meterwire/assembly",
        "length behind_length Assembly._append Assembly._complete Assembly.hdlc Assembly.mbus"
        " Assembly.block",
    ),
    # the line
    "port": _functions(
        "kwhisper/port",
        "_parse Port._recall Port._begin_search Port._open Port._idles_low Port._found",
    ),
    # the session
    "way": _functions("kwhisper/lean/session", "way _connect _text _bytes begun")
    + _functions("kwhisper/lean/rest", "broker over"),
    "packets": _functions("kwhisper/lean/session", "packets _heard")
    + _functions("kwhisper/session", "packet taken _shift"),
    "queue": _functions("kwhisper/lean/session", "make_room")
    + _functions("kwhisper/session", "drop_live packet_size"),
    "end": _functions("kwhisper/lean/session", "look end failed state forget_way")
    + _functions("kwhisper/lean/rest", "failed free_memory dropped unknown _close")
    + _functions("kwhisper/publish", "Publisher.tell_unknown"),
    "radio": _functions("kwhisper/lean/rest", "radio _joined")
    + _functions("kwhisper/station", "reason proved prove _mark"),
    "now and then": _functions("kwhisper/lean/rest", "now_and_then _problem _leave")
    + _functions("kwhisper/port", "Port.described"),
    "publish": _functions(
        "kwhisper/publish",
        "Publisher.publish_now Publisher.send_device Publisher._each_minute Publisher.frame_bytes"
        " Publisher._all_due",
    )
    + _functions("kwhisper/status", "Status.pairs"),
    "commands": _functions(
        "kwhisper/commands", "Commands.hear Commands._heard Commands._answer Commands.show"
    ),
    "fail": _functions("kwhisper/app", "Device.fail"),
    # pages
    "talk": _functions("kwhisper/lean/rest", "talk"),
    "refuse": _functions("kwhisper/web/talk", "Talk.refuse"),
    "request": _functions("kwhisper/web/mini", "read _headers"),
    "save": _functions("kwhisper/settings", "Settings.change Settings._check_together")
    + _functions("kwhisper/settings", "Settings.save Settings._write Settings.of Settings.given"),
    "check": _functions("kwhisper/rules", "_check_int _check_choices _check_key _check_text"),
    "portal": _functions("kwhisper/web/pages", "Pages._portal Pages._data Pages._networks"),
    "keep": _functions("kwhisper/web/pages", "Pages._keep Pages._saved"),
    "live": _functions("kwhisper/web/live", "Live.entries Live.about"),
    # set-up
    "access point": _functions("kwhisper/wifi", "open_access_point access_point _secret _text"),
    "query": _functions("kwhisper/portal", "answer _take"),
}

# Whose names lean/words.py does not hold: what run mode never loads, or one device in many.
NOT_NAMED = (
    _paths("kwhisper/", "setmode start line orders")
    + _paths("kwhisper/outputs/", "ams domoticz homeassistant mysensors raw")
    + _paths("kwhisper/web/", "form post saved text")
    + ("load", "board", "made", "words", "fail", "refuse", "access point", "query")
    + ("save", "check", "keep")
)

# {module: what it is called there}, with all that lies in it: its name and that of its file take
# RAM from when it is first loaded. Not those that people or start files ask for.
RENAMED = {
    "kwhisper.dial": "d",
    "kwhisper.ended": "e",
    "kwhisper.fields": "f",
    "kwhisper.line": "l",
    "kwhisper.outputs": "o",
    "kwhisper.resolver": "r",
    "kwhisper.turns": "t",
    "kwhisper.web.data": "w.d",
    "kwhisper.web.guard": "w.g",
    "kwhisper.web.pages": "w.p",
    "kwhisper.web": "w",
    "meterwire.gcm_chip": "mg",
    "meterwire.layout": "ml",
    "meterwire.reading": "mr",
    "meterwire.telegram": "mt",
}

# What only larger chips have.
LEFT_OUT = (
    _paths("kwhisper/", "runmode reader broker wire bursts power newest secure ntp")
    + _paths("kwhisper/web/", "server conversation full")
    + _paths("kwhisper/lean/", "__init__")
    + _paths("lib/meterwire/", "mep")
)

# What only a small chip has.
SMALL = _paths("kwhisper/", "turns") + (
    _paths("kwhisper/web/", "single small plain mini")
    + _paths("kwhisper/lean/", "__init__ start session rest run words")
)

# {what the sources import: what a small chip has in its place}
INSTEAD = {"asyncio": "kwhisper/turns.py"}

# Called from the start files.
PUBLIC = {"main"}
