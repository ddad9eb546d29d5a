"""What the case of the board must know beside the board file; see workshop/enclosure.py."""

ABOVE, BELOW = 13.9, 4.0  # the RJ45 jack, 13.2 mm; the leads of what stands in holes
OPENINGS = {
    "J1 HAN": ("W", 8.85, 16.7, -0.6, 13.9),
    "J2 USB": ("S", 31.0, 13.2, -2.2, 5.4),
}
WINDOWS = {
    "D2, rod of 3 mm": (36.6, 16.5, 3.1),
    "SW1": (20.0, 25.6, 3.0),
    "SW2": (10.6, 25.6, 3.0),
}
