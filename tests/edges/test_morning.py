"""The morning as a person meets it, on nights that were watched live: what is asked, kept, said, and planned."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from vigil.app.cli import app
from vigil.app.home import Home, Shelf
from vigil.app.keepers import LiveKeeper
from vigil.app.live_view import viewer
from vigil.app.morning_words import TYPED, meant, parsed
from vigil.app.night_figures import VERSION, Sample, bar_nights, figures_of, ordinary_rises
from vigil.app.pacing import PacedClock
from vigil.app.simulated_night import INVENTED_WALL_MS, Script, lights_out, live
from vigil.app.stored_night import find, read
from vigil.app.terminal import console
from vigil.app.tonight import Tonight, kept_nights, sleeper_of
from vigil.app.wiring import packaged_parameters, population_outfit, reading, writing
from vigil.domain.answers import Answer, MorningWord
from vigil.domain.nudges import Action, Decision, Reason, ReasonCode, WatchState
from vigil.domain.records import EpochScored, LinkLost, LinkRegained, Mode, NightBegan, NightClosed, Restarted
from vigil.domain.settings import Settings
from vigil.domain.sleep import Hypnogram, Stage
from vigil.domain.troubles import Trouble, TroubleKind
from vigil.domain.units import EPOCH_NS, NS_PER_MINUTE
from vigil.engine.first_nights import Stage as Stages
from vigil.engine.nights_known import NightKnown
from vigil.engine.worsening import PauseCause
from vigil.night.report import NightReport, NudgeRow
from vigil.store.answers import Answers
from vigil.store.nights import Nights

DAY_MS = 24 * 3600 * 1000
NAMES = ("2026-11-19", "2026-11-20")


def invoke(*words: object, said: str | None = None) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], input=said)


def as_json(*words: object) -> dict[str, Any]:
    result = invoke("morning", *words, "--json", "-")
    assert result.exit_code == 0, result.stderr
    value = json.loads(result.stdout)
    assert isinstance(value, dict)
    return value


def watch_own(home: Home, number: int, name: str, hours: float = 4.7) -> None:
    """One more night of the person's own, on the way that `vigil watch` goes, on a virtual clock."""
    script = Script(number + 3, plan="quiet", hours=hours)
    with writing(home, Shelf.OWN) as shelf:
        tonight = Tonight.of(kept_nights(shelf, packaged_parameters()).nights, packaged_parameters(), Settings())
        wall_ms = INVENTED_WALL_MS + number * DAY_MS
        mode = tonight.plan.mode
        began = lights_out(script, tonight.outfit, wall_ms=wall_ms, zone_min=60, name=name, mode=mode)
        view = viewer(console(), "a test", hours * 3600, quiet=True)
        live(script, began, tonight.outfit, shelf.database, PacedClock(None), view, kind="live")


@pytest.fixture(scope="module")
def slept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two own nights; every test takes a copy."""
    folder = tmp_path_factory.mktemp("slept")
    for number, name in enumerate(NAMES):
        watch_own(Home(folder, folder), number, name)
    return folder


@pytest.fixture
def own(slept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A copy of that home."""
    shutil.copytree(slept, tmp_path / "home")
    monkeypatch.setenv("VIGIL_HOME", str(tmp_path / "home"))
    return Home.here()


def answers(home: Home) -> dict[str, Answer]:
    with reading(home, (Shelf.OWN,)) as (shelf,):
        names = {row.key: row.name for row in Nights(shelf.database).nights()}
        return {names[key]: answer for key, answer in Answers(shelf.database).all().by_night.items()}


# -- seen from outside ---------------------------------------------------------------------------------------------


def test_two_nights_two_mornings_and_the_plan_of_the_third(own: Home) -> None:
    """Watch-only twice, an answer each, and the third night nudges at strong signs only, with the lowest step."""
    assert invoke("morning", "quiet", NAMES[0]).exit_code == 0
    assert invoke("morning", "bad-dream", "--distress", 6, "--dreams", 1).exit_code == 0
    it = as_json()
    assert (it["format"], it["version"], it["store"], it["night"]["night"]) == ("vigil-morning", 1, "own", NAMES[1])
    assert [night["answer"]["answer"] for night in it["nights"]] == ["quiet", "bad_dream"]
    assert all(night["good"] and night["watched_h"] > 4 and night["interventions"] == 0 for night in it["nights"])
    assert it["nights"][1]["day"] - it["nights"][0]["day"] == 1
    assert it["learned"]["good_nights"] == 2
    assert 40 < it["learned"]["resting_bpm"]["low"] < it["learned"]["resting_bpm"]["value"] < 90
    tonight = it["tonight"]
    assert (tonight["stage"], tonight["mode"], tonight["top_level"]) == ("strong_signs", "on", 1)
    assert tonight["threshold_factor"] >= 2
    with reading(own, (Shelf.OWN,)) as (shelf,):
        assert [row.mode for row in Nights(shelf.database).nights()] == ["watch_only", "watch_only"]


def test_a_fresh_home_says_what_the_first_night_will_be() -> None:
    """Nothing is kept, nothing is made, and the plan is there all the same."""
    result = invoke("morning")
    assert result.exit_code == 0
    assert "nothing to answer" in result.stdout
    assert "Night 1 of at least 2 without nudges: Vigil is only watching." in result.stdout
    assert as_json()["night"] is None
    assert not Home.here().database(Shelf.OWN).exists()
    assert invoke("morning", "quiet").exit_code == 1
    assert invoke("morning", "--distress", 3).exit_code == 1


def test_watch_says_its_plan_and_keeps_to_it() -> None:
    """A simulated sleeper is got to know from its own nights; the night has the mode that was said."""
    words = ("--source", "synthetic", "--hours", "0.1", "--speed", "10000", "--quiet", "--json", "-")
    result = invoke("watch", "--alone", *words)
    assert result.exit_code == 0
    assert "Night 1 of at least 2 without nudges: Vigil is only watching." in result.stderr
    (night,) = json.loads(result.stdout)["nights"]
    assert (night["plan"]["stage"], night["plan"]["mode"]) == ("watching", "watch_only")
    with reading(Home.here(), (Shelf.DEMO,)) as (shelf,):
        (row,) = Nights(shelf.database).nights()
        assert row.mode == "watch_only"
    assert as_json("--store", "demo")["night"]["night"] == "simulated-drawn-2"
    assert as_json()["nights"] == []


# -- answering -----------------------------------------------------------------------------------------------------


def test_one_letter_is_enough(own: Home) -> None:
    """Asked, answered with a letter, left with Enter: kept."""
    result = invoke("morning", said="q\n\n")
    assert result.exit_code == 0
    assert "How was the night?" in result.stdout
    assert "Your answer: quiet." in result.stdout
    assert answers(own) == {NAMES[1]: Answer(MorningWord.QUIET)}


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("\n", Answer()),
        ("b\n", Answer(MorningWord.BAD_DREAM)),
        ("zz\nB\nm\n2\n\n", Answer(MorningWord.BAD_DREAM, dreams=2)),
        ("b\nm\n99\n1\n11\n10\nmaybe\nn\n3\n", Answer(MorningWord.BAD_DREAM, 1, 10, 3, woken=False)),
        ("d\nm\n", Answer(MorningWord.NOT_REMEMBERED)),
        ("k\nm\n0\n", Answer(MorningWord.KEPT_DREAM, sleepiness=0)),
    ],
)
def test_leaving_at_any_point_keeps_what_was_said(own: Home, said: str, kept: Answer) -> None:
    """Enter, or the end of the input, leaves; leaving at once is an answer too."""
    assert invoke("morning", said=said).exit_code == 0
    assert answers(own) == {NAMES[1]: kept}


def test_a_script_without_input_answers_nothing(own: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody was there to leave; at a terminal the end of input is leaving."""
    assert invoke("morning", said="").exit_code == 0
    assert answers(own) == {}
    with monkeypatch.context() as patch:
        patch.setattr("vigil.app.commands.morning._is_terminal", lambda: True)
        assert invoke("morning", said="").exit_code == 0
    assert answers(own) == {NAMES[1]: Answer()}


def test_ctrl_c_leaves(own: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the first question it is leaving, later it keeps what was said."""
    lines = iter(["b", None, None])

    def read(_question: str) -> str:
        line = next(lines)
        if line is None:
            raise KeyboardInterrupt
        return line

    monkeypatch.setattr("vigil.app.commands.morning._read", read)
    assert invoke("morning").exit_code == 0
    assert invoke("morning", "--change").exit_code == 0
    assert answers(own) == {NAMES[1]: Answer(MorningWord.BAD_DREAM)}


def test_while_a_night_is_watched_an_answer_waits(own: Home) -> None:
    """It is said so, shown as the answer that stands, and put to its night by the next look."""
    with writing(own, Shelf.OWN):
        result = invoke("morning", "bad-dream")
        assert result.exit_code == 0
        assert "waits until the watch is over" in " ".join(result.stdout.split())
        assert "Your answer: bad dream." in invoke("morning").stdout
    assert answers(own) == {}
    assert "waits until" not in invoke("morning").stdout
    assert answers(own) == {NAMES[1]: Answer(MorningWord.BAD_DREAM)}


def test_nobody_is_asked_twice(own: Home) -> None:
    """An answer that stands is shown, not asked for again; whoever left may still answer, unasked for --change."""
    invoke("morning", said="\n")
    assert invoke("morning", "dont-remember").exit_code == 0
    result = invoke("morning", said="b\n")
    assert "How was the night?" not in result.stdout
    assert "Your answer: don't remember." in result.stdout


def test_an_answer_is_changed_only_on_purpose(own: Home) -> None:
    """A second, different answer needs --change; details may be added; a new word drops the old details."""
    assert invoke("morning", "bad-dream", "--distress", 7).exit_code == 0
    refused = invoke("morning", "quiet")
    assert refused.exit_code == 1
    assert "--change" in refused.stderr
    assert invoke("morning", "--distress", 3).exit_code == 1
    assert invoke("morning", "--dreams", 2, "--woken").exit_code == 0
    assert answers(own)[NAMES[1]] == Answer(MorningWord.BAD_DREAM, dreams=2, distress=7, woken=True)
    assert invoke("morning", "--change", "quiet", "--sleepiness", 1).exit_code == 0
    assert answers(own)[NAMES[1]] == Answer(MorningWord.QUIET, sleepiness=1)
    assert invoke("morning", "--change", said="\n").exit_code == 0
    assert answers(own)[NAMES[1]] == Answer(MorningWord.QUIET, sleepiness=1)
    assert invoke("morning", "--change", said="d\n").exit_code == 0
    assert answers(own)[NAMES[1]] == Answer(MorningWord.NOT_REMEMBERED)


def test_what_makes_no_sense_is_refused(own: Home) -> None:
    """Wrong use ends with 2, a night that is not there with 1, and nothing is kept."""
    assert invoke("morning", "marvellous", "indeed").exit_code == 2
    assert invoke("morning", "--distress", 11).exit_code == 2
    assert invoke("morning", "quiet", "1999").exit_code == 1
    assert invoke("morning", "--resume").exit_code == 1
    assert invoke("morning", "--no-resume").exit_code == 1
    assert answers(own) == {}


def test_a_night_of_the_past_can_be_named(own: Home) -> None:
    """In either order, by the beginning of its name."""
    assert invoke("morning", "2026-11-19", "a", "dream", "I'd", "keep").exit_code == 0
    assert answers(own) == {NAMES[0]: Answer(MorningWord.KEPT_DREAM)}
    assert as_json(NAMES[0])["night"]["answer"]["answer"] == "kept_dream"


def test_a_replayed_night_has_no_morning(own: Home) -> None:
    """Nobody slept it here."""
    with writing(own, Shelf.OWN) as shelf:
        LiveKeeper(shelf.database, kind="shadow", source="").begin(NightBegan(0, night="shadow"))
    assert invoke("morning", "quiet", "shadow").exit_code == 1
    assert as_json()["night"]["night"] == NAMES[1]


@pytest.mark.parametrize("typed", [(typed, word) for word, all_typed in TYPED.items() for typed in all_typed])
def test_every_way_of_writing_an_answer_is_understood(typed: tuple[str, MorningWord]) -> None:
    """Dashes, spaces, underscores, apostrophes and capitals do not matter."""
    text, word = typed
    assert {meant(way) for way in (text, text.upper(), text.replace("-", " "), text.replace("-", "_"))} == {word}


def test_words_of_the_command_line() -> None:
    """An answer, a night, both in either order, or neither."""
    assert parsed([]) == (None, None)
    assert parsed(["don\u2019t", "remember"]) == (MorningWord.NOT_REMEMBERED, None)
    assert parsed(["2026"]) == (None, "2026")
    assert parsed(["bad", "dream", "2026"]) == (MorningWord.BAD_DREAM, "2026")
    assert parsed(["what", "is", "this"]) is None


# -- what it changes -----------------------------------------------------------------------------------------------


def many(home: Home, nights: Sequence[NightKnown]) -> None:
    """Own nights as if they had been watched: rows, figures and answers."""
    with writing(home, Shelf.OWN) as shelf:
        for known in nights:
            wall_ms = INVENTED_WALL_MS + known.number * DAY_MS
            keeper = LiveKeeper(shelf.database, kind="live", source="a test")
            keeper.begin(NightBegan(0, night=known.name, wall_ms=wall_ms, zone_min=0))
            row = Nights(shelf.database).find(known.name)
            names = ("watched_h", "blind_h", "rises", "rises_expected", "suspicions", "interventions", "awakenings")
            ladder = ("terrors", "top_level", "highest_level", "ladder_ended", "settled_levels")
            figures = {name: getattr(known, name) for name in (*names, *ladder)} | {
                "resting_bpm": 58.0,
                "spread_bpm": 3.0,
            }
            Nights(shelf.database).add_summary(
                row.key, json.dumps({"figures": {"version": VERSION, "bar_nights": 6.0, **figures}})
            )
            if not known.answer.is_empty:
                Answers(shelf.database).put(row.key, known.answer)


def ordinary(count: int, **more: Any) -> list[NightKnown]:
    base = NightKnown(0, "", watched_h=7.5, blind_h=0.2, rises=1, rises_expected=1.0)
    return [replace(base, number=i, name=f"night-{i:02d}", **more) for i in range(count)]


def test_the_answer_says_what_changes_tonight() -> None:
    """Disturbed: clearer signs; taken back: as before; quiet: nothing. Each in one sentence, with its reason.

    By how much stands once, under what is learned: two percentages of two things read as a contradiction.
    """
    many(Home.here(), ordinary(20, interventions=1, suspicions=1))
    more = as_json("quiet", "--disturbed")["changes"]
    assert more.startswith("Tonight Vigil waits for clearer signs before a nudge, ")
    assert more.endswith("because a nudge disturbed you. The highest step tonight is 1.")
    less = as_json("--change", "quiet", "--not-disturbed")["changes"]
    assert less.startswith("Tonight fainter signs are enough for a nudge, ")
    assert less.endswith("The highest step tonight is 2.")
    assert as_json("--change", "dont-remember")["changes"] == "Nothing changes tonight."
    awake, wanted = as_json("--change", "--awake")["changes"], as_json("--change", "keep")["changes"]
    assert "you were awake when it nudged" in awake
    assert wanted == "Nothing changes tonight."


def test_missed_dreams_and_wanted_ones_are_said() -> None:
    """The other reasons for moving."""
    nights = ordinary(30, answer=Answer(MorningWord.BAD_DREAM))
    many(Home.here(), [*nights[:-1], replace(nights[-1], answer=Answer())])
    assert "because bad dreams were missed." in as_json("bad-dream")["changes"]
    assert "bad dreams were missed on many nights" in " ".join(as_json()["learned"]["reasons"]).lower()


def test_a_pause_is_told_and_taken_up_again() -> None:
    """Three nights of awakenings: Vigil only watches, and says why and how to go on; --resume can be undone."""
    nights = ordinary(20)
    many(Home.here(), [*nights[:-3], *(replace(one, interventions=2, awakenings=2) for one in nights[-3:])])
    it = as_json()["tonight"]
    assert (it["stage"], it["mode"], it["paused"]["cause"]) == ("paused", "watch_only", "woken")
    assert "vigil morning --resume" in it["in_words"]
    assert invoke("morning", "--resume", "night-03").exit_code == 1
    resumed = as_json("--resume")
    assert resumed["changes"] == "Nudging is taken up again."
    assert (resumed["tonight"]["stage"], resumed["night"]["answer"]["resumed"]) == ("known", True)
    assert as_json()["tonight"]["mode"] == "on"
    assert "taken up again" in invoke("morning").stdout
    assert as_json("quiet")["night"]["answer"]["resumed"] is True
    back = as_json("--no-resume")
    assert back["changes"].startswith("Nudging pauses: Nudges woke you")
    assert back["tonight"]["stage"] == "paused"


def test_an_answer_can_pause_nudging_and_its_change_ends_that() -> None:
    """The last of fourteen hard mornings tips the scale; said differently, the reason is gone."""
    hard = [
        replace(one, answer=Answer(MorningWord.QUIET, distress=1 + 7 * (i >= 14))) for i, one in enumerate(ordinary(28))
    ]
    seven = [replace(one, answer=Answer()) if 12 <= i < 21 or i == 27 else one for i, one in enumerate(hard)]
    many(Home.here(), seven)
    assert as_json()["tonight"]["paused"] is None
    assert as_json("quiet", "--distress", 9)["changes"].startswith("Nudging pauses: Mornings")
    assert as_json("--change", "quiet", "--distress", 0)["changes"] == "The reason for pausing is gone."


def test_a_setting_of_no_nudging_is_said() -> None:
    """Stricter than the plan, and told with it."""
    home = Home.here()
    many(home, ordinary(20))
    home.settings_file.write_text("nudging = false\n")
    it = as_json()["tonight"]
    assert it["in_words"].endswith("Nudging is off in your settings.")
    assert it["nudging"] is False


# -- keeping -------------------------------------------------------------------------------------------------------


def test_forgetting_a_night_forgets_its_morning_and_what_it_taught(own: Home) -> None:
    """Learned is a fold over what is kept, so nothing outlives its night."""
    invoke("morning", "keep")
    assert invoke("forget", NAMES[1], "--yes").exit_code == 0
    it = as_json()
    assert ([night["night"] for night in it["nights"]], it["learned"]["nights"]) == ([NAMES[0]], 1)
    assert it["tonight"]["stage"] == "watching"
    assert b"kept_dream" not in b"".join(path.read_bytes() for path in own.data.rglob("*") if path.is_file())


def test_an_answer_is_exported_with_its_night(own: Home, tmp_path: Path) -> None:
    """The report as JSON holds it, and `morning --json` every morning."""
    invoke("morning", "bad-dream", "--distress", 4)
    assert invoke("export", NAMES[1], "--format", "json", "--out", tmp_path / "n.json").exit_code == 0
    (night,) = json.loads((tmp_path / "n.json").read_text())["nights"]
    assert (night["answer"]["answer"], night["answer"]["distress"]) == ("bad_dream", 4)
    assert own.database(Shelf.OWN).exists()


def test_a_damaged_answer_is_said_and_teaches_nothing(own: Home) -> None:
    """The night is shown, the answer is named as damaged, and answering again repairs it."""
    invoke("morning", "keep")
    with closing(sqlite3.connect(own.database(Shelf.OWN))) as raw:
        raw.execute("UPDATE answer SET distress = 9")
        raw.commit()
    it = as_json()
    assert it["night"]["answer"]["answer"] == "no_answer"
    assert any("damaged" in remark for remark in it["remarks"])
    assert "Note: the answer of night" in invoke("morning", said="").stdout
    assert "the morning's answer" in invoke("show", NAMES[1]).stdout
    assert as_json("quiet")["remarks"] != []
    assert as_json()["remarks"] == []


def test_a_night_that_never_ended_still_counts(own: Home) -> None:
    """After a power cut its figures are made anew from what was said; one that cannot be read is left out and said."""
    bar = bar_nights(population_outfit())
    with writing(own, Shelf.OWN) as shelf:
        keeper = LiveKeeper(shelf.database, kind="live", source="a test", beside={"bar_nights": bar})
        began = NightBegan(0, night="cut")
        keeper.begin(began)
        keeper.add(began)
        for index in range(600):
            keeper.add(EpochScored((index + 1) * EPOCH_NS, index, Stage.LIGHT, None, 60.0, None, 30))
        keeper.commit()
        assert Nights(shelf.database).summary(keeper._writer.night) is not None
    it = as_json()
    assert (it["night"]["night"], it["night"]["watched_h"], it["night"]["resting_bpm"]) == ("cut", 5.0, 60.0)
    assert it["night"]["day"] is None
    with closing(sqlite3.connect(own.database(Shelf.OWN))) as raw:
        raw.execute("UPDATE summary SET body = '{}' WHERE night = (SELECT max(key) FROM night)")
        raw.commit()
    it = as_json()
    assert it["night"]["night"] == NAMES[1]
    assert any("damaged" in remark for remark in it["remarks"])


# -- figures -------------------------------------------------------------------------------------------------------


def test_the_figures_kept_are_the_figures_of_the_report(own: Home) -> None:
    """What was kept at the night's end is what its stored outputs say."""
    with reading(own, (Shelf.OWN,)) as (shelf,):
        kept = kept_nights(shelf, packaged_parameters())
        found, row = find([shelf], NAMES[0])
        stored = read(found, row)
    figures = figures_of(stored.report, stored.facts["figures"]["bar_nights"])
    assert figures == stored.facts["figures"]
    assert figures["watched_h"] == kept.nights[0].watched_h
    assert figures["spread_bpm"] is not None
    assert 0 < figures["rises_expected"] < 1


def nudged(stages: str, *, at_s: float = 100.0, shadow: bool = False, woke: bool = False) -> NightReport:
    """A short night with one nudge; `stages` of its epochs, w or l."""
    epochs = tuple(
        EpochScored((i + 1) * EPOCH_NS, i, Stage.WAKE if letter == "w" else Stage.LIGHT, None, 60.0, None, 30)
        for i, letter in enumerate(stages)
    )
    said = Decision(3 * EPOCH_NS, WatchState.RESTING, Action.NOTHING, (Reason(ReasonCode.WOKE),), 1)
    return NightReport(
        night="n",
        summary=Hypnogram.of([epoch.stage for epoch in epochs]).summary(),
        epochs=epochs,
        suspicions=(),
        nudges=(NudgeRow(at_s, 1, 1, "vibration", shadow, True, ()),),
        decisions=(said,) if woke else (),
        quality=(),
        watched_min=len(stages) / 2,
        blind_min=0.0,
        left_out=(),
        began_ns=0,
    )


@pytest.mark.parametrize(
    ("report", "interventions", "awakenings"),
    [
        (nudged("llllllllllll"), 1, 0),
        (nudged("llllwlwlllll"), 1, 0),
        (nudged("lllllwwlllll"), 1, 1),
        (nudged("lllllllllllwww"), 1, 0),
        (nudged("llllllllllll", woke=True), 1, 1),
        (nudged("lllwwwwwwwww", shadow=True), 0, 0),
    ],
)
def test_awakenings_after_nudges(report: NightReport, interventions: int, awakenings: int) -> None:
    """A minute awake within two minutes, or what control saw; a nudge that was not really given woke nobody."""
    figures = figures_of(report, 10.0)
    assert (figures["interventions"], figures["awakenings"]) == (interventions, awakenings)
    assert figures["spread_bpm"] is None


def test_rises_are_counted_once_and_only_below_the_threshold() -> None:
    """Ten minutes apart are two; one that came to the threshold or began awake is none."""

    def at(minute: float, nights: float, *, asleep: bool = True) -> Sample:
        return Sample(round(minute * NS_PER_MINUTE), nights, asleep)

    assert ordinary_rises([], 10) == 0
    assert ordinary_rises([at(0, 0.5), at(1, 1.0), at(3, 2.0), at(20, 1.5)], 10) == 2
    assert ordinary_rises([at(0, 1.0), at(3, 10.0), at(5, 1.0)], 10) == 0
    assert ordinary_rises([at(0, 1.0, asleep=False), at(3, 2.0)], 10) == 0


def test_each_simulated_sleeper_is_somebody_else() -> None:
    """Names in the demo store tell who slept; own nights are all one person's."""
    assert sleeper_of(Shelf.DEMO, "simulated-drawn-2") == sleeper_of(Shelf.DEMO, "simulated-drawn-2-3")
    assert sleeper_of(Shelf.DEMO, "simulated-drawn-23") == "simulated-drawn-23"
    assert sleeper_of(Shelf.DEMO, "simulated-rem-strong-2-2") == "simulated-rem-strong-2"
    assert sleeper_of(Shelf.OWN, "2026-11-19-2") == sleeper_of(Shelf.OWN, "2026-11-19") == ""


def test_what_went_wrong_is_told_in_the_morning(own: Home) -> None:
    """In words, with times by the night's clock, and as JSON; the same as `vigil show` says of that night."""
    with writing(own, Shelf.OWN) as shelf:
        keeper = LiveKeeper(shelf.database, kind="live", source="a test")
        began = NightBegan(0, night="troubled", boot_id="a", wall_ms=INVENTED_WALL_MS, zone_min=0)
        lost_ns, back_ns = 70 * NS_PER_MINUTE, 91 * NS_PER_MINUTE
        trouble = Trouble(lost_ns, TroubleKind.DISK_LOW, 180)
        restarted = Restarted(back_ns + NS_PER_MINUTE, "a")
        keeper.begin(began)
        closed = NightClosed(120 * NS_PER_MINUTE, 0, 0, 7200, 0, ())
        for record in (began, trouble, LinkLost(lost_ns), LinkRegained(back_ns), restarted, closed):
            keeper.add(record)
        keeper.commit()
    said = invoke("morning", "quiet").stdout
    shown = invoke("show", "troubled").stdout
    for words in (
        "The band was out of reach from 00:10 to 00:31.",
        "The disk was almost full from 00:10 until the night ended (180 MB left).",
        "I restarted at 00:31, and saw nothing for 1 min.",
    ):
        assert words in " ".join(said.split())
        assert words in " ".join(shown.split())
    assert "1 min I restarted" in " ".join(said.split())
    account = as_json()["account"]
    assert [event["kind"] for event in account["events"]] == ["never", "disk_low", "link_lost", "restarted"]
    assert sum(account["blind_by"].values()) == account["blind_s"] == 7200


def test_after_a_sudden_arousal_scheduled_awakening_is_explained() -> None:
    """Once, plainly, without a promise; nothing of it after any other night."""
    many(Home.here(), ordinary(3, terrors=1))
    said = " ".join(invoke("morning", "quiet").stdout.split())
    assert said.count("scheduled awakening") == 1
    assert "There was a sudden half-waking out of deep sleep" in said
    assert "ask somebody who knows sleep" in said
    many(Home.here(), [replace(night, number=9, name="last", terrors=2) for night in ordinary(1)])
    assert "There were 2 sudden half-wakings" in " ".join(invoke("morning", "quiet").stdout.split())
    many(Home.here(), [replace(night, number=10, name="quiet one") for night in ordinary(1)])
    assert "scheduled awakening" not in invoke("morning", "quiet").stdout


def test_an_armed_night_is_planned_armed() -> None:
    """A person who is known is nudged as the settings say."""
    many(Home.here(), ordinary(20))
    with reading(Home.here(), (Shelf.OWN,)) as (shelf,):
        kept = kept_nights(shelf, packaged_parameters())
    tonight = Tonight.of(kept.nights, packaged_parameters(), Settings(top_level=2))
    assert (tonight.plan.mode, tonight.outfit.settings.top_level, kept.answered) == (Mode.ON, 2, 0)


def test_every_field_of_the_json_is_documented(own: Home) -> None:
    """A field that data.md does not name is a field nobody can rely on."""

    def keys(value: Any) -> set[str]:
        if isinstance(value, list):
            return {key for item in value for key in keys(item)}
        return (
            {key for name, item in value.items() for key in {name} | keys(item)} if isinstance(value, dict) else set()
        )

    page = (Path(__file__).resolve().parents[2] / "docs" / "data.md").read_text()
    invoke("morning", "quiet")
    assert own.database(Shelf.OWN).exists()
    assert not {key for key in keys(as_json()) if f'"{key}"' not in page}
    words = [*(stage.value for stage in Stages), *(word.value for word in MorningWord), *(c.value for c in PauseCause)]
    assert not [word for word in words if f"`{word}`" not in page]
