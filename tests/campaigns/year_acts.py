"""What must hold of every act, judged in true time from what outputs really did; the guard is not trusted.

DESIGN section 5 once more, in plain numbers. Where a reboot let Vigil place earlier acts by a wall clock that was
believed although it was wrong by less than five minutes, a cap may be off by as much.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tests.campaigns.year_faults import Fault
from tests.campaigns.year_log import Act, Happened, NightLog
from tests.campaigns.year_world import MS, S
from vigil.domain.records import LinkLost, LinkRegained, Mark, Marked
from vigil.domain.samples import Contact, HeartSample
from vigil.domain.settings import Settings

MINUTE = 60 * S
HOUR = 60 * MINUTE
SLACK_NS = 5 * MINUTE
POLLED_NS = 62 * S
FRESH_NS = 15 * S
TOP_LEVEL = {"vibration": 4, "sound": 3, "light": 3}
CLOCKS = frozenset({Fault.NTP, Fault.HOUR, Fault.DAY, Fault.YEAR_1970})
FORBIDDING = frozenset({Fault.DISK_LOW, Fault.COMPUTER_BATTERY})


def wrong_with_acts(
    log: NightLog, earlier: Sequence[Act], settings: Settings, happened: Iterable[Happened], holds: Holds
) -> list[str]:
    """Every rule that an act of this night broke. earlier: everything that was done before, in any night."""
    before, wrong, seen = list(earlier), [], list(happened)
    for act in log.acts:
        broken = [*_caps(act, before, settings), *_steps(act, log), *_instants(act, log, seen, holds)]
        wrong += [f"act {act.serial} of {log.name} broke {name}" for name in broken]
        before.append(act)
    return wrong


Holds = Sequence[tuple[int, int | None]]


def _caps(act: Act, before: Sequence[Act], settings: Settings) -> list[str]:
    caps = settings.caps
    night = [one for one in before if act.true_ns - one.true_ns <= 18 * HOUR - SLACK_NS]
    hour = [one for one in night if act.true_ns - one.true_ns <= HOUR - SLACK_NS]
    episode = [one for one in night if (one.night, one.request.episode) == (act.night, act.request.episode)]
    energised_ms = sum((one.over_ns - one.true_ns) // MS for one in (*night, act))
    stuck_ms = sum(6_000 for one in (*night, act) if one.over_ns - one.true_ns > one.request.duration_ms * MS)
    checks = {
        "the cap of a night": len(night) < min(12, caps.per_18_hours),
        "the cap of an hour": len(hour) < min(6, caps.per_hour),
        "the cap of an episode": len(episode) < min(4, caps.per_episode),
        "the energised time": energised_ms - stuck_ms <= min(60, caps.energised_s) * 1_000,
        "nudging off": settings.nudging,
        "ledger before act": act.written,
        "one after the other": not before or act.true_ns - before[-1].true_ns >= 2 * S,
    }
    return [name for name, holds in checks.items() if not holds]


def _steps(act: Act, log: NightLog) -> list[str]:
    """Lowest first, one up at a time; after a start the ladder begins anew."""
    life = next(life for life in reversed(log.lives) if act.true_ns >= life.from_ns + life.shift_ns)
    since_ns = life.from_ns + life.shift_ns
    same = [one for one in log.acts if since_ns <= one.true_ns < act.true_ns]
    episode = [one for one in same if one.request.episode == act.request.episode]
    level = act.request.level
    return (
        [] if 1 <= level <= min(TOP_LEVEL[act.request.output.value], 1 + _highest(episode)) else ["one step at a time"]
    )


def _highest(episode: Sequence[Act]) -> int:
    return max((one.request.level for one in episode), default=0)


def _instants(act: Act, log: NightLog, happened: Sequence[Happened], holds: Holds) -> list[str]:
    now = act.true_ns
    checks = {
        "the first half hour": now - log.lights_ns >= 30 * MINUTE,
        "a hold": all(now < from_ns + S or (to_ns is not None and now > to_ns) for from_ns, to_ns in holds),
        "five minutes after a start": all(
            not 0 <= now - (life.from_ns + life.shift_ns) < 5 * MINUTE for life in log.lives
        ),
        "five minutes after a sleep": all(
            not 0 <= now - to_ns < 5 * MINUTE for from_ns, to_ns in log.slept_true if to_ns - from_ns >= 2 * S
        ),
        "five minutes after a clock step": all(
            not S <= now - one.from_ns < 5 * MINUTE
            for one in happened
            if one.kind in CLOCKS and _was_alive(log, one.from_ns)
        ),
        "disk or battery": all(
            not one.from_ns + POLLED_NS <= now < (one.to_ns or now) for one in happened if one.kind in FORBIDDING
        ),
        **_signal(act, log),
    }
    return [name for name, holds_ in checks.items() if not holds_]


def _was_alive(log: NightLog, true_ns: int) -> bool:
    return any(life.from_ns + life.shift_ns <= true_ns < life.last_ns + life.shift_ns - S for life in log.lives)


def _signal(act: Act, log: NightLog) -> dict[str, bool]:
    """Fresh and possible values, linked, worn, and not marked awake, at the instant of the act."""
    life = next(life for life in reversed(log.lives) if act.true_ns >= life.from_ns + life.shift_ns)
    at_ns = act.true_ns - life.shift_ns
    linked, worn, regained, marked, fresh = True, True, log.began_ns - 6 * MINUTE, None, False
    for until_ns, record in log.heard:
        if until_ns > at_ns:
            break
        match record:
            case LinkLost() | LinkRegained():
                linked = isinstance(record, LinkRegained)
                regained = max(regained, record.at_ns)
            case Contact():
                regained, worn = max(regained, record.at_ns), record.on
            case Marked(mark=Mark.AWAKE | Mark.BAD_DREAM):
                marked = record.at_ns
            case HeartSample():
                fresh = fresh or (250 <= record.bpm_x10 <= 2200 and 0 <= at_ns - record.at_ns <= FRESH_NS)
    return {
        "a lost link": linked,
        "off the wrist": worn,
        "five minutes after a reconnection": at_ns - regained >= 5 * MINUTE,
        "the mark awake": marked is None or at_ns - marked >= 15 * MINUTE,
        "fresh data": fresh,
    }
