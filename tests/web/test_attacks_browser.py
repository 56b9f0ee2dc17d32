"""Hostile sites and hostile texts in a real Chromium: a dose of each; the whole at night (`tests/campaigns`)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.campaigns.page_attacks_browser import browsed
from tests.campaigns.page_attacks_payloads import PAYLOADS
from tests.campaigns.page_attacks_sites import cross_site
from tests.web.browser import needs_a_browser
from tests.web.kept import with_nights

pytestmark = [needs_a_browser, pytest.mark.timeout(600)]

SHOWING = (
    "/journal",
    "/journal/print",
    "/journal/1",
    "/journal/2/edit",
    "/journal/threads",
    "/morning/1",
    "/nights",
    "/night/4",
)
"""Pages on which the most of what was planted stands."""


def test_a_hostile_site_changes_nothing_and_reads_nothing(tmp_path: Path) -> None:
    """From another port, and from another name that leads here."""
    posts, reads = ("/light",), ("/journal",)
    found = cross_site(with_nights(tmp_path), ("127.0.0.1", "evil.example"), posts, reads)
    assert found.tried > 100
    assert found.got_through == ()


def test_no_text_runs_or_becomes_a_part_of_a_page(tmp_path: Path) -> None:
    found = browsed(tmp_path, PAYLOADS[::180], around=1, only=SHOWING)
    assert found.tried > len(SHOWING)
    assert found.got_through == ()
