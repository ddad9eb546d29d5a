"""/history.csv: days or hours for a spreadsheet; imported when it is first asked for."""

from meterwire.reading import flag_names

from .. import calendar
from ..formats.entries import decimal
from ..storage.checked import sound
from ..storage.record import NEW_SERIES
from .api import answer as said
from .api import static, text
from .lines import asked, files, place

_NEAR = const(900)  # s; registers of a day's begin come so soon
_DAY = const(86400)
_HEAD = const("import_wh,export_wh,import_register_wh,export_register_wh,")


async def answer(api, c):
    """The rows from … to, both days included."""
    history = api.history
    if not history:
        return static("")
    first = asked(c.query, "from")
    last = asked(c.query, "to") or "9"
    try:
        day_of(first or "2026-01-01")
        day_of("2026-01-01" if last == "9" else last)
    except ValueError:
        return text("from and to must be dates, such as 2026-11-26", 400)
    if asked(c.query, "by") == "hour":
        rows = hours(history, first, last)
    else:
        rows = days(history, first, last)
    name = ("Content-Disposition", 'attachment; filename="kwhisper.csv"')
    return said(rows, 200, "text/csv", name)


# days


def days(history, first, last):
    """A row for each local day that has a line."""
    yield "date," + _HEAD + "cost,income,flags,meters\r\n"
    day = []  # the day's lines, as lists of their columns
    for columns in lines(history.path, first):
        if day and columns[0] != day[0][0]:
            if day[0][0] <= last:
                yield row(day, columns)
            day = []
        if columns[0] > last and not day:
            return
        if columns[0] >= first:
            day.append(columns)
    if day and day[0][0] <= last:
        yield row(day, None)


def lines(folder, first):
    """The columns of each sound line."""
    for path in files(folder, first):
        with open(path, "rb") as f:
            f.seek(place(f, first.encode()))
            for line in f:
                line = line.rstrip()
                if sound(line):
                    yield line[:-9].decode().split(",")


def row(day, end):
    """A day's row. end: the next day's line: what lies between was used, if both tell of
    midnight."""
    begin = day[0]
    whole = end is not None and midnight(begin) and midnight(end)
    whole = whole and day_of(end[0]) - day_of(begin[0]) == 1
    text = begin[0]
    for column, exponent in ((5, -3), (6, -3)):
        used = 0
        for n, a in enumerate(day):
            b = day[n + 1] if n + 1 < len(day) else end
            if whole and a[4] == b[4] and a[column] and b[column]:
                used += scaled(b[column], -exponent) - scaled(a[column], -exponent)
            elif whole and a[4] == b[4]:
                used = None
                break
        text += "," + (trimmed(used, exponent) if whole and used is not None else "")
    text += ",%s,%s" % (begin[5], begin[6])
    for column in 7, 8:
        spent = None
        if end and whole and begin[column] and end[column]:
            spent = scaled(end[column], 5) - scaled(begin[column], 5)
        text += "," + (decimal(spent, -5).decode() if spent is not None and spent >= 0 else "")
    text += "," + " ".join(flag_names(int(begin[3])))
    return text + "," + " ".join(begin[9:]) + "\r\n"


def midnight(columns):
    """Whether a line tells of the first minutes of its day."""
    return (int(columns[1]) + int(columns[2]) * 60) % _DAY <= _NEAR


def day_of(date):
    """The number of a day."""
    year, month, day = date.split("-")
    return calendar.seconds(int(year), int(month), int(day)) // _DAY


# hours


def hours(history, first, last):
    """A row for each record of the ledger, of the days from `first` to `last`."""
    yield "time," + _HEAD + "flags\r\n"
    ledger, zone = history.ledger, history.settings["time_zone"]
    # Without the zone's offset a day more on both sides.
    begin = (day_of(first) - 1) * _DAY if first else 0
    end = (day_of(last) + 2) * _DAY if last != "9" else None
    after = 0
    for number in ledger.files:
        record = ledger.read(number)
        if record and record.time >= begin:
            break
        after = number - 1  # the file that may have the first one
    before = None
    for record in ledger.records(after):
        row = ""
        if before and before.time >= begin:
            row = hour(before, record, zone)
            if not first <= row[:10] <= last:
                row = ""
        yield row  # others have their turn
        if end and record.time > end:
            return
        before = record
    if before:
        row = hour(before, None, zone)
        if first <= row[:10] <= last:
            yield row


def hour(record, end, zone):
    """A record's row. end: the next one, perhaps an hour or a quarter later."""
    step = 3600 if record.kind == 3 else 900
    begin = record.time // 900 * 900
    whole = end and end.time // 900 * 900 - begin == step and not end.flags & NEW_SERIES
    whole = whole and not end.doubted() and not record.doubted()
    text = calendar.text(begin, calendar.offset_at(begin, zone))
    registers = ""
    for i in 0, 1:
        now = record.totals[i]
        then = end.totals[i] if whole else None
        text += ","
        if now and then:
            least = min(now[1], then[1])
            used = then[0] * 10 ** (then[1] - least) - now[0] * 10 ** (now[1] - least)
            text += decimal(used, least).decode()
        registers += "," + (decimal(*now).decode() if now else "")
    return text + registers + "," + " ".join(flag_names(record.flags & ~NEW_SERIES)) + "\r\n"


def scaled(text, digits):
    """A decimal text as a whole number of 10^-digits."""
    whole, _, decimals = text.partition(".")
    return int(whole + (decimals + "0" * digits)[:digits])


def trimmed(n, exponent):
    """n times 10^exponent as text, without decimals that are all 0."""
    if n % 10**-exponent == 0:
        return str(n // 10**-exponent)
    return decimal(n, exponent).decode()
