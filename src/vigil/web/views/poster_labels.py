"""Words above the poster: what was noticed, what was done about it, what the sleeper said; never one over another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vigil.domain.explain import KIND_WORDS
from vigil.web.views.night_seen import NightSeen
from vigil.web.views.poster_sizes import Size
from vigil.web.words import Words

LETTER = 0.56
"""Width of an average letter, as a share of the size of the type: sans-serif faces lie between 0.5 and 0.6."""

GAP = 10
ROW = 1.5
"""Distance of two rows, as a share of the size of the type."""


@dataclass(frozen=True, slots=True)
class Label:
    """Words that end a line which begins at `x` of the night. token: its colour. y: of its baseline."""

    x: float
    y: float
    text_x: float
    words: str
    token: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Words about an instant, in seconds from lights-out. token: their colour."""

    t_s: float
    words: str
    token: str


def labels(seen: NightSeen, size: Size, x: Callable[[float], float], t: Words) -> tuple[Label, ...]:
    """As many as find room, what was done before what was only noticed; the page says all of them in its list."""
    taken: list[list[tuple[float, float]]] = [[] for _ in range(size.label_rows)]
    found = []
    for one in wanted(seen, t):
        width, middle = len(one.words) * size.font * LETTER, x(one.t_s)
        left = min(max(middle - width / 2, 4.0), max(4.0, size.width - 4 - width))
        free = [row for row, spans in enumerate(taken) if _is_free(spans, left, left + width)]
        if free:
            taken[free[0]].append((left, left + width))
            y = size.top - 14 - free[0] * size.font * ROW
            found.append(Label(middle, round(y, 1), round(left, 1), one.words, one.token))
    return tuple(found)


def _is_free(spans: Sequence[tuple[float, float]], left: float, right: float) -> bool:
    return all(right + GAP <= begin or end + GAP <= left for begin, end in spans)


def wanted(seen: NightSeen, t: Words) -> list[Wanted]:
    """Everything that has words above a picture, the weightiest first."""
    report, clock = seen.stored.report, seen.stored.clock
    done: list[Wanted] = []
    noticed: list[Wanted] = []
    for row in report.suspicions:
        given = [nudge for nudge in report.nudges if nudge.episode == row.episode]
        if given:
            words = t("night.label_nudged", when=clock.words(given[0].t_s), n=len(given))
            done.append(Wanted(given[0].t_s, words, "nudge"))
        else:
            words = t("night.label_noticed", when=clock.words(row.raised_s), kind=KIND_WORDS[row.kind])
            noticed.append(Wanted(row.raised_s, words, "faint"))
    said = [
        Wanted(one.t_s, f"{clock.words(one.t_s)} {t(f'night.label_{one.mark.value}')}", "text") for one in seen.marks
    ]
    return [*done, *said, *noticed]
