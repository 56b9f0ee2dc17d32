"""vigil setup."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from vigil.app import palette, terminal
from vigil.app.command_line import JsonTo, single
from vigil.app.commands.test_nudge import try_outputs
from vigil.app.help_file import read_hidden
from vigil.app.home import Home, Shelf
from vigil.app.keeping import Keeping, only_watches
from vigil.app.outputs import read_choices
from vigil.app.printable import printable
from vigil.app.setup_file import KeptAnswers, make_room, read_answers, write_answers
from vigil.app.setup_prompt import Sitting, ask, sit
from vigil.app.setup_words import OPENING, answer_words, closing_words, names, setup_json, standing_words
from vigil.domain.errors import InputError, SettingsError
from vigil.interview.consequences import consequences
from vigil.interview.crisis import help_for, help_words, source_words
from vigil.interview.interview import Interview, effective
from vigil.interview.questions import BY_ID, QUESTIONS

app = single()

YES = ("y", "yes")


@app.command("setup", epilog="Example: vigil setup --again outputs")
def setup(
    again: Annotated[
        str | None, typer.Option("--again", metavar="NAME", help="Ask one question again; --show has the names.")
    ] = None,
    show: Annotated[bool, typer.Option("--show", help="Only show the answers and what follows from them.")] = False,
    crisis: Annotated[bool, typer.Option("--crisis", help="Only show whom to call, now.")] = False,
    json_to: JsonTo = None,
) -> None:
    """The first evening: a few plain questions, and what each answer leads to.

    Enter leaves a question for later, Ctrl-C keeps what was answered, and it goes on from there the next time.
    """
    home, console = Home.here(), terminal.words(json_to)
    kept = read_answers(home.setup_file)
    if crisis:
        _tell_crisis(console, kept.interview)
    elif show or json_to is not None:
        _show(console, kept, json_to)
    else:
        _sit(home, console, kept, again)


def _sit(home: Home, console: Console, kept: KeptAnswers, again: str | None) -> None:
    """Ask what is open, or one question again and whatever that opens."""
    interview = kept.interview
    question = None if again is None else BY_ID.get(again)
    if again is not None and (question is None or not question.asked(effective(interview.answers))):
        message = f"{again!r} is no question now; there are {names()}"
        raise typer.BadParameter(message)
    if moved := make_room(home.setup_file, kept):
        write_answers(home.setup_file, interview)
        terminal.say(console, moved)
    keeping = Keeping(home, interview)
    sitting = Sitting(_read, lambda words: _say(console, words), lambda words: _ask(console, words), keeping)
    if question is None:
        terminal.say(console, OPENING)
        sit(interview, sitting)
    else:
        try:
            sit(ask(interview.only(), question, sitting), sitting)
        except (EOFError, KeyboardInterrupt):
            console.print()
    console.print()
    standing = consequences(keeping.last.answers)
    for words in closing_words(standing, keeping.last, watching=only_watches(home, Shelf.OWN)):
        terminal.say(console, words)
    if keeping.trouble:
        message = f"your answers are kept, but {keeping.trouble[0]}"
        raise SettingsError(message)
    if not standing.watch_only:
        _offer_trying(home)


def _offer_trying(home: Home) -> None:
    """Try what is set up, now, if somebody is there who wants to; the same as `vigil test-nudge`."""
    choices = read_choices(home.settings_file)
    if (choices.sound is None and choices.lamp is None) or not _is_terminal():
        return
    with suppress(EOFError, KeyboardInterrupt, typer.Exit):
        if _read("Try what is set up now, from the lowest step up? y, or Enter to leave it: ").strip().lower() in YES:
            try_outputs()


def _show(console: Console, kept: KeptAnswers, json_to: str | None) -> None:
    if kept.trouble:
        raise InputError(kept.trouble)
    standing = consequences(kept.interview.answers)
    if json_to is not None:
        terminal.write_json(setup_json(kept.interview, standing), json_to)
    for question in QUESTIONS:
        terminal.say(console, f"{question.id}: {answer_words(question, kept.interview)}")
    console.print()
    for words in standing_words(standing):
        terminal.say(console, words)


def _tell_crisis(console: Console, interview: Interview) -> None:
    now = effective(interview.answers)
    whom = help_for(str(now.get("country", "")), str(now.get("contact", "")), read_hidden(Home.here()))
    for line in help_words(whom):
        terminal.say(console, line)
    console.print()
    for line in source_words(whom):
        terminal.say(console, line, palette.FAINT)


def _say(console: Console, words: str) -> None:
    if words:
        terminal.say(console, words)
    else:
        console.print()


def _ask(console: Console, words: str) -> None:
    console.print(Text(f"{terminal.INDENT}{printable(words)}", style="bold"), soft_wrap=True)


def _read(question: str) -> str:
    typer.echo(f"{terminal.INDENT}{question}", nl=False)
    line = sys.stdin.readline()
    if not line:
        typer.echo()
        raise EOFError
    return line.removesuffix("\n")


def _is_terminal() -> bool:
    return sys.stdin.isatty()
