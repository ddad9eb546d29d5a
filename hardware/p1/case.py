"""What the case of the board must know beside the board file; see workshop/enclosure.py."""

ABOVE, BELOW = 13.6, 5.0  # the jacks, 12.6 mm; module, USB jack and its plug under the board
OPENINGS = {
    "J1 P1, J2 P1 on": ("N", 14.2, 28.8, -0.6, 13.2),
    "J3 USB": ("S", 14.84, 13.2, -7.0, 0.6),
}
WINDOWS = {
    "D3, rod of 3 mm": (42.2, 12.0, 3.1),
    "SW1": (33.3, 21.4, 3.0),
    "SW2": (24.2, 21.4, 3.0),
}
