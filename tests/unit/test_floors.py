"""The house of docs/architecture.md: imports go down only, and the pure folders read nothing from the world."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SRC = Path(__file__).resolve().parents[2] / "src" / "vigil"

MAY_IMPORT = {
    "domain": set(),
    "data": set(),
    "signal": {"domain"},
    "control": {"domain"},
    "interview": {"domain"},
    "devices": {"domain"},
    "recordings": {"domain"},
    "store": {"domain"},
    "engine": {"signal", "domain"},
    "recovery": {"domain"},
    "night": {"engine", "control", "domain", "signal"},
    "evidence": {"domain"},
    "run": {
        "night",
        "evidence",
        "engine",
        "signal",
        "control",
        "interview",
        "recordings",
        "store",
        "devices",
        "domain",
    },
    "app": {
        "run",
        "web",
        "night",
        "evidence",
        "engine",
        "signal",
        "control",
        "interview",
        "recordings",
        "store",
        "devices",
        "recovery",
        "domain",
    },
    "web": {
        "app",
        "run",
        "night",
        "evidence",
        "engine",
        "control",
        "interview",
        "store",
        "recordings",
        "recovery",
        "domain",
    },
}
"""Which folders a folder may import from, itself aside."""

PURE = ("domain", "signal", "engine", "control", "night", "evidence", "interview", "recovery")

PURE_LIBRARY = {
    "__future__",
    "abc",
    "array",
    "bisect",
    "collections",
    "dataclasses",
    "enum",
    "functools",
    "hashlib",
    "heapq",
    "itertools",
    "json",
    "math",
    "numpy",
    "operator",
    "statistics",
    "struct",
    "types",
    "typing",
    "unicodedata",
}
"""What the pure folders may use: nothing here reads a clock, a file, the environment or chance."""

GUARD_LIBRARY = {"__future__", "dataclasses", "math", "typing", "collections", "enum"}


def modules() -> list[Path]:
    return sorted(SRC.rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """Every module named by an import anywhere in a file, functions and TYPE_CHECKING included."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the floor"
            yield node.module or ""


def folder_of(path: Path) -> str:
    inside = path.relative_to(SRC).parts
    return inside[0] if len(inside) > 1 else ""


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SRC)))
def test_page_and_terminal_are_two_faces_of_the_same_services(path: Path) -> None:
    """Only commands open the page, and the page uses no command."""
    commands = (SRC / "app" / "commands") in path.parents
    for name in imports(path):
        if folder_of(path) == "web":
            assert name != "vigil.app.cli", path.name
            assert not name.startswith("vigil.app.commands"), f"{path.name} imports {name}"
        elif not commands:
            assert not name.startswith("vigil.web"), f"{path.name} imports {name}"


def test_every_folder_has_its_place() -> None:
    """A new folder must be given its floor before anything is put in it."""
    assert {folder_of(path) for path in modules()} - {""} <= set(MAY_IMPORT)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SRC)))
def test_imports_go_down_only(path: Path) -> None:
    """No module imports from a floor above its own, nor from a neighbour."""
    folder = folder_of(path)
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "vigil" and len(parts) > 1 and folder:
            assert parts[1] == folder or parts[1] in MAY_IMPORT[folder], f"{folder} imports {name}"


@pytest.mark.parametrize("path", [p for p in modules() if folder_of(p) in PURE], ids=lambda p: str(p.relative_to(SRC)))
def test_pure_folders_read_nothing_from_the_world(path: Path) -> None:
    """The pure core uses the quiet part of the standard library, NumPy and itself."""
    foreign = {name.split(".")[0] for name in imports(path)} - PURE_LIBRARY - {"vigil"}
    assert not foreign, f"{path.name} imports {foreign}"


@pytest.mark.parametrize("path", [p for p in modules() if folder_of(p) in PURE], ids=lambda p: str(p.relative_to(SRC)))
def test_pure_folders_neither_print_nor_open(path: Path) -> None:
    """What would be said or read is returned or pushed instead."""
    called = {
        node.func.id
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not called & {"print", "open", "input", "exec", "eval", "__import__"}


def test_the_guard_imports_nothing_but_the_domain() -> None:
    """The last word knows nothing of the detector."""
    for name in imports(SRC / "control" / "guard.py"):
        assert name.startswith("vigil.domain") or name.split(".")[0] in GUARD_LIBRARY, name


def test_modules_stay_short() -> None:
    """A module of more than 300 lines has found its second noun."""
    long = {str(p.relative_to(SRC)): n for p in modules() if (n := len(p.read_text().splitlines())) > 300}
    assert not long


def test_functions_fit_a_screen() -> None:
    """A function longer than 50 lines does more than one thing."""
    long = []
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
                lines = node.end_lineno - node.lineno + 1
                if lines > 50:
                    long.append(f"{path.relative_to(SRC)}:{node.name} {lines}")
    assert not long


def test_there_are_no_import_circles() -> None:
    """Imports form no circle, those inside functions and for types included."""
    graph: dict[str, set[str]] = {}
    for path in modules():
        name = ".".join(("vigil", *path.relative_to(SRC).with_suffix("").parts)).removesuffix(".__init__")
        graph[name] = {other for other in imports(path) if other.startswith("vigil")}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail[trail.index(name) :], name))
        if name not in done:
            for other in sorted(graph.get(name, ())):
                visit(other, (*trail, name))
            done.add(name)

    sys.setrecursionlimit(max(sys.getrecursionlimit(), 2000))
    for name in sorted(graph):
        visit(name, ())
