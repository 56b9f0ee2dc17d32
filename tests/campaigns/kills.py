"""The night process is killed a thousand times while an episode is forced on all night.

`python -m tests.campaigns.kills --json FILE [--kills N] [--seed N]`. After each kill: every act has its ledger row,
written before it; what was promised is there; and over the whole no cap of the design is broken, counted in true time.
With `--broken 1` the ledger is written after the act, and the campaign must find acts without their row.
"""

from __future__ import annotations

import os
import random
import select
import signal
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.campaigns.figures import command
from tests.campaigns.kills_acts import HOUR, acts_of, broken_caps
from tests.campaigns.kills_night import NIGHT_S, S, Start, live, wall_of
from tests.campaigns.power_cut import fast_folder
from vigil.domain.samples import HeartSample
from vigil.store.database import Database
from vigil.store.ledger import LedgerStore
from vigil.store.night_reader import NightReader
from vigil.store.nights import Nights

KILLS = 1000
SEAMS = (
    "before the ledger",
    "after the ledger",
    "before the act",
    "after the act",
    "before the commit",
    "after the commit",
)
AWAY_S = (0.3, 2, 7, 20, 61, 300, 3600, 4 * 3600, 9 * 3600)
PATIENCE_S = 60.0
BATCH = 100
"""Kills in one world; then another begins, because a budget that counts as spent stays so for long."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How often the computer is started anew after a kill, its clock is not set from outside, or it is in 1970."""

    reboots: float
    unset: float
    in_1970: float


KINDS = (Kind(0, 0, 0), Kind(0.3, 0, 0), Kind(0.3, 0.2, 0.1))


@dataclass(frozen=True, slots=True)
class KillFigures:
    """kills: how many, of which `at_seams` by the process itself at a chosen place. acts: marks that outputs left.

    rows: of the ledger. seconds: that were promised. Failures: `unwritten` acts without an earlier row; `broken` caps,
    in words; `lost` promised seconds; `wrong`: what the database's own check found. The last but one: from
    the start of a process to the first second that is durable.
    """

    kills: int
    seed: int
    at_seams: int
    reboots: int
    nights: int
    acts: int
    rows: int
    seconds: int
    unwritten: int
    broken: tuple[str, ...]
    lost: int
    wrong: tuple[str, ...]
    restart_ms_median_p99_most: tuple[float, float, float]
    minutes: float

    @property
    def failures(self) -> int:
        return self.unwritten + len(self.broken) + self.lost + len(self.wrong)


@dataclass
class Campaign:
    """The world outside the process: true time, the computer's boots, and what was promised."""

    folder: Path
    rng: random.Random
    kind: Kind = KINDS[0]
    broken: int = 0
    true_ns: int = 1000 * HOUR
    boot_at: int = 990 * HOUR
    boots: int = 1
    at_seams: int = 0
    reboots: int = 0
    kept: dict[str, set[int]] = field(default_factory=dict)
    starts: list[tuple[int, str]] = field(default_factory=list)
    restart_ms: list[float] = field(default_factory=list)

    def one(self) -> None:
        """One process from its start to its death."""
        seam, beats = None, self.rng.randint(0, 900)
        if self.rng.random() < 0.6:
            seam = (self.rng.choice(SEAMS), self.rng.choice((1, 1, 1, 2, 3, 4)))
            if "commit" in seam[0]:
                seam = (seam[0], self.rng.randint(1, 900))
            beats = 4000
        wall_ms, trusted = wall_of(self.true_ns), self.rng.random() >= self.kind.unset
        if self.rng.random() < self.kind.in_1970:
            wall_ms, trusted = self.rng.randrange(10**9), False
        boot_ns = self.true_ns - self.boot_at
        start = Start(
            self.folder, self.true_ns, boot_ns, f"boot {self.boots}", wall_ms, trusted, seam, broken=self.broken
        )
        self._take(self._killed(start, beats))
        self._go_by()

    def _killed(self, start: Start, beats: int) -> str:
        """Fork, let it live for so many turns and a moment, kill it; what it said."""
        out, into = os.pipe()
        began, child = time.monotonic(), os.fork()
        if child == 0:
            _in_child(start, out, into)
        os.close(into)
        said, ended = b"", False
        while not ended and said.count(b"\n") <= beats:
            ready, _, _ = select.select([out], [], [], PATIENCE_S)
            assert ready, "the night process hangs"
            more = os.read(out, 65536)
            if more and not said:
                self.restart_ms.append((time.monotonic() - began) * 1000)
            said, ended = said + more, not more
        for _ in range(self.rng.randrange(20_000)):
            pass
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        while more := os.read(out, 65536):
            said += more
        os.close(out)
        code = os.waitstatus_to_exitcode(status)
        assert code in (0, -signal.SIGKILL), f"it ended by itself with {code}: {said[-2000:]!r}"
        self.at_seams += ended and code == -signal.SIGKILL
        return said.decode()

    def _take(self, said: str) -> None:
        """Remember what was promised: each turn that was said to be durable. The last line may be cut short."""
        for line in said.split("\n")[:-1]:
            night, elapsed, true = line.split()
            name = f"night {night}"
            if not self.kept.get(name) or line == said.split("\n", 1)[0]:
                self.starts.append((int(true), name))
            self.kept.setdefault(name, set()).add(int(elapsed))
            self.true_ns = max(self.true_ns, int(true))
        for act in acts_of(self.folder)[-3:]:
            self.true_ns = max(self.true_ns, act.true_ns)

    def _go_by(self) -> None:
        """Nothing runs for a while; the computer may be started anew."""
        self.true_ns += S + round(self.rng.choice(AWAY_S) * self.rng.uniform(0.5, 1.5) * S)
        if self.rng.random() < self.kind.reboots:
            self.reboots += 1
            self.boots += 1
            self.boot_at = self.true_ns - self.rng.randint(15, 90) * S


def _in_child(start: Start, out: int, into: int) -> None:
    code = 1
    try:
        os.close(out)
        live(start, lambda text: _say(into, text))
        code = 0
    except BaseException as error:
        _say(into, repr(error))
    finally:
        os._exit(code)


def _say(into: int, text: str) -> None:
    os.write(into, text.encode() + b"\n")


def lost_seconds(campaign: Campaign) -> int:
    """Promised seconds of nights that are not in the store."""
    lost = 0
    with Database.open(campaign.folder / "vigil.db") as database:
        reader = NightReader(database)
        for row in Nights(database).nights():
            there = {(one.at_ns - row.began_ns) // S for one in reader.inputs(row.key) if isinstance(one, HeartSample)}
            lost += len({s for s in campaign.kept.get(row.name, set()) if s <= NIGHT_S} - there)
    return lost


@dataclass
class Outcome:
    """What one world came to."""

    nights: int
    rows: int
    acts: int
    seconds: int
    unwritten: int
    broken: list[str]
    lost: int
    wrong: list[str]

    @classmethod
    def of(cls, campaign: Campaign) -> Outcome:
        """Judged from the acts, the store, and what was promised."""
        acts = acts_of(campaign.folder)
        with Database.open(campaign.folder / "vigil.db") as database:
            wrong = [str(each) for each in database.check()]
            nights = [row.name for row in Nights(database).nights()]
            ledger = LedgerStore(database)
            rows = {(one.row.night, one.row.permit) for night in nights for one in ledger.outcomes(night)}
        return cls(
            nights=len(nights),
            rows=len(rows),
            acts=len(acts),
            seconds=sum(len(each) for each in campaign.kept.values()),
            unwritten=sum(act.number == 0 or (act.night, act.permit) not in rows for act in acts),
            broken=list(broken_caps(acts, campaign.starts)),
            lost=lost_seconds(campaign),
            wrong=wrong,
        )


def run(kills: int = KILLS, seed: int = 4, broken: int = 0) -> KillFigures:
    """Kill the night process so many times."""
    began, rng = time.monotonic(), random.Random(seed)
    batch = min(BATCH, -(-kills // len(KINDS)))
    campaigns, outcomes = list[Campaign](), list[Outcome]()
    for number, first in enumerate(range(0, kills, batch)):
        with tempfile.TemporaryDirectory(dir=fast_folder()) as name:
            campaign = Campaign(Path(name), rng, KINDS[number % len(KINDS)], broken)
            for _ in range(min(batch, kills - first)):
                campaign.one()
            campaigns.append(campaign)
            outcomes.append(Outcome.of(campaign))
    times = sorted(ms for campaign in campaigns for ms in campaign.restart_ms)
    p50, p99, most = (round(times[min(len(times) - 1, len(times) * p // 100)], 1) for p in (50, 99, 100))
    return KillFigures(
        kills=kills,
        seed=seed,
        at_seams=sum(each.at_seams for each in campaigns),
        reboots=sum(each.reboots for each in campaigns),
        nights=sum(each.nights for each in outcomes),
        acts=sum(each.acts for each in outcomes),
        rows=sum(each.rows for each in outcomes),
        seconds=sum(each.seconds for each in outcomes),
        unwritten=sum(each.unwritten for each in outcomes),
        broken=tuple(f"{words} of world {n}" for n, each in enumerate(outcomes) for words in each.broken),
        lost=sum(each.lost for each in outcomes),
        wrong=tuple(words for each in outcomes for words in each.wrong),
        restart_ms_median_p99_most=(p50, p99, most),
        minutes=round((time.monotonic() - began) / 60, 1),
    )


if __name__ == "__main__":
    command("kills", {"kills": KILLS, "seed": 4, "broken": 0}, run)
