"""Every small change to guard, memory and permits, by mutmut's own operators: is it noticed by a test?

`python -m tests.campaigns.guard_mutants --json FILE`. The mutants are mutmut's (`mutmut.mutation`), and more of them:
mutmut by itself changes only what stands in functions, so that no ceiling would ever be changed; here its operators
work on the whole module. Each mutant is tried in a process of its own, forked before Vigil was imported, that imports
the changed module in place of the real one; nothing is written. Tests run until the first that fails.
"""

from __future__ import annotations

import difflib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import resource
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import hypothesis
import libcst
import numpy as np
import pytest
from mutmut.mutation.file_mutation import create_mutations

from tests.campaigns.equivalent import EQUIVALENT
from tests.campaigns.figures import command

ROOT = Path(__file__).resolve().parents[2]
MODULES = {
    "vigil.control.guard": "src/vigil/control/guard.py",
    "vigil.domain.guard_memory": "src/vigil/domain/guard_memory.py",
    "vigil.domain.permits": "src/vigil/domain/permits.py",
}
TESTS = ("tests/unit/test_control_guard.py", "tests/unit/test_domain_permits.py")
MORE_TESTS = ("tests/properties/test_guard_machine.py",)
"""For what the first tests did not notice."""

CPU_S = 300
READY = (hypothesis, np)
"""Imported before any fork, to be there at once in each."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change. name: file, the line as it was and as it is now, with a number where that is not the only one."""

    module: str
    name: str
    source: str


@dataclass(frozen=True, slots=True)
class MutantFigures:
    """mutants: how many. killed: noticed. explained: not noticed, but named and explained in `equivalent.py`."""

    mutants: int
    killed: int
    explained: int
    survivors: tuple[str, ...]


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives the changed source in place of the real module."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Only for the changed module."""
        if fullname != self._mutant.module:
            return None
        return importlib.util.spec_from_loader(fullname, self, origin=MODULES[fullname])

    def exec_module(self, module: ModuleType) -> None:
        """Run the changed source."""
        exec(compile(self._mutant.source, MODULES[self._mutant.module], "exec"), module.__dict__)


def mutants() -> tuple[Mutant, ...]:
    """Every change that mutmut knows, in the order of the files."""
    made: list[Mutant] = []
    seen: Counter[str] = Counter()
    for module, path in MODULES.items():
        source = (ROOT / path).read_text("utf-8")
        tree, changes, _, _ = create_mutations(path, source)
        for change in changes:
            changed = tree.deep_replace(change.original_node, change.mutated_node)
            assert isinstance(changed, libcst.Module)
            name = f"{Path(path).name}: {_difference(source, changed.code)}"
            seen[name] += 1
            numbered = name if seen[name] == 1 else f"{name} #{seen[name]}"
            made.append(Mutant(module, numbered, changed.code))
    return tuple(made)


def _difference(before: str, after: str) -> str:
    """The lines that changed, as they were and as they are."""
    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm=""))[3:]
    old = " ".join(line[1:].strip() for line in lines if line.startswith("-"))
    new = " ".join(line[1:].strip() for line in lines if line.startswith("+"))
    return f"{old} => {new}"


def _try(mutant: Mutant, tests: Sequence[str]) -> bool:
    """Whether a test notices the mutant; a process that dies or uses up its time has noticed it."""
    child = os.fork()
    if child == 0:
        os._exit(_in_child(mutant, tests))
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) != 0


def _in_child(mutant: Mutant, tests: Sequence[str]) -> int:
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    os.chdir(ROOT)
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    sys.meta_path.insert(0, _Changed(mutant))
    quick = ("-x", "-q", "--assert=plain", "-p", "no:cacheprovider", "-p", "no:randomly", "-m", "not nightly")
    try:
        return int(pytest.main([*quick, *tests]))
    except BaseException:
        return 99


def is_noticed(mutant: Mutant) -> bool:
    """Whether the tests of the guard, then its hostile nights, notice a mutant."""
    return _try(mutant, TESTS) or _try(mutant, MORE_TESTS)


def all_mutants(processes: int = 2, only: str = "") -> MutantFigures:
    """Try every mutant (`only`: whose name contains this), some at a time."""
    module, path = next(iter(MODULES.items()))
    if is_noticed(Mutant(module, "unchanged", (ROOT / path).read_text("utf-8"))):
        message = "the tests fail on the guard as it is, so that no mutant can be judged"
        raise RuntimeError(message)
    tried = [mutant for mutant in mutants() if only in mutant.name]
    with ThreadPoolExecutor(processes) as pool:
        noticed = list(pool.map(is_noticed, tried))
    missed = [mutant.name for mutant, was in zip(tried, noticed, strict=True) if not was]
    survivors = tuple(name for name in missed if name not in EQUIVALENT)
    return MutantFigures(len(tried), sum(noticed), len(missed) - len(survivors), survivors)


if __name__ == "__main__":
    command("guard mutants", {"processes": 2}, all_mutants)
