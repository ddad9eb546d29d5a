"""Draw a board from its tables, in KiCad's own Python: sheet, board, net classes and distances.

draw.py BOARD [FOLDER]     into the board's own folder, or another
"""

import sys
from pathlib import Path

import pcb
import sheet
from files import load

if __name__ == "__main__":
    board = Path(sys.argv[1]).resolve()
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else board
    sys.path.insert(0, str(board))  # the sheet asks for its parts
    sheet.draw(board, folder / f"{board.name}.kicad_sch")
    pcb.draw(board, folder / f"{board.name}.kicad_pcb", load(board, "layout"))
