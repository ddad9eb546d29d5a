"""The hardware workshop: everything a board is made of, from its sources (`make -C hardware`).

    make.py check    sheet and board are what their generators draw; ERC, DRC, SPICE limits
    make.py draw     sheets and boards anew, from their tables
    make.py route    lay the tracks anew (routes.json)
    make.py sim      all simulations, with their plots
    make.py cases    the cases, checked against the boards' STEP
    make.py all      check and sim, then pictures, BOM, gerbers, positions, STEP, interactive BOM

Runs in KiCad's own Python (Debian: /usr/bin/python3). What a buyer needs lands in BOARD/build/.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "workshop"))

import checks  # noqa: E402
import produce  # noqa: E402

BOARDS = ["han-selfpowered", "mbus-simulator", "han-usb", "p1", "mep", "han-isolated"]


def main(goal):
    for name in BOARDS:
        board = HERE / name
        if goal == "draw":
            checks.draw(board)
        if goal == "route":
            checks.route(board)
        if goal in ("check", "all"):
            checks.agree(board)
            checks.rules(board)
        if goal in ("check", "sim", "all"):
            checks.simulate(board, plots=goal != "check")
        if goal == "all":
            produce.everything(board)
        if goal == "cases":
            produce.case(board)
    print(f"hardware: {goal} done")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "all")
