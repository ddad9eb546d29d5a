"""What the case of the board must know beside the board file; see workshop/enclosure.py."""

# The RJ45 jacks, 13.2 mm; below hangs the Uno: 11 mm of headers, its board, its solder.
ABOVE, BELOW = 13.9, 16.0
POST = 2.8  # through the Uno's own holes of 3.2 mm
OPENINGS = {
    "J1, J2 HAN": ("W", 22.8, 33.4, -0.6, 13.9),
    "J8 OUT": ("E", 10.3, 12.0, -0.6, 10.5),
    "J10 USB": ("E", 24.0, 13.2, -2.2, 5.4),
    "J9 RS-485": ("E", 37.4, 12.0, -0.6, 10.5),
    "the Uno's USB": ("W", 15.6, 13.4, -14.0, -1.8),
    "the Uno's supply": ("W", 45.6, 10.4, -14.0, -1.8),
}
WINDOWS = {
    "D2, rod of 3 mm": (53.3, 6.5, 3.1),
    "SW1": (55.13, 12.8, 3.0),
}
