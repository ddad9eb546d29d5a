"""Run a board's simulations, check their limits, write sim/results.json and sim/README.md; --plots
draws the pictures, too.

    simulation.py BOARD [--plots]

sim/run.py of a board has `simulate()`, which gives the results and the curves for the pictures and
raises where a limit is missed; `report(results)`, the README's text; and PICTURES, in the order of
the curves: {name: function that draws its curves on axes}. Without ngspice there is nothing to
run; `bash hardware/install.sh` brings it.
"""

import json
import sys
from pathlib import Path


def table(rows):
    """Rows, each a dict, as a table of the README."""
    heads = list(rows[0])
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    lines += ["| " + " | ".join(str(row[h]) for h in heads) + " |" for row in rows]
    return "\n".join(lines)


def draw(axes, curves, lines, title, ylabel=None, legend="center right", unit="ms"):
    """Curves over milliseconds or seconds; lines: {curve: its name in the legend}."""
    time = [t * {"ms": 1e3, "s": 1}[unit] for t in curves["time"]]
    for name, label in lines.items():
        axes.plot(time, curves[name], label=label, linewidth=0.8)
    axes.set(title=title, xlabel=unit, ylabel=ylabel)
    axes.legend(loc=legend)


def _pictures(folder, pictures, curves):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    for (name, plot), data in zip(pictures.items(), curves, strict=True):
        figure, axes = pyplot.subplots(figsize=(7, 3.2), dpi=110)
        plot(axes, data)
        axes.grid(alpha=0.3)
        figure.tight_layout()
        figure.savefig(folder / f"{name}.png", metadata={"Software": None})
        pyplot.close(figure)


def main(folder, plots):
    sys.path.insert(0, str(folder))
    import run

    results, curves = run.simulate()
    text = json.dumps(results, indent=1) + "\n"
    (folder / "results.json").write_text(text, encoding="utf-8")
    (folder / "README.md").write_text(run.report(json.loads(text)), encoding="utf-8")
    if plots:
        _pictures(folder, run.PICTURES, curves)
    print("simulations: all limits hold")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve() / "sim", "--plots" in sys.argv)
