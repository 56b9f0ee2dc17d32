"""The nights to measure, as tasks for workers, and one task from its path to what was found."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from pathlib import Path

from vigil.app.refit import needed, trainer
from vigil.app.replay_night import Failed, PassedOver
from vigil.app.wiring import packaged_parameters
from vigil.domain.errors import InputError, SettingsError
from vigil.engine.parameters import Parameters
from vigil.evidence.records import NightEvidence
from vigil.recordings.readers.formats import find_recordings, look_into
from vigil.recordings.readers.options import ReadOptions
from vigil.recordings.recording import Recording
from vigil.run.evaluate import FACTORS, EvaluateWish, evaluate_night
from vigil.run.evaluate_about import AboutNight, about_night

SEEN_UNSCORED = "it was among the nights fitted on, and without stages it cannot be left out of a new fit"


@dataclass(frozen=True, slots=True)
class Night:
    """One night to measure: the `number`-th at its path, from 0. scored: whether it has stages."""

    about: AboutNight
    number: int
    scored: bool

    @property
    def path(self) -> Path:
        """Where it is."""
        return Path(self.about.path)


@dataclass(frozen=True, slots=True)
class Task:
    """Nights measured with one set of parameters: those shipped, or refitted without `person` from `others`."""

    nights: tuple[Night, ...]
    person: str | None = None
    others: Mapping[str, Sequence[Path]] | None = None


@dataclass(frozen=True, slots=True)
class EvaluateWork:
    """What is wanted of every night. parameters: a file to use in place of those that come with Vigil."""

    options: ReadOptions
    wish: EvaluateWish
    parameters: Path | None = None


def nights_at(path: Path, options: ReadOptions) -> Iterator[Night | Failed | PassedOver]:
    """Every night at a path, opened to see that it opens, or what is wrong with it; never raises for bad data."""
    try:
        places, others = look_into(path)
    except InputError as error:
        yield Failed(str(path), str(error))
        return
    if places and others:
        yield PassedOver(path, tuple(other.name for other in others))
    for place in places or (path,):
        try:
            about = None
            for number, recording in enumerate(find_recordings(place, options)):
                about = about or about_night(place)
                named = (
                    about if number == 0 else replace(about, name=recording.night, digest=f"{about.digest} {number}")
                )
                yield Night(named, number, recording.scoring is not None)
        except (InputError, OSError) as error:
            yield Failed(str(place), str(error))


def measure(task: Task, work: EvaluateWork) -> list[NightEvidence | Failed]:
    """Measure the nights of a task; whatever goes wrong with one night is said of that night, and the others go on."""
    try:
        parameters = _parameters(task, work)
    except Exception as error:  # a fit that fails must not end the run
        return [_failed(night, "no parameters could be fitted without this person", error) for night in task.nights]
    found: list[NightEvidence | Failed] = []
    for night in task.nights:
        try:
            evidence = evaluate_night(_open(night, work.options), night.about, parameters, FACTORS, work.wish)
        except InputError as error:
            found.append(Failed(night.about.path, str(error)))
        except Exception as error:  # a night that breaks Vigil must not take the others with it
            found.append(_failed(night, "Vigil itself failed on this night, which was left out", error))
        else:
            found.append(evidence)
    return found


@cache
def parameters_at(path: Path | None) -> Parameters:
    """The parameters in a file, or those that come with Vigil; raises SettingsError if they cannot be used."""
    if path is None:
        return packaged_parameters()
    try:
        return Parameters.from_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path}: the parameters file cannot be read ({error}). Nothing was measured"
        raise SettingsError(message) from error


def _parameters(task: Task, work: EvaluateWork) -> Parameters:
    if task.person is None or task.others is None:
        return parameters_at(work.parameters)
    return needed(trainer())(task.others, task.person)


def _failed(night: Night, what: str, error: Exception) -> Failed:
    last = traceback.format_exception_only(error)[-1].strip()
    return Failed(night.about.path, f"{night.about.path}: {what}: {last}")


def _open(night: Night, options: ReadOptions) -> Recording:
    found = next(islice(find_recordings(night.path, options), night.number, None), None)
    if found is None:
        message = "is not what it was a moment ago; it was left out"
        raise InputError(message, path=night.about.path)
    return found


def left_out_of_folds(evidence: NightEvidence) -> NightEvidence:
    """In cross-validation a night that was fitted on and could not be refitted without counts nowhere."""
    if evidence.scored or not evidence.seen or evidence.left_out is not None:
        return evidence
    return replace(evidence, left_out=SEEN_UNSCORED)
