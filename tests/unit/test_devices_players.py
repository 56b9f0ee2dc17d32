"""The table of players, and how a player left behind is told from everything else."""

from __future__ import annotations

from pathlib import Path

import pytest

from vigil.devices.nudgers.players import PLAYERS, players_in_ps, plays_from

FOLDER = Path("/home/anna/.local/share/vigil/sounds")
WAV = f"{FOLDER}/nudge-7.wav"


@pytest.mark.parametrize("name", PLAYERS)
def test_the_file_comes_last_and_the_loudspeaker_is_whole(name: str) -> None:
    """A loudspeaker's name is one argument whatever is in it, and nothing is left of the template."""
    arguments = PLAYERS[name].arguments(WAV, "a b; {wav} $(reboot)")
    assert arguments[-1] == WAV
    assert "{target}" not in arguments
    assert [word for word in arguments if "reboot" in word] in ([], ["a b; {wav} $(reboot)"])


def test_players_that_can_be_told_the_loudspeaker_are_told() -> None:
    """Both players of sound servers play on the loudspeaker that was checked, at their own full volume."""
    assert PLAYERS["paplay"].arguments(WAV, "sink") == (
        "--volume=65536",
        "--latency-msec=100",
        "--device",
        "sink",
        WAV,
    )
    assert PLAYERS["pw-play"].arguments(WAV, "sink") == (
        "--volume",
        "1.0",
        "--latency",
        "100ms",
        "--target",
        "sink",
        WAV,
    )
    assert "node.dont-fallback = true" in PLAYERS["pw-play"].environment["PIPEWIRE_PROPS"]


@pytest.mark.parametrize("name", PLAYERS)
def test_a_player_of_ours_is_known(name: str) -> None:
    """Every player with a sound of this folder is known, behind an interpreter too."""
    words = (f"/usr/bin/{name}", *PLAYERS[name].arguments(WAV, "sink"))
    assert plays_from(words, FOLDER)
    assert plays_from(("/bin/sh", *words), FOLDER)


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("paplay",),
        ("paplay", "/home/anna/music/song.wav"),
        ("paplay", "/home/anna/.local/share/vigil/sounds-of-old/nudge-7.wav"),
        ("paplay", f"{FOLDER}/other.wav"),
        ("paplay", f"{FOLDER}/nudge-7.wav.bak"),
        ("audacity", WAV),
        ("rm", "-f", WAV),
        ("cp", "x", "paplay", WAV),
        (WAV,),
    ],
)
def test_a_stranger_is_not_taken_for_a_player_of_ours(words: tuple[str, ...]) -> None:
    """Another program with the file, or a player with another file, is left alone."""
    assert not plays_from(words, FOLDER)


def test_players_in_what_ps_prints() -> None:
    """Where there is no /proc, `ps` tells; names with spaces in them are read to the end."""
    folder = Path("/Users/anna/Library/Application Support/vigil/sounds")
    text = f"""    1 /sbin/launchd
  411 /usr/bin/afplay -v 1 {folder}/nudge-3.wav
  412 /usr/bin/afplay -v 1 /Users/anna/song.wav
  413 /usr/bin/vim {folder}/nudge-3.wav
  414 /usr/bin/afplay -v 1 {folder}/nudge-3.wav --more
    ? nonsense
"""
    assert players_in_ps(text, folder) == [411]
