"""The board's button: held, it opens the set-up."""

import time

import machine

_LOOKS = const(10)
_LOOK_MS = const(50)


def held(pin):
    """Whether the button at `pin` is held for half a second, no less; None: there is none."""
    button = Button(pin)
    for _ in range(_LOOKS):
        if not button.pressed_for(1):
            return False
        time.sleep_ms(_LOOK_MS)
    return True


class Button:
    """The button at `pin`, which it pulls low; None: the board has none."""

    def __init__(self, pin):
        self.pin = None
        if pin is not None:
            self.pin = machine.Pin(pin, machine.Pin.IN, machine.Pin.PULL_UP)
        self.count = 0

    def pressed_for(self, looks):
        """Whether it has been pressed for so many looks in a row, this one counted."""
        pressed = self.pin and not self.pin.value()
        self.count = self.count + 1 if pressed else 0
        return self.count >= looks
