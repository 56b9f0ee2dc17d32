"""Coming in by a one-time link, going out, and the files that pages are made with."""

from __future__ import annotations

from starlette.responses import Response

from vigil.domain.errors import NotFoundError
from vigil.store.doors import WHOLE_MS
from vigil.web import static_files
from vigil.web.asked import Asked
from vigil.web.night_light import THEMES
from vigil.web.rows import Role, get, post

YEAR_S = 365 * 24 * 3_600


def first(asked: Asked) -> Response:
    """The address without a path."""
    return asked.go("/tonight")


def door(asked: Asked) -> Response:
    """A link was followed: nothing is used up yet, or a browser that looks ahead would use it up."""
    return asked.page("entry/door.html", token=asked.params["token"])


def enter(asked: Asked) -> Response:
    """Use the link up."""
    now_ms = asked.rooms.wall_ms()
    if not asked.rooms.guesses.may_try(now_ms):
        return asked.page("said.html", 429, title=asked.words("said.wrong"), said=asked.words("said.status_429"))
    session = asked.rooms.doors.enter(asked.form.get("token", ""), asked.agent, now_ms)
    if session is None:
        asked.rooms.guesses.failed(now_ms)
        return asked.page("entry/closed.html", 401)
    answer = asked.go("/tonight")
    _set(answer, asked, asked.rooms.cookie, session, http_only=True)
    return answer


def leave(asked: Asked) -> Response:
    """End this browser's session, at once."""
    if asked.session is not None:
        asked.rooms.doors.close(asked.session.id)
    answer = asked.go("/")
    answer.delete_cookie(asked.rooms.cookie, path="/", secure=asked.rooms.secure, httponly=True, samesite="strict")
    return answer


def lights(asked: Asked) -> Response:
    """Day, night, or by the hour, on this device."""
    chosen = asked.form.get("light", "")
    answer = asked.go("/more")
    if chosen in THEMES:
        _set(answer, asked, "light", chosen, http_only=True)
    return answer


def _set(answer: Response, asked: Asked, name: str, value: str, *, http_only: bool) -> None:
    answer.set_cookie(
        name,
        value,
        max_age=WHOLE_MS // 1000,
        path="/",
        httponly=http_only,
        samesite="strict",
        secure=asked.rooms.secure,
    )


def static(asked: Asked) -> Response:
    """A file from the table; an older mark is answered with the file of now."""
    file = static_files.all_files().get(asked.params["name"])
    if file is None:
        message = "there is no such file; nothing was done"
        raise NotFoundError(message)
    kept = f"public, max-age={YEAR_S}, immutable" if asked.params["mark"] == file.mark else "no-cache"
    return Response(file.content, media_type=file.media_type, headers={"cache-control": kept})


ROWS = (
    get("/", first, Role.ANYONE),
    get("/enter/{token}", door, Role.ANYONE),
    post("/enter", enter, Role.ANYONE),
    post("/leave", leave),
    post("/light", lights),
    get("/static/{mark}/{name}", static, Role.ANYONE),
)
