"""Honest packets of every service, by characteristic: what hostile ones are made from."""

from __future__ import annotations

import struct

from tests.polar_encoder import H10, VERITY_SENSE, delta_frame, pulse_frame, raw_frame
from vigil.devices.packets import banglejs, infinitime
from vigil.devices.packets import open_seizure_detector as osd
from vigil.devices.packets.battery import BATTERY_LEVEL
from vigil.devices.packets.heart_rate import HEART_RATE_MEASUREMENT
from vigil.devices.packets.polar_control import CONTROL, DATA
from vigil.domain.units import NS_PER_S

DEVICE_NS = 599_616_000 * NS_PER_S
"""1 January 2019, when an H10 believes to have been put on (Polar BLE SDK, `TimeSystemExplained.md`)."""

STARTED = bytes((0xF0, 2, 2, 0, 0))
FACTOR = STARTED + b"\x05\x01" + struct.pack("<f", 0.000244)
_STILL = [(0, 0, 1000)] * 36
_TURNED = [*_STILL, (40, -7, 900)]

HONEST: dict[str, list[bytes]] = {
    HEART_RATE_MEASUREMENT: [
        bytes.fromhex(one) for one in ("1048 2c03", "1049 5e03 9603", "164d 1603", "0048", "0600", "1e48 0100 2c03")
    ],
    BATTERY_LEVEL: [b"\x00", b"\x64"],
    CONTROL: [H10, VERITY_SENSE, STARTED, FACTOR, bytes((0xF0, 2, 2, 6)), bytes((0xF0, 3, 2, 0)), b"\x0f\x05\x00"],
    DATA: [
        *(raw_frame(DEVICE_NS + i * NS_PER_S, _STILL) for i in range(8)),
        raw_frame(DEVICE_NS + 9 * NS_PER_S, [(1, -1, 64)] * 36, 1),
        raw_frame(DEVICE_NS + 10 * NS_PER_S, _STILL, 3),
        delta_frame(DEVICE_NS + 11 * NS_PER_S, _TURNED, [10, 26]),
        delta_frame(DEVICE_NS + 12 * NS_PER_S, _TURNED, [36], 0x80),
        pulse_frame([(60, 1000, 8, 6), (61, 990, 60, 7)]),
    ],
    banglejs.HEART: [struct.pack("<BBHB", 0x10, i, 610, 90) for i in range(4)],
    banglejs.MOTION: [struct.pack("<BB9h", 0x1C, i, -5, 0, 980, 15, 30, 1020, 4, 9, 1001) for i in range(4)],
    banglejs.STATE: [struct.pack("<BBBBBHH", 0x10, 71, worn, 1, 0, 0, 6000) for worn in (0, 1, 255)],
    banglejs.BUTTON: [bytes((0x10, kind, i)) for kind in (1, 2, 3) for i in (1, 2)],
    infinitime.MOTION_VALUES: [struct.pack("<3h", 0, -512, 880), struct.pack("<6h", 1, 2, 3, 4, 5, 6)],
    osd.ACCELERATION: [struct.pack("<9h", 5, -480, 870, 6, -481, 869, 4, -479, 872), bytes(20)],
    osd.FORMAT: [b"\x00", b"\x01", b"\x03"],
    osd.CHARGE: [b"\x40"],
}

LATER = (osd.ACCELERATION,)
"""Characteristics that a codec wishes for only once it has heard something."""
