"""The journal's store: nothing typed is lost, nothing that is looked for is a fault, two writers are no trouble."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.domain.answers import Answer, MorningWord
from vigil.domain.errors import BusyError, DamagedError, FullError, InputError, NotFoundError, StoreError
from vigil.domain.journal import MOST_BODY, MOST_TITLE, Draft, Entry, MorningNote, Piece, Written
from vigil.store import opening
from vigil.store.journal import Journal, Only, age_of
from vigil.store.journal_file import APPLICATION_ID, JournalFile

NOW = 1_795_000_000_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "own" / "journal.db"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with Journal.open(path) as opened:
        yield opened


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journal]:
    """One for properties, in which entries pile up."""
    with Journal.open(tmp_path_factory.mktemp("shared") / "journal.db") as opened:
        opened.add(Written("The house", "A wolf stood at the träum-door", ("Wolf", "alone")), NOW)
        yield opened


def found(journal: Journal, looked_for: str) -> list[int]:
    return [one.entry.id for one in journal.find(looked_for).entries]


# The file.


def test_it_is_private_and_its_own(journal: Journal, path: Path) -> None:
    """Mode 0600 whatever the umask says, its logs too; the header says what it is."""
    journal.add(Written("x"), NOW)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}
    assert {file.name for file in path.parent.iterdir()} == {
        "journal.db",
        "journal.db-wal",
        "journal.db-shm",
        "journal.lock",
    }
    assert journal.file.row("PRAGMA application_id") == (APPLICATION_ID,)
    for pragma, value in {"synchronous": 2, "secure_delete": 1, "journal_mode": "wal", "foreign_keys": 1}.items():
        assert journal.file.row(f"PRAGMA {pragma}") == (value,)
    assert journal.file.problems() == ()


def test_what_is_no_journal_is_left_as_it_is(path: Path) -> None:
    """Nothing is written over: another program's database, a newer Vigil's, no database at all, none there."""
    path.parent.mkdir()
    for create, kind in (("PRAGMA user_version = 3", StoreError), ("PRAGMA application_id = 7", StoreError)):
        with closing(sqlite3.connect(path)) as other:
            other.execute(create)
            other.execute("CREATE TABLE t (x)")
        before = path.read_bytes()
        with pytest.raises(kind, match="another program"), Journal.open(path):
            pass
        assert path.read_bytes() == before
        path.unlink()
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(DamagedError), Journal.open(path):
        pass
    path.unlink()
    for words in ({"create": False}, {"read_only": True}):
        with pytest.raises(NotFoundError, match="nothing was made"), Journal.open(path, **words):
            pass
    with Journal.open(path) as made:
        with made.file.atomic():
            made.file.execute("INSERT INTO backup_folder VALUES ('x')")
        made.file.rows("PRAGMA user_version = 2")
    with pytest.raises(StoreError, match="newer Vigil"), Journal.open(path):
        pass


def test_reading_changes_nothing(path: Path) -> None:
    """A reader sees what is there and cannot write."""
    with Journal.open(path) as journal:
        entry = journal.add(Written("x", "y"), NOW)
    before = path.read_bytes()
    with Journal.open(path, read_only=True) as reader:
        assert reader.entry(entry.id) == entry
        assert found(reader, "y") == [entry.id]
        with pytest.raises(StoreError):
            reader.add(Written("z"), NOW)
    assert path.read_bytes() == before


def test_two_processes_make_it_and_write_at_once(path: Path) -> None:
    """Whoever comes second waits; every entry of both is there."""
    lines = (
        "import sys; from pathlib import Path; from vigil.store.journal import Journal, Written\n"
        "for n in range(25):\n"
        "    with Journal.open(Path(sys.argv[1])) as journal: journal.add(Written(f'{sys.argv[2]} {n}'), n)\n"
    )
    children = [subprocess.Popen([sys.executable, "-c", lines, str(path), name]) for name in ("a", "b")]
    assert [child.wait(100) for child in children] == [0, 0]
    with Journal.open(path) as journal:
        titles = {entry.what.title for entry in journal.entries(limit=100)}
        assert titles == {f"{name} {n}" for name in ("a", "b") for n in range(25)}
        assert journal.file.changes == 50


def test_a_writer_that_stays_is_said_in_words(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a short wait nothing was changed, and the sentence says so."""
    with Journal.open(path) as first, first.file.atomic():
        monkeypatch.setattr(opening, "BUSY_S", 0.0)
        with Journal.open(path) as second, pytest.raises(BusyError, match="nothing was changed"):
            second.add(Written("x"), NOW)


def test_damage_is_said_and_never_mended_behind_ones_back(path: Path) -> None:
    """The check names it."""
    with Journal.open(path) as journal:
        for number in range(30):
            journal.add(Written(str(number), "word " * 500), NOW)
    spoilt = bytearray(path.read_bytes())
    spoilt[4096 * 3 : 4096 * 30] = b"\xaa" * 4096 * 27
    path.write_bytes(spoilt)
    with Journal.open(path, read_only=True) as journal:
        assert journal.file.problems()
        with pytest.raises(StoreError):
            journal.entries(limit=100)


def test_a_full_disk_keeps_what_was_there(journal: Journal) -> None:
    """It is said, and nothing half is kept."""
    entry = journal.add(Written("kept"), NOW)
    ((pages,),) = journal.file.rows("PRAGMA page_count")
    journal.file.rows(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(FullError, match="all before it is safe"):
        journal.add(Written("too much", "word " * 20_000), NOW)
    assert journal.entries() == (entry,)
    assert found(journal, "word") == []
    assert journal.file.problems() == ()


def test_what_was_acknowledged_survives_a_kill(path: Path) -> None:
    """Killed between any two instants, the journal holds every entry of which it was said that it is kept."""
    lines = (
        "import sys; from pathlib import Path; from vigil.store.journal import Journal, Written\n"
        "with Journal.open(Path(sys.argv[1])) as journal:\n"
        "    for n in range(10**6): print(journal.add(Written(f'n {n}', 'word ' * 500), n).id, flush=True)\n"
    )
    child = subprocess.Popen([sys.executable, "-c", lines, str(path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    told = [child.stdout.readline() for _ in range(40)]
    child.kill()
    told += child.stdout.read().split("\n")[:-1]
    child.stdout.close()
    child.wait(60)
    with Journal.open(path) as journal:
        assert {int(number) for number in told} <= {entry.id for entry in journal.entries(limit=10_000)}
        assert journal.file.problems() == ()


# Entries.


def test_an_entry_comes_back_as_it_was_typed(journal: Journal) -> None:
    """Every field, in any script."""
    thread = journal.put_thread("Das Haus", "kommt im Winter")
    what = Written("שלום", "👩\u200d👩\u200d👧 a\nb\t\u202ec", ("Größe", "x y"), "2026-11-26", "2026-11-27", thread.id)
    entry = journal.add(what, NOW)
    assert entry == Entry(entry.id, what, NOW, NOW, 1)
    assert journal.entry(entry.id) == entry
    assert journal.threads() == (journal.thread("das haus"),)
    assert journal.thread("DAS HAUS").entries == 1


@given(st.text(st.characters()), st.text(st.characters(), max_size=60), st.lists(st.text(max_size=20), max_size=5))
def test_any_text_is_kept(shared: Journal, body: str, title: str, tags: list[str]) -> None:
    """RTL, emoji, NUL, halves of letters: kept as `Written` has it, found again by number, and can be changed."""
    what = Written(f"t{title}", body, tuple(tags))
    entry = shared.add(what, NOW)
    assert shared.entry(entry.id).what == what
    assert shared.change(entry.id, 1, Written("t", body + "!"), NOW).entry.version == 2


def test_entries_are_listed_newest_first(journal: Journal) -> None:
    """By the day they are about, then by when they were written; by night, tag and thread; in pages."""
    thread = journal.put_thread("falling").id
    rows = [
        Written("a", day="2026-11-01", tags=("Sea",)),
        Written("b", day="2026-11-03", night="n"),
        Written("c", day="2026-11-02", thread=thread),
        Written("d", tags=("SEA", "other")),
        Written("e", day="2026-11-03", night="n"),
    ]
    for number, row in enumerate(rows):
        journal.add(row, NOW + number)

    def titles(only: Only | None = None, limit: int = 50) -> str:
        return "".join(entry.what.title for entry in journal.entries(only, limit))

    assert titles() == "ebcad"
    assert titles(limit=2) == "eb"
    assert titles(Only(before=age_of(journal.entries(limit=2)[-1]))) == "cad"
    assert titles(Only(night="n")) == "eb"
    assert titles(Only(tag="sea")) == "ad"
    assert titles(Only(thread=thread)) == "c"
    assert titles(Only(tag="sea", night="n")) == ""
    assert journal.tags() == (("other", 1), ("Sea", 2)) or journal.tags() == (("other", 1), ("SEA", 2))


def test_a_change_from_an_old_version_keeps_both(journal: Journal) -> None:
    """Two tabs and a phone: what was typed in each is there, and it is said."""
    first = journal.add(Written("dream", "one", ("t",), "n"), NOW)
    kept = journal.change(first.id, 1, Written("dream", "two", night="n"), NOW + 1)
    assert (kept.twice, kept.entry.version, kept.entry.written_ms, kept.entry.edited_ms) == (False, 2, NOW, NOW + 1)
    beside = journal.change(first.id, 1, Written("dream", "three", night="n"), NOW + 2)
    assert beside.twice
    assert "Both are kept" in beside.words
    assert beside.entry.what == Written("dream (changed twice)", "three", night="n")
    assert journal.entry(first.id).what.body == "two"
    assert found(journal, "two") == [first.id]
    assert found(journal, "three") == [beside.entry.id]
    assert found(journal, "one") == []


def test_the_same_sent_twice_is_one_change(journal: Journal) -> None:
    """A second tap on a slow page makes no copy."""
    first = journal.add(Written("a"), NOW)
    assert journal.change(first.id, 1, Written("b"), NOW).entry.version == 2
    again = journal.change(first.id, 1, Written("b"), NOW)
    assert (again.twice, again.entry.version, again.words) == (False, 2, "Kept.")
    assert len(journal.entries()) == 1


def test_a_new_entry_that_is_sent_again_is_one(journal: Journal) -> None:
    """A second tap makes no second entry; another text, another tag, or another minute does."""
    first = journal.add(Written("a", "b", ("t",)), NOW)
    assert journal.add(Written("a", "b", ("t",)), NOW + 60_000) == first
    others = [journal.add(Written("a", "b", ("u",)), NOW), journal.add(Written("a", "b", ("t",)), NOW + 60_001)]
    assert {entry.id for entry in others} == {first.id + 1, first.id + 2}


def test_a_long_title_still_fits_when_changed_twice(journal: Journal) -> None:
    """The text is whole; only the title of the copy is shortened."""
    first = journal.add(Written("t" * MOST_TITLE, "x"), NOW)
    journal.change(first.id, 1, Written("other", "x"), NOW)
    beside = journal.change(first.id, 1, Written(body="typed"), NOW).entry.what
    assert (beside.title, beside.body) == ("other (changed twice)", "typed")
    longest = journal.change(first.id, 1, Written("t" * MOST_TITLE, "y"), NOW).entry.what
    assert len(longest.title) == MOST_TITLE
    assert longest.title.endswith("(changed twice)")


def test_an_erased_entry_is_not_brought_back(journal: Journal) -> None:
    """The sentence says where the text still is."""
    with pytest.raises(NotFoundError, match="still where you wrote it"):
        journal.change(7, 1, Written("x"), NOW)
    with pytest.raises(NotFoundError):
        journal.entry(7)


def test_a_thread_has_one_name(journal: Journal) -> None:
    """Whatever its case; its entries stay when it is named anew; one that is not there is refused."""
    house = journal.put_thread("The house")
    with pytest.raises(InputError, match="already"):
        journal.put_thread("THE HOUSE")
    with pytest.raises(InputError, match="needs a name"):
        journal.put_thread(" ")
    entry = journal.add(Written("x", thread=house.id), NOW)
    assert journal.put_thread("The Tower", "note", house.id).entries == 1
    for refused in (lambda: journal.add(Written("y", thread=99), NOW), lambda: journal.put_thread("z", "", 99)):
        with pytest.raises(NotFoundError, match="not there any more"):
            refused()
    with pytest.raises(NotFoundError, match="vigil journal threads"):
        journal.thread("none")
    assert journal.entry(entry.id).what.thread == house.id


# Search.


def test_words_are_found_by_their_beginning(journal: Journal) -> None:
    """In title, text and tags; every word must be there; case and accents do not matter."""
    one = journal.add(Written("The Sea", "I could not rÉach the door", ("Großmutter",)), NOW).id
    two = journal.add(Written("Door", "a sea of doors"), NOW).id
    assert set(found(journal, "doo")) == {one, two}
    assert found(journal, "reach SEA") == [one]
    assert found(journal, "grossm") == [] or found(journal, "großm") == [one]
    assert found(journal, "sea nothing") == []
    assert found(journal, "  ") == []
    assert found(journal, "door")[0] == two


def test_the_words_of_a_morning_are_found_as_entries_are(journal: Journal) -> None:
    """By beginnings, whatever case and accents, in both of its texts; letter by letter only where nothing else fits."""

    def nights(looked_for: str) -> list[str]:
        return [one.note.night for one in journal.find(looked_for).mornings]

    journal.notes.put_morning(MorningNote("one", words="I stood on a STÁIRCASE"), NOW)
    journal.notes.put_morning(MorningNote("two", words="私は大きな犬を見た", evening="Anna's party"), NOW)
    journal.notes.put_morning(MorningNote("three", dread=4, words=" \n", marks=("stairs",)), NOW)
    entry = journal.add(Written("A part", "of the house"), NOW).id
    assert nights("stair stood") == ["one"]
    (found,) = journal.find("stair").mornings
    assert Piece("STÁIRCASE", hit=True) in found.pieces
    assert nights("PART") == ["two"]
    assert found_all(journal, "part") == ([entry], ["two"])
    assert nights("犬") == ["two"]
    assert found_all(journal, "art") == ([entry], ["two"])  # in no word's beginning: letter by letter, in both
    journal.add(Written("Art"), NOW)
    assert nights("art") == []
    assert nights("stairs wolf") == nights(" ") == nights('"') == []


def test_changed_words_of_a_morning_are_found_as_they_are_now(journal: Journal) -> None:
    kept = journal.notes.put_morning(MorningNote("one", words="a wolf"), NOW)
    journal.notes.put_morning(MorningNote("one", words="a bear", version=kept.version), NOW)
    assert found_all(journal, "wolf") == ([], [])
    assert found_all(journal, "bear") == ([], ["one"])


def found_all(journal: Journal, looked_for: str) -> tuple[list[int], list[str]]:
    hits = journal.find(looked_for)
    return [one.entry.id for one in hits.entries], [one.note.night for one in hits.mornings]


def test_hits_are_pieces_of_text(journal: Journal) -> None:
    """No markup, whatever the text looks like."""
    journal.add(Written("<b>wolf</b>", "x <script>wolf</script> y"), NOW)
    (one,) = journal.find("wolf").entries
    assert one.title == (Piece("<b>"), Piece("wolf", hit=True), Piece("</b>"))
    assert Piece("wolf", hit=True) in one.pieces
    assert "".join(piece.text for piece in one.pieces).strip("…") in "<b>wolf</b> x <script>wolf</script> y"


def test_signs_and_scripts_without_blanks_are_found(journal: Journal) -> None:
    """Where the index knows no words, every text is looked through."""
    one = journal.add(Written("夢", "私は大きな犬を見た。" + "終" * 200), NOW).id
    two = journal.add(Written("odd", "…" * 100 + "what 🐺 was that", ("🌊",)), NOW).id
    assert found(journal, "犬") == [one]
    assert found(journal, "🐺 WAS") == [two]
    assert found(journal, "🌊") == [two]
    (hit,) = journal.find("🐺").entries
    assert hit.pieces[0].text == "…"
    assert Piece("🐺", hit=True) in hit.pieces
    for number in range(3):
        journal.add(Written("🐺", str(number)), NOW)
    assert len(journal.find("🐺", limit=2).entries) == 2


@given(st.text(st.characters(), max_size=60) | st.sampled_from(['"', "AND", "NEAR(", "title:", "^x", "-a*", "'", "%"]))
def test_nothing_looked_for_is_a_fault(shared: Journal, looked_for: str) -> None:
    """What is typed is only ever words."""
    for one in shared.find(looked_for).entries:
        assert "".join(piece.text for piece in one.title) == one.entry.what.title
        assert all(piece.text for piece in one.pieces)


@given(st.text(st.characters(categories=("L", "N")), min_size=1, max_size=30))
def test_a_word_that_was_written_is_found(shared: Journal, word: str) -> None:
    """Whatever the script."""
    number = shared.add(Written("w", f"before {word} after", ()), NOW).id
    assert number in [one.entry.id for one in shared.find(f"before {word}", limit=10_000).entries]


def test_a_very_long_question_is_no_trouble(shared: Journal) -> None:
    """It is looked at only so far."""
    assert shared.find("wolf " * 100_000).entries


def test_with_a_damaged_index_the_texts_are_looked_through(journal: Journal) -> None:
    """The index is only a help."""
    number = journal.add(Written("t", "a wolf"), NOW).id
    with journal.file.atomic():
        journal.file.execute("UPDATE words_data SET block = zeroblob(40)")
    with Journal.open(journal.file.path) as again:
        assert found(again, "wolf") == [number]


# Beside entries.


def test_a_mornings_words_from_two_places_are_both_kept(journal: Journal) -> None:
    """An old version adds to what is there; of dread and marks the last stay."""
    first = journal.notes.put_morning(MorningNote("n", 3, "one", ("late meal",), "alone"), NOW)
    assert first == MorningNote("n", 3, "one", ("late meal",), "alone", NOW, 1)
    second = journal.notes.put_morning(MorningNote("n", 3, "one, more", version=1), NOW)
    assert (second.words, second.version, second.evening) == ("one, more", 2, "")
    third = journal.notes.put_morning(MorningNote("n", 5, "typed on the phone", version=1), NOW)
    assert (third.words, third.dread) == ("one, more\n\ntyped on the phone", 5)
    assert journal.notes.put_morning(MorningNote("n", 5, "phone", version=1), NOW).words == third.words
    longer = third.words + "!"
    assert journal.notes.put_morning(MorningNote("n", 5, longer, version=1), NOW).words == longer
    with pytest.raises(InputError, match="still where you wrote it"):
        journal.notes.put_morning(MorningNote("n", words="x" * MOST_BODY), NOW)
    assert journal.notes.mornings() == {"n": journal.notes.morning("n")}
    assert journal.notes.morning("other") is None


def test_an_answer_waits_until_it_is_settled(journal: Journal) -> None:
    """The last of a night; one that was changed meanwhile still waits."""
    bad = Answer(MorningWord.BAD_DREAM, dreams=2, distress=7, woken=True)
    journal.notes.wait("n", Answer(MorningWord.QUIET), NOW)
    journal.notes.wait("n", bad, NOW + 2)
    journal.notes.wait("m", Answer(MorningWord.QUIET), NOW + 1)
    m, n = journal.notes.waiting()
    assert (m.night, n.night, n.answer, n.kept_ms) == ("m", "n", bad, NOW + 2)
    journal.notes.wait("n", Answer(MorningWord.QUIET), NOW + 3)
    journal.notes.settled(n)
    assert len(journal.notes.waiting()) == 2
    journal.notes.settled(m)
    assert [one.answer.word for one in journal.notes.waiting()] == [MorningWord.QUIET]


def test_what_vigil_never_writes_is_said(journal: Journal) -> None:
    """A row that was meddled with is named, and an answer that is none is left out."""
    entry = journal.add(Written("x"), NOW)
    journal.notes.put_morning(MorningNote("n"), NOW)
    journal.notes.wait("n", Answer(), NOW)
    with journal.file.atomic():
        journal.file.execute("UPDATE entry SET day = 'never'")
        journal.file.execute("UPDATE morning SET marks = '{'")
        journal.file.execute("UPDATE waiting SET answer = '[]'")
    with pytest.raises(StoreError, match="left as it is"):
        journal.entry(entry.id)
    with pytest.raises(StoreError, match="left as it is"):
        journal.notes.morning("n")
    assert journal.notes.waiting() == ()


def test_what_is_being_typed_is_kept(journal: Journal) -> None:
    """One text for each box, until it is emptied."""
    journal.notes.put_draft(Draft("new", "half a dr"), NOW)
    journal.notes.put_draft(Draft("new", "half a dream", "n"), NOW + 1)
    assert journal.notes.draft("new") == Draft("new", "half a dream", "n", NOW + 1)
    journal.notes.put_draft(Draft("newer", "another"), NOW + 2)
    journal.notes.put_draft(Draft("other/place", "not this one"), NOW + 3)
    assert [draft.place for draft in journal.notes.drafts("new")] == ["newer", "new"]
    assert journal.notes.drafts("nowhere") == ()
    journal.notes.put_draft(Draft("new", ""), NOW)
    assert journal.notes.draft("new") is None


def test_a_change_that_fails_leaves_nothing(journal: Journal) -> None:
    """Whole or not at all; and nothing is written outside a transaction."""
    with pytest.raises(StoreError), journal.file.atomic():
        journal.file.execute_many("INSERT INTO thread (name, fold, note) VALUES (?, 'a', '')", ["a", "b"])
    assert journal.threads() == ()
    with pytest.raises(StoreError, match="outside a transaction"):
        journal.file.execute("DELETE FROM entry")


def test_old_words_leave_the_file_with_a_change(path: Path) -> None:
    """A name that was taken out of an entry is not in the file any more, nor in its index."""
    with Journal.open(path) as journal:
        entry = journal.add(Written("t", "canaryold was there", ("canarytag",)), NOW)
        journal.change(entry.id, 1, Written("t", "somebody was there"), NOW)
    held = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert b"canary" not in held


def test_opened_twice_in_one_process(path: Path) -> None:
    """Page and command side by side see one another's entries."""
    with Journal.open(path) as one, Journal.open(path) as two:
        entry = one.add(Written("x"), NOW)
        assert two.entry(entry.id) == entry
    file = JournalFile.open(path)
    file.close()
    file.close()
