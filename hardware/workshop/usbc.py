"""USB-C, as a block with an origin: the drawing of jack, fuse, protection and CC resistors, and
the pair's copper between jack and protection. The parts' rows: `Parts.usb`."""

# Jack (USB4105) at the origin, its pads up; the protection (SOT-23-6, turned by 90) 6.9 mm above.
# D- joins above the jack's pads, D+ below them; then both straight on.
_PAIR = [
    ["/USBC_DM", 0.25, -0.75, -3.68, -0.75, -4.55],
    ["/USBC_DM", 0.25, 0.25, -3.68, 0.25, -4.55],
    ["/USBC_DM", 0.25, -0.75, -4.55, 0.25, -4.55],
    ["/USBC_DM", 0.25, -0.75, -4.55, -0.95, -4.75],
    ["/USBC_DM", 0.25, -0.95, -4.75, -0.95, -5.7625],
    ["/USBC_DP", 0.25, -0.25, -3.68, -0.25, -2.7],
    ["/USBC_DP", 0.25, -0.25, -2.7, 0.75, -2.7],
    ["/USBC_DP", 0.25, 0.75, -2.7, 0.75, -4.6],
    ["/USBC_DP", 0.25, 0.75, -4.6, 0.95, -4.8],
    ["/USBC_DP", 0.25, 0.95, -4.8, 0.95, -5.7625],
    # the protection's ground: straight down to a via
    ["GND", 0.5, 0.0, -5.7625, 0.0, -6.9],
]


def _placed(x, y, place):
    """A point of the block on the board, as pcb.place sets a footprint: mirrored if on the back,
    turned against the clock, moved."""
    left, top, turn, *back = place
    if back:
        y = -y
    for _ in range(turn // 90):
        x, y = y, -x
    return round(left + x, 4), round(top + y, 4)


def pair(place):
    """The pair's tracks for a jack with this row of PLACEMENT: rows as in routes.json."""
    side = place[3] if len(place) > 3 else "F"
    return [
        [net, side, width, *_placed(*ends[:2], place), *_placed(*ends[2:], place)]
        for net, width, *ends in _PAIR
    ]


def via(place):
    """Where the protection's ground goes through the board."""
    return ["GND", *_placed(0.0, -6.9, place), 0.6, 0.3]


def jack(s, at, ref):
    """A jack whose 5 V go nowhere but to the net VBUS."""
    with s.at(*at):
        s.add(ref, 0, 0, ref_at=(-8, -18), value_at=(-3, -18))
        s.hang(ref, {"A4": "VBUS"}, 3)
        _rest(s, ref)


def _rest(s, jack):
    """All of a jack at the origin but its 5 V."""
    for number in ("A9", "B4", "B9", "A12", "B1", "B12"):
        s.pin(jack, number)
    s.hang(jack, {"A5": "CC1", "B5": "CC2", "A7": "USBC_DM", "B7": "USBC_DM",
                  "A6": "USBC_DP", "B6": "USBC_DP"}, 3)  # fmt: skip
    s.no_connect(jack, "A8", "B8")
    s.wire(s.pin(jack, "S1"), (-6, 21), (0, 21))
    s.wire(s.pin(jack, "A1"), (0, 22))
    s.power("GND", (0, 22))


def draw(s, at, jack, fuse, guard, pulls, supply):
    """The jack at the origin; its 5 V end at pin 2 of the fuse, the pair at the guard's pins 6
    and 4. `supply` is the net that the guard's upper diodes lead to."""
    with s.at(*at):
        s.add(jack, 0, 0, ref_at=(-8, -18), value_at=(-3, -18))
        s.add(fuse, 24, -12, turn=90, ref_at=(-1, -3), value_at=(-4, 3))
        s.wire(s.pin(jack, "A4"), s.pin(fuse, 1))
        s.label("VBUS", (14, -12))
        _rest(s, jack)
        s.add(guard, 42, 6, ref_at=(6, -4), value_at=(4, 5))
        s.hang(guard, {1: "USBC_DM", 3: "USBC_DP", 6: "USB_DM", 4: "USB_DP"}, 3)
        s.hang(guard, {5: supply, 2: "GND"})
        for ref, x, net in zip(pulls, (18, 28), ("CC1", "CC2"), strict=True):
            s.add(ref, x, 19)
            s.hang(ref, {1: net, 2: "GND"})
