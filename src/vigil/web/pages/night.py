"""A night, its picture, its data, and why something was done in it; and the list of nights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from starlette.responses import Response

from vigil.app.diary_journal import in_journal
from vigil.app.moment import Moment, moment
from vigil.app.night_figures import figures_fit
from vigil.app.picture_words import in_words
from vigil.app.printable import printable
from vigil.app.stored_night import facts_of
from vigil.domain.errors import NotFoundError, StoreError
from vigil.store.answers import Answers
from vigil.store.night_reader import NightReader
from vigil.store.nights import NightRow, Nights
from vigil.web.asked import Asked
from vigil.web.night_light import light
from vigil.web.nights_read import NightsRead
from vigil.web.render import render
from vigil.web.rows import get
from vigil.web.tokens import tokens
from vigil.web.views.night import night_page, wall_words, why_of
from vigil.web.views.night_data import night_data
from vigil.web.views.night_seen import COLUMNS, NightSeen
from vigil.web.views.night_titles import titles
from vigil.web.views.nights import listed, page_of
from vigil.web.views.poster import poster
from vigil.web.views.poster_sizes import DESK, PHONE, WALL

NIGHTS = NightsRead()

SIZES = {"desk": DESK, "phone": PHONE, "paper": DESK, "wall": WALL}
"""What a picture can be asked for; another word gets the first."""

LONGEST_KEY = 10**12

LONGEST_T = 6
"""Digits of a second of a night: more than eleven days."""


def nights(asked: Asked) -> Response:
    """The list."""
    t, text = asked.words, asked.query.get("before", "")
    before = int(text[:12]) if text.isascii() and text.isdigit() else None
    with asked.rooms.reading() as shelf:
        if shelf is None:
            return asked.page("night/nights.html", nights=(), older=None)
        kept = Nights(shelf.database)
        every = kept.nights()
        called, (rows, older) = titles(every, t), page_of(every, before)
        waiting = in_journal(asked.rooms.home, asked.rooms.shelf).waiting
        answers = Answers(shelf.database).all().by_night
        shown = [
            listed(row, called[row.key], _nudged(kept, row), waiting.get(row.name), answers.get(row.key), t)
            for row in rows
        ]
    return asked.page("night/nights.html", nights=shown, older=older)


def _nudged(kept: Nights, row: NightRow) -> int | None:
    """Episodes in which something was done, as kept when the night ended."""
    try:
        figures = facts_of(kept.summary(row.key)).get("figures")
    except StoreError:
        return None
    return int(figures["interventions"]) if isinstance(figures, dict) and figures_fit(figures) else None


def night(asked: Asked) -> Response:
    """The page of a night."""
    key = _key(asked)
    seen = _seen(asked)
    rows = _rows(asked)
    title = _title(asked, rows, seen)
    return asked.page(
        "night/night.html",
        it=night_page(seen, title, asked.words, *_around(rows, key)),
        columns=[asked.words(f"night.stage_{stage.value}") for stage in COLUMNS],
        alt=in_words(seen.stored.report, seen.stored.clock, title),
        sizes={"desk": DESK, "phone": PHONE},
    )


def _rows(asked: Asked) -> Sequence[NightRow]:
    with asked.rooms.reading() as shelf:
        return [] if shelf is None else Nights(shelf.database).nights()


def _title(asked: Asked, rows: Sequence[NightRow], seen: NightSeen) -> str:
    """Of the night that was read; erased meanwhile, it has none."""
    return titles(rows, asked.words).get(seen.stored.row.key, "")


def _around(rows: Sequence[NightRow], key: int) -> tuple[int | None, int | None]:
    before, after = [row.key for row in rows if row.key < key], [row.key for row in rows if row.key > key]
    return (before[-1] if before else None), (after[0] if after else None)


def picture(asked: Asked) -> Response:
    """The picture alone: as wide as a desk or a phone, on paper, or with its title for a wall."""
    seen = _seen(asked)
    wanted, t = asked.query.get("for", ""), asked.words
    title = _title(asked, _rows(asked), seen)
    theme = "paper" if wanted == "paper" else light(asked.theme, asked.rooms.now()).theme
    text = render(
        "night/poster.svg",
        p=poster(seen, SIZES.get(wanted, DESK), t),
        c=tokens(theme),
        title=title,
        alt=printable(
            in_words(seen.stored.report, seen.stored.clock, title)
        ),  # XML has no place for control characters
        heading=wall_words(seen, t) if wanted == "wall" else "",
        legend=t("night.legend_short"),
        no_heart=t("night.no_heart"),
        ground=wanted in {"paper", "wall"},
    )
    return Response(text, media_type="image/svg+xml")


def data(asked: Asked) -> Response:
    """What the browser draws."""
    return asked.data(night_data(_seen(asked), asked.words))


def why(asked: Asked) -> Response:
    """What was seen, weighed and decided around a moment."""
    it = _moment(asked)
    return asked.page("night/why.html", key=it.stored.row.key, it=why_of(it, asked.words))


def why_data(asked: Asked) -> Response:
    """The same for the panel beside the picture."""
    it = _moment(asked)
    return asked.data({"t_s": it.t_s, **asdict(why_of(it, asked.words))})


def _moment(asked: Asked) -> Moment:
    text = asked.query.get("t", "")
    if not (text.isascii() and text.isdigit()) or len(text) > LONGEST_T:
        raise NotFoundError(asked.words("night.why_bad"))
    seen = _seen(asked)
    with asked.rooms.reading() as shelf:
        if shelf is None:
            raise NotFoundError(asked.words("night.why_bad"))
        inputs = NightReader(shelf.database).inputs(seen.stored.row.key, gaps=True)
        return moment(seen.stored, float(text), inputs)


def _seen(asked: Asked) -> NightSeen:
    """The night that is asked about, told as its reader writes times."""
    return NIGHTS.of(asked.rooms, _key(asked)).told_in(asked.words)


def _key(asked: Asked) -> int:
    return min(int(asked.params["key"]), LONGEST_KEY)


ROWS = (
    get("/nights", nights),
    get("/night/{key:int}", night),
    get("/night/{key:int}/picture.svg", picture),
    get("/night/{key:int}/data", data),
    get("/night/{key:int}/why", why),
    get("/night/{key:int}/why/data", why_data),
)
