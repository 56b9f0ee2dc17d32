"""Setting up a lamp of Philips Hue: a key of its bridge after its button was pressed, and its lamps by their names.

The key comes by the older part of the bridge's API: POST `/api` with `devicetype` and `generateclientkey` is answered
with a list, of `success` with `username`, or of `error` whose type is 101 while the button was not pressed (OpenHue's
description of the API, github.com/openhue/openhue-api, `src/auth/`; aiohue, `create_app_key` and `errors.py`, which
names developers.meethue.com, "Create user"). Lamps are resources of type light, named by `metadata.name` (OpenHue,
`src/light/schemas/LightGet.yaml`). Nothing but that key is changed at a bridge.
"""

from __future__ import annotations

from collections.abc import Mapping

from vigil.devices.nudgers.hue import RESOURCE_ID, WHO, resources_of, unfit
from vigil.devices.nudgers.lamp import FoundLamp
from vigil.devices.nudgers.one_host import ASK_S, OneHost, checked_secret
from vigil.domain.errors import DeviceError, SettingsError

DEVICE_TYPE = "vigil#lamp"
"""How the key is called among the bridge's own; a name and an instance (OpenHue, `src/auth/auth.yaml`)."""

_NOT_PRESSED = 101

_MOST_BYTES = 1024 * 1024
"""Longest list of lamps that is read. Our choice: a bridge has up to 150 lamps, each of a few kilobytes."""


async def new_key(url: str, certificate: str, timeout_s: float = ASK_S) -> str | None:
    """A new key of the bridge; None while its button was not pressed. Raises DeviceError.

    certificate: which alone is believed, or "" where the person allowed any. The key for streaming, which the bridge
    gives along with it, is not kept.
    """
    host = OneHost(url, WHO, {}, certificate=certificate, verified=False, timeout_s=timeout_s)
    try:
        answer = await host.ask("POST", "/api", {"devicetype": DEVICE_TYPE, "generateclientkey": True})
    finally:
        await host.close()
    said = _first(answer.content)
    if _inside(said, "error").get("type") == _NOT_PRESSED:
        return None
    key = _inside(said, "success").get("username")
    try:
        return checked_secret(key if isinstance(key, str) else "", "the key")
    except SettingsError:
        raise DeviceError(f"{WHO} gave no key") from None


async def lamps_of(url: str, key: str, certificate: str, timeout_s: float = ASK_S) -> tuple[FoundLamp, ...]:
    """Every lamp of the bridge, in its own order; raises DeviceError, KeyRefusedError where the key is not known."""
    headers = {"hue-application-key": key}
    host = OneHost(
        url, WHO, headers, certificate=certificate, verified=False, timeout_s=timeout_s, most_bytes=_MOST_BYTES
    )
    try:
        found = resources_of(await host.ask("GET", "/clip/v2/resource/light"), "tell of its lamps")
    finally:
        await host.close()
    return tuple(lamp for lamp in map(_lamp, found) if lamp is not None)


def _lamp(light: Mapping[str, object]) -> FoundLamp | None:
    which = light.get("id")
    if not isinstance(which, str) or RESOURCE_ID.fullmatch(which) is None:
        return None
    name = _inside(light, "metadata").get("name")
    named = name if isinstance(name, str) else ""
    return FoundLamp(which, named, unfit(named, light))


def _first(content: object) -> object:
    return content[0] if isinstance(content, list) and content else None


def _inside(content: object, name: str) -> Mapping[str, object]:
    inner = content.get(name) if isinstance(content, Mapping) else None
    return inner if isinstance(inner, Mapping) else {}
