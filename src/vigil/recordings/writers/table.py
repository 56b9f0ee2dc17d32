"""A night as one CSV table, a row an epoch, for a spreadsheet. Safe to open: no cell can be run as a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from vigil.domain.nudges import Action, Decision
from vigil.domain.records import EpochScored, NightOutput
from vigil.recordings.writers.cells import number_cell, text_cell
from vigil.recordings.writers.decimals import decimal
from vigil.recordings.writers.whole import whole_file

HEADER = (
    *("night", "t_s", "stage", "p_wake", "p_light", "p_deep", "p_rem"),
    *("heart_bpm", "movement_g", "watched_s", "state", "action", "reasons"),
)


def write_csv(path: Path, outputs: Iterable[NightOutput], *, began_ns: int = 0, night: str = "") -> None:
    """Write the table `path`, whole or not at all, from outputs in their order.

    t_s: end of the epoch, in seconds from `began_ns` (lights-out). state and reasons: of the last decision up to
    then, or of the epoch's nudge if there was one; reasons are their codes, `domain/nudges.py`. action: "nudge" if
    one was decided in the epoch. heart, movement and probabilities are empty where not known. Raises InputError if
    `path` exists or cannot be written.
    """
    with whole_file(path) as unfinished, unfinished.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(HEADER)
        for epoch, decision in epochs_with_decisions(outputs):
            writer.writerow((text_cell(night), *_row(epoch, decision, began_ns)))


@dataclass(slots=True)
class _Waiting:
    """The epoch whose row is not complete yet, and decisions since the one before it."""

    epoch: EpochScored | None = None
    decisions: list[Decision] = field(default_factory=list)
    last: Decision | None = None

    def close(self) -> tuple[EpochScored, Decision | None] | None:
        """The epoch with the decision that stands for it; what was decided after it stays for the next."""
        if self.epoch is None:
            return None
        own = [d for d in self.decisions if d.at_ns <= self.epoch.at_ns]
        nudges = [d for d in own if d.action is Action.NUDGE]
        stands = (nudges or own)[-1] if own else self.last
        row = (self.epoch, stands)
        self.last = own[-1] if own else self.last
        self.decisions = self.decisions[len(own) :]
        self.epoch = None
        return row


def epochs_with_decisions(outputs: Iterable[NightOutput]) -> Iterator[tuple[EpochScored, Decision | None]]:
    """Each epoch with its nudge, else with the last decision made up to its end (which may follow it in `outputs`)."""
    waiting = _Waiting()
    for output in outputs:
        if waiting.epoch is not None and output.at_ns > waiting.epoch.at_ns and (row := waiting.close()) is not None:
            yield row
        if isinstance(output, EpochScored):
            if (row := waiting.close()) is not None:
                yield row
            waiting.epoch = output
        elif isinstance(output, Decision):
            waiting.decisions.append(output)
    if (row := waiting.close()) is not None:
        yield row


def _row(epoch: EpochScored, decision: Decision | None, began_ns: int) -> tuple[str, ...]:
    p = ("", "", "", "") if epoch.p is None else tuple(number_cell(value, 4) for value in epoch.p.as_tuple())
    codes = () if decision is None else decision.reasons
    return (
        decimal(epoch.at_ns - began_ns, 9),
        epoch.stage.value,
        *p,
        number_cell(epoch.heart_bpm, 1),
        number_cell(epoch.movement_g, 3),
        str(epoch.watched_s),
        "" if decision is None else decision.state.value,
        "" if decision is None else decision.action.value,
        text_cell("; ".join(reason.code.value for reason in codes)),
    )
