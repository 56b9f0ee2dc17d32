"""What the watch app says is what the codec reads, byte for byte; and the files fit together."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.firmware.node import FOLDER, needs_node, ran, scene
from vigil.devices.packets import banglejs
from vigil.devices.packets.banglejs import BUTTON, HEART, MOTION, STATE, BanglejsCodec, command_of, crc8
from vigil.devices.packets.contract import Unread
from vigil.domain.records import Mark, Marked
from vigil.domain.samples import Battery, Contact, HeartSample, MotionSummary
from vigil.domain.units import NS_PER_MS

pytestmark = needs_node

NUMBERS = {2: HEART, 3: MOTION, 4: STATE, 5: BUTTON}


def decoded(name: str) -> list[Any]:
    """What a codec makes of everything that the watch sent in a scene."""
    codec = BanglejsCodec()
    codec.opening(frozenset(NUMBERS.values()))
    packets = [
        (NUMBERS[number], bytes.fromhex(text), round(at * NS_PER_MS)) for at, number, text in scene(name)["sent"]
    ]
    return [told for packet in packets for told in codec.hear(*packet)]


def of(kind: type, told: list[Any]) -> list[Any]:
    return [one for one in told if isinstance(one, kind)]


def test_a_minute_of_sleep_arrives_whole() -> None:
    """A heart rate and a row of movement a second, in the units they had on the wrist."""
    told = decoded("night_of_packets")
    rates = of(HeartSample, told)
    assert len(rates) == 61
    assert {one.bpm_x10 for one in rates} == {610}
    rows = [row for row in of(MotionSummary, told) if row.high_mg == (23, -500, 870)]
    assert len(rows) > 50
    assert {(row.low_mg, row.mean_mg, row.range_mg, row.duration_ms) for row in rows} >= {
        ((12, -500, 870), (18, -500, 870), 11, 1000)
    }


def test_a_wrist_without_a_watch_is_told_once() -> None:
    """First worn, then not; on the charger that stays so."""
    assert [one.on for one in of(Contact, decoded("night_of_packets"))] == [True, False]


def test_a_movement_keeps_its_extremes_and_its_mean() -> None:
    """Nine g each way, in milli-g; nothing of it all is unread."""
    assert of(Unread, decoded("night_of_packets")) == []
    packets = [bytes.fromhex(text) for _, number, text in scene("night_of_packets")["sent"] if number == 3]
    assert packets[-1][2:] == bytes.fromhex("d8dc 6400 b80b 2823 c800 b90b 0000 9600 b90b")


def test_presses_arrive_once_although_each_is_sent_three_times() -> None:
    """Awake, a bad dream, stop, and a start that marks nothing."""
    presses = [text for _, number, text in scene("buttons")["sent"] if number == 5]
    told = decoded("buttons")
    assert [one.mark for one in of(Marked, told)] == [Mark.AWAKE, Mark.BAD_DREAM, Mark.STOP]
    assert all(presses.count(one) >= 3 for one in set(presses))


def test_the_state_is_there_to_be_read_at_any_time() -> None:
    """Also while nobody is linked: battery, contact not known yet, what is left, and the last serial."""
    codec = BanglejsCodec()
    codec.opening(frozenset(NUMBERS.values()))
    assert codec.hear(STATE, bytes.fromhex(scene("night")["readable"]), 5) == (Battery(5, 80),)
    assert codec.state == banglejs.WatchState(banglejs.RUNS, 200, 0)


def test_a_watch_whose_vibration_is_switched_off_says_so() -> None:
    """In its own settings, where Vigil cannot switch it on."""
    assert bytes.fromhex(scene("settings_silent")["readable"])[3] & banglejs.SILENCED


def test_the_checksum_is_the_standards_on_both_sides() -> None:
    """The check value of CRC-8/SMBUS is F4 (catalogue of parametrised CRC algorithms), over "123456789"."""
    assert crc8(b"123456789") == scene("crc")["check"] == 0xF4
    assert command_of(banglejs.PULSE, 7, 300, 40)[-1] == scene("crc")["table"]


def test_nothing_wakes_the_screen_but_the_button_and_a_still_arm_is_looked_at() -> None:
    """Turning the wrist does not light it; acceleration keeps its 12.5 Hz in a still arm."""
    result = scene("pulse")
    assert result["poll"] == 80
    assert result["options"]["powerSave"] is False
    assert not any(result["options"][f"wakeOn{what}"] for what in ("FaceUp", "Touch", "Twist"))


def test_the_words_on_the_screen_are_few() -> None:
    """All that it ever shows in all scenes."""
    words = {word for result in ran("scenes").values() for word in result.get("words", [])}
    assert words == {"Start", "Watching", "Awake", "Stopped", "linked", "no link", "bad dream", "stop"}


def test_numbers_here_and_on_the_watch_are_the_same() -> None:
    """Limits, UUIDs and the table in the guide."""
    limits, app, guide = ((FOLDER / name).read_text() for name in ("limits.js", "app.js", "README.md"))
    for name, number in (
        ("PULSE_MS", banglejs.MOST_PULSE_MS),
        ("LEAST_MS", banglejs.LEAST_PULSE_MS),
        ("STRENGTH", banglejs.MOST_STRENGTH),
    ):
        assert re.search(rf"\b{name}: {number}\b", limits)
    for uuid in (banglejs.SERVICE, HEART, MOTION, STATE, BUTTON, banglejs.COMMAND):
        assert f'"{uuid}"' in app
    assert banglejs.SERVICE in guide


def test_what_the_loader_uploads_is_there_and_the_launcher_finds_it() -> None:
    """Every file of the metadata exists, and the entry for uploading by hand names the same."""
    metadata = json.loads((FOLDER / "metadata.json").read_text())
    by_hand = json.loads((FOLDER / "vigil.info").read_text())
    assert all((FOLDER / one["url"]).is_file() for one in metadata["storage"])
    assert all((FOLDER / metadata[one]).is_file() for one in ("icon", "readme"))
    names = [one["name"] for one in metadata["storage"]]
    assert by_hand["files"].split(",") == ["vigil.info", *names]
    assert (by_hand["src"], by_hand["version"]) == (names[0], metadata["version"])
    assert by_hand["data"].split(",") == [one["name"] for one in metadata["data"]]
    assert all(len(name) <= 28 for name in names)
    required = re.findall(r'require\("(\w+)"\)', (FOLDER / "app.js").read_text())
    assert set(required) == {*names[1:3], "Storage"}
