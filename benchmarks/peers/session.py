"""What every tool's run shares: it reads the night, is timed, answers for the whole and for a part, and tells.

Runs in the tool's own environment, so it knows the standard library and NumPy only, and nothing of Vigil.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

EPOCH_S = 30
RUNS = 3
"""Timed runs after one that warms up."""

Answer = Callable[[int], Sequence[str | None]]
"""The tool's answers about the first so many seconds of the night, one for each stretch; None: no answer."""


@dataclass(frozen=True, slots=True)
class Work:
    """One thing timed.

    seconds, cpu_s: medians of wall time and of processor time, all threads. first_s: the first call, which may load
    and compile. share: of the night's work that was really done; the seconds are for all of it, scaled.
    """

    what: str
    seconds: float
    cpu_s: float
    first_s: float
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Told:
    """All that one run tells, written as JSON.

    start_cpu_s: processor seconds from the start of the process until the tool was imported, NumPy and the interpreter
    among them. works: the first is the night from input to answers. whole, part: the answers, one a `label_s`, when all
    of the night was known and when the first half of it was. live: a night in which every epoch has its answer at its
    end; for a tool without such a way the cost of one more answer in mid-night, once an epoch: with a cost that grows
    evenly, that is the mean. before_mib, peak_mib: of the process, with the tool imported and the input read, and
    after the night.
    """

    version: str
    start_cpu_s: float
    before_mib: float
    peak_mib: float
    works: list[Work]
    answers: str
    label_s: int
    whole: list[str | None]
    part: list[str | None]
    live: Work
    notes: list[str] = field(default_factory=list)


class Session:
    """One run. The command line is the night's folder and the file to tell into."""

    def __init__(self, *modules: str, argv: Sequence[str] | None = None) -> None:
        folder, out = argv if argv is not None else sys.argv[1:3]
        self._folder, self._out = Path(folder), Path(out)
        self.modules: tuple[Any, ...] = tuple(importlib.import_module(name) for name in modules)
        self._told: dict[str, Any] = {
            "start_cpu_s": time.process_time(),
            "version": str(self.modules[0].__version__),
        }
        self._works: list[Work] = []
        self.notes: list[str] = []
        self.note: dict[str, int] = json.loads((self._folder / "night.json").read_text(encoding="utf-8"))
        self.seconds = self.note["seconds"]

    def array(self, name: str) -> NDArray[Any]:
        """An array of the night, into memory."""
        read: NDArray[Any] = np.load(self._folder / f"{name}.npy")
        return read

    def answer(
        self, what: str, answer: Answer, *, answers: str, label_s: int, one_more: Callable[[], Any] | None = None
    ) -> None:
        """Time the night from input to answers, then ask again about its first half alone.

        answers: in words. one_more: what a live user runs for one more answer in mid-night; where it is None, all
        that is known by then, again.
        """
        self._told["before_mib"] = peak_mib()
        row, whole = timed(what, lambda: answer(self.seconds))
        self._told["peak_mib"] = peak_mib()
        self._works.append(row)
        half = self.seconds // 2
        again, part = timed("half the night", lambda: answer(half))
        more = again if one_more is None else timed("one more answer", one_more)[0]
        epochs = self.seconds // EPOCH_S
        self._told |= {
            "answers": answers,
            "label_s": label_s,
            "whole": list(whole),
            "part": list(part),
            "live": Work(f"asked again after each of {epochs} epochs", more.seconds * epochs, more.cpu_s * epochs, 0.0),
        }

    def live(self, what: str, work: Callable[[], Any]) -> Any:
        """Time a whole live night, where the tool has one; returns what it returned."""
        self._told["live"], result = timed(what, work)
        return result

    def time(self, what: str, work: Callable[[], Any], *, share: float = 1.0) -> Any:
        """Time something beside it; returns what the last run returned. share: of the night's work that it does."""
        row, result = timed(what, work, share=share)
        self._works.append(row)
        return result

    def write(self) -> None:
        """Write everything down, as the fields of `Told`."""
        told = Told(works=self._works, notes=self.notes, **self._told)
        self._out.write_text(json.dumps(asdict(told)) + "\n", encoding="utf-8")


def timed(what: str, work: Callable[[], Any], *, share: float = 1.0) -> tuple[Work, Any]:
    """Once to warm up, then the median of three; and what the last of them returned."""
    first_s, _, result = _once(work)
    wall, cpu = [], []
    for _ in range(RUNS):
        wall_s, cpu_s, result = _once(work)
        wall.append(wall_s / share)
        cpu.append(cpu_s / share)
    return Work(what, statistics.median(wall), statistics.median(cpu), first_s, share), result


def _once(work: Callable[[], Any]) -> tuple[float, float, Any]:
    cpu, wall = time.process_time(), time.perf_counter()
    result = work()
    return time.perf_counter() - wall, time.process_time() - cpu, result


def peak_mib() -> float:
    """Peak memory of this process in MiB.

    On Linux from the kernel's status page: `getrusage` there counts what the parent had before this program began.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def load_average() -> float | None:
    """Runnable processes over the last minute, where the system says so."""
    return round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None
