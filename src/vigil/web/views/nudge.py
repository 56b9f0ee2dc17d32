"""A sitting in which nudges are tried, as its page shows it."""

from __future__ import annotations

from dataclasses import dataclass

from vigil.domain.requests import Output


@dataclass(frozen=True, slots=True)
class Given:
    """A step of `most`, given or offered. begun: it was felt, heard or seen, or can be. words: why not, or how."""

    output: Output
    level: int
    most: int
    begun: bool
    words: str = ""

    @property
    def top(self) -> bool:
        """Whether the person allows no higher one."""
        return self.level >= self.most


@dataclass(frozen=True, slots=True)
class Trying:
    """How a sitting stands. open: the outputs are held. busy: something is being found or given.

    offers: the next step of each output. given: the last. said: what the outputs said. failed: why it ended.
    """

    open: bool = False
    busy: bool = False
    offers: tuple[Given, ...] = ()
    given: Given | None = None
    said: tuple[str, ...] = ()
    failed: str = ""
