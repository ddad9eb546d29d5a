"""Loads the Viper files from source, on a MicroPython with a compiler (the unix port).

Viper wants its constants in its own file; they stand in words.py. So the lines of words.py are put
before the file's text. What a build makes has them inside and does not come here.
"""

import sys

# in the order in which they import each other
VIPER = (
    "bytes_v",
    "stream_v",
    "mbus_v",
    "unlinked_v",
    "list_v",
    "element_v",
    "judge_v",
    "telegram_v",
    "gcm_v",
)


class _Module:
    pass


def install():
    """Put every Viper module where `import` looks."""
    package = __name__[: __name__.rfind(".")]
    folder = __file__[: __file__.rfind("/") + 1]
    constants = ""
    with open(folder + "words.py") as file:
        for line in file:
            if " = const(" in line:
                constants += line
    for name in VIPER:
        with open(folder + name + ".py") as file:
            text = file.read()
        at = text.find("from .words import ")
        if at >= 0:
            end = text.find(")" if text[at + 19] == "(" else "\n", at)
            text = text[:at] + constants + text[end + 1 :]
        names = {"__name__": "%s.%s" % (package, name), "__package__": package}
        exec(text, names)
        module = _Module()
        for key in names:
            setattr(module, key, names[key])
        sys.modules["%s.%s" % (package, name)] = module
        if name == "bytes_v":
            with open(folder + "crc_wide_v.py") as file:
                names = {}
                exec(file.read(), names)
            module.crc_x25 = names["crc_x25"]
            module.crc_arc = names["crc_arc"]
