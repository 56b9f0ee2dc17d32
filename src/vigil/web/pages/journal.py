"""The journal: entries by day, found by their words, read, erased, printed."""

from __future__ import annotations

import hmac
import secrets
import sys
from collections.abc import Sequence

from starlette.responses import Response

from vigil.app.journal_mornings import Kept, age, newest
from vigil.app.journal_room import journal_if_any
from vigil.domain.journal import fold
from vigil.store.journal import PAGE, Age, Changed, Hits, Only
from vigil.store.journal_erase import erase_entry
from vigil.web.asked import Asked
from vigil.web.drafts import ENTRY, all_typed
from vigil.web.journal_read import around_of, beyond_reach, entry_of, number_of, there
from vigil.web.rows import get, post
from vigil.web.told import Told, say, told_lines
from vigil.web.views.journal import Around, begun, by_day, found_lines, on_paper, tags_shown, title_of_entry, whole

FOUND = Told()
"""What was looked for, by the number that stands in the address."""

_KEY = secrets.token_bytes(16)


def entries(asked: Asked) -> Response:
    """The list, or what was found."""
    query = asked.query
    looked_for = " ".join(FOUND.of(_who(asked), query.get("found", ""))) or query.get("q", "").strip()
    with journal_if_any(asked.rooms.home, asked.rooms.shelf, read_only=True) as opened:
        around = around_of(asked, opened)
        tags = () if opened is None else opened.tags()
        only, by = _only(asked, around, tags)
        rows: tuple[Kept, ...] = ()
        if opened is not None and only is not None and not looked_for:
            rows = newest(opened, around.by_name, only, PAGE + 1)
        found = Hits((), ()) if opened is None or not looked_for else opened.find(looked_for)
    return asked.page(
        "journal/entries.html",
        told=told_lines(asked),
        looked_for=looked_for,
        found=found_lines(found, around, asked.words),
        days=by_day(rows[:PAGE], around, asked.words),
        older=_place(rows[PAGE - 1]) if len(rows) > PAGE else None,
        by=by,
        kept={name: query[name] for name in ("tag", "thread", "night") if name in query},
        tags=tags_shown(tags),
        mark=tag_mark,
        threads=tuple(around.threads.values()),
        begun=begun(all_typed(asked.rooms, ENTRY), asked.words),
    )


def find(asked: Asked) -> Response:
    """Look for words. They stand in no address: a browser keeps those, and may hand them on to its maker."""
    looked_for = asked.form.get("q", "").strip()
    return asked.go(f"/journal?found={FOUND.keep(_who(asked), looked_for)}" if looked_for else "/journal")


def tag_mark(name: str) -> str:
    """What stands for a tag in an address, for as long as the page is open, and says nothing to others."""
    return hmac.new(_KEY, fold(name).encode("utf-8", "replace"), "sha256").hexdigest()[:16]


def _who(asked: Asked) -> int:
    return 0 if asked.session is None else asked.session.id


def _only(asked: Asked, around: Around, tags: Sequence[tuple[str, int]]) -> tuple[Only | None, str]:
    """Which entries are wanted, and by what, in words; None where there can be none."""
    t, query = asked.words, asked.query
    before = _age(query["before"]) if "before" in query else None
    if "tag" in query:
        tag = next((each for each, _ in tags if tag_mark(each) == query["tag"]), query["tag"])
        return Only(tag=tag, before=before), t("journal.by_tag", name=tag)
    if "thread" in query:
        thread = around.threads.get(number_of(query["thread"]))
        return (None, t("journal.by_none")) if thread is None else (Only(thread=thread.id, before=before), thread.name)
    if "night" in query:
        name = around.name_of(query["night"])
        link = around.night(name)
        return (None, t("journal.by_none")) if link is None else (Only(night=name, before=before), link.title)
    return Only(before=before), ""


def _place(one: Kept) -> str:
    """Where the list goes on after it, for an address."""
    return "_".join(map(str, age(one)))


def _age(place: str) -> Age:
    """The same out of an address; before everything for what is none."""
    day, ms, number = [*place.split("_"), "", ""][:3]
    return day, number_of(ms), number_of(number)


def entry(asked: Asked) -> Response:
    """One entry, whole."""
    with there(asked) as opened:
        kept = entry_of(asked, opened)
        around = around_of(asked, opened)
        beside = number_of(asked.query.get("beside", ""))
    said = Changed(kept, twice=True).words if beside else ""
    it = whole(kept, around, asked.words)
    return asked.page("journal/entry.html", it=it, said=said, beside=beside, mark=tag_mark)


def ask_erase(asked: Asked) -> Response:
    """Ask once."""
    with there(asked) as opened:
        kept = entry_of(asked, opened)
    return asked.page("journal/erase.html", number=kept.id, name=title_of_entry(kept.what))


def erase(asked: Asked) -> Response:
    """Erase one for good."""
    with there(asked) as opened:
        done = erase_entry(opened, entry_of(asked, opened).id)
    return say(asked, "/journal", asked.words("journal.erased"), *beyond_reach(asked, done))


def printed(asked: Asked) -> Response:
    """One entry, a thread, or all of them, to be put on paper."""
    with there(asked) as opened:
        around = around_of(asked, opened)
        only, by = _only(asked, around, opened.tags())
        number = number_of(asked.query.get("entry", ""))
        every: tuple[Kept, ...] = (opened.entry(number),) if number else ()
        if only is not None and not number:
            every = newest(opened, around.by_name, only, sys.maxsize)
    shown = [on_paper(one, around, asked.words) for one in reversed(every)]
    return asked.page("journal/print.html", entries=shown, by=by, alone=bool(number))


ROWS = (
    get("/journal", entries),
    post("/journal/find", find),
    get("/journal/print", printed),
    get("/journal/{key:int}", entry),
    get("/journal/{key:int}/erase", ask_erase),
    post("/journal/{key:int}/erase", erase),
)
