"""The system's own players, as a table: how each is told which file, which loudspeaker, and how loud.

The strength is in the WAV already. A player is told its own full volume all the same, so that a volume somebody once
gave to that player in a mixer window, and which sound systems remember, is not taken up. Where a player can be told
the loudspeaker it is told the one that was checked, and not to play on another if that one goes away. It is told to
keep little ahead (100 ms, our choice), so that a loudspeaker that cannot take back what it was given is soon silent.
Options: pw-cat(1), pipewire-props(7), WirePlumber "stream configuration", pacat(1), aplay(1), afplay(1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

WAV_PREFIX = "nudge-"
WAV_SUFFIX = ".wav"
"""Every file that is played is called so, in a folder of Vigil's: a player left by an earlier Vigil is known by it."""


@dataclass(frozen=True, slots=True)
class Player:
    """`options`: what follows the player's name, `{target}` being the loudspeaker; the file comes last."""

    options: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)

    def arguments(self, wav: str, target: str) -> tuple[str, ...]:
        """What to put behind the player's name to have `wav` played on `target`."""
        return (*(target if option == "{target}" else option for option in self.options), wav)


PLAYERS: dict[str, Player] = {
    "paplay": Player(("--volume=65536", "--latency-msec=100", "--device", "{target}")),
    "pw-play": Player(
        ("--volume", "1.0", "--latency", "100ms", "--target", "{target}"),
        {
            "PIPEWIRE_PROPS": "{ node.dont-fallback = true node.dont-reconnect = true"
            " node.dont-move = true state.restore-props = false }"
        },
    ),
    "aplay": Player(("-q",)),
    "afplay": Player(("-v", "1")),
}


def plays_from(words: Sequence[str], folder: Path) -> bool:
    """Whether a command line is that of a player that plays a file of Vigil's in `folder` (absolute).

    The player's name may come second, behind that of an interpreter. Nothing else is ever taken for one: not another
    program with the same file, not a player with another file.
    """
    begin = f"{folder}/{WAV_PREFIX}"
    return any(Path(word).name in PLAYERS for word in words[:2]) and any(
        word.startswith(begin) and word.endswith(WAV_SUFFIX) for word in words[1:]
    )


def players_in_ps(text: str, folder: Path) -> list[int]:
    """Process numbers of players of `folder` in what `ps -xww -o pid=,command=` prints, where there is no /proc.

    `ps` does not tell where one argument ends, so the file must end the line, as it does with every player here.
    """
    found = []
    for line in text.splitlines():
        number, _, command = line.strip().partition(" ")
        program, _, rest = command.strip().partition(" ")
        at = rest.find(f"{folder}/{WAV_PREFIX}")
        if number.isdecimal() and at >= 0 and plays_from((program, rest[at:]), folder):
            found.append(int(number))
    return found
