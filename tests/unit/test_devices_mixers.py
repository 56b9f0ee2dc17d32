"""What the system's tools tell of the loudspeaker, and that what they do not tell is never taken for fine."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fake_speakers import INFO, KEY, SINK, SINKS
from vigil.devices.nudgers.mixers import MIXERS, Speaker
from vigil.devices.nudgers.players import PLAYERS

WPCTL = """id 52, type PipeWire:Interface:Node
    alsa.card = "0"
    device.profile.name = "analog-stereo"
  * media.class = "Audio/Sink"
  * node.description = "Built-in Audio Analog Stereo"
  * node.name = "alsa_output.pci-0000_00_1f.3.analog-stereo"
    node.nick = "ALC897"
"""

MAC_VOLUME = "output volume:35, input volume:27, alert volume:100, output muted:false\n"

MAC_SOUND = json.dumps(
    {
        "SPAudioDataType": [
            {
                "_name": "coreaudio_device",
                "_items": [
                    {"_name": "MacBook Microphone", "coreaudio_default_audio_input_device": "spaudio_yes"},
                    {
                        "_name": "MacBook Speakers",
                        "coreaudio_default_audio_output_device": "spaudio_yes",
                        "coreaudio_output_source": "Internal Speakers",
                    },
                ],
            }
        ]
    }
)

CARDS = """**** List of PLAYBACK Hardware Devices ****
card 0: PCH [HDA Intel PCH], device 0: ALC257 Analog [ALC257 Analog]
  Subdevices: 1/1
  Subdevice #0: subdevice #0
card 1: Headphones [bcm2835 Headphones], device 0: bcm2835 Headphones [bcm2835 Headphones]
  Subdevices: 8/8
"""


def pactl(default: str = SINK, *, port: str = "analog-output-speaker", **told: object) -> Speaker | None:
    fields = {"mute": "no", "left": 40, "right": 40, **told}
    return MIXERS["pactl"].read([INFO.format(default=default), SINKS.format(port=port, **fields)])


def test_pactl_tells_the_default_loudspeaker_and_no_other() -> None:
    """The sink that is the default one is read, not the first of the list."""
    assert pactl() == Speaker(KEY, SINK, "Built-in Audio Analog Stereo", 40, muted=False)


def test_another_socket_of_one_card_is_another_loudspeaker() -> None:
    """A headset put into the same card changes the key."""
    headset = pactl(port="analog-output-headphones")
    assert headset is not None
    assert headset.key != KEY


def test_the_louder_side_counts() -> None:
    """With unequal sides the higher volume is the volume."""
    speaker = pactl(left=10, right=85)
    assert speaker is not None
    assert speaker.volume_percent == 85


def test_older_pactl_is_read_too() -> None:
    """Version 1 printed volumes without names of channels."""
    sinks = SINKS.replace("front-left: 26214 / {left}% / -23.88 dB,   front-right: 26214 / {right}% / -23.88 dB", "{v}")
    text = sinks.format(mute="yes", port="p", v="0:  74% 1:  70%", left=0, right=0)
    speaker = MIXERS["pactl"].read([INFO.format(default=SINK), text])
    assert speaker is not None
    assert (speaker.volume_percent, speaker.muted) == (74, True)


@pytest.mark.parametrize("default", ["", "auto_null", "gone"])
def test_no_loudspeaker_is_none(default: str) -> None:
    """No default sink, the made-up one, or one that is not in the list: there is no loudspeaker."""
    assert pactl(default) is None


def test_pactl_in_another_language_tells_nothing_for_certain() -> None:
    """A volume and mute that are not understood are unknown, not fine."""
    text = SINKS.replace("\tVolume:", "\tLautstärke:").format(mute="nein", left=1, right=1, port="p")
    speaker = MIXERS["pactl"].read([INFO.format(default=SINK), text])
    assert speaker is not None
    assert (speaker.volume_percent, speaker.muted) == (None, None)


@pytest.mark.parametrize(
    ("volume", "percent", "muted"),
    [
        ("Volume: 0.40\n", 40, False),
        ("Volume: 0.57\n", 57, False),
        ("Volume: 1.25 [MUTED]\n", 125, True),
        ("Volume: nan\n", None, None),
        ("Volume: 0,40\n", None, None),
        ("Volume: 0.40 [SOMETHING]\n", None, None),
        ("", None, None),
    ],
)
def test_wpctl(volume: str, percent: int | None, muted: bool | None) -> None:
    """Name, volume and mute as WirePlumber tells them; what is not understood is unknown."""
    speaker = MIXERS["wpctl"].read([WPCTL, volume])
    assert speaker == Speaker(f"wpctl:{SINK}", SINK, "Built-in Audio Analog Stereo", percent, muted)


@pytest.mark.parametrize("inspected", ["", WPCTL.replace(SINK, "auto_null")])
def test_wpctl_without_a_loudspeaker(inspected: str) -> None:
    """No node, or the made-up one: there is no loudspeaker."""
    assert MIXERS["wpctl"].read([inspected, "Volume: 0.40\n"]) is None


@pytest.mark.parametrize(
    ("volume", "percent", "muted"),
    [
        (MAC_VOLUME, 35, False),
        (MAC_VOLUME.replace("false", "true"), 35, True),
        ("output volume:missing value, input volume:27, output muted:missing value", None, None),
        ("", None, None),
    ],
)
def test_a_mac(volume: str, percent: int | None, muted: bool | None) -> None:
    """The default output with its source; one without a volume of its own (HDMI) has an unknown one."""
    speaker = MIXERS["osascript"].read([volume, MAC_SOUND])
    assert speaker == Speaker(
        "osascript:MacBook Speakers/Internal Speakers", "MacBook Speakers", "MacBook Speakers", percent, muted
    )


@pytest.mark.parametrize(
    "profile", ["", "[]", "{}", '{"SPAudioDataType": [1]}', '{"SPAudioDataType": [{"_items": []}]}']
)
def test_a_mac_without_a_loudspeaker(profile: str) -> None:
    """What names no default output is no loudspeaker."""
    assert MIXERS["osascript"].read([MAC_VOLUME, profile]) is None


def test_bare_alsa_tells_cards_and_nothing_of_volume() -> None:
    """Every card is part of the key, whether it is busy is not, and the volume is unknown."""
    speaker = MIXERS["aplay"].read([CARDS])
    assert speaker is not None
    assert (speaker.volume_percent, speaker.muted) == (None, None)
    assert MIXERS["aplay"].read([CARDS.replace("1/1", "0/1")]) == speaker
    assert MIXERS["aplay"].read([CARDS.replace("bcm2835", "USB")]) != speaker
    assert MIXERS["aplay"].read(["aplay: device_list: no soundcards found..."]) is None


def test_only_a_mixer_without_volume_says_so() -> None:
    """The one that does not tell the volume says it in words, and every mixer says what it does not see."""
    assert [name for name, row in MIXERS.items() if not row.tells_volume] == ["aplay"]
    assert "turned up is not seen" in MIXERS["aplay"].unseen
    assert all(row.unseen for row in MIXERS.values())


def test_every_player_of_a_mixer_is_in_the_table() -> None:
    """No mixer names a player Vigil cannot call."""
    assert {player for row in MIXERS.values() for player in row.players} == set(PLAYERS)


ODD_TEXT = st.text(max_size=60) | st.sampled_from([INFO, SINKS, WPCTL, MAC_VOLUME, MAC_SOUND, CARDS, "Volume: 9e999"])


@given(name=st.sampled_from(sorted(MIXERS)), first=ODD_TEXT, second=ODD_TEXT)
def test_whatever_a_tool_prints_is_read_or_refused(name: str, first: str, second: str) -> None:
    """No answer raises, and a volume that is read is a whole number."""
    speaker = MIXERS[name].read([first, second][: len(MIXERS[name].questions)])
    assert speaker is None or speaker.volume_percent is None or type(speaker.volume_percent) is int
