"""A strap and a watch over bluetoothd, struck by everything that can go wrong: it is heard again, and nothing hangs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest

pytest.importorskip("bumble", reason="bumble is not installed (extra: radio)")

from tests.nights import parameters
from tests.radio.bluez import over_bluez
from tests.radio.bluez_blows import BLOWS, Blow, shuffled
from tests.radio.bluez_night import BluezNight
from vigil.app.live_view import NoView
from vigil.app.radio_night import sleeper_with_strap
from vigil.app.simulated_night import Lived, Script, lights_out
from vigil.domain.records import Event, Input, NightOutput, Sample, Tick
from vigil.domain.samples import BeatInterval, HeartSample, Quality
from vigil.domain.units import NS_PER_MS, NS_PER_S
from vigil.night.night_watch import NightWatch
from vigil.run.replay import Outfit, ticked
from vigil.signal.heart import HeartTracker
from vigil.store.database import Database
from vigil.store.night_reader import NightReader
from vigil.store.nights import Nights

INPUTS = (*get_args(Sample), *get_args(Event))
EVENING_MS = 1_775_000_000_000
SPREAD_S = 950.0
"""From fault to fault in a whole night, in virtual seconds."""

NOTICED_S = 10.0
"""A twentieth of the last minute's values came twice by then, which is what doubled means (`vigil.signal.hygiene`)."""

CLOSED_WITHIN_S = 25.0
"""`vigil.run.radio.CLOSE_S`: after it the thread is left behind."""


@dataclass(slots=True)
class Listening(NoView):
    """What a tracker takes of the night's heart, and what it calls doubled."""

    tracker: HeartTracker = field(default_factory=HeartTracker)
    hearts_ns: list[int] = field(default_factory=list)
    beats: list[BeatInterval] = field(default_factory=list)
    doubled_ns: list[int] = field(default_factory=list)

    def __call__(self, record: Input | NightOutput) -> None:
        """See `Spectator`."""
        if isinstance(record, HeartSample) and self.tracker.take_heart(record) is None:
            self.hearts_ns.append(record.at_ns)
        elif isinstance(record, BeatInterval) and self.tracker.take_beat(record) is None:
            self.beats.append(record)
        elif isinstance(record, Tick) and self.tracker.look(record.at_ns).quality is Quality.DOUBLED:
            self.doubled_ns.append(record.at_ns)


@dataclass(frozen=True, slots=True)
class Told:
    """A night that was lived, what was heard of it, and its digests read back from the store."""

    night: BluezNight
    lived: Lived
    heard: Listening
    read_back: dict[str, str]


def lived(folder: Path, script: Script, blows: Sequence[Blow], spread_s: float = 0.0) -> Told:
    """Live a night over bluetoothd with these blows, keep it, and read it back."""
    outfit, heard = Outfit(parameters()), Listening()
    began = lights_out(script, outfit, wall_ms=EVENING_MS, zone_min=0, name="over bluetoothd")
    with Database.open(folder / "vigil.db") as database:
        night = BluezNight(
            script, began, outfit, database, heard, (), (), sleeper_with_strap(script), blows=blows, spread_s=spread_s
        )
        found = over_bluez(night.live_over)
        (row,) = Nights(database).nights()
        again = NightWatch(outfit.parameters, outfit.settings, outfit.profile)
        kept = (record for record in NightReader(database).records(row.key) if isinstance(record, INPUTS))
        for record in ticked(kept):
            again.push(record)
    return Told(night, found, heard, again.digests)


def must_have_held(told: Told) -> None:
    """Whatever struck it: heard again in time, nothing twice, nothing left open, nothing hung, nothing unsaid."""
    night = told.night
    slow = [(back.blow.name, back.strap_s, back.watch_s) for back in night.backs if not back.in_time]
    assert slow == []
    assert len(night.backs) == len(night.blows)
    assert night.unheard == []
    assert night.closing_s <= CLOSED_WITHIN_S
    files = [back.open_files for back in night.backs]
    assert max(files) <= files[0] + 2
    assert told.read_back == dict(told.lived.report.digests)
    must_believe_nothing_twice(told)


def must_believe_nothing_twice(told: Told) -> None:
    """Packets that come twice are called doubled as long as they do, and no heart is believed twice.

    While it is called doubled nothing is done, and a beat of a packet that came twice may pass; no other minute has
    more beats than fit into it.
    """
    backs = told.night.backs
    at = [back.blow.name for back in backs].index("notifications are doubled")
    from_s, until_s = backs[at].from_s + backs[at].strap_s + NOTICED_S, backs[at + 1].from_s
    doubled = {at_ns // NS_PER_S for at_ns in told.heard.doubled_ns}
    assert set(range(round(from_s) + 1, round(until_s) - 1)) <= doubled
    elsewhere = [beat for beat in told.heard.beats if not backs[at].from_s <= beat.at_ns / NS_PER_S <= until_s + 5]
    assert most_in_a_minute_ms(elsewhere) <= 63_000
    assert min(b - a for a, b in pairwise(told.heard.hearts_ns)) > 500 * NS_PER_MS


def most_in_a_minute_ms(beats: list[BeatInterval]) -> int:
    """The longest that beats of one minute last together, in ms."""
    most = total = first = 0
    for last, beat in enumerate(beats):
        total += beat.rr_ms
        while beats[first].at_ns <= beat.at_ns - 60 * NS_PER_S:
            total -= beats[first].rr_ms
            first += 1
        most = max(most, total if last >= first else 0)
    return most


@pytest.mark.timeout(300)
def test_half_an_hour_with_everything_that_goes_wrong(tmp_path: Path) -> None:
    """After each fault strap and watch are heard again in time."""
    must_have_held(lived(tmp_path, Script(1, None, 0.5), BLOWS))


@pytest.mark.nightly
@pytest.mark.timeout(1800)
def test_a_whole_night_with_everything_that_goes_wrong(tmp_path: Path) -> None:
    """Eight hours of nightmares and faults in an order of their own: the watch is felt, and the night is kept."""
    told = lived(tmp_path, Script(2, "strong", 8.0), shuffled(2), SPREAD_S)
    must_have_held(told)
    assert told.night.felt, "a permit reached the motor"
