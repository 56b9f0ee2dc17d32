"""Sounds: nothing sharp, nothing too strong, nothing too long, and a recording is checked before it is taken."""

from __future__ import annotations

import io
import math
import os
import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigil.devices.nudgers import waves
from vigil.devices.nudgers.waves import Voice, fitted, limit_of, read_voice, tones
from vigil.domain.errors import DeviceError, InputError
from vigil.domain.requests import Output
from vigil.domain.steps import LADDERS, Step

STRENGTHS = st.integers(1, 100)
ODD = [0, -1, 101, 50.0, True, math.nan, math.inf, None, "50"]


def opened(wav: bytes) -> tuple[npt.NDArray[np.int32], int]:
    """Samples and rate of WAV bytes, which must be mono and of 16 bits."""
    with wave.open(io.BytesIO(wav)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int32), file.getframerate()


def recording(
    path: Path, samples: npt.NDArray[np.int16], *, rate_hz: int = 16_000, channels: int = 1, width: int = 2
) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate_hz)
        file.writeframes(samples.astype("<i2").tobytes())
    return path


def hum(seconds: float = 1.0, *, peak: int = 12_000, rate_hz: int = 16_000) -> npt.NDArray[np.int16]:
    time = np.arange(round(seconds * rate_hz)) / rate_hz
    samples: npt.NDArray[np.int16] = np.trunc(peak * np.sin(2 * np.pi * 180 * time)).astype(np.int16)
    return samples


@pytest.mark.parametrize("step", LADDERS[Output.SOUND])
def test_every_step_of_the_ladder_is_as_long_as_it_says(step: Step) -> None:
    """A train lasts exactly its step's duration, so that a player that has it ends by itself."""
    samples, rate_hz = opened(tones(step, step.strength_percent))
    assert len(samples) * 1000 == step.duration_ms * rate_hz


@pytest.mark.parametrize("step", LADDERS[Output.SOUND])
def test_a_train_has_its_pulses_and_its_pauses(step: Step) -> None:
    """Each pulse is loud in its middle, each pause is silence."""
    samples, rate_hz = opened(tones(step, 100))
    for number in range(step.pulses):
        begin = number * (step.on_ms + step.off_ms) * rate_hz // 1000
        on, off = step.on_ms * rate_hz // 1000, step.off_ms * rate_hz // 1000
        middle = samples[begin + on // 3 : begin + 2 * on // 3]
        assert np.abs(middle).max() > 0.7 * limit_of(100)
        assert not samples[begin + on : begin + on + off].any()


@given(strength=STRENGTHS, pulses=st.integers(1, 4), on_ms=st.integers(200, 1500), off_ms=st.integers(0, 200))
@settings(max_examples=40, deadline=None)
def test_tones_never_exceed_what_the_strength_allows_nor_jump(
    strength: int, pulses: int, on_ms: int, off_ms: int
) -> None:
    """No sample is above the ceiling times the strength, no two neighbours differ more than the pitch makes them."""
    step = Step(level=1, pulses=pulses, on_ms=on_ms, off_ms=off_ms, strength_percent=50)
    if step.duration_ms > waves.MOST_MS:
        with pytest.raises(DeviceError):
            tones(step, strength)
        return
    samples, rate_hz = opened(tones(step, strength))
    peak = int(np.abs(samples).max())
    assert 0 < peak <= limit_of(strength) <= 32_767 * waves.PEAK_CEILING * strength / 100
    steepest = 2 * math.pi * waves.PITCH_HZ / rate_hz * limit_of(strength) * (1 + 2 * waves.OVERTONE)
    assert np.abs(np.diff(samples, prepend=0, append=0)).max() <= steepest + 2


def test_stronger_is_louder() -> None:
    """The peak follows the strength in proportion."""
    step = LADDERS[Output.SOUND][0]
    peaks = [int(np.abs(opened(tones(step, strength))[0]).max()) for strength in (10, 20, 40, 80)]
    assert peaks == pytest.approx([limit_of(strength) for strength in (10, 20, 40, 80)], abs=2)


@pytest.mark.parametrize("strength", ODD)
def test_an_odd_strength_is_refused(strength: int) -> None:
    """What is not a whole number from 1 to 100 makes no sound, NaN included."""
    voice = Voice(hum().astype(np.float64) / 32_767, 16_000)
    with pytest.raises(DeviceError, match="nothing was played"):
        tones(LADDERS[Output.SOUND][0], strength)
    with pytest.raises(DeviceError, match="nothing was played"):
        fitted(voice, strength, 1000)


@pytest.mark.parametrize(
    ("pulses", "on_ms", "off_ms"),
    [(0, 500, 0), (21, 200, 0), (1, 199, 0), (1, 6001, 0), (2, 500, -1), (3, 2000, 500), (True, 500, 0), (1, 5e2, 0)],
)
def test_an_odd_step_is_refused(pulses: int, on_ms: int, off_ms: int) -> None:
    """A train with a number out of bounds, or longer than any sound may be, is not made."""
    with pytest.raises(DeviceError, match="nothing was played"):
        tones(Step(level=1, pulses=pulses, on_ms=on_ms, off_ms=off_ms, strength_percent=20), 20)


@given(
    data=st.binary(min_size=2400, max_size=4800).filter(lambda data: len(data) % 2 == 0),
    strength=STRENGTHS,
    rate_hz=st.sampled_from([8_000, 11_025, 44_100, 48_000]),
    most_ms=st.integers(300, 6000),
)
@settings(max_examples=60, deadline=None)
def test_no_voice_exceeds_the_ceiling_whatever_is_in_it(data: bytes, strength: int, rate_hz: int, most_ms: int) -> None:
    """Noise at full scale comes out within the strength, begins and ends in silence, and is never too long."""
    noise = np.clip(np.frombuffer(data, "<i2").astype(np.float64) / 32_767, -1, 1)
    samples = np.resize(noise, rate_hz)
    if not samples.any():
        return
    out, rate = opened(fitted(Voice(samples, rate_hz), strength, most_ms))
    assert rate == rate_hz
    assert np.abs(out).max() <= limit_of(strength)
    assert out[0] == out[-1] == 0
    assert len(out) * 1000 <= min(most_ms, 1000) * rate_hz


def test_a_long_voice_fades_out_where_the_time_ends() -> None:
    """A voice longer than it may be is cut softly: its last tenth of a second sinks to nothing."""
    out, rate_hz = opened(fitted(Voice(hum(5.0).astype(np.float64) / 32_767, 16_000), 100, 2000))
    assert len(out) == 2 * rate_hz
    fade = rate_hz * waves.FADE_MS // 1000
    thirds = [int(np.abs(out[len(out) - fade :][part * fade // 3 : (part + 1) * fade // 3]).max()) for part in range(3)]
    assert thirds == sorted(thirds, reverse=True)
    assert thirds[-1] < 0.3 * limit_of(100)


@pytest.mark.parametrize("most_ms", [0, 299, 6001, 1000.0, True, math.nan, None])
def test_an_odd_length_is_refused(most_ms: int) -> None:
    """A voice is not played for a length that is no length."""
    with pytest.raises(DeviceError, match="nothing was played"):
        fitted(Voice(hum().astype(np.float64) / 32_767, 16_000), 50, most_ms)


def test_what_is_not_a_number_is_never_played() -> None:
    """A voice with NaN or infinity in it, or without anything in it, makes no sound at all."""
    for bad in (math.nan, math.inf, 0.0):
        with pytest.raises(DeviceError, match="could not be made"):
            fitted(Voice(np.full(16_000, bad), 16_000), 50, 1000)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate_hz", [8_000, 22_050, 48_000])
def test_a_plain_recording_is_taken(tmp_path: Path, channels: int, rate_hz: int) -> None:
    """Mono and stereo from 8 to 48 kHz are taken, and keep their length."""
    samples = np.repeat(hum(0.8, rate_hz=rate_hz), channels)
    voice = read_voice(recording(tmp_path / "voice.wav", samples, rate_hz=rate_hz, channels=channels))
    assert (voice.rate_hz, voice.duration_ms) == (rate_hz, 800)
    assert float(np.abs(voice.samples).max()) == pytest.approx(12_000 / 32_767, rel=1e-3)


def test_one_sample_at_full_scale_is_not_clipping(tmp_path: Path) -> None:
    """A recording made as loud as it can be touches full scale without being cut."""
    samples = hum()
    samples[[100, 101, 500]] = 32_767, -32_768, -32_768
    assert read_voice(recording(tmp_path / "loud.wav", samples)).duration_ms == 1000


def cut_short(path: Path) -> None:
    recording(path, hum())
    path.write_bytes(path.read_bytes()[:-1000])


def float_wav(path: Path) -> None:
    recording(path, hum())
    data = bytearray(path.read_bytes())
    data[20:22] = (3).to_bytes(2, "little")
    path.write_bytes(bytes(data))


def clipped(path: Path) -> None:
    samples = np.repeat(hum()[:, None], 2, axis=1)
    samples[2000:2003, 1] = -32_768
    recording(path, samples, channels=2)


def unlike_channels(path: Path) -> None:
    recording(path, np.stack([hum(), -hum()], axis=1), channels=2)


UNFIT: dict[str, tuple[Callable[[Path], object], str]] = {
    "absent": (lambda path: None, "cannot be opened"),
    "folder": (lambda path: path.mkdir(), "not a file"),
    "pipe": (os.mkfifo, "not a file"),
    "empty": (lambda path: path.write_bytes(b""), "not a plain WAV"),
    "text": (lambda path: path.write_text("RIFF, said the cat\n" * 50), "not a plain WAV"),
    "float": (float_wav, "not a plain WAV"),
    "cut": (cut_short, "ends before"),
    "huge": (lambda path: path.write_bytes(b"RIFF" + bytes(waves.VOICE_MOST_BYTES)), "too large"),
    "8 bits": (lambda path: recording(path, hum(), width=1), "16"),
    "4 channels": (lambda path: recording(path, hum(), channels=4), "one or two"),
    "too coarse": (lambda path: recording(path, hum(), rate_hz=7_999), "8,000 to 48,000"),
    "too fine": (lambda path: recording(path, hum(2.0), rate_hz=48_001), "8,000 to 48,000"),
    "short": (lambda path: recording(path, hum(0.29)), "0.3 to 6 s"),
    "long": (lambda path: recording(path, hum(6.01)), "0.3 to 6 s"),
    "no frames": (lambda path: recording(path, hum(0)), "0.3 to 6 s"),
    "clipped": (clipped, "clipped"),
    "silent": (lambda path: recording(path, hum(peak=300)), "nothing can be heard"),
    "all nought": (lambda path: recording(path, hum(peak=0)), "nothing can be heard"),
    "channels cancel": (unlike_channels, "nothing can be heard"),
}


@pytest.mark.parametrize("name", UNFIT)
def test_an_unfit_recording_is_refused_by_name(tmp_path: Path, name: str) -> None:
    """What cannot be used is refused with the file and the reason, and a pipe is not waited for."""
    make, reason = UNFIT[name]
    path = tmp_path / f"{name}.wav"
    make(path)
    with pytest.raises(InputError, match=reason) as refused:
        read_voice(path)
    assert refused.value.path == str(path)
    assert str(path) in str(refused.value)


def test_a_path_that_is_none_is_refused() -> None:
    """A path with a nought byte in it names no file."""
    with pytest.raises(InputError, match="cannot be opened"):
        read_voice(Path("a\0b.wav"))


@given(data=st.binary(max_size=200), at=st.integers(0, 60), keep=st.integers(0, 4000))
@settings(max_examples=150, deadline=None)
def test_a_damaged_recording_is_refused_or_plays_within_bounds(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, at: int, keep: int
) -> None:
    """Whatever bytes a file holds, it is refused in plain words or stays within ceiling and length."""
    path = tmp_path_factory.mktemp("damaged") / "voice.wav"
    whole = bytearray(recording(path, hum(0.5)).read_bytes())
    whole[at : at + len(data)] = data
    path.write_bytes(bytes(whole[: len(whole) - keep]))
    try:
        voice = read_voice(path)
    except InputError:
        return
    out, rate_hz = opened(fitted(voice, 100, 6000))
    assert np.abs(out).max() <= limit_of(100)
    assert len(out) <= 6 * rate_hz
