"""Write docs/evidence.md from JSON: `python -m training.evidence_page --json FILE --out PAGE --pictures FOLDER`.

The files are what `vigil evaluate --json` wrote: one of a cross-validated run, one of the parameters as shipped. Every
figure of the page is read off them; nothing is typed by hand.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from training.evidence_goals import goals
from vigil.app.evidence import nights as nightly
from vigil.app.evidence import pictures, tables, tables_alarms, tables_found
from vigil.app.evidence.caveats import CAVEATS, SINCE
from vigil.app.evidence.shown import Json, at, number, percent
from vigil.app.evidence.tables import Table
from vigil.evidence.as_json import SCHEMA

ABOUT = ("date", "version", "parameters", "seed")
"""What is told of how a run came to be; paths are not."""

CREDITS = (
    ("sleep-accel 1.0.0", "O. Walch, PhysioNet, doi:10.13026/hmhs-py35; Walch et al., SLEEP 42(12), 2019"),
    ("MIT-BIH Polysomnographic Database 1.0.0 (slpdb)", "PhysioNet, doi:10.13026/C23K5S"),
    ("MIT-BIH Normal Sinus Rhythm RR Interval Database (nsr2db)", "PhysioNet, doi:10.13026/C2S881"),
    ("RR intervals of healthy subjects (rr_healthy)", "Irurzun et al. 2021, PhysioNet, doi:10.13026/51yd-d219"),
    ("Apnea-ECG Database (apnea_ecg)", "PhysioNet, doi:10.13026/C23W2R"),
    ("FitBit Fitness Tracker Data (fitbit2016)", "Zenodo 53894, CC0"),
)
"""The data sets that may be in it; those of PhysioNet under ODC-By 1.0."""

RERUN = """    vigil evaluate NIGHTS --cross-validate --seed 1 --json cross_validated.json --report report
    vigil evaluate NIGHTS --seed 1 --json shipped.json
    python -m training.evidence_page --json cross_validated.json --json shipped.json \\
        --out docs/evidence.md --pictures docs/pictures

NIGHTS is a folder of nights in one of the formats of [data.md](data.md). The same nights, seed and locked versions give
the same figures. What each key of the JSON means stands in [evidence_schema.md](evidence_schema.md)."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page and its pictures; 1 if a file is not evidence of this version."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, action="append", required=True, help="what vigil evaluate --json wrote")
    parser.add_argument("--out", type=Path, required=True, help="the page")
    parser.add_argument("--pictures", type=Path, required=True, help="folder of its pictures")
    chosen = parser.parse_args(arguments)
    runs = [json.loads(path.read_text()) for path in chosen.json]
    foreign = [path for path, run in zip(chosen.json, runs, strict=True) if run.get("schema") != SCHEMA]
    if foreign:
        print(f"{foreign[0]} is not {SCHEMA}; nothing was written. Run vigil evaluate --json again.", file=sys.stderr)
        return 1
    chosen.pictures.mkdir(parents=True, exist_ok=True)
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(page(runs, chosen.pictures, chosen.out.parent))
    return 0


def page(runs: Sequence[Json], folder: Path, beside: Path) -> str:
    """The page as Markdown; its pictures are written into `folder`, and linked as seen from `beside`."""
    ordered = sorted(runs, key=lambda run: not run["cross_validated"])
    dates = sorted({str(run["about"].get("date", "an unknown day")) for run in runs})
    parts = [
        "# Evidence",
        f"Measured on {' and '.join(dates)}. This page is written by a command, see [How to rerun](#how-to-rerun).",
        "Every figure is of real nights, run through the engine that runs at night; in brackets the 95 % interval, "
        "by people drawn again 1,000 times. κ is Cohen's. *False nudge*: a nudge on scored sleep away from any added "
        "episode, a night being 8 h of scored sleep. *Found*: nudged within so many seconds of the onset.",
    ]
    for index, run in enumerate(ordered):
        before = sum(one["cross_validated"] == run["cross_validated"] for one in ordered[:index])
        parts += _run(run, _name(run) + (f" {before + 1}" if before else ""), folder, beside)
    parts += ["## Data", *_credits()]
    parts += ["## What the figures do not show", _list((*CAVEATS, *SINCE)), "## How to rerun", RERUN]
    return "\n\n".join(parts) + "\n"


def _name(run: Json) -> str:
    return "cross-validated" if run["cross_validated"] else "as shipped"


def _run(run: Json, name: str, folder: Path, beside: Path) -> list[str]:
    only_seen = run["headline"]["nights"] == 0 and run["seen"] is not None
    part = run["seen"] if only_seen else run
    counted = nightly.counted(run, seen=only_seen)
    people = len({one["person"] for one in counted})
    about = "; ".join(f"{key} {run['about'][key]}" for key in ABOUT if key in run["about"])
    how = (
        "Each night was measured by parameters fitted without its person, thresholds included."
        if run["cross_validated"]
        else "Measured with the parameters that are shipped."
    )
    if only_seen:
        how += " All of these nights were seen in fitting: the figures prove nothing."
    nights = f"{len(counted)} nights of {people} people" + (f" ({about})." if about else ".")
    intro = [f"## Figures, {name}", f"{how} {nights}", *run["words"]]
    if at(part, "staging.wake_nrem_rem.kappa")["n"] == 0:
        told = (tables_alarms.recorded(part), tables_alarms.by_source(run), nightly.remarks(run))
        return [*intro, *_all(one for one in told if one.rows)]
    drawn = _pictures(part, counted, name.replace(" ", "_").replace("-", "_"), folder, beside)
    return [*intro, *_headline(part), *([] if only_seen else _goals(run, part)), *_tables(run, part, drawn)]


def _headline(part: Json) -> list[str]:
    three = at(part, "staging.wake_nrem_rem")
    shipped = at(part, "false_alarms.as_shipped.nudges_per_8h_sleep")
    noticed = at(part, "meaning.as_shipped.noticed")
    return [
        _list(
            (
                f"Staging, wake/NREM/REM: κ **{number(three['kappa'])}**, accuracy {percent(three['accuracy'])}.",
                f"False nudges a night, as shipped: **{number(shipped)}**.",
                f"Nightmares noticed, over the assumed mixture, as shipped: **{percent(noticed)}**.",
            )
        )
    ]


def _goals(run: Json, part: Json) -> list[str]:
    rows = tuple(one.row() for one in goals(run, part))
    return [_table(Table("Goals", ("what", "goal", "measured", ""), rows))]


def _tables(run: Json, part: Json, drawn: dict[str, str]) -> list[str]:
    staging = [tables.staging(part), tables.classes(part), *(tables.confusion(part, key) for key in tables.SCHEMES)]
    alarms = [
        one(part) for one in (tables_alarms.false_nudges, tables_alarms.by_stage_and_kind, tables_alarms.recorded)
    ]
    sources = [tables_alarms.by_source(run), tables_alarms.elsewhere(run)]
    found = [one(part) for one in (tables_found.found, tables_found.parts, tables_found.look_alikes)]
    return [
        *_all(staging), _table(tables.calibration(part)), drawn["calibration"],
        _table(tables.sleep_minutes(part)), drawn["agreement"],
        *_all(alarms), *_all(sources), drawn["curve"], drawn["latency"], *_all(found),
        _table(tables_alarms.meaning(part)), _table(nightly.remarks(run)),
    ]  # fmt: skip


def _pictures(part: Json, counted: Sequence[Json], name: str, folder: Path, beside: Path) -> dict[str, str]:
    """Written into the folder; the Markdown that shows each."""
    draw: dict[str, tuple[str, Callable[[], bytes]]] = {
        "calibration": ("How often a stage was scored, by how likely it was said", lambda: pictures.calibration(part)),
        "agreement": ("Minutes said less scored, by minutes scored", lambda: pictures.agreement(part, counted)),
        "curve": ("Added nightmares found, by false nudges a night", lambda: pictures.curve(part)),
        "latency": ("Found within 60, 120 and 300 seconds", lambda: pictures.latency(part)),
    }
    shown = {}
    for key, (words, svg) in draw.items():
        path = folder / f"evidence_{name}_{key}.svg"
        path.write_bytes(svg())
        shown[key] = f"![{words}]({Path(os.path.relpath(path, beside)).as_posix()})"
    return shown


def _all(ones: Iterable[Table]) -> list[str]:
    return [_table(one) for one in ones]


def _table(one: Table) -> str:
    """A table under its heading; nothing where it is empty."""
    if not one.rows:
        return f"### {one.title}\n\nNothing to tell."
    lines = [_cells(one.head), "| " + " | ".join("---" for _ in one.head) + " |", *(_cells(row) for row in one.rows)]
    return "\n\n".join([f"### {one.title}", "\n".join(lines), *([one.note] if one.note else [])])


def _cells(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _list(items: Iterable[str]) -> str:
    return "\n".join(f"- {words}" for words in items)


def _credits() -> list[str]:
    words = "Nobody on this project recorded these nights. Thanks to the people who slept, and to those who shared it:"
    return [words, _list(f"{name}: {credit}" for name, credit in CREDITS)]


if __name__ == "__main__":
    sys.exit(main())
