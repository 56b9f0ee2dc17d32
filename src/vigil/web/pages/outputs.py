"""A loudspeaker and a lamp chosen, changed, and done without: kept in the person's settings."""

from __future__ import annotations

from starlette.responses import Response

from vigil.app.choosing import ASKED, Found, choose_lamp, choose_sound, forget, speaker_found
from vigil.app.outputs import read_choices
from vigil.domain.errors import DeviceError, NotFoundError, SettingsError
from vigil.domain.requests import Output
from vigil.web.asked import Asked
from vigil.web.pages.devices import PAGE, real
from vigil.web.rows import get, post
from vigil.web.told import say
from vigil.web.views.outputs import VOICE, lamp_form, lamp_words, looking_form, sound_seen
from vigil.web.views.sentences import sentence

SOUND = f"{PAGE}/sound"
LAMP = f"{PAGE}/lamp"
WRONG = 409

REFUSED = (SettingsError, DeviceError, OSError)


def sound(asked: Asked) -> Response:
    """The loudspeaker that can be used here, and what stands."""
    return _sound(asked, "" if asked.rooms.invented else _speaker())


def use_sound(asked: Asked) -> Response:
    """Take the loudspeaker that was shown, if it is still the one that would sound."""
    real(asked)
    found, form = _speaker(), asked.form
    if isinstance(found, str) or form.get("device") != found.device:
        return _sound(asked, found, "" if isinstance(found, str) else asked.words("outputs.another_now"))
    typed = form.get("ceiling", "").strip()
    ceiling = int(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= 3 else 0
    try:
        with_voice = form.get("what") == VOICE
        choose_sound(asked.rooms.home.settings_file, found.device, ceiling, with_voice=with_voice)
    except REFUSED as error:
        return _sound(asked, found, why_not(asked, error))
    return say(asked, PAGE, asked.words("outputs.chosen"))


def no_sound(asked: Asked) -> Response:
    """Do without a loudspeaker."""
    return _without(asked, Output.SOUND)


def lamp(asked: Asked) -> Response:
    """What a lamp can be switched by."""
    home = asked.rooms.home
    chosen = read_choices(home.settings_file).lamp
    now = "" if chosen is None else lamp_words(chosen, asked.words)
    return asked.page("devices/lamp.html", now=now, kinds=tuple(ASKED), path=str(home.settings_file))


def lamp_of(asked: Asked) -> Response:
    """The form of one kind."""
    return lamp_page(asked, kind_of(asked))


def use_lamp(asked: Asked) -> Response:
    """Take the lamp that was typed."""
    real(asked)
    kind = kind_of(asked)
    try:
        choose_lamp(asked.rooms.home.settings_file, kind, asked.form)
    except REFUSED as error:
        return lamp_page(asked, kind, why_not(asked, error), typed=True)
    return say(asked, PAGE, asked.words("outputs.chosen"))


def no_lamp(asked: Asked) -> Response:
    """Do without a lamp."""
    return _without(asked, Output.LIGHT)


def _without(asked: Asked, output: Output) -> Response:
    real(asked)
    try:
        was = forget(asked.rooms.home.settings_file, output)
    except OSError as error:
        raise SettingsError(why_not(asked, error)) from error
    return say(asked, PAGE, asked.words("outputs.forgotten")) if was else asked.go(PAGE)


def _speaker() -> Found | str:
    """The loudspeaker that would sound now, or why there is none."""
    try:
        return speaker_found()
    except DeviceError as error:
        return str(error)


def _sound(asked: Asked, found: Found | str, refused: str = "") -> Response:
    it = sound_seen(found, read_choices(asked.rooms.home.settings_file), asked.form, asked.words)
    return asked.page("devices/sound.html", WRONG if refused else 200, it=it, refused=refused)


def lamp_page(asked: Asked, kind: str, refused: str = "", *, typed: bool = False) -> Response:
    """Both forms of a kind: where to look for lamps, and everything typed. typed: the second one was sent."""
    lamp = read_choices(asked.rooms.home.settings_file).lamp
    return asked.page(
        "devices/lamp_of.html",
        WRONG if refused else 200,
        kind=kind,
        looking=looking_form(kind, lamp, {} if typed else asked.form, asked.words),
        fields=lamp_form(kind, lamp, asked.form if typed else {}, asked.words),
        refused=refused,
        typed=typed,
    )


def kind_of(asked: Asked) -> str:
    """The kind of lamp that the address names; raises NotFoundError."""
    kind = str(asked.params["kind"])
    if kind not in ASKED:
        raise NotFoundError(asked.words("outputs.no_kind"))
    return kind


def why_not(asked: Asked, error: Exception) -> str:
    """What was wrong, in words; what was typed is not among them."""
    return asked.words("outputs.not_kept", why=sentence(getattr(error, "strerror", None) or error))


ROWS = (
    get(SOUND, sound),
    post(SOUND, use_sound),
    post(f"{SOUND}/forget", no_sound),
    get(LAMP, lamp),
    post(f"{LAMP}/forget", no_lamp),
    get(f"{LAMP}/{{kind}}", lamp_of),
    post(f"{LAMP}/{{kind}}", use_lamp),
)
