"""CPU time of other processes, to the nanosecond (Linux)."""

import sys
import time


def can() -> bool:
    """Whether this machine can tell."""
    return sys.platform.startswith("linux")


def spent_ns(pid: int) -> int:
    """Nanoseconds of CPU time that the process has used; OSError when it is gone."""
    # clock_getcpuclockid(3)
    return time.clock_gettime_ns((~pid << 3) | 2)
