"""Nights to simulate: drawn at random like a person's nights, or by name for a demonstration or a test."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from vigil.domain.errors import InputError
from vigil.domain.sleep import AasmStage
from vigil.domain.units import EPOCH_S
from vigil.recordings.synthetic.architecture import architecture
from vigil.recordings.synthetic.chance import Chance, generator, whole_between
from vigil.recordings.synthetic.distractors import ROWS, Distractor, DistractorKind
from vigil.recordings.synthetic.episodes import Episode, EpisodeSize, draw_episode, draw_length, draw_size
from vigil.recordings.synthetic.night_plan import NightPlan, Trouble, TroubleKind
from vigil.recordings.synthetic.ordinary import ordinary
from vigil.recordings.synthetic.people import Person, person

MOST_EPISODES = 6
"""More nightmares than this in one night are not simulated [A]."""
APART_S = 900
"""Quiet kept before and after a nightmare or a distractor, so that each can be judged by itself [A]."""
NREM_SHARE_PTSD, NREM_SHARE = 14 / 24, 0.2
"""Share of nightmares outside REM: 14 of 24 captured in PTSD (Phelps 2018, mission 5.3); idiopathic mainly REM [A]."""
EPISODE_WINDOW = (0.2, 0.98)
"""Part of the night in which nightmares begin [A]; REM itself puts most of them late."""
TROUBLE_LENGTH_S = {
    TroubleKind.HEART_GAP: (40, 840),
    TroubleKind.LINK: (120, 900),
    TroubleKind.OFF_WRIST: (600, 2400),
    TroubleKind.FROZEN: (180, 1200),
}
"""Gaps of up to 14 minutes are seen in sleep-accel; the rest [A]."""
NIGHTLY_TROUBLE = {
    TroubleKind.HEART_GAP: 0.5,
    TroubleKind.LINK: 0.1,
    TroubleKind.OFF_WRIST: 0.05,
    TroubleKind.FROZEN: 0.05,
}
"""Share of ordinary nights with such a trouble [A]."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a night holds, in the order in which places are looked for."""

    episodes: tuple[EpisodeSize, ...] = ()
    distractors: tuple[DistractorKind, ...] = ()
    troubles: tuple[TroubleKind, ...] = ()
    battery_percent: int | None = None
    battery_per_h: float = 1.5


NAMED: dict[str, Recipe] = {
    "quiet": Recipe(),
    "silent": Recipe((EpisodeSize.SILENT,)),
    "moderate": Recipe((EpisodeSize.MODERATE,)),
    "strong": Recipe((EpisodeSize.STRONG,)),
    "many": Recipe((EpisodeSize.STRONG, EpisodeSize.STRONG, EpisodeSize.MODERATE, EpisodeSize.MODERATE)),
    "terror": Recipe(distractors=(DistractorKind.TERROR,)),
    "legs": Recipe(distractors=(DistractorKind.LEGS, DistractorKind.LEGS)),
    "apnoea": Recipe(distractors=(DistractorKind.APNOEA, DistractorKind.APNOEA)),
    "alcohol": Recipe(distractors=(DistractorKind.ALCOHOL,)),
    "bathroom": Recipe(distractors=(DistractorKind.BATHROOM,)),
    "fever": Recipe(distractors=(DistractorKind.FEVER,)),
    "awake": Recipe(distractors=(DistractorKind.AWAKE,)),
    "good dream": Recipe(distractors=(DistractorKind.GOOD_DREAM,)),
    "dropouts": Recipe(troubles=(TroubleKind.HEART_GAP, TroubleKind.HEART_GAP, TroubleKind.LINK, TroubleKind.FROZEN)),
    "off wrist": Recipe(troubles=(TroubleKind.OFF_WRIST,)),
    "battery": Recipe(battery_percent=20, battery_per_h=4.0),
    "mixed": Recipe(
        (EpisodeSize.STRONG, EpisodeSize.MODERATE, EpisodeSize.SILENT),
        (DistractorKind.BATHROOM, DistractorKind.LEGS, DistractorKind.GOOD_DREAM),
        (TroubleKind.HEART_GAP,),
        battery_percent=80,
    ),
}
"""Nights by name: each holds what its name says, besides ordinary arousals and turns, and no nightmare unless named."""


def plan(seed: int, who: Person | None = None, *, nightmares: float = 1.5, hours: float = 8.0) -> NightPlan:
    """A night as this person may have it: `nightmares` are expected (Poisson), the rest by its nightly shares [A]."""
    rng = generator(seed, Chance.EPISODES)
    count = min(MOST_EPISODES, int(rng.poisson(nightmares)))
    sizes = tuple(draw_size(rng) for _ in range(count))
    kinds = tuple(kind for kind, row in ROWS.items() if float(rng.random()) < row.nightly)
    troubles = tuple(kind for kind, share in NIGHTLY_TROUBLE.items() if float(rng.random()) < share)
    return cook("drawn", Recipe(sizes, kinds, troubles), seed, who, hours)


def named_plan(name: str, seed: int, who: Person | None = None, *, hours: float = 8.0) -> NightPlan:
    """The night of this name; raises InputError for a name there is none of."""
    recipe = NAMED.get(name)
    if recipe is None:
        message = f"no simulated night is called {name!r}; there are: {', '.join(NAMED)}"
        raise InputError(message)
    return cook(name, recipe, seed, who, hours)


def cook(name: str, recipe: Recipe, seed: int, who: Person | None, hours: float) -> NightPlan:
    """The night of a recipe. What finds no place in a short night is left out; the truth says what there is."""
    who = person(seed) if who is None else who
    places = Places(generator(seed, Chance.DISTRACTORS), list(architecture(seed, hours)))
    episodes = [made for size in recipe.episodes if (made := _episode(places, size, who)) is not None]
    events = [event for kind in recipe.distractors if (event := _distractor(places, kind, who)) is not None]
    troubles = [trouble for kind in recipe.troubles if (trouble := _trouble(places, kind)) is not None]
    bare = NightPlan(
        name=name,
        stages=tuple(places.stages),
        episodes=tuple(sorted(episodes, key=lambda e: e.onset_s)),
        distractors=tuple(events),
        troubles=tuple(sorted(troubles, key=lambda t: t.from_s)),
        battery_percent=recipe.battery_percent,
        battery_per_h=recipe.battery_per_h,
    )
    common = ordinary(seed, who, bare.scoring())
    return replace(bare, distractors=tuple(sorted((*events, *common), key=lambda d: (d.from_s, d.kind.value))))


class Places:
    """Where in a night there is room. Keeps the stages, which a held event changes, and the spans already taken."""

    def __init__(self, rng: np.random.Generator, stages: list[AasmStage]) -> None:
        self.rng = rng
        self.stages = stages
        self._taken: list[tuple[int, int]] = []
        self.length_s = len(stages) * EPOCH_S

    def find(self, stages: tuple[AasmStage, ...], window: tuple[float, float], length_s: int) -> int | None:
        """A second at which one of `stages` is on and `length_s` seconds are free, or any sleep, or None."""
        for wanted in (stages, (AasmStage.N2, AasmStage.REM)):
            first, last = (int(part * len(self.stages)) for part in window)
            fits = [i for i in range(first, last) if self.stages[i] in wanted and self._free(i * EPOCH_S, length_s)]
            if fits:
                return fits[int(self.rng.integers(len(fits)))] * EPOCH_S + whole_between(self.rng, (0, EPOCH_S - 1))
        return None

    def _free(self, at_s: int, length_s: int) -> bool:
        end = at_s + length_s + EPOCH_S
        apart = all(end + APART_S <= from_s or to_s + APART_S <= at_s for from_s, to_s in self._taken)
        return end <= self.length_s and apart

    def take(self, from_s: int, to_s: int, stage: AasmStage | None = None) -> None:
        """Keep others out of this span; with a `stage`, the sleeper stays in it throughout."""
        self._taken.append((from_s, to_s))
        if stage is not None:
            for index in range(from_s // EPOCH_S, min(len(self.stages), to_s // EPOCH_S + 1)):
                self.stages[index] = stage


def _episode(places: Places, size: EpisodeSize, who: Person) -> Episode | None:
    length = min(draw_length(places.rng), places.length_s // 8)
    nrem = float(places.rng.random()) < (NREM_SHARE_PTSD if who.ptsd_shift_bpm > 0 else NREM_SHARE)
    stage = AasmStage.N2 if nrem else AasmStage.REM
    onset = places.find((stage,), EPISODE_WINDOW, length)
    if onset is None:
        return None
    made = draw_episode(places.rng, size, stage, onset, length)
    places.take(onset, made.end_s, stage)
    if made.awake_s:
        places.take(made.end_s, made.end_s + made.awake_s)
    return made


def _distractor(places: Places, kind: DistractorKind, who: Person) -> Distractor | None:
    row = ROWS[kind]
    resting = who.resting_bpm + who.ptsd_shift_bpm
    if row.length_s is None:
        from_s, to_s = (int(part * places.length_s) for part in row.window)
        return row.draw(places.rng, resting, from_s, to_s)
    length = min(whole_between(places.rng, row.length_s), places.length_s // 8)
    at = places.find(row.stages, row.window, length)
    if at is None:
        return None
    places.take(at, at + length, row.stages[0] if row.held else None)
    return row.draw(places.rng, resting, at, at + length)


def _trouble(places: Places, kind: TroubleKind) -> Trouble | None:
    length = min(whole_between(places.rng, TROUBLE_LENGTH_S[kind]), places.length_s // 8)
    at = places.find((AasmStage.N2, AasmStage.REM, AasmStage.N3), (0.15, 0.95), length)
    if at is None:
        return None
    places.take(at, at + length)
    return Trouble(kind, at, at + length)
