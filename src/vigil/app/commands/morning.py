"""vigil morning."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from vigil.app import terminal
from vigil.app.command_line import JsonTo, single
from vigil.app.home import Home, Shelf
from vigil.app.journal_room import settle_waiting
from vigil.app.morning_json import morning_json
from vigil.app.morning_prompt import ask
from vigil.app.morning_room import WAITS, Given, Morning, keep, look, merged
from vigil.app.morning_words import (
    CHOICES,
    account_lines,
    answer_words,
    change_words,
    learned_words,
    missed_words,
    night_words,
    parsed,
    terror_words,
)
from vigil.app.stayed_down import clear_down, read_down
from vigil.domain.answers import MOST, MOST_DREAMS, Answer, MorningWord
from vigil.domain.errors import NotFoundError
from vigil.domain.units import NS_PER_MS
from vigil.engine.nights_known import NightKnown

app = single()


@app.command("morning", epilog="Example: vigil morning quiet")
def morning(  # noqa: PLR0913, PLR0917 — the options of a command
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ANSWER] [NIGHT]", help=f"One of {', '.join(CHOICES)}; and which night, if not last night."
        ),
    ] = None,
    dreams: Annotated[int | None, typer.Option(min=0, max=MOST_DREAMS, help="How many bad dreams.")] = None,
    distress: Annotated[int | None, typer.Option(min=0, max=MOST, help="How distressing.")] = None,
    sleepiness: Annotated[int | None, typer.Option(min=0, max=MOST, help="How sleepy you are now.")] = None,
    woken: Annotated[bool | None, typer.Option("--woken/--not-woken", help="A bad dream woke you.")] = None,
    disturbed: Annotated[bool | None, typer.Option("--disturbed/--not-disturbed", help="Vigil disturbed you.")] = None,
    was_awake: Annotated[bool | None, typer.Option("--awake/--asleep", help="You were awake when it nudged.")] = None,
    change: Annotated[bool, typer.Option("--change", help="Say something else than before.")] = False,
    resume: Annotated[
        bool | None,
        typer.Option("--resume/--no-resume", help="Take nudging up again after a pause; or take that back."),
    ] = None,
    store: Annotated[
        Shelf, typer.Option("--store", help="Whose mornings: your own, or a simulated sleeper's.")
    ] = Shelf.OWN,
    json_to: JsonTo = None,
) -> None:
    """One answer for last night, what is known so far, and what Vigil will do tonight.

    Without an answer it asks one question, and leaving with Enter is an answer too. Whatever is said can be changed
    later with --change; everything learned is then worked out anew.
    """
    understood = parsed(words or [])
    if understood is None:
        message = f"{' '.join(words or [])!r} is no answer; say one of {', '.join(CHOICES)}"
        raise typer.BadParameter(message)
    word, name = understood
    options = {"dreams": dreams, "distress": distress, "sleepiness": sleepiness, "woken": woken}
    options |= {"disturbed": disturbed, "was_awake": was_awake, "resumed": resume}
    given = {key: value for key, value in options.items() if value is not None}
    home, console = Home.here(), terminal.words(json_to)
    settle_waiting(home, store)
    it = look(home, store, name)
    answer = _answer(it, word, given, change=change, asks=json_to is None, console=console)
    said = ""
    if answer is not None and it.night is not None:
        it, said = _keep(home, it, it.night, answer)
    if json_to is not None:
        terminal.write_json(morning_json(it.shelf, it.kept, it.night, it.tonight(), said, it.told), json_to)
    _tell(console, it, said)
    _tell_down(console, home.shelf(it.shelf))


def _answer(
    it: Morning, word: MorningWord | None, given: Given, *, change: bool, asks: bool, console: Console
) -> Answer | None:
    """What is to be kept, or None for nothing. Raises NotFoundError, InputError."""
    if it.night is None:
        if word is not None or given:
            message = "no night of yours is kept yet, so there is nothing to answer; to watch one: vigil watch"
            raise NotFoundError(message)
        return None
    if word is not None or given:
        return merged(it, it.night, word, given, change=change)
    if not asks or (it.night.answer.word is not MorningWord.LEFT and not change):
        return None
    return _asked(it.night, console)


def _asked(night: NightKnown, console: Console) -> Answer | None:
    """Ask; leaving is kept as an answer, but not where nobody is there to leave (a script without input)."""
    terminal.say(console, night_words(night))
    console.print()
    try:
        answer = ask(night, _read)
    except EOFError:
        answer = Answer()
        if not _is_terminal():
            return None
    before = night.answer
    if answer.word is MorningWord.LEFT and before.word is not MorningWord.LEFT:
        return None
    return replace(answer, resumed=before.resumed)


def _is_terminal() -> bool:
    return sys.stdin.isatty()


def _read(question: str) -> str:
    typer.echo(question, nl=False)
    line = sys.stdin.readline()
    if not line:
        typer.echo()
        raise EOFError
    return line.removesuffix("\n")


def _keep(home: Home, it: Morning, night: NightKnown, answer: Answer) -> tuple[Morning, str]:
    """Keep an answer, durably, and say what it changes."""
    after = keep(home, it, night, answer, time.time_ns() // NS_PER_MS)
    return after, change_words(it.tonight(), after.tonight(), answer)


def _tell(console: Console, it: Morning, said: str) -> None:
    tonight = it.tonight()
    if it.night is None:
        terminal.say(console, "No night of yours is kept yet, so there is nothing to answer.")
    else:
        terminal.say(console, night_words(it.night))
        for line in account_lines(it.told):
            terminal.say(console, line)
        terminal.say(console, answer_words(it.night.answer))
        if it.waits:
            terminal.say(console, WAITS)
        for line in missed_words(it.night, it.told):
            terminal.say(console, line)
        for line in terror_words(it.night):
            terminal.say(console, line)
    if said:
        terminal.say(console, said)
    for line in learned_words(tonight.learned):
        terminal.say(console, line)
    terminal.say(console, f"Tonight: {tonight.words}")
    for remark in it.kept.remarks:
        terminal.say(console, f"Note: {remark}.")
    for line in it.loss:
        terminal.say(console, line)


def _tell_down(console: Console, folder: Path) -> None:
    """That Vigil stayed down, once."""
    down = read_down(folder)
    if down is not None:
        terminal.say(console, down.words)
        clear_down(folder)
