"""The frozen module onewire of the official images, as far as a thermometer needs it."""


class OneWire:
    """A bus on a pin."""

    def __init__(self, pin):
        self.pin = pin
