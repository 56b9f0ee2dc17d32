"""The pure views of a night: shapes that are whole, words that do not lie over each other, a line with honest gaps."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.app.clock_words import NightClock
from vigil.app.home import Shelf
from vigil.app.night_lanes import blind_stretches, end_s, height, runs
from vigil.app.stored_night import StoredNight
from vigil.domain.answers import Answer, MorningWord
from vigil.domain.nudges import EpisodeKind
from vigil.domain.records import EpochScored, Mark, NightBegan
from vigil.domain.sleep import Hypnogram, Stage, StageProbabilities
from vigil.domain.units import EPOCH_S, NS_PER_S
from vigil.night.account_events import Account
from vigil.night.report import NightReport, NudgeRow, SuspicionRow
from vigil.store.nights import NightRow
from vigil.web.tokens import PAPER, tokens
from vigil.web.views.heart_line import BRIDGE_S, MOST_CELLS, HeartLine, heart_line
from vigil.web.views.night_seen import NightSeen, SaidMark, baseline, by_hour, events, heart_range, ticks
from vigil.web.views.night_titles import from_to, titles
from vigil.web.views.nights import listed
from vigil.web.views.poster import KIND_TOKENS, STAGE_TOKENS, poster
from vigil.web.views.poster_labels import LETTER, labels
from vigil.web.views.poster_sizes import DESK, PHONE, WALL, Size
from vigil.web.words import Words

T = Words.of("en-GB")
WALL_MS = 1_767_308_400_000
STAGES = (Stage.WAKE, Stage.LIGHT, Stage.DEEP, Stage.LIGHT, Stage.REM, Stage.UNSCORED)


def epoch(index: int, **changes: object) -> EpochScored:
    stage = STAGES[index // 20 % len(STAGES)]
    p = None if stage is Stage.UNSCORED else StageProbabilities(0.25, 0.25, 0.25, 0.25)
    made = EpochScored((index + 1) * EPOCH_S * NS_PER_S, index, stage, p, 60.0 + index % 5, 0.1, EPOCH_S)
    return replace(made, **changes)  # type: ignore[arg-type]  # fields of an epoch


def suspicion(number: int, at_s: float, kind: EpisodeKind = EpisodeKind.NIGHTMARE_LIKE) -> SuspicionRow:
    return SuspicionRow(number, at_s - 60, at_s, at_s + 200, kind, 1.2, ())


def night(
    epochs: Sequence[EpochScored],
    suspicions: Sequence[SuspicionRow] = (),
    nudges: Sequence[NudgeRow] = (),
    **more: object,
) -> NightSeen:
    report = NightReport(
        "n", Hypnogram.of([one.stage for one in epochs]).summary(), tuple(epochs), tuple(suspicions), tuple(nudges),
        (), (), 1.0, 0.0, (), 0,
    )  # fmt: skip
    row = NightRow(1, "n", 0, WALL_MS, 0, "live", "on", "", "", "", "", "", 1, None, intact=True)
    clock = NightClock.of(NightBegan(0, wall_ms=WALL_MS, zone_min=0))
    stored = StoredNight(Shelf.OWN, row, report, Account(0, 0, (), ()), clock)
    return NightSeen(stored, **more)  # type: ignore[arg-type]  # fields of a night


# -- lanes -----------------------------------------------------------------------------------------------------------


def test_what_was_not_kept_ends_a_run_and_counts_as_blind() -> None:
    kept = [epoch(index) for index in (0, 1, 5, 6)]
    assert list(runs(kept)) == [(Stage.WAKE, 0.0, 60.0), (Stage.WAKE, 150.0, 210.0)]
    assert blind_stretches(kept) == [(60.0, 150.0)]
    assert end_s(kept) == 210.0
    assert (list(runs([])), blind_stretches([]), end_s([])) == ([], [], 30.0)


def test_movement_below_noise_is_none() -> None:
    assert [height(None), height(0.02), round(height(1.02), 3)] == [0, 0, 1.0]


# -- the heart -------------------------------------------------------------------------------------------------------


def test_a_value_each_second_is_a_cell_each_second() -> None:
    line = heart_line(range(100), [60.4] * 100, 100)
    assert line == HeartLine(1, (60,) * 100)


def test_short_pauses_are_drawn_through_and_long_ones_are_not() -> None:
    at_s = [0, 1, 2, 2 + BRIDGE_S, 3 + BRIDGE_S, 3 + 3 * BRIDGE_S]
    line = heart_line(at_s, [60.0] * len(at_s), 100)
    assert line.bpm[: 4 + BRIDGE_S] == (60,) * (4 + BRIDGE_S)
    assert set(line.bpm[4 + BRIDGE_S : 3 + 3 * BRIDGE_S]) == {0}
    assert line.bpm[3 + 3 * BRIDGE_S] == 60
    assert set(line.bpm[4 + 3 * BRIDGE_S :]) == {0}


def test_before_the_first_value_there_is_nothing() -> None:
    assert heart_line([50, 51], [60, 62], 60).bpm[:52] == (*(0,) * 50, 60, 62)


@given(
    st.lists(st.tuples(st.floats(-100, 1e5), st.floats(25, 220)), max_size=60),
    st.floats(30, 26 * 3600),
)
def test_a_line_is_never_longer_than_may_be_drawn_and_never_leaves_what_was_heard(
    heard: list[tuple[float, float]], end: float
) -> None:
    line = heart_line([at for at, _ in heard], [bpm for _, bpm in heard], end)
    assert len(line.bpm) <= MOST_CELLS
    known = [bpm for bpm in line.bpm if bpm]
    inside = [bpm for at, bpm in heard if 0 <= at < end]
    assert bool(known) == bool(inside)
    if known:
        assert min(inside) - 0.5 <= min(known)
        assert max(known) <= max(inside) + 0.5


def test_a_single_wild_value_does_not_stretch_the_scale() -> None:
    heart = HeartLine(1, (*(60,) * 5000, 200, *(70,) * 5000))
    assert heart_range(night([epoch(0)], heart=heart)) == (58.0, 73.0)
    assert heart_range(night([epoch(0)])) == (58.0, 63.0)
    assert heart_range(night([epoch(0, heart_bpm=None)])) is None


def test_a_baseline_is_the_middle_of_what_is_around() -> None:
    rates = [60.0] * 30 + [120.0] + [60.0] * 30
    found = baseline([epoch(index, heart_bpm=rate) for index, rate in enumerate(rates)])
    assert set(found) == {60.0}
    assert baseline([epoch(0, heart_bpm=None)]) == (None,)


# -- words -----------------------------------------------------------------------------------------------------------


def test_times_along_the_axis_are_whole_on_the_nights_clock() -> None:
    """Lights out at 23:00:00 sharp, an eight-hour night: the hours, both ends included."""
    found = list(ticks(night([epoch(index) for index in range(960)]), 11))
    assert [words for _, words in found][:3] == ["23:00", "00:00", "01:00"]
    assert len(list(ticks(night([epoch(0), epoch(26 * 120)]), 5))) <= 6


def test_hours_add_up_to_the_night() -> None:
    rows = by_hour(night([epoch(index) for index in range(300)]), T)
    assert [row.when for row in rows] == ["23:00", "00:00", "01:00"]
    assert sum(float(minutes) for row in rows for minutes in row.minutes) == 150


@pytest.mark.parametrize("size", [DESK, PHONE, WALL], ids=["desk", "phone", "wall"])
def test_labels_never_lie_over_each_other_and_what_was_done_comes_first(size: Size) -> None:
    many = [suspicion(number, 100.0 * number, EpisodeKind.AROUSAL) for number in range(1, 40)]
    nudged = [suspicion(50, 2000), suspicion(51, 2100)]
    nudges = [NudgeRow(2010, 50, 1, "vibration", False, True, ()), NudgeRow(2110, 51, 1, "vibration", False, True, ())]
    seen = night([epoch(index) for index in range(200)], [*many, *nudged], nudges)
    found = labels(seen, size, lambda t_s: size.left + t_s / 10, T)
    assert 2 <= len(found) < len(many)
    assert [one.token for one in found[:2]] == ["nudge", "nudge"]
    spans = [(one.y, one.text_x, one.text_x + len(one.words) * size.font * LETTER) for one in found]
    assert all(a is b or a[0] != b[0] or a[2] < b[1] or b[2] < a[1] for a in spans for b in spans)


def test_every_kind_of_event_has_its_words() -> None:
    kinds = [suspicion(number, 900.0 + number, kind) for number, kind in enumerate(EpisodeKind)]
    nudges = [
        NudgeRow(930, 1, 1, "vibration", False, True, ()),
        NudgeRow(931, 1, 2, "a new thing", True, False, ()),
    ]
    marks = tuple(SaidMark(1000.0 + number, mark) for number, mark in enumerate(Mark))
    dark = [epoch(index, watched_s=0) for index in range(10)]
    seen = night([*dark, *(epoch(index) for index in range(10, 60))], kinds, nudges, marks=marks)
    found = events(seen, T)
    assert [one.t_s for one in found] == sorted(one.t_s for one in found)
    assert {one.kind for one in found} == {"suspicion", "nudge", "mark", "blind"}
    said = " ".join(f"{one.what} {one.said}" for one in found)
    for words in ("Nothing was really done", "a new thing", "You marked a bad dream", "Until 23:05", "Getting up"):
        assert words in said
    assert len(labels(seen, WALL, lambda t_s: t_s, T)) >= 3


# -- shapes ----------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 400), max_size=80, unique=True), st.booleans(), st.booleans())
def test_shapes_stay_on_the_sheet(indexes: list[int], known: bool, heart: bool) -> None:
    """Whatever is kept of a night: every number is one, and none lies outside of the picture."""
    changes: dict[str, object] = {} if known else {"p": None}
    changes |= {} if heart else {"heart_bpm": None}
    seen = night([epoch(index, **changes) for index in sorted(indexes)], [suspicion(1, 500)])
    for size in (DESK, PHONE):
        made = poster(seen, size, T)
        paths = [
            made.risers,
            *made.heart,
            *made.base,
            *(path for one in made.ribbons for path in (one.faint, one.full)),
        ]
        for path in paths:
            assert "nan" not in path
            for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path):
                assert 0 <= float(x) <= size.width
                assert -60 <= float(y) <= size.height
        assert re.fullmatch(r"[MvhV0-9. -]*", made.movement)


@pytest.mark.parametrize("theme", ["day", "night", "paper"])
def test_every_colour_of_a_picture_is_in_the_look(theme: str) -> None:
    have = tokens(theme)
    assert set(PAPER) <= set(have)
    assert {*KIND_TOKENS.values(), *STAGE_TOKENS.values()} <= set(have)
    assert all(re.fullmatch("#[0-9a-f]{6}", have[name]) for name in PAPER)
    assert tokens("night")["ground"] != tokens("day")["ground"]


def test_a_dream_i_would_keep_keeps_its_capital() -> None:
    """It was written "A dream i'd keep"."""
    row = NightRow(1, "n", 0, WALL_MS, 0, "live", "on", "", "", "", "", "", 1, None, intact=True)
    assert listed(row, "", 0, None, Answer(MorningWord.KEPT_DREAM), T).said == "A dream I'd keep."


def test_a_morning_is_told_both_days_of_its_night() -> None:
    """On Saturday "Friday" alone reads as the wrong day; after midnight it is still the evening before."""
    hour_ms = 3_600_000
    friday_ms = 1_795_820_400_000  # 27 November 2026, 11:00 at night
    walls = (friday_ms - 362 * 24 * hour_ms, friday_ms, friday_ms + 2 * hour_ms, friday_ms + 72 * hour_ms, None)
    rows = [
        NightRow(key, "n", 0, wall_ms, 0, "live", "on", "", "", "", "", "", 1, None, intact=True)
        for key, wall_ms in enumerate(walls)
    ]
    assert list(from_to(rows, T).values()) == [
        "The night from Sunday 30 November to Monday 1 December 2025",
        "The night from Friday 27 to Saturday 28 November",
        "The night from Friday 27 to Saturday 28 November, the second of that date",
        "The night from Monday 30 November to Tuesday 1 December",
        "A night without a clock",
    ]


def test_nights_are_called_by_their_day_and_no_two_alike() -> None:
    """An invented night's name is for files; of several on one date it is said which, of another year its year."""
    day_ms = 24 * 3_600_000
    walls = (WALL_MS - 365 * day_ms, WALL_MS, WALL_MS, None, WALL_MS, WALL_MS, WALL_MS, None)
    rows = [
        NightRow(key, "simulated-strong-5", 0, wall_ms, 0, "demo", "on", "", "", "", "", "", 1, None, intact=True)
        for key, wall_ms in enumerate(walls)
    ]
    assert list(titles(rows, T).values()) == [
        "Wednesday 1 January 2025",
        "Thursday 1 January",
        "Thursday 1 January, the second of that date",
        "A night without a clock",
        "Thursday 1 January, the third of that date",
        "Thursday 1 January, the fourth of that date",
        "Thursday 1 January, number 5 of that date",
        "A night without a clock, number 2",
    ]
    assert titles([], T) == {}
