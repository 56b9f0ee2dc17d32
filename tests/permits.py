"""Permits for tests that need one to look at; the guard's own are tested with the guard."""

from __future__ import annotations

from vigil.domain import permits
from vigil.domain.permits import Permit
from vigil.domain.requests import NudgeRequest, Output, Purpose


def permit(
    issued_ns: int = 0, *, serial: int = 1, level: int = 1, output: Output = Output.VIBRATION, duration_ms: int = 1000
) -> Permit:
    """A permit made with the key, which nothing but the guard has outside tests."""
    request = NudgeRequest(Purpose.NUDGE, 1, output, level, duration_ms, 5)
    return Permit(key=permits._KEY, serial=serial, request=request, issued_ns=issued_ns)
