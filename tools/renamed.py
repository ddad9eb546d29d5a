"""Shorter names for the modules of a small chip, where the name of a module and the path of its
file take RAM from when it is first loaded."""

import re


def rename(texts: dict[str, str], names: dict[str, str]) -> dict[str, str]:
    """The same linked modules ({path: text}) under other names. names: {dotted: dotted}, with all
    that lies in a package; those inside before the package itself."""
    found = {path(old, names): _renamed(text, names) for old, text in texts.items()}
    if len(found) < len(texts):
        raise ValueError("two modules would have the same name")
    return found


def path(file: str, names: dict[str, str]) -> str:
    """Where a module's file lies then, or a file in the folder of a package."""
    inner = file.removeprefix("lib/")
    for old, new in names.items():
        was, now = old.replace(".", "/"), new.replace(".", "/")
        if inner == was + ".py":
            return now + ".py"
        if inner.startswith(was + "/"):
            return now + inner[len(was) :]
    return file


def _renamed(text, names):
    for old, new in names.items():
        package, _, module = old.rpartition(".")
        whole = rf"\bfrom {package} import {module}"
        text = re.sub(whole + " as ", f"import {new} as ", text)
        text = re.sub(whole + "$", f"import {new} as {module}", text, flags=re.M)
        text = re.sub(rf"\bfrom {old}(?=[ .])", f"from {new}", text)
        # as a text: to be imported, or forgotten
        text = re.sub(rf"'{old}(?=['.])", f"'{new}", text)
    return text
