"""What was learned offline, as plain data: trees, how stages follow each other, the clock, and where it comes from."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vigil.domain.errors import SettingsError
from vigil.domain.sleep import SCORED_STAGES, Stage, StageProbabilities
from vigil.engine.course import COURSE
from vigil.engine.experts import Expert, experts_from_plain
from vigil.engine.feature_list import FEATURES
from vigil.engine.trees import Forest, forest_from_plain

FORMAT = "vigil-parameters/1"

STAGES = ("wake", "light", "deep", "rem")

Row4 = tuple[float, float, float, float]

CLOCK_MIN = 15
"""Minutes since lights-out in a bin of `Parameters.clock`."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the parameters come from, to be shown beside every figure.

    nights: SHA-256, hex, of each night they were fitted on, as `training.nights` computes it ("seen", DESIGN section
    6). people: how many. figures: cross-validated, by name. versions and settings: of what fitted them.
    """

    nights: tuple[str, ...] = ()
    people: int = 0
    sources: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    figures: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parameters:
    """One parameters file. `digest` is the SHA-256 of its canonical text (sorted keys, no spaces).

    forest: the first trees, of `FEATURES`; second: of `COURSE` and `FEATURES`. In the order of `STAGES`: first, before
    the first epoch; follow[i][j], the probability of stage j after stage i one epoch earlier; worth, what calling each
    stage rightly counts. clock: shares of the stages by `CLOCK_MIN` minutes since lights-out, the last bin for all
    beyond: what a clock alone would say. episodes: the detector's own numbers. experts: who says how unusual a moment
    is.
    """

    forest: Forest
    second: Forest
    worth: Row4
    clock: tuple[Row4, ...]
    first: Row4
    follow: tuple[Row4, Row4, Row4, Row4]
    episodes: Mapping[str, float]
    experts: tuple[Expert, ...]
    provenance: Provenance
    digest: str

    @classmethod
    def from_json(cls, text: str) -> Parameters:
        """Read and check; raises SettingsError naming the first thing that is wrong."""
        try:
            plain = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise _refused(f"it is not JSON ({error})") from error
        return cls.from_plain(plain)

    @classmethod
    def from_plain(cls, plain: Any) -> Parameters:
        """From the decoded JSON; raises SettingsError naming the first thing that is wrong."""
        if not isinstance(plain, dict) or plain.get("format") != FORMAT:
            raise _refused(f'its "format" is not {FORMAT!r}')
        names = [spec.name for spec in FEATURES]
        if plain.get("features") != names or plain.get("course") != [spec.name for spec in COURSE]:
            raise _refused("its features are not those that this version of Vigil makes; fit it again")
        chain = _mapping(plain, "filter")
        rows = chain.get("follow")
        if not isinstance(rows, list) or len(rows) != len(STAGES):
            raise _refused("filter.follow: must be four rows of probabilities")
        a, b, c, d = (_distribution(f"filter.follow[{index}]", row) for index, row in enumerate(rows))
        return cls(
            forest=_forest(plain, "trees", len(names)),
            second=_forest(plain, "second", len(COURSE) + len(names)),
            worth=_distribution("filter.worth", chain.get("worth")),
            clock=_clock(plain.get("clock")),
            first=_distribution("filter.first", chain.get("first")),
            follow=(a, b, c, d),
            episodes={
                key: _number(f"episodes.{key}", value, -1e9, 1e9) for key, value in _mapping(plain, "episodes").items()
            },
            experts=_experts(plain.get("moments")),
            provenance=_provenance(_mapping(plain, "provenance")),
            digest=hashlib.sha256(canonical(plain).encode()).hexdigest(),
        )

    def label(self, p: StageProbabilities) -> Stage:
        """The stage to name: that of the highest worth x probability.

        So rare stages are named about as often as they come; the likeliest stage is nearly always light sleep.
        """
        weighed = [worth * share for worth, share in zip(self.worth, p.as_tuple(), strict=True)]
        return SCORED_STAGES[weighed.index(max(weighed))]


def canonical(plain: Any) -> str:
    """The one text of a parameters file that its digest is taken of."""
    return json.dumps(plain, sort_keys=True, separators=(",", ":"))


def _refused(why: str) -> SettingsError:
    return SettingsError(f"the parameters file cannot be used: {why}. Nothing was started")


def _experts(plain: Any) -> tuple[Expert, ...]:
    if plain is None:
        return ()
    try:
        return experts_from_plain(plain)
    except ValueError as error:
        raise _refused(f"moments: {error}") from error


def _mapping(plain: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = plain.get(key)
    if not isinstance(value, dict):
        raise _refused(f'"{key}" is missing or not an object')
    return value


def _number(name: str, value: object, low: float, high: float) -> float:
    """A finite number within the bounds; NaN fails both comparisons."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise _refused(f"{name} = {value!r} must be a number from {low:g} to {high:g}")
    return float(value)


def _distribution(name: str, value: object) -> Row4:
    if not isinstance(value, list) or len(value) != len(STAGES):
        raise _refused(f"{name}: must be four probabilities")
    a, b, c, d = (_number(f"{name}[{index}]", p, 1e-9, 1.0) for index, p in enumerate(value))
    if not math.isclose(a + b + c + d, 1.0, abs_tol=1e-6):
        raise _refused(f"{name}: must sum to 1")
    return (a, b, c, d)


def _forest(plain: Mapping[str, Any], key: str, features: int) -> Forest:
    try:
        return forest_from_plain(plain.get(key), features=features, classes=len(STAGES))
    except ValueError as error:
        raise _refused(f"{key}: {error}") from error


def _clock(value: object) -> tuple[Row4, ...]:
    if not isinstance(value, list) or not value:
        raise _refused("clock: must be rows of four shares, at least one")
    return tuple(_distribution(f"clock[{index}]", row) for index, row in enumerate(value))


def _provenance(plain: Mapping[str, Any]) -> Provenance:
    nights, people, sources = plain.get("nights", []), plain.get("people", 0), plain.get("sources", [])
    if not all(isinstance(names, list) and all(isinstance(n, str) for n in names) for names in (nights, sources)):
        raise _refused("provenance: nights and sources must be lists of text")
    if type(people) is not int or people < 0:
        raise _refused("provenance.people: must be a count")
    tables = [plain.get(key, {}) for key in ("settings", "figures", "versions")]
    if not all(isinstance(table, dict) for table in tables):
        raise _refused("provenance: settings, figures and versions must be objects")
    return Provenance(tuple(nights), people, tuple(sources), *tables)
