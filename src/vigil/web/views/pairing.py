"""A round of pairing as its page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from vigil.app.pairing import Near, heard_words
from vigil.app.pairing_room import replaced_words, uses_of
from vigil.app.wearables_file import Paired, Role, Wearables
from vigil.web.words import Words


class Stage(Enum):
    """How far it is."""

    IDLE = "idle"
    LOOKING = "looking"
    FOUND = "found"
    CHOSEN = "chosen"
    TRYING = "trying"
    TRIED = "tried"


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a try. rates: in bpm. worn, battery_percent: None where it did not say."""

    worked: bool
    why: str = ""
    rates: tuple[float, ...] = ()
    worn: bool | None = None
    battery_percent: int | None = None


@dataclass(frozen=True, slots=True)
class Pairing:
    """One round. near, others: what was heard and known, and how many were not. chosen: one of them.

    other: that it is of another family than its name says. paired: what would be kept. rates: heart rates heard so far,
    in bpm. failed: why nothing could be looked for.
    """

    stage: Stage = Stage.IDLE
    near: tuple[Near, ...] = ()
    others: int = 0
    chosen: Near | None = None
    other: str = ""
    paired: Paired | None = None
    rates: tuple[float, ...] = ()
    tried: Tried | None = None
    failed: str = ""

    @property
    def busy(self) -> bool:
        """Whether something runs, and will be over by itself."""
        return self.stage in {Stage.LOOKING, Stage.TRYING}


@dataclass(frozen=True, slots=True)
class NearSeen:
    """One device nearby. name: what it calls itself, a stranger's words."""

    address: str
    name: str
    family: str
    heard: str
    caution: str
    uses: tuple[tuple[str, str], ...]


def near_seen(near: Near, t: Words) -> NearSeen:
    """How it is shown. uses: value and words, the most first."""
    uses = tuple((one.value, t(f"devices.use_{one.value}")) for one in uses_of(near))
    return NearSeen(near.address, near.name, near.family.name, heard_words(near), near.family.caution, uses)


def tried_lines(now: Pairing, before: Wearables, t: Words) -> tuple[str, ...]:
    """What came of the try, and whose place it would take."""
    tried, paired = now.tried, now.paired
    if tried is None or paired is None:
        return ()
    lines = []
    if tried.why:
        lines.append(t("devices.did_not_work", why=tried.why))
    elif not tried.worked:
        lines.append(t("devices.no_heart"))
    if tried.rates:
        lines.append(t("devices.rates", rates=", ".join(f"{one:.0f}" for one in tried.rates)))
    elif tried.worked:
        lines.append(t("devices.beats") if Role.SENSOR in paired.roles else t("devices.reached"))
    if tried.worn is False:
        lines.append(t("devices.not_worn"))
    if tried.battery_percent is not None:
        lines.append(t("devices.battery_now", percent=tried.battery_percent))
    return (*lines, *replaced_words(before, paired))
