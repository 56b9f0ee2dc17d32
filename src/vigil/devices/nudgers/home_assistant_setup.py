"""Setting up a lamp of Home Assistant: its lamps by their names.

GET `/api/states` is answered with a list of states, each with `entity_id` and `attributes`, of which `friendly_name` is
what people call it (developers.home-assistant.io, "REST API"). What is no lamp is left out unread.
"""

from __future__ import annotations

from vigil.devices.nudgers.home_assistant import ENTITY, WHO, accepted, unfit
from vigil.devices.nudgers.lamp import FoundLamp
from vigil.devices.nudgers.one_host import ASK_S, OneHost
from vigil.domain.errors import DeviceError

_MOST_BYTES = 8 * 1024 * 1024
"""Longest list of states that is read. Our choice: a large home has some thousand, each of half a kilobyte."""


async def lamps_of(url: str, token: str, certificate: str, timeout_s: float = ASK_S) -> tuple[FoundLamp, ...]:
    """Every entity `light.*`, in the order it is told in; raises DeviceError."""
    headers = {"Authorization": f"Bearer {token}"}
    host = OneHost(url, WHO, headers, certificate=certificate, timeout_s=timeout_s, most_bytes=_MOST_BYTES)
    try:
        answer = accepted(await host.ask("GET", "/api/states"), "lamps at this address")
    finally:
        await host.close()
    if not isinstance(answer.content, list):
        raise DeviceError(f"{WHO} did not tell of its lamps")
    return tuple(lamp for lamp in map(_lamp, answer.content) if lamp is not None)


def _lamp(state: object) -> FoundLamp | None:
    which = state.get("entity_id") if isinstance(state, dict) else None
    if not isinstance(state, dict) or not isinstance(which, str) or ENTITY.fullmatch(which) is None:
        return None
    attributes = state.get("attributes")
    name = attributes.get("friendly_name") if isinstance(attributes, dict) else None
    named = name if isinstance(name, str) and name.strip() else which.removeprefix("light.").replace("_", " ")
    return FoundLamp(which, named, unfit(named, attributes))
