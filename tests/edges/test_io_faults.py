"""Every call to the disk fails in turn: no crash, no act without its row, no stop forgotten, nothing lost."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from tests.campaigns import io_faults
from tests.campaigns.faulty_disk import Disk
from tests.campaigns.io_faults import IoFaultFigures, one_night, run
from vigil.domain.nudges import LedgerRow
from vigil.store.ledger import LedgerStore

# A file that the failing disk refuses to close or to unlock is closed where nobody can be told: the library that
# stands between says so as an exception without an owner, which is no fault of what is tested here.
pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in. None:pytest.PytestUnraisableExceptionWarning")


def held(figures: IoFaultFigures) -> bool:
    assert figures.examples == ()
    return figures.failures == 0 and figures.said > figures.runs // 2 and figures.acts > figures.runs


def test_a_dose_of_failing_calls() -> None:
    """One call in sixteen, alone and with the forty after it, failing or full."""
    figures = run(step=16)
    assert figures.calls > 500
    assert held(figures)


@pytest.mark.nightly
@pytest.mark.timeout(1800)
def test_every_call_fails_once() -> None:
    """Every n-th call, for every n."""
    assert held(run())


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC])
def test_a_disk_that_never_comes_back_is_no_crash(tmp_path: Path, code: int) -> None:
    """From the middle of the night on every call fails: all that was promised before is there, and it is said."""
    disk = Disk(fail_at=200, spell=10**9, code=code)
    night, broken = one_night(tmp_path, disk)
    assert {each.partition(":")[0] for each in broken} == {"lost"}
    assert len(night.said) > 10
    assert night.acts


def test_the_campaign_would_notice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a ledger that swallows its error, and a stop that is forgotten, are found out."""

    class Swallowing(LedgerStore):
        def append(self, row: LedgerRow) -> None:
            """Say that it was written down, and do not."""

    monkeypatch.setattr(io_faults, "LedgerStore", Swallowing)
    _, broken = one_night(tmp_path / "a", Disk())
    assert broken == {"acts_without_row"}
    monkeypatch.undo()
    monkeypatch.setattr(io_faults, "write_hold", lambda path, hold: None)
    _, broken = one_night(tmp_path / "b", Disk())
    assert broken == {"stops_lost"}
