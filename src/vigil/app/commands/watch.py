"""vigil watch."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from functools import partial
from typing import Annotated

import typer
from rich.console import Console

from vigil.app import terminal
from vigil.app.arming import arm, safe_settings
from vigil.app.bedtime import bedtime_words, down_was_said, lost_words, troubles_found
from vigil.app.clock_words import NightClock
from vigil.app.command_line import JsonTo, single
from vigil.app.evening_start import NOT_NOW, begins_now, minutes
from vigil.app.home import Home
from vigil.app.journal_room import back_up_journal
from vigil.app.kept_so_far import KeptSoFar, elapsed_s, interrupted, kept_so_far
from vigil.app.live_view import viewer
from vigil.app.morning_json import plan_json
from vigil.app.night_child import run_supervised
from vigil.app.night_signals import beats_to, ends_in_order, presses_wait, without_terminal
from vigil.app.page_child import page_beside, until_the_morning_is_said
from vigil.app.real_outputs import left_before, outputs_lock, outputs_off, own_outputs
from vigil.app.said import tell, tell_truth, told
from vigil.app.said_first import SaidFirst
from vigil.app.simulated_night import HOURS, Script
from vigil.app.standing import as_said
from vigil.app.stored_night import read
from vigil.app.tonight import Tonight, kept_nights, sleeper_of
from vigil.app.unlocking import ask_nobody
from vigil.app.watch_order import LONGEST_HOURS, SYNTHETIC, WEARABLE, Order, beds_of, lights_out_of
from vigil.app.watching import Given, Watched, begin, go_on
from vigil.app.wearable_bed import paired_sensor
from vigil.app.wiring import OpenShelf, backup_folder, packaged_parameters, watching
from vigil.domain.errors import StoreError
from vigil.domain.settings import Settings
from vigil.domain.units import NS_PER_MS
from vigil.night.account_events import Account
from vigil.night.as_json import account_json, night_json, nights_json
from vigil.night.report import NightFigures, NightsReport
from vigil.run.boot_id import boot_id
from vigil.run.inhibitor import Inhibitor, StaysAwake
from vigil.run.ports import Clock, WallClock, boot_now_ns
from vigil.store import cipher
from vigil.store.backup import backup as make_backup
from vigil.store.nights import NightRow, Nights

app = single()

GOES_ON_S = 30.0
"""So long a night that goes on waits for its store: a page may have it, for an answer or an erasing. Our choice."""


@app.command("watch", epilog="Example: vigil watch")
def watch(  # noqa: PLR0913, PLR0917 — the options of a command
    source: Annotated[
        str, typer.Option(help=f"Where heart rate and movement come from: {WEARABLE} (yours) or {SYNTHETIC}.")
    ] = WEARABLE,
    speed: Annotated[float, typer.Option(min=1, metavar="X", help="Times faster than life.")] = 1.0,
    seed: Annotated[int, typer.Option(min=0, help="Which simulated sleeper.")] = 2,
    plan: Annotated[str | None, typer.Option(metavar="NAME", help="A simulated night by name, as for demo.")] = None,
    hours: Annotated[
        float | None, typer.Option(min=0.01, max=14, help="Length of the night; your own: the most, 12 by itself.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No live view: only what came of it.")] = False,
    alone: Annotated[bool, typer.Option("--alone", help="Without a supervisor: nobody starts it again.")] = False,
    real_outputs: Annotated[
        bool, typer.Option("--real-outputs", help="Your own sound and light too, as they are set up.")
    ] = False,
    evening: Annotated[
        str | None,
        typer.Option(
            metavar="HH:MM", help="For a service: begin a night only in the six hours after this; else go on."
        ),
    ] = None,
    page: Annotated[bool | None, typer.Option("--page/--no-page", help="By itself only at a terminal.")] = None,
    beat_to: Annotated[int | None, typer.Option("--beat-to", hidden=True)] = None,
    origin_ns: Annotated[int | None, typer.Option("--origin", hidden=True)] = None,
    resume: Annotated[bool, typer.Option("--resume", hidden=True)] = False,
    json_to: JsonTo = None,
) -> None:
    """Watch a night as it happens, with your settings. Ctrl-C ends it, with its report.

    The first nights are only watched, and the next ones nudged at strong signs only; what is planned is said first.
    If the night process ends before its night, it is started again and goes on; a night that was interrupted not long
    ago, by a power cut say, is gone on with too. To stop nudging at once: vigil stop, from any terminal.
    Your own wearable is paired first, by day: vigil pair. A simulated night goes to the store of demonstrations, so
    that it never counts against your own limits; each simulated sleeper is got to know from its own nights.
    Its page is a program of its own. It stays open for the morning's answer, but not after Ctrl-C.
    """
    own = _is_own(source, real=real_outputs, fast=speed != 1)
    real_outputs = real_outputs or own
    evening_min = None if evening is None else minutes(evening)
    length = (LONGEST_HOURS if own else HOURS) if hours is None else hours
    script, options = None if own else Script(seed, plan, length), (beat_to, resume, real_outputs, evening_min)
    if beat_to is not None:
        ask_nobody()
    if alone or beat_to is not None:
        with without_terminal(), ExitStack() as held:
            if real_outputs and beat_to is None:  # else its supervisor has them, and it holds the lock as well
                held.enter_context(outputs_lock(Home.here()))
            _watch_alone(Order(script, length, speed, origin_ns, quiet, json_to, *options))
        return
    _watch_supervised(Order(script, length, speed, boot_now_ns(), quiet, json_to, *options), page)


def _is_own(source: str, *, real: bool, fast: bool) -> bool:
    """Whether the night is the person's own; raises for what does not go together, or where nothing is paired."""
    if source not in {SYNTHETIC, WEARABLE}:
        message = f"there is no source {source!r}; there are: {WEARABLE}, {SYNTHETIC}"
        raise typer.BadParameter(message)
    own = source == WEARABLE
    if fast and (real or own):
        message = "real outputs and a real night take their own time; leave out --speed"
        raise typer.BadParameter(message)
    if own:
        paired_sensor(Home.here())
    return own


def _watch_supervised(order: Order, page: bool | None) -> None:
    """A night process, seen to until its night is over, and the page beside it. Raises typer.Exit with its code."""
    home, asked = Home.here(), list[int]()
    locked = cipher.key_for(home.database(order.shelf)) is not None  # asked for here, while somebody sits there
    with ExitStack() as held:
        locks = [held.enter_context(outputs_lock(home)).descriptor] if order.real_outputs else []
        secret = cipher.known() if locked else None
        opens = sys.stdout.isatty() if page is None else page
        beside = page_beside(order.shelf, secret, _voice) if opens else None
        if beside is not None:
            held.callback(beside.close)
        code = run_supervised(
            lambda again: [*order.words, *(["--resume"] if again else [])],
            home.shelf(order.shelf),
            outputs_off=(lambda: outputs_off(home)) if order.real_outputs else list,  # a simulated one ends by itself
            say=_voice,
            keeps=locks,
            secret=secret,
            asked=asked,
        )
        if beside is not None and code == 0 and not asked:
            until_the_morning_is_said(beside, _voice)
    if code:
        raise typer.Exit(code)


def _voice(text: str) -> None:
    """The supervisor's own."""
    print(f"vigil: {text}", file=sys.stderr, flush=True)  # noqa: T201 — beside what the night says


def _watch_alone(order: Order) -> None:
    home, console = Home.here(), terminal.words(order.json_to)
    chosen, words = safe_settings(home.settings_file)
    clock = WallClock(order.speed, order.origin_ns)
    patience_s = GOES_ON_S if order.resume else 0.0
    with ends_in_order() as asked, presses_wait(), watching(home, order.shelf, patience_s) as (shelf, opened):
        before = _interrupted(order, shelf, clock)
        if before is None and not _may_begin(order, shelf, clock, lost=opened.quarantined is not None):
            for line in () if order.resume else (opened.why, NOT_NOW):
                terminal.say(console, line)
            return
        armed = arm(home.shelf(order.shelf), clock.wall_ms)
        inhibitor = Inhibitor()
        awake = inhibitor.take() if order.steady else ""
        say = SaidFirst(home.shelf(order.shelf), partial(terminal.say, console))
        evening = bedtime_words(home, shelf, opened)
        lost = lost_words(home, chosen, real=order.real_outputs)
        for line in (*words, *evening, *armed.words, _sentence(awake), lost):
            if line:
                say(line)
        troubles = troubles_found(opened, home.shelf(shelf.shelf), goes_on=before is not None)
        down_was_said(home, shelf, goes_on=before is not None, to_somebody=console.is_terminal)
        view = viewer(console, order.title, order.hours * 3600, quiet=order.quiet)
        beat = beats_to(order.beat_to)
        for left in outputs_off(home) if order.real_outputs else left_before(home):
            say(left)
        real = own_outputs(home, chosen, armed.stop) if order.real_outputs else None
        beside = (order.steady, shelf.shelf, troubles, real, asked, StaysAwake(inhibitor).notices)
        given = Given(beds_of(order, home, clock, say, real), shelf.database, clock, armed, view, say, beat, *beside)
        try:
            name, tonight, lived = _live(order, home, shelf, chosen, given, before)
        finally:
            inhibitor.release()
        account = _account(shelf, name)
        kept_copy = _back_up(home, shelf)
    _tell(order, console, name, tonight, lived, account)
    if kept_copy:
        terminal.say(console, kept_copy)


def _live(
    order: Order,
    home: Home,
    shelf: OpenShelf,
    chosen: Settings,
    given: Given,
    before: KeptSoFar | None,
) -> tuple[str, Tonight, Watched]:
    """The night: gone on with where one was interrupted, else begun."""
    here = boot_id()
    if before is not None:
        at = NightClock.of(before.began).words(elapsed_s(before))
        given.say(f"Going on with night {before.row.name}, which was kept until {at}.")
        lived = go_on(given, before, here)  # at once; what it was planned after is told in the morning
        return before.row.name, _planned(order, home, shelf, chosen, before.row.key), lived
    tonight = _planned(order, home, shelf, chosen)
    given.say(tonight.words)
    began = lights_out_of(order, home, shelf, tonight)
    return began.night, tonight, begin(given, replace(began, boot_id=here), tonight.outfit)


def _planned(order: Order, home: Home, shelf: OpenShelf, chosen: Settings, but: int | None = None) -> Tonight:
    """What a night is planned after: every earlier one of this sleeper, `but` the night itself."""
    parameters = packaged_parameters()
    nights = kept_nights(shelf, parameters, order.sleeper, keep=True).nights
    before = [night for night in nights if night.number != but]
    return as_said(home, Tonight.of(before, parameters, chosen), time.time_ns() // NS_PER_MS)


def _may_begin(order: Order, shelf: OpenShelf, clock: Clock, *, lost: bool) -> bool:
    """Whether a night may be begun where there is none to go on with; with `resume` it was over, unless it is lost."""
    if order.resume:
        return lost
    if order.evening_min is None:
        return True
    night_s = order.hours * 3600
    return begins_now(order.evening_min, clock.wall_ms(), _rows(order, shelf), night_s, lost=lost)


def _rows(order: Order, shelf: OpenShelf) -> list[NightRow]:
    """The nights of this sleeper."""
    return [row for row in Nights(shelf.database).nights() if sleeper_of(shelf.shelf, row.name) == order.sleeper]


def _interrupted(order: Order, shelf: OpenShelf, clock: Clock) -> KeptSoFar | None:
    """The night to go on with: this sleeper's last one, if it was never closed."""
    rows = _rows(order, shelf)
    row = max(rows, key=lambda row: row.key, default=None) if order.resume else interrupted(rows, clock.wall_ms())
    if row is None or row.outputs_digest:
        return None
    tonight = Tonight.of((), packaged_parameters(), Settings())
    kept = kept_so_far(shelf.database, row, tonight.outfit)
    return None if kept.over or kept.nothing else kept


def _account(shelf: OpenShelf, name: str) -> Account | None:
    """What went wrong in the night, from what was kept of it; nothing where that cannot be read."""
    with suppress(StoreError):
        return read(shelf, Nights(shelf.database).find(name)).account
    return None


def _back_up(home: Home, shelf: OpenShelf) -> str:
    """Verified copies of nights and journal, each morning; what is to be said if there is none of either."""
    folder = backup_folder(home, shelf.shelf)
    try:
        make_backup(shelf.database, folder)
    except (StoreError, OSError) as error:
        said = f"No backup was made this morning: {error}."
    else:
        said = ""
    try:
        back_up_journal(home, shelf.shelf, folder)
    except (StoreError, OSError) as error:
        said = f"{said} No backup of the journal was made this morning: {error}.".strip()
    return said


def _tell(order: Order, console: Console, name: str, tonight: Tonight, lived: Watched, account: Account | None) -> None:
    clock = NightClock.of(lived.began)
    if order.json_to is not None:
        night = night_json(lived.report, source_format=lived.format) | {"whole": lived.whole}
        night |= {} if lived.truth is None else {"truth": lived.truth.as_json()}
        night |= {"plan": plan_json(tonight)}
        night |= {} if account is None else {"account": account_json(account, clock.words)}
        figures = NightsReport.of([NightFigures.of(lived.report)])
        terminal.write_json(nights_json([night], figures), order.json_to)
    lines: Sequence[str] = told(lived.report, clock, account) + ([] if lived.whole else ["Stopped before morning."])
    tell(console, name, lines, lived.report.hypnogram.stages, clock)
    if lived.truth is not None:
        console.print()
        tell_truth(console, lived.truth, clock)
    if lived.unkept:
        terminal.say(console, f"The end of this night could not be kept: {lived.unkept}.")


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""
