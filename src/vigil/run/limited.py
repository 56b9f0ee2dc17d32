"""Work on files from outside, in a child process with bounded memory, computing time and answer (fault F19).

A file can be made to fill the memory or to keep a computer busy all night. Whatever reads one therefore does so in a
child (run/limited_child.py): what becomes of that child is an InputError about the file, and nothing else is harmed.
The bounds are those of the operating system. They are no sandbox: the child may still open files and, without more
rights than a person has, it cannot be kept from the network; and macOS does not hold to bounds of memory.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from types import TracebackType
from typing import Any, Self

from vigil.domain import errors
from vigil.domain.errors import InputError, VigilError

_PIECE = 65_536

_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""NumPy's OpenBLAS sets 40 MB aside for each core (measured): with many of them it would be over any bound."""

CHILD = "vigil.run.limited_child"

RETURNED, RAISED, NO_MEMORY, FAILED = "returned", "raised", "no memory", "failed"
"""Kinds of answer."""

_KINDS: Mapping[str, type[VigilError]] = {
    name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, VigilError)
}
"""What a function may raise by name: of an error defined elsewhere, the nearest of these that it is a kind of."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one call may use.

    memory_bytes: private memory of the child (RLIMIT_DATA). Measured: 91 MB with everything imported, 165 MB for a
        night of 26 hours with its pictures; the longest night that is kept may take 300 MB besides.
    address_bytes: address space (RLIMIT_AS), which also counts what is shared or costs nothing; so far above.
    cpu_s: seconds of computing (reliability F19). wall_s: seconds in all, for a disk or network that never answers.
    answer_bytes: length of an answer; a night of 26 hours is 2 MB of JSON.
    niceness: how far to step back behind the night itself. This, `wall_s` and `answer_bytes` are our choice.
    """

    memory_bytes: int = 1 << 30
    address_bytes: int = 4 << 30
    cpu_s: int = 600
    wall_s: float = 3600
    answer_bytes: int = 64 << 20
    niceness: int = 10


class LimitedChild:
    """A child for one call after another, started by the first; after one that went wrong the next starts another.

    The bounds of time are those of each call. A child ends with its parent, however that ends, and Ctrl-C in a
    terminal does not reach it. One thread calls; any thread may `stop`.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._stopped = False

    def call(self, function: str, *arguments: Any, about: str = "") -> Any:
        """What `function` ("package.module:name") returns for these arguments, all of them plain JSON values.

        about: the path or name that an error is about. Raises InputError if the child could not do it within its
        bounds, and errors of the kinds of domain/errors.py as the function raised them.
        """
        process = self._running(about)
        late = threading.Event()
        timer = threading.Timer(self._limits.wall_s, _give_up, (late, process))
        timer.daemon = True
        timer.start()
        try:
            answer = self._asked(process, json.dumps([function, arguments]).encode() + b"\n")
        finally:
            timer.cancel()
        if answer.endswith(b"\n") and not late.is_set():
            return self._understood(answer, about)
        too_long = len(answer) > self._limits.answer_bytes
        if too_long:
            process.kill()
        why = self._why_it_ended(process.wait(), late=late.is_set(), too_long=too_long)
        self.close()
        raise InputError(why, path=about)

    def stop(self) -> None:
        """End the child at once, and let no call start another. Twice is harmless."""
        with self._lock:
            self._stopped = True
            if self._process is not None:
                self._process.kill()

    def close(self) -> None:
        """End the child and wait for its end; not while another thread is in `call`."""
        with self._lock:
            process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
        self.close()

    def _running(self, about: str) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._stopped:
                message = "was not read, for reading was stopped before"
                raise InputError(message, path=about)
            if self._process is None:
                self._process = _start(self._limits)
            return self._process

    def _asked(self, process: subprocess.Popen[bytes], question: bytes) -> bytes:
        """Its answer as far as it came: a whole line, unless it ended or said too much."""
        if process.stdin is not None:
            with suppress(BrokenPipeError):  # it has ended already, which is told by the answer that is none
                process.stdin.write(question)
                process.stdin.flush()
        answer = bytearray()
        while process.stdout is not None and len(answer) <= self._limits.answer_bytes:
            piece = os.read(process.stdout.fileno(), _PIECE)
            answer += piece
            if not piece or piece.endswith(b"\n"):
                break
        return bytes(answer)

    def _why_it_ended(self, code: int, *, late: bool, too_long: bool) -> str:
        if too_long:
            return f"reading it gave more than {self._limits.answer_bytes >> 20} MB of answer; it was given up"
        if late:
            return f"reading it took more than {self._limits.wall_s / 60:.0f} minutes; it was given up"
        if code == -signal.SIGXCPU:
            return f"reading it took more than {self._limits.cpu_s / 60:.0f} minutes of computing; it was given up"
        return "the worker that read it ended without a word (too little memory?); it was given up"

    def _understood(self, answer: bytes, about: str) -> Any:
        """What was returned; raises what was raised, or InputError for what went wrong or is no answer."""
        body = _parsed(answer)
        if body.get("kind") == RETURNED and "value" in body:
            return body["value"]
        error = _raised(body)
        if error is not None:
            raise error
        self.close()  # what state it is in is not known: the next call begins with another
        why = "the worker that read it gave an answer of no kind; it was given up"
        if body.get("kind") == NO_MEMORY:
            why = f"reading it takes more than {self._limits.memory_bytes >> 20} MB of memory; it was given up"
        elif body.get("kind") == FAILED:
            why = f"Vigil has a fault that this brought out ({body.get('what')}); it was given up; please report it"
        raise InputError(why, path=about)


def _start(limits: Limits) -> subprocess.Popen[bytes]:
    """A child that waits for its first call. It finds Vigil where we do, and never in the folder it stands in."""
    environment = {**os.environ, **_ENVIRONMENT, "PYTHONPATH": os.pathsep.join(part for part in sys.path if part)}
    return subprocess.Popen(  # noqa: S603 — this interpreter and words of our own
        [sys.executable, "-P", "-m", CHILD, json.dumps(asdict(limits))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        start_new_session=True,
    )


def _give_up(late: threading.Event, process: subprocess.Popen[bytes]) -> None:
    late.set()
    process.kill()


def _parsed(answer: bytes) -> dict[str, Any]:
    try:
        body = json.loads(answer)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _raised(body: Mapping[str, Any]) -> VigilError | None:
    """The error that an answer tells of, or None if it tells of none that is known."""
    words, path, line = body.get("words"), body.get("path", ""), body.get("line")
    if body.get("kind") != RAISED or not isinstance(words, str) or not isinstance(path, str):
        return None
    if line is not None and type(line) is not int:
        return None
    kind = _KINDS.get(str(body.get("name")))
    if kind is not None and issubclass(kind, InputError):
        return kind(words, path=path, line=line)
    return None if kind is None else kind(words)
