"""Many nights measured, one after another or several at once, in the order in which they were named."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from vigil.app.evaluate_night import EvaluateWork, Night, Task, measure
from vigil.app.replay_night import Failed
from vigil.evidence.records import NightEvidence

Found = NightEvidence | Failed


def tasks_of(nights: Sequence[Night], *, cross_validate: bool) -> list[Task]:
    """A task a night; in cross-validation one for all scored nights of a person, so that each is fitted once."""
    if not cross_validate:
        return [Task((night,)) for night in nights]
    by_person: dict[str, list[Night]] = {}
    for night in nights:
        if night.scored:
            by_person.setdefault(night.about.person, []).append(night)
    others = {person: tuple(night.path for night in of_person) for person, of_person in by_person.items()}
    folds = [Task(tuple(of_person), person, others) for person, of_person in by_person.items()]
    return [*folds, *(Task((night,)) for night in nights if not night.scored)]


def measure_all(tasks: Sequence[Task], work: EvaluateWork, jobs: int) -> Iterator[list[Found]]:
    """What was found, task by task, in order; the same on any number of workers.

    A worker that dies is a `Failed` for every night not yet done. Stopped, it leaves no worker behind.
    """
    jobs = min(jobs, len(tasks))
    if jobs <= 1:
        for task in tasks:
            yield measure(task, work)
        return
    # Spawned, not forked: the same on every platform, and nothing inherited.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_start) as pool:
        futures = [pool.submit(measure, task, work) for task in tasks]
        try:
            for task, future in zip(tasks, futures, strict=True):
                yield _result(task, future)
        except BaseException:
            stop(pool)
            raise


def stop(pool: ProcessPoolExecutor) -> None:
    """Leave at once: without this the pool waits for nights that nobody will look at."""
    pool.shutdown(wait=False, cancel_futures=True)
    workers = multiprocessing.active_children()
    for worker in workers:
        worker.terminate()
    for worker in workers:
        worker.join()


def _start() -> None:
    """Ctrl-C reaches every process of a terminal; what it means is for the first of them to say."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _result(task: Task, future: Future[list[Found]]) -> list[Found]:
    try:
        return future.result()
    except BrokenProcessPool:
        why = "a worker ended without a word (too little memory?); try again with --jobs 1"
        return [Failed(night.about.path, f"{night.about.path}: {why}") for night in task.nights]
