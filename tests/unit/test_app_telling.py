"""A running night tells how it stands: at once when something changes, and never at the night's cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from vigil.app.night_so_far import NightSoFar
from vigil.app.telling import EVERY_NS, LEAST_NS, About, Telling, Times, after_turn, live_state
from vigil.domain.nudges import Action, Decision, EpisodeKind, Suspicion, WatchState
from vigil.domain.records import (
    EpochScored,
    Event,
    Held,
    Input,
    LinkLost,
    LinkRegained,
    Mark,
    Marked,
    Mode,
    NightBegan,
    NightEnded,
    NightOutput,
    OutputFailed,
    OutputProbed,
    QualityNote,
    Released,
    Restarted,
    Sample,
    SuspicionCleared,
    SuspicionRaised,
    Tick,
)
from vigil.domain.requests import Output
from vigil.domain.samples import Battery, BeatInterval, Contact, HeartSample, MotionSummary, Quality
from vigil.domain.sleep import Stage
from vigil.domain.troubles import Trouble, TroubleKind
from vigil.domain.units import NS_PER_S
from vigil.store.live_state import FRESH_MS, LIVE_NAME, Link, LiveState, read

EVENING = 1_775_685_600_000
"""2026-04-08 22:00 UTC."""

ZERO = 1000 * NS_PER_S
"""Lights-out on the boot clock."""

BEGAN = NightBegan(ZERO, Mode.SHAM, "one", "b", EVENING, 0)


def at(seconds: float) -> int:
    return ZERO + round(seconds * NS_PER_S)


def raised(seconds: float, kind: EpisodeKind) -> SuspicionRaised:
    return SuspicionRaised(at(seconds), Suspicion(1, kind, at(seconds - 20), at(seconds), 1.2, ()))


def cleared(seconds: float) -> SuspicionCleared:
    return SuspicionCleared(at(seconds), 1, EpisodeKind.NIGHTMARE_LIKE, at(seconds - 90), 1.5, ())


def state(*records: Input | NightOutput, about: About | None = None) -> LiveState:
    night = NightSoFar()
    for record in (BEGAN, *records):
        night.note(record)
    return live_state(night, about or About(7, "boot"), EVENING + 999, 3)


def test_a_night_that_has_just_begun() -> None:
    """Nothing was heard yet; its hour is that of lights-out."""
    told = state(about=About(7, "boot", (Output.SOUND,), 8 * 3600 * NS_PER_S))
    assert (told.pid, told.boot_id, told.night, told.mode, told.number) == (7, "boot", "one", Mode.SHAM, 3)
    assert (told.began_wall_ms, told.now_wall_ms, told.told_wall_ms) == (EVENING, EVENING, EVENING + 999)
    assert (told.link, told.link_since_wall_ms) == (Link.NEVER, EVENING)
    assert (told.quality, told.heart_bpm_x10, told.heart_ago_ms) == (Quality.NEVER, None, None)
    assert (told.ends_wall_ms, told.outputs) == (EVENING + 8 * 3_600_000, ((Output.SOUND, True),))


@pytest.mark.parametrize(
    ("records", "link", "since_s"),
    [
        ([MotionSummary(at(3), 1000, 5)], Link.HEARD, 3),
        ([HeartSample(at(3), 600), HeartSample(at(4), 600)], Link.HEARD, 3),
        ([HeartSample(at(3), 600), LinkLost(at(9))], Link.LOST, 9),
        ([HeartSample(at(3), 600), LinkLost(at(9)), HeartSample(at(8), 600)], Link.LOST, 9),
        ([HeartSample(at(3), 600), LinkLost(at(9)), HeartSample(at(12), 600)], Link.HEARD, 12),
        ([HeartSample(at(3), 600), LinkLost(at(9)), LinkRegained(at(11))], Link.HEARD, 11),
        ([HeartSample(at(3), 600), Restarted(at(20), "b")], Link.LOST, 20),
        ([HeartSample(at(3), 600), LinkLost(at(9)), Restarted(at(20), "b")], Link.LOST, 9),
        ([Restarted(at(20), "b")], Link.NEVER, 0),
    ],
)
def test_whether_the_wearable_is_heard_and_since_when(records: list[Input], link: Link, since_s: int) -> None:
    """What was still on its way when it was lost does not bring it back; after a restart it is looked for anew."""
    told = state(*records)
    assert (told.link, told.link_since_wall_ms) == (link, EVENING + since_s * 1000)


@pytest.mark.parametrize("sample", [HeartSample(at(5), 523), BeatInterval(at(5), 1147)])
def test_the_heart_as_it_was_heard_last(sample: HeartSample | BeatInterval) -> None:
    """And how long ago; a beat that is doubted is none."""
    told = state(sample, BeatInterval(at(6), 300, clean=False), Tick(at(7)))
    assert (told.heart_bpm_x10, told.heart_ago_ms) == (523, 2000)


def test_what_the_wearable_and_the_outputs_say() -> None:
    """Contact, charge, quality; an output that failed or did not answer is not counted on again."""
    told = state(
        Contact(at(1), on=False),
        Battery(at(1), 81),
        QualityNote(at(2), Quality.OFF_WRIST, Quality.GOOD),
        OutputProbed(at(3), Output.SOUND, ok=False, why="the lamp of Anna"),
        OutputProbed(at(3), Output.LIGHT, ok=True),
        OutputFailed(at(4), 1, Output.VIBRATION, "no"),
        about=About(7, "boot", tuple(Output)),
    )
    assert (told.contact, told.battery_percent) == (False, 81)
    assert (told.quality, told.quality_since_wall_ms) == (Quality.OFF_WRIST, EVENING + 2000)
    assert dict(told.outputs) == {Output.VIBRATION: False, Output.SOUND: False, Output.LIGHT: True}
    assert "Anna" not in repr(told)


@pytest.mark.parametrize(
    ("records", "held"),
    [
        ([Held(at(1))], True),
        ([Held(at(1)), Released(at(2))], False),
        ([Marked(at(1), Mark.STOP)], True),
        ([Held(at(1)), Marked(at(2), Mark.AWAKE)], True),
        ([Marked(at(1), Mark.AWAKE)], False),
    ],
)
def test_whether_it_is_stopped(records: list[Input], held: bool) -> None:
    """By the file, or by the wearable's button."""
    assert state(*records).held is held


def test_the_last_mark_and_the_last_nudge() -> None:
    """With their times; how many nudges there were; the stage of the last epoch."""
    nudge = Decision(at(50), WatchState.NUDGING, Action.NUDGE, ())
    told = state(
        nudge,
        Decision(at(60), WatchState.OBSERVING, Action.NOTHING, ()),
        Marked(at(70), Mark.BAD_DREAM),
        EpochScored(at(90), 2, Stage.WAKE, None, None, None, 0),
    )
    assert (told.nudges, told.nudge_wall_ms) == (1, EVENING + 50_000)
    assert (told.mark, told.mark_wall_ms) == (Mark.BAD_DREAM, EVENING + 70_000)
    assert (told.state, told.awake) == (WatchState.OBSERVING, True)


def test_an_episode_is_what_looks_like_a_nightmare() -> None:
    """It begins where the evidence did; a trip to the bathroom is none, and ends nothing that was."""
    going = raised(100, EpisodeKind.NIGHTMARE_LIKE)
    began_ms = EVENING + 80_000
    assert (state(going).episode, state(going).episode_wall_ms) == (True, began_ms)
    over = state(going, cleared(160))
    assert (over.episode, over.episode_wall_ms) == (False, began_ms)
    after = state(going, cleared(160), raised(300, EpisodeKind.OUT_OF_BED))
    assert (after.episode, after.episode_wall_ms) == (False, began_ms)
    assert state(raised(300, EpisodeKind.OUT_OF_BED)).episode_wall_ms is None


def test_a_trouble_lasts_until_it_is_over() -> None:
    """Each kind once."""
    low, full = TroubleKind.DISK_LOW, TroubleKind.DISK_FULL
    assert state(Trouble(at(1), low, 5), Trouble(at(2), full), Trouble(at(3), low, 4)).troubles == (full, low)
    assert state(Trouble(at(1), low, 5), Trouble(at(2), low, over=True)).troubles == ()


def test_a_night_that_is_over_leaves_no_heart_rate_about() -> None:
    """Nor does anything go on."""
    told = state(HeartSample(at(5), 523), raised(100, EpisodeKind.NIGHTMARE_LIKE), NightEnded(at(110)))
    assert (told.ended, told.heart_bpm_x10, told.heart_ago_ms, told.episode) == (True, None, None, False)


def test_a_night_without_a_clock_is_now() -> None:
    """Told by the computer's."""
    night = NightSoFar()
    night.note(NightBegan(ZERO))
    night.note(Tick(at(60)))
    told = live_state(night, About(7, "boot"), EVENING, 1)
    assert (told.began_wall_ms, told.now_wall_ms) == (EVENING - 60_000, EVENING)


# -- when it is told ---------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Hand:
    """Clocks moved by hand."""

    now_ns: int = 0

    def times(self) -> Times:
        return Times(lambda: self.now_ns, lambda: EVENING + self.now_ns // 1_000_000)


class Bed:
    """As much of a source as is asked."""

    ends_ns: int | None = None

    def began(self) -> NightBegan:
        return BEGAN

    def due(self, elapsed_ns: int) -> Sequence[Sample | Event]:
        raise NotImplementedError


def telling(folder: Path, hand: Hand) -> Telling:
    return Telling(folder, Bed(), (Output.SOUND,), hand.times())


def test_it_is_told_at_once_what_the_sleeper_does(tmp_path: Path) -> None:
    """Before the turn is over; and each time under a greater number, over a restart too."""
    tell = telling(tmp_path, Hand())
    numbers = []
    for record in (BEGAN, Marked(at(1), Mark.AWAKE), Held(at(2)), Released(at(3)), NightEnded(at(4))):
        tell(record)
        told = read(tmp_path / LIVE_NAME)
        assert told is not None
        numbers.append(told.number)
    assert numbers == [1, 2, 3, 4, 5]
    again = telling(tmp_path, Hand())
    again.note(BEGAN)
    again(Restarted(at(9), "b"))
    after = read(tmp_path / LIVE_NAME)
    assert after is not None
    assert after.number == 6


def test_what_is_lived_through_again_is_known_and_not_told(tmp_path: Path) -> None:
    """A night of before is no night that is watched."""
    tell = telling(tmp_path, Hand())
    tell.note(BEGAN)
    tell.note(Marked(at(1), Mark.AWAKE))
    assert read(tmp_path / LIVE_NAME) is None
    tell.turn()
    told = read(tmp_path / LIVE_NAME)
    assert told is not None
    assert told.mark is Mark.AWAKE


def test_it_is_told_when_something_changed_or_five_seconds_have_gone(tmp_path: Path) -> None:
    """A heartbeat alone is no news; what changes all the time is not told all the time."""
    hand = Hand()
    tell = telling(tmp_path, hand)

    def number(after_ns: int, *records: Input | NightOutput) -> int:
        hand.now_ns += after_ns
        for record in records:
            tell(record)
        tell.turn()
        told = read(tmp_path / LIVE_NAME)
        return 0 if told is None else told.number

    assert number(0, BEGAN) == 1
    assert number(LEAST_NS, HeartSample(at(1), 600)) == 2  # it is heard
    assert number(LEAST_NS, HeartSample(at(2), 610)) == 2
    assert number(LEAST_NS - 1, Battery(at(3), 50)) == 3
    assert number(LEAST_NS - 1, Battery(at(4), 49)) == 3
    assert number(1) == 4
    assert number(EVERY_NS - 1, HeartSample(at(5), 620)) == 4
    assert number(1) == 5
    assert EVERY_NS // 1_000_000 * 3 <= FRESH_MS


def test_a_view_that_cannot_be_written_ends_no_night(tmp_path: Path) -> None:
    """It is tried again at the next turn, and tells what is then."""
    (tmp_path / LIVE_NAME).mkdir()
    (tmp_path / LIVE_NAME / "something").write_text("")
    tell = telling(tmp_path, Hand())
    tell(BEGAN)
    tell.turn()
    (tmp_path / LIVE_NAME / "something").unlink()
    (tmp_path / LIVE_NAME).rmdir()
    tell.turn()
    assert read(tmp_path / LIVE_NAME) is not None


def test_whatever_else_is_wrong_ends_no_night_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of the view's own."""

    def fail(*_: object) -> LiveState:
        raise ZeroDivisionError

    monkeypatch.setattr("vigil.app.telling.live_state", fail)
    tell = telling(tmp_path, Hand())
    tell(BEGAN)
    tell.turn()
    assert list(tmp_path.iterdir()) == []


def test_after_a_turn_all_is_done_in_order() -> None:
    """What tells, before what may end the process."""
    done: list[int] = []
    after_turn(lambda: done.append(1), lambda: done.append(2))()
    assert done == [1, 2]
