"""The simulated sleeper: a body, a wearable and a night, lived second by second, that can be nudged."""

from __future__ import annotations

from collections import deque

import numpy as np

from vigil.domain.records import Event, LinkLost, LinkRegained, NightBegan, Sample
from vigil.domain.requests import Output
from vigil.domain.samples import Battery, Contact, HeartSample, MotionSummary
from vigil.domain.units import EPOCH_S, MS_PER_S, NS_PER_S
from vigil.recordings.synthetic import body as bodies
from vigil.recordings.synthetic import plans
from vigil.recordings.synthetic.answer import Nudge, answer
from vigil.recordings.synthetic.beats import Beats
from vigil.recordings.synthetic.chance import Chance, generator
from vigil.recordings.synthetic.night_plan import NightPlan, Trouble, TroubleKind
from vigil.recordings.synthetic.people import Person
from vigil.recordings.synthetic.people import person as person_of
from vigil.recordings.synthetic.sensor import WRIST_5S, HeartSensor, Sensor, motion_rows
from vigil.recordings.synthetic.truth import DistractorTruth, EpisodeTruth, NudgeFelt, Truth

BATTERY_EVERY_S = 3600


class SimulatedSleeper:
    """A night that is lived once, from lights-out at instant 0 to `ends_ns`.

    Everything it does follows from `seed` and the nudges it was given. Randomness is drawn per second and per
    purpose, so that a nudge changes only what comes after the second in which it was felt, to the bit; how often
    `until` is called changes nothing. Without a `plan` the night is `plans.plan(seed, person, hours=hours)`; with
    one, the plan's own length counts and `hours` is not used.
    """

    def __init__(
        self,
        seed: int,
        *,
        person: Person | None = None,
        plan: NightPlan | None = None,
        sensor: Sensor = WRIST_5S,
        hours: float = 8.0,
    ) -> None:
        self.seed = seed
        self.person = person_of(seed) if person is None else person
        self.sensor = sensor
        self.plan = plans.plan(seed, self.person, hours=hours) if plan is None else plan
        self._length_s = self.plan.length_s
        self._noise = bodies.draw_noise(seed, self._length_s)
        self._troubles = (*self.plan.troubles, *_flat_battery(self.plan))
        self._trouble_at = {
            t: trouble.kind for trouble in self._troubles for t in range(trouble.from_s + 1, trouble.to_s + 1)
        }
        self._body = bodies.render(self.plan, self.person, self._noise)
        self._beats = Beats.of(self.person, seed, self._length_s) if sensor.cadence_s is None else None
        self._heart = HeartSensor.worn(sensor, sensor.cadence_s or 1, seed, self._length_s)
        self._nudges: list[NudgeFelt] = []
        self._queue: deque[Sample | Event] = deque()
        self._lived_s = 0
        self._spread()

    @property
    def ends_ns(self) -> int:
        """The instant at which the night ends."""
        return self._length_s * NS_PER_S

    def began(self) -> NightBegan:
        """Lights-out, at instant 0."""
        cadence = self.sensor.cadence_s
        name = f"simulated-{self.plan.name.replace(' ', '-')}-{self.seed}"
        return NightBegan(at_ns=0, night=name, heart_cadence_ms=None if cadence is None else cadence * MS_PER_S)

    def until(self, at_ns: int) -> list[Sample | Event]:
        """Every sample and event known after the last call and not after `at_ns`, by the instant it was known."""
        self._live(-(-at_ns // NS_PER_S))
        found = []
        while self._queue and self._queue[0].at_ns <= at_ns:
            found.append(self._queue.popleft())
        return found

    def feel(self, output: Output, level: int, duration_ms: int, at_ns: int) -> None:
        """A nudge reaches the body at `at_ns`: it is felt or not, and may settle an episode or wake the sleeper.

        What was lived up to then, to the end of that second, stays as it is. A nudge after the end is not felt.
        """
        at_s = max(0, -(-at_ns // NS_PER_S))
        self._live(at_s)
        at_s = max(at_s, self._lived_s)
        if at_s >= self._length_s:
            return
        nudge = Nudge(output, level, duration_ms, at_s, before=len(self._nudges))
        rng = generator(self.seed, Chance.ANSWER, at_s, len(self._nudges))
        given = answer(rng, self.person, self.plan, nudge)
        self._nudges.append(NudgeFelt(at_ns / NS_PER_S, output, level, given.perceived, given.outcome))
        self.plan = given.plan
        self._body = self._body.after(at_s, bodies.render(self.plan, self.person, self._noise))
        self._spread()

    @property
    def truth(self) -> Truth:
        """What has really happened so far; complete once the night has been lived to its end."""
        now = self._lived_s
        return Truth(
            known_s=now,
            scoring=self.plan.scoring()[: now // EPOCH_S],
            episodes=tuple(self._episode_truths(now)),
            distractors=tuple(
                DistractorTruth(d.kind, d.from_s, d.to_s) for d in self.plan.distractors if 0 <= d.from_s < now
            ),
            nudges=tuple(self._nudges),
            troubles=tuple(sorted(self._known_troubles(now), key=lambda t: (t.from_s, t.to_s))),
        )

    def _episode_truths(self, now: int) -> list[EpisodeTruth]:
        found = []
        for episode in self.plan.episodes:
            if episode.onset_s >= now:
                continue
            over = episode.end_s <= now
            lived = self._body.heart_bpm[episode.onset_s + 1 : min(now, episode.end_s + 30) + 1]
            found.append(
                EpisodeTruth(
                    size=episode.size,
                    stage=episode.stage,
                    onset_s=episode.onset_s,
                    end_s=episode.end_s if over else None,
                    ended_by=episode.ended_by if over else None,
                    rise_bpm=episode.rise.bpm,
                    peak_bpm=float(lived.max()),
                )
            )
        return found

    def _known_troubles(self, now: int) -> list[Trouble]:
        return [trouble for trouble in (*self._troubles, *self._heart.drops) if trouble.from_s < now]

    def _spread(self) -> None:
        """Lay the body out in plain lists, which are quicker to read a second at a time."""
        self._heart_bpm = self._body.heart_bpm.tolist()
        self._rsa = self._body.rsa.tolist()
        self._breathing_hz = self._body.breathing_hz.tolist()
        self._move_mg = np.maximum(self._body.move_mg, self._body.shake_mg).tolist()
        self._motion = motion_rows(self._body, self.sensor, self._noise, self._troubles)

    def _live(self, to_s: int) -> None:
        """Live on to the end of second `to_s`, or of the night."""
        for s in range(self._lived_s + 1, min(to_s, self._length_s) + 1):
            self._second(s)
            self._lived_s = s

    def _second(self, s: int) -> None:
        """Live one second: what the wearable sends goes to the queue, in order."""
        trouble = self._trouble_at.get(s)
        heart = self._heart_items(s, trouble)
        if trouble is not TroubleKind.LINK:
            self._queue.extend(heart)
            self._queue.append(self._motion_item(s))
            self._battery(s)
        for each in self._troubles:
            if s in (each.from_s, each.to_s):
                self._mark_trouble(s, each)

    def _heart_items(self, s: int, trouble: TroubleKind | None) -> list[Sample | Event]:
        if self._beats is not None:
            beats = self._beats.second(s, self._heart_bpm[s], self._rsa[s], self._breathing_hz[s], self._move_mg[s])
            return [] if trouble is not None else list(beats)
        bpm = self._heart.value(s, self._heart_bpm, self._move_mg[s], frozen=trouble is TroubleKind.FROZEN)
        if bpm is None or trouble in _SILENT:
            return []
        return [HeartSample(s * NS_PER_S, bpm * 10)]

    def _motion_item(self, s: int) -> MotionSummary:
        rows = self._motion
        (x, y, z), (high_x, high_y, high_z), (mean_x, mean_y, mean_z) = rows.low_mg[s], rows.high_mg[s], rows.mean_mg[s]
        return MotionSummary(
            s * NS_PER_S,
            MS_PER_S,
            rows.range_mg[s],
            (x, y, z),
            (high_x, high_y, high_z),
            (mean_x, mean_y, mean_z),
            rows.steps[s] if self.sensor.counts_steps else None,
        )

    def _battery(self, s: int) -> None:
        start = self.plan.battery_percent
        if start is not None and s % BATTERY_EVERY_S == 1:
            left = start - self.plan.battery_per_h * s / 3600
            self._queue.append(Battery(s * NS_PER_S, max(0, round(left))))

    def _mark_trouble(self, s: int, trouble: Trouble) -> None:
        """Say where a link is lost or the wearable is taken off, and where it is over."""
        begins = s == trouble.from_s
        if trouble.kind is TroubleKind.LINK:
            self._queue.append(LinkLost(s * NS_PER_S) if begins else LinkRegained(s * NS_PER_S))
        elif trouble.kind is TroubleKind.OFF_WRIST:
            self._queue.append(Contact(s * NS_PER_S, on=not begins))


_SILENT = frozenset({TroubleKind.LINK, TroubleKind.HEART_GAP, TroubleKind.OFF_WRIST})
"""Troubles in which a wrist sensor sends no heart rate; FROZEN sends the last one again. A strap is silent in each."""


def _flat_battery(plan: NightPlan) -> tuple[Trouble, ...]:
    """The link, lost for good when the charge is spent; nothing where it lasts the night."""
    if plan.battery_percent is None or plan.battery_per_h <= 0:
        return ()
    flat_s = int(plan.battery_percent / plan.battery_per_h * 3600)
    return (Trouble(TroubleKind.LINK, flat_s, plan.length_s + 1),) if 0 < flat_s < plan.length_s else ()
