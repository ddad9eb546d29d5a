"""How a session with the broker, or the way to one, comes to its end."""


class Ended(Exception):
    """The session is over; the text says why, for the user. refused: a person must act."""

    def __init__(self, text, refused=False):
        super().__init__(text)
        self.refused = refused
