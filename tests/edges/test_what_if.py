"""Kept nights under other settings: unchanged settings give the very night, changed ones what they would, and nothing
is written."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.nudged_nights import EASY, nudged_night
from vigil.app.cli import app
from vigil.app.home import Home, Shelf
from vigil.app.keepers import LiveKeeper
from vigil.app.kept_so_far import ran_with
from vigil.app.what_if import Change, LeftOut, WhatIf, night_words, words
from vigil.app.what_if_child import NightThen, Task, WhatIfChild, night_plain
from vigil.app.wiring import packaged_parameters, writing
from vigil.domain.errors import InputError, SettingsError, StoreError
from vigil.domain.nudges import Decision
from vigil.domain.plain import dumps
from vigil.domain.records import NightBegan, OutputAcknowledged
from vigil.domain.settings import Profile, Settings
from vigil.night.night_watch import NightWatch
from vigil.night.report import ReportBuilder
from vigil.run.replay import Outfit
from vigil.run.what_if import what_if
from vigil.store import cipher
from vigil.store.checksums import place_of
from vigil.store.nights import Nights
from vigil.store.stored import StoredDecision

SHIPPED = Settings()


def keep(
    home: Home, name: str, settings: Settings = SHIPPED, *, ended: bool = True, known: bool = True, **how: Any
) -> None:
    """A night that was really nudged, kept as a person's own."""
    inputs, _ = nudged_night(settings=settings, **how)
    outfit = Outfit(packaged_parameters(), settings, Profile())
    watch = NightWatch(packaged_parameters(), settings)
    beside = {"bar_nights": 100.0} | ({"ran_with": ran_with(outfit)} if known else {})
    report = ReportBuilder(name)
    with writing(home, Shelf.OWN) as shelf:
        keeper = LiveKeeper(shelf.database, kind="live", source="a test", beside=beside, now_s=lambda: 0.0)
        for record in inputs:
            if isinstance(record, NightBegan):
                keeper.begin(replace(record, night=name))
            keeper.add(record)
            if isinstance(record, OutputAcknowledged):
                report.acknowledge(record)
            for output in watch.push(record):
                keeper.add(output)
                report.add(output)
        if ended:
            keeper.finish(report.build(watch.digests.items()), {})
        else:
            keeper._writer.commit()


@pytest.fixture(scope="module")
def slept(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Two nights that were nudged up to the third step; nothing here may change them."""
    folder = tmp_path_factory.mktemp("slept")
    home = Home(folder, folder)
    keep(home, "first", hours=1.5)
    keep(home, "second", hours=1.5, seed=2)
    return home


def invoke(home: Home, *said: object) -> Result:
    return CliRunner(env={"VIGIL_HOME": str(home.data)}).invoke(app, ["what-if", *map(str, said)])


def asked(home: Home, *pairs: str, nights: int = 30) -> tuple[list[NightThen | LeftOut], WhatIf]:
    with WhatIf(home, Shelf.OWN, Change.typed(pairs), nights) as run:
        return list(run), run


def everything(home: Home) -> dict[str, str]:
    """What is in each file; what SQLite puts beside a database for whoever reads it aside, if it is empty."""
    files = [path for path in home.data.rglob("*") if path.is_file() and not path.name.endswith("-shm")]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files if path.stat().st_size}


def test_the_settings_as_they_were_give_the_night_that_was(slept: Home) -> None:
    """Every nudge again, at its time: otherwise no comparison with other settings would mean anything."""
    done, _ = asked(slept, "top_level=3")
    assert [one.would for one in done if isinstance(one, NightThen)] == [one.really for one in done]  # type: ignore[union-attr]
    assert sum(one.really.nudges for one in done if isinstance(one, NightThen)) >= 3


def test_a_lower_step_and_a_cap_take_nudges_away(slept: Home) -> None:
    """And the first of each episode stays where it was."""
    for pair in ("top_level=1", "caps.per_episode=1"):
        done, run = asked(slept, pair)
        nights = [one for one in done if isinstance(one, NightThen)]
        assert sum(one.would.nudges for one in nights) < sum(one.really.nudges for one in nights)
        assert [one.would.at for one in nights] == [one.really.at for one in nights]
        assert any(night_words(one) for one in nights)
        assert run.answer().whole


def test_nothing_is_written(slept: Home) -> None:
    """Not a byte of the store, and no file beside it."""
    before = everything(slept)
    result = invoke(slept, "--setting", "nudging=false", "--nights", 1)
    assert result.exit_code == 0, result.output
    assert everything(slept) == before
    assert "no nudge" in result.stdout
    assert "What this cannot know" in result.stdout


def test_the_json_holds_each_night_and_the_words(slept: Home) -> None:
    result = invoke(slept, "--setting", "threshold_factor=4", "--json", "-")
    told = json.loads(result.stdout)
    assert (told["format"], told["version"], told["settings"]) == ("vigil-what-if", 1, {"threshold_factor": 4.0})
    assert [one["night"] for one in told["nights"]] == ["first", "second"]
    assert all(one["same_engine"] and one["mode"] == "on" for one in told["nights"])
    assert told["whole"]
    documented = (Path(__file__).resolve().parents[2] / "docs" / "data.md").read_text()
    keys = {*told, *told["nights"][0], *told["nights"][0]["really"]}
    assert not {key for key in keys if f'"{key}"' not in documented}


def test_it_can_be_stopped_between_nights_and_says_so(slept: Home) -> None:
    """What was done by then stays; nothing raises."""
    with WhatIf(slept, Shelf.OWN, Change.typed(["top_level=1"])) as run:
        assert run.total == 2
        for _ in run:
            run.stop()
    answer = run.answer()
    assert (len(answer.nights), answer.whole) == (1, False)
    assert "It was stopped before the last night." in words(answer)


def test_a_night_under_way_is_ended_by_a_stop(slept: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """The child that is killed in its work is no error of the night."""
    with WhatIf(slept, Shelf.OWN, Change.typed(["top_level=1"])) as run:

        def killed(_child: WhatIfChild, _database: Path, task: Any) -> NightThen:
            run.stop()
            message = "the worker ended"
            raise InputError(message, path=task.night)

        monkeypatch.setattr(WhatIfChild, "night", killed)
        assert list(run) == []
    assert not run.answer().whole
    assert words(run.answer()) == ["No night could be tried."]


def test_a_night_of_which_nothing_can_be_said_is_named(tmp_path: Path) -> None:
    """Its settings were not kept, it is damaged, or it is not over."""
    home = Home(tmp_path, tmp_path)
    keep(home, "older", hours=0.1, known=False)
    keep(home, "damaged", hours=0.1)
    keep(home, "now", hours=0.1, ended=False)
    with writing(home, Shelf.OWN) as shelf, shelf.database.atomic():
        key = Nights(shelf.database).find("damaged").key
        shelf.database.execute("DELETE FROM minute WHERE place = ?", (place_of(key, 2),))
    result = invoke(home, "--setting", "top_level=1")
    assert result.exit_code == 0, result.output
    assert "older: the settings that it ran with are not known" in result.stdout
    assert "damaged: a part of it is damaged" in result.stdout
    assert "now: it is not over yet, or was cut off" in result.stdout


def test_a_plan_is_not_skipped_by_a_setting(tmp_path: Path) -> None:
    """In the first nights a higher step would not have been taken, whatever was set; a lower one would."""
    home = Home(tmp_path, tmp_path)
    keep(home, "cautious", replace(SHIPPED, top_level=1, threshold_factor=1.5), hours=0.1)
    for pair, top, factor in (
        ("top_level=4", 1, 1.5),
        ("threshold_factor=0.5", 1, 1.0),
        ("threshold_factor=3", 1, 3.0),
    ):
        with WhatIf(home, Shelf.OWN, Change.typed([pair])) as run:
            (task,) = run._tasks
        assert (task.settings.top_level, task.settings.threshold_factor) == (top, factor)


def test_without_a_night_there_is_nothing_to_try(tmp_path: Path) -> None:
    result = invoke(Home(tmp_path, tmp_path), "--setting", "top_level=1")
    assert (result.exit_code, result.stdout.strip()) == (0, "No night could be tried.")


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        ("top_level=9", "must be a number from 1 to 4"),
        ("top_level=two", "write top_level=3"),
        ("top_level", "write top_level=3"),
        ("nudging=yes", "write nudging=true"),
        ("room=alone", "no setting that can be tried"),
        ("caps.per_hour=7", "must be a number from 0 to 6"),
        ("caps.per_hour=x", "write caps.per_hour=4"),
        ("threshold_factor=nan", "must be a number"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_runs(pair: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        Change.typed([pair])


def test_a_child_that_answers_with_something_else_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    came = {"signs": 1, "nudges": 1, "episodes": 1, "at": ["01:00"]}
    whole = {"mode": "on", "really": came, "would": came, "same_engine": True}
    task = Task("a", 1, SHIPPED, Profile())
    for broken in ({}, whole | {"mode": "x"}, whole | {"would": came | {"signs": "1"}}, whole | {"really": 3}):
        monkeypatch.setattr(WhatIfChild, "call", lambda *_args, broken=broken, **_more: broken)
        with pytest.raises(InputError, match="something else"):
            WhatIfChild().night(Path("x"), task)


def test_in_the_child_the_night_is_read_and_lived(slept: Home) -> None:
    """What the child does, here where coverage sees it."""
    told = night_plain(str(slept.database(Shelf.OWN)), 1, dumps(SHIPPED), dumps(Profile()))
    assert told["really"] == told["would"]
    assert told["mode"] == "on"


def test_the_passphrase_goes_to_the_child_through_its_pipe(slept: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the last thing that is asked, where one is known, and the child knows it before it opens anything."""
    asked: list[Any] = []

    def call(_child: WhatIfChild, *given: Any, **_more: Any) -> dict[str, Any]:
        asked.append(given)
        return {}

    monkeypatch.setattr(WhatIfChild, "call", call)
    monkeypatch.setattr(cipher, "known", lambda: "four words that fit")
    with pytest.raises(InputError):
        WhatIfChild().night(slept.database(Shelf.OWN), Task("first", 1, SHIPPED, Profile()))
    _, database, key, *_, secret = asked[0]
    assert secret == "four words that fit"
    told: list[str] = []
    monkeypatch.setattr(cipher, "know", told.append)
    night_plain(database, key, dumps(SHIPPED), dumps(Profile()), secret)
    assert told == [secret]


def test_a_nudge_that_moves_keeps_its_own_answer() -> None:
    """Given at another place in the count it is still the nudge that was given, and its answer is told again."""
    inputs, outputs = nudged_night(hours=1.5)
    records = [StoredDecision.of(one) if isinstance(one, Decision) else one for one in [*inputs, *outputs]]
    records.sort(key=lambda record: record.at_ns)
    again = what_if(records, Outfit(packaged_parameters(), SHIPPED, Profile()))
    assert not any(row.shadow for row in again.nudges)
    fewer = what_if(records, Outfit(packaged_parameters(), replace(SHIPPED, top_level=1), Profile()))
    assert len(fewer.nudges) < len(again.nudges)
    easy, said = nudged_night(hours=1.5, who=EASY, settings=replace(SHIPPED, top_level=1))
    cut = [StoredDecision.of(one) if isinstance(one, Decision) else one for one in [*easy[:-1], *said]]
    cut.sort(key=lambda record: record.at_ns)
    assert what_if(cut, Outfit(packaged_parameters(), SHIPPED, Profile())).nudges


def test_a_store_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "vigil.db").write_bytes(b"SQLite format 3\x00" + bytes(2000))
    with pytest.raises(StoreError):
        WhatIf(Home(tmp_path, tmp_path), Shelf.OWN, Change.typed(["top_level=1"]))
