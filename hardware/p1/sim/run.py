"""Run every simulation of the board, check its limits, write results.json and README.md; --plots
draws the pictures.

Without ngspice there is nothing to run; `bash hardware/install.sh` brings it.
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import edges  # noqa: E402
import heat  # noqa: E402
import port  # noqa: E402


def simulate():
    """(results, curves for the plot); raises where a limit is missed."""
    rows, curves = port.simulate()
    port.check(rows)
    edge_rows = edges.simulate()
    edges.check(edge_rows)
    heat_rows = heat.simulate()
    heat.check(heat_rows)
    return {"port": rows, "edges": edge_rows, "heat": heat_rows}, curves


def _table(rows):
    heads = list(rows[0])
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    lines += ["| " + " | ".join(str(row[h]) for h in heads) + " |" for row in rows]
    return "\n".join(lines)


def report(results):
    """The text of sim/README.md."""
    return f"""# Simulations of p1

Written by `make -C hardware` from results.json: do not edit. Every value comes from `parts.py`;
the limits are assertions in the scripts. Corners: Q1's base-emitter voltage, Q2's gain, resistors
and 50, 25, -20 degrees, all at their worst together.

## Port: `port.py`

WiFi's peaks of {1e3 * port.PEAK:.0f} mA for {1e3 * port.LASTING:.0f} ms every
{1e3 * port.EVERY:.0f} ms over {1e3 * port.IDLE:.0f} mA, and a plug with everything empty.
Limits: the meter's current below {1e3 * port.LIMIT:.0f} mA in both, rail above {port.LEAST} V,
3.2 V there before R10 and C8 let EN rise ({1e3 * port.value("R10") * port.value("C8"):.0f} ms).

{_table(results["port"])}

![port](port.png)

## Data: `edges.py`

3 m of cable, 115200 baud, U1's thresholds at both ends. Limits: edges (10 to 90 %) below 1 us, the
meter sinks 5 mA at the most, three bits keep their length within 5 %.

{_table(results["edges"])}

## Q2's heat: `heat.py`

At {heat.AMBIENT} degrees around; copper of its collector on its own side alone. Overload: the rail
held at {heat.BROWN_OUT} V. Limits: {heat.MOST} degrees, 100 mm2 of copper.

{_table(results["heat"])}
"""


def _plot(data):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 3.2), dpi=110)
    time = [t * 1e3 for t in data["time"]]
    axes.plot(time, [10 * i for i in data["i(Vi)"]], label="port, 100 mA", linewidth=0.8)
    axes.plot(time, data["v(vst)"], label="store, V", linewidth=0.8)
    axes.plot(time, data["v(r)"], label="rail, V", linewidth=0.8)
    axes.set(title="5 V, WiFi's peaks", xlabel="ms")
    axes.legend(loc="lower right")
    axes.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(HERE / "port.png", metadata={"Software": None})
    pyplot.close(figure)


def main(plots):
    results, curves = simulate()
    text = json.dumps(results, indent=1) + "\n"
    (HERE / "results.json").write_text(text, encoding="utf-8")
    (HERE / "README.md").write_text(report(json.loads(text)), encoding="utf-8")
    if plots:
        _plot(curves)
    print("simulations: all limits hold")


if __name__ == "__main__":
    main("--plots" in sys.argv)
