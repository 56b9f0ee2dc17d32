"""Many recorded nights, one after another or several at once, in the order in which they were named."""

from __future__ import annotations

import queue
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

from vigil.app.replay_child import Looked, ReplayChild
from vigil.app.replay_night import Failed, Replayed, Task, Wish
from vigil.recordings.readers.options import ReadOptions
from vigil.run.limited import Limits


class ReplayWorkers:
    """So many limited children, each started when it is first needed; none is left when the block is left.

    Whoever stops listening, by Ctrl-C or otherwise, is not kept waiting: a night is kept whole or not at all.
    """

    def __init__(self, jobs: int, limits: Limits | None = None) -> None:
        self._children = [ReplayChild(limits) for _ in range(jobs)]
        self._idle: queue.LifoQueue[ReplayChild] = queue.LifoQueue()  # one that has started is used again
        for child in reversed(self._children):
            self._idle.put(child)
        self._threads = ThreadPoolExecutor(jobs)  # a thread waits for its child, and does nothing else

    def look(self, paths: Iterable[Path], options: ReadOptions) -> list[Looked]:
        """Every night at the paths, and what could not be opened or is of no kind that is known."""
        return [one for path in paths for one in self._children[0].look(path, options)]

    def read_through(self, task: Task, options: ReadOptions) -> Failed | None:
        """None for a night that can be read to its end within bounds."""
        return self._children[0].read_through(task, options)

    def replay(self, tasks: Sequence[Task], wish: Wish) -> Iterator[Replayed | Failed]:
        """Each night's result, in order. A night is the same on any number of workers.

        Raises StoreError and SettingsError as `run`; a worker that dies is a `Failed` for its night alone.
        """
        for future in [self._threads.submit(self._one, task, wish) for task in tasks]:
            yield future.result()

    def _one(self, task: Task, wish: Wish) -> Replayed | Failed:
        child = self._idle.get()
        try:
            return child.replay(task, wish)
        finally:
            self._idle.put(child)

    def stop(self) -> None:
        """End every child, whatever it is doing, and wait for its end. Twice is harmless."""
        for child in self._children:
            child.stop()
        self._threads.shutdown(cancel_futures=True)
        for child in self._children:
            child.close()

    def __enter__(self) -> ReplayWorkers:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
