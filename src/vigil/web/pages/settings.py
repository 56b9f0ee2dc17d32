"""The settings: how much Vigil may do. Written into the person's own file, whose comments stay."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from starlette.responses import Response

from vigil.app.bedtime import lost_finding
from vigil.app.config import read_settings
from vigil.app.settings_writer import write_settings
from vigil.app.standing import standing
from vigil.domain.errors import SettingsError
from vigil.domain.settings import Settings
from vigil.web.asked import Asked
from vigil.web.rows import get, post
from vigil.web.views.bedtime import line_of
from vigil.web.views.said_links import linked
from vigil.web.views.settings import NUMBERS, PLACES, Value, fields, sent, typed_of, values_of

PAGE = "/settings"
WRONG = 409

_ONE_AT_A_TIME = threading.Lock()


def settings(asked: Asked) -> Response:
    """Every setting, as it stands."""
    now = _now(asked)
    if isinstance(now, str):
        return _page(asked, None, said=now)
    said = asked.words("settings.kept") if "kept" in asked.query else ""
    return _page(asked, typed_of(now), said=said)


def change(asked: Asked) -> Response:
    """Keep what was changed, all or nothing; what is wrong is said beside its field, with what was typed in it."""
    with _ONE_AT_A_TIME:
        now = _now(asked)
        if isinstance(now, str):
            return _page(asked, None, said=now, status=WRONG)
        asking = sent(asked.form, now, asked.words)
        if asking.wrong:
            said = asked.words("settings.wrong")
            return _page(asked, typed_of(now) | dict(asked.form), asking.wrong, said, WRONG)
        return _write(asked, now, asking.changes)


def shipped(asked: Asked) -> Response:
    """Every setting back to the value it came with; what else the file holds stays."""
    with _ONE_AT_A_TIME:
        now = _now(asked)
        if isinstance(now, str):
            return _page(asked, None, said=now, status=WRONG)
        first, stands = values_of(Settings()), values_of(now)
        return _write(asked, now, {key: value for key, value in first.items() if value != stands[key]})


def _write(asked: Asked, now: Settings, changes: Mapping[str, Value]) -> Response:
    try:
        write_settings(asked.rooms.home.settings_file, changes)
    except (SettingsError, OSError) as error:
        said = asked.words("settings.not_kept", why=getattr(error, "strerror", None) or error)
        return _page(asked, typed_of(now) | dict(asked.form), said=said, status=WRONG)
    return asked.go(f"{PAGE}?kept=1" if changes else PAGE)


def _now(asked: Asked) -> Settings | str:
    """The settings of the file; or why they cannot be relied on."""
    try:
        return read_settings(asked.rooms.home.settings_file)
    except SettingsError as error:
        return asked.words("settings.broken", why=str(error).replace("; nothing was started", ""))


def _page(
    asked: Asked,
    typed: Mapping[str, str] | None,
    wrong: Mapping[str, str] | None = None,
    said: str = "",
    status: int = 200,
) -> Response:
    """typed: what stands in each input; None where the file cannot be used, and there is nothing to fill in."""
    rooms = asked.rooms
    known = standing(rooms.home)
    return asked.page(
        "settings/settings.html",
        status,
        said=said,
        typed=typed,
        fields=None if typed is None else fields(typed, wrong or {}, asked.words),
        numbers=[one.name for one in NUMBERS],
        places=PLACES,
        lost=[line_of(one, asked.words) for one in lost_finding(rooms.home, rooms.shelf, rooms.wall_ms())],
        reasons=[linked(words) for words in known.reasons] if known.watch_only else [],
    )


ROWS = (
    get(PAGE, settings),
    post(PAGE, change),
    post(f"{PAGE}/shipped", shipped),
)
