"""What the case of the board must know beside the board file; see workshop/enclosure.py."""

ABOVE, BELOW = 14.4, 5.0  # the cells, 13.5 mm; module, USB jack and its plug under the board
OPENINGS = {
    "J1 P1, J2 P1 on": ("N", 14.2, 28.8, -0.6, 13.2),
    "J3 USB": ("S", 14.84, 13.2, -7.0, 0.6),
}
WINDOWS = {
    "D3, rod of 3 mm": (42.7, 2.8, 3.1),
    "SW1": (40.2, 20.7, 3.0),
    "SW2": (40.94, 9.26, 3.0),
}
