"""A child with bounds: whatever it does, one call fails in words and the next one works."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import children
from vigil.domain.errors import FormatError, InputError, StoreError
from vigil.run import limited
from vigil.run.limited import LimitedChild, Limits
from vigil.run.limited_child import answer

ROOT = Path(__file__).resolve().parents[2]
LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux holds to bounds of memory")
SMALL = Limits(memory_bytes=512 << 20, answer_bytes=1 << 20)


@pytest.fixture(scope="module")
def child() -> Iterator[LimitedChild]:
    with LimitedChild(SMALL) as started:
        yield started


@pytest.mark.parametrize("value", [None, 3, "caf\u00e9 \udc80 \n", [1.5, {"a": [True]}]])
def test_plain_values_go_there_and_back(child: LimitedChild, value: Any) -> None:
    """What is sent is what arrives: odd letters of file names, line breaks, nested values."""
    assert child.call("tests.children:same", value) == value


def test_what_is_printed_is_no_answer(child: LimitedChild, capfd: pytest.CaptureFixture[str]) -> None:
    """A library that prints does not spoil the answer."""
    assert child.call("tests.children:printed") == "answer"
    assert capfd.readouterr().out == ""


def test_one_child_serves_many_calls(child: LimitedChild) -> None:
    """Starting takes longer than a short night, so a child that did well is used again."""
    assert child.call("tests.children:process") == child.call("tests.children:process") != os.getpid()


@LINUX
def test_the_bounds_are_taken_on(child: LimitedChild) -> None:
    """Memory, address space, no core file, and a step back behind the night."""
    data, address, core, nice = child.call("tests.children:bounds")
    assert (data, address, core) == (SMALL.memory_bytes, SMALL.address_bytes, 0)
    assert nice == min(19, os.nice(0) + SMALL.niceness)


def test_errors_arrive_as_they_were_raised(child: LimitedChild) -> None:
    """With path and line; one of a kind that only the child knows as the nearest that all know."""
    with pytest.raises(FormatError, match="is no night") as caught:
        child.call("tests.children:refuse_format", about="folder")
    assert (caught.value.path, caught.value.line) == ("a.csv", 7)
    with pytest.raises(StoreError, match="the disk is full; nothing was kept") as stored:
        child.call("tests.children:refuse_store")
    assert type(stored.value) is StoreError


@pytest.mark.parametrize(
    ("function", "words"),
    [
        pytest.param("much_memory", "more than 512 MB of memory", marks=LINUX),
        pytest.param("much_numpy", "more than 512 MB of memory", marks=LINUX),
        ("much_talk", "more than 1 MB of answer"),
        ("gone", "ended without a word"),
        ("stumble", "ZeroDivisionError in children.py, line"),
        ("no_number", "ValueError in"),
        ("no_such_function", "AttributeError in"),
    ],
)
def test_what_goes_wrong_is_an_error_about_the_file(child: LimitedChild, function: str, words: str) -> None:
    """In words with the path, and the next call works."""
    with pytest.raises(InputError, match=f"^some/night.csv: .*{words}") as caught:
        child.call(f"tests.children:{function}", about="some/night.csv")
    assert "given up" in str(caught.value)
    assert child.call("tests.children:same", 1) == 1


def test_computing_without_end_is_given_up() -> None:
    """The bound is of each call: a child that has computed before has as much again."""
    with LimitedChild(Limits(cpu_s=0)) as child:
        first = child.call("tests.children:process")
        assert child.call("tests.children:process") == first
        with pytest.raises(InputError, match=r"a\.csv: reading it took more than 0 minutes of computing"):
            child.call("tests.children:busy", about="a.csv")


def test_waiting_without_end_is_given_up() -> None:
    """A file on a disk that never answers takes no computing, but not for ever either."""
    with LimitedChild(Limits(wall_s=0.1)) as child:
        with pytest.raises(InputError, match="took more than 0 minutes; it was given up"):
            child.call("tests.children:asleep", about="a.csv")
        with pytest.raises(InputError, match="took more than 0 minutes; it was given up"):
            child.call("tests.children:asleep")


GARBAGE = (
    "\n",
    "{}\n",
    "[]\n",
    "nonsense\n",
    '{"kind": "returned"}\n',
    '{"kind": "raised", "name": "InputError"}\n',
    '{"kind": "raised", "name": "InputError", "words": 5}\n',
    '{"kind": "raised", "name": "InputError", "words": "x", "line": "7"}\n',
    '{"kind": "raised", "name": "SystemExit", "words": "x"}\n',
    "[" * 50_000 + "\n",
)


@pytest.mark.parametrize("said", GARBAGE, ids=range(len(GARBAGE)))
def test_garbage_is_no_answer(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    """Whatever comes back, only an answer of a known form is believed."""
    monkeypatch.setattr(limited, "CHILD", "tests.children")
    monkeypatch.setenv("TEST_ANSWER", said)
    with LimitedChild() as child, pytest.raises(InputError, match=r"a\.csv: the worker that read it gave an answer of"):
        child.call("tests.children:same", 1, about="a.csv")


def test_a_child_that_was_stopped_stays_so() -> None:
    """Stopped from another thread, the call ends in words and no other child is started."""
    child = LimitedChild()
    pid = child.call("tests.children:process")
    stopper = threading.Timer(0.05, child.stop)
    stopper.start()
    with pytest.raises(InputError):
        child.call("tests.children:asleep", about="a.csv")
    with pytest.raises(InputError, match="reading was stopped"):
        child.call("tests.children:same", 1)
    child.stop()
    child.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_child_ends_with_its_parent() -> None:
    """kill -9 of Vigil leaves no reader behind: its end closes the pipe, and the child's end the other."""
    script = (
        "import os, threading; from vigil.run.limited import LimitedChild; c = LimitedChild();"
        "c.call('tests.children:same', 1); threading.Timer(0.1, os.kill, (os.getpid(), 9)).start();"
        "c.call('tests.children:asleep')"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)])}
    # stderr is inherited by the child too, so that reading it to its end waits for both.
    done = subprocess.run(
        [sys.executable, "-c", script], check=False, env=environment, stderr=subprocess.PIPE, timeout=60
    )
    assert (done.returncode, done.stderr) == (-9, b"")


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        (["tests.children:same", ["x"]], "returned"),
        (["tests.children:refuse_format", []], "raised"),
        (["tests.children:refuse_store", []], "raised"),
        (["tests.children:stumble", []], "failed"),
        (["no.such.module:x", []], "failed"),
        (["x"], "failed"),
    ],
)
def test_the_child_answers_in_one_line(question: list[Any], kind: str) -> None:
    """Every question has an answer, and an answer no line break but its last."""
    found, line = answer(json.dumps(question).encode())
    assert (found, line.count(b"\n"), line[-1:]) == (kind, 1, b"\n")


def test_a_child_without_memory_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Running out of memory is told apart from a fault."""

    def out_of_memory(_value: object) -> None:
        raise MemoryError

    monkeypatch.setattr(children, "same", out_of_memory)
    assert answer(b'["tests.children:same", [1]]')[0] == "no memory"
