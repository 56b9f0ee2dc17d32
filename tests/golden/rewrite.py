"""Rewrite the golden nights: `python -m tests.golden.rewrite`. Look at the difference before you commit it."""

from __future__ import annotations

import sys

from tests.golden.nights import FOLDER, GOLDEN, differences, golden_night, text_of


def main() -> None:
    for plan in GOLDEN:
        path = FOLDER / f"{plan}.txt"
        now = text_of(golden_night(plan))
        moved = len(differences(path.read_text(), now)) if path.exists() else len(now.splitlines())
        path.write_text(now)
        sys.stdout.write(f"{path.name}: {moved} lines moved\n")


if __name__ == "__main__":
    main()
