"""Devices on pages: what is there, pairing without a radio, forgetting, and a nudge tried step by step."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.fake_radio import BUZZER, H10, STRAP, WATCH, Advertised, FakeRadio
from tests.web.visitor import Now, Visitor, rooms_in, text_of
from vigil.app import try_sitting
from vigil.app.arming import HOLD_NAME
from vigil.app.home import Shelf
from vigil.app.outputs import Lamp as AnyLamp
from vigil.app.outputs import OutputChoices
from vigil.app.pairing import Near
from vigil.app.wearables_file import Paired, Role, Wearables, read_wearables, wearables_path, write_wearables
from vigil.app.wiring import writing
from vigil.devices.packets.contract import Heard
from vigil.domain.permits import Permit
from vigil.domain.requests import Output, Purpose
from vigil.domain.samples import Battery, Contact, HeartSample
from vigil.domain.steps import LADDERS, Step
from vigil.run.ports import Nudger, WallClock
from vigil.store.database import Database
from vigil.store.hold import Hold, write_hold
from vigil.web import nudge_tries
from vigil.web.nudge_tries import NudgeTries
from vigil.web.pages import devices, nudge
from vigil.web.pairing_runs import Pairings
from vigil.web.rooms import Rooms

HOSTILE = "<script>alert(1)</script>\u202eX"


@pytest.fixture
def radio(monkeypatch: pytest.MonkeyPatch) -> FakeRadio:
    """A strap and a watch are near."""
    one = FakeRadio()
    monkeypatch.setattr(devices, "PAIRINGS", Pairings(lambda: one))
    return one


def looked(visitor: Visitor) -> str:
    assert visitor.post("/devices/pair/look").headers["location"] == "/devices/pair"
    devices.PAIRINGS.wait()
    return text_of(visitor.get("/devices/pair"))


def listened(visitor: Visitor, address: str, **form: str) -> str:
    visitor.post("/devices/pair/choose", {"address": address})
    assert visitor.post("/devices/pair/listen", form).status_code == 303
    devices.PAIRINGS.wait()
    return text_of(visitor.get("/devices/pair"))


# -- what is there -----------------------------------------------------------------------------------------------------


def test_a_house_without_anything_says_what_to_do(sleeper: Visitor) -> None:
    page = sleeper.get("/devices")
    assert "No wearable is paired." in text_of(page)
    assert 'href="/devices/pair"' in page.text
    assert "vigil pair" not in text_of(page)


def test_what_is_paired_and_set_up_is_said_and_nothing_secret(rooms: Rooms, sleeper: Visitor) -> None:
    write_wearables(rooms.home, Wearables(STRAP, replace(BUZZER, name="<b>Ana's")))
    rooms.home.settings_file.write_text(
        'outputs = ["vibration", "light"]\n[light]\nkind = "home_assistant"\nurl = "http://127.0.0.1:1"\n'
        'token = "secret-token"\nentity = "light.bed"\n'
    )
    page = sleeper.get("/devices")
    told = text_of(page)
    assert "Polar H10 1234ABCD" in told
    assert "<b>Ana" not in page.text
    assert "By Home Assistant: light.bed." in told
    assert "until it is said that nobody else is woken" in told
    assert "secret-token" not in page.text
    assert "No loudspeaker is chosen." in told


def test_a_family_that_nothing_knows_any_more_is_said(rooms: Rooms, sleeper: Visitor) -> None:
    write_wearables(rooms.home, Wearables(Paired("gone-band", "B0:01", "Gone", frozenset({Role.SENSOR}))))
    assert "Its family gone-band is not installed, so it cannot be used." in text_of(sleeper.get("/devices"))


def test_a_file_that_cannot_be_read_can_be_forgotten(rooms: Rooms, sleeper: Visitor) -> None:
    wearables_path(rooms.home).write_text("[[wearable")
    assert "is damaged and cannot be read" in text_of(sleeper.get("/devices"))
    assert "was moved to" in text_of(sleeper.post("/devices/forget", {"all": "1"}))
    assert "No wearable is paired." in text_of(sleeper.get("/devices"))


def test_forgetting_one_and_all(rooms: Rooms, sleeper: Visitor) -> None:
    write_wearables(rooms.home, Wearables(STRAP, BUZZER))
    refused = sleeper.post("/devices/forget", {"address": H10})
    assert refused.status_code == 409
    assert "would be left without one" in text_of(refused)
    assert "Forgotten: Bangle.js 5678." in text_of(sleeper.post("/devices/forget", {"address": WATCH}))
    assert read_wearables(rooms.home) == Wearables(STRAP)
    for form in ({}, {"address": ""}, {"address": "../x"}):
        assert sleeper.post("/devices/forget", form).status_code == 409
    assert read_wearables(rooms.home) == Wearables(STRAP)
    sleeper.post("/devices/forget", {"all": "1"})
    assert read_wearables(rooms.home) == Wearables()


# -- pairing -----------------------------------------------------------------------------------------------------------


def test_look_choose_listen_remember(radio: FakeRadio, rooms: Rooms, sleeper: Visitor) -> None:
    """The strongest first; a heart rate is shown before anything is kept."""
    told = looked(sleeper)
    assert told.index("Polar H10 1234ABCD") < told.index("Bangle.js 5678")
    assert "Polar H10; signal strong" in told
    told = listened(sleeper, H10, name="My strap")
    assert "Heart rate: 61, 62, 63, 64, 65." in told
    assert not wearables_path(rooms.home).exists()
    answer = sleeper.post("/devices/pair/keep")
    assert answer.headers["location"] == "/devices?paired=1"
    assert read_wearables(rooms.home) == Wearables(replace(STRAP, name="My strap"))
    assert "Paired." in text_of(sleeper.get("/devices?paired=1"))
    assert "Listen around" in text_of(sleeper.get("/devices/pair"))


def test_while_it_listens_the_page_waits_and_a_second_look_is_refused(
    radio: FakeRadio, sleeper: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, scan = threading.Event(), radio.scan

    def slow(seconds: float) -> Any:
        assert gate.wait(30)
        return scan(seconds)

    monkeypatch.setattr(radio, "scan", slow)
    sleeper.post("/devices/pair/look")
    page = sleeper.get("/devices/pair")
    assert 'data-again="/devices/pair/far"' in page.text
    assert sleeper.get("/devices/pair/far").json() == {"over": False}
    second = sleeper.post("/devices/pair/look")
    assert (second.status_code, "looking for wearables already" in text_of(second)) == (503, True)
    gate.set()
    devices.PAIRINGS.wait()
    assert sleeper.get("/devices/pair/far").json() == {"over": True}


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        (HOSTILE, "<script>alert(1)</script>?X"),
        ("", "Polar H10 1234ABCD"),
        ("   ", "Polar H10 1234ABCD"),
        ("x" * 500, "x" * 60),
        ("a\nb\tc\x1b[2J", "a b?c?[2J"),
    ],
)
def test_names_are_text(name: str, kept: str, radio: FakeRadio, rooms: Rooms, sleeper: Visitor) -> None:
    radio.room = (Advertised(H10, STRAP.name), Advertised(WATCH, "Bangle.js " + HOSTILE))
    looked(sleeper)
    for path in ("/devices/pair",):
        assert "<script>alert" not in sleeper.get(path).text
    listened(sleeper, H10, name=name)
    assert "<script>alert" not in sleeper.get("/devices/pair").text
    sleeper.post("/devices/pair/keep")
    sensor = read_wearables(rooms.home).sensor
    assert sensor is not None
    assert sensor.name == kept
    assert "<script>alert" not in sleeper.get("/devices").text


def test_one_that_can_do_both_is_asked_about(radio: FakeRadio, rooms: Rooms, sleeper: Visitor) -> None:
    radio.says = (Contact(1, False), Battery(2, 80), *radio.says)
    looked(sleeper)
    sleeper.post("/devices/pair/choose", {"address": WATCH})
    assert "What is it for?" in text_of(sleeper.get("/devices/pair"))
    told = listened(sleeper, WATCH, use="sensor")
    assert "It says that it is not worn." in told
    assert "Its battery is at 80 %." in told
    sleeper.post("/devices/pair/keep")
    assert read_wearables(rooms.home) == Wearables(replace(BUZZER, roles=frozenset({Role.SENSOR})))


def test_whose_place_it_takes_is_said_before(radio: FakeRadio, rooms: Rooms, sleeper: Visitor) -> None:
    old = Paired("polar-oh1", "B0:00:00:00:00:09", "Polar OH1 1", frozenset({Role.SENSOR}))
    write_wearables(rooms.home, Wearables(old, BUZZER))
    looked(sleeper)
    assert "It takes the place of Polar OH1 1 (sensor)." in listened(sleeper, H10)
    assert read_wearables(rooms.home) == Wearables(old, BUZZER)
    sleeper.post("/devices/pair/keep")
    assert read_wearables(rooms.home) == Wearables(STRAP, BUZZER)


def test_nothing_vibrates_without_a_sensor(radio: FakeRadio, sleeper: Visitor) -> None:
    looked(sleeper)
    sleeper.post("/devices/pair/choose", {"address": WATCH})
    answer = sleeper.post("/devices/pair/listen", {"use": "vibration"})
    assert answer.status_code == 409
    assert "Pair the sensor first" in text_of(answer)
    assert radio.connected == []


@pytest.mark.parametrize("says", [(), (Contact(1, False),), (HeartSample(1, 0),)])
def test_without_a_heart_rate_it_is_only_kept_when_asked(
    says: tuple[Heard, ...], radio: FakeRadio, rooms: Rooms, sleeper: Visitor
) -> None:
    radio.says = says
    looked(sleeper)
    assert "No heart rate came." in listened(sleeper, H10)
    assert sleeper.post("/devices/pair/keep").status_code == 409
    assert not wearables_path(rooms.home).exists()
    sleeper.post("/devices/pair/keep", {"untested": "1"})
    assert read_wearables(rooms.home) == Wearables(STRAP)


def test_one_that_refuses_is_said(radio: FakeRadio, sleeper: Visitor) -> None:
    radio.refuses = "it is out of reach now"
    looked(sleeper)
    assert "It did not work: it is out of reach now. Come closer" in listened(sleeper, H10)


def test_a_watch_with_another_app_is_taken_for_what_it_runs(radio: FakeRadio, sleeper: Visitor) -> None:
    radio.really = {WATCH: "openseizuredetector"}
    looked(sleeper)
    told = listened(sleeper, WATCH)
    assert "It is taken for that." in told
    assert "What is it for?" not in told


def test_a_computer_without_bluetooth_says_so(radio: FakeRadio, sleeper: Visitor) -> None:
    radio.off = "no Bluetooth adapter was found"
    told = looked(sleeper)
    assert "Nothing could be listened for: no Bluetooth adapter was found." in told
    assert "plug in a Bluetooth adapter" in told


def test_what_breaks_is_said_without_its_words(
    radio: FakeRadio, sleeper: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_seconds: float) -> Any:
        message = "secret words"
        raise RuntimeError(message)

    monkeypatch.setattr(radio, "scan", broken)
    told = looked(sleeper)
    assert "something in Vigil broke (RuntimeError)" in told
    assert "secret words" not in told
    monkeypatch.undo()


def test_nobody_near_says_what_to_try(radio: FakeRadio, sleeper: Visitor) -> None:
    radio.room = (Advertised("C0:00", "Somebody's keyboard", services=frozenset()),)
    told = looked(sleeper)
    assert "Nothing that Vigil knows was heard." in told
    assert "not known to Vigil: 1 device." in told


def test_while_a_night_is_watched_nothing_is_paired_or_forgotten(
    radio: FakeRadio, rooms: Rooms, sleeper: Visitor
) -> None:
    write_wearables(rooms.home, Wearables(STRAP))
    with writing(rooms.home, Shelf.OWN):
        for path, form in (("/devices/pair/look", {}), ("/devices/forget", {"all": "1"}), ("/devices/nudge/begin", {})):
            answer = sleeper.post(path, form)
            assert answer.status_code == 503
            assert "night is being watched" in text_of(answer)
    assert read_wearables(rooms.home) == Wearables(STRAP)


@pytest.mark.parametrize("path", ["/devices/pair/choose", "/devices/pair/listen", "/devices/pair/keep"])
def test_steps_out_of_turn_change_nothing(path: str, radio: FakeRadio, rooms: Rooms, sleeper: Visitor) -> None:
    """A second tab, or the back button."""
    answer = sleeper.post(path, {"address": H10, "untested": "1"})
    assert answer.status_code == 409
    assert not wearables_path(rooms.home).exists()


def test_what_is_heard_after_leaving_changes_nothing(
    radio: FakeRadio, sleeper: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever left while it listened is not brought back to it."""
    gate, begun = threading.Event(), threading.Event()

    def slow(_near: Near, _seconds: float, hear: Callable[[Heard], bool]) -> None:
        begun.set()
        assert gate.wait(30)
        hear(HeartSample(1, 600))

    looked(sleeper)
    monkeypatch.setattr(radio, "listen", slow)
    sleeper.post("/devices/pair/choose", {"address": H10})
    sleeper.post("/devices/pair/listen")
    assert begun.wait(30)
    thread = devices.PAIRINGS._thread
    assert thread is not None
    sleeper.post("/devices/pair/leave")
    gate.set()
    thread.join(30)
    assert "Listen around" in text_of(sleeper.get("/devices/pair"))


@pytest.mark.parametrize(
    "path",
    ["/devices/pair/look", "/devices/pair/listen", "/devices/pair/keep", "/devices/forget", "/devices/nudge/begin"],
)
def test_for_an_invented_sleeper_no_radio_is_touched(path: str, radio: FakeRadio, tmp_path: Path, now: Now) -> None:
    visitor = Visitor.inside(rooms_in(tmp_path, now, Shelf.DEMO))
    answer = visitor.post(path, {"all": "1"})
    assert answer.status_code == 409
    assert "This sleeper is invented" in text_of(answer)
    for page in ("/devices", "/devices/pair", "/devices/nudge"):
        assert "This sleeper is invented" in text_of(visitor.get(page))
        assert "No wearable is paired." not in text_of(visitor.get(page))  # which is no trouble of an invented one


# -- a nudge tried -----------------------------------------------------------------------------------------------------


class BedLamp:
    """A lamp that remembers."""

    output = Output.LIGHT
    name = "the lamp"

    def __init__(self) -> None:
        self.why = ""
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
def lamp(monkeypatch: pytest.MonkeyPatch) -> Iterator[BedLamp]:
    """One lamp is set up; its steps and the pauses between them are short."""
    one = BedLamp()
    found: dict[Output, Nudger] = {Output.LIGHT: one}
    steps = (Step(1, 1, 1, 0, 5), Step(2, 1, 1, 0, 10), Step(3, 1, 1, 0, 20))
    monkeypatch.setattr(try_sitting, "nudgers_of", lambda _choices, _folder: found)
    monkeypatch.setattr(try_sitting, "read_choices", lambda _path: OutputChoices(lamp=AnyLamp("hue", None)))
    monkeypatch.setitem(LADDERS, Output.LIGHT, steps)
    monkeypatch.setattr(try_sitting, "PAUSE_S", 0.25)
    monkeypatch.setattr(try_sitting, "WallClock", lambda: WallClock(speed=10.0))
    tries = NudgeTries()
    monkeypatch.setattr(nudge, "TRIES", tries)
    yield one
    tries.end()


def settled() -> None:
    """Wait until the sitting does nothing."""
    pause = threading.Event()
    for _ in range(3000):
        if not nudge.TRIES.standing.busy:
            return
        pause.wait(0.01)
    pytest.fail("the sitting goes on and on")


def begun(visitor: Visitor) -> str:
    assert visitor.post("/devices/nudge/begin").status_code == 303
    settled()
    return text_of(visitor.get("/devices/nudge"))


def given(visitor: Visitor, level: int) -> str:
    assert visitor.post("/devices/nudge/step", {"output": "light", "level": str(level)}).status_code == 303
    settled()
    return text_of(visitor.get("/devices/nudge"))


def test_each_step_is_asked_for_from_the_lowest_up(lamp: BedLamp, rooms: Rooms, sleeper: Visitor) -> None:
    """As tests in the ledger, which take nothing from the night; what may follow is words that lead to settings."""
    assert "Give step 1 of 3" in begun(sleeper)
    assert lamp.levels == [], "nothing is given until it is asked for"
    told = given(sleeper, 1)
    assert "step 1 of 3, was given." in told
    assert "Too strong?" in told
    assert 'href="/settings"' in sleeper.get("/devices/nudge").text
    assert "Give step 2 of 3" in told
    given(sleeper, 2)
    assert "That was the highest step you allow." in given(sleeper, 3)
    assert lamp.levels == [1, 2, 3]
    sleeper.post("/devices/nudge/end")
    with Database.open(rooms.home.database(Shelf.OWN)) as database:
        rows = list(database.rows("SELECT purpose, level, outcome FROM ledger ORDER BY number"))
    assert [tuple(row) for row in rows] == [(Purpose.TEST.value, level, "over") for level in (1, 2, 3)]
    assert read_settings_bytes(rooms) == b"", "no setting is changed by trying"


def read_settings_bytes(rooms: Rooms) -> bytes:
    return rooms.home.settings_file.read_bytes() if rooms.home.settings_file.exists() else b""


@pytest.mark.parametrize("form", [{"output": "light", "level": "2"}, {"output": "sound", "level": "1"}, {}])
def test_no_step_can_be_skipped_or_made_up(form: dict[str, str], lamp: BedLamp, sleeper: Visitor) -> None:
    begun(sleeper)
    assert sleeper.post("/devices/nudge/step", form).status_code == 409
    assert lamp.levels == []


def test_without_a_sitting_nothing_is_given(lamp: BedLamp, sleeper: Visitor) -> None:
    assert sleeper.post("/devices/nudge/step", {"output": "light", "level": "1"}).status_code == 409
    begun(sleeper)
    sleeper.post("/devices/nudge/end")
    assert sleeper.post("/devices/nudge/step", {"output": "light", "level": "1"}).status_code == 409
    assert lamp.levels == []


def test_one_sitting_at_a_time(lamp: BedLamp, sleeper: Visitor) -> None:
    begun(sleeper)
    assert sleeper.post("/devices/nudge/begin").status_code == 503


def test_nobody_who_goes_on_lets_the_night_begin(
    lamp: BedLamp, rooms: Rooms, sleeper: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A phone that was put away does not hold the store."""
    monkeypatch.setattr(nudge_tries, "IDLE_S", 0.05)
    sleeper.post("/devices/nudge/begin")
    nudge.TRIES.wait()
    with writing(rooms.home, Shelf.OWN):
        pass
    assert "Begin with the softest" in text_of(sleeper.get("/devices/nudge"))


def test_while_a_stop_stands_nothing_is_given(lamp: BedLamp, rooms: Rooms, sleeper: Visitor) -> None:
    folder = rooms.home.shelf(Shelf.OWN)
    folder.mkdir(parents=True, exist_ok=True)
    write_hold(folder / HOLD_NAME, Hold(None, 1))
    begun(sleeper)
    assert "Step 1 was not given." in given(sleeper, 1)
    assert lamp.levels == []


def test_an_output_that_is_not_there_is_said(lamp: BedLamp, sleeper: Visitor) -> None:
    lamp.why = "the lamp cannot be reached"
    told = begun(sleeper)
    assert "Not now: the lamp cannot be reached." in told
    assert "Give step" not in told


def test_what_breaks_ends_it_and_is_said(lamp: BedLamp, sleeper: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Any:
        message = "secret words"
        raise RuntimeError(message)

    monkeypatch.setattr(nudge_tries, "trying", broken)
    sleeper.post("/devices/nudge/begin")
    nudge.TRIES.wait()
    told = text_of(sleeper.get("/devices/nudge"))
    assert "something in Vigil broke (RuntimeError)" in told
    assert "secret words" not in told


def test_looking_at_the_page_changes_nothing(rooms: Rooms, sleeper: Visitor, tmp_path: Path) -> None:
    rooms.home.settings_file.write_text(
        '[light]\nkind = "home_assistant"\nurl = "http://127.0.0.1:1"\ntoken = "t"\nentity = "light.bed"\n'
    )
    before = sorted(path.name for path in tmp_path.rglob("*"))
    for path in ("/devices", "/devices/pair", "/devices/nudge"):
        assert sleeper.get(path).status_code == 200
    assert sorted(path.name for path in tmp_path.rglob("*")) == before
