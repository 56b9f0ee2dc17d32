"""Each tool in an environment of its own, and one run in it. What does not install or run is skipped with a word."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers.catalogue import Tool
from benchmarks.peers.session import Told, Work

ROOT = Path(__file__).resolve().parents[2]
PINS = Path(__file__).resolve().parent / "pins"
STAMP = "prepared"
INSTALL_S, RUN_S = 600, 600
"""Seconds after which installing and running are given up."""
LONGEST_WORD = 160


@dataclass(frozen=True, slots=True)
class Skipped:
    """A tool that did not run, and why in one sentence."""

    tool: Tool
    why: str


@dataclass(frozen=True, slots=True)
class Ran:
    """A tool that ran, and what it told."""

    tool: Tool
    told: Told


class _GaveUpError(Exception):
    """Why a tool is skipped."""


def run(tool: Tool, night: Path, out: Path, envs: Path) -> Ran | Skipped:
    """Prepare the tool's environment if need be and run it on the night; never raises for what the tool does."""
    try:
        python = _prepared(tool, envs) if tool.requires else Path(sys.executable)
        told = out / f"{tool.key}.json"
        command = [str(python), "-W", "ignore", "-m", f"benchmarks.peers.runs.{tool.key}", str(night), str(told)]
        _call(command, "it did not run", RUN_S, _variables(tool))
        return Ran(tool, read_told(told))
    except _GaveUpError as gave_up:
        return Skipped(tool, str(gave_up))
    except (OSError, ValueError, TypeError, KeyError) as error:
        return Skipped(tool, f"what it told cannot be read: {error!r:.{LONGEST_WORD}}")


def read_told(path: Path) -> Told:
    """What a run wrote; raises ValueError or TypeError if it is something else."""
    plain = json.loads(path.read_text(encoding="utf-8"))
    plain["works"] = [Work(**work) for work in plain["works"]]
    plain["live"] = Work(**plain["live"])
    return Told(**plain)


def _prepared(tool: Tool, envs: Path) -> Path:
    """The Python of the tool's environment, with what `requires` and its constraints say installed in it."""
    home, pins = envs / tool.key, PINS / f"{tool.key}.txt"
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    wanted = hashlib.sha256("\n".join((*tool.requires, pins.read_text(encoding="utf-8"))).encode()).hexdigest()
    stamp = home / STAMP
    if python.exists() and stamp.exists() and stamp.read_text(encoding="ascii") == wanted:
        return python
    if not python.exists():
        _call([sys.executable, "-m", "venv", str(home)], "no environment could be made", INSTALL_S)
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _call([*command, "-c", str(pins), *tool.requires], "it did not install", INSTALL_S)
    stamp.write_text(wanted, encoding="ascii")
    return python


def _variables(tool: Tool) -> dict[str, str]:
    """A peer sees nothing of Vigil; Vigil is found in this checkout."""
    mine = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | tool.variables
    return mine if tool.requires else mine | {"PYTHONPATH": str(ROOT / "src")}


def _call(command: list[str], failed: str, limit_s: int, variables: dict[str, str] | None = None) -> None:
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=variables, timeout=limit_s, check=False, capture_output=True, text=True
        )
    except subprocess.TimeoutExpired:
        message = f"{failed} within {limit_s} s"
        raise _GaveUpError(message) from None
    except OSError as error:
        message = f"{failed}: {error.strerror}"
        raise _GaveUpError(message) from None
    if done.returncode:
        message = f"{failed}: {last_word(done.stderr) or f'exit code {done.returncode}'}"
        raise _GaveUpError(message)


def last_word(text: str) -> str:
    """The line that says most of what a program complained of: its last error, else its last line; "" if none."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.upper().startswith("ERROR")]
    return (errors or lines or [""])[-1][:LONGEST_WORD]
