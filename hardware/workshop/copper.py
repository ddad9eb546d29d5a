"""How well a transistor's heat leaves it by the copper that its board has: for the simulations."""

from math import exp, log

import sexpr
from sexpr import every, one

AMBIENT, MOST = 60, 135  # degrees; BCP53's data sheet allows 150
# BCP53 (Nexperia): junction to ambient on FR4, one side, by the collector's copper in mm2
_CURVE = ((12.0, 192.0), (100.0, 125.0), (600.0, 93.0))
BARE = _CURVE[0][1]  # K/W of the data sheet's land alone


def poured(board, net, layer="F.Cu"):
    """mm2 of a net's pour on one side, as KiCad filled it. board: path of the .kicad_pcb."""
    area = 0.0
    for zone in every(sexpr.load(board), "zone"):
        name = one(zone, "net_name")
        if not name or name[1] != net:
            continue
        for filled in every(zone, "filled_polygon"):
            if one(filled, "layer")[1] == layer:
                points = [(float(p[1]), float(p[2])) for p in every(one(filled, "pts"), "xy")]
                pairs = zip(points, points[1:] + points[:1], strict=True)
                area += abs(sum(a * d - c * b for (a, b), (c, d) in pairs)) / 2
    return area


def resistance(area):
    """K/W of a BCP53 on so many mm2, on a straight line between the curve's points in
    logarithms."""
    for (a, low), (b, high) in zip(_CURVE, _CURVE[1:], strict=False):
        if a <= area <= b:
            share = log(area / a) / log(b / a)
            return exp(log(low) + share * log(high / low))
    raise ValueError(f"{area} mm2 is off the curve")
