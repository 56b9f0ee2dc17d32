"""What tests let a limited child do, named there by module and function; and one that is no child at all."""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from typing import Any

import numpy as np

from vigil.app.replay_child import replay_plain
from vigil.domain.errors import FormatError, StoreError


class OddError(StoreError):
    """A kind of error that only the child knows."""


def same(value: Any) -> Any:
    return value


def printed() -> str:
    sys.stdout.write("this is not an answer\n")
    sys.stdout.flush()
    os.write(1, b"nor is this\n")
    return "answer"


def replay_or_burst(task: dict[str, Any], wish: dict[str, Any]) -> Any:
    if task["night"] == "big":
        much_numpy()
    return replay_plain(task, wish)


def process() -> int:
    return os.getpid()


def bounds() -> list[Any]:
    names = ("RLIMIT_DATA", "RLIMIT_AS", "RLIMIT_CORE")
    return [*(resource.getrlimit(getattr(resource, name))[0] for name in names), os.nice(0)]


def refuse_format() -> None:
    message = "is no night"
    raise FormatError(message, path="a.csv", line=7)


def refuse_store() -> None:
    message = "the disk is full; nothing was kept"
    raise OddError(message)


def stumble() -> float:
    return 1 / 0


def much_memory() -> int:
    return len(b"x" * (600 << 20))


def much_numpy() -> int:
    return int(np.ones(600 << 17).size)


def much_talk() -> str:
    return "x" * 3_000_000


def no_number() -> float:
    return float("nan")


def busy() -> None:
    while True:
        pass


def asleep() -> None:
    time.sleep(3600)


def gone() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    for _ in sys.stdin:
        sys.stdout.write(os.environ["TEST_ANSWER"])
        sys.stdout.flush()
