"""What was before the account: days and months that the history knows. Imported once, when the
counting begins."""

from .. import calendar
from ..storage.checked import sound

_NEAR = const(900)  # s behind midnight


def begin(account, folder):
    """Let today, this month, yesterday and last month begin with the registers that the history
    has of their midnights; this month, if it has not the first, with the first that it has. What
    they cost is not known."""
    zone = account.zone
    now = account.total[0]
    today = calendar.fields(now + calendar.offset_at(now, zone) * 60)[:3]
    year, month, _ = today
    noon = calendar.seconds(*today) + 43200
    before = calendar.fields(noon - 86400)[:3]
    last = (year, month - 1, 1) if month > 1 else (year - 1, 12, 1)
    found = {}
    wanted = {"today": today, "month": (year, month, 1), "yesterday": before, "last_month": last}
    years = {each[0] for each in wanted.values()}
    for year in sorted(years):
        try:
            with open("%s/%d" % (folder, year), "rb") as f:
                for line in f:
                    line = line.rstrip()
                    for name in wanted:
                        # "2026-11" is enough for this month: its first midnight is kept, of
                        # the last meter. The history may have begun at noon of a day before.
                        day = (b"%04d-%02d-%02d" % wanted[name])[: 7 if name == "month" else 10]
                        if line[: len(day)] == day and sound(line):
                            columns = line[:-9].decode().split(",")
                            first = name not in found or found[name][4] != columns[4]
                            if first and of_midnight(columns):
                                found[name] = columns
        except OSError:
            pass  # nothing is known of that year
    for name, columns in found.items():
        mark = mark_of(columns, account, found["today"][4] if "today" in found else None)
        after = {"yesterday": "today", "last_month": "month"}.get(name)
        if mark and (not after or found.get(after, " ")[0] == "%04d-%02d-%02d" % wanted[after]):
            account.marks[name] = mark


def of_midnight(columns):
    """Whether a line has the registers of its midnight, or those of a later time."""
    return (int(columns[1]) + int(columns[2]) * 60) % 86400 <= _NEAR


def mark_of(columns, account, series):
    """The mark of a midnight's line, None if it is not of this meter."""
    time = int(columns[1])
    if columns[4] != series:
        return None
    mark = account.total[:]
    mark[0] = time - time % _NEAR
    for i in 0, 1:
        text, zero = columns[5 + i], account.zero[i]
        if text and zero is not None:
            whole, _, decimals = text.partition(".")
            mark[1 + i] = int(whole + (decimals + "000")[:3]) + zero
    mark[5] = -mark[0]  # no two marks agree in that: what it cost is not known
    mark[6] = 0
    return mark
