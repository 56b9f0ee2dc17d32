"""The side-by-side: Vigil's own row, skipping with a word, and the tables. No peer is needed."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.peers.catalogue import PEERS, VIGIL, Tool
from benchmarks.peers.comparison import Changed, Comparison, changed, compared, split
from benchmarks.peers.environments import Ran, Skipped, last_word, read_told, run
from benchmarks.peers.runs import vigil
from benchmarks.peers.session import Told, Work
from benchmarks.peers.synthetic_night import write_night
from benchmarks.peers.words import as_markdown

HOURS = 0.5

posix_only = pytest.mark.skipif(os.name == "nt", reason="the stand-in for a peer's Python is a shell script")


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half an hour of the night that every tool gets."""
    folder = tmp_path_factory.mktemp("night")
    write_night(folder, 7, HOURS)
    return folder


def told(cpu_s: float, whole: list[str | None], part: list[str | None]) -> Told:
    work = Work("a night", cpu_s, cpu_s, cpu_s)
    return Told("1.0", 0.1, 20.0, 30.0, [work], "A or B", 30, whole, part, replace(work, cpu_s=10 * cpu_s))


def stand_in(envs: Path, script: str) -> Tool:
    """A peer whose Python is a shell script; nothing is installed."""
    python = envs / "yasa" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\n{script}\n", encoding="ascii")
    python.chmod(0o755)
    return next(peer for peer in PEERS if peer.key == "yasa")


def test_the_same_seed_gives_the_same_night(night: Path, tmp_path: Path) -> None:
    """Figures of two runs are about the same night, and every array is as long as the night."""
    write_night(tmp_path, 7, HOURS)
    seconds = int(HOURS * 3600)
    for name in ("motion", "beats", "ecg", "eeg"):
        assert np.array_equal(np.load(night / f"{name}.npy"), np.load(tmp_path / f"{name}.npy"))
    assert np.load(night / "motion.npy").shape == (seconds * 50, 3)
    assert len(np.load(night / "ecg.npy")) == seconds * 130
    assert len(np.load(night / "eeg.npy")) == seconds * 100


def test_vigil_stands_by_its_answers(night: Path, tmp_path: Path) -> None:
    """Vigil's row is timed on the night, live and replay agree to the bit, and no answer changes afterwards."""
    out = tmp_path / "vigil.json"
    vigil.main([str(night), str(out)])
    own = read_told(out)
    assert len(own.whole) == HOURS * 120
    assert len(own.part) == HOURS * 60
    assert changed(own, 0, int(HOURS * 1800)) == Changed(0, len(own.part))
    assert own.works[0].cpu_s > 0
    assert own.live.cpu_s > 0
    assert own.notes == ["live and replay say the same, to the bit"]


def test_changed_answers_are_counted_in_their_span() -> None:
    """Only the span that is asked about counts, and an answer that is missing in one of the two has changed."""
    one = told(1.0, ["A", "B", "A", "B", "A"], ["B", "B", None])
    assert changed(one, 0, 90) == Changed(2, 3)
    assert changed(one, 30, 90) == Changed(1, 2)
    assert changed(one, -1800, 30) == Changed(1, 1)
    assert changed(one, 0, 3600) == Changed(2, 3)


def test_every_figure_is_a_ratio_to_vigil_in_the_same_run() -> None:
    """A peer of twice the cost has ratio 2, Vigil itself 1; what was skipped is named with why."""
    peer = PEERS[0]
    outcomes: list[Ran | Skipped] = [Ran(VIGIL, told(0.5, ["A"], ["A"])), Ran(peer, told(1.0, ["A"], ["B"]))]
    outcomes.append(Skipped(PEERS[1], "no wheel"))
    ran, skipped = split(outcomes)
    rows = compared(ran[0].told, ran, 60)
    assert [(row.name, row.cost, row.live_cost) for row in rows] == [("Vigil", 1.0, 1.0), (peer.name, 2.0, 2.0)]
    assert [row.last_half_hour for row in rows] == [Changed(0, 1), Changed(1, 1)]
    comparison = Comparison("2026-01-02", "x", "3", 7, 60, (1.0, None), rows, skipped)
    text = as_markdown(comparison, (VIGIL, peer))
    assert "2026-01-02" in text
    assert f"{PEERS[1].name} was skipped: no wheel" in text
    assert f"| {peer.name} | A or B |" in text
    assert "1 of 1 (100%)" in text
    plain = json.loads(json.dumps(comparison.as_plain()))
    assert plain["tools"][1]["cost"] == 2.0
    assert "whole" not in plain["tools"][1]["told"]


@posix_only
@pytest.mark.parametrize(
    ("script", "why"),
    [
        (
            "echo 'ERROR: no such version' >&2; echo 'hint: none' >&2; exit 1",
            "it did not install: ERROR: no such version",
        ),
        (
            'case "$*" in *pip*) exit 0;; esac; echo Traceback >&2; echo "ImportError: gone" >&2; exit 1',
            "it did not run: ImportError: gone",
        ),
        ('case "$*" in *pip*) exit 0;; esac; exit 3', "it did not run: exit code 3"),
    ],
)
def test_a_peer_that_fails_is_skipped_with_a_word(tmp_path: Path, script: str, why: str) -> None:
    """What does not install or run never ends the comparison: it is left out, and the reason is kept."""
    tool = stand_in(tmp_path / "envs", script)
    assert run(tool, tmp_path, tmp_path, tmp_path / "envs") == Skipped(tool, why)


@posix_only
def test_a_peer_that_tells_nonsense_is_skipped(tmp_path: Path) -> None:
    """A run that ends well and writes nothing to compare is a skip too."""
    tool = stand_in(tmp_path / "envs", f"echo '{{}}' > '{tmp_path / 'yasa.json'}'")
    outcome = run(tool, tmp_path, tmp_path, tmp_path / "envs")
    assert isinstance(outcome, Skipped)
    assert outcome.why.startswith("what it told cannot be read")


@posix_only
def test_a_peer_that_never_ends_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting has a limit, and the limit is what is said."""
    monkeypatch.setattr("benchmarks.peers.environments.INSTALL_S", 0.05)
    tool = stand_in(tmp_path / "envs", "exec tail -f /dev/null")
    assert run(tool, tmp_path, tmp_path, tmp_path / "envs") == Skipped(tool, "it did not install within 0.05 s")


@posix_only
def test_an_environment_is_prepared_once(tmp_path: Path) -> None:
    """The second run installs nothing, unless what is wanted has changed."""
    log = tmp_path / "log"
    answer = tmp_path / "yasa.json"
    told_by_peer = json.dumps(
        {"version": "1", "start_cpu_s": 0, "before_mib": 0, "peak_mib": 0, "answers": "", "label_s": 30}
        | {"whole": [], "part": [], "works": [], "live": {"what": "", "seconds": 0, "cpu_s": 0, "first_s": 0}}
    )
    script = f"case \"$*\" in *pip*) echo installed >> '{log}'; exit 0;; esac; echo '{told_by_peer}' > '{answer}'"
    tool = stand_in(tmp_path / "envs", script)
    for wanted in (tool, tool, replace(tool, requires=("yasa==0",))):
        assert isinstance(run(wanted, tmp_path, tmp_path, tmp_path / "envs"), Ran)
    assert log.read_text().splitlines() == ["installed"] * 2


def test_the_word_is_the_last_error() -> None:
    """Of much that a program complained of, the line that says why is kept, and nothing is said of silence."""
    assert last_word("Traceback\n  here\nValueError: no\n\n") == "ValueError: no"
    assert last_word("ERROR: a\nERROR: b\nnote\n") == "ERROR: b"
    assert last_word("\n") == ""
    assert len(last_word("x" * 999)) == 160


def test_every_peer_has_its_run_and_its_pins() -> None:
    """A peer can be run anywhere as it was here: its script is there, and every version it needs is pinned."""
    folder = Path(vigil.__file__).resolve().parents[1]
    for peer in PEERS:
        assert (folder / "runs" / f"{peer.key}.py").is_file()
        pinned = (folder / "pins" / f"{peer.key}.txt").read_text(encoding="ascii").lower().splitlines()
        assert all("==" in line for line in pinned)
        assert set(peer.requires) <= set(pinned)
