"""Bedtime and help: a line each, what to do, what is planned and what the evening held; whom to call, come what may."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fake_radio import Advertised, FakeRadio
from tests.web.test_tonight import told
from tests.web.visitor import Now, Visitor, rooms_in, text_of
from vigil.app import bedside_tried
from vigil.app.finding import Finding, State
from vigil.app.home import Shelf
from vigil.app.real_outputs import outputs_lock
from vigil.app.wearables_file import Paired, Role, Wearables, write_wearables
from vigil.app.wiring import BEGUN_LOCK, LOCK_NAME
from vigil.devices.ble_link import Seen
from vigil.domain.requests import Output
from vigil.domain.samples import Battery
from vigil.interview.crisis import help_for
from vigil.interview.crisis_rows import COUNTRIES
from vigil.store.live_state import LIVE_NAME, write
from vigil.store.lock import StoreLock
from vigil.web.rooms import Rooms
from vigil.web.views.help import help_seen, numbers

STRAP = Paired("polar-h10", "A0:9E:1A:00:00:01", "Polar H10 <b>", frozenset({Role.SENSOR}))
WATCH = Paired("banglejs", "D3:12:00:00:00:02", "Bangle", frozenset({Role.VIBRATION}))


@pytest.fixture(autouse=True)
def _no_radio_and_no_bus(monkeypatch: pytest.MonkeyPatch) -> None:
    """What this computer has of Bluetooth and of locks against sleep is none of these tests' business."""
    monkeypatch.setattr("vigil.app.doctor.bluetooth", lambda _home: iter([Finding("Bluetooth", State.OK, "hci0")]))
    monkeypatch.setattr("vigil.app.doctor.awake", lambda _home: iter([Finding("staying awake", State.OK, "it does")]))


def shown(sleeper: Visitor) -> str:
    return text_of(sleeper.get("/bedtime"))


def test_a_fresh_home(sleeper: Visitor, rooms: Rooms) -> None:
    said = shown(sleeper)
    assert "No wearable is paired" in said
    assert "To do: pair one, by day." in said
    assert re.search(r"\d GB free\. ", said)
    assert str(rooms.home.data) not in said
    assert "vigil pair" not in said
    assert f"November, {rooms.now():%H:%M}. " in said  # as the browser's language has it
    for name in ("Wearable", "What may nudge you", "Disk", "Power", "Clock", "Trusted person"):
        assert name in said
    assert "Tonight" in said
    assert not rooms.home.database(rooms.shelf).exists()  # to look makes nothing


def test_with_a_strap_and_a_watch(sleeper: Visitor, rooms: Rooms, now: Now) -> None:
    write_wearables(rooms.home, Wearables(STRAP, WATCH))
    assert "Polar H10 <b>" in shown(sleeper)
    assert "<b>" not in sleeper.get("/bedtime").text
    assert "A buzz of Bangle." in shown(sleeper)
    folder = rooms.home.shelf(rooms.shelf)
    with StoreLock.acquire(folder / LOCK_NAME, "22:41"):
        write(folder / LIVE_NAME, told(now, battery_percent=15))
        assert "battery 15 %" in shown(sleeper)
        assert "Charge it" in shown(sleeper) or "charge it" in shown(sleeper)
        assert "nothing was tried" in text_of(sleeper.post("/bedtime/try"))


class Room(FakeRadio):
    """A room in which somebody may listen; how often that was done."""

    scans = 0

    def scan(self, seconds: float) -> list[Seen]:
        self.scans += 1
        return super().scan(seconds)


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Room:
    found = Room(says=(Battery(1, 63),))
    monkeypatch.setattr(bedside_tried, "OwnRadio", lambda: found)
    return found


@dataclass
class Spoken:
    """An output that is only ever asked: to begin anything would break."""

    output: Output
    why: str = ""
    name: str = "the lamp of the test"
    closed: int = 0

    async def probe(self) -> str:
        return self.why

    async def off(self) -> None:
        """It is off."""

    async def close(self) -> None:
        self.closed += 1


def tried(sleeper: Visitor) -> str:
    return text_of(sleeper.post("/bedtime/try"))


def keep(rooms: Rooms, settings: str) -> None:
    rooms.home.config.mkdir(parents=True, exist_ok=True)
    rooms.home.settings_file.write_text(settings)


LAMP = """
outputs = ["vibration", "sound", "light"]
room = "alone"
[light]
kind = "home_assistant"
url = "http://127.0.0.1:9"
token = "t"
entity = "light.bed"
"""


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, "Polar H10 <b> is heard, battery 63 %."),
        ({"says": (Battery(1, 12),)}, "battery 12 %. To do: charge it"),
        ({"says": ()}, "Polar H10 <b> is heard."),
        ({"room": ()}, "was not heard within 5 seconds."),
        ({"off": "Bluetooth is off"}, "Bluetooth is off."),
        ({"refuses": "a phone has it"}, "is heard, and could not be connected: a phone has it."),
    ],
    ids=str,
)
def test_the_wearable_is_listened_for_only_when_asked(
    sleeper: Visitor, rooms: Rooms, room: Room, changes: dict[str, object], says: str
) -> None:
    for name, value in changes.items():
        setattr(room, name, value)
    write_wearables(rooms.home, Wearables(STRAP))
    assert "Wearable Set up, not asked yet Polar H10 <b>." in shown(sleeper)
    assert room.scans == 0
    said = tried(sleeper)
    assert room.scans == 1
    assert says in said
    assert "Staying awake" in said
    assert said.count("Polar H10 <b>") <= 1  # it is not said again as it looked before


def test_one_that_another_program_holds_is_left_alone(sleeper: Visitor, rooms: Rooms, room: Room) -> None:
    room.room = [Advertised(STRAP.address, None, held=True)]
    write_wearables(rooms.home, Wearables(STRAP))
    assert "is heard." in tried(sleeper)
    assert room.connected == []


@pytest.mark.parametrize("name", [LOCK_NAME, BEGUN_LOCK])
def test_a_night_that_gets_ready_keeps_its_wearable(sleeper: Visitor, rooms: Rooms, room: Room, name: str) -> None:
    """It is not told of before its wearable was waited for: letting that go would cut the night's own connection."""
    write_wearables(rooms.home, Wearables(STRAP))
    with StoreLock.acquire(rooms.home.shelf(rooms.shelf) / name, "22:00"):
        assert "busy with your nights just now, so nothing was asked." in tried(sleeper)
    assert (room.scans, room.connected) == (0, [])


@pytest.mark.parametrize(
    ("percent", "minutes", "says"),
    [
        (63, 20, "battery 63 %, told 20 minutes ago."),
        (63, 14 * 60, "battery 63 %, told 14 hours ago."),
        (63, 72 * 60, "battery 63 %, told 3 days ago."),
        (15, 14 * 60, "battery 15 %, told 14 hours ago. To do: charge it"),
    ],
)
def test_the_battery_as_it_was_told_last(
    sleeper: Visitor, rooms: Rooms, room: Room, now: Now, percent: int, minutes: int, says: str
) -> None:
    """Of the night before, with its age; a sensor that says nothing of its battery now leaves it so."""
    room.says = ()
    write_wearables(rooms.home, Wearables(STRAP))
    folder = rooms.home.shelf(rooms.shelf)
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / LIVE_NAME, told(now, battery_percent=percent, ended=True))
    now.ms += minutes * 60_000
    assert says in shown(sleeper)
    assert says in tried(sleeper)


def test_a_lamp_that_does_not_answer_is_never_called_well(sleeper: Visitor, rooms: Rooms) -> None:
    """Reliability F10: before it is asked it is set up, and after that what it said is said; with what to do."""
    keep(rooms, LAMP)
    assert "What may nudge you Set up, not asked yet A faint light. To do:" in shown(sleeper)
    said = tried(sleeper)
    assert "What may nudge you Not well No output answers, so tonight Vigil can watch and not nudge." in said
    assert "did not answer at http://127.0.0.1:9. To do: see that the lamp" in said
    assert "A faint light" not in said


def test_what_answers_is_said_to_and_nothing_is_lit(
    sleeper: Visitor, rooms: Rooms, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    lamp, speaker = Spoken(Output.LIGHT), Spoken(Output.SOUND, "the loudspeaker is muted", "the loudspeaker")
    made = {Output.LIGHT: lamp, Output.SOUND: speaker}
    monkeypatch.setattr("vigil.app.real_outputs.nudgers_of", lambda _choices, _folder: made)
    keep(rooms, LAMP + '[sound]\ndevice = "pactl:usb"\nceiling_percent = 40\n')
    write_wearables(rooms.home, Wearables(STRAP, WATCH))
    said = tried(sleeper)
    assert "Well The lamp of the test answers." in said
    assert "Worth a look The loudspeaker is muted. To do: see that the loudspeaker" in said
    assert "Well Bangle answers." in said
    assert (lamp.closed, speaker.closed) == (1, 1)
    room.room = ()
    assert "Bangle was not heard" in tried(sleeper)
    lamp.why = "the lamp has no power"
    assert "No output answers" in tried(sleeper)


def test_outputs_that_are_being_used_are_not_asked(sleeper: Visitor, rooms: Rooms) -> None:
    keep(rooms, LAMP)
    with outputs_lock(rooms.home):
        said = tried(sleeper)
    assert "used or tried just now, so they were not asked. To do: try again in a minute." in said
    assert "No output answers" not in said


def test_what_waits_for_the_room_is_not_promised(sleeper: Visitor, rooms: Rooms) -> None:
    keep(rooms, LAMP.replace('room = "alone"\n', ""))
    assert "A faint light: not used until it is said who shares the room." in shown(sleeper)
    assert "No output" not in tried(sleeper)


@pytest.mark.parametrize(
    ("outputs", "says"),
    [
        (((Output.LIGHT, True),), "Well A faint light."),
        (((Output.LIGHT, False),), "Not well No output answers"),
        (((Output.SOUND, True), (Output.LIGHT, False)), "Worth a look A soft sound; not to be used: a faint light."),
    ],
)
def test_while_a_night_is_watched_its_own_outputs_are_told(
    sleeper: Visitor, rooms: Rooms, now: Now, outputs: tuple[tuple[Output, bool], ...], says: str
) -> None:
    keep(rooms, LAMP)
    folder = rooms.home.shelf(rooms.shelf)
    with StoreLock.acquire(folder / LOCK_NAME, "22:41"):
        write(folder / LIVE_NAME, told(now, outputs=outputs))
        said = shown(sleeper)
        assert f"What may nudge you {says}" in said


def test_files_that_cannot_be_read_are_said(sleeper: Visitor, rooms: Rooms) -> None:
    rooms.home.config.mkdir(parents=True, exist_ok=True)
    (rooms.home.config / "wearables.toml").write_text("[[[")
    rooms.home.settings_file.write_text("nonsense = [")
    rooms.home.evening_file.write_text("{")
    rooms.home.database(rooms.shelf).parent.mkdir(parents=True, exist_ok=True)
    rooms.home.database(rooms.shelf).write_bytes(b"not a database" * 1000)
    said = shown(sleeper)
    assert "Not well" in said
    assert "What is planned cannot be told" in said
    assert "could not be read; it is now" in text_of(sleeper.post("/bedtime/evening", {"tap": "drink"}))


def test_what_the_evening_held_is_kept_and_taken_back(sleeper: Visitor, rooms: Rooms) -> None:
    before = shown(sleeper)
    answer = sleeper.post("/bedtime/evening", {"tap": ["drink", "sharing", "<x>"]})
    assert answer.headers["location"] == "/bedtime?kept=1"
    assert json.loads(rooms.home.evening_file.read_text())["taps"] == ["drink", "sharing"]
    said = shown(sleeper)
    assert "After a drink the heart beats faster" in said
    assert 'value="drink" checked' in sleeper.get("/bedtime").text
    sleeper.post("/bedtime/evening")
    assert shown(sleeper) == before


def test_the_plan_is_a_paragraph_a_sentence_and_links_what_it_names(sleeper: Visitor, rooms: Rooms) -> None:
    """Two reasons never run into each other, and none tells the reader to type."""
    answered(rooms, country="gb")
    sleeper.post("/bedtime/evening", {"tap": "drink"})
    page = sleeper.get("/bedtime").text
    plan = page[page.index("<h2>Tonight</h2>") : page.index('<form method="post" action="/bedtime/evening"')]
    drink = next(line for line in re.findall(r"<p>(.*)</p>", plan) if "After a drink" in line)
    assert drink.startswith("After a drink")
    assert "After the first nights, what shall I do" in plan  # the open question by its name
    assert 'href="/evening/way"' in plan
    assert "vigil setup" not in plan


def test_a_full_disk_keeps_nothing_and_says_so(sleeper: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("vigil.web.pages.bedtime.replace_taps", full)
    answer = sleeper.post("/bedtime/evening", {"tap": "ill"})
    assert (answer.status_code, "nothing was changed" in text_of(answer)) == (409, True)


def test_an_invented_sleeper_has_an_invented_wearable(tmp_path: Path) -> None:
    said = shown(Visitor.inside(rooms_in(tmp_path, shelf=Shelf.DEMO)))
    assert "An invented wearable" in said
    assert "An invented buzz" in said


def test_what_may_not_be_used_is_not_promised(sleeper: Visitor, rooms: Rooms) -> None:
    rooms.home.config.mkdir(parents=True, exist_ok=True)
    assert "no nudge can reach you" in shown(sleeper)
    rooms.home.settings_file.write_text("nudging = false\n")
    assert "nudging is off in your settings" in shown(sleeper).lower()
    answers = {"format": "vigil-setup", "version": 1, "answers": {"way": "watch"}}
    rooms.home.setup_file.write_text(json.dumps(answers))
    assert "as follows from the first evening" in shown(sleeper)


# -- help ----------------------------------------------------------------------------------------------------------


def answered(rooms: Rooms, **answers: object) -> None:
    rooms.home.config.mkdir(parents=True, exist_ok=True)
    document = {"format": "vigil-setup", "version": 1, "answers": answers}
    rooms.home.setup_file.write_text(json.dumps(document))


def test_ones_own_country_and_people_come_first(sleeper: Visitor, rooms: Rooms) -> None:
    answered(rooms, country="gb", contact="Anna <i> 020 7946 0000; Ben")
    page = sleeper.get("/help")
    assert page.text.index('href="tel:999"') < page.text.index('href="tel:02079460000"')
    assert page.text.index('href="tel:02079460000"') < page.text.index('href="tel:116123"')
    assert "<i>" not in page.text
    assert "Ben" in text_of(page)


def test_a_stranger_sees_numbers_and_nothing_of_the_person(stranger: Visitor, rooms: Rooms) -> None:
    answered(rooms, country="gb", contact="Anna 020 7946 0000")
    page = stranger.get("/help")
    assert page.status_code == 200
    assert "Anna" not in page.text
    assert 'href="tel:112"' in page.text
    assert "Germany" in page.text


@pytest.fixture
def broken(rooms: Rooms) -> Visitor:
    """Somebody inside, and then everything breaks."""
    inside = Visitor.inside(rooms)
    folder = rooms.home.shelf(rooms.shelf)
    for file in folder.glob("page.db*"):
        file.unlink()
    (folder / "page.db").mkdir()
    (folder / "vigil.db").write_bytes(b"no")
    rooms.home.config.mkdir(parents=True, exist_ok=True)
    rooms.home.setup_file.write_text("{")
    return inside


def test_help_needs_nothing(broken: Visitor) -> None:
    page = broken.get("/help")
    assert page.status_code == 200
    assert 'href="tel:112"' in page.text


def test_the_way_there_is_on_tonight_and_where_something_broke(sleeper: Visitor) -> None:
    for path in ("/tonight", "/nowhere"):
        assert 'href="/help"' in sleeper.get(path).text


@pytest.mark.parametrize(
    ("text", "dialled"),
    [
        ("999", ["999"]),
        ("0800 1110111 or 0800 1110222", ["08001110111", "08001110222"]),
        ("call or text 9-8-8", ["988"]),
        ("*4141", ["*4141"]),
        ("113, or chat at 113.nl", ["113"]),
        ("10177 (for an ambulance), or 112 from a mobile", ["10177", "112"]),
        ("+49 (0)30 12-34", ["+490301234"]),
        ("Anna", []),
        ("Anna, room 12", []),
        ("1" * 30, []),
        ("112 in the EU; elsewhere the emergency number of your country", ["112"]),
    ],
)
def test_numbers_to_dial(text: str, dialled: list[str]) -> None:
    assert [one for _, one in numbers(text)] == dialled


@pytest.mark.parametrize("country", COUNTRIES, ids=lambda one: one.code)
def test_every_country_has_a_number_to_tap(country: object) -> None:
    seen = help_seen(help_for(country.code))  # type: ignore[attr-defined]  # a row of the table
    assert seen.known
    assert seen.danger.tel
    assert all(one.tel for one in seen.services)
