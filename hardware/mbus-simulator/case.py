"""What the case of the board must know beside the board file; see workshop/enclosure.py. J2's
jumpers are set with the lid off."""

ABOVE, BELOW = 13.9, 4.0  # the RJ45 jack, 13.2 mm; the leads of what stands in holes
OPENINGS = {
    "J1 USB": ("W", 20.0, 13.2, -2.2, 5.4),
    "J3 HAN": ("E", 26.55, 16.7, -0.6, 13.9),
    "J4 bus": ("E", 9.45, 8.4, 0.4, 6.5),
}
WINDOWS = {"D1, rod of 3 mm": (33.6, 38.6, 3.1), "D8, rod of 3 mm": (25.2, 38.6, 3.1)}
