"""One person's nights: each lived on the house's computer with its faults, judged in the morning, and cleared away."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from tests.campaigns.year_acts import wrong_with_acts
from tests.campaigns.year_band import Band
from tests.campaigns.year_checks import wrong_with_drill, wrong_with_return, wrong_with_words
from tests.campaigns.year_faults import Fault, Planned, planned
from tests.campaigns.year_happens import Happening
from tests.campaigns.year_house import Evening, House
from tests.campaigns.year_log import Act, Happened, NightLog
from tests.campaigns.year_morning import CLOCK, LASTING, expected_of, wrong_with_account
from tests.campaigns.year_truth import truth_of
from tests.campaigns.year_twin import differing, twin_of
from tests.campaigns.year_world import S, World
from vigil.app.arming import SAFE, safe_settings
from vigil.app.home import Shelf
from vigil.app.stored_night import StoredNight, read
from vigil.app.wiring import OpenShelf, packaged_parameters
from vigil.domain.errors import StoreError
from vigil.domain.requests import Output
from vigil.domain.settings import CapSettings, Profile, Room, Settings
from vigil.night.account_events import AccountKind
from vigil.recordings.synthetic.episodes import EpisodeSize
from vigil.recordings.synthetic.people import person
from vigil.recordings.synthetic.plans import Recipe, cook
from vigil.recordings.synthetic.sensor import WRIST_5S
from vigil.recordings.synthetic.sleeper import SimulatedSleeper
from vigil.run.replay import Outfit
from vigil.store.backup import backup, backups
from vigil.store.database import Database
from vigil.store.night_reader import NightReader
from vigil.store.nights import Nights
from vigil.store.restore import restore

DAY_NS = 24 * 3600 * S
BEDTIME_NS = 22 * 3600 * S
NUMB = 9.0
"""A threshold at which no nudge is felt: what the body does is then the same whatever was done."""

_SHOWN = frozenset(
    {Fault.KILL_BEFORE_ACT, Fault.KILL_AFTER_ACT, Fault.OUTPUT_STUCK, Fault.OUTPUT_CHANGED}
    | {Fault.OUTPUT_FAILING, Fault.OUTPUT_MISSING}
)
_FOR_ALL_NIGHT = frozenset({Fault.OUTPUT_MISSING, Fault.SETTINGS, Fault.STOP, Fault.DAMAGED})
"""What changes everything after it."""

MOST_PARTED = 0.01
"""A belief about the stage, which remembers the whole night, may shift a suspicion by a step; a leak would last."""

MOST_OFF_S = 5
"""A step, for each time the computer slept: Vigil knows the ends of a sleep to a second, and a step may lie there."""

DRILL_EVERY = 20
RETURN_EVERY = 5


@dataclass(slots=True)
class Lived:
    """A night of the campaign. happened: the faults that took effect. wrong: every rule that did not hold."""

    number: int
    logs: list[NightLog]
    happened: list[Happened]
    wrong: list[str] = field(default_factory=list)
    off_s: int = 0
    acts: int = 0
    twinned: int = 0
    parted: int = 0


@dataclass(slots=True)
class PersonYear:
    """Nights of one person in one folder, one after the other. seed: of the campaign."""

    folder: Path
    seed: int
    world: World = field(default_factory=World)
    acts: list[Act] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)
    gaps: set[str] = field(default_factory=set)
    logs: dict[str, NightLog] = field(default_factory=dict)

    def live(self, number: int, faults: tuple[Planned, ...] | None = None, hours: float = 8.0) -> Lived:
        """One night and its morning."""
        world, chance = self.world, Random(f"night {self.seed} {number}")
        world.forget_night()
        world.pass_until(number * DAY_NS + BEDTIME_NS)
        world.boots += 1
        world.boot_zero_ns, world.asleep_ns = world.true_ns - chance.randrange(60, 90_000) * S, 0
        faults = planned(self.seed, number) if faults is None else faults
        settings = self._settings(number, faults)
        outfit = Outfit(packaged_parameters(), settings, Profile(threshold_factor=0.5))
        band = Band(world, sleeper_of(self.seed, number, hours), world.true_ns, faults, folds=number % 4 != 0)
        evening = Evening(band, outfit, world.true_ns, round(hours * 3600) * S)
        house = House(self.folder, world, evening, self.logs)
        happening = Happening(house, chance)
        happening.plan(faults)
        lived = Lived(number, house.tonight, happening.happened)
        self._live(house, lived)
        if number % 6 == 0:
            self._compare_twin(house, happening, lived)
        self._look_back(house, happening, settings, lived)
        self._clear_away(house, number, lived)
        return lived

    def _settings(self, number: int, faults: tuple[Planned, ...]) -> Settings:
        """As the person chose; those that cannot be relied on are replaced by safe ones, which is said."""
        if any(fault.kind is Fault.SETTINGS for fault in faults):
            path = self.folder / "settings.toml"
            path.write_text("[caps]\ngap = 0\n", "utf-8")
            found, words = safe_settings(path)
            path.unlink()
            assert found == SAFE, "settings that cannot be relied on were used"
            assert len(words) == 1, "nothing was said of settings that cannot be relied on"
            return found
        caps = CapSettings() if number % 3 == 0 else CapSettings(4, 6, 12, 60)
        return Settings(outputs=tuple(Output), room=Room.ALONE, threshold_factor=0.5, caps=caps)

    def _live(self, house: House, lived: Lived) -> None:
        try:
            house.live_the_night()
        except Exception as error:
            lived.wrong.append(f"unhandled: {type(error).__name__}: {error}")

    def _compare_twin(self, house: House, happening: Happening, lived: Lived) -> None:
        """Only a night of few faults has much to compare, and only one that was lived as one."""
        (log, *others), evening = house.tonight, house.evening
        if others or log.began is None or any(one.kind in _FOR_ALL_NIGHT for one in happening.happened):
            return
        self._note_effects(house, happening)
        sleeper = sleeper_of(self.seed, lived.number, evening.length_ns / S / 3600)
        twin = twin_of(log.began, sleeper, evening.outfit, evening.length_ns, folds=evening.band.folds)
        wrong, lived.twinned = differing(log, twin, happening.happened)
        lived.parted = len(wrong)
        if len(wrong) > MOST_PARTED * lived.twinned:
            lived.wrong += [f"twin: {len(wrong)} of {lived.twinned} differ: {line}" for line in wrong[:3]]

    # The morning.

    def _look_back(self, house: House, happening: Happening, settings: Settings, lived: Lived) -> None:
        world, happened = self.world, happening.happened
        lived.wrong += happening.wrong
        if not any(one.kind in _SHOWN for one in happened):
            self._note_effects(house, happening)
        with Database.open(house.database) as database:
            for quarantined in house.quarantined:
                self._take_back(database, quarantined, lived)
            for log in house.tonight:
                log.slept_true = [each for each in world.slept if _within(log, each)]
                log.refused = [true_ns for how, true_ns, _ in world.effects if how not in {"before", "after"}]
                log.refused = [true_ns for true_ns in log.refused if _within(log, (true_ns, true_ns))]
                lived.wrong += log.wrong
                lived.wrong += wrong_with_acts(log, self.acts, settings, happened, happening.holds)
                self.acts += log.acts
                lived.acts += len(log.acts)
                if log.lives and log.lives[-1].how == "ended":
                    self._judge(house, database, log, happening, lived)
        self.acts = [act for act in self.acts if world.true_ns - act.true_ns < 2 * DAY_NS]

    def _note_effects(self, house: House, happening: Happening) -> None:
        """Faults of outputs and kills at an act took effect where somebody ran into them."""
        kinds = {
            "before": Fault.KILL_BEFORE_ACT,
            "after": Fault.KILL_AFTER_ACT,
            "it stays on": Fault.OUTPUT_STUCK,
            "it is another one now": Fault.OUTPUT_CHANGED,
            "it gave up": Fault.OUTPUT_FAILING,
            "it is not there": Fault.OUTPUT_MISSING,
        }
        for how, true_ns, _ in house.world.effects:
            happening.happened.append(Happened(kinds[how], true_ns, None))
        unready = {name for log in house.tonight for life in log.lives for name in life.unready}
        happening.happened += [Happened(Fault.OUTPUT_MISSING, house.evening.lights_ns, None) for _ in unready]

    def _judge(self, house: House, database: Database, log: NightLog, happening: Happening, lived: Lived) -> None:
        shelf, happened = OpenShelf(Shelf.OWN, database), happening.happened
        row = next(row for row in Nights(database).nights() if row.name == log.name)
        night = read(shelf, row)
        stored = sum(1 for _ in NightReader(database).inputs(row.key))
        if stored != log.added:
            lived.wrong.append(f"{log.name}: {log.added} inputs were kept, {stored} are in the store")
        self.digests[log.name] = row.outputs_digest
        if not log.failing and row.key % RETURN_EVERY == 0:
            lived.wrong += wrong_with_return(database, row, house.evening.outfit)
        truth = truth_of(log, _warm(log, happened))
        off_s = abs(truth.watched_s - night.account.watched_s)
        lived.off_s = max(lived.off_s, off_s)
        if off_s > MOST_OFF_S * max(1, len(log.slept)):
            lived.wrong.append(
                f"{log.name}: watched {night.account.watched_s} s (blind {night.account.blind_s}), "
                f"truly {truth.watched_s} s ({truth.blind_s})"
            )
        mine = [one for one in happened if _within(log, (one.from_ns, one.from_ns)) or _reaches(log, one)]
        expected = expected_of(log, truth, mine, happening.holds)
        wrong = wrong_with_account(night.account, expected, self._causes(log, night, lived.logs))
        lived.wrong += [f"{log.name}: {line}" for line in wrong]
        lived.wrong += [f"{log.name}: {line}" for line in wrong_with_words(night)]

    def _causes(self, log: NightLog, night: StoredNight, tonight: list[NightLog]) -> set[AccountKind]:
        spent = self.acts or log.acts or _spent(night) or any(life.undated for each in tonight for life in each.lives)
        causes = {AccountKind.LIMIT_REACHED} if spent else set()
        if log.refused or any(life.unready for life in log.lives):
            causes.add(AccountKind.NO_OUTPUT)
        if any(life.damaged for each in self.logs.values() for life in each.lives):
            causes.add(AccountKind.LEDGER_UNREADABLE)
        return causes

    def _take_back(self, database: Database, quarantined: Path, lived: Lived) -> None:
        """What the last backup and the damaged file still hold comes back, and the person accepts what is lost.

        Every night that the backup has must be there again; of tonight, and of what the damage took, gaps may stay.
        """
        made = backups(self.folder / "backups")[-1:]
        for source in made:
            restore(database, source)
        back = {row.name for row in Nights(database).nights()}
        lost = sorted(name for name in self.digests if name not in back)
        lived.wrong += [f"the backup did not bring back {lost}"] if lost else []
        with suppress(StoreError):  # a file that is damaged at its head gives nothing back
            restore(database, quarantined / "vigil.db")
        database.accept_loss()
        self.gaps = set(database.check())

    def _clear_away(self, house: House, number: int, lived: Lived) -> None:
        """The stop is over by day; the store is whole; there is a backup, and now and then it is tried."""
        (self.folder / "hold").unlink(missing_ok=True)
        with Database.open(house.database) as database:
            lived.wrong += [f"store: {line}" for line in database.check() if line not in self.gaps]
            kept = {row.name: row.outputs_digest for row in Nights(database).nights()}
            lost = [name for name, digest in self.digests.items() if kept.get(name) != digest]
            lived.wrong += [f"nights that ended are no longer there: {lost}"] if lost else []
            made = backup(database, self.folder / "backups", keep=2)
            if number % DRILL_EVERY == 0:
                lived.wrong += wrong_with_drill(database, made, self.folder / "drill", self.gaps)
        shutil.rmtree(self.folder / "damaged", ignore_errors=True)
        for name in list(self.logs)[:-8]:
            self.logs[name] = NightLog(name, 0, 0, armed=False)


def _within(log: NightLog, span: tuple[int, int]) -> bool:
    """Whether something happened while this was the night that was kept."""
    if not log.lives:
        return False
    first, last = log.lives[0], log.lives[-1]
    return first.from_ns + first.shift_ns <= span[0] <= last.last_ns + last.shift_ns + S


def _reaches(log: NightLog, one: Happened) -> bool:
    """Whether a fault of the house that began before this night lasted into it."""
    began_ns = log.began_ns + log.lives[0].shift_ns
    return one.kind in LASTING and one.from_ns < began_ns <= (one.to_ns or began_ns)


def _warm(log: NightLog, happened: list[Happened]) -> list[int]:
    """When the night heard of sleeps and clock steps."""
    steps = [one.from_ns for one in happened if one.kind in CLOCK and abs(one.number) >= 2_000]
    lives = [(true_ns, log.life_truly_at(true_ns)) for true_ns in steps]
    heard = [
        true_ns - life.shift_ns
        for true_ns, life in lives
        if life is not None and true_ns + S <= life.last_ns + life.shift_ns
    ]
    sleeps = [to_ns for from_ns, to_ns in log.slept if to_ns - from_ns >= 2 * S]
    return [*heard, *sleeps]


def _spent(night: StoredNight) -> bool:
    return bool(night.report.nudges)


def sleeper_of(seed: int, number: int, hours: float) -> SimulatedSleeper:
    """Somebody with many nightmares; every second night they feel no nudge."""
    chance = Random(f"body {seed} {number}")
    own = chance.randrange(1 << 30)
    who = replace(person(own), nudge_threshold=NUMB) if number % 2 == 0 else person(own)
    sizes = tuple(chance.choice((EpisodeSize.STRONG, EpisodeSize.STRONG, EpisodeSize.MODERATE)) for _ in range(5))
    plan = cook("year", Recipe(sizes), own, who, hours)
    sensor = replace(WRIST_5S, shaken=number % 2 == 1)
    return SimulatedSleeper(own, person=who, plan=plan, sensor=sensor)
