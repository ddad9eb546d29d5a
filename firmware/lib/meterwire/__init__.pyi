"""The typed face of meterwire: what stands here is what a program may rely on."""

from collections.abc import Callable, Iterator

from .reading import DERIVED as DERIVED
from .reading import ESTIMATED as ESTIMATED
from .reading import FULL as FULL
from .reading import LIVE as LIVE
from .reading import STALE as STALE
from .reading import TOTALS as TOTALS
from .reading import UNSURE as UNSURE
from .reading import Reading as Reading

__version__: str

class Decoder:
    reading: Reading
    def __init__(
        self,
        size: int = 4096,
        key: bytes | None = None,
        auth_key: bytes | None = None,
        rows: int = 250,
        unknown: Callable[[bytearray, int, int], object] | None = None,
        buffer: Callable[[int], bytearray] | None = None,
    ) -> None: ...
    def feed(self, data: bytes | bytearray | memoryview, n: int = -1) -> Decoder: ...
    def flush(self) -> Decoder: ...
    def read(self) -> Reading | None: ...
    def __iter__(self) -> Iterator[Reading]: ...
    @property
    def counters(self) -> dict[str, int]: ...
    @property
    def sound(self) -> int: ...
    @property
    def problem(self) -> str | None: ...
    def raw(self) -> tuple[bytearray, int, int]: ...
