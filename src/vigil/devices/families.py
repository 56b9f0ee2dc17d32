"""The wearables that Vigil itself knows: one row a family. `docs/devices.md` is made from them."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from vigil.devices.family import Buzz, Family, Sense, Tried
from vigil.devices.packets.contract import Codec, uuid_of

HEART_RATE_SERVICE = uuid_of(0x180D)
"""Bluetooth SIG, Assigned Numbers, 3.4.2: what many unlike wearables share, so it tells the least."""

_PACKETS = "vigil.devices.packets"


def _made(module: str, codec: str) -> Callable[[], Codec]:
    """How a codec is made, imported only then, so that the catalogue can be shown without any of them."""

    def make() -> Codec:
        made: Codec = getattr(import_module(f"{_PACKETS}.{module}"), codec)()
        return made

    return make


_HRS = "Heart Rate Service 1.0, Bluetooth SIG"
_POLAR = "https://github.com/polarofficial/polar-ble-sdk/blob/master/documentation/products"
_INFINITIME = "https://github.com/InfiniTimeOrg/InfiniTime/blob/main"
_OSD = "https://github.com/OpenSeizureDetector/BangleSD/blob/master"
_OPTICAL_CAUTION = (
    "It may send a heart rate while nobody wears it, and says too little about contact (its maker's own warning): take "
    "it off only after ending the night."
)

BUILT_IN: tuple[Family, ...] = (
    Family(
        key="banglejs",
        name="Bangle.js 2 with Vigil's app",
        names=("bangle.js",),
        services=(),
        codec=_made("banglejs", "BanglejsCodec"),
        senses=frozenset({Sense.HEART, Sense.MOTION, Sense.CONTACT, Sense.BATTERY, Sense.MARKS}),
        heart_cadence_ms=2000,
        buzz=Buzz.GRADED,
        tried=Tried.VIRTUAL,
        caution=(
            "One computer or phone at a time can be connected to it: end its phone app before the night. Switch its "
            "setting Programmable off, or anybody in reach can run a program of their own on it."
        ),
        sources=(
            ("advertised name, connections, vibration", "https://www.espruino.com/Reference#Bangle"),
            ("services, packets, limits on the watch, a heart rate every second or two", "firmware/banglejs/README.md"),
        ),
    ),
    Family(
        key="openseizuredetector",
        name="Bangle.js or PineTime as a data source of OpenSeizureDetector",
        names=(),
        services=("000085e9-0000-1000-8000-00805f9b34fb",),
        codec=_made("open_seizure_detector", "OpenSeizureDetectorCodec"),
        senses=frozenset({Sense.HEART, Sense.MOTION, Sense.BATTERY}),
        heart_cadence_ms=1000,
        buzz=Buzz.NONE,
        tried=Tried.PACKETS,
        caution=(
            "It repeats its last heart rate for ever, so a sensor that has stopped looks like a steady heart until the "
            "frozen limit. It says nothing of whether it is worn. Some versions of its app for Bangle.js send no real "
            "movement, which is noticed and left out."
        ),
        sources=(
            ("service, characteristics, formats", f"{_OSD}/OpenSeizureDetector.md"),
            (
                "heart rate with every packet, passed on once a second; the counter",
                f"{_OSD}/apps/openseizure/widget.js",
            ),
        ),
    ),
    Family(
        key="polar-h10",
        name="Polar H10",
        names=("polar h10",),
        services=(),
        codec=_made("polar", "polar_strap"),
        senses=frozenset({Sense.HEART, Sense.BEATS, Sense.MOTION, Sense.CONTACT, Sense.BATTERY}),
        heart_cadence_ms=None,
        buzz=Buzz.NONE,
        tried=Tried.VIRTUAL,
        caution="It is heard only while worn with moist electrodes; what vibrates is a second wearable.",
        sources=(
            ("beats in 1/1024 s, acceleration at 25 to 200 Hz", f"{_POLAR}/PolarH10.md"),
            ("heart rate, contact, beats", f"{_HRS}, section 3.1"),
        ),
    ),
    Family(
        key="polar-verity-sense",
        name="Polar Verity Sense",
        names=("polar sense", "polar verity sense"),
        services=(),
        codec=_made("polar", "polar_armband"),
        senses=frozenset({Sense.HEART, Sense.MOTION, Sense.BATTERY}),
        heart_cadence_ms=1000,
        buzz=Buzz.NONE,
        tried=Tried.PACKETS,
        caution=_OPTICAL_CAUTION,
        sources=(
            (
                "acceleration at 52 Hz; contact and pulse intervals, and why neither is used",
                f"{_POLAR}/PolarVeritySense.md",
            ),
            ("one heart rate a second", "https://github.com/polarofficial/polar-ble-sdk/issues/363"),
        ),
    ),
    Family(
        key="polar-oh1",
        name="Polar OH1",
        names=("polar oh1",),
        services=(),
        codec=_made("polar", "polar_armband"),
        senses=frozenset({Sense.HEART, Sense.MOTION, Sense.BATTERY}),
        heart_cadence_ms=1000,
        buzz=Buzz.NONE,
        tried=Tried.PACKETS,
        caution=_OPTICAL_CAUTION,
        sources=(
            ("acceleration at 50 Hz; contact and pulse intervals, and why neither is used", f"{_POLAR}/PolarOH1.md"),
            ("one heart rate a second", "https://github.com/polarofficial/polar-ble-sdk/issues/66"),
        ),
    ),
    Family(
        key="pinetime",
        name="PineTime with InfiniTime",
        names=("infinitime",),
        services=(),
        codec=_made("infinitime", "InfinitimeCodec"),
        senses=frozenset({Sense.HEART, Sense.MOTION, Sense.BATTERY}),
        heart_cadence_ms=500,
        buzz=Buzz.ONE_STRENGTH,
        tried=Tried.PACKETS,
        caution=(
            "It tells a heart rate only when it has changed, so a very steady heart looks like silence and is not "
            "believed. Measuring is started on the watch, and older firmware stops it with the screen. A nudge lights "
            "its screen, and vibrates as strongly as the watch is set, whatever step it is."
        ),
        sources=(
            ("a heart rate is sent when it changed", f"{_INFINITIME}/src/components/heartrate/HeartRateController.cpp"),
            ("it is worked out twice a second", f"{_INFINITIME}/src/components/heartrate/Ppg.h"),
            ("how it vibrates", f"{_INFINITIME}/src/components/ble/ImmediateAlertService.cpp"),
            ("advertised name", f"{_INFINITIME}/src/components/ble/NimbleController.cpp"),
            ("measuring stops with the screen", "https://github.com/InfiniTimeOrg/InfiniTime/issues/183"),
        ),
    ),
    Family(
        key="heart-rate-strap",
        name="any strap or band with the standard Heart Rate Service",
        names=(),
        services=(HEART_RATE_SERVICE,),
        codec=_made("heart_rate", "HeartRateCodec"),
        senses=frozenset({Sense.HEART, Sense.BEATS, Sense.CONTACT, Sense.BATTERY}),
        heart_cadence_ms=None,
        buzz=Buzz.NONE,
        tried=Tried.VIRTUAL,
        caution="It tells no movement, without which Vigil is less sure; some of them send no beats.",
        sources=(
            ("heart rate, contact, beats; how often is the sensor's choice", f"{_HRS}, section 3.1"),
            ("service", "Assigned Numbers, Bluetooth SIG, section 3.4.2"),
        ),
    ),
)
"""The rows that come with Vigil.

heart_cadence_ms is None where beats come: their limits follow from beats alone, and of a strap that sends none the
signal learns the cadence of its heart rates, which the service leaves to the sensor. Elsewhere it is declared as the
source states it. For a PineTime that is how often it looks: it tells less, and a cadence learned from that would take
quick changes for one packet sent twice.
"""
