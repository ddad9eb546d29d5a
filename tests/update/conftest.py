"""Updates as the build makes them, of small trees; and the firmware's own modules on CPython."""

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from kwhisper_tools.build import kwu


@pytest.fixture(scope="session")
def keys():
    """(the project's private key of these tests, an owner's, a stranger's)."""
    return tuple(rsa.generate_private_key(kwu.EXPONENT, kwu.BITS) for _ in range(3))
