"""The PDF: two A4 pages whatever is in it, the same bytes for the same report, and text that is nothing but text."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from vigil.app.clinician_pdf import BOX, report_pdf
from vigil.app.clinician_report import report_context
from vigil.domain.answers import Answer, MorningWord
from vigil.recovery.clinician import ReportModel, report_model
from vigil.recovery.diary import DiaryNight, SleepFigures

HOSTILE = "<b>bold</b> &amp; <img src='http://example.org/x'/> \x00\x1b[2J </para> " + "W" * 3000


def model(days: int = 30, words: tuple[tuple[str, str], ...] = (), device: str = "Polar H10") -> ReportModel:
    answer = Answer(MorningWord.BAD_DREAM, distress=4)
    nights = [
        DiaryNight(f"n{i}", i, answer=answer, sleep=SleepFigures(400, 20, 2), watched_min=450, device=device)
        for i in range(days)
    ]
    return report_model(nights, range(days), words)


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", pdf))


def text(pdf: bytes, folder: Path) -> str:
    """What a reader of PDFs finds in it; needs poppler."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) is not here")
    (folder / "a.pdf").write_bytes(pdf)
    done = subprocess.run(["pdftotext", "-layout", folder / "a.pdf", "-"], capture_output=True, check=True)
    return done.stdout.decode()


@pytest.mark.parametrize("days", [1, 30, 98, 365, 1000])
def test_it_is_two_pages_whatever_the_period(days: int) -> None:
    pdf = report_pdf(model(days))
    assert pages(pdf) == 2
    assert b"/MediaBox [ 0 0 595.2756 841.8898 ]" in pdf


def test_hostile_words_stay_words_on_two_pages(tmp_path: Path) -> None:
    """Markup is shown as it was typed, controls are gone, a word of three thousand letters is broken."""
    pdf = report_pdf(model(98, (("n1", HOSTILE), ("n2", HOSTILE)), device=HOSTILE))
    assert pages(pdf) == 2
    assert b"/URI" not in pdf
    assert b"/Link" not in pdf
    found = text(pdf, tmp_path)
    assert "<b>bold</b>" in found
    assert "\x1b" not in found


def test_letters_that_cannot_be_shown_are_counted(tmp_path: Path) -> None:
    """Accents, Greek and Cyrillic stand; Chinese, and what runs from right to left, is a box and is said."""
    found = text(report_pdf(model(words=(("n1", "träumte, Ελληνικά, Русский: 走 שלום"),))), tmp_path)
    assert "träumte, Ελληνικά, Русский" in found
    assert f"5 letters that this type cannot show: {BOX}" in found
    assert "cannot show" not in text(report_pdf(model(words=(("n1", "plain"),))), tmp_path)
    assert "1 letter that this type cannot show" in text(report_pdf(model(words=(("n1", "走"),))), tmp_path)


def test_the_same_report_is_the_same_bytes_in_another_process() -> None:
    """So that two copies can be compared, and nothing of the computer or the hour is in it."""
    code = (
        "import sys; from tests.unit.test_app_clinician_pdf import model;"
        "from vigil.app.clinician_pdf import report_pdf;"
        "sys.stdout.buffer.write(report_pdf(model(), 'made 2026-11-27'))"
    )
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=root, env=environment)
    assert done.stdout == report_pdf(model(), "made 2026-11-27")


def test_it_says_what_it_is(tmp_path: Path) -> None:
    """Title and language for whatever reads it aloud; and on paper that it is no diagnosis."""
    pdf = report_pdf(model(), "made 2026-11-27")
    assert b"/Lang (en)" in pdf
    assert b"/DisplayDocTitle true" in pdf
    assert b"/Title (Nights with Vigil, 1 January 1970 to 30 January 1970)" in pdf
    found = " ".join(text(pdf, tmp_path).split())
    assert "It does not diagnose or treat anything" in found
    assert "Page 2 of 2 · Vigil" in found
    assert "made 2026-11-27 · not a medical device" in found


def test_the_page_shows_what_the_pdf_shows() -> None:
    """One model: whatever stands in the one stands in the other."""
    context = report_context(model())
    assert (context["format"], context["version"], context["language"]) == ("vigil-report", 1, "en")
    assert [section["title"] for section in context["pages"][0]][:2] == [
        "What this is",
        "What was said in the mornings",
    ]
    assert context["pages"][0][1]["facts"][0]["value"] == "30 nights: 30 bad, 0 quiet, 0 not said"
