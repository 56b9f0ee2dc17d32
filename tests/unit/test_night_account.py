"""The night's account: every fault has its event and its sentence, and blind seconds have causes that add up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.domain.nudges import Action, Decision, Reason, ReasonCode, WatchState
from vigil.domain.records import (
    ClockStepped,
    EpochScored,
    Event,
    Held,
    Input,
    LinkLost,
    LinkRegained,
    Mark,
    Marked,
    NightBegan,
    NightClosed,
    NightOutput,
    OutputFailed,
    OutputProbed,
    QualityNote,
    Released,
    Restarted,
    Resumed,
    Sample,
    Tick,
)
from vigil.domain.requests import Output
from vigil.domain.samples import Battery, BeatInterval, HeartSample, MotionSummary, Quality
from vigil.domain.sleep import Stage
from vigil.domain.troubles import Trouble, TroubleKind
from vigil.domain.units import EPOCH_S, NS_PER_S, STEP_S
from vigil.night.account import FAULTS, AccountMaker, account_of
from vigil.night.account_events import NOT_A_FAULT, OF_REASON, OF_TROUBLE, Account, AccountEvent, AccountKind
from vigil.night.account_tellings import CAUSE_WORDS, TELLINGS
from vigil.night.account_words import account_sentences, blind_words, lasted
from vigil.night.as_json import account_json
from vigil.night.blindness import OF_QUALITY, BlindCause, blind_seconds

BEGAN_NS = 1_000 * NS_PER_S
HOURS = 2
HOUR_S = 3600


def at(seconds: float) -> int:
    return BEGAN_NS + round(seconds * NS_PER_S)


def clock(seconds: float) -> str:
    """A night that began at one."""
    minutes = int(seconds // 60)
    return f"{1 + minutes // 60:02d}:{minutes % 60:02d}"


def epochs(blind: dict[int, int] | None = None) -> list[EpochScored]:
    """Every epoch of the night, watched but for so many seconds of some."""
    return [
        EpochScored(
            at((index + 1) * EPOCH_S), index, Stage.LIGHT, None, 58.0, 0.01, EPOCH_S - (blind or {}).get(index, 0)
        )
        for index in range(HOURS * 120)
    ]


def account(*events: Input | NightOutput, blind: dict[int, int] | None = None) -> Account:
    """The account of two hours with these events, in order with the epochs."""
    scored = epochs(blind)
    blind_s = sum(EPOCH_S - one.watched_s for one in scored)
    closed = NightClosed(at(HOURS * HOUR_S), BEGAN_NS, HOURS * HOUR_S - blind_s, blind_s, 0, ())
    began = NightBegan(BEGAN_NS, boot_id="this boot")
    return account_of([began, *sorted((*scored, *events), key=lambda one: one.at_ns), closed], closed)


def told(*events: Input | NightOutput) -> list[str]:
    return account_sentences(account(*events), clock)


def note(at_s: float, quality: Quality, before: Quality = Quality.GOOD) -> QualityNote:
    return QualityNote(at(at_s), quality, before)


def decision(at_s: float, *codes: ReasonCode) -> Decision:
    return Decision(at(at_s), WatchState.WATCHING, Action.NOTHING, tuple(Reason(code) for code in codes))


GOOD = note(5, Quality.GOOD, Quality.NEVER)


# -- nothing is without its sentence -------------------------------------------------------------------------------


def test_every_kind_of_input_is_a_fault_or_named_as_none() -> None:
    """A new input must be thought of here before it is used."""
    every = set(get_args(Sample)) | set(get_args(Event)) | {Tick}
    assert every == FAULTS | NOT_A_FAULT
    assert not FAULTS & NOT_A_FAULT


def test_every_kind_and_every_cause_has_its_words() -> None:
    """Also every trouble of the house, and every poor quality of the signal."""
    assert set(TELLINGS) == set(AccountKind)
    assert set(CAUSE_WORDS) == set(BlindCause)
    assert set(OF_TROUBLE) == set(TroubleKind)
    assert set(OF_QUALITY) == set(Quality) - {Quality.GOOD}


ALARMING = re.compile(r"\b(error|alarm|danger|emergency|fatal|critical|symptom|patient|treat|diagnos|apnoea)", re.I)
CODE = re.compile(r"[a-z]_[a-z]|\{|\}|None|\bnan\b")


def example(kind: AccountKind, *, many: bool, to_s: float | None = 700.0) -> list[str]:
    event = AccountEvent(kind, 600.0, to_s, 12, "vibration", "the band did not answer")
    events = tuple(AccountEvent(kind, 600.0 + i, to_s, 12, "vibration", "it was away") for i in range(5))
    return account_sentences(Account(0, 0, (), events if many else (event,)), clock)


@pytest.mark.parametrize("kind", AccountKind, ids=lambda kind: kind.value)
@pytest.mark.parametrize("many", [False, True], ids=["one", "many"])
def test_a_sentence_is_short_calm_and_whole(kind: AccountKind, *, many: bool) -> None:
    """At most two sentences, with a time, no code, and no word that alarms or belongs to medicine."""
    for to_s in (700.0, None):
        (line,) = example(kind, many=many, to_s=to_s)
        assert line.endswith(".")
        assert 1 <= len(re.findall(r"[.?!](?=\s|$)", line)) <= 2
        assert re.search(r"\d\d:\d\d", line)
        assert not ALARMING.search(line)
        assert not CODE.search(line)
        assert len(line) < 260


# -- what happened, and when ---------------------------------------------------------------------------------------


def test_a_restart_is_told_with_its_gap() -> None:
    """From the last that was heard; the same boot, so nothing but Vigil went away."""
    (line,) = told(GOOD, HeartSample(at(4440), 600), Restarted(at(4446), "this boot"))
    assert line.startswith("I restarted at 02:14, and saw nothing for 6 s. ")


def test_a_signal_lost_because_nothing_ran_is_not_told_once_more() -> None:
    """A cause shows in what it is, not in what it led to; what lasts longer is told from there."""
    good = note(1, Quality.GOOD, Quality.NEVER)
    gone = (good, HeartSample(at(590), 600), note(600, Quality.STALE), Restarted(at(900), ""))
    assert len(told(*gone, note(905, Quality.GOOD, Quality.STALE))) == 1
    longer = told(*gone, note(1500, Quality.GOOD, Quality.STALE))
    assert any("01:15" in line and "01:25" in line for line in longer)


def test_another_boot_means_that_power_was_lost() -> None:
    """For how long is only known where the wall clock can be believed."""
    events = (GOOD, HeartSample(at(4440), 600))
    (sane,) = told(*events, Restarted(at(4640), "another boot", 1_700_000_000_000, wall_sane=True))
    assert sane.startswith("Power was lost or the computer restarted at 02:14, and I saw nothing for 3 min. ")
    (unknown,) = told(*events, Restarted(at(4441), "another boot"))
    assert "saw nothing for a time that nobody knows" in unknown
    again = told(*events, Restarted(at(4441), "another boot"), Restarted(at(5000), "another boot"))
    assert [line.split()[0] for line in again] == ["Power", "I"]


def test_a_computer_that_slept_is_told_from_when_to_when() -> None:
    """Reliability F8."""
    (line,) = told(GOOD, HeartSample(at(600), 600), Resumed(at(4800), 4_200_000))
    assert line.startswith("The computer slept from 01:10 to 02:20, and I saw nothing. ")


@pytest.mark.parametrize(
    ("step_ms", "words"),
    [
        (3_600_000, "+1 h"),
        (-3_000, "-3 s"),
        (90_000, "+2 min"),
        (1_790_000_000_000, "+20717 days"),
        (-1_790_000_000_000, "-20717 days"),
    ],
)
def test_a_clock_that_moved_is_told_by_how_much(step_ms: int, words: str) -> None:
    """Summer time, the network's time, and the year 1970."""
    (line,) = told(GOOD, ClockStepped(at(600), step_ms))
    assert line.startswith(f"The computer's clock moved by {words} at 01:10. ")


def test_a_zone_that_changed_is_told_in_hours() -> None:
    """Its value is minutes."""
    (line,) = told(GOOD, Trouble(at(600), TroubleKind.ZONE_CHANGED, -60))
    assert line.startswith("Local time moved by -1 h at 01:10 (summer time, or a journey). ")


def test_a_lost_link_lasts_until_it_is_regained() -> None:
    """Or until the night ended; the quality of the signal says the same and is not told again."""
    lost = (GOOD, LinkLost(at(600)), note(605, Quality.LINK_LOST))
    (line,) = told(*lost, LinkRegained(at(1860)), note(1860, Quality.GOOD, Quality.LINK_LOST))
    assert line.startswith("The band was out of reach from 01:10 to 01:31. ")
    (line,) = told(*lost)
    assert line.startswith("The band was out of reach from 01:10 until the night ended. ")


def test_a_band_that_connects_and_says_nothing_is_lost_once() -> None:
    """Twenty connections without a word of the heart are one loss, until there is one; movement is none."""
    silent: list[Input | NightOutput] = [GOOD]
    for number in range(20):
        lost_s = 600 + 12 * number
        regained_s = lost_s + 2
        silent += [LinkLost(at(lost_s)), LinkRegained(at(regained_s)), MotionSummary(at(regained_s + 1), 1000, 5)]
    for heard in (HeartSample(at(1000), 600), BeatInterval(at(1000), 900)):
        (event,) = account(*silent, heard, LinkLost(at(7000)), LinkRegained(at(7010))).events[:-1]
        assert (event.kind, event.from_s, event.to_s) == (AccountKind.LINK_LOST, 600, 1000)
    (event,) = account(*silent).events
    assert (event.from_s, event.to_s) == (600, None)
    (event,) = account(GOOD, LinkLost(at(600)), LinkRegained(at(610))).events
    assert (event.from_s, event.to_s) == (600, 610)


@pytest.mark.parametrize("quality", [one for one in Quality if one not in (Quality.GOOD, Quality.LINK_LOST)])
def test_every_poor_quality_is_told_from_when_to_when(quality: Quality) -> None:
    """Unless it was shorter than half a minute: then it only counts as blind."""
    (line,) = told(GOOD, note(600, quality), note(1860, Quality.GOOD, quality))
    assert "from 01:10 to 01:31" in line
    assert told(GOOD, note(600, quality), note(625, Quality.GOOD, quality)) == []
    (line,) = told(GOOD, note(600, quality))
    assert "from 01:10 until the night ended" in line


def test_a_night_that_never_heard_anything_says_so() -> None:
    """From lights-out on."""
    (line,) = told()
    assert line.startswith("No heart rate had come from 01:00 until the night ended. ")


def test_many_of_a_kind_are_told_together() -> None:
    """Three and more in one sentence, two each in its own."""
    events: list[Input | NightOutput] = [GOOD]
    for number in range(12):
        events += [note(600 + 300 * number, Quality.STALE), note(630 + 300 * number, Quality.GOOD, Quality.STALE)]
    (line,) = told(*events)
    assert line.startswith("There was no heart rate 12 times between 01:10 and 02:05, 6 min in all. ")
    assert len(told(*events[:5])) == 2


def test_what_an_output_said_is_shown() -> None:
    """One output apart from the other; of several times, what it said last."""
    lines = told(
        GOOD,
        OutputProbed(at(-60), Output.SOUND, ok=False, why="the speaker is another one than was tried"),
        OutputProbed(at(-50), Output.VIBRATION, ok=True),
        OutputFailed(at(600), 1, Output.LIGHT, "the lamp did not confirm that it is off"),
    )
    assert lines[0].startswith("The sound was not ready at 00:59: the speaker is another one than was tried. ")
    assert lines[1].startswith("The light did not do as asked at 01:10: the lamp did not confirm that it is off. ")
    assert len(lines) == 2


def test_an_output_that_was_out_of_reach_is_told_until_it_was_found() -> None:
    """Not as one that failed; a probe that finds what was not lost says nothing."""
    failed = OutputFailed(at(600), 1, Output.VIBRATION, "the watch is out of reach", unreached=True)
    found = OutputProbed(at(780), Output.VIBRATION, ok=True)
    (line,) = told(GOOD, found, failed, failed, found, found)
    assert line.startswith(
        "The vibration was out of reach from 01:10 to 01:13, when a nudge was due. That nudge counted"
    )
    (line,) = told(GOOD, failed)
    assert line.startswith("The vibration was out of reach from 01:10 until the night ended, when a nudge was due. ")


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("", "it gave no answer that could be understood"),
        ("OSError: [Errno 5]", "it gave no answer that could be understood"),
        ("it was away.", "it was away"),
        ("it was away. It came back", "it was away; It came back"),
        ("two\nlines\x1b[31m", "two lines[31m"),
        ("x" * 999, "x" * 160),
    ],
)
def test_what_an_output_said_is_made_fit_to_read(why: str, said: str) -> None:
    """It may come from a device that anybody could have named."""
    (line,) = told(GOOD, OutputFailed(at(600), 1, Output.LIGHT, why))
    assert f"at 01:10: {said}. " in line


def test_a_stop_lasts_until_it_is_released_or_over() -> None:
    """By its own end, by hand, or with the night; a second stop makes it longer and never shorter."""

    def stopped(*events: Input) -> str:
        (line,) = told(GOOD, *events)
        return line.split(", as you asked")[0]

    assert stopped(Held(at(600), at(4200))) == "Stopped from 01:10 to 02:10"
    assert stopped(Marked(at(600), Mark.STOP)) == "Stopped from 01:10 until the night ended"
    assert stopped(Held(at(600)), Released(at(1200))) == "Stopped from 01:10 to 01:20"
    assert stopped(Held(at(600), at(4200)), Held(at(900), at(1200))) == "Stopped from 01:10 to 02:10"
    assert stopped(Held(at(600), at(4200)), Held(at(900))) == "Stopped from 01:10 until the night ended"
    assert stopped(Held(at(600)), Held(at(900), at(1200))) == "Stopped from 01:10 until the night ended"
    assert stopped(Held(at(600), at(1200)), Released(at(1800))) == "Stopped from 01:10 to 01:20"
    assert stopped(Held(at(600), at(9 * HOUR_S))) == "Stopped from 01:10 until the night ended"
    twice = told(GOOD, Held(at(600), at(1200)), Held(at(1800), at(2400)))
    assert [line.split(",")[0] for line in twice] == ["Stopped from 01:10 to 01:20", "Stopped from 01:30 to 01:40"]
    assert told(GOOD, Released(at(600)), Marked(at(700), Mark.AWAKE), Marked(at(800), Mark.BAD_DREAM)) == []


@pytest.mark.parametrize("kind", [TroubleKind.DISK_LOW, TroubleKind.DISK_FULL, TroubleKind.COMPUTER_BATTERY])
def test_a_trouble_that_lasts_is_told_until_it_was_over(kind: TroubleKind) -> None:
    """Said again while it lasts it is one; over without a beginning it is none."""
    begun = (GOOD, Trouble(at(600), kind, 12), Trouble(at(700), kind, 11))
    (line,) = told(*begun, Trouble(at(1200), kind, over=True))
    assert "from 01:10 to 01:20" in line
    (line,) = told(*begun)
    assert "from 01:10 until the night ended" in line
    assert told(GOOD, Trouble(at(1200), kind, over=True)) == []


def test_numbers_of_troubles_carry_their_unit() -> None:
    """Megabytes, percent, a count."""
    lines = told(
        GOOD,
        Trouble(at(600), TroubleKind.DISK_LOW, 180),
        Trouble(at(700), TroubleKind.COMPUTER_BATTERY, 12),
        Trouble(at(800), TroubleKind.HOUSE_DOWN, 5),
    )
    assert "(180 MB left)" in lines[0]
    assert "(12 %)" in lines[1]
    assert "I had to restart 5 times within ten minutes" in lines[2]


def test_a_low_band_is_told_once_with_its_least_charge() -> None:
    """From fifteen percent on (reliability F23)."""
    (line,) = told(GOOD, Battery(at(600), 16), Battery(at(1200), 15), Battery(at(1800), 9), Battery(at(2400), 11))
    assert line.startswith("The battery of what you wear was low from 01:20 until the night ended (9 % at the least). ")
    assert told(GOOD, Battery(at(600), 16)) == []


@pytest.mark.parametrize("code", OF_REASON)
def test_reasons_that_no_input_says_are_told_from_the_decisions(code: ReasonCode) -> None:
    """From the decision that gives it to the next that does not."""
    decisions = (decision(600, code), decision(630, code, ReasonCode.EVIDENCE), decision(1200, ReasonCode.QUIET))
    (line,) = told(GOOD, *decisions)
    assert "from 01:10 to 01:20" in line
    (line,) = told(GOOD, *decisions[:2])
    assert "from 01:10 until the night ended" in line


# -- why it was blind ----------------------------------------------------------------------------------------------


def causes(it: Account) -> dict[str, int]:
    assert sum(seconds for _, seconds in it.blind) == it.blind_s
    return {cause.value: seconds for cause, seconds in it.blind}


def test_blind_seconds_are_those_of_the_signal_and_of_warming_up() -> None:
    """A minute without heart rate, and what it took to be sure again."""
    it = account(
        GOOD,
        note(600, Quality.STALE),
        note(660, Quality.GOOD, Quality.STALE),
        blind={**dict.fromkeys(range(10), EPOCH_S), 19: STEP_S, **dict.fromkeys(range(20, 32), EPOCH_S)},
    )
    # The step at whose end the signal was found to be stale belongs to it, and so on to the last before it was good.
    assert causes(it) == {"stale": 60, "warming_up": 10 * EPOCH_S + 5 + 12 * EPOCH_S - 60}


def test_time_in_which_nothing_ran_is_told_apart() -> None:
    """It goes before what the signal says of the same seconds."""
    it = account(
        GOOD,
        HeartSample(at(600), 600),
        note(615, Quality.STALE),
        Restarted(at(660), "this boot"),
        note(675, Quality.GOOD, Quality.STALE),
        blind={20: 30, 21: 30, 22: 30, 23: 30},
    )
    assert causes(it) == {"restarted": 60, "stale": 10, "warming_up": 50}


def test_a_part_that_stood_still_is_a_cause() -> None:
    """Also where its epochs would have been watched: the account of the night decides how much there is."""
    scored = epochs()
    closed = NightClosed(at(HOURS * HOUR_S), BEGAN_NS, HOURS * HOUR_S - 600, 600, 0, ())
    events: list[Input | NightOutput] = [GOOD, *scored, decision(6605, ReasonCode.ENGINE_FAILED)]
    it = account_of(sorted(events, key=lambda one: one.at_ns), closed)
    assert causes(it) == {"engine_failed": 600}


def test_what_was_not_kept_has_no_cause() -> None:
    """Damaged minutes are left out; what was blind in them is told as such, and the rest was warming up."""
    closed = NightClosed(at(HOURS * HOUR_S), BEGAN_NS, HOURS * HOUR_S - 900, 900, 0, ())
    kept = [one for one in epochs() if not 20 <= one.index < 30]
    assert dict(blind_seconds(closed, kept, ())) == {BlindCause.NOT_KEPT: 300, BlindCause.WARMING_UP: 600}


@st.composite
def _spans(draw: st.DrawFn) -> tuple[int, int, BlindCause]:
    begin = draw(st.integers(-100, HOURS * HOUR_S + 100))
    return at(begin), at(begin + draw(st.integers(-10, 4000))), draw(st.sampled_from(BlindCause))


@given(
    st.lists(_spans(), max_size=12),
    st.lists(st.integers(0, HOURS * 120 - 1), max_size=200, unique=True),
    st.integers(0, HOURS * HOUR_S // STEP_S),
    st.integers(0, EPOCH_S // STEP_S),
)
def test_causes_add_up_exactly_whatever_is_known(
    spans: list[tuple[int, int, BlindCause]], kept: list[int], blind: int, each: int
) -> None:
    """Epochs missing, spans that overlap, an account that says more or less: every blind second has one cause."""
    closed = NightClosed(at(HOURS * HOUR_S), BEGAN_NS, 0, blind * STEP_S, 0, ())
    scored = [epochs({index: each * STEP_S})[index] for index in sorted(kept)[:20]]
    found = blind_seconds(closed, scored, spans)
    assert sum(seconds for _, seconds in found) == blind * STEP_S
    assert all(seconds > 0 for _, seconds in found)
    assert len({cause for cause, _ in found}) == len(found)


@given(
    st.lists(st.tuples(st.sampled_from(BlindCause), st.integers(1, 4000)), max_size=13, unique_by=lambda row: row[0])
)
def test_the_minutes_shown_add_up(blind: Sequence[tuple[BlindCause, int]]) -> None:
    """Rounded so that nobody who adds them finds one too few."""
    total = sum(seconds for _, seconds in blind)
    words = blind_words(Account(7 * HOUR_S, total, tuple(blind), ()))
    shown = re.search(r", (?:(\d+) h )?(\d+) min without good signal: (.*)\. In that time", words)
    if shown is None:
        assert total < 60
        return
    parts = re.findall(r"(?:^|, )(?:(\d+) h )?(\d+) min", shown[3])
    assert sum(int(h or 0) * 60 + int(m) for h, m in parts) == int(shown[1] or 0) * 60 + int(shown[2])


def test_a_whole_night_and_none_are_told_in_short() -> None:
    """No list of causes where there is nothing to explain."""
    assert blind_words(Account(7 * HOUR_S, 0, (), ())) == "Watched 7 h 00 min, the whole night."
    assert blind_words(Account(0, 30, ((BlindCause.NEVER, 30),), ())) == "Too short to watch anything."


@pytest.mark.parametrize(
    ("seconds", "words"), [(6, "6 s"), (0.4, "0 s"), (180, "3 min"), (3600, "1 h"), (4800, "1 h 20 min")]
)
def test_lengths_are_short(seconds: float, words: str) -> None:
    """Seconds below a minute, no empty minutes after a whole hour."""
    assert lasted(seconds) == words


def test_the_account_as_json_holds_what_the_words_say() -> None:
    """Field by field, and the sentences."""
    it = account(GOOD, LinkLost(at(600)), blind={20: 30})
    plain: dict[str, Any] = account_json(it, clock)
    assert plain["blind_s"] == sum(plain["blind_by"].values()) == 30
    assert plain["events"] == [
        {"kind": "link_lost", "from_s": 600.0, "to_s": None, "number": 0, "about": "", "why": ""}
    ]
    assert plain["in_words"] == [blind_words(it), *account_sentences(it, clock)]


def test_an_account_is_made_of_what_was_heard_before_lights_out_too() -> None:
    """An output that was tried at bedtime; time before lights-out is told as before it."""
    maker = AccountMaker(BEGAN_NS)
    maker.add(OutputProbed(at(-90), Output.VIBRATION, ok=False, why="it is away"))
    built = maker.build(NightClosed(at(0), BEGAN_NS, 0, 0, 0, ()))
    assert [(event.kind, event.from_s) for event in built.events] == [(AccountKind.OUTPUT_NOT_READY, -90.0)]


def test_a_wearable_that_was_never_lost_is_not_told_as_regained() -> None:
    """A connection that is told again is no event."""
    assert account(LinkRegained(at(600)), HeartSample(at(601), 600)).events == account().events
