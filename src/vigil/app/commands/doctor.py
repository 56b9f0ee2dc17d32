"""vigil doctor."""

from __future__ import annotations

import typer
from rich.text import Text

from vigil.app import palette, terminal
from vigil.app.command_line import JsonTo, single
from vigil.app.doctor import examine
from vigil.app.finding import Finding, State
from vigil.app.home import Home

app = single()

FORMAT = "vigil-doctor"
VERSION = 1

_STYLES = {State.OK: palette.FAINT, State.ATTENTION: palette.NUDGE, State.WRONG: "bold"}


@app.command("doctor", epilog="Example: vigil doctor --json -")
def doctor(json_to: JsonTo = None) -> None:
    """Check Python, disk, database, clock, power, service, sound, Bluetooth and terminal: each with what to do.

    The exit code is 1 if something is wrong that replay and demo need, else 0. Nothing is changed.
    """
    findings, console = examine(Home.here()), terminal.words(json_to)
    if json_to is not None:
        checks = [_plain(finding) for finding in findings]
        terminal.write_json({"format": FORMAT, "version": VERSION, "checks": checks}, json_to)
    for finding in findings:
        line = Text(f"{finding.state.value:>9}  ", style=_STYLES[finding.state])
        console.print(line.append(f"{finding.name}: {finding.says}", style="default"), soft_wrap=True)
        if finding.todo:
            console.print(Text(f"{'':>9}  to do: {finding.todo}"), soft_wrap=True)
    if any(finding.state is State.WRONG for finding in findings):
        raise typer.Exit(1)


def _plain(finding: Finding) -> dict[str, str]:
    return {"name": finding.name, "state": finding.state.value, "says": finding.says, "todo": finding.todo}
