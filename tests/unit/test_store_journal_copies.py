"""Copies of the journal that were proven, erasing that leaves nothing, and taking back that adds and never changes."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from vigil.domain.answers import Answer, MorningWord
from vigil.domain.errors import BusyError, LockedError, NotFoundError, StoreError
from vigil.domain.journal import Draft, MorningNote, Written, place_of
from vigil.store import cipher, opening
from vigil.store.database import Database
from vigil.store.journal import Hits, Journal
from vigil.store.journal_backup import backup_journal, is_journal, journal_backups, made_of_journals, verify_journal
from vigil.store.journal_erase import (
    erase_entry,
    erase_journal,
    erase_night_words,
    erase_thread,
    journals_aside,
    scrub_journal,
)
from vigil.store.journal_restore import begin_anew, restore_journal

NOW = 1_795_000_000_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "own" / "journal.db"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with Journal.open(path) as opened:
        yield opened


def fill(journal: Journal) -> int:
    """One night with something in every table, each with a word of its own to look for, and an entry of another."""
    thread = journal.put_thread("canarythread", "canarynote").id
    what = Written("canarytitle", "canarybody " * 300, ("canarytag",), "night", "2026-11-26", thread)
    number = journal.add(what, NOW).id
    journal.notes.put_morning(MorningNote("night", 4, "canarywords", ("canarymark",), "canaryevening"), NOW)
    journal.notes.wait("night", Answer(MorningWord.BAD_DREAM), NOW)
    journal.notes.put_draft(Draft("entry/new", "canarydraft", "night"), NOW)
    journal.add(Written("other", "stays", night="other"), NOW + 1)
    return number


def held(folder: Path) -> bytes:
    """Every byte of every file below a folder, in small letters."""
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file()).lower()


# Copies.


def test_a_copy_is_the_journal(journal: Journal, tmp_path: Path) -> None:
    """One private file, proven, that opens as a journal with everything in it."""
    fill(journal)
    made = backup_journal(journal, tmp_path / "copies")
    assert verify_journal(made) == ()
    assert is_journal(made)
    assert [file.name for file in made.parent.iterdir()] == [made.name]
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    with Journal.open(made, read_only=True) as copy:
        assert copy.entries() == journal.entries()
        assert copy.find("canarybody").entries[0].entry == journal.find("canarybody").entries[0].entry
        assert copy.notes.mornings() == journal.notes.mornings()


def test_the_last_copies_are_kept(journal: Journal, tmp_path: Path) -> None:
    """The oldest go; somebody's own file, and copies of nights, stay."""
    folder = tmp_path / "copies"
    folder.mkdir()
    (folder / "vigil-000000000001.db").write_text("nights")
    made = []
    for number in range(4):
        journal.add(Written(str(number)), NOW)
        made.append(backup_journal(journal, folder, keep=2))
    assert backup_journal(journal, folder, keep=2) == made[-1]
    assert journal_backups(folder) == made[2:]
    assert (folder / "vigil-000000000001.db").exists()


def test_a_copy_that_is_not_whole_is_thrown_away(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said, and nothing of it stays."""
    monkeypatch.setattr("vigil.store.journal_file.JournalFile.problems", lambda _self: ("a fault",))
    with pytest.raises(StoreError, match=r"a fault.*thrown away"):
        backup_journal(journal, tmp_path / "copies")
    assert made_of_journals(tmp_path / "copies") == []


def test_a_folder_that_cannot_be_written_is_said(journal: Journal, tmp_path: Path) -> None:
    """In words."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError):
        backup_journal(journal, tmp_path / "file" / "copies")


def test_what_is_no_copy_is_told(tmp_path: Path) -> None:
    """Never as an error."""
    noise = tmp_path / "noise.db"
    noise.write_bytes(b"x" * 9000)
    with Database.open(tmp_path / "vigil.db"):
        pass
    for each in (noise, tmp_path / "vigil.db", tmp_path / "none.db", tmp_path):
        assert verify_journal(each)
        assert not is_journal(each)


def test_a_damaged_copy_is_not_relied_on(journal: Journal, tmp_path: Path) -> None:
    """Its own check says so."""
    fill(journal)
    made = backup_journal(journal, tmp_path / "copies")
    spoilt = bytearray(made.read_bytes())
    spoilt[5000 : len(spoilt)] = b"\xaa" * (len(spoilt) - 5000)
    made.write_bytes(spoilt)
    assert verify_journal(made)


# Erasing.


def test_an_erased_entry_is_nowhere(journal: Journal, path: Path, tmp_path: Path) -> None:
    """Not in the file, its index, its log while it is open, nor in Vigil's copies."""
    number = fill(journal)
    journal.notes.put_draft(Draft(place_of(number), "canarytyping"), NOW)
    backup_journal(journal, tmp_path / "copies")
    done = erase_entry(journal, number)
    assert (done.entries, done.backups, done.unreachable) == (1, 1, ())
    for word in (b"canarytitle", b"canarybody", b"canarytag", b"canarytyping"):
        assert word not in held(tmp_path)
    assert b"canarywords" in held(tmp_path)
    assert [one.entry.what.title for one in journal.find("stays").entries] == ["other"]
    assert journal.find("canarybody") == Hits((), ())
    assert len(journal_backups(tmp_path / "copies")) == 1
    with pytest.raises(NotFoundError):
        erase_entry(journal, number)


def test_an_erased_night_takes_its_words_along(journal: Journal, tmp_path: Path) -> None:
    """Entries, the morning's words, the answer that waits and what was being typed; not those of another night."""
    fill(journal)
    assert len(journal.find("canaryw canaryev").mornings) == 1  # looking makes no index that would have to go too
    backup_journal(journal, tmp_path / "copies")
    assert erase_night_words(journal, "night").entries == 1
    left = held(tmp_path)
    for word in (b"title", b"body", b"tag", b"words", b"mark", b"evening", b"draft"):
        assert b"canary" + word not in left
    assert b"canarythread" in left
    assert journal.notes.waiting() == ()
    assert [entry.what.title for entry in journal.entries()] == ["other"]
    assert journal.find("canary") == Hits((), ())


def test_everything_can_be_erased(journal: Journal, path: Path, tmp_path: Path) -> None:
    """No word is left anywhere, copies are gone, and numbers are not given again."""
    number = fill(journal)
    backup_journal(journal, tmp_path / "copies")
    (path.parent / "damaged" / "then-journal").mkdir(parents=True)
    shutil.copy(path, path.parent / "damaged" / "then-journal" / path.name)
    done = erase_journal(journal)
    assert (done.entries, done.backups, done.set_aside) == (2, 1, ())
    assert b"canary" not in held(tmp_path)
    assert journals_aside(path) == []
    assert journal_backups(tmp_path / "copies") == []
    assert journal.add(Written("new"), NOW).id == number + 2


def test_a_thread_is_erased_and_its_entries_stay(journal: Journal, tmp_path: Path) -> None:
    """Its name and note are nowhere."""
    number = fill(journal)
    erase_thread(journal, journal.threads()[0].id)
    assert b"canarythread" not in held(tmp_path)
    assert b"canarynote" not in held(tmp_path)
    assert journal.entry(number).what.thread is None


def test_what_cannot_be_reached_is_said(journal: Journal, path: Path, tmp_path: Path) -> None:
    """A stick that was pulled, and a damaged journal that was moved aside."""
    number = fill(journal)
    backup_journal(journal, tmp_path / "stick")
    (tmp_path / "stick").rename(tmp_path / "pulled")
    aside = path.parent / "damaged" / "then" / "journal.db"
    aside.parent.mkdir(parents=True)
    aside.write_bytes(b"x")
    done = erase_entry(journal, number)
    assert (done.unreachable, done.set_aside) == ((str(tmp_path / "stick"),), (str(aside),))


def test_while_somebody_reads_it_is_said_that_traces_may_remain(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The entry is gone at once; once the reader is away, erasing again leaves nothing."""
    monkeypatch.setattr(opening, "BUSY_S", 0.0)
    with Journal.open(path) as journal, Journal.open(path) as reader:
        number = fill(journal)
        reader.file.rows("BEGIN")
        reader.entries()
        with pytest.raises(BusyError, match="erase again"):
            erase_entry(journal, number)
        assert journal.find("canarybody") == Hits((), ())
        reader.file.rows("COMMIT")
        scrub_journal(journal)
        assert b"canarybody" not in held(tmp_path)


# Taking back.


def test_what_is_missing_is_taken_back_once(journal: Journal, tmp_path: Path) -> None:
    """Entries with tags and thread, mornings; twice takes nothing twice; what is here stays as it is."""
    number = fill(journal)
    made = Path(shutil.copy(backup_journal(journal, tmp_path / "copies"), tmp_path / "kept.db"))
    before = journal.entry(number)
    with Journal.open(tmp_path / "fresh" / "journal.db") as fresh:
        newer = fresh.add(Written("of today"), NOW + 5)
        done = restore_journal(fresh, made)
        assert (done.entries, done.mornings, done.already, done.skipped) == (2, 1, 0, 0)
        assert "entries 2, mornings 1" in done.words
        (found,) = fresh.find("canarybody").entries
        assert found.entry.what.tags == before.what.tags
        assert (found.entry.written_ms, found.entry.version) == (before.written_ms, before.version)
        assert fresh.thread("canarythread").note == "canarynote"
        assert fresh.notes.mornings() == journal.notes.mornings()
        assert fresh.entry(newer.id) == newer
        again = restore_journal(fresh, made)
        assert (again.entries, again.mornings, again.already) == (0, 0, 2)
        assert "left alone: 2" in again.words
        changed = fresh.change(found.entry.id, 1, Written("changed"), NOW)
        assert restore_journal(fresh, made).entries == 1  # as it was in the copy, beside what it has become
        assert fresh.entry(found.entry.id) == changed.entry


def test_an_entry_that_was_changed_since_is_not_taken_back_beside_itself(journal: Journal, tmp_path: Path) -> None:
    """In the journal it came from it is known by its number and instant."""
    number = fill(journal)
    made = backup_journal(journal, tmp_path / "copies")
    journal.change(number, 1, Written("changed"), NOW + 9)
    assert restore_journal(journal, made).already == 2


def test_what_waited_is_not_put_again(journal: Journal, tmp_path: Path) -> None:
    """An answer of an old copy must not write over one that was given since."""
    fill(journal)
    made = backup_journal(journal, tmp_path / "copies")
    with Journal.open(tmp_path / "fresh.db") as fresh:
        restore_journal(fresh, made)
        assert fresh.notes.waiting() == ()
        assert fresh.notes.draft("entry/new") is None


def test_a_journal_with_a_log_is_read_and_left_as_it_is(journal: Journal, path: Path, tmp_path: Path) -> None:
    """One that was moved aside may still have its last entries in the log."""
    fill(journal)
    aside = tmp_path / "aside"
    shutil.copytree(path.parent, aside)
    before = {file.name: file.read_bytes() for file in aside.iterdir()}
    with Journal.open(tmp_path / "fresh" / "journal.db") as fresh:
        assert restore_journal(fresh, aside / "journal.db").entries == 2
    assert {file.name: file.read_bytes() for file in aside.iterdir()} == before
    assert not (tmp_path / "fresh" / "reading-words").exists()


def test_a_damaged_journal_gives_what_it_still_has(journal: Journal, tmp_path: Path) -> None:
    """Page by page; what is broken is counted, the rest is taken."""
    for number in range(60):
        journal.add(Written(f"entry {number}", f"word{number} " * 400), NOW + number)
    made = backup_journal(journal, tmp_path / "copies")
    whole, best = made.read_bytes(), 0
    for page in range(2, len(whole) // 4096, 7):
        spoilt = bytearray(whole)
        spoilt[page * 4096 : (page + 1) * 4096] = b"\xaa" * 4096
        made.write_bytes(spoilt)
        with Journal.open(tmp_path / f"fresh-{page}" / "journal.db") as fresh:
            try:
                done = restore_journal(fresh, made)
            except StoreError:
                continue
            assert done.entries == len(fresh.entries(limit=1000)) <= 60
            assert fresh.file.problems() == ()
            best = max(best, done.skipped and done.entries)
    assert best > 40


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE entry SET day = 'never'",
        "UPDATE entry SET title = '', body = ''",
        "UPDATE morning SET marks = '[1'",
        "UPDATE morning SET marks = '7'",
        "UPDATE thread SET name = ''",
        "UPDATE thread SET name = printf('%.*c', 900, 'x')",
    ],
)
def test_what_breaks_the_rules_is_left_out(journal: Journal, tmp_path: Path, sql: str) -> None:
    """A copy is held against the rules that new words are held against."""
    fill(journal)
    made = backup_journal(journal, tmp_path / "copies")
    with closing(sqlite3.connect(made)) as meddling:
        meddling.execute(sql)
        meddling.commit()
    with Journal.open(tmp_path / "fresh.db") as fresh:
        done = restore_journal(fresh, made)
        assert done.skipped
        assert "left out" in done.words
        assert fresh.file.problems() == ()
        fresh.entries()
        fresh.threads()


def test_strange_tables_are_not_read(journal: Journal, path: Path, tmp_path: Path) -> None:
    """A view in the place of a table, another program's file, the journal itself, nothing at all."""
    fill(journal)
    made = backup_journal(journal, tmp_path / "copies")
    with closing(sqlite3.connect(made)) as meddling:
        meddling.executescript("ALTER TABLE morning RENAME TO m; CREATE VIEW morning AS SELECT * FROM m;")
    noise = tmp_path / "noise.db"
    noise.write_bytes(b"noise" * 5000)
    for source, words in ((made, "not those that Vigil makes"), (path, "itself"), (noise, "not a database")):
        with pytest.raises(StoreError, match=words):
            restore_journal(journal, source)
    with pytest.raises(NotFoundError, match="nothing was taken back"):
        restore_journal(journal, tmp_path / "none.db")
    assert len(journal.entries()) == 2


def test_a_damaged_journal_is_moved_aside_and_nothing_is_deleted(path: Path) -> None:
    """With all that belongs to it; a name that is taken is not written over."""
    for number in range(2):
        with Journal.open(path) as journal:
            journal.add(Written(str(number)), NOW)
            backup_journal(journal, path.parent / "stick")
        folder = begin_anew(path, "then", path.parent / "copies")
        assert folder.name == ("then-journal" if number == 0 else "then-journal-2")
        with Journal.open(path) as fresh:
            assert fresh.entries() == ()
            folders = {Path(each).name for (each,) in fresh.file.rows("SELECT path FROM backup_folder")}
            assert folders == {"copies", "stick"}
        with Journal.open(folder / path.name) as journal:
            assert journal.entries()[0].what.title == str(number)


# Under a passphrase.


def test_beside_encrypted_nights_it_is_encrypted_too(path: Path, tmp_path: Path) -> None:
    """A journal that is begun there has their key: no word stands in its file, its log or its copies."""
    pytest.importorskip("sqlcipher3")
    path.parent.mkdir()
    cipher.know("four words that rhyme")
    try:
        key = cipher.new_key("four words that rhyme")
        with closing(cipher.connect(path.with_name("vigil.db"), "mode=rwc", key)) as nights:
            nights.execute("CREATE TABLE t (x)")
        with Journal.open(path) as journal:
            number = fill(journal)
            made = backup_journal(journal, tmp_path / "copies")
            assert journal.find("canarybody").entries[0].entry.id == number
            assert journal.find("canarywords").mornings[0].note.night == "night"
            assert b"canary" not in held(tmp_path)
            assert verify_journal(made) == ()
            with Journal.open(tmp_path / "elsewhere" / "journal.db") as fresh:
                assert restore_journal(fresh, made).entries == 2
            assert erase_entry(journal, number).backups == 1
            assert journal.file.problems() == ()
    finally:
        cipher.unknow()
    with pytest.raises(LockedError), Journal.open(path):
        pass
