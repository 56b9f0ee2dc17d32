"""Sounds as WAV bytes: a soft train of swelling tones, or a voice the person recorded and chose.

Whatever goes in, no sample that comes out is further from nought than `limit_of(strength)`: the ceiling of
`PEAK_CEILING` times the strength. Every sound begins and ends in silence and swells: nothing in it is sharp. It is
never longer than was asked for, so that a player that has the file ends by itself. Nothing here reads a clock or
plays; `read_voice` reads one file.
"""

from __future__ import annotations

import io
import os
import stat
import struct
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vigil.domain.errors import DeviceError, InputError
from vigil.domain.guard_memory import is_whole
from vigil.domain.steps import Step

MOST_MS = 6_000
"""No sound is longer, in milliseconds: our choice, as long as the longest voice that is taken."""

PEAK_CEILING = 0.5
"""Highest sample of the loudest sound as a part of full scale, 6 dB below it: our choice, so that no strength and no
recording can use all that a loudspeaker can."""

RATE_HZ = 48_000
"""Frames per second of the tones: what most sound systems run at, so that nothing has to resample."""

PITCH_HZ = 220.0
"""Pitch of the tones, an A below middle C: low and soft, yet within what a small loudspeaker can give. Our choice."""

OVERTONE = 0.3
"""Part of one octave above, so that it is a tone and not a hum: our choice."""

LEAST_ON_MS = 200
"""A pulse shorter than this would be a click, whatever its swell: our choice."""

MOST_PULSES = 20
"""No train has more pulses: far above every ladder; it keeps a wrong number from taking memory."""

FADE_MS = 120
"""A voice comes and goes over this long, or over a quarter of its length where that is shorter: our choice."""

VOICE_LEAST_MS = 300
VOICE_RATES_HZ = (8_000, 48_000)
VOICE_MOST_BYTES = 48_000 * 2 * 2 * (MOST_MS // 1000) + 65_536
"""The longest stereo recording at the highest rate, and room for what programs write around it."""

VOICE_LEAST_PEAK = 0.01
"""Below this part of full scale a recording counts as silent (-40 dB): made louder, it would be noise. Our choice."""

CLIPPED_RUN = 3
"""So many samples at full scale in a row are clipped: one alone is what making it as loud as possible leaves."""

_NOT_WAV = (wave.Error, EOFError, RuntimeError, ValueError, ArithmeticError, struct.error, OSError)
"""What the standard library raises for damaged files; RuntimeError comes of a chunk that lies about its size."""

_FULL = 32_767
_LEAST_FRAMES = 100
_NOT_MADE = "the sound could not be made; nothing was played"

Samples = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Voice:
    """A recording that was checked: mono `samples`, shape (frames,), within [-1, 1], `rate_hz` frames a second."""

    samples: Samples
    rate_hz: int

    @property
    def duration_ms(self) -> int:
        """Length in whole milliseconds, rounded up."""
        return -(-len(self.samples) * 1000 // self.rate_hz)


def limit_of(strength_percent: int) -> int:
    """Highest 16-bit sample at a strength of 1 to 100 percent; raises DeviceError for any other."""
    if not is_whole(strength_percent, 1, 100):
        message = f"a strength of {strength_percent!r} percent cannot be played; nothing was played"
        raise DeviceError(message)
    return int(_FULL * PEAK_CEILING * strength_percent / 100)


def tones(step: Step, strength_percent: int) -> bytes:
    """The train of `step` as WAV: mono, 16 bits, `RATE_HZ`, exactly `step.duration_ms` long.

    Raises DeviceError if a number of the step is not whole or not within bounds, or the train longer than `MOST_MS`.
    """
    whole = (
        is_whole(step.pulses, 1, MOST_PULSES)
        and is_whole(step.on_ms, LEAST_ON_MS, MOST_MS)
        and is_whole(step.off_ms, 0, MOST_MS)
        and step.duration_ms <= MOST_MS
    )
    if not whole:
        message = "the tones asked for are not among those Vigil makes; nothing was played"
        raise DeviceError(message)
    pulse = _pulse(_frames(step.on_ms, RATE_HZ))
    train = np.zeros(_frames(step.duration_ms, RATE_HZ))
    for number in range(step.pulses):
        begin = _frames(number * (step.on_ms + step.off_ms), RATE_HZ)
        train[begin : begin + len(pulse)] = pulse
    return _wav(train, limit_of(strength_percent), RATE_HZ)


def fitted(voice: Voice, strength_percent: int, most_ms: int) -> bytes:
    """The voice as WAV: mono, its peak at what the strength allows, coming and going softly, at most `most_ms` long.

    A longer voice fades out early. Raises DeviceError for a strength or length out of bounds.
    """
    if not is_whole(most_ms, VOICE_LEAST_MS, MOST_MS):
        message = f"a voice of {most_ms!r} ms cannot be played; nothing was played"
        raise DeviceError(message)
    samples = voice.samples[: _frames(most_ms, voice.rate_hz)].copy()
    if not (len(samples) >= _LEAST_FRAMES and np.isfinite(samples).all()):
        raise DeviceError(_NOT_MADE)
    fade = min(_frames(FADE_MS, voice.rate_hz), len(samples) // 4)
    rise = 0.5 - 0.5 * np.cos(np.pi * np.arange(fade) / fade)
    samples[:fade] *= rise
    samples[-fade:] *= rise[::-1]
    return _wav(samples, limit_of(strength_percent), voice.rate_hz)


def read_voice(path: Path) -> Voice:
    """The recording in a WAV file the person chose, checked.

    PCM of 16 bits, one or two channels (mixed to one), 8 to 48 kHz, 0.3 to 6 s, not clipped, not silent. Raises
    InputError naming the file and what is wrong with it.
    """
    try:
        return _checked(_bytes_of(path))
    except _UnfitError as unfit:
        raise InputError(str(unfit), path=str(path)) from None


class _UnfitError(Exception):
    """Why a recording cannot be used, in plain words."""


def _bytes_of(path: Path) -> bytes:
    """All of a regular file that is small enough; a pipe or a device is never waited for."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except (OSError, ValueError) as error:
        message = f"the recording cannot be opened ({getattr(error, 'strerror', None) or 'not a path'})"
        raise _UnfitError(message) from error
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        message = "this is not a file; choose a WAV recording"
        raise _UnfitError(message)
    with os.fdopen(handle, "rb") as file:
        data = file.read(VOICE_MOST_BYTES + 1)
    if len(data) > VOICE_MOST_BYTES:
        message = f"the recording is too large; it may be {MOST_MS // 1000} seconds long at most"
        raise _UnfitError(message)
    return data


def _checked(data: bytes) -> Voice:
    try:
        with wave.open(io.BytesIO(data)) as file:
            channels, width, rate_hz = file.getnchannels(), file.getsampwidth(), file.getframerate()
            declared = file.getnframes()
            frames = file.readframes(declared)
    except _NOT_WAV as error:
        message = "this is not a plain WAV recording (PCM); save it as 16-bit WAV"
        raise _UnfitError(message) from error
    wrong = _wrong_form(channels, width, rate_hz)
    if wrong:
        raise _UnfitError(wrong)
    if len(frames) != declared * channels * width:
        message = "the file ends before the recording does; copy or record it again"
        raise _UnfitError(message)
    if not VOICE_LEAST_MS <= declared * 1000 / rate_hz <= MOST_MS:
        message = f"the recording lasts {declared / rate_hz:.1f} s; it must last 0.3 to {MOST_MS // 1000} s"
        raise _UnfitError(message)
    return Voice(_mono(np.frombuffer(frames, "<i2").reshape(-1, channels)), rate_hz)


def _wrong_form(channels: int, width: int, rate_hz: int) -> str:
    """What is wrong with the form of a recording, or nothing."""
    if width != 2:
        return f"the recording has {8 * width} bits a sample; save it with 16"
    if channels not in (1, 2):
        return f"the recording has {channels} channels; save it with one or two"
    if not VOICE_RATES_HZ[0] <= rate_hz <= VOICE_RATES_HZ[1]:
        return f"the recording has {rate_hz} samples a second; save it with 8,000 to 48,000"
    return ""


def _mono(samples: npt.NDArray[np.int16]) -> Samples:
    """One channel within [-1, 1]; refuses what is clipped, and what is silent once mixed."""
    full = np.abs(samples.astype(np.int32)) >= _FULL
    runs = np.lib.stride_tricks.sliding_window_view(full, CLIPPED_RUN, axis=0)
    if bool(runs.all(axis=-1).any()):
        message = "the recording is clipped, it would crackle; record it again, a little further from the microphone"
        raise _UnfitError(message)
    mixed: Samples = np.clip(samples.astype(np.float64).mean(axis=1) / _FULL, -1.0, 1.0)
    if not float(np.abs(mixed).max()) >= VOICE_LEAST_PEAK:
        message = "nothing can be heard in the recording; record it again, closer to the microphone"
        raise _UnfitError(message)
    return mixed


def _frames(milliseconds: int, rate_hz: int) -> int:
    """Whole frames that fit in so many milliseconds."""
    return milliseconds * rate_hz // 1000


def _pulse(frames: int) -> Samples:
    """One tone that swells from silence and sinks back into it, a raised cosine over all its length."""
    turn = 2.0 * np.pi * np.arange(frames)
    tone = np.sin(turn * PITCH_HZ / RATE_HZ) + OVERTONE * np.sin(2.0 * turn * PITCH_HZ / RATE_HZ)
    swell = 0.5 - 0.5 * np.cos(turn / (frames - 1))
    pulse: Samples = tone * swell
    return pulse


def _wav(samples: Samples, limit: int, rate_hz: int) -> bytes:
    """Mono 16-bit WAV with the highest sample at `limit`; refuses what is not finite, or silent."""
    highest = float(np.abs(samples).max()) if len(samples) else 0.0
    if not (np.isfinite(highest) and highest > 0.0):
        raise DeviceError(_NOT_MADE)
    scaled = np.clip(np.trunc(samples * (limit / highest)), -limit, limit)
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(scaled.astype("<i2").tobytes())
    return out.getvalue()
