"""What is seen at a step, in numbers that become reasons only where they are told.

Whether anything new is to be said is known from the codes alone, and most steps say nothing new.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from vigil.domain.nudges import Reason, ReasonCode, Reasons, Unit

Sign: TypeAlias = tuple[ReasonCode, float, float | None, Unit, int]
"""Code, value, bound, unit, and the decimals that both are told with."""

Signs: TypeAlias = tuple[Sign, ...]


def codes_of(signs: Signs) -> tuple[ReasonCode, ...]:
    """The codes of the reasons that these would become."""
    return tuple([sign[0] for sign in signs])


def reasons_of(signs: Iterable[Sign]) -> Reasons:
    """The same as typed reasons, rounded."""
    return tuple(
        [
            Reason(code, round(value, decimals), None if bound is None else round(bound, decimals), unit)
            for code, value, bound, unit, decimals in signs
        ]
    )
