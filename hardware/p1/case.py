"""What the case of the board must know beside the board file; see workshop/enclosure.py."""

ABOVE, BELOW = 13.6, 4.0  # the jacks, 12.6 mm; the leads of what stands in holes
OPENINGS = {
    "J1 P1": ("W", 7.58, 14.0, -0.6, 13.2),
    "J2 P1 on": ("W", 22.38, 14.0, -0.6, 13.2),
    "J3 USB": ("S", 38.0, 13.2, -2.2, 5.4),
}
WINDOWS = {
    "D3, rod of 3 mm": (42.0, 16.9, 3.1),
    "SW1": (48.2, 20.4, 3.0),
    "SW2": (48.2, 11.4, 3.0),
}
