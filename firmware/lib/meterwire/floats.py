"""IEEE 754 values of a list (float32, float64) as an integer and a power of ten.

No float is made on the way: of all decimals that round to the same binary value the shortest is
taken, which is the one the meter meant. (Blue Book 4.1.6.2, formats of float32 and float64.)
"""


def decimal(bits, wide):
    """(mantissa, exponent) of the float32, or float64 if wide, with these bits, or None.

    Infinity and not-a-number are no values: None.
    """
    fraction_bits = 52 if wide else 23
    exponent_bits = 11 if wide else 8
    fraction = bits & (1 << fraction_bits) - 1
    exponent = bits >> fraction_bits & (1 << exponent_bits) - 1
    negative = bits >> fraction_bits + exponent_bits
    if exponent == (1 << exponent_bits) - 1:
        return None
    if exponent:
        fraction |= 1 << fraction_bits
    else:
        exponent = 1
    # the value is fraction * 2 ** power
    power = exponent - (1 << exponent_bits - 1) + 1 - fraction_bits
    digits = 0
    while True:
        # value * 10 ** digits is top / bottom, half a unit of the last binary place near / bottom
        top = 2 * fraction * 10**digits
        near = 10**digits
        bottom = 2
        if power >= 0:
            top <<= power
            near <<= power
        else:
            bottom <<= -power
        whole = (2 * top + bottom) // (2 * bottom)
        off = whole * bottom - top
        if -near <= off <= near:
            break
        digits += 1
        if digits > 18:
            return None
    if whole >= 1 << 63:
        return None
    return -whole if negative else whole, -digits


def settle(rows, count):
    """Turn every row that holds a float's bits into a number; one that is no value loses its code.

    A row of a float has kind 3, and bit 4 of that byte tells a float64.
    """
    for k in range(0, count * 16, 16):
        if rows[k + 5] & 3 != 3:
            continue
        wide = rows[k + 5] & 0x10
        bits = 0
        for n in range(7 if wide else 3, -1, -1):
            bits = bits << 8 | rows[k + 8 + n]
        found = decimal(bits, wide)
        scaler = rows[k + 6] - 256 if rows[k + 6] > 127 else rows[k + 6]
        rows[k + 5] = 0
        if found is None or not -18 <= scaler + found[1] <= 18:
            # an empty text says nothing and is no number
            rows[k + 5] = 1
            found = (0, 0)
        mantissa, exponent = found
        rows[k + 6] = (scaler + exponent) & 0xFF
        for n in range(8, 16):
            rows[k + n] = mantissa & 0xFF
            mantissa >>= 8
