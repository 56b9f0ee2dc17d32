"""The loudspeaker against a real sound server with a loudspeaker that is none: nothing is heard.

Skipped, saying so, where pulseaudio, pactl and paplay are not installed.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fake_speakers import sound_permit
from vigil.devices.nudgers.processes import SystemTools
from vigil.devices.nudgers.sound import SoundChoice, SoundNudger, speaker_now
from vigil.domain.errors import DeviceError

NEEDED = ("pulseaudio", "pactl", "paplay")

pytestmark = pytest.mark.skipif(
    not all(shutil.which(program) for program in NEEDED), reason=f"needs {', '.join(NEEDED)} on this computer"
)

SERVER = (
    "pulseaudio -n --daemonize=no --use-pid-file=no --exit-idle-time=-1 --log-target=stderr --log-level=info "
    "--load=module-null-sink\tsink_name=bedside --load=module-null-sink\tsink_name=television "
    "--load=module-native-protocol-unix\tauth-anonymous=1\tsocket={folder}/s"
)


def pactl(*words: str) -> str:
    return subprocess.run(("pactl", *words), capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def bedside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundNudger]:
    """A nudger on a private server, whose loudspeaker is turned up to 40 %."""
    for name in ("HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "PULSE_RUNTIME_PATH"):
        monkeypatch.setenv(name, str(tmp_path))
    for name in ("PULSE_SINK", "DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/s")
    words = [word.replace("\t", " ").format(folder=tmp_path) for word in SERVER.split(" ")]
    server = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr is not None
        assert any("startup complete" in line for line in server.stderr)
        pactl("set-default-sink", "bedside")
        pactl("set-sink-volume", "bedside", "40%")
        speaker = asyncio.run(speaker_now(SystemTools(), "pactl"))
        assert speaker is not None
        assert (speaker.target, speaker.volume_percent, speaker.muted) == ("bedside", 40, False)
        yield SoundNudger(SoundChoice(speaker.key), tmp_path)
    finally:
        server.kill()
        server.communicate()


def test_a_real_player_plays_and_is_ended(bedside: SoundNudger) -> None:
    """The server has the sound while it is played, on the loudspeaker that was checked, and not after off."""

    async def play() -> None:
        assert await bedside.probe() == ""
        await bedside.start(sound_permit(), 0)
        assert "Volume: mono: 65536 / 100%" in pactl("list", "sink-inputs")
        await bedside.off()
        assert pactl("list", "short", "sink-inputs") == ""

    asyncio.run(play())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("set-default-sink", "television"), "another one"),
        (("set-sink-volume", "bedside", "61%"), "turned up to 61 %"),
        (("set-sink-mute", "bedside", "1"), "muted"),
    ],
)
def test_a_real_change_keeps_it_silent(bedside: SoundNudger, change: tuple[str, ...], words: str) -> None:
    """What the real server tells of a change is understood, and nothing is played."""
    pactl(*change)

    async def play() -> None:
        assert words in await bedside.probe()
        with pytest.raises(DeviceError, match=words):
            await bedside.start(sound_permit(), 0)
        assert pactl("list", "short", "sink-inputs") == ""

    asyncio.run(play())
