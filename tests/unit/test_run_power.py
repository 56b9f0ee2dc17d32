"""The computer's battery, on invented computers."""

from __future__ import annotations

from pathlib import Path

import pytest

from vigil.run.power import Power, power

MAINS = {"type": "Mains", "online": "1"}
UNPLUGGED = {"type": "Mains", "online": "0"}
BATTERY = {"type": "Battery", "present": "1", "status": "Discharging", "capacity": "63"}
MOUSE = {"type": "Battery", "scope": "Device", "status": "Discharging", "capacity": "3"}


def computer(root: Path, *supplies: dict[str, str]) -> Power:
    for number, supply in enumerate(supplies):
        (root / f"S{number}").mkdir(parents=True)
        for name, text in supply.items():
            (root / f"S{number}" / name).write_text(f"{text}\n")
    return power(root, platform="linux")


@pytest.mark.parametrize(
    ("supplies", "expected"),
    [
        ((MAINS, BATTERY | {"status": "Charging"}), Power(False, 63)),
        ((UNPLUGGED, BATTERY), Power(True, 63)),
        ((MAINS, BATTERY), Power(False, 63)),
        ((BATTERY,), Power(True, 63)),
        ((BATTERY | {"status": "Full"},), Power(False, 63)),
        ((UNPLUGGED, BATTERY | {"status": "Unknown"}), Power(True, 63)),
        ((BATTERY | {"status": "Unknown"},), Power(None, 63)),
        ((BATTERY, BATTERY | {"capacity": "37"}), Power(True, 50)),
        ((BATTERY | {"energy_now": "30", "energy_full": "40"}, BATTERY | {"energy_now": "0", "energy_full": "20"}),
         Power(True, 50)),
        ((BATTERY | {"charge_now": "50", "charge_full": "40"},), Power(True, 100)),
        ((MAINS, MOUSE), Power(None, None)),
        ((BATTERY | {"present": "0"},), Power(None, None)),
        ((MAINS,), Power(None, None)),
        ((), Power(None, None)),
    ],
)  # fmt: skip
def test_linux(tmp_path: Path, supplies: tuple[dict[str, str], ...], expected: Power) -> None:
    """Plugged in, on battery, several batteries, none, and batteries of other things."""
    assert computer(tmp_path, *supplies) == expected


@pytest.mark.parametrize("capacity", ["", "nan", "101", "-1", "1e1", "\u0663", "9" * 400])
def test_a_charge_that_is_no_number_is_not_known(tmp_path: Path, capacity: str) -> None:
    """What cannot be is None, never a battery that is full."""
    found = computer(tmp_path, UNPLUGGED, BATTERY | {"capacity": capacity})
    assert found == Power(True, None)
    assert found.low


@pytest.mark.parametrize(
    ("found", "low"),
    [
        (Power(True, 19), True),
        (Power(True, 20), False),
        (Power(True, None), True),
        (Power(False, 3), False),
        (Power(None, 3), False),
        (Power(), False),
    ],
)
def test_low(found: Power, low: bool) -> None:
    """Below 20 % on battery a night is only watched, and a charge that is not known is not enough."""
    assert found.low is low


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Now drawing from 'Battery Power'\n -InternalBattery-0 (id=4653155)\t95%; discharging; 6:31 remaining present:"
         " true\n", Power(True, 95)),
        ("Now drawing from 'AC Power'\n -InternalBattery-0 (id=1)\t100%; charged; 0:00 remaining present: true\n",
         Power(False, 100)),
        ("Now drawing from 'AC Power'\n", Power(False, None)),
        ("Now drawing from 'AC Power'\n -InternalBattery-0 (id=1)\t999%; charged; present: true\n", Power(False, None)),
        ("garbage", Power(None, None)),
        ("", Power(None, None)),
    ],
)  # fmt: skip
def test_macos(tmp_path: Path, said: str, expected: Power) -> None:
    """What pmset says, and what it might."""
    (tmp_path / "said").write_text(said)
    assert power(command=["cat", str(tmp_path / "said")], platform="darwin") == expected


def test_a_program_that_is_not_there_is_not_known() -> None:
    """No answer is None on both."""
    assert power(command=["no-such-program-here"], platform="darwin") == Power(None, None)
    assert power(command=["false"], platform="darwin") == Power(None, None)
    assert power(Path("/no/such/folder"), platform="linux") == Power(None, None)
