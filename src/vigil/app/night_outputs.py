"""The outputs of one night: those of a simulated sleeper, or the person's own in their place."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from vigil.domain.requests import Output
from vigil.run.ports import Nudger
from vigil.run.sources import FeltNudger, OneAtATime, SleeperNudger

Beside: TypeAlias = Callable[[], Coroutine[Any, Any, object]]


@dataclass(frozen=True, slots=True)
class RealOutputs:
    """The person's own outputs, beside those of a simulated sleeper. beside: what goes on beside them in their loop.

    tell: whom to tell of a signal that is lost, if anybody.
    """

    nudgers: Mapping[Output, Nudger]
    beside: tuple[Beside, ...] = ()
    tell: Beside | None = None


def felt_outputs(
    usable: Sequence[Output], real: RealOutputs | None, sleeper: OneAtATime, zero_ns: int
) -> dict[Output, Nudger]:
    """The outputs of a simulated sleeper: virtual, or the person's own, which it feels as well."""
    own = {} if real is None else real.nudgers
    return {
        one: FeltNudger(own[one], sleeper, zero_ns) if one in own else SleeperNudger(sleeper, one, zero_ns)
        for one in usable
    }
