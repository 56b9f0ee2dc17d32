"""vigil report, from outside."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.unit.test_app_clinician_pdf import text
from tests.unit.test_app_diary_nights import FIGURES, begin
from vigil.app.cli import app
from vigil.app.clinician_report import clinician_report, period
from vigil.app.diary_journal import InJournal, in_journal
from vigil.app.home import Home, Shelf
from vigil.app.journal_room import journal, journal_path
from vigil.app.wiring import OpenShelf, reading, writing
from vigil.domain.answers import Answer, MorningWord
from vigil.domain.errors import NotFoundError
from vigil.domain.journal import MorningNote
from vigil.store.answers import Answers
from vigil.store.nights import Nights

FIRST = 20_000
"""4 October 2024."""


@pytest.fixture
def kept() -> Iterator[OpenShelf]:
    with writing(Home.here(), Shelf.OWN) as shelf:
        for i in range(40):
            key = begin(shelf, f"n{i}", FIRST + i)
            Answers(shelf.database).put(key, Answer(MorningWord.QUIET))
    with reading(Home.here(), (Shelf.OWN,)) as (opened,):
        yield opened


def invoke(*said: object) -> Result:
    return CliRunner().invoke(app, ["report", *map(str, said)])


def test_without_dates_it_is_the_last_month(kept: OpenShelf, tmp_path: Path) -> None:
    """Thirty evenings that end with the last night; nobody else can read the file."""
    out = tmp_path / "a.pdf"
    result = invoke("--out", out)
    assert result.exit_code == 0, result.output
    assert "14 October 2024 to 12 November 2024" in " ".join(result.stdout.split())
    assert out.read_bytes().startswith(b"%PDF")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]


def test_a_file_that_is_there_is_left_as_it_is(kept: OpenShelf, tmp_path: Path) -> None:
    out = tmp_path / "a.pdf"
    out.write_text("mine")
    result = invoke("--out", out)
    assert (result.exit_code, out.read_text()) == (1, "mine")
    assert "already there" in result.stderr


def test_a_period_is_taken_at_its_word(kept: OpenShelf, tmp_path: Path) -> None:
    result = invoke("--from", "2024-10-05", "--to", "2024-10-07", "--out", tmp_path / "a.pdf")
    assert result.exit_code == 0, result.output
    model, _ = clinician_report(kept, range(FIRST + 1, FIRST + 4))
    assert model.pages[0][1].facts[0].value == "3 nights: 0 bad, 3 quiet, 0 not said"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (("--from", "2024-10-07", "--to", "2024-10-05"), "is no period"),
        (("--from", "1924-10-07"), "is no period"),
        (("--from", "2020-01-01", "--to", "2020-01-31"), "no night of these days is kept"),
    ],
)
def test_a_period_of_nothing_writes_nothing(kept: OpenShelf, tmp_path: Path, said: tuple[str, ...], words: str) -> None:
    result = invoke(*said, "--out", tmp_path / "a.pdf")
    assert result.exit_code == 1
    assert words in result.stderr
    assert not list(tmp_path.iterdir())


def test_without_a_night_it_says_where_to_begin(tmp_path: Path) -> None:
    result = invoke("--out", tmp_path / "a.pdf")
    assert result.exit_code == 1
    assert "no night is kept yet" in result.stderr
    with writing(Home.here(), Shelf.OWN) as shelf, pytest.raises(NotFoundError, match="no night of yours"):
        period(shelf, None, None)


def test_what_could_not_be_read_is_said(tmp_path: Path) -> None:
    with writing(Home.here(), Shelf.OWN) as shelf:
        begin(shelf, "a", FIRST)
        bad = begin(shelf, "b", FIRST + 1)
        with shelf.database.atomic():
            shelf.database.execute("UPDATE summary SET body = '[]' WHERE night = ?", (bad,))
    result = invoke("--out", tmp_path / "a.pdf")
    assert result.exit_code == 0, result.output
    assert "Note:" in result.stdout


def test_dread_waiting_answers_and_words_come_from_the_journal(kept: OpenShelf, tmp_path: Path) -> None:
    """Words only if they are asked for; a journal that cannot be read is said, and the rest is there."""
    home = Home.here()
    with journal(home, Shelf.OWN) as opened:
        opened.notes.put_morning(MorningNote("n39", 7, "a house with no doors", ("drink",)), 1)
        opened.notes.put_morning(MorningNote("n38", 3, " "), 1)
        opened.notes.wait("n39", Answer(MorningWord.BAD_DREAM), 1)
    found = in_journal(home, Shelf.OWN)
    assert found.evenings == {"n39": (7, ("drink",)), "n38": (3, ())}
    assert (found.waiting, found.words) == ({"n39": Answer(MorningWord.BAD_DREAM)}, (("n39", "a house with no doors"),))
    without, with_words = tmp_path / "a.pdf", tmp_path / "b.pdf"
    assert invoke("--out", without).exit_code == invoke("--out", with_words, "--own-words").exit_code == 0
    assert len(with_words.read_bytes()) > len(without.read_bytes())
    shown = text(without.read_bytes(), tmp_path)
    assert "30 nights: 1 bad, 29 quiet, 0 not said" in shown
    assert "median 5, 3 to 7; 2 evenings" in shown
    assert "no doors" not in shown
    assert "a house with no doors" in text(with_words.read_bytes(), tmp_path)
    journal_path(home, Shelf.OWN).write_bytes(b"no journal at all")
    result = invoke("--out", tmp_path / "c.pdf")
    assert result.exit_code == 0, result.output
    assert "Note:" in result.stdout


def test_looking_at_a_journal_makes_none(tmp_path: Path) -> None:
    home = Home(tmp_path, tmp_path)
    assert in_journal(home, Shelf.OWN) == InJournal()
    assert not list(tmp_path.iterdir())


def test_words_of_other_nights_are_not_in_it(kept: OpenShelf) -> None:
    """A period is a period for words as well, and without asking there are none at all."""
    days = range(FIRST, FIRST + 2)
    with_words, _ = clinician_report(kept, days, words=[("n0", "mine"), ("n30", "another time")])
    assert with_words.pages[1][-1].paragraphs == ("n0: mine",)
    assert not clinician_report(kept, days)[0].own_words
    assert json.loads(Nights(kept.database).summary(1) or "")["diary"] == FIGURES
