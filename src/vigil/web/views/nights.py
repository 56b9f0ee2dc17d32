"""The list of nights: newest first, each with what was done and what was said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vigil.app.morning_words import WORDS
from vigil.domain.answers import Answer, MorningWord
from vigil.store.nights import NightRow
from vigil.web.words import Words

AT_ONCE = 60
"""Nights on one page: two months. Our choice."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One night. said: of its morning; done: by Vigil."""

    key: int
    title: str
    done: str
    said: str


def page_of(rows: Sequence[NightRow], before: int | None) -> tuple[list[NightRow], int | None]:
    """The newest rows below the key `before`, newest first, and where the next page goes on; None at the end."""
    older = [row for row in reversed(rows) if before is None or row.key < before]
    return older[:AT_ONCE], older[AT_ONCE - 1].key if len(older) > AT_ONCE else None


def listed(
    row: NightRow, title: str, nudged: int | None, waiting: Answer | None, kept: Answer | None, t: Words
) -> Listed:
    """A night in the list. title: of `titles`. nudged: episodes in which something was done; None if not kept yet.

    waiting: what was said of its morning and waits for the store; kept: what was put to it.
    """
    answer = waiting or kept or Answer()
    said = t("night.list_unsaid") if answer.word is MorningWord.LEFT else _sentence(WORDS[answer.word])
    if waiting is not None:
        said = f"{said} {t('night.list_waits')}"
    return Listed(row.key, title, _done(row, nudged, t), said)


def _done(row: NightRow, nudged: int | None, t: Words) -> str:
    if not row.intact:
        return t("night.list_damaged")
    if nudged is None:
        return t("night.list_open")
    return t("night.list_nudged", n=nudged) if nudged else t("night.list_quiet")


def _sentence(words: str) -> str:
    """As a sentence; "I" stays a capital."""
    return f"{words[:1].upper()}{words[1:]}."
