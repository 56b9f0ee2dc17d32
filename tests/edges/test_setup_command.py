"""The first evening and an ordinary one as a person meets them in the terminal: asked, kept, said, changed."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.interviews import CALM
from vigil.app.cli import app
from vigil.app.commands import setup as setup_command
from vigil.app.config import read_settings
from vigil.app.evening_file import evening_of
from vigil.app.home import Home, Shelf
from vigil.app.standing import standing, tonights_strictness
from vigil.domain.requests import Output
from vigil.domain.settings import OnSignalLost, Room
from vigil.interview.consequences import Known
from vigil.interview.evening import Tap, for_tonight
from vigil.interview.questions import FIRST_NIGHTS, NOT_KEPT, QUESTIONS, TALK_NOW
from vigil.run.ports import VirtualClock

TYPED = {
    "wearable": "1", "way": "1", "watched": "none", "blunted": "none", "country": "germany", "contact": "Ana 0123; Ben",
    "safe_now": "n", "bed_time": "11pm", "wake_time": "7", "room": "nobody", "outputs": "1 2",
    "signal_lost": "1",
}  # fmt: skip
"""What the calm person of the unit tests types, question by question."""


def invoke(*words: str, said: str = "") -> Result:
    return CliRunner().invoke(app, list(words), input=said)


def setup(*lines: str) -> Result:
    result = invoke("setup", said="".join(f"{line}\n" for line in lines))
    assert result.exit_code == 0, result.stderr
    return result


def typed(**other: str | None) -> list[str]:
    """What is typed from the first question to the last; None for a question that will not be asked."""
    said = TYPED | {"agrees": None} | other
    return [line for question in QUESTIONS if (line := said[question.id]) is not None]


def answers() -> dict[str, Any]:
    document = json.loads(Home.here().setup_file.read_text())
    assert document["format"] == "vigil-setup"
    found = document["answers"]
    assert isinstance(found, dict)
    return found


def every_byte(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def at_home(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Home:
    monkeypatch.setenv("VIGIL_HOME", str(folder))
    return Home.here()


# -- the first evening -------------------------------------------------------------------------------------------------


def test_five_minutes_and_it_is_done() -> None:
    """Every answer kept, every setting written, and the first night is said to be watched only."""
    result = setup(*typed())
    home = Home.here()
    assert answers() == CALM
    settings = read_settings(home.settings_file)
    assert (settings.nudging, settings.room, settings.on_signal_lost) == (True, Room.ALONE, OnSignalLost.MORNING)
    assert settings.outputs == (Output.VIBRATION, Output.SOUND)
    assert standing(home).known is Known.ALL
    assert not standing(home).watch_only
    assert FIRST_NIGHTS in " ".join(result.stdout.split())
    assert "vigil test-nudge" in result.stdout
    assert "vigil evening" in result.stdout
    assert home.setup_file.stat().st_mode & 0o777 == 0o600


ASKED = list(TYPED)


@pytest.mark.parametrize("stopped", range(len(ASKED) + 1))
def test_it_goes_on_where_it_stopped(stopped: int) -> None:
    """The input may end after any answer; the next time goes on from there, and ends the same."""
    setup(*(TYPED[name] for name in ASKED[:stopped]))
    assert list(answers() if stopped else {}) == [name for name in ASKED[:stopped] if name in CALM]
    asked_again = ["n"] if ASKED[stopped - 1 : stopped] == ["safe_now"] else []
    setup(*asked_again, *(TYPED[name] for name in ASKED[stopped:]))
    assert answers() == CALM


def test_enter_leaves_a_question_and_it_is_asked_the_next_time() -> None:
    """What was left is named, and only that is asked."""
    result = setup(*typed(contact="", bed_time=""))
    assert "Left for later: contact, bed_time" in result.stdout
    result = setup("-", "23.00")
    assert "Left for later" not in result.stdout
    assert result.stdout.count(" of 13. ") == 2
    assert answers() == CALM | {"contact": ""}


def test_what_is_not_understood_is_asked_again() -> None:
    """In words, without losing anything."""
    result = setup(*typed(wearable="my gran's watch\n7\n1"))
    assert result.stdout.count("one number from 1 to 4, please") == 2
    assert answers() == CALM


def test_one_answer_can_be_changed_and_what_it_opens_is_asked() -> None:
    """Somebody moves in and does not agree: sound is used no more, and nothing else is asked."""
    setup(*typed())
    result = invoke("setup", "--again", "room", said="2\nn\n")
    assert result.exit_code == 0
    assert result.stdout.count(" of 13. ") == 2
    assert read_settings(Home.here().settings_file).usable_outputs == (Output.VIBRATION,)
    assert standing(Home.here()).outputs == (Output.VIBRATION,)


def test_changing_one_answer_and_leaving_changes_nothing() -> None:
    """Enter, or the end of the input, at a question asked again."""
    setup(*typed())
    before = every_byte(Home.here().config)
    assert invoke("setup", "--again", "way", said="\n").exit_code == 0
    assert invoke("setup", "--again", "way").exit_code == 0
    assert every_byte(Home.here().config) == before


@pytest.mark.parametrize("name", ["shoe_size", "agrees", "outputs"])
def test_what_is_no_question_now_is_wrong_use(name: str) -> None:
    """The names are said; `outputs` is no question before anything is."""
    result = invoke("setup", "--again", name)
    assert result.exit_code == 2
    assert "signal_lost" in " ".join(result.stderr.split())


def test_a_reason_to_only_watch_is_written_and_said_with_where_to_turn() -> None:
    """Nudging is off in the settings, and how nudges are wished is not asked any more."""
    result = setup(*typed(watched="1 2", outputs=None))
    said = " ".join(result.stdout.split())
    assert "call from a distance, do not hold" in said
    assert "sleep apnoea" in said
    assert not read_settings(Home.here().settings_file).nudging
    assert standing(Home.here()).watch_only
    assert "test-nudge" not in said


def test_own_settings_and_comments_are_kept() -> None:
    """Setting up changes what was asked about, and nothing else."""
    home = Home.here()
    home.settings_file.write_text("top_level = 2  # softly\n[caps]\nper_hour = 1\n")
    setup(*typed())
    text = home.settings_file.read_text()
    assert "top_level = 2  # softly" in text
    assert tomllib.loads(text)["caps"] == {"per_hour": 1}
    assert read_settings(home.settings_file).room is Room.ALONE


def test_settings_switched_off_by_hand_stay_off_until_the_way_is_asked_again() -> None:
    """An answer about something else never switches nudging on."""
    setup(*typed())
    home = Home.here()
    home.settings_file.write_text(home.settings_file.read_text().replace("nudging = true", "nudging = false"))
    assert invoke("setup", "--again", "bed_time", said="22:00\n").exit_code == 0
    assert not read_settings(home.settings_file).nudging
    assert invoke("setup", "--again", "way", said="1\n").exit_code == 0
    assert read_settings(home.settings_file).nudging


def test_settings_that_cannot_be_read_are_left_and_said() -> None:
    """The answers are kept, the file stays as it is, and the exit code says that something is to do."""
    home = Home.here()
    home.settings_file.write_text("nudging = ")
    result = invoke("setup", said="".join(f"{line}\n" for line in typed()))
    assert result.exit_code == 1
    assert "your answers are kept" in result.stderr
    assert "left as it is" in result.stderr
    assert home.settings_file.read_text() == "nudging = "
    assert answers() == CALM
    assert not standing(home).watch_only


def test_a_broken_file_of_answers_is_moved_aside_and_asked_again() -> None:
    """Nothing is written over; --show says what is wrong."""
    home = Home.here()
    home.setup_file.write_text('{"format": "vigil-setup"')
    shown = invoke("setup", "--show")
    assert shown.exit_code == 1
    assert "damaged" in shown.stderr
    result = setup(*typed())
    assert "setup.aside-1.json" in result.stdout
    assert answers() == CALM
    assert home.setup_file.with_name("setup.aside-1.json").read_text() == '{"format": "vigil-setup"'


def test_answers_of_a_newer_vigil_are_not_asked_over() -> None:
    """Refused in words; the file stays."""
    newer = '{"format": "vigil-setup", "version": 9, "answers": {}}'
    Home.here().setup_file.write_text(newer)
    result = invoke("setup", said="1\n")
    assert result.exit_code == 1
    assert "newer" in result.stderr
    assert Home.here().setup_file.read_text() == newer


def test_a_full_disk_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers that cannot be kept are not pretended to be."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "setup.json")

    monkeypatch.setattr("vigil.app.json_file.write_private", full)
    result = invoke("setup", said="1\n")
    assert result.exit_code == 1
    assert "No space left" in result.stderr


def test_it_can_be_shown_in_words_and_as_json() -> None:
    """Each question with its answer, what follows, and the same for a machine; nothing is asked."""
    fresh = invoke("setup", "--show")
    assert "not set up yet" in fresh.stdout
    assert "wearable: left for later" in fresh.stdout
    setup(*typed(contact="-"))
    shown = invoke("setup", "--show").stdout
    assert "contact: nobody" in shown
    assert "safe_now: never kept" in shown
    assert "agrees: not asked" in shown
    assert "outputs: a buzz on the wrist; a soft sound" in shown
    assert "I nudge, within your limits" in shown
    plain = json.loads(invoke("setup", "--json", "-").stdout)
    assert (plain["format"], plain["version"], plain["known"]) == ("vigil-setup-report", 1, "all")
    assert plain["answers"] == CALM | {"contact": ""}
    assert (plain["open"], plain["watch_only"], plain["outputs"]) == ([], False, ["vibration", "sound"])
    assert plain["bed_time_min"] == 23 * 60


def test_whatever_is_damaged_elsewhere_the_evening_ends_in_words() -> None:
    """A store that cannot be read is no reason not to be set up."""
    home = Home.here()
    home.database(Shelf.OWN).parent.mkdir(parents=True)
    home.database(Shelf.OWN).write_bytes(b"no database at all" * 400)
    result = setup(*typed())
    assert answers() == CALM
    assert "vigil evening" in result.stdout


# -- in a crisis -------------------------------------------------------------------------------------------------------


def test_help_is_one_word_away_at_any_question() -> None:
    """Typing help answers nothing and shows whom to call."""
    result = setup(*typed(wake_time="help\n7"))
    assert "In danger now: 112" in result.stdout
    assert "Your own: Ana 0123" in result.stdout
    assert answers() == CALM


def test_help_can_be_had_without_being_asked_anything() -> None:
    """With its sources and the day they were checked; before setting up too."""
    fresh = invoke("setup", "--crisis")
    assert fresh.exit_code == 0
    assert "findahelpline.com" in fresh.stdout
    setup(*typed())
    shown = " ".join(invoke("setup", "--crisis").stdout.split())
    assert "TelefonSeelsorge: 0800 1110111" in shown
    assert "checked 2026-11-27 in a stored copy" in shown


def test_yes_is_met_with_help_and_an_offer() -> None:
    """The words, whom to call, the offer, and that it is not kept; anything but y or n is asked again."""
    said = " ".join(setup(*typed(safe_now="y\nmaybe\nn")).stdout.split())
    for words in (TALK_NOW, "In danger now: 112", "TelefonSeelsorge", "I will keep watch without nudging", NOT_KEPT):
        assert words in said
    assert said.count("if you wish. Shall I?") == 2
    assert answers() == CALM


def test_who_accepts_cannot_be_told_from_who_always_wanted_to_be_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every byte under the home is the same, whichever way only watching was chosen; and the same for no and for n."""
    ways = {
        "accepted": typed(safe_now="y\ny", outputs=None),
        "chosen": typed(way="2", safe_now="n", outputs=None),
        "left": typed(way="2", safe_now="", outputs=None),
        "chosen before": typed(way="2", safe_now="y", outputs=None),
    }
    found = [every_byte_of_a_home(monkeypatch, tmp_path / name, lines) for name, lines in ways.items()]
    assert not read_settings(Home.here().settings_file).nudging
    assert found[0] == found[1] == found[2] == found[3]
    declined = every_byte_of_a_home(monkeypatch, tmp_path / "declined", typed(safe_now="y\nn"))
    assert declined == every_byte_of_a_home(monkeypatch, tmp_path / "calm", typed())


def every_byte_of_a_home(monkeypatch: pytest.MonkeyPatch, folder: Path, lines: list[str]) -> dict[str, bytes]:
    home = at_home(monkeypatch, folder)
    setup(*lines)
    return every_byte(home.config)


def test_asked_again_later_it_leaves_nothing_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weeks later: yes and accepted is the same bytes as changing the way to only watching."""
    found = []
    for name, lines in (("safe_now", "y\ny\n"), ("way", "2\n")):
        home = at_home(monkeypatch, tmp_path / name)
        setup(*typed())
        assert invoke("setup", "--again", name, said=lines).exit_code == 0
        found.append(every_byte(home.config))
    assert found[0] == found[1]
    before = found[0]
    assert invoke("setup", "--again", "safe_now", said="y\n").exit_code == 0
    assert every_byte(Home.here().config) == before


def test_the_word_is_in_no_byte_and_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the question nor its answer has a name anywhere under the home."""
    home = at_home(monkeypatch, tmp_path / "home")
    setup(*typed(safe_now="y\ny", outputs=None))
    everything = b"".join(name.encode() + content for name, content in every_byte(home.config).items())
    assert not [word for word in (b"safe", b"suicid", b"crisis", b"kept", b"passed", b"ending") if word in everything]


# -- a real process ----------------------------------------------------------------------------------------------------


def test_ctrl_c_keeps_what_was_answered(tmp_path: Path) -> None:
    """Ctrl-C in the middle of a question ends it in words, with what was said before."""
    environment = os.environ | {"VIGIL_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "vigil.app.cli", "setup"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=environment) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"1\n")
        process.stdin.flush()
        shown = b""
        while b"only watch\n  A number" not in shown:
            shown += os.read(process.stdout.fileno(), 4096)
        process.send_signal(signal.SIGINT)
        rest, complaint = process.communicate(timeout=30)
    assert process.returncode == 0
    assert b"Left for later: way" in rest
    assert complaint == b""
    assert json.loads((tmp_path / "setup.json").read_text())["answers"] == {"wearable": "buzzes"}


# -- an ordinary evening -----------------------------------------------------------------------------------------------


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> VirtualClock:
    """Eight in the evening of 27 November 2026, in UTC; a test may let time go by."""
    clock = VirtualClock(wall_ms=1_795_809_600_000)
    monkeypatch.setattr("vigil.app.commands.evening.WallClock", lambda: clock)
    return clock


def tonight(clock: VirtualClock) -> object:
    return tonights_strictness(Home.here(), evening_of(clock.wall_ms()))


def test_one_word_makes_tonight_stricter_and_says_why(clock: VirtualClock) -> None:
    """Each word adds to what was said; a capital letter is no mistake."""
    assert "as usual" in invoke("evening").stdout
    result = invoke("evening", "Drink")
    assert "If I nudge tonight at all, then at strong signs only" in result.stdout
    assert "only the buzz" in " ".join(invoke("evening", "sharing").stdout.split()).replace("nothing but", "only")
    assert tonight(clock) == for_tonight([Tap.DRINK, Tap.SHARING])
    plain = json.loads(invoke("evening", "--json", "-").stdout)
    assert (plain["format"], plain["taps"]) == ("vigil-evening-report", ["drink", "sharing"])
    assert (plain["threshold_factor_at_least"], plain["top_level_at_most"]) == (2.0, 1)
    assert plain["outputs_only"] == ["vibration"]


def test_it_is_good_for_one_night(clock: VirtualClock) -> None:
    """After midnight it still counts, the next evening it does not, and nothing has to be undone."""
    invoke("evening", "ill")
    clock.step_wall(6 * 3600 * 1000)
    assert tonight(clock) == for_tonight([Tap.ILL])
    clock.step_wall(18 * 3600 * 1000)
    assert "as usual" in invoke("evening").stdout
    invoke("evening", "pill")
    assert tonight(clock) == for_tonight([Tap.PILL])


def test_it_can_be_taken_back(clock: VirtualClock) -> None:
    """And said anew in the same breath."""
    invoke("evening", "drink", "ill")
    assert "as usual" in invoke("evening", "--clear").stdout
    invoke("evening", "drink", "ill")
    invoke("evening", "--clear", "pill")
    assert tonight(clock) == for_tonight([Tap.PILL])


def test_an_unknown_word_is_wrong_use_and_changes_nothing(clock: VirtualClock) -> None:
    """The words there are, are said."""
    invoke("evening", "drink")
    result = invoke("evening", "ill", "beer")
    assert result.exit_code == 2
    assert "drink, pill, ill, sharing" in " ".join(result.stderr.split())
    assert tonight(clock) == for_tonight([Tap.DRINK])


def test_a_broken_evening_is_said_and_moved_aside_when_something_new_is_said(clock: VirtualClock) -> None:
    """Until then the night is the strictest; nothing is written over."""
    home = Home.here()
    home.evening_file.write_text("{")
    assert invoke("evening").exit_code == 1
    result = invoke("evening", "drink")
    assert result.exit_code == 0
    assert "evening.aside-1.json" in result.stdout
    assert tonight(clock) == for_tonight([Tap.DRINK])
    assert home.evening_file.with_name("evening.aside-1.json").read_text() == "{"


SPEAKER = '[sound]\ndevice = "pactl:nowhere"\n'


@pytest.mark.parametrize(
    ("settings", "there", "answer", "tried"),
    [
        (SPEAKER, True, "y", True),
        (SPEAKER, True, "", False),
        (SPEAKER, True, None, False),
        (SPEAKER, False, "y", False),
        ("", True, "y", False),
    ],
    ids=["yes", "Enter", "left", "nobody there", "nothing set up"],
)
def test_what_is_set_up_can_be_tried_at_the_end(
    monkeypatch: pytest.MonkeyPatch, settings: str, there: bool, answer: str | None, tried: bool
) -> None:
    """Asked of a person, once, and only yes is yes."""
    asked: list[str] = []
    monkeypatch.setattr(setup_command, "_is_terminal", lambda: there)
    monkeypatch.setattr(setup_command, "try_outputs", lambda: asked.append("tried"))
    Home.here().config.mkdir(parents=True, exist_ok=True)
    Home.here().settings_file.write_text(settings)
    result = setup(*typed(), *([] if answer is None else [answer]))
    assert (asked == ["tried"]) is tried
    assert ("Try what is set up now" in result.output) is (there and bool(settings))
