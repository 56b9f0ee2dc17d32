"""The command line. Commands are looked up in a table and imported only when they are called, so that help is quick.

Exit codes (DESIGN section 7): 0 done; 1 the answer is no, or something in the data is wrong; 2 wrong use; 3 another
Vigil is running; 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import importlib
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from vigil import __version__
from vigil.app.printable import printable
from vigil.domain.errors import BusyError, VigilError

WRONG = 1
BUSY = 3
STOPPED = 130
"""Ctrl-C while something was being worked out, as shells count it; a watch or a demo that is stopped ends with 0."""

COMMANDS = {
    "demo": "A simulated sleeper: a whole night in seconds, on the real engine, guard and store.",
    "replay": "Recorded nights through the same engine, with a report each.",
    "evaluate": "Measure on recorded nights: staging, false nudges, which added episodes are noticed.",
    "setup": "The first evening: a few plain questions, and what each answer leads to.",
    "pair": "Say which wearable is yours, and see whether a heart rate comes.",
    "devices": "Which wearables are yours, and which ones Vigil knows.",
    "evening": "Say what makes this evening different, and be nudged less until morning.",
    "watch": "Watch a night live, with your own wearable or a simulated sleeper.",
    "stop": "Stop now: nothing vibrates, sounds or shines, and nothing is nudged until evening.",
    "test-nudge": "Try the outputs by day, from the lowest step up.",
    "journal": "What you write down for yourself: add, read, find, change, erase.",
    "morning": "One answer for last night, and what Vigil will do tonight.",
    "serve": "The page, on this computer: tonight, this morning, the weeks, the journal.",
    "follow": "One trusted person who may look in: invite, see when they looked, end it.",
    "nights": "List the nights that are kept.",
    "show": "The report of a night, and its picture.",
    "explain": "What was seen, weighed and decided around one moment of a night.",
    "what-if": "What other settings would have done in your last nights.",
    "report": "Two pages about a stretch of nights, for a clinician.",
    "export": "Write a night to files of your own.",
    "forget": "Erase a night, or all of them, for good.",
    "backup": "Make a verified copy of what Vigil keeps.",
    "restore": "Take back what a backup still has, after a loss.",
    "install-service": "Let this computer start the watch by itself, and again if it fails.",
    "encrypt": "Lock your nights and your journal with a passphrase.",
    "decrypt": "Take the passphrase off again.",
    "passphrase": "Change the passphrase.",
    "doctor": "Check this computer: each thing with what to do about it.",
}
"""Every command that works, in the order of help; `commands/NAME.py` holds it, a dash being an underscore there."""


class Commands(TyperGroup):
    """The table above as a group. Vigil's own errors become their message and an exit code, never a traceback."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 — typer's signature
        """Names in the order of help."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 — typer's signature
        """The command of that name, imported now, or None."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"vigil.app.commands.{cmd_name.replace('-', '_')}")
        return typer.main.get_command(module.app)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 — typer's signature
        """The list in `vigil --help`, without importing a single command."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: Any) -> Any:
        """Run the command; raises typer.Exit with the code of what went wrong."""
        try:
            return super().invoke(ctx)
        except VigilError as error:
            typer.echo(f"vigil: {printable(str(error))}", err=True)
            raise typer.Exit(_code(error)) from error
        except BrokenPipeError:
            raise
        except KeyboardInterrupt as stop:
            typer.echo("vigil: stopped; what was finished before stays", err=True)
            raise typer.Exit(STOPPED) from stop
        except OSError as error:
            place = f"{error.filename}: " if error.filename else ""
            typer.echo(f"vigil: {printable(place)}{error.strerror or error}; what was asked was not finished", err=True)
            raise typer.Exit(WRONG) from error


def _code(error: VigilError) -> int:
    return BUSY if isinstance(error, BusyError) else WRONG


app = typer.Typer(
    cls=Commands, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False, no_args_is_help=True
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"vigil {__version__}")
        raise typer.Exit


@app.callback(epilog="Begin with: vigil demo")
def vigil(
    version: Annotated[  # noqa: ARG001 — answered before this is called
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version and leave.")
    ] = False,
    passphrase_fd: Annotated[
        int | None,
        typer.Option(
            min=3, metavar="N", help="For scripts: read the passphrase from this open descriptor, as one line."
        ),
    ] = None,
) -> None:
    """Vigil keeps watch over somebody who has nightmares, on their own computer.

    It follows the night from heart rate and movement, notices signs that often come with a nightmare, tries to end it
    with the smallest nudge that works, and explains every decision. It does not diagnose or treat anything.
    """
    unlocking = importlib.import_module("vigil.app.unlocking")  # brings the store: not for help alone
    unlocking.ask_at_terminal()
    if passphrase_fd is not None:
        unlocking.passphrases_from(passphrase_fd)


def main() -> None:
    """Run Vigil; characters the terminal cannot show are replaced, never a reason to stop."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
    app(prog_name="vigil")


if __name__ == "__main__":
    main()
