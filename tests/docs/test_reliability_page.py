"""docs/reliability.md is what its command writes from the figures, and the figures hold no violation."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from tests.campaigns.page import CAMPAIGNS, FIGURES, ROOT, Campaign, main

PAGE = ROOT / "docs" / "reliability.md"

NEVER = {
    "violations",
    "unreadable",
    "lost_ledger_rows",
    "lost_samples",
    "wrong",
    "crashes",
    "acts_without_row",
    "lost",
    "wrong_words",
    "stops_lost",
    "unsound",
    "unnoticed",
    "stuck",
    "unwritten",
    "broken",
    "unexplained",
}
"""Figures that count broken promises, by whatever campaign; the year's own count is shown on the page as it is."""


def figures(campaign: Campaign) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FIGURES / f"{campaign.name}.json").read_text())
    return found


def test_the_page_is_what_its_command_writes(tmp_path: Path) -> None:
    """No figure is typed by hand."""
    assert main(["--out", str(tmp_path / "page.md")]) == 0
    assert (tmp_path / "page.md").read_text() == PAGE.read_text()


@pytest.mark.parametrize("campaign", CAMPAIGNS, ids=lambda each: each.name)
def test_a_campaign_is_there_and_found_nothing(campaign: Campaign) -> None:
    """Its command exists, its figures have a date and a size, and nothing that must never be was counted."""
    assert importlib.util.find_spec(f"tests.campaigns.{campaign.name}") is not None
    found = figures(campaign)
    assert len(found["date"]) == 10
    counted = {name: found[name] for name in NEVER & set(found)} if campaign.name != "year" else {}
    assert not any(counted.values()), counted
    attacks = {
        name: value["got_through"] for name, value in found.items() if isinstance(value, dict) and "tried" in value
    }
    assert not any(attacks.values()), attacks
