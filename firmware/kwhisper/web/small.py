"""The pages on a small chip: loaded when somebody asks for one, forgotten when they are served."""

import gc

from ..forget import forget

_BODY = 3072  # a form has 1 KB, in the worst letters 3


class App:
    """Serves one request after another. What belongs to the pages stays with it: port, networks
    heard."""

    def __init__(self, *given):
        self._given = given
        self.port = 80
        self.networks = None
        self.leave_all()

    def spare(self, *names):
        """Forgets modules that the request at work has no more need of."""
        for name in names:
            forget(name)

    def leave_all(self):
        """Nobody is connected any more: everything about pages is forgotten."""
        # where each module is one, not part of a small chip's image
        stay = ("kwhisper.web.single", "kwhisper.web.small", "kwhisper.web.live")
        forget("kwhisper.web.", stay)
        forget("kwhisper.fields")
        forget("kwhisper.rules")

    async def handle_request(self, reader, writer):
        """Reads one request, writes its answer, closes."""
        # Without this line a browser's connection in advance would load everything for nothing.
        first = await reader.readline()
        if first:
            gc.collect()
            await self._serve(first, reader, writer)

    async def _serve(self, first, reader, writer):
        from .mini import read, write

        request = await read(first, _BODY, reader)
        if len(request) > 3:
            answer = await self._answer(request)
        else:
            answer = request
        request = None
        await write(*answer, first.startswith(b"HEAD"), writer)

    async def _answer(self, request):
        from .pages import Pages

        answer = await Pages(self, *self._given).answer(*request)
        # The page itself is written when the code that chose it is gone.
        del Pages
        self.spare("kwhisper.web.pages", "kwhisper.web.guard")
        return answer
