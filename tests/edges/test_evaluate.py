"""vigil evaluate as a person meets it: good nights, flawed ones, broken ones, and none at all."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from vigil.app import evaluate_night as measuring
from vigil.app import refit
from vigil.app.cli import app
from vigil.app.commands import evaluate as command
from vigil.app.evaluate_night import EvaluateWork, Night, Task, left_out_of_folds, measure
from vigil.app.evaluate_nights import measure_all, tasks_of
from vigil.app.replay_night import Failed
from vigil.app.wiring import packaged_parameters
from vigil.domain.errors import SettingsError
from vigil.domain.samples import HeartSample
from vigil.engine.parameters import Parameters
from vigil.evidence.records import NightEvidence
from vigil.recordings.readers.options import ReadOptions
from vigil.recordings.synthetic.plans import named_plan
from vigil.recordings.synthetic.recording import recording
from vigil.run.evaluate import EvaluateWish
from vigil.run.evaluate import evaluate_night as evaluate_one
from vigil.run.evaluate_about import about_night

SRC = Path(__file__).resolve().parents[2] / "src"
WORK = EvaluateWork(ReadOptions(), EvaluateWish(0, 1))


def invoke(*words: object) -> Result:
    return CliRunner().invoke(app, ["evaluate", *(str(word) for word in words)])


def night(folder: Path, seed: int, hours: float = 2.0, *, stages: Sequence[int] = (2, 2, 3, 5, 0)) -> Path:
    """A simulated night as a plain folder, scored by the half hour unless `stages` is empty."""
    whole = recording(seed, plan=named_plan("quiet", seed, hours=hours), hours=hours)
    folder.mkdir(parents=True)
    hearts = [item for item in whole.items() if isinstance(item, HeartSample)]
    rows = [f"{sample.at_ns / 1e9:.3f},{sample.bpm_x10 / 10}" for sample in hearts]
    (folder / "hr.csv").write_text("\n".join(["t_s,bpm", *rows]) + "\n")
    epochs = [stages[(index // 48) % len(stages)] for index in range(int(hours * 120))] if stages else []
    if epochs:
        labels = "\n".join(f"{30 * index},{code}" for index, code in enumerate(epochs))
        (folder / "stage.csv").write_text(f"t_s,stage\n{labels}\n")
    manifest = {"format": "night-folder/1", "night": folder.name, "hours": hours, "source": "Made up 1.0, nobody"}
    (folder / "night.json").write_text(json.dumps(manifest))
    return folder


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two scored nights and one without labels."""
    folder = tmp_path_factory.mktemp("nights")
    night(folder / "one", 1)
    night(folder / "two", 2)
    night(folder / "unscored", 3, stages=())
    return folder


def test_figures_words_json_and_report(nights: Path, tmp_path: Path) -> None:
    """One command gives all of it, and the same seed gives the same figures on two workers."""
    result = invoke(nights, "--placements", 6, "--json", tmp_path / "a.json", "--report", tmp_path / "report")
    assert result.exit_code == 0, result.output
    assert "Evidence" in result.output
    assert list((tmp_path / "report").glob("*.html"))
    again = invoke(nights, "--placements", 6, "--json", tmp_path / "b.json", "--jobs", 2)
    assert again.exit_code == 0, again.output
    one, two = (json.loads((tmp_path / name).read_text()) for name in ("a.json", "b.json"))
    assert one == two
    assert one["failed"] == []
    assert one["about"]["placements_a_class_and_night"] == 10
    assert len(one["nights"]) == 3


def test_json_alone_on_stdout(nights: Path) -> None:
    """With --json - stdout holds JSON and nothing else."""
    result = invoke(nights / "one", "--placements", 0, "--json", "-")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["schema"].startswith("vigil.evidence/")


def test_a_night_named_twice_counts_once(nights: Path) -> None:
    """A folder and a night in it are not two nights."""
    result = invoke(nights, nights / "one", "--placements", 0, "--json", "-")
    assert len(json.loads(result.stdout)["nights"]) == 3


def flawed(folder: Path) -> dict[str, Path]:
    """Nights with something wrong: short, of one class, of another scheme, broken, empty, a hypnogram alone."""
    places = {
        "short": night(folder / "short", 4, hours=0.6),
        "one class": night(folder / "oneclass", 5, stages=(2,)),
        "other": night(folder / "other", 6, stages=(2, 7, 9, 5)),
        "broken": night(folder / "broken", 7),
        "labels": night(folder / "labels", 8),
        "hypnogram": night(folder / "hypnogram", 9),
    }
    (places["broken"] / "hr.csv").write_bytes(b"\x00\xff\x00nonsense")
    (places["labels"] / "stage.csv").write_text("when,what\n1,2\n")
    (places["hypnogram"] / "hr.csv").unlink()
    (folder / "empty").mkdir()
    return places


def test_flawed_nights_are_named_and_the_others_go_on(nights: Path, tmp_path: Path) -> None:
    """Each flaw is said with its night; what is broken makes the exit code 1; what can be used is used."""
    flawed(tmp_path / "flawed")
    result = invoke(nights, tmp_path / "flawed", tmp_path / "nowhere", "--placements", 0, "--json", tmp_path / "a.json")
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    for words in (
        "shorter than an hour",
        "only light was scored",
        "carry a stage code of another scheme",
        "labels were not read",
        "a hypnogram, not a night to replay",
        "nowhere",
        "passed over 1 thing",
    ):
        assert words in result.output, words
    plain = json.loads((tmp_path / "a.json").read_text())
    assert len(plain["failed"]) == 3
    assert len(plain["nights"]) == 7


def test_nothing_to_measure_is_an_answer(tmp_path: Path) -> None:
    """No night at all: said, with exit code 1."""
    result = invoke(tmp_path / "nothing")
    assert result.exit_code == 1
    assert "No night was measured" in result.output


def test_a_crash_in_one_night_is_that_nights(nights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of Vigil's own is named with the night and its last line, and the other nights are measured."""
    real = evaluate_one

    def sometimes(*words: Any) -> NightEvidence:
        if words[1].name == "one":
            message = "a fault of our own"
            raise ZeroDivisionError(message)
        return real(*words)

    monkeypatch.setattr(measuring, "evaluate_night", sometimes)
    result = invoke(nights, "--placements", 0)
    assert result.exit_code == 1
    assert "ZeroDivisionError: a fault of our own" in result.output
    assert "Left out: 1" in result.output


# -- cross-validation --------------------------------------------------------------------------------------


def test_without_the_trainer_it_is_said_in_a_sentence(nights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong use, exit code 2, and nothing is measured."""
    monkeypatch.setattr(refit, "MODULE", "training.not_there")
    result = invoke(nights, "--cross-validate")
    assert result.exit_code == 2
    assert "needs the trainer" in result.output


def test_each_person_is_measured_without_them(nights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once a person the trainer is asked, with everybody's scored nights; nights without stages are not refitted."""
    asked: list[str] = []

    def fake(nights_by_person: Mapping[str, Sequence[Path]], person: str) -> Parameters:
        assert sorted(nights_by_person) == ["Made up 1.0: one", "Made up 1.0: two"]
        asked.append(person)
        return packaged_parameters()

    monkeypatch.setattr(measuring, "trainer", lambda: fake)
    monkeypatch.setattr(command, "trainer", lambda: fake)
    result = invoke(nights, "--cross-validate", "--placements", 0, "--json", "-")
    assert result.exit_code == 0, result.output
    assert asked == ["Made up 1.0: one", "Made up 1.0: two"]
    plain = json.loads(result.stdout)
    assert plain["cross_validated"] is True
    assert plain["headline"]["nights"] == 3


def test_both_parts_of_a_person_are_left_out_together(tmp_path: Path) -> None:
    """Two nights of one person are one task, fitted once."""
    found = [Night(about_night(night(tmp_path / name, 1)), 0, scored=True) for name in ("slp01a", "slp01b", "slp03")]
    tasks = tasks_of(found, cross_validate=True)
    assert [len(task.nights) for task in tasks] == [2, 1]
    assert tasks[0].others == {
        "Made up 1.0: slp01": (tmp_path / "slp01a", tmp_path / "slp01b"),
        "Made up 1.0: slp03": (tmp_path / "slp03",),
    }


def test_a_fit_that_fails_leaves_its_person_out(nights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Why is said for each of the person's nights."""
    monkeypatch.setattr(measuring, "trainer", lambda: None)
    (task, *_) = tasks_of([Night(about_night(nights / "one"), 0, scored=True)], cross_validate=True)
    (failed,) = measure(task, WORK)
    assert isinstance(failed, Failed)
    assert "no parameters could be fitted" in failed.why
    with pytest.raises(SettingsError):
        refit.needed(None)


def test_a_seen_night_without_stages_counts_nowhere_in_folds(nights: Path) -> None:
    """It cannot be left out of a fit it was in, so it is left out of the figures."""
    (evidence,) = measure(Task((Night(about_night(nights / "unscored"), 0, scored=False),)), WORK)
    assert isinstance(evidence, NightEvidence)
    assert left_out_of_folds(evidence) is evidence
    from dataclasses import replace  # noqa: PLC0415 - for this alone

    assert left_out_of_folds(replace(evidence, seen=True)).left_out is not None


def test_a_night_that_changed_meanwhile_is_named(nights: Path) -> None:
    """What was there when it was listed may be gone when it is measured."""
    (failed,) = measure(Task((Night(about_night(nights / "one"), 5, scored=True),)), WORK)
    assert isinstance(failed, Failed)
    assert "not what it was" in failed.why


def test_workers_that_die_are_named(nights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that is killed costs its nights, not the run."""
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415 - for this alone
    from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415 - for this alone

    class Dying(ProcessPoolExecutor):
        def submit(self, *_words: Any, **_more: Any) -> Any:
            from concurrent.futures import Future  # noqa: PLC0415 - for this alone

            future: Future[Any] = Future()
            future.set_exception(BrokenProcessPool("gone"))
            return future

    monkeypatch.setattr("vigil.app.evaluate_nights.ProcessPoolExecutor", Dying)
    tasks = tasks_of(
        [Night(about_night(nights / name), 0, scored=True) for name in ("one", "two")], cross_validate=False
    )
    for (failed,) in measure_all(tasks, WORK, 2):
        assert isinstance(failed, Failed)
        assert "without a word" in failed.why


def test_ctrl_c_ends_it_cleanly(nights: Path) -> None:
    """Stopped from the keyboard: exit code 130, a sentence, no traceback, no worker left behind."""
    words = [sys.executable, "-m", "vigil.app.cli", "evaluate", str(nights), "--jobs", "2", "--placements", "4000"]
    with subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": str(SRC), "PATH": "/usr/bin"},
    ) as running:
        with pytest.raises(subprocess.TimeoutExpired):  # it is at work, and would be for long
            running.communicate(timeout=6)
        running.send_signal(signal.SIGINT)
        _, error = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "stopped" in error
    assert "Traceback" not in error
