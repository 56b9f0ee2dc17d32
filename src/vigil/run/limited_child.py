"""The other end of `run/limited.py`: bounds first, then one call after another until the parent closes the pipe."""

from __future__ import annotations

import importlib
import json
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from vigil.domain.errors import InputError, VigilError
from vigil.run.limited import FAILED, NO_MEMORY, RAISED, RETURNED

try:
    import resource
except ImportError:  # pragma: no cover — a system without such bounds; run/limited.py says that they are the system's
    resource = None  # type: ignore[assignment]  # looked at before each use


def main() -> None:
    """Be the child. stdin: questions, a line each; stdout: answers, a line each; what is printed goes to stderr."""
    limits = json.loads(sys.argv[1])
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    bound(limits)
    questions: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, questions), daemon=True).start()
    going = True
    while going:
        question = questions.get()
        bound_time(limits["cpu_s"])
        kind, line = answer(question)
        out.write(line)
        out.flush()
        going = kind in {RETURNED, RAISED}


def _listen(source: BinaryIO, questions: queue.SimpleQueue[bytes]) -> None:
    """Hand on each question; when there can be no more, the parent is gone or wants no more: end, whatever is done."""
    for line in source:
        questions.put(line)
    os._exit(0)


def bound(limits: Mapping[str, Any]) -> None:
    """Take the bounds on; those that this system does not have are passed over."""
    _bound("RLIMIT_DATA", limits["memory_bytes"])
    _bound("RLIMIT_AS", limits["address_bytes"])
    _bound("RLIMIT_CORE", 0)  # no copy of a night is left in a file when a reader crashes
    with suppress(OSError):
        os.nice(limits["niceness"])


def bound_time(cpu_s: int) -> None:
    """Allow so many more seconds of computing, to the next whole one."""
    if resource is not None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        most = int(used.ru_utime + used.ru_stime) + 1 + cpu_s
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_CPU, (most, hard))


def _bound(name: str, most: int) -> None:
    if resource is not None and hasattr(resource, name):
        with suppress(ValueError, OSError):
            resource.setrlimit(getattr(resource, name), (most, most))


def answer(question: bytes) -> tuple[str, bytes]:
    """Call what a question names; returns the kind of what came of it, and the line that tells the parent.

    No Exception leaves it: whatever a strange file brings out is told, with its place for whoever mends it.
    """
    try:
        name, arguments = json.loads(question)
        module, _, function = name.partition(":")
        value = getattr(importlib.import_module(module), function)(*arguments)
        return _line(RETURNED, value=value)
    except InputError as error:
        return _line(RAISED, name=_name(error), words=error.reason, path=error.path, line=error.line)
    except VigilError as error:
        return _line(RAISED, name=_name(error), words=str(error))
    except MemoryError:
        return _line(NO_MEMORY)
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        return _line(FAILED, what=f"{type(error).__name__} in {Path(last.filename).name}, line {last.lineno}")


def _line(kind: str, **body: Any) -> tuple[str, bytes]:
    return kind, json.dumps({"kind": kind, **body}, allow_nan=False).encode() + b"\n"


def _name(error: VigilError) -> str:
    """The nearest kind in domain/errors.py: what the parent knows."""
    return next(kind.__name__ for kind in type(error).__mro__ if kind.__module__ == VigilError.__module__)


if __name__ == "__main__":
    main()
