"""The journal on its pages: entries in a list by day, one entry whole, and the form that one is written on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby

from vigil.app.journal_mornings import InTheMorning, Kept, in_the_morning
from vigil.domain.errors import InputError
from vigil.domain.journal import Entry, Found, FoundMorning, Piece, Thread, Written, kept_text
from vigil.store.journal import Hits
from vigil.store.nights import NightRow
from vigil.web.drafts import ENTRY, Typed
from vigil.web.views.night_titles import titles
from vigil.web.words import Words

SHORT = 60
"""Letters of a text that stand for a title. Our choice."""

SNIPPET = 160
"""Letters of a text beneath its title in a list: two lines on a phone. Our choice."""

MOST_TAGS_SHOWN = 60
"""Tags beneath the list; the rest are found by looking for them. Our choice: a screen or two of a phone."""

AS_IT_WAS = "as-it-was"
"""For the night of an entry that is not in the store (any more)."""

FIELDS = ("title", "body", "day", "night", "thread", "tags")


@dataclass(frozen=True, slots=True)
class NightLink:
    """A night as an entry names it. key: None where it is not kept (any more)."""

    title: str
    key: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """An entry in a list. title and text in pieces; about: the night, thread and tags it has.

    path: where it is read and changed, "" for the words of a morning whose night is not kept: those stand here whole.
    """

    path: str
    title: tuple[Piece, ...]
    text: tuple[Piece, ...]
    about: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """Entries about one day, in a list."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Whole:
    """An entry on a page of its own; without a title its day is in that place. when: written, and changed.

    id: 0 for the words of a morning.
    """

    id: int
    title: str
    body: str
    day: str
    night: NightLink | None
    thread: Thread | None
    tags: tuple[str, ...]
    when: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Begun:
    """An entry that was begun and is not kept yet."""

    path: str
    title: str
    when: str


class Around:
    """What entries speak of: the nights that are kept, by name and key, and threads by number."""

    def __init__(self, rows: Iterable[NightRow], threads: Iterable[Thread], t: Words) -> None:
        self.rows = tuple(rows)
        self.threads = {thread.id: thread for thread in threads}
        self.by_name = {row.name: row for row in self.rows}
        self.titles = titles(self.rows, t)
        self._links = {row.name: NightLink(self.titles[row.key], row.key) for row in self.rows}
        self._names = {row.key: row.name for row in self.rows}

    def night(self, name: str | None) -> NightLink | None:
        """The night of that name as a link; only its name if it is not kept."""
        return None if name is None else self._links.get(name, NightLink(name))

    def name_of(self, key: str) -> str | None:
        """The name of the night of that key, as a form or an address has it; None if there is none."""
        return self._names.get(int(key)) if key.isascii() and key.isdigit() and len(key) < 20 else None

    def thread_name(self, number: int | None) -> str:
        """What the thread of an entry is called, "" for none."""
        thread = self.threads.get(number or 0)
        return "" if thread is None else thread.name


def by_day(entries: Sequence[Kept], around: Around, t: Words) -> tuple[Day, ...]:
    """Entries, and words of mornings, in the order they come in, those about one day together."""
    days = groupby(entries, key=lambda one: one.what.day if isinstance(one, Entry) else one.day)
    return tuple(Day(day_words(day, t), tuple(_any_line(one, around, t) for one in group)) for day, group in days)


def _any_line(one: Kept, around: Around, t: Words) -> Line:
    return _line(one, around, t) if isinstance(one, Entry) else _morning_line(one, around, t)


def found_lines(found: Hits, around: Around, t: Words) -> tuple[Line, ...]:
    """What was found, each with its day and the place in it."""
    entries = (_found(one, around, t) for one in found.entries)
    return (*entries, *(_found_morning(one, around, t) for one in found.mornings))


def _found_morning(found: FoundMorning, around: Around, t: Words) -> Line:
    one = in_the_morning(found.note, around.by_name.get(found.note.night))
    line = _morning_line(one, around, t)
    text = found.pieces if line.path else line.text
    return replace(line, text=text, about=(day_words(one.day, t), *line.about))


def _morning_line(one: InTheMorning, around: Around, t: Words) -> Line:
    night = around.night(one.note.night)
    text = " ".join(one.note.text.split())
    return Line(
        "" if one.key is None else f"/morning/{one.key}#words",
        (Piece(t("journal.in_the_morning")),),
        (Piece(text if one.key is None else _short(text, SNIPPET)),),
        (t("journal.night", title=night.title),) if night else (),
    )


def _found(one: Found, around: Around, t: Words) -> Line:
    line = _line(one.entry, around, t)
    day = (day_words(one.entry.what.day, t),) if one.entry.what.day else ()
    title = one.title or line.title
    if len({" ".join("".join(part.text for part in parts).split()) for parts in (title, one.pieces)}) == 1:
        return replace(line, title=one.pieces, about=(*day, *line.about))  # the place is the title: it is said once
    return replace(line, title=title, text=one.pieces, about=(*day, *line.about))


def _line(entry: Entry, around: Around, t: Words) -> Line:
    what = entry.what
    text = " ".join(what.body.split()) if what.title else ""
    night = around.night(what.night)
    about = (
        t("journal.night", title=night.title) if night else "",
        around.thread_name(what.thread),
        ", ".join(what.tags),
    )
    return Line(
        f"/journal/{entry.id}",
        (Piece(title_of_entry(what)),),
        (Piece(_short(text, SNIPPET)),),
        tuple(filter(None, about)),
    )


def title_of_entry(what: Written) -> str:
    """Its title, or how it begins."""
    return what.title or _short(" ".join(what.body.split()), SHORT)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[:most].rstrip() + "…"


def day_words(day: str | None, t: Words) -> str:
    """The day an entry is about, in words, with its year."""
    return t("journal.no_day") if day is None else t.short_day(date.fromisoformat(day))


def moment_words(ms: int, t: Words) -> str:
    """An instant in local time, in words."""
    when = datetime.fromtimestamp(ms / 1000).astimezone()
    return t("journal.moment", day=t.short_day(when.date()), time=t.time(when))


def on_paper(one: Kept, around: Around, t: Words) -> Whole:
    """An entry, or the words of a morning, whole."""
    if isinstance(one, Entry):
        return whole(one, around, t)
    title, day = t("journal.in_the_morning"), day_words(one.day, t)
    return Whole(0, title, one.note.text, day, around.night(one.note.night), None, (), ())


def whole(entry: Entry, around: Around, t: Words) -> Whole:
    """An entry on a page of its own."""
    what = entry.what
    day = day_words(what.day, t) if what.day else ""
    when = [t("journal.written", when=moment_words(entry.written_ms, t))]
    if entry.version > 1:
        when.append(t("journal.changed", when=moment_words(entry.edited_ms, t)))
    return Whole(
        id=entry.id,
        title=what.title or (day if day else t("journal.entry")),
        body=what.body,
        day=day if what.title else "",
        night=around.night(what.night),
        thread=around.threads.get(what.thread or 0),
        tags=what.tags,
        when=tuple(when),
    )


def tags_shown(tags: Sequence[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """Those that are used most, in the order they came in."""
    most = sorted(range(len(tags)), key=lambda place: -tags[place][1])[:MOST_TAGS_SHOWN]
    return tuple(tags[place] for place in sorted(most))


def begun(typed: Sequence[Typed], t: Words) -> tuple[Begun, ...]:
    """What was begun and is not kept, if there is anything in it."""
    found = []
    for one in typed:
        title, body = one.first("title"), one.first("body")
        if title.strip() or body.strip():
            place = one.place.removeprefix(ENTRY)
            new = place.startswith("new-")
            path = f"/journal/new?draft={place.removeprefix('new-')}" if new else f"/journal/{place}/edit"
            name = " ".join((title if title.strip() else body).split())
            found.append(Begun(path, _short(name, SHORT), moment_words(one.kept_ms, t)))
    return tuple(found)


# The form.


def fields_of(entry: Entry, around: Around) -> dict[str, str]:
    """An entry as the form shows it."""
    what = entry.what
    link = around.night(what.night)
    night = "" if link is None else AS_IT_WAS if link.key is None else str(link.key)
    thread = around.thread_name(what.thread)
    values = (what.title, what.body, what.day or "", night, thread, _tag_line(what.tags))
    return dict(zip(FIELDS, values, strict=True))


def new_fields(around: Around, key: str, today: date) -> dict[str, str]:
    """An empty form; key: of the night it is begun from, or ""."""
    row = next((row for row in around.rows if str(row.key) == key), None)
    empty = dict.fromkeys(FIELDS, "")
    return empty | {"day": today.isoformat(), "night": "" if row is None else key}


def typed_fields(typed: Typed) -> dict[str, str]:
    """A form as it was left."""
    return {name: typed.first(name) for name in FIELDS}


def written(form: Mapping[str, str], around: Around, before: Entry | None) -> Written:
    """What a form says, without its thread. before: the entry as it is, where one is changed. Raises InputError."""
    value = {name: form.get(name, "") for name in FIELDS}
    same_tags = before is not None and value["tags"].strip() == _tag_line(before.what.tags)
    return Written(
        title=value["title"],
        body=kept_text(value["body"]),
        tags=before.what.tags if before is not None and same_tags else tuple(value["tags"].split(",")),
        night=_night(value["night"], around, before),
        day=value["day"] or None,
    )


def _night(chosen: str, around: Around, before: Entry | None) -> str | None:
    if chosen == AS_IT_WAS:
        return None if before is None else before.what.night
    name = around.name_of(chosen)
    if chosen and name is None:
        message = "that night is not kept any more; nothing was kept or lost; choose another night, or none"
        raise InputError(message)
    return name


def _tag_line(tags: Sequence[str]) -> str:
    return ", ".join(tags)


def night_choices(around: Around, fields: Mapping[str, str], before: Entry | None, t: Words) -> list[tuple[str, str]]:
    """What can be chosen as the night of an entry: value and words, the latest first."""
    choices = [("", t("journal.no_night"))]
    if fields["night"] == AS_IT_WAS:
        named = before.what.night if before is not None else None
        choices.append((AS_IT_WAS, named or t("journal.night_as_it_was")))
    return choices + [(str(row.key), around.titles[row.key]) for row in reversed(around.rows)]
