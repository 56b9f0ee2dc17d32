"""Nights that are really nudged: a simulated sleeper, lived second by second, that feels what is allowed."""

from __future__ import annotations

from dataclasses import replace

from tests.nights import parameters
from vigil.domain.nudges import Decision
from vigil.domain.records import Input, NightEnded, NightOutput, OutputAcknowledged, Tick
from vigil.domain.settings import Settings
from vigil.domain.units import NS_PER_S
from vigil.night.night_watch import NightWatch
from vigil.recordings.synthetic.people import Person
from vigil.recordings.synthetic.plans import named_plan
from vigil.recordings.synthetic.sensor import WRIST_1S, Sensor
from vigil.recordings.synthetic.sleeper import SimulatedSleeper

NUMB = Person(nudge_threshold=9.0)
"""Feels no nudge: its nightmares go on to their end, so the ladder is climbed."""
EASY = Person(nudge_threshold=0.6, habituation=0.0)
"""Feels the lowest nudge nearly always."""


def nudged_night(
    plan: str = "strong",
    seed: int = 1,
    hours: float = 2.0,
    *,
    who: Person = NUMB,
    sensor: Sensor = WRIST_1S,
    shaken: bool = True,
    settings: Settings | None = None,
) -> tuple[list[Input], list[NightOutput]]:
    """Every input but ticks, acknowledgements included, and every output. shaken: the accelerometer shows the buzz."""
    sleeper = SimulatedSleeper(
        seed, person=who, plan=named_plan(plan, seed, who, hours=hours), sensor=replace(sensor, shaken=shaken)
    )
    watch = NightWatch(parameters(), settings)
    inputs: list[Input] = []
    outputs: list[NightOutput] = []

    def push(record: Input) -> list[Decision]:
        if not isinstance(record, Tick):
            inputs.append(record)
        said = watch.push(record)
        outputs.extend(said)
        return [one for one in said if isinstance(one, Decision) and one.permit is not None]

    push(sleeper.began())
    for at_ns in range(NS_PER_S, sleeper.ends_ns + 1, NS_PER_S):
        for record in sleeper.until(at_ns):
            push(record)
        for decision in push(Tick(at_ns)):
            assert decision.permit is not None
            request = decision.permit.request
            sleeper.feel(request.output, request.level, request.duration_ms, at_ns)
            push(OutputAcknowledged(at_ns + 1, decision.permit.serial))
    push(NightEnded(sleeper.ends_ns + 1))
    return inputs, outputs
