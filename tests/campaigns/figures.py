"""What a campaign found, written down for docs/reliability.md."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


def write(path: Path, campaign: str, figures: Any) -> None:
    """The figures, a frozen dataclass, with the campaign's name and today's date."""
    record = {"campaign": campaign, "date": datetime.now(UTC).date().isoformat(), **asdict(figures)}
    path.write_text(json.dumps(record, indent=2) + "\n", "utf-8")


def command(campaign: str, sizes: dict[str, int], run: Callable[..., Any]) -> None:
    """`--json FILE`, and an option for each size; runs the campaign and writes its figures, whatever they are."""
    parser = argparse.ArgumentParser(description=run.__doc__)
    parser.add_argument("--json", type=Path, required=True, metavar="FILE")
    for name, size in sizes.items():
        parser.add_argument(f"--{name}", type=int, default=size)
    given = vars(parser.parse_args())
    write(given.pop("json"), campaign, run(**given))
