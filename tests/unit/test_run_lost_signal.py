"""A signal that is lost for long is told to somebody, seldom, and never to the sleeper."""

from __future__ import annotations

from vigil.domain.records import Input, NightBegan, NightEnded, NightOutput, QualityNote, Tick
from vigil.domain.samples import Quality
from vigil.domain.units import NS_PER_MINUTE
from vigil.run.lost_signal import LOST_NS, MOST_TOLD, SignalLost

MINUTE = NS_PER_MINUTE


def told(*records: Input | NightOutput) -> int:
    calls: list[None] = []
    lost = SignalLost(lambda: calls.append(None))
    for record in records:
        lost(record)
    return len(calls)


def lost_at(at_ns: int) -> QualityNote:
    return QualityNote(at_ns, Quality.STALE, Quality.GOOD)


def back_at(at_ns: int) -> QualityNote:
    return QualityNote(at_ns, Quality.GOOD, Quality.STALE)


def test_a_loss_that_lasts_is_told_once() -> None:
    """Not before ten minutes, and not again while it goes on."""
    assert told(lost_at(0), Tick(LOST_NS - 1)) == 0
    assert told(lost_at(0), Tick(LOST_NS), Tick(LOST_NS + MINUTE), Tick(3 * LOST_NS)) == 1


def test_a_loss_that_passes_is_not_told() -> None:
    """A strap that is put right is nobody's worry, and one bad signal after another is one loss."""
    assert told(lost_at(0), back_at(5 * MINUTE), Tick(LOST_NS)) == 0
    other = QualityNote(5 * MINUTE, Quality.LINK_LOST, Quality.STALE)
    assert told(lost_at(0), other, Tick(LOST_NS)) == 1


def test_a_night_that_never_hears_anything_is_told() -> None:
    """The absence alarm does not wait for what is absent (reliability A4)."""
    assert told(NightBegan(0), Tick(LOST_NS)) == 1


def test_it_is_told_twice_a_night_at_most() -> None:
    """More would be an alarm that nobody looks at any more (reliability H7)."""
    records = [
        each for n in range(5) for each in (lost_at(n * LOST_NS), Tick((n + 1) * LOST_NS), back_at((n + 1) * LOST_NS))
    ]
    assert told(*records) == MOST_TOLD


def test_after_the_night_nothing_is_told() -> None:
    """Taking the wearable off in the morning worries nobody."""
    assert told(lost_at(0), NightEnded(MINUTE), Tick(2 * LOST_NS)) == 0
