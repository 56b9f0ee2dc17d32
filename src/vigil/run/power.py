"""The computer's own battery (fault F23): whether it runs on it, and how much is left. What is not known is None."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from vigil.run.asking import asked, written

LINUX = Path("/sys/class/power_supply")
"""One folder a supply (kernel documentation, ABI/testing/sysfs-class-power)."""

MACOS = ("/usr/bin/pmset", "-g", "batt")

LOW_COMPUTER_PERCENT = 20
"""A computer on battery below this only watches (reliability F23)."""

_MACOS_SOURCE = re.compile(r"^Now drawing from '(AC|Battery|UPS) Power'", re.MULTILINE)
_MACOS_PERCENT = re.compile(r"^ *-InternalBattery[^\n]*?\t(\d{1,3})%;", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Power:
    """on_battery: whether it runs on its battery now. percent: what is left, 0 to 100. None: unknown, or none there."""

    on_battery: bool | None = None
    percent: int | None = None

    @property
    def low(self) -> bool:
        """Whether the night should only be watched: on battery, and not known to have enough."""
        enough = self.percent is not None and self.percent >= LOW_COMPUTER_PERCENT
        return self.on_battery is True and not enough


def power(root: Path = LINUX, command: Sequence[str] = MACOS, platform: str = sys.platform) -> Power:
    """How the computer is supplied, now; never raises."""
    if platform == "darwin":
        return _macos(asked(command) or "")
    return _linux(root)


def _macos(text: str) -> Power:
    source, percents = _MACOS_SOURCE.search(text), [int(found) for found in _MACOS_PERCENT.findall(text)]
    percent = percents[0] if len(percents) == 1 and percents[0] <= 100 else None
    return Power(None if source is None else source.group(1) == "Battery", percent)


def _linux(root: Path) -> Power:
    supplies = list(_supplies(root))
    batteries = [supply for supply in supplies if _is_battery(supply)]
    if not batteries:
        return Power()
    plugs = [written(supply / "online") for supply in supplies if written(supply / "type") in {"Mains", "USB"}]
    return Power(_on_battery(plugs, {written(battery / "status") for battery in batteries}), _percent(batteries))


def _supplies(root: Path) -> Iterator[Path]:
    try:
        yield from sorted(root.iterdir())
    except OSError:
        return


def _is_battery(supply: Path) -> bool:
    """A battery of the computer itself, in its place: mice and headphones have `scope` Device."""
    own = written(supply / "scope") != "Device"
    return own and written(supply / "type") == "Battery" and written(supply / "present") != "0"


def _on_battery(plugs: Sequence[str | None], states: set[str | None]) -> bool | None:
    """A plug that is live settles it; then a battery that says it is being emptied, or is not; then a dead plug."""
    if "1" in plugs:
        return False
    if "Discharging" in states:
        return True
    if states <= {"Charging", "Full", "Not charging"}:
        return False
    return True if "0" in plugs else None


def _percent(batteries: Sequence[Path]) -> int | None:
    """Of all batteries together: by what they hold where each says so, else the mean; None if one says nothing."""
    for now, full in (("energy_now", "energy_full"), ("charge_now", "charge_full")):
        held = [_number(battery / now) for battery in batteries]
        most = [_number(battery / full) for battery in batteries]
        if all(value is not None for value in (*held, *most)) and sum(value or 0 for value in most) > 0:
            share = 100 * sum(value or 0 for value in held) // sum(value or 0 for value in most)
            return min(share, 100)  # a tired battery may hold more than the last full charge it remembers
    capacities = [_number(battery / "capacity") for battery in batteries]
    known = [value for value in capacities if value is not None and value <= 100]
    return sum(known) // len(known) if len(known) == len(batteries) else None


def _number(path: Path) -> int | None:
    text = written(path) or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else None
