"""P1 text telegrams (IEC 62056-21 mode D as DSMR uses it) with their CRC."""

CRLF = "\r\n"


def crc16_arc(data):
    """CRC-16, reflected polynomial A001, start 0, over "/" to "!" inclusive."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


def write(identification, lines, blank=True):
    """The telegram's bytes: identification, lines, "!" and four upper-case hex digits."""
    head = [f"/{identification}"] + ([""] if blank else [])
    body = (CRLF.join([*head, *lines]) + CRLF + "!").encode("latin-1")
    return body + f"{crc16_arc(body):04X}{CRLF}".encode()


def fixed(thousandths, whole, decimals):
    """A number as Fn(x,y) prints it: `whole` digits, a point, `decimals` digits."""
    sign = "-" if thousandths < 0 else ""
    number = abs(thousandths) // 10 ** (3 - decimals)
    text = f"{number:0{whole + decimals}}"
    return sign + (f"{text[:-decimals]}.{text[-decimals:]}" if decimals else text)
