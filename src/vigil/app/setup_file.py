"""The answers of the first evening in their file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vigil.app.json_file import read_json, set_aside, write_json_file
from vigil.domain.errors import InputError
from vigil.interview.interview import Interview
from vigil.interview.saved import from_saved, is_newer, to_saved
from vigil.interview.typed import Refusal


@dataclass(frozen=True, slots=True)
class KeptAnswers:
    """What the file holds. trouble: why it cannot be used, "" if it can. newer: a later Vigil wrote it.

    left_out: names of answers in it that cannot be used; they are asked again.
    """

    interview: Interview
    left_out: tuple[str, ...] = ()
    trouble: str = ""
    newer: bool = False


def read_answers(path: Path) -> KeptAnswers:
    """The answers, none where there is no file; never raises, since a night must begin whatever the file holds."""
    try:
        document = read_json(path)
    except InputError as error:
        return KeptAnswers(Interview(), trouble=str(error))
    if document is None:
        return KeptAnswers(Interview())
    found = from_saved(document)
    if isinstance(found, Refusal):
        return KeptAnswers(Interview(), trouble=f"{path}: {found.words}", newer=is_newer(document))
    return KeptAnswers(found.interview, found.left_out)


def write_answers(path: Path, interview: Interview) -> None:
    """Keep the answers; raises OSError."""
    write_json_file(path, to_saved(interview))


def make_room(path: Path, kept: KeptAnswers) -> str:
    """Before the first answer is written over a file that could not be used whole: move it aside, and say so.

    Returns "" where there is nothing to save. Raises InputError if a newer Vigil wrote it: it is not ours to move.
    """
    if kept.newer:
        message = f"{kept.trouble}; nothing was changed; please use that Vigil, or a newer one"
        raise InputError(message)
    if not kept.trouble and not kept.left_out:
        return ""
    aside = set_aside(path)
    if kept.trouble:
        return f"{kept.trouble}. It was moved aside, to {aside.name}, and you can answer again."
    return f"Some answers could not be used and are asked again. The file as it was: {aside.name}."
