"""vigil evening."""

from __future__ import annotations

from typing import Annotated

import typer

from vigil.app import terminal
from vigil.app.command_line import JsonTo, single
from vigil.app.evening_file import evening_of, read_taps, write_taps
from vigil.app.home import Home
from vigil.app.json_file import set_aside
from vigil.domain.errors import InputError
from vigil.interview.evening import Stricter, Tap, for_tonight
from vigil.run.ports import WallClock

app = single()

_TAPS = {tap.value: tap for tap in Tap}

FORMAT = "vigil-evening-report"
VERSION = 1


@app.command("evening", epilog="Example: vigil evening drink")
def evening(
    taps: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WORD]...", help=f"What makes this evening different: {', '.join(_TAPS)}."),
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Take back what was said about this evening.")] = False,
    json_to: JsonTo = None,
) -> None:
    """Say what makes this evening different, and Vigil is stricter until morning; never the other way round.

    A drink, a sleeping pill or an illness: strong signs only, and the lowest step. Somebody shares the room: only the
    buzz on the wrist. Each adds to what was said this evening already. Without a word it shows what tonight will be.
    """
    told = [_TAPS.get(word.casefold()) for word in taps or ()]
    if None in told:
        message = f"{' '.join(taps or ())!r}: each word must be one of {', '.join(_TAPS)}; nothing was changed"
        raise typer.BadParameter(message)
    home, console = Home.here(), terminal.words(json_to)
    today = evening_of(WallClock().wall_ms())
    said: tuple[Tap, ...] = ()
    try:
        said = read_taps(home.evening_file, today)
    except InputError:
        if not taps and not clear:
            raise
        terminal.say(console, f"What was said before could not be read; it is now {set_aside(home.evening_file).name}.")
    after = tuple(dict.fromkeys((*(() if clear else said), *(tap for tap in told if tap is not None))))
    if taps or clear:
        write_taps(home.evening_file, today, after)
    stricter = for_tonight(after)
    if json_to is not None:
        terminal.write_json(_plain(today.isoformat(), after, stricter), json_to)
    for words in stricter.words:
        terminal.say(console, words)


def _plain(today: str, taps: tuple[Tap, ...], stricter: Stricter) -> dict[str, object]:
    only = stricter.outputs_only
    return {
        "format": FORMAT,
        "version": VERSION,
        "evening": today,
        "taps": [tap.value for tap in taps],
        "threshold_factor_at_least": stricter.threshold_factor_at_least,
        "top_level_at_most": stricter.top_level_at_most,
        "outputs_only": None if only is None else [one.value for one in only],
        "words": list(stricter.words),
    }
