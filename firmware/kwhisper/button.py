"""The board's button: held, it opens the set-up."""

import time

import machine

_LOOKS = const(10)
_LOOK_MS = const(50)


class Button:
    """The button at `pin`, which it pulls low; None: the board has none."""

    def __init__(self, pin):
        self._pin = None
        if pin is not None:
            self._pin = machine.Pin(pin, machine.Pin.IN, machine.Pin.PULL_UP)
        self._seconds = 0

    def _pressed(self):
        return self._pin is not None and not self._pin.value()

    def held(self):
        """Whether it is held for half a second, no less; asked at the start."""
        for _ in range(_LOOKS):
            if not self._pressed():
                return False
            time.sleep_ms(_LOOK_MS)
        return True

    def pressed_for(self, seconds):
        """Whether it has been pressed for so long without a break; asked once a second.

        Many boards' button, held while the power comes, starts the chip's own loader instead.
        """
        self._seconds = self._seconds + 1 if self._pressed() else 0
        return self._seconds >= seconds
