"""Stand-ins for what switches lamps: a bridge of Hue and a Home Assistant, as their documentation says they answer."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from tests.loopback import CANARY

LIGHT = "6e1ba2f9-5f7b-4b3b-9d36-5a0d7c6e9f01"
LIGHT_PATH = f"/clip/v2/resource/light/{LIGHT}"
LIGHTS_PATH = "/clip/v2/resource/light"
LINKS_PATH = "/clip/v2/resource/zigbee_connectivity"


class Bridge:
    """A Hue bridge with one lamp."""

    def __init__(self) -> None:
        self.light: dict[str, Any] = {
            "id": LIGHT,
            "owner": {"rid": "device-1", "rtype": "device"},
            "metadata": {"name": "Bedside", "archetype": "table_shade"},
            "on": {"on": False},
            "dimming": {"brightness": 80.0, "min_dim_level": 0.2},
        }
        self.link = "connected"
        self.puts: list[Any] = []
        self.seen_keys: list[str | None] = []
        self.status = 0
        self.errors: list[dict[str, str]] = []
        self.deaf = False
        self.others: list[Any] = []
        self.pressed = False
        self.keys_given = 0

    def key(self, asked: Any) -> dict[str, Any]:
        """What POST /api is answered with, as github.com/openhue/openhue-api and aiohue say it."""
        assert asked == {"devicetype": "vigil#lamp", "generateclientkey": True}
        if not self.pressed:
            return {"error": {"type": 101, "address": "", "description": "link button not pressed"}}
        self.keys_given += 1
        return {"success": {"username": CANARY, "clientkey": "0123456789ABCDEF0123456789ABCDEF"}}

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if (request.method, request.path) == ("POST", "/api"):
            return web.json_response([self.key(await request.json())])
        self.seen_keys.append(request.headers.get("hue-application-key"))
        if self.seen_keys[-1] != CANARY:
            return web.Response(status=403)
        if self.status:
            return web.Response(status=self.status)
        if request.path == LINKS_PATH:
            other = {"owner": {"rid": "device-2"}, "status": "connectivity_issue"}
            ours = {"owner": {"rid": "device-1"}, "status": self.link}
            return web.json_response({"errors": [], "data": [other, ours, {"owner": "broken"}]})
        if request.path == LIGHTS_PATH:
            return web.json_response({"errors": [], "data": [self.light, *self.others]})
        if request.path != LIGHT_PATH:
            return web.Response(status=404)
        if request.method == "PUT":
            self.puts.append(await request.json())
            if not self.deaf:
                self.light.update({key: self.puts[-1][key] for key in ("on", "dimming") if key in self.puts[-1]})
            return web.json_response(
                {"errors": self.errors, "data": [{"rid": LIGHT, "rtype": "light"}]}, status=207 if self.errors else 200
            )
        return web.json_response({"errors": [], "data": [self.light]})


DIMMABLE = {"supported_color_modes": ["color_temp", "xy"], "supported_features": 44}


class Home:
    """A Home Assistant with one lamp."""

    def __init__(self) -> None:
        self.state = "off"
        self.attributes: dict[str, object] = {"friendly_name": "Bedside", **DIMMABLE}
        self.calls: list[tuple[str, Any]] = []
        self.status = 0
        self.deaf = False
        self.others: list[Any] = []

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {CANARY}":
            return web.Response(status=401)
        if self.status:
            return web.Response(status=self.status)
        bed = {"entity_id": "light.bed", "state": self.state, "attributes": self.attributes}
        if (request.method, request.path) == ("GET", "/api/states/light.bed"):
            return web.json_response(bed)
        if (request.method, request.path) == ("GET", "/api/states"):
            return web.json_response([bed, *self.others])
        if request.method == "POST" and request.path.startswith("/api/services/light/turn_"):
            service = request.path.rsplit("/", 1)[1]
            self.calls.append((service, await request.json()))
            if not self.deaf:
                self.state = {"turn_on": "on", "turn_off": "off"}[service]
            return web.json_response([])
        return web.Response(status=404)
