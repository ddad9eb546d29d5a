"""Of a test's many cases a few stand for the others in `make test`; the others are slow tests."""

import pytest


def slow_but(cases, *often):
    """The cases for parametrize, in their order and with the ids they would have anyway."""
    cases = list(cases)
    assert often and not [case for case in often if case not in cases], "a case that is none"
    return [
        case
        if case in often
        else pytest.param(*(case if isinstance(case, tuple) else [case]), marks=pytest.mark.slow)
        for case in cases
    ]
