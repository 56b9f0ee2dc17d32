"""The loudspeaker: it plays what is allowed on the loudspeaker that was tried, is silent otherwise, and always ends."""

from __future__ import annotations

import asyncio
import io
import math
import os
import signal
import stat
import subprocess
import sys
import wave
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fake_speakers import ENDS_AT_ONCE, HANGS, KEY, SINK, WILL_NOT_END, FakeSpeakers, sound_permit
from vigil.devices.nudgers import playing
from vigil.devices.nudgers.mixers import Speaker
from vigil.devices.nudgers.processes import SystemTools
from vigil.devices.nudgers.sound import SoundChoice, SoundNudger, speaker_here, speaker_now, wrong_with
from vigil.devices.nudgers.waves import MOST_MS, limit_of
from vigil.domain.errors import DeviceError, PermitError, SettingsError
from vigil.domain.requests import Output

CHOICE = SoundChoice(KEY)
T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


@pytest.fixture
def speakers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeSpeakers:
    """The real port, with nothing in PATH but programs of the test."""
    fake = FakeSpeakers(tmp_path)
    monkeypatch.setenv("PATH", str(fake.bin))
    return fake


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where an event is waited for, a slow computer must not decide the test: the patience is without end."""
    for name in ("BEGIN_S", "END_S", "KILLED_S"):
        monkeypatch.setattr(playing, name, 60)


@pytest.fixture
def nudger(speakers: FakeSpeakers) -> Iterator[SoundNudger]:
    made = SoundNudger(CHOICE, speakers.sounds)
    yield made
    assert run(SystemTools().players(speakers.sounds)) == []


def samples_of(wav: bytes) -> tuple[np.ndarray[Any, np.dtype[np.int32]], float]:
    """Samples and milliseconds of WAV bytes."""
    with wave.open(io.BytesIO(wav)) as file:
        frames = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int32)
        return frames, len(frames) * 1000 / file.getframerate()


def running_of(nudger: SoundNudger) -> asyncio.subprocess.Process:
    running = nudger._playing._running
    assert isinstance(running, asyncio.subprocess.Process)
    return running


def test_it_plays_what_is_allowed_on_the_loudspeaker_that_was_checked(
    nudger: SoundNudger, speakers: FakeSpeakers
) -> None:
    """The player is told the checked loudspeaker and a private file as long, and no stronger, than was allowed."""

    async def play() -> None:
        await nudger.start(sound_permit(level=2, strength=35, serial=9), 0)
        words = await speakers.began()
        path = Path(words[-1])
        assert words[:-1] == ["--volume=65536", "--latency-msec=100", "--device", SINK]
        assert path == speakers.sounds / "nudge-9.wav"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        samples, milliseconds = samples_of(path.read_bytes())
        assert milliseconds == 4000
        assert 0 < np.abs(samples).max() <= limit_of(35)
        await nudger.off()
        assert list(speakers.sounds.iterdir()) == []

    run(play())


def test_a_sound_that_ends_by_itself_needs_nobody(nudger: SoundNudger, speakers: FakeSpeakers) -> None:
    """When the file is over the player ends; being put off afterwards finds nothing to do and takes the file away."""

    async def play() -> None:
        await nudger.start(sound_permit(), 0)
        await speakers.began()
        await speakers.finish()
        assert await running_of(nudger).wait() == 0
        await nudger.off()
        assert list(speakers.sounds.iterdir()) == []
        await nudger.start(sound_permit(serial=2), 0)
        await speakers.began()
        await nudger.close()

    run(play())


def test_off_ends_the_sound_by_asking(
    nudger: SoundNudger, speakers: FakeSpeakers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A player that listens ends at the first word, and off returns only when it has ended; twice is once."""
    monkeypatch.setattr(playing, "END_S", 60)

    async def play() -> None:
        await nudger.start(sound_permit(), 0)
        await speakers.began()
        running = running_of(nudger)
        await nudger.off()
        assert running.returncode == -signal.SIGTERM
        await nudger.off()

    run(play())


def test_a_player_that_will_not_end_is_killed(
    nudger: SoundNudger, speakers: FakeSpeakers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A player that does not listen is killed, after a patience that leaves a stop within its 250 ms."""
    speakers.program("paplay", WILL_NOT_END)
    monkeypatch.setattr(playing, "KILLED_S", 60)

    async def play() -> None:
        await nudger.start(sound_permit(), 0)
        await speakers.began()
        running = running_of(nudger)
        await nudger.off()
        assert running.returncode == -signal.SIGKILL

    run(play())
    assert playing.END_S <= 0.1
    assert playing.ASKED_LOOKS * playing.LOOK_S <= 0.1


CHANGED: dict[str, tuple[dict[str, Any], str]] = {
    "another loudspeaker": ({"default": "alsa_output.pci-0000_01_00.1.hdmi-stereo"}, "another one than you tried"),
    "a headset in the socket": ({"port": "analog-output-headphones"}, "another one than you tried"),
    "no loudspeaker": ({"default": "auto_null"}, "could not be found"),
    "turned up": ({"left": 61}, "turned up to 61 %, above the 60 % you chose"),
    "turned up on one side": ({"left": 0, "right": 100}, "turned up to 100 %"),
    "muted": ({"mute": "yes"}, "is muted"),
    "turned down to nothing": ({"left": 0, "right": 0}, "is muted"),
    "mute unreadable": ({"mute": "vielleicht"}, "could not be read"),
    "volume unreadable": ({"left": "?", "right": "nan"}, "could not be read"),
}


@pytest.mark.parametrize("what", CHANGED)
def test_what_changed_since_it_was_tried_keeps_it_silent(
    nudger: SoundNudger, speakers: FakeSpeakers, what: str
) -> None:
    """Probe says it in one clause, a start is refused in plain words, and no player is begun (F10, F11)."""
    told, clause = CHANGED[what]
    assert run(nudger.probe()) == ""
    speakers.is_set(**told)
    assert clause in run(nudger.probe())
    with pytest.raises(DeviceError, match="nothing was played") as refused:
        run(nudger.start(sound_permit(), 0))
    assert clause in str(refused.value)
    assert list(speakers.sounds.iterdir()) == []
    speakers.is_set()
    assert run(nudger.probe()) == ""


def test_it_is_checked_before_every_sound(nudger: SoundNudger, speakers: FakeSpeakers) -> None:
    """What was fine for the last sound is not taken for fine for the next."""

    async def play() -> None:
        await nudger.start(sound_permit(), 0)
        await speakers.began()
        await nudger.off()
        speakers.is_set(left=100)
        with pytest.raises(DeviceError, match="turned up to 100 %"):
            await nudger.start(sound_permit(serial=2), 0)

    run(play())


@pytest.mark.parametrize(
    ("gone", "clause"), [("paplay", "no player for sound"), ("pactl", "pactl, which tells the loudspeaker")]
)
def test_a_program_that_is_gone_is_said_in_plain_words(
    nudger: SoundNudger, speakers: FakeSpeakers, gone: str, clause: str
) -> None:
    """A player or mixer that is no longer there keeps it silent, with what to do about it."""
    (speakers.bin / gone).unlink()
    assert clause in run(nudger.probe())
    with pytest.raises(DeviceError, match="vigil setup"):
        run(nudger.start(sound_permit(), 0))


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("script", [ENDS_AT_ONCE, "#!/bin/sh\nexit 0\n"])
def test_a_player_that_ends_at_once_did_not_play(nudger: SoundNudger, speakers: FakeSpeakers, script: str) -> None:
    """A player that finds no sound system is not counted as a sound, whatever it answers; its file goes."""
    speakers.program("paplay", script)
    with pytest.raises(DeviceError, match="ended before anything could be heard"):
        run(nudger.start(sound_permit(), 0))
    assert list(speakers.sounds.iterdir()) == []


def test_a_player_that_cannot_be_run_is_said(nudger: SoundNudger, speakers: FakeSpeakers) -> None:
    """What the system will not begin is not a sound."""
    speakers.program("paplay", "no program at all")
    with pytest.raises(DeviceError, match="could not be begun"):
        run(nudger.start(sound_permit(), 0))
    assert list(speakers.sounds.iterdir()) == []


def test_a_folder_that_is_gone_is_said(nudger: SoundNudger, speakers: FakeSpeakers) -> None:
    """Without a place for the sound there is none: in the evening's words and in the night's."""
    speakers.sounds.rmdir()
    assert "folder for sounds" in run(nudger.probe())
    with pytest.raises(DeviceError, match="nothing was played"):
        run(nudger.start(sound_permit(), 0))
    run(nudger.off())


def test_a_mixer_that_hangs_does_not_hold_up_a_stop(nudger: SoundNudger, speakers: FakeSpeakers) -> None:
    """A stop during the check returns at once, and the sound that was being checked for is never begun."""
    speakers.program("pactl", HANGS)

    async def play() -> None:
        started = asyncio.create_task(nudger.start(sound_permit(), 0))
        await speakers.began()
        await nudger.off()
        assert not started.done()
        await speakers.finish()
        await speakers.began()  # the second question
        await speakers.finish()
        with pytest.raises(DeviceError):
            await started

    run(play())


def test_a_stop_between_check_and_sound_wins(speakers: FakeSpeakers) -> None:
    """Everything is as it should be, but a stop came while that was looked at: nothing is played."""

    class Slow(SystemTools):
        def __init__(self) -> None:
            super().__init__()
            self.asked, self.go_on = asyncio.Event(), asyncio.Event()

        async def ask(self, arguments: Sequence[str]) -> str:
            answer = await super().ask(arguments)
            self.asked.set()
            await self.go_on.wait()
            return answer

    async def play() -> None:
        tools = Slow()
        nudger = SoundNudger(CHOICE, speakers.sounds, tools)
        started = asyncio.create_task(nudger.start(sound_permit(), 0))
        await tools.asked.wait()
        await nudger.off()
        tools.go_on.set()
        with pytest.raises(DeviceError, match="A stop came before the sound began; nothing was played"):
            await started
        assert list(speakers.sounds.iterdir()) == []

    run(play())


@pytest.mark.usefixtures("patient")
def test_a_stop_just_after_the_sound_began_ends_it(nudger: SoundNudger, speakers: FakeSpeakers) -> None:
    """A stop while start still makes sure that the player goes on ends it, and start does not call that a failure."""

    async def play() -> None:
        started = asyncio.create_task(nudger.start(sound_permit(), 0))
        await speakers.began()
        await nudger.off()
        await started
        assert await SystemTools().players(speakers.sounds) == []

    run(play())


@pytest.mark.usefixtures("patient")
def test_a_start_that_is_given_up_leaves_nothing_running(nudger: SoundNudger, speakers: FakeSpeakers) -> None:
    """If whoever asked for the sound goes away before it is sure to have begun, the player is ended."""

    async def play() -> None:
        started = asyncio.create_task(nudger.start(sound_permit(), 0))
        await speakers.began()
        started.cancel()
        with pytest.raises(asyncio.CancelledError):
            await started
        if nudger._playing._running is not None:  # else it was given up while the player was being begun
            assert await running_of(nudger).wait() == -signal.SIGKILL
        assert await SystemTools().players(speakers.sounds) == []

    run(play())


def test_one_sound_at_a_time(nudger: SoundNudger, speakers: FakeSpeakers) -> None:
    """A second sound is not begun over a first."""

    async def play() -> None:
        await nudger.start(sound_permit(), 0)
        await speakers.began()
        with pytest.raises(DeviceError, match="still going on"):
            await nudger.start(sound_permit(serial=2), 0)
        await nudger.off()

    run(play())


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from tests.fake_speakers import KEY, sound_permit
from vigil.devices.nudgers.sound import SoundChoice, SoundNudger

async def night():
    await SoundNudger(SoundChoice(KEY), Path(sys.argv[1])).start(sound_permit(), 0)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(night())
"""


@pytest.mark.parametrize("script", [None, WILL_NOT_END])
def test_after_a_crash_the_player_left_behind_is_ended(
    nudger: SoundNudger, speakers: FakeSpeakers, script: str | None
) -> None:
    """A Vigil that is killed while a sound plays leaves a player; the next one ends it before anything else."""
    if script is not None:
        speakers.program("paplay", script)
    root = Path(__file__).resolve().parents[2]
    died = subprocess.run(
        [sys.executable, "-c", KILLED, str(speakers.sounds)],
        env={**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{root / 'src'}"},
        check=False,
    )
    assert died.returncode == -signal.SIGKILL

    async def wake() -> None:
        await speakers.began()
        assert len(await SystemTools().players(speakers.sounds)) == 1
        await nudger.off()
        assert await SystemTools().players(speakers.sounds) == []

    run(wake())
    assert list(speakers.sounds.iterdir()) == []


@pytest.mark.parametrize("strength", [0, -1, 101, 20.0, True, math.nan, math.inf, None])
def test_an_odd_strength_is_refused(nudger: SoundNudger, strength: int) -> None:
    """A strength that is none makes no sound, NaN included."""
    with pytest.raises(DeviceError, match="nothing was played"):
        run(nudger.start(sound_permit(strength=strength), 0))


@pytest.mark.parametrize("duration_ms", [0, -5, 2999, MOST_MS + 1, 3000.0, True, math.nan])
def test_a_length_that_does_not_hold_the_tones_is_refused(nudger: SoundNudger, duration_ms: int) -> None:
    """What is longer than any sound, shorter than its step or no length at all makes no sound."""
    with pytest.raises(DeviceError, match="nothing was played"):
        run(nudger.start(sound_permit(duration_ms=duration_ms), 0))


@pytest.mark.parametrize("level", [0, -1, 4, True, math.nan])
def test_a_level_that_is_none_is_refused(nudger: SoundNudger, level: int) -> None:
    """Only the steps of the ladder are played."""
    with pytest.raises(DeviceError, match="nothing was played"):
        run(nudger.start(sound_permit(level=level, duration_ms=3000), 0))


def test_a_permit_for_another_output_is_refused(nudger: SoundNudger) -> None:
    """What the guard allowed the lamp, the loudspeaker does not do."""
    with pytest.raises(DeviceError, match="nothing was played"):
        run(nudger.start(sound_permit(output=Output.LIGHT), 0))


def test_a_permit_is_good_once_and_in_time(nudger: SoundNudger, speakers: FakeSpeakers) -> None:
    """The permit is used up before anything else, whether or not a sound comes of it."""
    permit = sound_permit()
    speakers.is_set(mute="yes")
    with pytest.raises(DeviceError, match="muted"):
        run(nudger.start(permit, 0))
    speakers.is_set()
    for late in (permit, sound_permit()):
        with pytest.raises(PermitError):
            run(nudger.start(late, 2_000_000_000))


def voice_at(path: Path, *, seconds: float = 1.5, peak: int = 30_000) -> Path:
    time = np.arange(round(seconds * 16_000)) / 16_000
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(np.trunc(peak * np.sin(2 * np.pi * 180 * time)).astype("<i2").tobytes())
    return path


def test_a_recorded_voice_is_played_within_its_strength(speakers: FakeSpeakers, tmp_path: Path) -> None:
    """A loud recording is made as soft as was allowed, at its own length."""
    nudger = SoundNudger(SoundChoice(KEY, str(voice_at(tmp_path / "voice.wav"))), speakers.sounds)

    async def play() -> None:
        await nudger.start(sound_permit(strength=10), 0)
        samples, milliseconds = samples_of(Path((await speakers.began())[-1]).read_bytes())
        await nudger.off()
        assert milliseconds == 1500
        assert np.abs(samples).max() <= limit_of(10)

    assert run(nudger.probe()) == ""
    run(play())


def test_a_voice_that_is_gone_or_spoilt_keeps_it_silent(speakers: FakeSpeakers, tmp_path: Path) -> None:
    """No other sound is put in place of a recording that cannot be used."""
    path = voice_at(tmp_path / "voice.wav")
    nudger = SoundNudger(SoundChoice(KEY, str(path)), speakers.sounds)
    for spoil in (lambda: voice_at(path, seconds=9), path.unlink):
        spoil()
        assert "the recorded voice cannot be used" in run(nudger.probe())
        with pytest.raises(DeviceError, match="Nothing was played"):
            run(nudger.start(sound_permit(), 0))


def test_probe_never_raises(speakers: FakeSpeakers) -> None:
    """Whatever happens while it is looked at, the evening gets a sentence."""

    class Broken(SystemTools):
        def find(self, program: str) -> str:
            raise RuntimeError(program)

    assert "could not be checked" in run(SoundNudger(CHOICE, speakers.sounds, Broken()).probe())


class Stuck:
    """A player the system cannot end."""

    returncode: int | None = None

    async def wait(self) -> int:
        await asyncio.Event().wait()
        return 0

    def terminate(self) -> None:
        raise ProcessLookupError

    kill = terminate


class StuckTools(SystemTools):
    """A system in which one player stays whatever is done."""

    def __init__(self, *, own: bool) -> None:
        super().__init__()
        self._own = own

    async def begin(self, arguments: Sequence[str], environment: Mapping[str, str]) -> Stuck:
        return Stuck()

    async def players(self, folder: Path) -> list[int]:
        return [] if self._own else [2**22 + 1]


@pytest.mark.parametrize("own", [True, False])
def test_a_player_that_cannot_be_ended_is_said(
    speakers: FakeSpeakers, monkeypatch: pytest.MonkeyPatch, own: bool
) -> None:
    """Off does not claim what it cannot confirm, and says what a person can do; close lets go all the same."""
    for name in ("BEGIN_S", "END_S", "KILLED_S", "LOOK_S"):
        monkeypatch.setattr(playing, name, 0.001)
    nudger = SoundNudger(CHOICE, speakers.sounds, StuckTools(own=own))

    async def play() -> None:
        if own:
            await nudger.start(sound_permit(), 0)
        for _ in range(2):
            with pytest.raises(DeviceError, match="ends by itself within 6 seconds"):
                await nudger.off()
        await nudger.close()

    run(play())


@pytest.mark.parametrize(
    "fields",
    [
        {"device": ""},
        {"device": "pactl:"},
        {"device": "cat:speaker"},
        {"device": None},
        {"voice": "voice.wav"},
        {"voice": None},
        {"ceiling_percent": 0},
        {"ceiling_percent": 101},
        {"ceiling_percent": math.nan},
        {"ceiling_percent": True},
        {"ceiling_percent": 60.0},
    ],
)
def test_a_choice_that_is_none_is_refused(fields: dict[str, Any]) -> None:
    """A loudspeaker that cannot be checked, a voice without its place, a limit that limits nothing."""
    with pytest.raises(SettingsError):
        SoundChoice(**{"device": KEY, **fields})


@given(
    volume=st.integers(-5, 200) | st.none() | st.floats(allow_nan=True),
    muted=st.sampled_from([True, False, None, 0]),
    key=st.sampled_from([KEY, KEY + "2", "aplay:card 0"]),
    ceiling=st.integers(1, 100),
)
@settings(deadline=None)
def test_nothing_doubtful_passes(volume: Any, muted: Any, key: str, ceiling: int) -> None:
    """A sound is allowed only on the very loudspeaker, surely not muted, at a whole volume from 1 to the ceiling."""
    wrong = wrong_with(SoundChoice(KEY, ceiling_percent=ceiling), Speaker(key, SINK, "speaker", volume, muted))
    fine = key == KEY and muted is False and type(volume) is int and 1 <= volume <= ceiling
    assert (wrong == "") is fine


def test_bare_alsa_is_used_as_it_was_tried(speakers: FakeSpeakers) -> None:
    """Without a tool that tells the volume, the cards must be those that were tried, and no volume is invented."""
    for gone in ("pactl", "paplay"):
        (speakers.bin / gone).unlink()
    speakers.program("aplay", '#!/bin/sh\n[ "$1" = "-l" ] && echo "card 0: PCH [HDA Intel PCH], device 0: A [A]"\n')
    speaker = run(speaker_here())
    assert (speaker.volume_percent, speaker.muted) == (None, None)
    nudger = SoundNudger(SoundChoice(speaker.key), speakers.sounds)
    assert run(nudger.probe()) == ""
    speakers.program("aplay", '#!/bin/sh\necho "card 1: Headset [Headset], device 0: H [H]"\n')
    assert "another one than you tried" in run(nudger.probe())


def test_setup_finds_the_loudspeaker_that_sounds_now(speakers: FakeSpeakers) -> None:
    """What setup is told is what the night compares with."""
    speaker = run(speaker_here())
    assert (speaker.key, speaker.words, speaker.volume_percent) == (KEY, "Built-in Audio Analog Stereo", 40)


def test_setup_says_so_where_nothing_can_be_checked(speakers: FakeSpeakers) -> None:
    """A tool that answers nothing, or none at all: sound stays off, in words that name no program."""
    speakers.program("pactl", ENDS_AT_ONCE)
    assert run(speaker_now(SystemTools(), "pactl")) is None
    with pytest.raises(DeviceError) as said:
        run(speaker_here())
    assert str(said.value) == "Vigil found no loudspeaker it can control on this computer. Sound stays off."


def test_it_is_named_in_words(nudger: SoundNudger) -> None:
    """Its name is what a person calls it, and its own maximum is the longest sound there is."""
    assert (nudger.output, nudger.name, nudger.most_ms) == (Output.SOUND, "the loudspeaker", MOST_MS)
