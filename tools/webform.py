"""Makes firmware/kwhisper/web/form.html, the template of the settings page, from the table of
settings: ``python -m kwhisper_tools.webform`` after a change of the table or of this file.

On a small chip each row rendered in Python would cost more memory than there is; so the page is
made here, and the chip only fills in. A line that begins with { is for the chip, see form.py:

    {V:name:default}            value          {C:name:default}          checked, if true
    {S:name:default:choice}     selected       {M:name:default:choice}   checked, if among them
    {B:name}    marked wrong    {E:name}       its message     {O:name,name}  open, if one is wrong
    {P:name}    "saved" hint    {F:name}       tick to delete the saved secret
    {W}  the WiFi picker        {N}  notices   {H} {A} {R}  head and links of the mode
    {T} to {t}  not on a chip without TLS
"""

import sys
from html import escape
from pathlib import Path

from kwhisper_tools.paths import FIRMWARE

TARGET = FIRMWARE / "kwhisper" / "web" / "form.html"

_HEAD = """\
<!doctype html><html lang=en><head><meta charset=utf-8>
<meta name=viewport content="width=device-width,initial-scale=1">
<meta name=color-scheme content="light dark"><title>kWhisper</title>
<link rel=icon href="data:,"><link rel=stylesheet href=/kw.css><script src=/kw.js defer></script>
</head><body><header><div><a class=logo href=/>k<b>W</b>hisper</a>
{H}
{N}
<form method=post accept-charset=utf-8>
{A}"""
# The hidden field comes last: a page that broke off cannot be sent as a whole one.
_END = """\
<input type=hidden name=form value=whole>
<div class=save><button>Save and restart</button></div></form>
{R}
</main></body></html>"""
_PLAIN = " autocapitalize=none autocorrect=off spellcheck=false autocomplete="


def _table():
    """The module kwhisper.fields of this checkout."""
    if str(FIRMWARE) not in sys.path:
        sys.path.insert(0, str(FIRMWARE))
    from kwhisper import fields

    return fields


def page() -> str:
    """The text of the template."""
    table = _table()
    lines = [_HEAD]
    for group, title, folded in table.groups():
        rows = list(table.fields(group))
        if group == "tls":
            lines.append("{T}")
        if folded:
            lines.append("<details class=card")
            lines.append("{O:" + ",".join(row.name for row in rows))
            lines.append(f"><summary><h2>{title}</h2></summary><div class=g>")
        else:
            lines.append(f"<section class=card><h2>{title}</h2><div class=g>")
        for row in rows:
            lines += _row(row)
        lines.append("</div></details>" if folded else "</div></section>")
        if group == "tls":
            lines.append("{t}")
    lines.append(_END)
    return "\n".join(lines) + "\n"


def _row(row) -> list[str]:
    name, label = row.name, escape(row.label)
    default = "1" if row.default is True else "" if row.default is False else row.default
    lines = ['<div class="f', "{B:" + name, f'" id=f_{name}>']
    if name == "wifi_ssid":
        lines.append("{W}")
    elif row.type == "bool":
        lines += _tick(name, "1", f"{{C:{name}:{default}", label)
    elif row.type == "many":
        lines.append(f"<fieldset><legend>{label}</legend>")
        for choice, text in row.choices():
            lines += _tick(name, choice, f"{{M:{name}:{default}:{choice}", escape(text))
        lines.append("</fieldset>")
    else:
        lines += [f"<label for={name}>{label}</label>", *_control(row, default)]
    if row.secret:
        lines.append("{F:" + name)
    lines.append("{E:" + name)
    if row.help():
        lines.append(f"<p class=help id=h_{name}>{escape(row.help(), False)}</p>")
    lines.append("</div>")
    return lines


def _tick(name, value, on, label) -> list[str]:
    return [
        f"<label class=tick><input type=checkbox name={name} value={value}",
        on,
        f"> {label}</label>",
    ]


def _control(row, default) -> list[str]:
    name = row.name
    about = f' id={name} name={name} aria-describedby="e_{name} h_{name}"'
    value = f"{{V:{name}:{default}"
    plain = _PLAIN + ("new-password" if row.secret else "off")
    if row.type == "pick":
        lines = [f"<select{about}>"]
        for choice, text in row.choices():
            on = f"{{S:{name}:{default}:{choice}"
            lines += [f"<option value={choice}", on, f">{escape(text)}</option>"]
        return [*lines, "</select>"]
    if row.type == "int":
        least, most = row.range()
        return [f'<input type=number min={least} max={most}{about} value="', value, '">']
    if row.type == "lines":
        hint = ["{P:" + name] if row.secret else []
        text = [] if row.secret else [value]
        return [f"<textarea rows=4{about}{plain}", *hint, ">", *text, "</textarea>"]
    if row.secret:
        kind, most = ("text", 47) if row.type == "key" else ("password", row.range()[1])
        return [f"<input type={kind}{about}{plain} maxlength={most}", "{P:" + name, ">"]
    return [f"<input type=text{about}{plain} maxlength={row.range()[1]}", ' value="', value, '">']


def main(target: Path = TARGET) -> None:
    """Write the template."""
    target.write_text(page(), encoding="ascii")


if __name__ == "__main__":
    main()
