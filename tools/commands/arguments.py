"""What several commands take on their command line."""

import re

import typer


def address(text: str, port: int = 1883) -> tuple[str, int]:
    """Host and port of "HOST", "HOST:PORT", "[IPv6]:PORT" or a bare IPv6 address."""
    host, colon, digits = text.rpartition(":")
    if not colon or (":" in host and not host.endswith("]")) or text.endswith("]"):
        host, digits = text, str(port)
    host = host.strip("[]")
    if not host or not digits.isdecimal() or not 0 < int(digits) < 65536:
        raise typer.BadParameter(f"{text!r} is not HOST or HOST:PORT", param_hint="--broker")
    return host, int(digits)


def key(text: str | None, what: str) -> bytes | None:
    """32 hex digits in either case as 16 bytes; 0x, blanks, colons and dashes do not count."""
    if not text:
        return None
    digits = re.sub(r"0[xX]|[\s:,\-]", "", text)
    try:
        found = bytes.fromhex(digits)
    except ValueError:
        found = b""
    if len(found) != 16:
        raise typer.BadParameter(
            f"the {what} must be 32 hex digits, 0-9 and A-F; this has {len(digits)} characters"
        )
    return found
