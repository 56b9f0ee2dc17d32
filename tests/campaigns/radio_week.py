"""Nights of one simulated person over a virtual radio, with faults of strap and watch, all kept in one database.

    python -m tests.campaigns.radio_week --nights 7 --seed 1 --json FILE [--hours 8]

Bleak's public classes, codecs, supervisors, engine, guard, desk and store are real; body, air and passing time are not.
Asked of every night: no exception; the limits, by what the watch's motor gave; a ledger row before each train; the
morning's account against the script of faults; recording back in time; the night read back from the store the same.
"""

from __future__ import annotations

import argparse
import logging
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

from tests.campaigns.figures import write
from tests.campaigns.radio_week_checks import SURE_S, back_s, wrong_with
from tests.campaigns.radio_week_faults import BREAKING, HINDERING, SILENCING, Dealt, S, Worn, pack, place
from tests.campaigns.radio_week_kept import Heard, Left, Train, WitnessedMotor, trains_of
from tests.campaigns.year_checks import wrong_with_return, wrong_with_words
from vigil.app.home import Shelf
from vigil.app.live_view import NoView
from vigil.app.radio_night import OnBody, live_by_radio
from vigil.app.simulated_night import INVENTED_WALL_MS, Script, lights_out
from vigil.app.stored_night import read
from vigil.app.wiring import OpenShelf, population_outfit
from vigil.devices.virtual.faults import FaultKind
from vigil.domain.settings import CapSettings, Settings
from vigil.domain.units import NS_PER_MS
from vigil.recordings.synthetic.episodes import EpisodeSize
from vigil.recordings.synthetic.people import Person
from vigil.recordings.synthetic.plans import Recipe, cook
from vigil.recordings.synthetic.sensor import CHEST_STRAP
from vigil.recordings.synthetic.sleeper import SimulatedSleeper
from vigil.run.replay import Outfit
from vigil.store.database import Database
from vigil.store.ledger import LedgerStore, Now
from vigil.store.night_reader import NightReader
from vigil.store.nights import NightRow, Nights

DAY_MS = 24 * 3600 * 1000

WHO = Person(nudge_threshold=9.0)
"""Feels no nudge, so that nightmares go on and the ladder is climbed."""

NIGHT = Recipe((EpisodeSize.STRONG,) * 6)

WIDEST = Settings(top_level=4, threshold_factor=0.5, caps=CapSettings(4, 6, 12, 60))
"""Every cap at its ceiling, and the least evidence: as much is given as ever can be."""

FEWEST, MOST = 6, 12
"""Faults of a night."""

FIRST_S = 600
"""No fault before: the night has to begin first."""


class Spoken(logging.Handler):
    """What asyncio or bumble complained of: an exception that nobody handled."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """See `logging.Handler`."""
        self.said.append(f"{record.name}: {record.getMessage()[:200]}")


@dataclass(frozen=True, slots=True)
class Figures:
    """What the nights came to. Seconds of return: from when a wearable is there to the first that is kept of it.

    hindered: after wearables that were there and would not be talked to. pulses_refused: by the watch's own limits.
    """

    seed: int
    nights: int
    hours: float
    faults: int
    faults_by_kind: dict[str, int]
    trains: int
    pulses: int
    pulses_refused: int
    most_trains_an_hour: int
    most_trains_a_night: int
    vibrated_s_most: float
    told: dict[str, int]
    returns: int
    return_s_median_p95_most: tuple[float, float, float]
    returns_hindered: int
    return_s_hindered_median_p95_most: tuple[float, float, float]
    violations: int
    examples: tuple[str, ...]
    cpu_seconds_a_night: float


@dataclass(slots=True)
class RadioWeek:
    """One person's database, night after night."""

    folder: Path
    seed: int
    hours: float
    left: list[Left] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    refused: int = 0
    given: list[tuple[int, Train]] = field(default_factory=list)

    def live(self, database: Database, number: int, dealt: Sequence[Dealt]) -> None:
        """One night, and everything that is asked of it."""
        outfit = replace(population_outfit(), settings=WIDEST)
        script = Script(self.seed * 1000 + number, hours=self.hours, by_radio=True)
        wall_ms, boot_id = INVENTED_WALL_MS + number * DAY_MS, f"radio-week-{number}"
        name, spent = f"radio-night-{number + 1}", LedgerStore(database).recent(now=Now(boot_id, 0, wall_ms))
        began = lights_out(script, outfit, wall_ms=wall_ms, zone_min=0, name=name)
        began = replace(began, boot_id=boot_id, wall_sane=True, ledger=spent)
        plan = cook("nightmares", NIGHT, script.seed, WHO, self.hours)
        sleeper = SimulatedSleeper(script.seed, person=WHO, plan=plan, sensor=CHEST_STRAP)
        motor, spoken = WitnessedMotor(self.folder / "vigil.db"), Spoken()
        faults = {worn: [fault for one in dealt if one.worn is worn for fault in one.faults] for worn in Worn}

        def look_on(worn: OnBody) -> None:
            worn.watch.motor = motor

        logging.getLogger().addHandler(spoken)
        try:
            live_by_radio(
                script,
                began,
                outfit,
                database,
                NoView(),
                strap_faults=faults[Worn.STRAP],
                watch_faults=faults[Worn.WATCH],
                sleeper=sleeper,
                looking_on=look_on,
            )
        except Exception as error:
            self.wrong.append(f"{name}: {type(error).__name__}: {error}")
            return
        finally:
            logging.getLogger().removeHandler(spoken)
        self.wrong += [f"{name}: {line}" for line in spoken.said]
        self.refused += len(motor.refused)
        self._judge(database, outfit, number, tuple(dealt), motor)

    def _judge(
        self, database: Database, outfit: Outfit, number: int, dealt: tuple[Dealt, ...], motor: WitnessedMotor
    ) -> None:
        row = next(one for one in Nights(database).nights() if one.name == f"radio-night-{number + 1}")
        night = self._left(database, row, dealt, trains_of(motor.given, motor.rows), number)
        self.wrong += wrong_with(night, self.given, WIDEST.caps)
        self.wrong += wrong_with_return(database, row, outfit)
        self.wrong += wrong_with_words(read(OpenShelf(Shelf.DEMO, database), row))
        self.given += [(night.night_ns + train.at_ns - night.zero_ns, train) for train in night.trains]
        self.left.append(night)

    def _left(
        self, database: Database, row: NightRow, dealt: tuple[Dealt, ...], trains: Sequence[Train], number: int
    ) -> Left:
        ledger = LedgerStore(database)
        stored = read(OpenShelf(Shelf.DEMO, database), row)
        return Left(
            name=row.name,
            night_ns=number * DAY_MS * NS_PER_MS,
            zero_ns=row.began_ns,
            end_ns=row.began_ns + (row.duration_s or 0) * S,
            dealt=dealt,
            trains=tuple(trains),
            rows=tuple(one.row for one in ledger.outcomes(row.name)),
            rows_before=sum(len(ledger.outcomes(one.name)) for one in self.left),
            heard=Heard.of(NightReader(database).inputs(row.key)),
            account=stored.account,
            epochs=stored.report.epochs,
        )


def dealt_nights(seed: int, nights: int, hours: float) -> list[list[Dealt]]:
    """Every night's faults, from one pack."""
    cards, chance, found = pack(seed), Random(seed + 1), []
    span_s = FIRST_S, round(hours * 3600) - 60
    for _ in range(nights):
        hand = [next(cards) for _ in range(chance.randint(FEWEST, MOST))]
        kinds = {worn: [kind for on, kind in hand if on is worn] for worn in Worn}
        found.append([one for worn in Worn for one in place(worn, kinds[worn], span_s, chance)])
    return found


def live_nights(dealt: Sequence[Sequence[Dealt]], seed: int, hours: float, *, progress: bool = False) -> RadioWeek:
    """Nights with these faults, in one database of their own."""
    folder = Path(tempfile.mkdtemp(prefix="vigil-radio-"))
    week = RadioWeek(folder, seed, hours)
    try:
        with Database.open(folder / "vigil.db") as database:
            for number, night in enumerate(dealt):
                before = len(week.wrong)
                week.live(database, number, night)
                if progress:
                    lines = (f"night {number + 1}: {len(night)} faults", *week.wrong[before:])
                    sys.stdout.write("\n  ".join(lines) + "\n")
                    sys.stdout.flush()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return week


def run(nights: int = 7, seed: int = 1, hours: float = 8.0, *, progress: bool = False) -> Figures:
    """Live the nights and judge them."""
    started_s = time.process_time()
    week = live_nights(dealt_nights(seed, nights, hours), seed, hours, progress=progress)
    return figures_of(week, (time.process_time() - started_s) / max(1, nights))


def figures_of(week: RadioWeek, cpu_s: float) -> Figures:
    """What there is to say of nights that were lived."""
    dealt = [one for night in week.left for one in night.dealt]
    kinds = Counter(one.name for one in dealt)
    spans = {
        name: _returns(week, kinds_) for name, kinds_ in (("plain", BREAKING - HINDERING), ("hindered", HINDERING))
    }
    spans["plain"] += _returns(week, SILENCING)
    given = [at_ns for at_ns, _ in week.given]
    pulses = [[p.duration_ms for train in night.trains for p in train.pulses] for night in week.left]
    return Figures(
        seed=week.seed,
        nights=len(week.left),
        hours=week.hours,
        faults=len(dealt),
        faults_by_kind={
            f"{worn.value}, {kind.name}": kinds[f"{worn.value}, {kind.name}"] for worn in Worn for kind in FaultKind
        },
        trains=len(given),
        pulses=sum(map(len, pulses)),
        pulses_refused=week.refused,
        most_trains_an_hour=max((sum(0 <= b - a < 3600 * S for b in given) for a in given), default=0),
        most_trains_a_night=max((len(night.trains) for night in week.left), default=0),
        vibrated_s_most=max((sum(night) / 1000 for night in pulses), default=0.0),
        told=dict(sorted(Counter(e.kind.value for night in week.left for e in night.account.events).items())),
        returns=len(spans["plain"]),
        return_s_median_p95_most=_spread(spans["plain"]),
        returns_hindered=len(spans["hindered"]),
        return_s_hindered_median_p95_most=_spread(spans["hindered"]),
        violations=len(week.wrong),
        examples=tuple(week.wrong[:50]),
        cpu_seconds_a_night=round(cpu_s, 1),
    )


def _returns(week: RadioWeek, kinds: frozenset[FaultKind]) -> list[float]:
    found = [
        back_s(night, one)
        for night in week.left
        for one in night.dealt
        if one.kind in kinds and (one.kind not in SILENCING or one.length_s >= SURE_S)
    ]
    return [taken_s for taken_s in found if taken_s is not None]


def _spread(values: Sequence[float]) -> tuple[float, float, float]:
    """Median, 95th percentile and most."""
    if not values:
        return 0.0, 0.0, 0.0
    ordered = [round(value, 1) for value in sorted(values)]
    return ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))], ordered[-1]


def main() -> None:
    """`--nights N --seed N --hours H --json FILE`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, required=True, metavar="FILE")
    parser.add_argument("--nights", type=int, default=7)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hours", type=float, default=8.0)
    parser.add_argument("--progress", action="store_true", help="a line a night")
    given: dict[str, Any] = vars(parser.parse_args())
    write(given.pop("json"), "radio_week", run(**given))


if __name__ == "__main__":
    main()
