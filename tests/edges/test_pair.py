"""`vigil pair` and `vigil devices`: what strangers advertise, what a person chooses, and what is kept. No radio."""

from __future__ import annotations

import json
import stat
from collections.abc import Sequence
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tests.fake_radio import BUZZER, H10, STRAP, WATCH, Advertised, FakeRadio
from vigil.app.cli import app
from vigil.app.commands import pair as command
from vigil.app.home import Home, Shelf
from vigil.app.pairing import TRY_S, OwnRadio, strength_words
from vigil.app.wearables_file import Paired, Role, Wearables, read_wearables, wearables_path, write_wearables
from vigil.app.wiring import writing
from vigil.devices.catalogue import Known
from vigil.devices.families import BUILT_IN
from vigil.devices.packets.contract import Heard, Unread
from vigil.domain.errors import DeviceError
from vigil.domain.samples import Battery, BeatInterval, Contact, HeartSample


@pytest.fixture
def radio(monkeypatch: pytest.MonkeyPatch) -> FakeRadio:
    """A strap and a watch are near; no other package brings a row."""
    one = FakeRadio()
    monkeypatch.setattr(command, "own_radio", lambda: one)
    return one


def invoke(*words: str, said: str = "") -> Result:
    return CliRunner().invoke(app, [*words], input=said)


def told(result: Result) -> str:
    return " ".join(result.output.split())


def paired() -> Wearables:
    return read_wearables(Home.here())


def test_what_is_near_is_listed_and_the_chosen_one_is_kept(radio: FakeRadio) -> None:
    """Strongest first, with what it is; its heart rate is shown; the file is the person's alone."""
    result = invoke("pair", said="1\n")
    assert result.exit_code == 0, result.output
    words = told(result)
    assert f"1 {STRAP.name}, {H10}: Polar H10; signal strong" in words
    assert f"2 {BUZZER.name}, {WATCH}: Bangle.js 2 with Vigil's app; signal weak" in words
    assert "Heart rate 61." in words
    assert "Heart rate 66." not in words, "five are enough"
    assert radio.connected == [(H10, TRY_S)]
    assert paired() == Wearables(STRAP)
    assert stat.S_IMODE(wearables_path(Home.here()).stat().st_mode) == 0o600


def test_one_that_is_connected_already_is_listed_and_said_to_be(radio: FakeRadio) -> None:
    """It cannot be heard, so nothing is said of its signal; whatever else is connected is nobody's business."""
    radio.room = (
        Advertised(H10, STRAP.name, -127, held=True),
        Advertised("C0:00", "Somebody's keyboard", -127, frozenset(), held=True),
    )
    result = invoke("pair", "--json", "-", said="1\n")
    assert result.exit_code == 0, result.output
    words = " ".join(result.stderr.split())
    assert f"1 {STRAP.name}, {H10}: Polar H10; connected to this computer already" in words
    assert "not known to Vigil" not in words
    assert json.loads(result.stdout)["near"][0]["connected_already"] is True
    assert paired() == Wearables(STRAP)


def test_a_watch_with_another_app_is_taken_for_what_it_runs(radio: FakeRadio) -> None:
    """By name it is a Bangle.js with Vigil's app; by its services OpenSeizureDetector's, which cannot vibrate."""
    radio.really = {WATCH: "openseizuredetector"}
    result = invoke("pair", said="2\n\n")
    assert result.exit_code == 0, result.output
    assert "as a data source of OpenSeizureDetector. It is taken for that." in told(result)
    assert paired() == Wearables(Paired("openseizuredetector", WATCH, BUZZER.name, frozenset({Role.SENSOR})))


@pytest.mark.parametrize(("said", "roles"), [("2\n\n", {*Role}), ("2\n1\n", {*Role}), ("2\n2\n", {Role.SENSOR})])
def test_one_that_can_do_both_is_asked_about(said: str, roles: set[Role], radio: FakeRadio) -> None:
    """Enter is both; how to feel it is said, and nothing vibrates here."""
    result = invoke("pair", said=said)
    assert result.exit_code == 0, result.output
    assert [one.roles for one in paired().all] == [roles]
    assert ("vigil test-nudge --output vibration" in told(result)) == (Role.VIBRATION in roles)


@pytest.mark.parametrize("said", ["", "\n", "0\n", "3\n", "-1\n", "x\n", "9" * 5000 + "\n", "2\n", "2\n4\n", "2\nno\n"])
def test_whoever_does_not_choose_pairs_nothing(said: str, radio: FakeRadio) -> None:
    """No answer, a wrong one, or nobody there: nothing is connected either."""
    result = invoke("pair", said=said)
    assert result.exit_code == 1
    assert "Nothing was paired." in told(result)
    assert radio.connected == []
    assert not wearables_path(Home.here()).exists()


def test_what_vibrates_joins_the_sensor(radio: FakeRadio) -> None:
    """Two wearables, each for its own; what only vibrates need not tell a heart rate."""
    radio.says = ()
    write_wearables(Home.here(), Wearables(STRAP))
    result = invoke("pair", "--address", WATCH.lower(), "--role", "vibration")
    assert result.exit_code == 0, result.output
    assert paired() == Wearables(STRAP, BUZZER)


def test_nothing_vibrates_without_a_sensor(radio: FakeRadio) -> None:
    """It is said before anything is connected."""
    result = invoke("pair", "--address", WATCH, "--role", "vibration")
    assert result.exit_code == 1
    assert "Pair the sensor first" in told(result)
    assert radio.connected == []


def test_what_a_wearable_cannot_do_is_refused(radio: FakeRadio) -> None:
    """A strap has no motor."""
    result = invoke("pair", "--address", H10, "--role", "both")
    assert result.exit_code == 1
    assert "It cannot be used to sense and to vibrate" in told(result)
    assert radio.connected == []


@pytest.mark.parametrize(("answer", "goes_on"), [("\n", True), ("n\n", False), ("", False)])
def test_replacing_one_is_asked(answer: str, goes_on: bool, radio: FakeRadio) -> None:
    """And nothing of the old pairing is lost before that."""
    old = Paired("polar-oh1", "B0:00:00:00:00:09", "Polar OH1 1", frozenset({Role.SENSOR}))
    write_wearables(Home.here(), Wearables(old, BUZZER))
    result = invoke("pair", said=f"1\n{answer}")
    assert result.exit_code == (0 if goes_on else 1)
    assert "It takes the place of Polar OH1 1 (sensor)." in told(result)
    assert paired() == (Wearables(STRAP, BUZZER) if goes_on else Wearables(old, BUZZER))


@pytest.mark.parametrize(
    "says",
    [
        (),
        (Contact(1, False), Battery(2, 80)),
        (HeartSample(1, 0), Unread("x", "garbled")),
        (BeatInterval(1, 9),),
    ],
)
def test_without_a_heart_rate_it_is_not_paired(says: Sequence[Heard], radio: FakeRadio) -> None:
    """What to do is said; --untested pairs it all the same."""
    radio.says = says
    result = invoke("pair", "--address", H10)
    assert result.exit_code == 1
    assert "No heart rate came" in told(result)
    assert paired() == Wearables()
    if Contact(1, False) in says:
        assert "It says that it is not worn. Its battery is at 80 %." in told(result)
    assert invoke("pair", "--address", H10, "--untested").exit_code == 0
    assert paired() == Wearables(STRAP)
    assert len(radio.connected) == 1


def test_beats_are_a_heart_rate(radio: FakeRadio) -> None:
    """A strap may send nothing else."""
    radio.says = (BeatInterval(1, 900),)
    assert invoke("pair", "--address", H10).exit_code == 0


def test_one_that_cannot_be_connected_is_not_paired(radio: FakeRadio) -> None:
    """In the radio's own words, and what to do."""
    radio.refuses = "connecting took longer than 10 s"
    result = invoke("pair", "--address", H10)
    assert result.exit_code == 1
    assert "It did not work: connecting took longer than 10 s; nothing was paired. Come closer" in told(result)
    assert paired() == Wearables()


def test_without_bluetooth_it_is_said_with_what_to_do(radio: FakeRadio) -> None:
    """No traceback, no empty list."""
    radio.off = "Bluetooth is off, or this computer has none"
    result = invoke("pair")
    assert result.exit_code == 1
    assert "vigil: Bluetooth is off, or this computer has none; nothing was paired; switch Bluetooth on" in told(result)


def test_without_the_library_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has no radio has every other command."""

    def fails(_name: str) -> Any:
        raise ImportError

    monkeypatch.setattr("vigil.app.pairing.import_module", fails)
    with pytest.raises(DeviceError, match="not installed"):
        OwnRadio().scan(1.0)


@pytest.mark.parametrize("room", [(), (Advertised("C0:00", "Somebody's phone", services=frozenset()),)])
def test_where_nothing_known_is_near_it_is_said(room: Sequence[Advertised], radio: FakeRadio) -> None:
    """With the usual reasons."""
    radio.room = room
    result = invoke("pair", said="1\n")
    assert result.exit_code == 1
    assert "Nothing that Vigil knows was heard." in told(result)


def test_hostile_names_cannot_move_the_cursor(radio: FakeRadio) -> None:
    """Nor write markup, nor fill the screen, nor be kept as they are."""
    radio.room = (
        Advertised("A0", "\x1b[2J\x1b]0;evil\x07[bold]x[/bold]\n2  Polar H10" + "y" * 10_000),
        Advertised("not an address \x1b", "Polar H10"),
    )
    result = invoke("pair", said="1\n")
    assert result.exit_code == 0, result.output
    assert "\x1b" not in result.output
    assert "[bold]x[/bold]" in result.output
    assert "not an address" not in result.output
    assert "not known to Vigil: 1." in told(result)
    sensor = paired().sensor
    assert sensor is not None
    assert sensor.name.isprintable()
    assert len(sensor.name) <= 60


def test_an_address_that_is_not_near_is_said(radio: FakeRadio) -> None:
    """And one that is none at all."""
    result = invoke("pair", "--address", "FF:FF")
    assert result.exit_code == 1
    assert "FF:FF was not heard" in told(result)
    result = invoke("pair", "--address", "\x1b[2J")
    assert result.exit_code == 1
    assert "--address must be" in told(result)


def test_while_a_night_is_watched_nothing_is_paired(radio: FakeRadio) -> None:
    """Its radio is its own: exit code 3."""
    with writing(Home.here(), Shelf.OWN):
        result = invoke("pair", said="1\n")
    assert result.exit_code == 3
    assert "a night is being watched" in told(result)
    assert radio.connected == []


def test_json_alone_on_stdout(radio: FakeRadio) -> None:
    """Words and questions go elsewhere; what was heard, tried and paired is in it."""
    result = invoke("pair", "--json", "-", said="1\n")
    assert result.exit_code == 0, result.output
    value = json.loads(result.stdout)
    assert [one["family"] for one in value["near"]] == ["polar-h10", "banglejs"]
    assert value["near"][0]["signal"] == "strong"
    assert value["tried"]["heart_rates_bpm"] == [61.0, 62.0, 63.0, 64.0, 65.0]
    assert value["paired"] == {"family": "polar-h10", "address": H10, "name": STRAP.name, "roles": ["sensor"]}
    value = json.loads(invoke("pair", "--json", "-").stdout)
    assert value["paired"] is None


def test_forgetting(radio: FakeRadio) -> None:
    """All, or one; never the sensor alone while another vibrates; nothing is listened for."""
    radio.off = "not to be asked"
    home = Home.here()
    assert "There was nothing to forget." in told(invoke("pair", "--forget"))
    write_wearables(home, Wearables(STRAP, BUZZER))
    result = invoke("pair", "--forget", "--address", H10)
    assert result.exit_code == 1
    assert f"{BUZZER.name} would be left without one; nothing was changed" in told(result)
    assert "EE:EE is not paired" in told(invoke("pair", "--forget", "--address", "EE:EE"))
    assert paired() == Wearables(STRAP, BUZZER)
    assert f"Forgotten: {BUZZER.name}." in told(invoke("pair", "--forget", "--address", WATCH))
    assert paired() == Wearables(STRAP)
    assert invoke("pair", "--forget").exit_code == 0
    assert not wearables_path(home).exists()


def test_a_damaged_file_is_said_and_can_be_forgotten(radio: FakeRadio) -> None:
    """It is moved aside, not erased."""
    path = wearables_path(Home.here())
    path.write_text("[[wearable")
    for words in (("pair",), ("devices",)):
        result = invoke(*words)
        assert result.exit_code == 1
        assert str(path) in result.output.replace("\n", "")
        assert "vigil pair --forget" in told(result)
    assert invoke("pair", "--forget").exit_code == 0
    assert path.with_name("wearables.aside-1.toml").read_text() == "[[wearable"
    assert paired() == Wearables()


def test_devices_says_what_is_paired_and_what_is_known() -> None:
    """And what to do where nothing is."""
    assert "No wearable is paired. To pair one: vigil pair" in told(invoke("devices"))
    write_wearables(Home.here(), Wearables(STRAP))
    words = told(invoke("devices"))
    assert f"{STRAP.name}, {H10}: senses. Polar H10." in words
    assert "Nothing that is paired vibrates." in words
    write_wearables(Home.here(), Wearables(STRAP, BUZZER))
    words = told(invoke("devices", "--known"))
    assert f"{BUZZER.name}, {WATCH}: vibrates." in words
    for row in BUILT_IN:
        assert row.key in words
    value = json.loads(invoke("devices", "--json", "-").stdout)
    assert [one["roles"] for one in value["paired"]] == [["sensor"], ["vibration"]]
    assert [row["family"] for row in value["known"]] == [row.key for row in BUILT_IN]


def test_a_family_that_is_gone_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """As after its package was removed; and a package that is broken is named."""
    write_wearables(Home.here(), Wearables(Paired("gone", "A0", "Gone 1", frozenset({Role.SENSOR}))))
    broken = "The wearable x of another package was left out: it could not be imported (ImportError)."
    monkeypatch.setattr("vigil.app.commands.devices.known", lambda: Known(BUILT_IN, (broken,)))
    words = told(invoke("devices"))
    assert "its family gone is not installed" in words
    assert f"Note: {broken}" in words
    assert json.loads(invoke("devices", "--json", "-").stdout)["paired"][0]["usable"] is False


def test_a_role_that_its_family_cannot_have_is_said() -> None:
    """As when a file was written by hand."""
    write_wearables(Home.here(), Wearables(*[Paired("polar-h10", H10, "H10", frozenset(Role))] * 2))
    assert "It cannot do all of that; pair it again." in told(invoke("devices"))


@pytest.mark.parametrize(
    ("words", "strengths"),
    [
        ("strong", (20, -60)),
        ("good", (-61, -75)),
        ("weak", (-76, -85)),
        ("very weak", (-86, -126)),
        ("unknown", (-127, 127, 21)),
    ],
)
def test_signal_strength_is_in_words(words: str, strengths: tuple[int, ...]) -> None:
    """What was not measured is unknown."""
    assert {strength_words(rssi) for rssi in strengths} == {words}
