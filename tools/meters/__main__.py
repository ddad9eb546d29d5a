"""`python -m kwhisper_tools.meters`: the table of the simulated meters as Markdown."""

from . import table

_HEADS = ("name", "maker", "model", "country", "port", "line", "every", "encrypted with", "class")

for row in (_HEADS, ["---"] * len(_HEADS), *table()):
    print("| " + " | ".join(row) + " |")
