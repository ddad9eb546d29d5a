"""The pages on a small chip: loaded when somebody asks for one, forgotten when all are served."""

import gc

from ..forget import forget

_GARBAGE = 2048
_PACKET = 256  # bytes gathered for one write
_STAY = tuple("kwhisper.web." + name for name in ("server", "small", "live"))


def _forget():
    forget("kwhisper.web.", _STAY)
    forget("kwhisper.fields")
    forget("kwhisper.rules")


class App:
    """Has microdot's method handle_request, so that serve() need not know which of them it runs.

    What belongs to the pages stays with it: port, networks heard.
    """

    def __init__(self, *given):
        self._given = given
        self._at_work = 0
        _forget()
        # Garbage is cleared often, so that what stays does not come to lie scattered.
        gc.threshold(_GARBAGE)
        self.packet = _PACKET
        self.port = 80
        self.networks = None

    def spare(self, *names):
        """Forgets modules that the request at work has no more need of."""
        for name in names:
            forget("kwhisper." + name)

    async def handle_request(self, reader, writer):
        """Reads one request, writes its answer, closes."""
        # Without this line a browser's connection in advance would load everything for nothing.
        first = await reader.readline()
        gc.collect()
        self._at_work += 1
        try:
            from .mini import answer
            from .pages import Pages

            await answer(first, Pages(self, *self._given), reader, writer)
        finally:
            self._at_work -= 1
            if not self._at_work:
                answer = Pages = None
                _forget()
