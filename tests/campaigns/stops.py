"""How long it takes from *stop* until the output is told to be off, in four states of the night.

`python -m tests.campaigns.stops --json FILE [--stops N] [--seed N]`. A night process with a real desk begins something
that lasts; at a random instant a stop comes: the file that `vigil stop` writes, the signal it sends where it cannot
write, or the sleeper's own mark. The output notes when it is told to be off, on the clock that both processes share.
"""

from __future__ import annotations

import os
import random
import select
import signal
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.campaigns.figures import command
from tests.campaigns.power_cut import fast_folder
from tests.nights import parameters
from vigil.domain import permits
from vigil.domain.errors import FullError, StoreError, UnwritableError
from vigil.domain.permits import Permit
from vigil.domain.records import Mark, Marked, NightBegan, Tick
from vigil.domain.requests import NudgeRequest, Output, Purpose
from vigil.domain.samples import HeartSample
from vigil.night.night_watch import NightWatch
from vigil.run.desk import Desk
from vigil.run.keeping import CarefulKeeper
from vigil.run.noticing import StopFile
from vigil.run.ports import NoKeeper, boot_now_ns
from vigil.run.runner import NightRunner
from vigil.store.hold import Hold, clear_hold, prepare_hold, write_hold

STOPS = 1000
STATES = ("plain", "broken", "hung", "full")
WAYS = {
    "plain": ("file", "signal", "mark"),
    "broken": ("file", "signal", "mark"),
    "full": ("file", "signal", "mark"),
    "hung": ("file", "signal"),
}
"""A main thread that hangs hears no mark: what the wearable says would reach nobody."""

WITHIN_MS = 250.0
PATIENCE_S = 30.0
WALL_MS = 1_775_000_000_000


@dataclass(frozen=True, slots=True)
class StopFigures:
    """stops: in each state. late: of all, those that took longer than 250 ms. The last: per state and way, latency:
    median, p99, p99.9 and the most.
    """

    stops: int
    seed: int
    late: int
    unanswered: int
    ms_median_p99_p999_most: dict[str, tuple[float, ...]]
    load: float


class Lamp:
    """Notes when it is told to be off."""

    output = Output.LIGHT
    name = "the lamp"

    def __init__(self, into: int) -> None:
        self._into = into
        self._on = False
        self.off_at = threading.Event()

    async def probe(self) -> str:
        return ""

    async def start(self, permit: Permit, at_ns: int) -> None:
        permit.redeem(at_ns)
        self.off_at.clear()
        self._on = True
        os.write(self._into, b"on 0\n")

    async def off(self) -> None:
        now = time.monotonic_ns()
        if self._on:
            self._on = False
            os.write(self._into, f"off {now}\n".encode())
            self.off_at.set()

    async def close(self) -> None:
        pass


class Refuses(NoKeeper):
    """A store that cannot be written."""

    def __init__(self, error: StoreError | None) -> None:
        self._error = error

    def commit(self) -> None:
        if self._error is not None:
            raise self._error


ERRORS: dict[str, StoreError | None] = {
    "plain": None,
    "hung": None,
    "broken": UnwritableError("the database may only be read here"),
    "full": FullError("there is no room left on the disk"),
}


class Night:
    """The night process."""

    def __init__(self, state: str, hold: Path, into: int) -> None:
        self._state = state
        self._into = into
        self._lamp = Lamp(into)
        self._stop = StopFile(hold, lambda: WALL_MS + 1)
        self._desk = Desk({Output.LIGHT: self._lamp}, boot_now_ns, self._stop.stands)
        keeper = CarefulKeeper(Refuses(ERRORS[state]), lambda: False)
        self._runner = NightRunner(NightWatch(parameters()), keeper, self._desk)
        self._began_ns = boot_now_ns()
        self._serial = 0

    def serve(self, orders: int) -> None:
        """One stop for each order, until they end."""
        signal.signal(signal.SIGUSR1, self._press)
        self._desk.open()
        self._runner.deliver(NightBegan(self._began_ns))
        while order := os.read(orders, 64).decode().strip():
            way, seconds = order.split()
            self._stop.pressed = False
            self._begin()
            self._live(None if way != "mark" else time.monotonic() + float(seconds))
        self._desk.close()

    def _press(self, _signal: int, _frame: object) -> None:
        self._stop.pressed = True
        self._desk.quiet()

    def _begin(self) -> None:
        self._serial += 1
        request = NudgeRequest(Purpose.NUDGE, 1, Output.LIGHT, 1, 3_600_000, 5)
        now = boot_now_ns()
        self._lamp.off_at.clear()
        self._desk.take(Permit(key=permits._KEY, serial=self._serial, request=request, issued_ns=now), now)

    def _live(self, marks_at: float | None) -> None:
        """Turns until the output was told to be off; the mark comes in one of them."""
        deadline = time.monotonic() + PATIENCE_S
        while not self._lamp.off_at.is_set() and time.monotonic() < deadline:
            if self._state == "hung":
                continue
            if marks_at is not None and time.monotonic() >= marks_at:
                marks_at = None
                os.write(self._into, f"stop {time.monotonic_ns()}\n".encode())
                self._runner.deliver(Marked(boot_now_ns(), Mark.STOP))
            now = boot_now_ns()
            self._runner.deliver(HeartSample(now, 600))
            self._runner.deliver(Tick(now))
            self._runner.commit()
            self._lamp.off_at.wait(0.01)


def measured(state: str, stops: int, rng: random.Random, folder: Path) -> dict[str, list[float]]:
    """Milliseconds from stop to off by way; infinite for one that was never answered."""
    hold = folder / "hold"
    prepare_hold(hold)
    orders, order = os.pipe()
    hear, say = os.pipe()
    child = os.fork()
    if child == 0:
        _in_child(state, hold, (orders, order), (hear, say))
    os.close(orders)
    os.close(say)
    found: dict[str, list[float]] = {way: [] for way in WAYS[state]}
    lines = _Lines(hear)
    try:
        for number in range(stops):
            way = WAYS[state][number % len(WAYS[state])]
            seconds = rng.uniform(0.0, 0.12)
            os.write(order, f"{way} {seconds:.4f}\n".encode())
            lines.wait_for("on")
            pressed_ns = _press(way, seconds, child, hold, lines)
            off_ns = lines.wait_for("off")
            found[way].append((off_ns - pressed_ns) / 1e6 if off_ns else float("inf"))
            clear_hold(hold)
    finally:
        os.close(order)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(hear)
    return found


def _press(way: str, seconds: float, child: int, hold: Path, lines: _Lines) -> int:
    """Stop after a moment; when it was, on the clock both share."""
    if way == "mark":
        return lines.wait_for("stop")
    threading.Event().wait(seconds)
    pressed_ns = time.monotonic_ns()
    if way == "file":
        write_hold(hold, Hold(None, WALL_MS))
    else:
        os.kill(child, signal.SIGUSR1)
    return pressed_ns


class _Lines:
    """What the night process says."""

    def __init__(self, hear: int) -> None:
        self._hear = hear
        self._waiting: list[str] = []
        self._rest = ""

    def wait_for(self, word: str) -> int:
        """The number beside a word; 0 if it never came."""
        while True:
            while self._waiting:
                said, number = self._waiting.pop(0).split()
                if said == word:
                    return int(number)
            ready, _, _ = select.select([self._hear], [], [], PATIENCE_S)
            more = os.read(self._hear, 4096).decode() if ready else ""
            if not more:
                return 0
            *whole, self._rest = (self._rest + more).split("\n")
            self._waiting += whole


def _in_child(state: str, hold: Path, orders: tuple[int, int], heard: tuple[int, int]) -> None:
    try:
        os.close(orders[1])
        os.close(heard[0])
        Night(state, hold, heard[1]).serve(orders[0])
    finally:
        os._exit(0)


def _figures(times: list[float]) -> tuple[float, ...]:
    ordered = sorted(times)
    return tuple(round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 1) for share in (0.5, 0.99, 0.999, 1))


def run(stops: int = STOPS, seed: int = 4) -> StopFigures:
    """So many stops in each state."""
    rng = random.Random(seed)
    ms: dict[str, Any] = {}
    every: list[float] = []
    with tempfile.TemporaryDirectory(dir=fast_folder()) as name:
        for state in STATES:
            folder = Path(name) / state
            folder.mkdir()
            found = measured(state, stops, rng, folder)
            for way, times in found.items():
                ms[f"{state}, {way}"] = _figures(times)
                every += times
    late, unanswered = sum(one > WITHIN_MS for one in every), sum(one == float("inf") for one in every)
    return StopFigures(stops, seed, late, unanswered, {"all": _figures(every), **ms}, round(os.getloadavg()[0], 1))


if __name__ == "__main__":
    command("stops", {"stops": STOPS, "seed": 4}, run)
