"""A loudspeaker that is none: programs called as the system's own, put alone in PATH, so that nothing is ever heard."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from vigil.domain import permits
from vigil.domain.permits import Permit
from vigil.domain.requests import NudgeRequest, Output, Purpose
from vigil.domain.steps import step_of

SINK = "alsa_output.pci-0000_00_1f.3.analog-stereo"
KEY = f"pactl:{SINK}/analog-output-speaker"

INFO = """Server String: /run/user/1000/pulse/native
Server Name: PulseAudio (on PipeWire 1.0.5)
Default Sample Specification: float32le 2ch 48000Hz
Default Sink: {default}
Default Source: alsa_input.pci-0000_00_1f.3.analog-stereo
"""

SINKS = """Sink #52
\tState: SUSPENDED
\tName: alsa_output.pci-0000_01_00.1.hdmi-stereo
\tDescription: Television Digital Stereo (HDMI)
\tMute: no
\tVolume: front-left: 65536 / 100% / 0.00 dB,   front-right: 65536 / 100% / 0.00 dB
\t        balance 0.00
\tBase Volume: 65536 / 100% / 0.00 dB
\tActive Port: hdmi-output-0
Sink #53
\tState: SUSPENDED
\tName: alsa_output.pci-0000_00_1f.3.analog-stereo
\tDescription: Built-in Audio Analog Stereo
\tMute: {mute}
\tVolume: front-left: 26214 / {left}% / -23.88 dB,   front-right: 26214 / {right}% / -23.88 dB
\t        balance 0.00
\tBase Volume: 65536 / 100% / 0.00 dB
\tMonitor Source: alsa_output.pci-0000_00_1f.3.analog-stereo.monitor
\tProperties:
\t\tdevice.description = "Built-in Audio Analog Stereo"
\tPorts:
\t\tanalog-output-speaker: Speakers (type: Speaker, priority: 10000, availability unknown)
\t\tanalog-output-headphones: Headphones (type: Headphones, priority: 9900, not available)
\tActive Port: {port}
"""

TELLS = """#!/bin/sh
while IFS= read -r line; do printf '%s\\n' "$line"; done < "{folder}/$1.txt"
"""

PLAYS = """#!/bin/sh
printf '%s\\n' "$@" > "{folder}/began"
IFS= read -r _ < "{folder}/finish"
"""

WILL_NOT_END = """#!/bin/sh
trap '' TERM INT HUP
printf '%s\\n' "$@" > "{folder}/began"
while :; do IFS= read -r _ < "{folder}/finish"; done
"""

ENDS_AT_ONCE = """#!/bin/sh
exit 1
"""

HANGS = """#!/bin/sh
printf '%s\\n' "$$" > "{folder}/began"
IFS= read -r _ < "{folder}/finish"
"""


class FakeSpeakers:
    """A computer with one loudspeaker, told by `pactl` and played on by `paplay`.

    `began()` waits for the player (or a hanging tool) and returns what it was called with; `finish()` lets it end.
    """

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self.sounds = folder / "sounds"
        self._folder = folder
        self.bin.mkdir()
        self.sounds.mkdir(mode=0o700)
        for name in ("began", "finish"):
            os.mkfifo(folder / name)
        self.is_set()
        self.program("pactl", TELLS)
        self.program("paplay", PLAYS)

    def is_set(
        self,
        *,
        default: str = SINK,
        port: str = "analog-output-speaker",
        mute: str = "no",
        left: int = 40,
        right: int = 40,
    ) -> None:
        """What the system tells of its loudspeaker from now on."""
        (self._folder / "info.txt").write_text(INFO.format(default=default))
        (self._folder / "list.txt").write_text(SINKS.format(port=port, mute=mute, left=left, right=right))

    def program(self, name: str, script: str) -> Path:
        """Put a program in place, or another in its place; returns its path."""
        path = self.bin / name
        path.unlink(missing_ok=True)
        path.write_text(script.format(folder=self._folder))
        path.chmod(0o700)
        return path

    async def began(self) -> list[str]:
        return (await asyncio.to_thread((self._folder / "began").read_text)).splitlines()

    async def finish(self) -> None:
        await asyncio.to_thread((self._folder / "finish").write_text, "\n")


def sound_permit(
    *,
    serial: int = 1,
    level: int = 1,
    duration_ms: int | None = None,
    strength: int = 20,
    output: Output = Output.SOUND,
) -> Permit:
    """A permit for a step of sound, good at 0."""
    step = step_of(Output.SOUND, level)
    if duration_ms is None:
        assert step is not None
        duration_ms = step.duration_ms
    request = NudgeRequest(Purpose.NUDGE, 1, output, level, duration_ms, strength)
    return Permit(key=permits._KEY, serial=serial, request=request, issued_ns=0)
