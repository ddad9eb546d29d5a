"""Every frame a reading came from, as it was on the line: <topic>/raw, in hex or as bytes."""

from binascii import hexlify

from . import Format


class Raw(Format):
    """Hex: two digits a byte."""

    def reading(self, r):
        """One message a frame."""
        frame = self.pub.frame_bytes()
        if frame is not None:
            self.unknown(frame)

    def unknown(self, frame):
        """So does a list nobody knows."""
        self.pub.send(b"raw", self._form(frame))

    def _form(self, frame):
        return hexlify(frame)


class RawBytes(Raw):
    """The bytes themselves."""

    def _form(self, frame):
        return frame
