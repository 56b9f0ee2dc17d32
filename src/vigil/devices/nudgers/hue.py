"""A lamp of Philips Hue, over the local API of its bridge (CLIP v2, `/clip/v2/resource/light/ID`).

The bridge has timed effects (sunrise, sunset), whose brightness cannot be chosen, and signals, which flash; neither is
a glow. So a glow does not end by itself: the desk puts it out after its time, the supervisor when the night process
died, and the note of `lit_marker.py` at the next start. A bridge ignores the time of a change in the same request as
"on" (seen by others: openHAB, issue 18260), so the lamp is lit at its dimmest first, and then comes up slowly.

The bridge's certificate is signed by its maker or by itself and names no address, so it cannot be verified as usual:
it is pinned, or accepted unseen because the person says so.
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

WHO = "the Hue bridge"
RESOURCE_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_DIMMEST_PERCENT = 1
"""What a lamp is lit at before it comes up; a lamp that cannot go so low takes its own lowest."""


@dataclass(frozen=True, slots=True)
class HueChoice:
    """Which lamp: https address of the bridge, an application key, and the id of a resource of type light.

    certificate: SHA-256 of the bridge's certificate (`one_host.certificate_of`). Without it `any_certificate` must be
    True: then whoever answers at that address in the home is believed and gets the key. Raises SettingsError.
    """

    url: str
    key: str = field(repr=False)
    light: str
    certificate: str = ""
    any_certificate: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "url", checked_url(self.url, ("https",)))
        object.__setattr__(self, "certificate", checked_certificate(self.certificate))
        checked_secret(self.key, "the key of the Hue bridge")
        if RESOURCE_ID.fullmatch(self.light) is None:
            raise SettingsError("a lamp of Hue must be named by its id, 36 digits and hyphens")
        if not self.certificate and self.any_certificate is not True:
            raise SettingsError("the certificate of the Hue bridge is missing; set it, or allow any certificate")


class KeyRefusedError(DeviceError):
    """The bridge does not know the key: it was reset, or the key was taken back there."""


def resources_of(answer: Answer, what: str) -> list[Mapping[str, object]]:
    """The resources of an answer; raises DeviceError if there is any error in it. what: could not be done then."""
    if answer.status in {401, 403}:
        raise KeyRefusedError(f"{WHO} refused the key")
    if answer.status == 404:
        raise DeviceError(f"{WHO} knows no such lamp")
    content = answer.content if isinstance(answer.content, Mapping) else {}
    data = content.get("data")
    if answer.status not in {200, 207} or content.get("errors") or not isinstance(data, list):
        raise DeviceError(f"{WHO} could not {what}")
    return [resource for resource in data if isinstance(resource, Mapping)]


def unfit(name: str, light: Mapping[str, object]) -> str:
    """Why no glow can be shown on a resource of type light, or nothing."""
    return "" if isinstance(light.get("dimming"), Mapping) else f"{name} cannot be dimmed"


class HueLight(Lamp):
    """A lamp of a Hue bridge that can be dimmed; others are refused when probed."""

    def __init__(
        self,
        choice: HueChoice,
        marker: Path,
        *,
        name: str = "the Hue lamp",
        pause: Pause = asyncio.sleep,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        super().__init__(name, f"{choice.url} {choice.light}", marker, pause)
        self._light = f"/clip/v2/resource/light/{choice.light}"
        self._host = OneHost(
            choice.url,
            WHO,
            {"hue-application-key": choice.key},
            certificate=choice.certificate,
            verified=False,
            timeout_s=timeout_s,
        )

    async def _look(self) -> Look:
        return self._seen(await self._one(self._light))

    def _seen(self, light: Mapping[str, object]) -> Look:
        switch = light.get("on")
        is_on = switch.get("on") if isinstance(switch, Mapping) else None
        if type(is_on) is not bool:
            raise DeviceError(f"{WHO} did not say whether {self.name} is on")
        return Look(is_on, unfit(self.name, light))

    async def _why_not(self) -> str:
        """As a look says, and that the bridge reaches the lamp: for one without power it says what it last knew."""
        light = await self._one(self._light)
        links = await self._asked("GET", "/clip/v2/resource/zigbee_connectivity")
        owner = light.get("owner")
        device = owner.get("rid") if isinstance(owner, Mapping) else None
        for link in links:
            of = link.get("owner")
            if isinstance(of, Mapping) and of.get("rid") == device and link.get("status") != "connected":
                return f"{WHO} does not reach {self.name}"
        return self._seen(light).why_not

    async def _come(self, percent: int) -> None:
        await self._asked("PUT", self._light, {"on": {"on": True}, "dimming": {"brightness": _DIMMEST_PERCENT}})
        await self._asked("PUT", self._light, {"dimming": {"brightness": percent}, "dynamics": {"duration": FADE_MS}})

    async def _go(self) -> None:
        await self._asked("PUT", self._light, {"on": {"on": False}, "dynamics": {"duration": OUT_MS}})

    async def _one(self, path: str) -> Mapping[str, object]:
        found = await self._asked("GET", path)
        if len(found) != 1:
            raise DeviceError(f"{WHO} knows no such lamp")
        return found[0]

    async def _asked(self, method: str, path: str, body: object = None) -> list[Mapping[str, object]]:
        """The resources of an answer; raises DeviceError if there is any error in it.

        The bridge answers 207 with errors inside where a command "may not have effect", for a lamp it does not reach.
        """
        answer = await self._host.ask(method, path, body)
        return resources_of(answer, f"do that with {self.name}")

    async def _let_go(self) -> None:
        await self._host.close()
