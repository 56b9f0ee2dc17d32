"""One command: Vigil and its peers on the same night.

    python -m benchmarks.peers [--json FILE] [--only NAME]... [--envs FOLDER] [--hours H] [--seed N]

Each peer gets a virtual environment of its own with pinned versions, made at the first run and kept under --envs
(several hundred MB each; SleepECG's needs torch, several GB). A peer that does not install or run is skipped with a
word. Vigil always runs: every ratio is to it, within this run.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from platformdirs import user_cache_path

from benchmarks.peers.catalogue import PEERS, VIGIL
from benchmarks.peers.comparison import Comparison, compared, split
from benchmarks.peers.environments import Ran, Skipped, run
from benchmarks.peers.session import load_average
from benchmarks.peers.synthetic_night import write_night
from benchmarks.peers.words import as_markdown


def main() -> int:
    """Make the night, run everything, print the tables; 1 if Vigil itself did not run."""
    wish = _parser().parse_args()
    tools = [VIGIL, *(peer for peer in PEERS if wish.only is None or peer.key in wish.only)]
    before = load_average()
    with tempfile.TemporaryDirectory(prefix="peers-") as folder:
        night = Path(folder)
        note = write_night(night, wish.seed, wish.hours)
        outcomes: list[Ran | Skipped] = []
        for tool in tools:
            print(f"{tool.name} ...", file=sys.stderr, flush=True)
            outcomes.append(run(tool, night, night, wish.envs))
    ran, skipped = split(outcomes)
    if not ran or ran[0].tool is not VIGIL:
        print(f"Vigil: {skipped[0][1]}; without it there is nothing to compare with", file=sys.stderr)
        return 1
    comparison = Comparison(
        date=datetime.now(UTC).date().isoformat(),
        machine=f"{platform.machine()}, {os.cpu_count()} cores",
        python=platform.python_version(),
        seed=note.seed,
        seconds=note.seconds,
        load=(before, load_average()),
        tools=compared(ran[0].told, ran, note.seconds),
        skipped=skipped,
    )
    if wish.json is not None:
        wish.json.write_text(json.dumps(comparison.as_plain(), indent=1) + "\n", encoding="utf-8")
    print(as_markdown(comparison, tools))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, metavar="FILE", help="the figures as JSON as well")
    parser.add_argument("--only", action="append", choices=[peer.key for peer in PEERS], help="this peer; repeatable")
    parser.add_argument(
        "--envs", type=Path, default=user_cache_path("vigil") / "peers", help="where environments are kept"
    )
    parser.add_argument("--hours", type=float, default=8.0, help="length of the night")
    parser.add_argument("--seed", type=int, default=7)
    return parser


if __name__ == "__main__":
    sys.exit(main())
