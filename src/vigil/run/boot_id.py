"""Which boot of the computer this is: after another one, instants on the boot clock mean something else."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path

from vigil.run.asking import asked, written

LINUX = Path("/proc/sys/kernel/random/boot_id")
"""random(4): a UUID made once at each boot."""

MACOS = ("/usr/sbin/sysctl", "-n", "kern.bootsessionuuid")
"""The same of macOS: a UUID made by the kernel at each boot."""

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def boot_id(path: Path = LINUX, command: Sequence[str] = MACOS, platform: str = sys.platform) -> str:
    """The identity of this boot in small letters, or "" where it is not known; never raises.

    Two that are "" are not the same boot: whoever compares must take "" for another one.
    """
    found = ((asked(command) if platform == "darwin" else written(path)) or "").strip().lower()
    return found if _UUID.fullmatch(found) else ""
