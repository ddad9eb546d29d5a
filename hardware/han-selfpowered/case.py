"""What the case of the board must know beside the board file; see workshop/enclosure.py."""

ABOVE, BELOW = 22.2, 4.0  # the cells, 21.5 mm; the leads of what stands in holes
OPENINGS = {
    "J1 HAN": ("W", 15.95, 16.7, -0.6, 13.9),
    "J2 chain": ("W", 28.35, 8.4, 0.4, 6.5),
    "J3 USB": ("S", 47.0, 13.2, -2.2, 5.4),
}
WINDOWS = {
    "D6, rod of 3 mm": (55.8, 38.4, 3.1),
    "SW1": (20.6, 36.6, 3.0),
    "SW2": (11.4, 36.6, 3.0),
}
