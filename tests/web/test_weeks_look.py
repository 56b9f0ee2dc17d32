"""The calendar of the weeks in a browser: days and marks in line, whatever was said."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser

from tests.web.browser import needs_a_browser, served, visiting
from tests.web.many import with_many

pytestmark = needs_a_browser


def test_the_numbers_of_a_week_stand_on_one_line(browser: Browser, tmp_path: Path) -> None:
    """A dash or a dot for a mark is lower than a circle, and its day stood lower with it."""
    with served(with_many(tmp_path, 130)) as page, visiting(browser, page) as visit:
        tops = visit.open("/weeks?nights=90").evaluate(
            """() => [...document.querySelectorAll('.month tbody tr')].map(row =>
                [...row.querySelectorAll('.day')].map(day => {
                    const range = document.createRange(); range.selectNode(day.firstChild)
                    const mark = day.querySelector('.mark'), middle = mark && mark.getBoundingClientRect()
                    return [range.getBoundingClientRect().top, middle && middle.top + middle.height / 2]
                }))"""
        )
    for week in tops:
        assert len({round(top) for top, _ in week}) <= 1
        assert len({round(middle) for _, middle in week if middle is not None}) <= 1
