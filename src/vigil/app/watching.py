"""One night of `vigil watch`, in the process that lives it: begun, or gone on with after an interruption.

The supervisor (`run/supervisor.py`) starts this process again if it ends before its night; then everything that was
kept is lived through once more, without acting, and the same night goes on.
"""

from __future__ import annotations

import asyncio
import signal
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from vigil.app.arming import Armed
from vigil.app.bed import Bed, Beds
from vigil.app.home import Shelf
from vigil.app.keepers import LiveKeeper
from vigil.app.kept_so_far import KeptSoFar, Lasting, newest_wall_ms, ran_with, spent_in
from vigil.app.live_view import Spectator
from vigil.app.night_figures import bar_nights
from vigil.app.night_outputs import Beside, RealOutputs
from vigil.app.night_signals import until_stopped
from vigil.app.telling import Telling, after_turn
from vigil.app.truth import Comparison
from vigil.domain.errors import StoreError
from vigil.domain.nudges import Ledger
from vigil.domain.records import Event, Input, Mark, Marked, NightBegan, NightEnded, NightOutput, Restarted
from vigil.domain.requests import Output
from vigil.domain.troubles import Trouble, TroubleKind
from vigil.night.night_watch import NightWatch
from vigil.night.report import NightReport
from vigil.run.axis import NightClock, ProvenWall, on_axis, proven_gap_ms, shift_after
from vigil.run.desk import Desk
from vigil.run.hands import Direct, Hands
from vigil.run.keeping import CarefulKeeper
from vigil.run.live import Around, resume_live, watch_live
from vigil.run.lost_signal import SignalLost
from vigil.run.noticing import Notice, Wishes, together
from vigil.run.ports import Clock
from vigil.run.replay import Outfit
from vigil.run.runner import NightRunner
from vigil.run.wall_time import synchronised, wall_sane
from vigil.store.asked import ASKED_NAME
from vigil.store.database import Database
from vigil.store.ledger import LedgerStore, Now


@dataclass(frozen=True, slots=True)
class Given:
    """What a night process is given.

    say: tells the person something before the night. beat: called after each turn. steady: the clock runs as life
    does. shelf: whose store it is. troubles: what the evening found, for the night. asked: to end, before it began.
    awake: whether the computer is kept awake.
    """

    beds: Beds
    database: Database
    clock: Clock
    armed: Armed
    spectator: Spectator
    say: Callable[[str], None]
    beat: Callable[[], None]
    steady: bool
    shelf: Shelf
    troubles: tuple[Trouble, ...] = ()
    real: RealOutputs | None = None
    asked: Sequence[int] = ()
    awake: Notice = lambda _at_ns: ()


@dataclass(frozen=True, slots=True)
class Watched:
    """A night that was watched. `whole` is False if it was stopped before its morning.

    format: of its source. truth: what really happened, where anybody knows. unkept: why its end could not be kept,
    nothing if it was.
    """

    began: NightBegan
    report: NightReport
    format: str
    truth: Comparison | None
    whole: bool = True
    unkept: str = ""


@dataclass(slots=True)
class _Seen:
    """The last instant that went by, for ending a night that is stopped; passes everything on to the spectator."""

    spectator: Spectator
    telling: Telling
    lost: SignalLost
    stopped: Callable[[], None]
    at_ns: int = field(default=0)

    def __call__(self, record: Input | NightOutput) -> None:
        self.at_ns = max(self.at_ns, record.at_ns)
        self.lost(record)
        self.telling(record)
        if isinstance(record, Marked) and record.mark is Mark.STOP:
            self.stopped()
        self.spectator(record)


def begin(given: Given, began: NightBegan, outfit: Outfit) -> Watched:
    """Watch a night from its beginning to its end, or to Ctrl-C; raises StoreError if it cannot be begun.

    began: without a ledger and without proof of the wall clock, which it is given here.
    """
    clock = given.clock
    newest_ms = newest_wall_ms(given.database)
    sane = wall_sane(clock.wall_ms(), newest_ms, synchronised())
    began = replace(began, wall_sane=sane, ledger=_spent(given, began.night, began.boot_id, sane=sane))
    bed = given.beds.begins(began, clock.boot_ns())
    wall = ProvenWall(clock, synchronised, newest_ms)
    night = _Night(given, (NightClock(clock), wall), bed, _keeper(given, bed, outfit), outfit, began)
    night.open()
    night.wishes.forget()
    return night.live(lambda: watch_live(night.runner, night.source, night.clock, night.around))


def go_on(given: Given, kept: KeptSoFar, boot_id: str) -> Watched:
    """Go on with a night that was interrupted; raises StoreError."""
    clock, last_ns, same = given.clock, kept.last_ns, boot_id == kept.boot_id
    then_ns = last_ns - kept.shift_ns
    gap_ms = proven_gap_ms(then_ns, kept.last_wall_ms, clock, same_boot=same, synchronised=synchronised())
    sane = gap_ms is not None
    shift_ns = shift_after(last_ns, clock.boot_ns(), same_boot=same, gap_ms=gap_ms, before_ns=kept.shift_ns)
    bed = given.beds.goes_on(kept, shift_ns)
    keeper = _keeper(given, bed, kept.outfit)
    keeper.resume(kept.row.key, kept.row.name)
    # A start that is not proven may be one after a step that nobody saw: no row of it may carry a wall clock.
    wall = ProvenWall(clock, synchronised, kept.last_wall_ms, doubtful=kept.stepped or not sane)
    times = NightClock(clock, shift_ns), wall
    night = _Night(given, times, bed, keeper, kept.outfit, kept.began)
    night.open()
    night.lasts(kept.lasting, proven=sane)
    night.runner.catch_up(kept.inputs, last_ns, night.telling.note)
    given.spectator(kept.began)
    restarted = _restarted(given, night.clock, kept, boot_id, sane=sane)
    return night.live(
        lambda: resume_live(night.runner, night.source, night.clock, restarted, kept.began.at_ns, night.around)
    )


def _keeper(given: Given, bed: Bed, outfit: Outfit) -> LiveKeeper:
    beside = {"bar_nights": bar_nights(outfit), "ran_with": ran_with(outfit)}
    return LiveKeeper(given.database, kind=bed.kind, source=bed.format, beside=beside)


def _restarted(given: Given, clock: NightClock, kept: KeptSoFar, boot_id: str, *, sane: bool) -> Restarted:
    """The restart as the night is told of it, with everything that is known to be spent."""
    ledger = on_axis(_spent(given, kept.row.name, boot_id, sane=sane), boot_id, clock.shift_ns)
    at_ns = clock.boot_ns()
    return Restarted(at_ns, boot_id, clock.wall_ms(), sane, ledger, since_ns=kept.last_ns, shift_ns=clock.shift_ns)


def _spent(given: Given, night: str, boot_id: str, *, sane: bool) -> Ledger:
    """What counts against this night's caps, on the boot clock."""
    now = Now(boot_id, given.clock.boot_ns(), given.clock.wall_ms() if sane else None)
    store = LedgerStore(given.database)
    with suppress(StoreError):  # then they count as now once more
        store.date(now)
    return spent_in(given.shelf, store.recent(now=now), night)


class _Night:
    """The parts of one running night, put together the same way whether it begins or goes on."""

    def __init__(
        self,
        given: Given,
        times: tuple[NightClock, ProvenWall],
        bed: Bed,
        keeper: LiveKeeper,
        outfit: Outfit,
        began: NightBegan,
    ) -> None:
        self._given, self._bed, self._keeper, self._began = given, bed, keeper, began
        clock, wall = times
        self.clock = clock
        self.source = bed.source
        armed = given.armed
        careful = self._careful = CarefulKeeper(keeper, armed.ballast.release, keeper.mend)
        nudgers = bed.outputs(outfit.settings.usable_outputs)
        self._hands: Hands = Direct(nudgers)
        if given.steady:
            self._hands = Desk(nudgers, clock.boot_ns, armed.stop.stands)
        folder = given.database.path.parent
        self.telling, self.wishes = Telling(folder, bed.source, nudgers), Wishes(folder / ASKED_NAME)
        self._seen = _Seen(given.spectator, self.telling, SignalLost(self._tell_somebody), self._keep_stop)
        self.runner = NightRunner(
            NightWatch(outfit.parameters, outfit.settings, outfit.profile),
            careful,
            self._hands,
            self._seen,
            wall.wall_ms,
            clock.shift_ns,
        )
        self._found: deque[Event] = deque(given.troubles)  # the desk's thread finds things too
        house = (armed.stop.notices, careful.notices, armed.house.notices, wall.notices, given.awake)
        notices = together(*house, self.wishes.notices, self._first)
        self.around = Around(notices, after_turn(self.telling.turn, given.beat), given.steady)

    def _keep_stop(self) -> None:
        """The sleeper's own mark on the wearable lasts as any other stop does."""
        with suppress(StoreError):  # then it holds for as long as this process runs
            self._given.armed.stop.press_for_the_night()

    def _tell_somebody(self) -> None:
        """The signal is lost for long: whoever was chosen is told, never the sleeper."""
        real = self._given.real
        if real is not None and real.tell is not None and isinstance(self._hands, Desk):
            self._hands.also(partial(self._telling, real.tell))

    async def _telling(self, tell: Beside) -> None:
        try:
            await tell()
        except Exception:  # whatever it was, nobody was told; its words may hold an address
            self._found.append(Trouble(0, TroubleKind.NOT_TOLD))

    def _first(self, at_ns: int) -> Sequence[Event]:
        """What was found beside the turns: outputs that did not answer, a damaged store, nobody who could be told."""
        return [replace(self._found.popleft(), at_ns=at_ns) for _ in range(len(self._found))]

    def open(self) -> None:
        """Before anything else: a stop is heard; every output is stopped, whatever was left on, and asked for."""
        signal.signal(signal.SIGUSR1, self._press)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR1})
        if isinstance(hands := self._hands, Desk):
            hands.open()
            for doing in () if self._given.real is None else self._given.real.beside:
                hands.also(doing)
            self._ask_outputs(hands, self._bed.open(self._mark))

    def lasts(self, lasting: Lasting, *, proven: bool) -> None:
        """What the night was told before it was cut off, and not yet that it is over; it is told so if it is."""
        self._given.armed.stop.told(held=lasting.held, proven=proven)
        self._given.armed.house.lasting |= lasting.troubles
        self._careful.told(lasting.troubles)

    def live(self, turns: Callable[[], Coroutine[Any, Any, object]]) -> Watched:
        """Live the night's turns to their end; every output is stopped after them."""
        try:
            with self._given.spectator:
                whole = asyncio.run(until_stopped(turns, self._given.asked))
            if not whole:
                self._end_now()
        finally:
            if isinstance(self._hands, Desk):
                self._hands.close()
            self._bed.close()
        report, unkept = self.runner.report(), ""
        try:
            self._careful.at_last(lambda: self._keeper.finish(report, self._bed.facts(report)))
        except StoreError as error:
            unkept = str(error)
        return Watched(self._began, report, self._bed.format, self._bed.truth(report), whole, unkept)

    def _end_now(self) -> None:
        """The night is ended where it stands, with whatever the outputs have said until now."""
        now_ns = max(self._seen.at_ns, self.clock.boot_ns())
        if not self.runner.begun:  # the end was asked for before the first turn
            self.runner.deliver(replace(self._began, at_ns=now_ns))
        for answer in self.runner.heard(now_ns):
            self.runner.deliver(replace(answer, at_ns=max(answer.at_ns, self._seen.at_ns + 1)))
        self.runner.deliver(NightEnded(max(now_ns, self._seen.at_ns + 1)))

    def _ask_outputs(self, desk: Desk, looked_for: Sequence[Output]) -> None:
        """Which outputs are there; those that are not are said now, and kept for the morning.

        One that is still looked for is not asked: its first failure would count for the whole night.
        """
        probed = [one for one in desk.probe() if one.output not in looked_for]
        missing = [one for one in probed if not one.ok]
        for one in missing:
            self._given.say(f"{one.output.value.capitalize()}: {one.why}.")
        if len(missing) == len(probed) and not looked_for:
            self._given.say("No output answers: tonight Vigil can watch, but not nudge.")
        self._found += missing

    def _mark(self, mark: Mark) -> None:
        """Something was pressed on the wearable: what goes on is ended at once; the night hears of it at its turn."""
        if mark is Mark.STOP:
            self._keep_stop()
        if mark in {Mark.STOP, Mark.AWAKE}:
            self._hands.quiet()

    def _press(self, _signal: int, _frame: object) -> None:
        """A stop that could not be written down: it holds for as long as this process runs."""
        self._given.armed.stop.press_here()
        self._hands.quiet()
