"""vigil morning."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, TypeAlias

import typer
from rich.console import Console

from vigil.app import terminal
from vigil.app.command_line import JsonTo, single
from vigil.app.config import read_settings
from vigil.app.home import Home, Shelf
from vigil.app.morning_json import morning_json
from vigil.app.morning_prompt import ask
from vigil.app.morning_words import (
    CHOICES,
    WORDS,
    answer_words,
    change_words,
    learned_words,
    night_words,
    parsed,
)
from vigil.app.stored_night import find
from vigil.app.tonight import KeptNights, Tonight, kept_nights, latest_sleeper, sleeper_of
from vigil.app.wiring import packaged_parameters, reading, writing
from vigil.domain.answers import MOST, MOST_DREAMS, Answer, MorningWord
from vigil.domain.errors import InputError, NotFoundError
from vigil.domain.settings import Settings
from vigil.engine.nights_known import NightKnown
from vigil.store.answers import Answers

app = single()

Given: TypeAlias = Mapping[str, int | bool]
"""Details that were said as options."""


@dataclass(frozen=True, slots=True)
class Morning:
    """What there is to see: every night of the sleeper, the one that is asked about, and the settings."""

    shelf: Shelf
    kept: KeptNights
    night: NightKnown | None
    chosen: Settings

    def tonight(self) -> Tonight:
        """Tonight as it stands."""
        return Tonight.of(self.kept.nights, packaged_parameters(), self.chosen)

    def with_answer(self, night: NightKnown, answer: Answer) -> Morning:
        """The same with one morning answered."""
        return replace(self, kept=self.kept.with_answer(night.number, answer), night=replace(night, answer=answer))


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
    it = _look(home, store, name)
    answer = _answer(it, word, given, change=change, asks=json_to is None, console=console)
    said = ""
    if answer is not None and it.night is not None:
        it, said = _keep(home, it, it.night, answer)
    if json_to is not None:
        terminal.write_json(morning_json(it.shelf, it.kept, it.night, it.tonight(), said), json_to)
    _tell(console, it, said)


def _look(home: Home, shelf: Shelf, name: str | None) -> Morning:
    """The sleeper's nights and the one that is meant: the latest unless it was named. Raises NotFoundError."""
    chosen, parameters = read_settings(home.settings_file), packaged_parameters()
    with reading(home, (shelf,)) as opened:
        if name is not None:
            found, row = find(opened, name)
            kept = kept_nights(found, parameters, sleeper_of(shelf, row.name))
            night = next((known for known in kept.nights if known.number == row.key), None)
            if night is None:
                message = f"night {row.name} was not watched live, so there is no morning to it; nothing was kept"
                raise NotFoundError(message)
            return Morning(shelf, kept, night, chosen)
        kept = kept_nights(opened[0], parameters, latest_sleeper(opened[0])) if opened else KeptNights()
    return Morning(shelf, kept, kept.nights[-1] if kept.nights else None, chosen)


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
        return _merged(it, it.night, word, given, change=change)
    if not asks or (it.night.answer.word is not MorningWord.LEFT and not change):
        return None
    return _asked(it.night, console)


def _merged(it: Morning, night: NightKnown, word: MorningWord | None, given: Given, *, change: bool) -> Answer:
    """What is known and what was said now; what contradicts the first needs --change."""
    before = night.answer
    if "resumed" in given and not _can_resume(it, night, resumed=bool(given["resumed"])):
        message = "nudging is not paused after that night; nothing was changed; to see the plan: vigil morning"
        raise InputError(message)
    told = {name: value for name, value in given.items() if name != "resumed"}
    contradicts = any(getattr(before, name) not in (None, value) for name, value in told.items())
    contradicts |= word is not None and before.word not in (MorningWord.LEFT, word)
    if contradicts and not change:
        message = (
            f"night {night.name} is answered already ({WORDS[before.word]}); that was kept; "
            "to say something else: the same with --change"
        )
        raise InputError(message)
    if word is not None and before.word not in (MorningWord.LEFT, word):
        before = Answer(resumed=before.resumed)
    return replace(before, word=before.word if word is None else word, **given)  # type: ignore[arg-type]  # by name


def _can_resume(it: Morning, night: NightKnown, *, resumed: bool) -> bool:
    """Only after the last night, and only if nudging rests (or was taken up then)."""
    paused = it.tonight().plan.pause is not None
    return night.number == it.kept.nights[-1].number and (paused if resumed else night.answer.resumed)


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
    with writing(home, it.shelf) as opened:
        Answers(opened.database).put(night.number, answer)
    after = it.with_answer(night, answer)
    return after, change_words(it.tonight(), after.tonight(), answer)


def _tell(console: Console, it: Morning, said: str) -> None:
    tonight = it.tonight()
    if it.night is None:
        terminal.say(console, "No night of yours is kept yet, so there is nothing to answer.")
    else:
        terminal.say(console, night_words(it.night))
        terminal.say(console, answer_words(it.night.answer))
    if said:
        terminal.say(console, said)
    for line in learned_words(tonight.learned):
        terminal.say(console, line)
    terminal.say(console, f"Tonight: {tonight.words}")
    for remark in it.kept.remarks:
        terminal.say(console, f"Note: {remark}.")
