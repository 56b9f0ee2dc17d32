"""Devices: what is paired, what may nudge, pairing one, forgetting one."""

from __future__ import annotations

from starlette.responses import Response

from vigil.app.arming import safe_settings
from vigil.app.outputs import read_choices
from vigil.app.pairing import OwnRadio
from vigil.app.pairing_room import forget as forget_pairing
from vigil.app.pairing_room import no_night
from vigil.app.wearables_file import Wearables, is_address, read_wearables
from vigil.domain.errors import InputError
from vigil.store.live_state import LIVE_NAME
from vigil.store.live_state import read as read_live
from vigil.web.asked import Asked
from vigil.web.pairing_runs import LOOK_S, Pairings
from vigil.web.rows import get, post
from vigil.web.told import told_lines
from vigil.web.views.devices import battery_words, outputs_seen, paired_seen
from vigil.web.views.pairing import near_seen, tried_lines

PAGE = "/devices"
PAIR = f"{PAGE}/pair"
WRONG = 409

PAIRINGS = Pairings(OwnRadio)


def devices(asked: Asked) -> Response:
    """What is there."""
    return _devices(asked, " ".join(told_lines(asked)))


def _devices(asked: Asked, said: str = "", status: int = 200) -> Response:
    home, t = asked.rooms.home, asked.words
    wearables, trouble = _wearables(asked)
    settings, words = safe_settings(home.settings_file)
    live = read_live(home.shelf(asked.rooms.shelf) / LIVE_NAME)
    if "paired" in asked.query:
        said = t("devices.was_paired_vibrates" if wearables.vibration is not None else "devices.was_paired")
    return asked.page(
        "devices/devices.html",
        status,
        said=said,
        trouble=(trouble, *words) if trouble else words,
        paired=[paired_seen(one, t) for one in wearables.all],
        battery=battery_words(live, t, asked.rooms.now()) if wearables.all else "",
        outputs=list(outputs_seen(read_choices(home.settings_file), wearables, settings, t)),
    )


def _wearables(asked: Asked) -> tuple[Wearables, str]:
    """Who is paired, and why that cannot be read."""
    try:
        return read_wearables(asked.rooms.home), ""
    except InputError as error:
        return Wearables(), str(error)


def forget(asked: Asked) -> Response:
    """End one pairing, or all of them."""
    real(asked)
    no_night(asked.rooms.home, asked.rooms.shelf)
    address = asked.form.get("address", "")
    everything = "all" in asked.form
    if not everything and not is_address(address):
        raise InputError(asked.words("devices.no_such"))
    return _devices(asked, forget_pairing(asked.rooms.home, None if everything else address))


def pair(asked: Asked) -> Response:
    """However far pairing is."""
    return _pair(asked)


def _pair(asked: Asked, said: str = "", status: int = 200) -> Response:
    now, t = PAIRINGS.standing, asked.words
    wearables, trouble = _wearables(asked)
    return asked.page(
        "devices/pair.html",
        status,
        said=said or trouble,
        now=now,
        stage=now.stage.value,
        seconds=LOOK_S,
        near=[near_seen(one, t) for one in now.near],
        chosen=None if now.chosen is None else near_seen(now.chosen, t),
        rates=", ".join(f"{one:.0f}" for one in now.rates),
        tried=tried_lines(now, wearables, t),
    )


def look(asked: Asked) -> Response:
    """Listen around."""
    real(asked)
    PAIRINGS.look(asked.rooms.home, asked.rooms.shelf)
    return asked.go(PAIR)


def choose(asked: Asked) -> Response:
    """This one is mine."""
    PAIRINGS.choose(asked.form.get("address", ""))
    return asked.go(PAIR)


def listen(asked: Asked) -> Response:
    """See whether it can be reached, and whether a heart rate comes."""
    real(asked)
    form = asked.form
    try:
        PAIRINGS.listen(asked.rooms.home, asked.rooms.shelf, form.get("use", ""), form.get("name", ""))
    except InputError as error:
        return _pair(asked, str(error), WRONG)
    return asked.go(PAIR)


def keep(asked: Asked) -> Response:
    """Remember it."""
    real(asked)
    PAIRINGS.keep(asked.rooms.home, asked.rooms.shelf, untested="untested" in asked.form)
    return asked.go(f"{PAGE}?paired=1")


def leave(asked: Asked) -> Response:
    """Leave it: nothing is paired, and nothing of what was heard is kept."""
    PAIRINGS.forget()
    return asked.go(PAIR)


def far(asked: Asked) -> Response:
    """Whether it is over, for the script that waits for it."""
    return asked.data({"over": not PAIRINGS.standing.busy})


def real(asked: Asked) -> None:
    """Raise InputError for an invented sleeper: no radio and no lamp of this house is touched for one."""
    if asked.rooms.invented:
        raise InputError(asked.words("devices.invented"))


ROWS = (
    get(PAGE, devices),
    post(f"{PAGE}/forget", forget),
    get(PAIR, pair),
    post(f"{PAIR}/look", look),
    post(f"{PAIR}/choose", choose),
    post(f"{PAIR}/listen", listen),
    post(f"{PAIR}/keep", keep),
    post(f"{PAIR}/leave", leave),
    get(f"{PAIR}/far", far),
)
