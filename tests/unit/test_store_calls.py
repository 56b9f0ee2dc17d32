"""The wish to be called: when, the last time only, and nothing else."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vigil.domain.errors import StoreError
from vigil.store.calls import CALLS_NAME, ask_to_call, asked_to_call, take_back

NOW = 1_775_600_000_000


def test_the_last_wish_counts(tmp_path: Path) -> None:
    """In a folder that need not be there, until it is taken back."""
    path = tmp_path / "own" / CALLS_NAME
    assert asked_to_call(path) is None
    ask_to_call(path, NOW)
    ask_to_call(path, NOW + 1)
    assert asked_to_call(path) == NOW + 1
    assert json.loads(path.read_text()) == {"format": 1, "wall_ms": NOW + 1}
    take_back(path)
    assert asked_to_call(path) is None


def test_one_that_cannot_be_noted_or_taken_back_is_said(tmp_path: Path) -> None:
    """Nobody waits for a call that was never asked for."""
    path = tmp_path / CALLS_NAME
    path.mkdir()
    (path / "something").write_text("")
    with pytest.raises(StoreError, match="please call them yourself"):
        ask_to_call(path, NOW)
    with pytest.raises(StoreError, match="still shows"):
        take_back(path)
    assert asked_to_call(path) is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=300)
    | st.just(b"[" * 10_000)
    | st.fixed_dictionaries({"format": st.just(1), "wall_ms": st.none() | st.integers() | st.text(max_size=5)})
    .map(json.dumps)
    .map(str.encode)
)
def test_garbage_is_no_wish(tmp_path: Path, data: bytes) -> None:
    """Reading never raises, and gives an instant of our time or none."""
    (tmp_path / CALLS_NAME).write_bytes(data)
    found = asked_to_call(tmp_path / CALLS_NAME)
    assert found is None or 0 <= found <= 4_102_444_800_000


def test_several_taps_at_once_are_one_wish(tmp_path: Path) -> None:
    """Each is noted, and none is told that it was not."""
    path = tmp_path / "calls.json"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: ask_to_call(path, 1_000 + n), range(400)))
    assert asked_to_call(path) is not None
    assert [each.name for each in tmp_path.iterdir()] == ["calls.json"]
