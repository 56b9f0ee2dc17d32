"""`vigil test-nudge`: each step as it would come at night, for somebody awake."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.fake_speakers import KEY, FakeSpeakers
from tests.loopback import closed_port
from vigil.app import try_sitting
from vigil.app.arming import HOLD_NAME
from vigil.app.cli import app
from vigil.app.home import Home, Shelf
from vigil.app.outputs import Lamp as AnyLamp
from vigil.app.outputs import OutputChoices
from vigil.app.wiring import writing
from vigil.devices.nudgers.sound import NEEDS
from vigil.domain.permits import Permit
from vigil.domain.requests import Output, Purpose
from vigil.domain.steps import LADDERS, Step
from vigil.run.ports import Nudger, WallClock
from vigil.store.database import Database
from vigil.store.hold import Hold, write_hold

SHORT = (Step(1, 1, 1, 0, 5), Step(2, 1, 1, 0, 10), Step(3, 1, 1, 0, 20))


def invoke(*words: str, said: str = "") -> Result:
    return CliRunner().invoke(app, ["test-nudge", *words], input=said)


def told(result: Result) -> str:
    return " ".join(result.stdout.split())


class Lamp:
    """A lamp that remembers."""

    output = Output.LIGHT
    name = "the lamp"

    def __init__(self, why: str = "") -> None:
        self.why = why
        self.levels: list[int] = []

    async def probe(self) -> str:
        return self.why

    async def start(self, permit: Permit, at_ns: int) -> None:
        self.levels.append(permit.redeem(at_ns).level)

    async def off(self) -> None:
        pass

    async def close(self) -> None:
        pass


@pytest.fixture
def lamp(monkeypatch: pytest.MonkeyPatch) -> Lamp:
    """One lamp is set up; its steps and the pauses between them are short."""
    one = Lamp()
    found: dict[Output, Nudger] = {Output.LIGHT: one}
    monkeypatch.setattr(try_sitting, "nudgers_of", lambda _choices, _folder: found)
    monkeypatch.setattr(try_sitting, "read_choices", lambda _path: OutputChoices(lamp=AnyLamp("hue", None)))
    monkeypatch.setitem(LADDERS, Output.LIGHT, SHORT)
    monkeypatch.setattr(try_sitting, "PAUSE_S", 0.25)
    monkeypatch.setattr(try_sitting, "WallClock", lambda: WallClock(speed=10.0))
    return one


def tried() -> list[tuple[str, int, str]]:
    """Purpose, level and outcome of what stands in the ledger."""
    with Database.open(Home.here().database(Shelf.OWN)) as database:
        return [(p, n, o) for p, n, o in database.rows("SELECT purpose, level, outcome FROM ledger ORDER BY number")]


def test_every_step_is_given_lowest_first_and_written_down(lamp: Lamp) -> None:
    """As tests, which take nothing from the night."""
    result = invoke("--yes", "--output", "light")
    assert result.exit_code == 0, result.stdout
    assert lamp.levels == [1, 2, 3]
    assert tried() == [(Purpose.TEST.value, level, "over") for level in (1, 2, 3)]
    assert "The lamp:" in told(result)
    assert "Step 3: given." in told(result)


def test_each_step_is_asked_for(lamp: Lamp) -> None:
    """Enter goes on; anything else, or nobody there, ends it."""
    assert invoke("--output", "light", said="\nn\n").exit_code == 0
    assert lamp.levels == [1]
    lamp.levels.clear()
    assert invoke("--output", "light", said="").exit_code == 1
    assert lamp.levels == []


def test_no_step_is_higher_than_the_person_chose(lamp: Lamp) -> None:
    """By day as at night."""
    Home.here().settings_file.write_text("top_level = 1\n")
    assert invoke("--yes", "--output", "light").exit_code == 0
    assert lamp.levels == [1]


def test_while_a_stop_stands_nothing_is_tried(lamp: Lamp) -> None:
    """The person has said so."""
    folder = Home.here().shelf(Shelf.OWN)
    folder.mkdir(parents=True)
    write_hold(folder / HOLD_NAME, Hold(None, 1))
    result = invoke("--yes", "--output", "light")
    assert result.exit_code == 1
    assert lamp.levels == []
    assert "Step 1: not given." in told(result)


def test_an_output_that_is_not_there_is_said(lamp: Lamp) -> None:
    """And nothing is tried on it."""
    lamp.why = "the lamp cannot be reached"
    result = invoke("--yes", "--output", "light")
    assert result.exit_code == 1
    assert "Not now: the lamp cannot be reached." in told(result)
    assert lamp.levels == []


def test_what_was_not_set_up_is_said() -> None:
    """With how to set it up."""
    result = invoke("--yes")
    assert result.exit_code == 1
    for words in try_sitting.NOT_YET.values():
        assert words.split(":")[0] in told(result)
    assert not Home.here().database(Shelf.OWN).exists()


def test_while_a_night_is_watched_nothing_is_tried(lamp: Lamp) -> None:
    """Its outputs are its own: exit code 3."""
    with writing(Home.here(), Shelf.OWN):
        result = invoke("--yes", "--output", "light")
    assert result.exit_code == 3
    assert lamp.levels == []


def test_settings_that_cannot_be_relied_on_are_said(lamp: Lamp) -> None:
    """The lowest step can still be tried."""
    Home.here().settings_file.write_text("top_level = 99\n")
    result = invoke("--yes", "--output", "light")
    assert "top_level" in told(result)
    assert lamp.levels == [1]


def test_a_lamp_from_the_settings_that_nobody_answers_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wired from the file to the outcome; the token is in nothing that is said."""
    Home.here().settings_file.write_text(
        f'[light]\nkind = "home_assistant"\nurl = "http://127.0.0.1:{closed_port()}"\n'
        'token = "canary-3f9c-token"\nentity = "light.bed"\n'
    )
    result = invoke("--yes", "--output", "light")
    assert result.exit_code == 1
    assert "Not now: " in told(result)
    assert "canary" not in result.output


def test_the_loudspeaker_of_this_computer_can_be_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the words that the settings file wants; without one it is said."""
    speakers = FakeSpeakers(tmp_path)
    monkeypatch.setenv("PATH", str(speakers.bin))
    result = invoke("--find")
    assert result.exit_code == 0, result.output
    assert f'[sound]\ndevice = "{KEY}"\n' in result.stdout
    monkeypatch.setenv("PATH", str(tmp_path))
    nothing = invoke("--find")
    assert nothing.exit_code == 1
    assert NEEDS in told(nothing)
