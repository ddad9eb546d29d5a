"""What every page needs: its head, and text made safe."""

HEAD = """<!doctype html><html lang=en><head><meta charset=utf-8>\
<meta name=viewport content="width=device-width,initial-scale=1">\
<meta name=color-scheme content="light dark"><title>kWhisper</title>\
<link rel=icon href="data:,"><link rel=stylesheet href=/kw.css><script src=/kw.js defer></script>\
</head><body><header><div><a class=logo href=/>k<b>W</b>hisper</a>%s</div></header><main>\
<h1>%s</h1>"""


def attribute(text):
    """Text as HTML content, also in quotes."""
    for letter, name in (("&", "&amp;"), ("<", "&lt;"), ('"', "&quot;")):
        if letter in text:
            text = text.replace(letter, name)
    return text
