"""Reading a night for its page: once for the page, its picture and its data; a night that has grown is read anew."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from vigil.app.diary_journal import in_journal
from vigil.app.how_it_stands import how_it_stands
from vigil.app.night_lanes import end_s
from vigil.app.stored_night import read
from vigil.app.wiring import OpenShelf
from vigil.domain.answers import Answer
from vigil.domain.errors import NotFoundError, StoreError
from vigil.domain.records import Marked
from vigil.domain.samples import BeatInterval, HeartSample
from vigil.domain.units import NS_PER_S, bpm_x10_from_rr
from vigil.store.answers import Answers
from vigil.store.nights import NightRow, Nights
from vigil.store.stored import Stored
from vigil.web.rooms import Rooms
from vigil.web.views.heart_line import heart_line
from vigil.web.views.night_seen import NightSeen, SaidMark

MOST = 3
"""Nights that are remembered between requests: one, and those on either side of it."""

Key: TypeAlias = tuple[Path, NightRow]


@dataclass(slots=True)
class Gathered:
    """What a page wants of a night beside its report. Beats are used where the wearable says no heart rate."""

    began_ns: int
    heart: tuple[list[float], list[float]] = field(default_factory=lambda: ([], []))
    beats: tuple[list[float], list[float]] = field(default_factory=lambda: ([], []))
    marks: list[SaidMark] = field(default_factory=list)

    def see(self, record: Stored) -> None:
        """Take one record."""
        if isinstance(record, HeartSample):
            self._take(self.heart, record.at_ns, record.bpm_x10 / 10)
        elif isinstance(record, BeatInterval) and record.clean and record.rr_ms > 0:
            self._take(self.beats, record.at_ns, bpm_x10_from_rr(record.rr_ms) / 10)
        elif isinstance(record, Marked):
            self.marks.append(SaidMark((record.at_ns - self.began_ns) / NS_PER_S, record.mark))

    def _take(self, into: tuple[list[float], list[float]], at_ns: int, bpm: float) -> None:
        if LOWEST_BPM <= bpm <= HIGHEST_BPM:
            into[0].append((at_ns - self.began_ns) / NS_PER_S)
            into[1].append(bpm)


LOWEST_BPM, HIGHEST_BPM = 25.0, 220.0
"""What lies outside is no heart rate (as `signal/hygiene.py` has it), and would only squeeze the picture."""


class NightsRead:
    """The nights that were read last. May be asked by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: OrderedDict[Key, NightSeen] = OrderedDict()

    def of(self, rooms: Rooms, key: int) -> NightSeen:
        """The night of that key; raises NotFoundError, and StoreError where nothing of it can be read."""
        with rooms.reading() as shelf:
            if shelf is None:
                message = "no night is kept yet; nothing was read"
                raise NotFoundError(message)
            row = self._row(shelf, key)
            place = (rooms.home.database(rooms.shelf), row)
            with self._lock:
                if place not in self._found:
                    self._found[place] = _seen(shelf, row)
                self._found.move_to_end(place)
                while len(self._found) > MOST:
                    self._found.popitem(last=False)
                kept = self._found[place]
            waiting = in_journal(rooms.home, rooms.shelf).waiting
            stored = replace(kept.stored, answer=waiting.get(row.name) or _answer(shelf, key))
        live = how_it_stands(rooms.home, rooms.shelf, rooms.wall_ms()).live
        return replace(kept, stored=stored, going_on=live is not None and live.night == row.name)

    def forget(self) -> None:
        """Remember nothing: something is about to be erased."""
        with self._lock:
            self._found.clear()

    def _row(self, shelf: OpenShelf, key: int) -> NightRow:
        try:
            return Nights(shelf.database).row(key)
        except NotFoundError:
            self.forget()  # it may have been erased: then nothing of it is remembered here either
            raise


def _seen(shelf: OpenShelf, row: NightRow) -> NightSeen:
    gathered = Gathered(row.began_ns)
    stored = read(shelf, row, gathered.see)
    at_s, bpm = gathered.heart if gathered.heart[0] else gathered.beats
    line = heart_line(at_s, bpm, end_s(stored.report.epochs))
    return NightSeen(stored, line, tuple(gathered.marks))


def _answer(shelf: OpenShelf, key: int) -> Answer | None:
    try:
        return Answers(shelf.database).get(key)
    except StoreError:
        return None
