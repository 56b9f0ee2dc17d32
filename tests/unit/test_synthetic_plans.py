"""Nights drawn at random, and nights by name."""

from __future__ import annotations

import statistics

import pytest

from vigil.domain.errors import InputError
from vigil.domain.sleep import AasmStage
from vigil.recordings.synthetic.night_plan import NightPlan
from vigil.recordings.synthetic.people import person
from vigil.recordings.synthetic.plans import NAMED, named_plan, plan
from vigil.recordings.synthetic.sleeper import SimulatedSleeper
from vigil.recordings.synthetic.truth import Truth


def lived(night: NightPlan, seed: int) -> Truth:
    """The truth of a night that nobody touched."""
    sleeper = SimulatedSleeper(seed, plan=night)
    sleeper.until(sleeper.ends_ns)
    return sleeper.truth


@pytest.mark.parametrize("name", sorted(NAMED))
def test_each_named_night_holds_what_it_says(name: str) -> None:
    """The truth of a named night has exactly its nightmares, its distractors and its troubles."""
    for seed in (1, 2):
        recipe = NAMED[name]
        truth = lived(named_plan(name, seed, hours=6.0), seed)
        assert sorted(e.size.value for e in truth.episodes) == sorted(size.value for size in recipe.episodes)
        special = [d.kind.value for d in truth.distractors if not d.kind.ordinary]
        assert sorted(special) == sorted(kind.value for kind in recipe.distractors)
        found = {trouble.kind.value for trouble in truth.troubles} - {"moving"}
        expected = {kind.value for kind in recipe.troubles}
        assert found == (expected | {"link"} if name == "battery" else expected)


def test_a_night_that_does_not_exist_is_refused_with_the_names_there_are() -> None:
    """A wrong name is answered with the right ones."""
    with pytest.raises(InputError, match="strong"):
        named_plan("stormy", 1)


def test_nightmares_come_as_often_as_expected() -> None:
    """`nightmares` is the mean a night; with none expected there are none."""
    assert 1.2 < statistics.mean(len(plan(seed).episodes) for seed in range(120)) < 1.8
    assert all(not plan(seed, nightmares=0.0).episodes for seed in range(10))


def test_more_than_half_of_the_nightmares_in_ptsd_are_outside_rem() -> None:
    """Mission 5.3: 14 of 24 captured in PTSD were in N1 or N2; idiopathic ones come mainly in REM."""

    def rem_share(*, ptsd: bool) -> float:
        nights = [named_plan("many", seed, person(seed, ptsd=ptsd)) for seed in range(40)]
        stages = [episode.stage for night in nights for episode in night.episodes]
        return stages.count(AasmStage.REM) / len(stages)

    assert 0.3 < rem_share(ptsd=True) < 0.55
    assert 0.7 < rem_share(ptsd=False) < 0.92


def test_an_episode_comes_in_its_stage_and_ends_awake_where_it_woke() -> None:
    """The scoring shows the stage of a nightmare while it lasts, and wake after one that woke the sleeper."""
    for seed in range(20):
        night = named_plan("strong", seed)
        (episode,) = night.episodes
        scoring = night.scoring()
        inside = scoring[episode.onset_s // 30 + 1 : episode.end_s // 30 - 1]
        assert set(inside) <= {episode.stage}
        if episode.awake_s:
            assert set(scoring[episode.end_s // 30 + 1 : (episode.end_s + episode.awake_s) // 30 - 1]) == {
                AasmStage.WAKE
            }


def test_terror_comes_out_of_deep_sleep_early() -> None:
    """Mission 5.5: N3, first third (here up to 40 % of the night)."""
    for seed in range(15):
        night = named_plan("terror", seed)
        (terror,) = [d for d in night.distractors if d.kind.value == "terror"]
        assert night.stage_at(terror.from_s) is AasmStage.N3
        assert terror.from_s < 0.42 * night.length_s


def test_a_short_night_leaves_out_what_finds_no_place() -> None:
    """Half an hour has no room for everything, and the plan says what there is instead of failing."""
    night = named_plan("mixed", 3, hours=0.2)
    assert night.length_s == 720
    assert len(night.episodes) < 3
    assert named_plan("mixed", 3, hours=0.2) == night
