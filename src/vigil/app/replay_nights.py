"""Many recorded nights, one after another or several at once, in the order in which they were named."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from vigil.app.replay_night import Failed, Replayed, Task, Wish, run


@dataclass(slots=True)
class _Worker:
    """What a worker process has been given once: a lock, so that one writes to the store at a time."""

    alone: AbstractContextManager[Any] | None = field(default=None)


_WORKER = _Worker()


def _start(alone: AbstractContextManager[Any]) -> None:
    """Ctrl-C reaches every process of a terminal; what it means is for the first of them to say."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _WORKER.alone = alone


def _work(task: Task, wish: Wish) -> Replayed | Failed:
    return run(task, wish, _WORKER.alone)


def replay_all(tasks: Sequence[Task], wish: Wish, jobs: int) -> Iterator[Replayed | Failed]:
    """Each night's result, in order. A night is the same on any number of workers.

    Raises StoreError and SettingsError as `run`; a worker that dies is a `Failed` for every night not yet done.
    """
    jobs = min(jobs, len(tasks))
    if jobs <= 1:
        for task in tasks:
            yield run(task, wish)
        return
    # Spawned, not forked: the same on every platform, and nothing inherited.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_start, initargs=(context.Lock(),)) as pool:
        futures = [pool.submit(_work, task, wish) for task in tasks]
        try:
            for task, future in zip(tasks, futures, strict=True):
                yield _result(task, future)
        except BaseException:
            stop(pool)
            raise


def _result(task: Task, future: Future[Replayed | Failed]) -> Replayed | Failed:
    try:
        return future.result()
    except BrokenProcessPool:
        why = f"{task.path}: a worker ended without a word (too little memory?); try again with --jobs 1"
        return Failed(str(task.path), why)


def stop(pool: ProcessPoolExecutor) -> None:
    """Leave at once: without this the pool waits for nights that nobody will look at. A night is kept whole or not."""
    pool.shutdown(wait=False, cancel_futures=True)
    workers = multiprocessing.active_children()
    for worker in workers:
        worker.terminate()
    for worker in workers:
        worker.join()
