"""What the case of the board must know beside the board file; see workshop/enclosure.py."""

ABOVE, BELOW = 22.6, 4.0  # the cells, 21.5 mm; the leads of what stands in holes
OPENINGS = {
    "J1 MEP, five wires": ("W", 18.4, 18.6, -0.6, 10.2),
    "J2 USB": ("S", 31.6, 13.2, -2.2, 5.4),
}
WINDOWS = {
    "D8, rod of 3 mm": (12.0, 32.4, 3.1),
    "SW1": (10.7, 36.95, 3.0),
    "SW2": (20.9, 36.95, 3.0),
}
