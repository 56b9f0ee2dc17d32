"""The reference of commands, from their own help: `python -m vigil.app.cli_docs > docs/cli.md`; a test holds it."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator

import typer

from vigil.app.cli import COMMANDS, app

_HEAD = """\
# Commands

Made from `vigil --help` by `python -m vigil.app.cli_docs > docs/cli.md`; do not edit by hand.

Exit codes: 0 done; 1 the answer is no, or something in the data is wrong (said in plain words); 2 wrong use; 3 another
Vigil is running; 130 stopped by Ctrl-C. `VIGIL_HOME` moves everything Vigil keeps. `--json -` leaves nothing but
JSON on stdout.
"""

_COLUMNS = "80"


def pages() -> Iterator[tuple[str, str]]:
    """Each command line, and what its --help says."""
    group = typer.main.get_command(app)
    with group.make_context("vigil", [], resilient_parsing=True) as top:
        yield "vigil", group.get_help(top)
        for name in COMMANDS:
            command = group.get_command(top, name)  # type: ignore[attr-defined]  # ours is a group
            with command.make_context(name, [], parent=top, resilient_parsing=True) as context:
                yield f"vigil {name}", command.get_help(context)
                for part, below in getattr(command, "commands", {}).items():
                    with below.make_context(part, [], parent=context, resilient_parsing=True) as inner:
                        yield f"vigil {name} {part}", below.get_help(inner)


def reference() -> str:
    """The whole document."""
    os.environ["COLUMNS"] = _COLUMNS
    parts = [_HEAD]
    for name, text in pages():
        plain = re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE).strip()
        parts.append(f"## {name}\n\n```text\n{plain}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    sys.stdout.write(reference())
