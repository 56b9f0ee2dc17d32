"""A lamp of Home Assistant, over its REST API (`/api/states/ENTITY`, `/api/services/light/turn_on` and `turn_off`).

Home Assistant has no light that ends by itself: what is lit stays lit until it is put out. The desk puts it out after
its time, the supervisor puts it out when the night process died, and the note of `lit_marker.py` has it put out at the
next start. A state is what Home Assistant believes of the lamp; for a lamp that never reports back, that is a guess.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vigil.devices.nudgers.lamp import FADE_MS, OUT_MS, Lamp, Look, Pause
from vigil.devices.nudgers.one_host import (
    TIMEOUT_S,
    Answer,
    OneHost,
    checked_certificate,
    checked_secret,
    checked_url,
)
from vigil.domain.errors import DeviceError, SettingsError
from vigil.domain.units import MS_PER_S

WHO = "Home Assistant"
ENTITY = re.compile(r"light\.[a-z0-9_]{1,200}")

_NO_DIMMING = {"onoff", "unknown"}
"""Colour modes of a light without brightness (Home Assistant, light entity, `ColorMode`)."""

_TRANSITION = 32
"""Bit of `supported_features` of a light that can change slowly (Home Assistant, `LightEntityFeature.TRANSITION`)."""


@dataclass(frozen=True, slots=True)
class HomeAssistantChoice:
    """Which lamp: address of Home Assistant, a long-lived access token, and an entity like `light.bed`.

    certificate: SHA-256 of a self-signed certificate, or "". Raises SettingsError for what cannot be one of these.
    """

    url: str
    token: str = field(repr=False)
    entity: str
    certificate: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "url", checked_url(self.url, ("http", "https")))
        object.__setattr__(self, "certificate", checked_certificate(self.certificate))
        checked_secret(self.token, "the token of Home Assistant")
        if ENTITY.fullmatch(self.entity) is None:
            raise SettingsError("a lamp of Home Assistant must be named like light.bed")


def accepted(answer: Answer, sought: str) -> Answer:
    """The answer if it is a good one; raises DeviceError. sought: what is not there where it says so."""
    if answer.status in {401, 403}:
        raise DeviceError(f"{WHO} refused the token")
    if answer.status == 404:
        raise DeviceError(f"{WHO} knows no {sought}")
    if answer.status not in {200, 201}:
        raise DeviceError(f"{WHO} answered with error {answer.status}")
    return answer


def unfit(name: str, attributes: object) -> str:
    """Why no glow can be shown on a lamp with these attributes, or nothing."""
    given = attributes if isinstance(attributes, Mapping) else {}
    modes, features = given.get("supported_color_modes"), given.get("supported_features")
    names = {str(mode) for mode in modes} if isinstance(modes, list) else set()
    if not names - _NO_DIMMING:
        return f"{name} cannot be dimmed"
    if type(features) is not int or not features & _TRANSITION:
        return f"{name} cannot come up slowly"
    return ""


class HomeAssistantLight(Lamp):
    """A lamp of Home Assistant that can be dimmed and can change slowly; others are refused when probed."""

    def __init__(
        self,
        choice: HomeAssistantChoice,
        marker: Path,
        *,
        pause: Pause = asyncio.sleep,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        super().__init__(f"the lamp {choice.entity}", f"{choice.url} {choice.entity}", marker, pause)
        self._entity = choice.entity
        self._host = OneHost(
            choice.url,
            WHO,
            {"Authorization": f"Bearer {choice.token}"},
            certificate=choice.certificate,
            timeout_s=timeout_s,
        )

    async def _look(self) -> Look:
        answer = accepted(await self._host.ask("GET", f"/api/states/{self._entity}"), self._entity)
        state = answer.content if isinstance(answer.content, Mapping) else {}
        is_on = {"on": True, "off": False}.get(str(state.get("state")))
        if is_on is None:
            raise DeviceError(f"{self.name} is not available to {WHO}")
        return Look(is_on, unfit(self.name, state.get("attributes")))

    async def _come(self, percent: int) -> None:
        await self._call("turn_on", {"brightness_pct": percent}, FADE_MS)

    async def _go(self) -> None:
        await self._call("turn_off", {}, OUT_MS)

    async def _call(self, service: str, more: Mapping[str, object], fade_ms: int) -> None:
        body = {"entity_id": self._entity, "transition": fade_ms / MS_PER_S, **more}
        accepted(await self._host.ask("POST", f"/api/services/light/{service}", body), self._entity)

    async def _let_go(self) -> None:
        await self._host.close()
