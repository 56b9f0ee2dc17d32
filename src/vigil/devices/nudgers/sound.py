"""The loudspeaker as an output: soft tones or a voice the person recorded, played by the system's own player.

Checked at bedtime and again before every sound: that the loudspeaker is the one the person tried, that it is not turned
up further than they allowed, that it is not muted, that all of this can be read at all (faults F10 and F11). If not,
Vigil keeps silent and says why. The sound itself is never stronger than `waves.limit_of`, comes and goes slowly, and is
written to a file exactly as long as was allowed, so that it ends by itself even if Vigil dies meanwhile.

Not checked, because no program can tell: a knob on the loudspeaker or headset, how loud a given volume is in the room,
whether a headset is on somebody's ears, whether a loudspeaker with a radio is switched on. What else a given system
does not tell stands in `mixers.MIXERS[...].unseen`. So the person tries every step by day, from the pillow, with the
knob where it stays. A moment is left between the check and the first sample; a player that can be told its loudspeaker
is told it, so that it does not move to another in that moment (afplay and aplay cannot be told).

How a sound is begun, ended, and found again after a crash stands in `playing.py`.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

from vigil.devices.nudgers.mixers import MIXERS, Speaker
from vigil.devices.nudgers.playing import Playing, Ready
from vigil.devices.nudgers.processes import SystemTools, Tools
from vigil.devices.nudgers.waves import MOST_MS, fitted, read_voice, tones
from vigil.domain.errors import DeviceError, InputError, SettingsError
from vigil.domain.guard_memory import is_whole
from vigil.domain.permits import Permit
from vigil.domain.requests import NudgeRequest, Output
from vigil.domain.steps import step_of

CEILING_PERCENT = 60
"""A loudspeaker turned up further than this is not used unless the person chose otherwise: our choice."""

NEEDS = "It needs pactl with paplay, wpctl with pw-play, or aplay; on a Mac nothing has to be added."
"""What to add where no loudspeaker can be checked, for whom the names of programs help: at a terminal."""


@dataclass(frozen=True, slots=True)
class SoundChoice:
    """What the person chose at setup.

    device: `Speaker.key` of the loudspeaker they tried. voice: full path of a WAV recording, or empty for tones.
    ceiling_percent: 1 to 100, how far that loudspeaker may be turned up. Raises SettingsError for anything else.
    """

    device: str
    voice: str = ""
    ceiling_percent: int = CEILING_PERCENT

    def __post_init__(self) -> None:
        if type(self.device) is not str or self.device.partition(":")[0] not in MIXERS or self.device.endswith(":"):
            message = f"{self.device!r} is no loudspeaker Vigil can check; `vigil test-nudge --find` says which one is"
            raise SettingsError(message)
        if type(self.voice) is not str or (self.voice and not Path(self.voice).is_absolute()):
            message = f"{self.voice!r} is not the full path of a recording; write it in full, as /home/me/voice.wav"
            raise SettingsError(message)
        if not is_whole(self.ceiling_percent, 1, 100):
            message = f"a loudspeaker cannot be limited to {self.ceiling_percent!r} %; choose 1 to 100"
            raise SettingsError(message)

    @property
    def mixer(self) -> str:
        """Name of the row of `MIXERS` that told of the loudspeaker."""
        return self.device.partition(":")[0]


class _UnfitError(Exception):
    """Why no sound may be made now: a plain clause, and what the person can do."""

    def __init__(self, clause: str, remedy: str) -> None:
        self.clause = clause
        self.remedy = remedy
        super().__init__(clause)


async def speaker_now(tools: Tools, mixer: str) -> Speaker | None:
    """The loudspeaker that would sound now, as one row of `MIXERS` tells; None if it cannot be told."""
    row = MIXERS[mixer]
    programs = [tools.find(question[0]) for question in row.questions]
    if not all(programs) or not any(tools.find(player) for player in row.players):
        return None
    try:
        answers = [await tools.ask((program, *q[1:])) for program, q in zip(programs, row.questions, strict=True)]
    except DeviceError:
        return None
    return row.read(answers)


async def speaker_here(tools: Tools | None = None) -> Speaker:
    """The loudspeaker that would sound now, for setup; raises DeviceError if there is none that can be checked."""
    for mixer in MIXERS:
        speaker = await speaker_now(tools or SystemTools(), mixer)
        if speaker is not None:
            return speaker
    message = "Vigil found no loudspeaker it can control on this computer. Sound stays off."
    raise DeviceError(message)


def wrong_with(choice: SoundChoice, speaker: Speaker | None) -> str:
    """What is against a sound from this loudspeaker, as a plain clause; empty if nothing is."""
    if speaker is None:
        return "the loudspeaker could not be found"
    if speaker.key != choice.device:
        return "the loudspeaker is another one than you tried"
    if not MIXERS[choice.mixer].tells_volume:
        return ""
    if not is_whole(speaker.volume_percent, 0) or type(speaker.muted) is not bool:
        return "how far the loudspeaker is turned up could not be read"
    if speaker.muted or speaker.volume_percent == 0:
        return "the loudspeaker is muted"
    if is_whole(speaker.volume_percent, 1, choice.ceiling_percent):
        return ""
    return f"the loudspeaker is turned up to {speaker.volume_percent} %, above the {choice.ceiling_percent} % you chose"


class SoundNudger:
    """Sound after the contract of an output (`run.ports.Nudger`).

    folder: an existing one that only its owner can read; what is played lies there for as long as it is played.
    tools: the operating system.
    """

    most_ms = MOST_MS
    """A request for longer is refused, in milliseconds."""

    def __init__(self, choice: SoundChoice, folder: Path, tools: Tools | None = None) -> None:
        self._choice = choice
        self._tools: Tools = tools or SystemTools()
        self._playing = Playing(folder, self._tools)

    @property
    def output(self) -> Output:
        """Sound."""
        return Output.SOUND

    @property
    def name(self) -> str:
        """In words."""
        return "the loudspeaker"

    async def probe(self) -> str:
        """Whether everything is as it was set up, without a sound: empty, or what is wrong. Never raises."""
        try:
            if self._choice.voice:
                read_voice(Path(self._choice.voice))
            if not self._playing.can_write():
                return "the folder for sounds cannot be written to"
            await self._ready()
        except InputError as error:
            return f"the recorded voice cannot be used: {error.reason}"
        except _UnfitError as unfit:
            return unfit.clause
        except Exception as error:  # whatever it is, an output that cannot be checked is not used
            return f"the loudspeaker could not be checked ({type(error).__name__})"
        return ""

    async def start(self, permit: Permit, at_ns: int) -> None:
        """Begin what the permit allows; returns once a player has begun.

        Raises PermitError if the permit is no good, DeviceError if no sound was begun.
        """
        request = permit.redeem(at_ns)
        stops = self._playing.stops
        wav = self._sound(request)
        try:
            ready = await self._ready()
        except _UnfitError as unfit:
            message = f"{unfit.clause[0].upper()}{unfit.clause[1:]}; nothing was played. {unfit.remedy}"
            raise DeviceError(message) from None
        await self._playing.begin(ready, wav, permit.serial, stops)

    async def off(self) -> None:
        """End every sound of Vigil's, this one's and one left by an earlier Vigil; returns when all have ended.

        A start that has not begun its player yet will not. Raises DeviceError if a player cannot be ended.
        """
        await self._playing.end()

    async def close(self) -> None:
        """End every sound and let go; what cannot be ended was said by `off`."""
        with contextlib.suppress(DeviceError):
            await self._playing.end()

    def _sound(self, request: NudgeRequest) -> bytes:
        """The WAV of a request, every number of which is checked again; raises DeviceError."""
        step = step_of(Output.SOUND, request.level) if is_whole(request.level, 1) else None
        if request.output is not Output.SOUND or step is None or not is_whole(request.duration_ms, 1, MOST_MS):
            message = "A sound was asked for that the loudspeaker does not make; nothing was played."
            raise DeviceError(message)
        if self._choice.voice:
            try:
                return fitted(read_voice(Path(self._choice.voice)), request.strength_percent, request.duration_ms)
            except InputError as error:
                message = f"The recorded voice cannot be used: {error.reason}. Nothing was played."
                raise DeviceError(message) from None
        if step.duration_ms > request.duration_ms:
            message = "The tones last longer than was allowed; nothing was played."
            raise DeviceError(message)
        return tones(step, request.strength_percent)

    async def _ready(self) -> Ready:
        """A player and the loudspeaker it will play on, checked now; raises _UnfitError."""
        row = MIXERS[self._choice.mixer]
        for program in (question[0] for question in row.questions):
            if not self._tools.find(program):
                clause = f"{program}, which tells the loudspeaker, is not on this computer any more"
                raise _UnfitError(clause, "Install it again, or choose otherwise: `vigil setup --again outputs`.")
        found = [(player, program) for player in row.players if (program := self._tools.find(player))]
        if not found:
            clause = f"no player for sound is on this computer ({' or '.join(row.players)})"
            raise _UnfitError(clause, "Install one, or choose otherwise: `vigil setup --again outputs`.")
        speaker = await speaker_now(self._tools, self._choice.mixer)
        wrong = wrong_with(self._choice, speaker)
        if wrong or speaker is None:
            raise _UnfitError(wrong, "Set it as it was when you tried it, or choose this: `vigil test-nudge --find`.")
        return Ready(*found[0], speaker.target)
