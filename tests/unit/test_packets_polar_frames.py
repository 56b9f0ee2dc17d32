"""Polar's data frames: raw, compressed, and pulse intervals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.polar_encoder import delta_frame, header, pulse_frame, raw_frame
from vigil.devices.packets.polar_frames import (
    MOST_PULSES,
    MOST_SAMPLES,
    Frame,
    acceleration_of,
    deltas,
    frame_of,
    pulses_of,
)

VERITY_PACKET = bytes.fromhex(
    "02 00416FC41245930A 81 EE021FFE82FF"
    "080A10DA20D6A30BD9CBE7D6F6C4E6F1E1F3E0151AFE281BF8372C25201319110A2FED4FC07EF4E9BB6E800DC82FB03E14D1AFB07F16C4CC20"
    "8734035412"
    "8BFF8D00C142FBE6D3DFB5E191532FBEF9ED43B03EFDDB9B903DF503605F7BFAD9DFAE000B246470"
    "4012CCCFBF04E4C533B038084180EFC212EC178146FDFE5BB001F3D1D76F81FFCD7B0FC20136607F43D35F3F3F78CB06484EFF000EFC8205"
    "51AB55E34A2D1D0C5FBDE858734DBDEBA06751020CC47041CA267FA0028919FE3F5F74E72244203F1566B0524D055CA41FBEE96800"
)
"""227 bytes that a Verity Sense sent on 23 February 2024 (polar-ble-sdk #443)."""


def frame(data: bytes) -> Frame:
    found = frame_of(data)
    assert isinstance(found, Frame)
    return found


def acceleration(data: bytes, factor: float | None = None) -> list[list[int]]:
    found = acceleration_of(frame(data), factor)
    assert not isinstance(found, str), found
    assert found.dtype == np.int16
    rows: list[list[int]] = found.tolist()
    return rows


def test_a_packet_of_a_real_sensor_is_read_to_its_last_byte() -> None:
    """58 samples of about one g, which is what a wrist feels; nothing but the right way to unpack gives that."""
    assert len(VERITY_PACKET) == 227
    found = np.array(acceleration(VERITY_PACKET))
    assert found.shape == (58, 3)
    assert found[:2].tolist() == [[750, -481, -126], [766, -519, -94]]
    assert 600 < np.linalg.norm(found, axis=1).min() < np.linalg.norm(found, axis=1).max() < 1350
    years = (frame(VERITY_PACKET).device_ns or 0) / 1e9 / 86400 / 365.25
    assert 24.14 < years < 24.16


def test_the_specifications_own_example_is_read() -> None:
    """The reference of *Delta frame sample example*, with its factor: x -48, y 357, z 4068 steps are about one g."""
    data = header(2, 1, 0x80) + bytes.fromhex("D0FF6501E40F")
    assert acceleration(data, 0.000244) == [[-12, 87, 993]]
    found = deltas(bytes.fromhex("D0FF6501E40F"))
    assert not isinstance(found, str)
    assert found.tolist() == [[-48, 357, 4068]]


def test_the_first_samples_of_an_h10_are_read() -> None:
    """Raw, type 1, as Polar's own test of `AccData` has them."""
    data = bytes.fromhex("02 0094357700000000 01 F7FFFFFFE703 F8FFFEFFE503 F9FFFFFFE503")
    assert acceleration(data) == [[-9, -1, 999], [-8, -2, 997], [-7, -1, 997]]
    assert frame(data).device_ns == 2_000_000_000


@pytest.mark.parametrize(("size", "most"), [(1, 127), (2, 32767), (3, 8_388_607)])
def test_raw_frames_are_signed_at_every_width(size: int, most: int) -> None:
    """Beyond 16 bits there is no room in a block: cut off, not wrapped around to the other side."""
    found = acceleration(raw_frame(1, [(most, -most - 1, 0), (1, -1, -2)], size))
    kept = min(most, 32767)
    assert found == [[kept, max(-most - 1, -32767), 0], [1, -1, -2]]


axis = st.integers(-32768, 32767)
one_sample = st.tuples(axis, axis, axis)


@st.composite
def walks(draw: st.DrawFn) -> tuple[list[tuple[int, int, int]], list[int]]:
    """Samples, anywhere or nearly still, and how they are grouped."""
    near = draw(st.integers(1, 300))
    first = draw(one_sample)
    count = draw(st.integers(1, 80))
    samples = [first]
    for _ in range(count - 1):
        if draw(st.integers(0, 9)) == 0:
            samples.append(draw(one_sample))
        else:
            moved = [min(32767, max(-32768, one + draw(st.integers(-near, near)))) for one in samples[-1]]
            samples.append((moved[0], moved[1], moved[2]))
    groups, left = [], count - 1
    while left:
        length = draw(st.integers(1, min(left, 255)))
        groups.append(length)
        left -= length
    return samples, groups


@given(walks(), st.integers(0, 4), st.sampled_from((0x80, 0x81)))
def test_what_was_compressed_comes_back(
    walk: tuple[list[tuple[int, int, int]], list[int]], more: int, kind: int
) -> None:
    """Whatever the groups and their widths; the encoder shares nothing with the decoder."""
    samples, groups = walk
    found = deltas(delta_frame(7, samples, groups, kind, more)[10:])
    assert not isinstance(found, str), found
    assert found.tolist() == [list(one) for one in samples]


@given(st.lists(one_sample, min_size=1, max_size=20), st.floats(1e-5, 0.01))
def test_off_the_grid_of_milli_g_values_are_rounded_to_it(samples: list[tuple[int, int, int]], factor: float) -> None:
    """A step of the sensor is 0.244 milli-g at 8 g: half a milli-g is the most that rounding costs."""
    found = acceleration(delta_frame(7, samples, [len(samples) - 1] if samples[1:] else [], 0x80), factor)
    for row, sample in zip(found, samples, strict=True):
        for got, raw in zip(row, sample, strict=True):
            assert abs(got - max(-32767.0, min(32767.0, raw * factor * 1000))) <= 0.5 + 1e-6


def test_a_width_that_was_not_told_is_not_guessed() -> None:
    """Compressed frames in g have no meaning without their factor."""
    assert acceleration_of(frame(delta_frame(1, [(0, 0, 4096)], [], 0x80)), None) == (
        "its unit was not told when the stream started"
    )


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\x02" + bytes(9), "too short"),
        (header(2, 1, 1) + bytes(7), "no whole samples"),
        (header(2, 1, 1) + bytes(6 * (MOST_SAMPLES + 1)), f"more than {MOST_SAMPLES}"),
        (header(2, 1, 3) + bytes(6), "type 3 are not known"),
        (header(2, 1, 0x82) + bytes(6), "type 130 are not known"),
        (header(2, 1, 0x81) + bytes(5), "first sample is cut off"),
        (header(2, 1, 0x81) + bytes(6) + b"\x08", "last group is cut off"),
        (header(2, 1, 0x81) + bytes(6) + b"\x08\x02" + bytes(5), "last group is cut off"),
        (header(2, 1, 0x81) + bytes(6) + b"\x00\xff" * 9, "differences of 0 bits"),
        (header(2, 1, 0x81) + bytes(6) + b"\x19\x01" + bytes(20), "differences of 25 bits"),
        (header(2, 1, 0x81) + bytes(6) + (b"\x01\xff" + bytes(96)) * 3, f"more than {MOST_SAMPLES}"),
    ],
)
def test_what_is_no_frame_is_refused_in_words(data: bytes, why: str) -> None:
    """Nothing of it is used."""
    found = frame_of(data)
    said = found if isinstance(found, str) else acceleration_of(found, 0.000244)
    assert isinstance(said, str)
    assert why in said


def test_a_group_without_samples_adds_none() -> None:
    """It is two bytes of nothing."""
    found = deltas(bytes(6) + b"\x05\x00")
    assert not isinstance(found, str)
    assert found.tolist() == [[0, 0, 0]]


def test_pulse_intervals_of_a_real_sensor_are_read() -> None:
    """A log of a Verity Sense at rest (polar-ble-sdk #311)."""
    data = bytes.fromhex("03 0000000000000000 00 3C2C04060006 3C0904060006 3CA203070006 3C8203090006 3C23040A0006")
    assert frame(data).device_ns is None
    assert pulses_of(frame(data)) == ((1068, True), (1033, True), (930, True), (898, True), (1059, True))


@pytest.mark.parametrize(
    ("error_ms", "flags", "clean"),
    [(30, 0b110, True), (31, 0b110, False), (0, 0b111, False), (0, 0b100, False), (0, 0b000, True), (0, 0b010, True)],
)
def test_pulse_intervals_that_the_sensor_doubts_are_not_clean(error_ms: int, flags: int, clean: bool) -> None:
    """Movement, a large error, or contact that is known to be lost."""
    assert pulses_of(frame(pulse_frame([(60, 1000, error_ms, flags)]))) == ((1000, clean),)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (header(3, 0, 1) + bytes(6), "type 1 are not known"),
        (header(3, 0, 0) + bytes(7), "no whole pulse intervals"),
        (header(3, 0, 0) + bytes(6 * (MOST_PULSES + 1)), f"more than {MOST_PULSES}"),
    ],
)
def test_what_is_no_frame_of_pulse_intervals_is_refused(data: bytes, why: str) -> None:
    """In words."""
    said = pulses_of(frame(data))
    assert isinstance(said, str)
    assert why in said


def test_a_time_that_no_clock_shows_is_none() -> None:
    """A frame with a broken time still has its samples."""
    assert frame(raw_frame(2**64 - 1, [(0, 0, 1000)])).device_ns is None
    assert frame(raw_frame(0, [(0, 0, 1000)])).device_ns is None
