"""What is packed comes back, every field, every kind, whatever the numbers."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.domain import permits
from vigil.domain.errors import SnapshotError
from vigil.domain.nudges import (
    Action,
    Decision,
    EpisodeKind,
    Ledger,
    LedgerRow,
    Reason,
    ReasonCode,
    Suspicion,
    Unit,
    WatchState,
)
from vigil.domain.permits import Permit
from vigil.domain.records import (
    ClockStepped,
    Digests,
    EpochScored,
    Held,
    LinkLost,
    LinkRegained,
    Mark,
    Marked,
    Mode,
    NightBegan,
    NightClosed,
    NightEnded,
    OutputAcknowledged,
    OutputConfirmedOff,
    OutputFailed,
    OutputProbed,
    QualityNote,
    Released,
    Restarted,
    Resumed,
    SuspicionCleared,
    SuspicionRaised,
)
from vigil.domain.requests import NudgeRequest, Output, Purpose
from vigil.domain.samples import Battery, BeatInterval, Contact, HeartSample, MotionSummary, Quality
from vigil.domain.sleep import Stage, StageProbabilities
from vigil.store.columns import ColumnReader, pack, pack_instants, pack_steps
from vigil.store.packing import pack_minute, unpack_minute, unpack_others
from vigil.store.stored import Given, Stored, StoredDecision, StoredPermit
from vigil.store.vocabulary import OUTLINE, VOCABULARY

S = 1_000_000_000

REASONS = (
    Reason(ReasonCode.EVIDENCE, 1.25, 1.0, Unit.SCORE),
    Reason(ReasonCode.HEART_SURGE, 17.3, 9.000000000000002, Unit.BPM),
    Reason(ReasonCode.QUIET),
)

REQUEST = NudgeRequest(Purpose.NUDGE, 3, Output.VIBRATION, 1, 1200, 25)

LEDGER = Ledger((LedgerRow("n", 1, "boot", 5, None, Purpose.NUDGE, 1, Output.SOUND, 2, 800),), readable=False)


def permit(serial: int = 7, issued_ns: int = 61 * S) -> Permit:
    """A permit made past the guard, which alone may make them outside tests."""
    return Permit(key=permits._KEY, serial=serial, request=REQUEST, issued_ns=issued_ns)


NUDGED = Decision(61 * S, WatchState.SUSPECTING, Action.NUDGE, REASONS, 3, permit())

EVERY_INPUT: tuple[Given, ...] = (
    NightBegan(0, Mode.SHAM, "n", "boot", -5, 120, True, 5000, Digests("a", "b", "c"), LEDGER),
    HeartSample(0, 583),
    BeatInterval(1, 1012, clean=False),
    BeatInterval(2, 998),
    MotionSummary(3, 1000, 7, (-3, 2, 990), (4, 5, 999), (0, 3, 995), 2),
    MotionSummary(4, 30_000, None),
    MotionSummary(5, 1000, 9, None, (1, 2, 3), None, 0),
    MotionSummary(6, 1000, 0, (1, 2, 3), None, (9, 9, 9)),
    Contact(7, on=False),
    Contact(8, on=True),
    Battery(9, 55),
    LinkLost(10),
    LinkRegained(11),
    Restarted(12, "boot-2", 1_700_000_000_000, True, LEDGER),
    Resumed(13, 60_000),
    ClockStepped(14, -3_600_000),
    OutputProbed(15, Output.LIGHT, ok=False),
    OutputAcknowledged(16, 7, shadow=True),
    OutputConfirmedOff(17, 7),
    OutputFailed(18, 7, Output.SOUND, "kaputt ünïcode \ud800"),
    Held(19),
    Held(20, 99 * S),
    Released(21),
    Marked(22, Mark.BAD_DREAM),
    NightEnded(23),
)

EVERY_OUTPUT: tuple[Given, ...] = (
    EpochScored(30 * S, 0, Stage.REM, StageProbabilities(0.1, 0.2, 0.30000000000000004, 0.4), 58.123456789, 0.0, 30),
    EpochScored(60 * S, 1, Stage.UNSCORED, None, None, None, 0),
    SuspicionRaised(61 * S, Suspicion(3, EpisodeKind.TERROR_LIKE, 50 * S, 61 * S, 1.5, REASONS)),
    SuspicionCleared(62 * S, 3, EpisodeKind.PERIODIC, 50 * S, 5e-324, ()),
    NUDGED,
    Decision(62 * S, WatchState.BLIND, Action.NOTHING, REASONS[:1]),
    QualityNote(63 * S, Quality.OFF_WRIST, Quality.GOOD),
    NightClosed(64 * S, 0, 30, 34, 1, (("late", 3), ("jump", 1))),
)


def as_stored(records: Sequence[Given]) -> list[Stored]:
    """What the store promises to give back."""
    return [StoredDecision.of(r) if isinstance(r, Decision) else r for r in records]


def test_every_kind_of_record_comes_back_exactly_and_in_order() -> None:
    """No field of any input or output is lost, and samples, events and outputs keep their places."""
    mixed = [*EVERY_INPUT, *EVERY_OUTPUT]
    random.Random(4).shuffle(mixed)
    records = as_stored(mixed)
    assert list(unpack_minute(*pack_minute(records))) == records


def test_a_decision_keeps_what_its_permit_allowed_but_not_the_permit() -> None:
    """What comes back names serial, request and instant, and nothing an output would act on."""
    (back,) = unpack_minute(*pack_minute([StoredDecision.of(NUDGED)]))
    assert isinstance(back, StoredDecision)
    assert back.permit == StoredPermit(7, REQUEST, 61 * S)
    assert not hasattr(back.permit, "redeem")


def test_inputs_alone_and_outputs_alone() -> None:
    """Replay reads the inputs without the outputs; a page reads one kind of output without the samples."""
    records = as_stored([*EVERY_OUTPUT[:3], *EVERY_INPUT, *EVERY_OUTPUT[3:]])
    samples, others = pack_minute(records)
    assert list(unpack_minute(samples, others, outputs=False)) == list(EVERY_INPUT)
    assert list(unpack_others(others, frozenset({"EpochScored"}))) == list(EVERY_OUTPUT[:2])


WHOLE = st.integers(-(2**80), 2**80) | st.sampled_from([0, -1, 127, 128, 255, 256, -(2**63), 2**63, 2**64 - 1, 2**64])
VECTOR = st.none() | st.tuples(WHOLE, WHOLE, WHOLE)
SAMPLES = st.one_of(
    st.builds(HeartSample, WHOLE, WHOLE),
    st.builds(BeatInterval, WHOLE, WHOLE, st.booleans()),
    st.builds(MotionSummary, WHOLE, WHOLE, st.none() | WHOLE, VECTOR, VECTOR, VECTOR, st.none() | WHOLE),
    st.builds(Contact, WHOLE, st.booleans()),
    st.builds(Battery, WHOLE, WHOLE),
)


@given(st.lists(SAMPLES | st.sampled_from(as_stored([*EVERY_INPUT, *EVERY_OUTPUT])), min_size=1, max_size=40))
def test_samples_with_any_integers_come_back(records: list[Stored]) -> None:
    """Whatever a broken clock or sensor gave, the store gives back the same, or the digest would differ."""
    assert list(unpack_minute(*pack_minute(records))) == records


@given(st.lists(WHOLE, max_size=30), st.integers(1, 4), WHOLE)
def test_columns_come_back(values: list[int], lanes: int, base: int) -> None:
    """Plain values, steps and instants are each read back as they were written, one after the other."""
    reader = ColumnReader(pack(values) + pack_steps(values, lanes) + pack_instants(values, base) + b"!")
    assert list(reader.values(len(values))) == values
    assert reader.steps(len(values), lanes) == values
    assert reader.instants(len(values), base) == values
    assert reader.take(1) == b"!"


@pytest.mark.parametrize(
    "column",
    [
        b"",
        b"b\x01",
        b"z\x01\x01",
        b"J\x01\x00\x00\x00[",
        b"J\x03\x00\x00\x00[1]",
        b"J\x05\x00",
        b"H\x01\x00",
        b'J\x07\x00\x00\x00["a",1]',
    ],
    ids=["empty", "short", "unknown width", "half JSON", "too few", "half a length", "one of two", "no number"],
)
def test_a_column_that_was_not_written_is_refused(column: bytes) -> None:
    """A reader that guesses would give wrong samples."""
    with pytest.raises((ValueError, struct.error)):
        ColumnReader(column).values(2)


def deflated(data: bytes, words: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15, zdict=words)
    return packer.compress(data) + packer.flush()


def test_a_minute_that_was_not_written_is_refused() -> None:
    """A newer form, a cut blob, trailing bytes, missing records and a class nobody knows all raise."""
    samples, others = pack_minute(as_stored([HeartSample(1, 2), LinkLost(3)]))
    nothing = deflated(b"", VOCABULARY)
    unknown = deflated(b'[{"$record":["Ghost",{}]}]', VOCABULARY)
    for one, two in (
        (deflated(b"\x02", OUTLINE), others),
        (samples[:-1], others),
        (samples + b"x", others),
        (samples, nothing),
        (samples, others[:5]),
        (samples, unknown),
    ):
        with pytest.raises((ValueError, zlib.error, SnapshotError)):
            list(unpack_minute(one, two))


def test_what_the_packing_knows_beforehand_never_changes() -> None:
    """A single other byte, and nights that are on people's disks could no longer be read."""
    assert (len(VOCABULARY), zlib.crc32(VOCABULARY)) == VOCABULARY_AS_SHIPPED
    assert (len(OUTLINE), zlib.crc32(OUTLINE)) == OUTLINE_AS_SHIPPED


VOCABULARY_AS_SHIPPED = (4013, 3465168697)
OUTLINE_AS_SHIPPED = (347, 486795507)


def test_a_night_takes_less_than_its_share_of_a_year() -> None:
    """A year of 8-h nights with 1 Hz heart rate and movement stays under 100 MB: 9.5 bytes a second."""
    rng = random.Random(2)
    total, bpm, mean = 0, 580.0, [0, 0, 1000]
    for minute in range(30):
        records: list[Stored] = []
        for second in range(60):
            at_ns = (60 * minute + second) * S
            bpm += rng.gauss(0, 3) + (580 - bpm) * 0.02
            mean = [axis + round(rng.gauss(0, 1)) for axis in mean]
            swing = 4 if rng.random() < 0.97 else 60
            low = (mean[0] - rng.randrange(swing), mean[1] - rng.randrange(swing), mean[2] - rng.randrange(swing))
            high = (mean[0] + rng.randrange(swing), mean[1] + rng.randrange(swing), mean[2] + rng.randrange(swing))
            span = round(sum((top - bottom) ** 2 for bottom, top in zip(low, high, strict=True)) ** 0.5)
            records.append(HeartSample(at_ns, round(bpm)))
            records.append(MotionSummary(at_ns, 1000, span, low, high, (mean[0], mean[1], mean[2])))
        total += sum(len(blob) for blob in pack_minute(records))
    assert total / 30 / 60 * 8 * 3600 * 365 < 100e6
