"""Heart rates that leap: held back, refused when the stream goes on without them, believed when it stays there."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from vigil.domain.plain import dumps, loads
from vigil.domain.samples import BeatInterval, HeartSample, Quality, SampleFault
from vigil.domain.units import NS_PER_MS, NS_PER_S, STEP_NS
from vigil.signal.heart import HeartTracker
from vigil.signal.hygiene import FEWEST

CALM = tuple(600 + 10 * (index % 3) for index in range(40))
"""Tenths of a bpm, one every cadence."""


def _told(cadence_s: int, values: Sequence[int], strange: Sequence[tuple[float, int]] = ()) -> HeartTracker:
    """A tracker that was told `values`, one a cadence, and what is strange (second, tenths of a bpm) in between."""
    tracker = HeartTracker()
    tracker.begin(None)
    told = [(float(cadence_s * index), value) for index, value in enumerate(values)]
    for second, value in sorted([*told, *strange]):
        tracker.take_heart(HeartSample(round(second * NS_PER_S), value))
    return tracker


@pytest.mark.parametrize("cadence_s", [1, 5])
@pytest.mark.parametrize("apart_s", [0.2, 1.7])
@pytest.mark.parametrize("wrong", [(1400, 1400, 1400), (1500, 250, 2200), (1500,)])
def test_up_to_three_wrong_rates_leave_nothing_behind(cadence_s: int, apart_s: float, wrong: tuple[int, ...]) -> None:
    """Agreeing or not, in a row or with honest ones between them: all that is kept is as it would have been."""
    strange = [(20.1 * cadence_s + apart_s * index, bpm_x10) for index, bpm_x10 in enumerate(wrong)]
    clean, tracker = _told(cadence_s, CALM), _told(cadence_s, CALM, strange)
    assert sum(tracker.left_out.values()) == len(wrong)
    assert dumps(tracker.samples) == dumps(clean.samples)
    assert (tracker.recent, tracker.jumps) == (clean.recent, clean.jumps)


def test_a_heart_that_stays_where_it_leapt_is_believed_from_the_leap_on() -> None:
    """The fourth value in a row bears out the three before it, which count at their own instants."""
    tracker = _told(5, (*CALM, 900, 910, 905))
    assert tracker.left_out == {SampleFault.JUMP: 3}
    assert tracker.take_heart(HeartSample(5 * (len(CALM) + 3) * NS_PER_S, 910)) is None
    assert not tracker.left_out
    assert [bpm_x10 for _, bpm_x10 in tracker.recent][-4:] == [900, 910, 905, 910]
    look = tracker.look((5 * (len(CALM) + 3) // 5) * STEP_NS)
    assert (look.quality, look.bpm) == (Quality.GOOD, 90.75)


@pytest.mark.parametrize(("cadence_s", "rise"), [(1, 50), (5, 100), (15, 190)])
def test_a_surge_as_fast_as_a_heart_can_is_believed_at_once(cadence_s: int, rise: int) -> None:
    """Nothing of it waits, however long it goes on."""
    surge = [600 + rise * index for index in range(1, 5)]
    assert not _told(cadence_s, (*CALM, *surge)).left_out


JITTERED = (10.0, 4.0, 7.0)
"""Seconds between the values of a leap: a watch that means to send one every five."""


def _leaping(count: int) -> HeartTracker:
    """A tracker after so many values of a leap, none of which is borne out yet."""
    last_s = 5.0 * (len(CALM) - 1)
    leap = [(last_s + sum(JITTERED[: index + 1]), 900 + 10 * index) for index in range(count)]
    return _told(5, CALM, leap)


def test_what_waits_shows_that_the_wearable_is_alive_but_not_how_the_heart_is() -> None:
    """A leap is no loss of signal: the good run goes on, no rate is told, and none is old."""
    tracker = _leaping(3)
    last_ns = 5 * (len(CALM) - 1) * NS_PER_S
    tracker.look(last_ns)
    since_ns = tracker.good_since_ns
    look = tracker.look(last_ns + 25 * NS_PER_S)
    assert (look.quality, look.bpm, look.age_ms, look.good_since_ns) == (Quality.GOOD, None, 4000, since_ns)


@pytest.mark.parametrize(("after_s", "bpm", "quality"), [(15, 60.0, Quality.GOOD), (25, None, Quality.GOOD)])
def test_what_was_believed_is_told_while_it_is_fresh(after_s: int, bpm: float | None, quality: Quality) -> None:
    """As ever, for three cadences; after that only what waits is fresh, and nobody knows whether it is the heart's."""
    look = _leaping(2).look((5 * (len(CALM) - 1) + after_s) * NS_PER_S)
    assert (look.quality, look.bpm) == (quality, bpm)


def test_a_stream_that_ends_with_a_leap_is_stale_as_any_other() -> None:
    """What waits is itself fresh for three cadences only."""
    last_ns = (5 * (len(CALM) - 1) + 14) * NS_PER_S
    tracker = _leaping(2)
    assert tracker.look(last_ns + 15 * NS_PER_S).quality is Quality.GOOD
    assert tracker.look(last_ns + 20 * NS_PER_S).quality is Quality.STALE


def test_what_waits_beside_beats_keeps_no_beats_alive() -> None:
    """While beats are used, their silence is a silence."""
    tracker = _leaping(3)
    begun_ns = 5 * (len(CALM) - 1) * NS_PER_S
    tracker.take_beat(BeatInterval(begun_ns, 1000))
    assert tracker.look(begun_ns + 25 * NS_PER_S).quality is Quality.STALE


@pytest.mark.parametrize(
    ("apart_ms", "bpm_x10", "fault"),
    [(500, 910, SampleFault.DUPLICATE), (0, 1000, SampleFault.DUPLICATE), (-500, 1000, SampleFault.LATE)],
)
def test_a_packet_that_was_sent_twice_bears_out_nothing(apart_ms: int, bpm_x10: int, fault: SampleFault) -> None:
    """Two of a leap, each sent twice, are not four; nor is one that comes late."""
    tracker = _leaping(2)
    for _ in range(3):
        at_ns = (5 * (len(CALM) - 1) + 14) * NS_PER_S + apart_ms * NS_PER_MS
        assert tracker.take_heart(HeartSample(at_ns, bpm_x10)) is fault
    assert [bpm for _, bpm in tracker.jumps.held] == [900, 910]


def test_a_true_leap_with_a_wrong_rate_before_it_is_believed() -> None:
    """Those that were held before the stream went on are gone; those that follow are counted anew."""
    values = (*CALM, 1800, 600, 900, 910, 905, 910)
    assert _told(5, values).left_out == {SampleFault.JUMP: 1}


def test_what_leapt_before_the_band_was_put_on_again_bears_out_nothing() -> None:
    """Three held, then the band was off: the next one is the first."""
    tracker = _told(5, (*CALM, 900, 910, 905))
    tracker.contact(False)
    tracker.contact(True)
    assert tracker.take_heart(HeartSample(300 * NS_PER_S, 1200)) is None
    assert tracker.left_out == {SampleFault.JUMP: 3}


def test_a_long_silence_does_not_make_everything_near() -> None:
    """Half a minute of silence at a value every five seconds, then something wrong: held, and refused by the next."""
    tracker = _told(5, CALM, [(5.0 * len(CALM) + 30, 1100), (5.0 * len(CALM) + 34, 620)])
    assert tracker.left_out == {SampleFault.JUMP: 1}


def test_a_near_strange_rate_makes_no_honest_one_a_double() -> None:
    """Only an equal value a moment later is one packet sent twice; at one instant there is but one value."""
    strange = [(cadence * 5 - 0.1, 630) for cadence in range(20, 20 + FEWEST)]
    tracker = _told(5, CALM, strange)
    assert not tracker.left_out
    last_ns = 5 * (len(CALM) - 1) * NS_PER_S
    assert tracker.look(last_ns).quality is Quality.GOOD
    assert tracker.take_heart(HeartSample(last_ns, 660)) is SampleFault.DUPLICATE
    assert tracker.take_heart(HeartSample(last_ns + 100 * NS_PER_MS, CALM[-1])) is SampleFault.DUPLICATE


def test_a_snapshot_keeps_what_waits() -> None:
    """Interrupted while three are held, the fourth bears them out all the same."""
    tracker = loads(dumps(_told(5, (*CALM, 900, 910, 905))))
    tracker.take_heart(HeartSample(5 * (len(CALM) + 3) * NS_PER_S, 910))
    assert not tracker.left_out
