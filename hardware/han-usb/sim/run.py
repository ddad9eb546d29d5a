"""Run every simulation of the board, check its limits, write results.json and README.md; --plots
draws the pictures.

Without ngspice there is nothing to run; `bash hardware/install.sh` brings it.
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import reader  # noqa: E402
import supply  # noqa: E402


def simulate():
    """(results, curves for the plot); raises where a limit is missed."""
    rows, curves = reader.simulate()
    driven = reader.driven()
    reader.check(rows, driven)
    supplies = supply.simulate()
    supply.check(supplies)
    return {"reader": rows, "driven": driven, "supply": supplies}, curves


def _table(rows):
    heads = list(rows[0])
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    lines += ["| " + " | ".join(str(row[h]) for h in heads) + " |" for row in rows]
    return "\n".join(lines)


def report(results):
    """The text of sim/README.md."""
    return f"""# Simulations of han-usb

Written by `make -C hardware` from results.json: do not edit. Every value comes from `parts.py`;
the limits are assertions in the scripts.

## Receiver: `reader.py`

11 bytes at 2400 8E1 through jack, fuse, both TVS, TSS721A and a UART, at the levels of four
meters, both ends of the receiver's threshold, in the quiet and with noise of 0.4 V, edges of 60 us
and the pair turned. Limits: every byte, margin above 0.2 bits, one unit load (0.8 to 1.5 mA).

{_table(results["reader"])}

![reader](reader.png)

The same bytes from the deck of [mbus-simulator](../../mbus-simulator/README.md), its trip alive:

{_table(results["driven"])}

## Supply: `supply.py`

WiFi's peaks of {1e3 * supply.PEAK:.0f} mA for {1e3 * supply.LASTING:.0f} ms every
{1e3 * supply.EVERY:.0f} ms over {1e3 * supply.IDLE:.0f} mA. Limits: rail above {supply.LEAST} V
and below 3.45 V, U3's junction below 125 degrees at 50 around ({supply.TO_AIR} K/W).

{_table(results["supply"])}
"""


def _plot(data):
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 3.2), dpi=110)
    time = [t * 1e3 for t in data["time"]]
    bus = [abs(a - b) for a, b in zip(data["v(m)"], data["v(hn)"], strict=True)]
    axes.plot(time, bus, label="bus", linewidth=0.8)
    axes.plot(time, data["v(rx)"], label="RX", linewidth=0.8)
    axes.set(title="26/16 V, threshold 8.2 V, noise 0.4 V", xlabel="ms", ylabel="V")
    axes.set_xlim(18, 50)
    axes.legend(loc="center right")
    axes.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(HERE / "reader.png", metadata={"Software": None})
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
