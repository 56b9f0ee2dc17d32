"""`vigil evaluate --report FOLDER`: one page with every table and picture, for its owner only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median_low
from typing import Any

from vigil.app.evidence import nights as nightly
from vigil.app.evidence import pictures, tables, tables_alarms, tables_found
from vigil.app.evidence.caveats import CAVEATS
from vigil.app.evidence.hypnograms import hypnograms
from vigil.app.evidence.page import bullets, heading, links, page, pairs, paragraph, table
from vigil.app.evidence.shown import Json
from vigil.app.evidence.words import evidence_in_words
from vigil.app.private import private_folder, write_private
from vigil.evidence.as_json import evidence_json
from vigil.evidence.records import NightEvidence
from vigil.evidence.summary import Evidence

PAGE = "index.html"

WORST = 3
"""Nights shown side by side, beside the middle one."""

_ANCHORS = (
    ("staging", "Staging"),
    ("alarms", "False nudges"),
    ("found", "Nightmares found"),
    ("meaning", "Meaning"),
    ("nights", "Nights"),
    ("not-shown", "What this does not show"),
)


def write_report(folder: Path, evidence: Evidence, nights: Sequence[NightEvidence], about: Mapping[str, Any]) -> Path:
    """Write the page into a folder, made if need be, and say where it is; raises OSError.

    nights: those that `evidence` was summed up of, in that order. about: as for `evidence_json`.
    """
    private_folder(folder)
    path = folder / PAGE
    write_private(path, report(evidence, nights, about).encode())
    return path


def report(evidence: Evidence, nights: Sequence[NightEvidence], about: Mapping[str, Any]) -> str:
    """The page as HTML. If only nights seen in fitting were given, their figures are shown, and called that."""
    whole = evidence_json(evidence, nights, about=about)
    only_seen = evidence.headline_nights == 0 and evidence.seen is not None
    body = [heading(1, "What Vigil sees in recorded nights"), *(paragraph(words, "said") for words in evidence.words)]
    body += [bullets(evidence_in_words(evidence)[len(evidence.words) :]), links(_ANCHORS)]
    if only_seen:
        body.append(paragraph("All figures below are of nights seen in fitting. They prove nothing.", "said"))
    part = whole["seen"] if only_seen else whole
    counted = nightly.counted(whole, seen=only_seen)
    body += [*_staging(part, counted), *_alarms(part, whole), *_found(part), *_meaning(part)]
    body += _nights(whole, counted, nights)
    if evidence.seen is not None and not only_seen:
        body += [heading(2, "Nights seen in fitting, apart"), *_in_short(whole["seen"])]
    body += [heading(2, "What this does not show", "not-shown"), bullets(CAVEATS)]
    body += [heading(2, "How this came to be"), pairs((str(key), _said(value)) for key, value in about.items())]
    return page("Vigil: evidence", body)


def _staging(part: Json, counted: Sequence[Json]) -> list[str]:
    shown = [table(one(part)) for one in (tables.staging, tables.classes)]
    shown += [table(tables.confusion(part, key)) for key in tables.SCHEMES]
    calibrated = [table(tables.calibration(part)), pictures.as_image(pictures.calibration(part))]
    minutes = [table(tables.sleep_minutes(part)), pictures.as_image(pictures.agreement(part, counted))]
    return [heading(2, "Staging", "staging"), *shown, *calibrated, *minutes]


def _alarms(part: Json, whole: Json) -> list[str]:
    own = [one(part) for one in (tables_alarms.false_nudges, tables_alarms.by_stage_and_kind, tables_alarms.recorded)]
    by_source = [one(whole) for one in (tables_alarms.by_source, tables_alarms.elsewhere)]
    return [heading(2, "False nudges", "alarms"), *(table(one) for one in (*own, *by_source))]


def _found(part: Json) -> list[str]:
    drawn = [pictures.as_image(one(part)) for one in (pictures.curve, pictures.latency)]
    told = [table(one(part)) for one in (tables_found.found, tables_found.parts, tables_found.look_alikes)]
    return [heading(2, "Nightmares found", "found"), *drawn, *told]


def _meaning(part: Json) -> list[str]:
    return [heading(2, "Meaning", "meaning"), table(tables_alarms.meaning(part))]


def _in_short(part: Json) -> list[str]:
    ones = (tables.staging, tables_alarms.false_nudges, tables_found.found)
    return [
        paragraph("These prove nothing; they are here to be compared.", "said"),
        *(table(one(part)) for one in ones),
    ]


def _nights(whole: Json, counted: Sequence[Json], nights: Sequence[NightEvidence]) -> list[str]:
    shown = [heading(2, "Nights", "nights"), table(nightly.worst(counted)), table(nightly.remarks(whole))]
    of_json = {id(row): night for row, night in zip(whole["nights"], nights, strict=True)}
    for words, row in _picked(counted):
        shown.append(heading(3, f"{words}: {row['source']}, {row['name']}"))
        shown.append(pictures.as_image(hypnograms(of_json[id(row)])))
    return shown


def _picked(counted: Sequence[Json]) -> list[tuple[str, Json]]:
    """The nights staged worst, and the one in the middle."""
    known = [(kappa, row) for row in counted if (kappa := nightly.kappa_of(row)) is not None]
    if not known:
        return []
    middle = median_low(kappa for kappa, _ in known)
    ordered = sorted(known, key=lambda pair: (pair[0], pair[1]["name"]))
    worst = [(f"Staged worst, κ {kappa:.2f}", row) for kappa, row in ordered[:WORST]]
    return [*worst, *[(f"In the middle, κ {kappa:.2f}", row) for kappa, row in ordered if kappa == middle][:1]]


def _said(value: object) -> str:
    return ", ".join(str(one) for one in value) if isinstance(value, list | tuple) else str(value)
