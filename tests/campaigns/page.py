"""Write docs/reliability.md from the figures of campaigns: `python -m tests.campaigns.page --out docs/reliability.md`.

The figures are what each campaign wrote with `--json docs/figures/NAME.json`; nothing on the page is typed by hand.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FIGURES = ROOT / "docs" / "figures"


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign: its file, how it is run, what is broken, and what would be a failure."""

    name: str
    command: str
    title: str
    about: str


_RUN = "python -m tests.campaigns.{} --json docs/figures/{}.json"


def _campaign(name: str, title: str, about: str, more: str = "") -> Campaign:
    return Campaign(name, _RUN.format(name, name) + more, title, about)


CAMPAIGNS = (
    _campaign(
        "guard_hostile",
        "Hostile events around the guard",
        "Inputs, restarts, reboots, suspends, clock steps, broken numbers, a ledger that fails, a detector that "
        "asks all the time, in any order; an oracle that looks only at the inputs and at what was done.",
    ),
    _campaign(
        "guard_orders",
        "Every order of eight events",
        "A small model of the night on a coarse clock: every order is covered, each state looked at once.",
    ),
    _campaign(
        "kills",
        "Killed in the middle",
        "A night in which signs never end is killed at random instants and started again; every act must have its row, "
        "written before it, what was acknowledged must be there, and no cap may be broken in true time.",
    ),
    _campaign(
        "stops",
        "Stop",
        "From a stop to the instant at which the output is told to be off, in four states of the night.",
    ),
    _campaign(
        "power_cut",
        "Power cuts",
        "The power is cut at a random call; of what was not synced nothing, a part, or single sectors survive.",
    ),
    _campaign(
        "io_faults",
        "Failing calls",
        "Every call of a night to the disk fails, alone and with the forty after it, as an error and as a full disk.",
    ),
    _campaign(
        "damaged_databases",
        "Damaged databases",
        "Each is damaged in another way and opened as at the start of a night.",
    ),
    _campaign(
        "year",
        "A year of nights with faults",
        "Simulated nights through the real loop, engine and store on a virtual clock, with faults of every kind; "
        "the generator knows what really happened, and the morning's account is held against it.",
        " --nights 365 --seed 1 --workers 2",
    ),
    _campaign(
        "radio_week",
        "A week of nights over a virtual radio",
        "A strap and a watch, heard through bleak, fail in every way that the virtual radio knows, six to twelve times "
        "a night. Held against what the watch's motor gave and the script of faults: caps, ledger, the morning's "
        "account, blind time, how soon recording is back. Hindered: the wearable was there and would not be talked to.",
        " --nights 7 --seed 1 --hours 8",
    ),
    _campaign(
        "packets",
        "Hostile packets",
        "Random, damaged and doubled packets through every codec of the catalogue: nothing is raised, what is kept "
        "stays bounded, and instants do not go back.",
    ),
    _campaign(
        "page_attacks",
        "The page attacked",
        "Foreign names, requests that no browser writes, hostile sites and hostile texts in a real Chromium, guessed "
        "and tossed keys, strange numbers and words in every address, Schemathesis, and words planted in a Vigil and "
        "looked for in all that leaves it. *Got through* has each that did.",
    ),
)

HEAD = """# What was broken on purpose

Every promise of a night was attacked; this page says how, how often, and what came of it.
A dose of each campaign runs in `script/test`, each whole in `script/test --nightly`.
The figures are those of the last run of each, written by its command; a count of violations is given as it is.
What Vigil does when something fails stands in [night.md](night.md#when-something-fails), what could go wrong all the
same in [HAZARDS.md](../HAZARDS.md).
"""

LIMITS = """## What this does not prove

- Of the year's 365 nights four held something wrong. Each was traced and mended, and lived again by itself without
  anything wrong. On 2026-11-28 the same year was lived again (5,610 faults): four other nights held a difference. In
  one the campaign had expected to be told of processes that died before they kept anything; in three it had noted too
  late an end of trouble with a disk that had begun while the computer slept. Lived again by themselves, the four hold
  none. Of the earlier four, night 181: a stop pressed while the computer's clock stood
  in 1970 was taken for long over after the next start (`tests/unit/test_run_noticing.py` has it). Nights 302 and 347:
  a night could not be begun on a full or unwritable disk, which the campaign did not expect; with a full disk the
  ballast now lets it begin. Night 240: the campaign's own twin, whose sensor was not shaken by the buzz.
- The mutants of guard, memory and permits (`python -m tests.campaigns.guard_mutants`) were tried, and what they showed
  is in the tests; a last whole run with its figures is still to be made.
- Simulated sleepers prove nothing about people, and simulated disks nothing about a disk that says *synced* and is not.
- Names in a folder are taken to reach the disk in their order.
- Nothing here was run on macOS, on a Raspberry Pi, with a real wearable, loudspeaker or lamp; sound was tried against
  sound servers without a loudspeaker, lamps against stand-ins that speak their protocols.
- Suspend, lid, battery and zone are told to Vigil by fakes; a real laptop's sleep was not tried.
- Timing was taken on a shared machine of two cores; only ratios within one run are to be trusted.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--figures", type=Path, default=FIGURES, help="folder of what the campaigns wrote")
    parser.add_argument("--out", type=Path, required=True, help="the page")
    chosen = parser.parse_args(arguments)
    chosen.out.write_text(page(chosen.figures), "utf-8")
    return 0


def page(figures: Path) -> str:
    """The page, from a folder of figures."""
    parts = [section(each, json.loads((figures / f"{each.name}.json").read_text("utf-8"))) for each in CAMPAIGNS]
    return "\n".join([HEAD, *parts, LIMITS])


def section(campaign: Campaign, figures: dict[str, Any]) -> str:
    """One campaign with all its figures."""
    rows = [row for name, value in figures.items() if name not in ("campaign", "date") for row in _rows(name, value)]
    lines = [f"## {campaign.title}", "", campaign.about, "", f"`{campaign.command}`, {figures['date']}:", ""]
    return "\n".join([*lines, "| figure | value |", "| --- | --- |", *rows, ""])


def _rows(name: str, value: Any) -> list[str]:
    if isinstance(value, dict):
        return [row for key, inner in value.items() for row in _rows(f"{name}, {key}", inner)]
    if isinstance(value, list):
        return [f"| {_words(name)} | {'; '.join(map(str, value)) or 'none'} |"]
    return [f"| {_words(name)} | {_shown(value)} |"]


def _words(name: str) -> str:
    return name.replace("_", " ")


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.3g}".replace(",", " ") if abs(value) < 1000 else f"{value:,.0f}".replace(",", " ")
    return f"{value:,}".replace(",", " ") if isinstance(value, int) else str(value)


if __name__ == "__main__":
    raise SystemExit(main())
