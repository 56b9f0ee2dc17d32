"""Keys and lists of lamps, whatever a bridge or a Home Assistant answers: a DeviceError in words, or what was told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lamp_hosts import LIGHT, Bridge, Home
from tests.loopback import BRIDGE_SHA256, CANARY, bridge_tls, http_server
from vigil.devices.nudgers import home_assistant_setup, hue_setup
from vigil.devices.nudgers.hue import KeyRefusedError
from vigil.devices.nudgers.lamp import FoundLamp
from vigil.devices.nudgers.one_host import Answer, OneHost
from vigil.domain.errors import DeviceError


def at_bridge(bridge: Any, do: Callable[[str], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        async with http_server(bridge.handle, bridge_tls()) as port:
            return await do(f"https://127.0.0.1:{port}")

    return asyncio.run(run())


def test_a_bridge_gives_its_key_only_after_its_button() -> None:
    bridge = Bridge()
    assert at_bridge(bridge, lambda url: hue_setup.new_key(url, BRIDGE_SHA256)) is None
    bridge.pressed = True
    assert at_bridge(bridge, lambda url: hue_setup.new_key(url, BRIDGE_SHA256)) == CANARY


def test_lamps_of_a_bridge_by_their_names_and_whether_they_can_glow() -> None:
    bridge = Bridge()
    plug = {"id": LIGHT.replace("6e", "7f"), "on": {"on": True}, "metadata": {"name": "Plug"}}
    bridge.others = [plug, {"id": "../../api"}, {"metadata": {"name": "no id"}}, 3]
    found = at_bridge(bridge, lambda url: hue_setup.lamps_of(url, CANARY, BRIDGE_SHA256))
    assert found == (
        FoundLamp(LIGHT, "Bedside"),
        FoundLamp(LIGHT.replace("6e", "7f"), "Plug", "Plug cannot be dimmed"),
    )
    with pytest.raises(KeyRefusedError, match="refused the key"):
        at_bridge(bridge, lambda url: hue_setup.lamps_of(url, "another-key", BRIDGE_SHA256))


@pytest.mark.parametrize("what", ["key", "lamps"])
def test_another_certificate_is_asked_for_nothing(what: str) -> None:
    bridge = Bridge()
    bridge.pressed = True
    ask: dict[str, Callable[[str], Awaitable[Any]]] = {
        "key": lambda url: hue_setup.new_key(url, "00" * 32),
        "lamps": lambda url: hue_setup.lamps_of(url, CANARY, "00" * 32),
    }
    with pytest.raises(DeviceError, match="another certificate"):
        at_bridge(bridge, ask[what])
    assert (bridge.keys_given, bridge.seen_keys) == (0, [])


@pytest.mark.parametrize(
    ("status", "said"), [(401, "refused the token"), (404, "knows no lamps at this address"), (500, "error 500")]
)
def test_what_home_assistant_refuses_is_said(status: int, said: str) -> None:
    home = Home()
    home.status = status

    async def run() -> Any:
        async with http_server(home.handle) as port:
            return await home_assistant_setup.lamps_of(f"http://127.0.0.1:{port}", CANARY, "")

    with pytest.raises(DeviceError, match=said) as caught:
        asyncio.run(run())
    assert CANARY not in str(caught.value)


def test_a_whole_home_is_read_but_not_more_than_a_home() -> None:
    """A thousand states are more than a lamp has to say, and are read; what never ends is not."""
    state = {"entity_id": "sensor.x", "state": "1", "attributes": {"filler": "x" * 500}}

    async def run(times: int) -> Any:
        async def handle(_: web.BaseRequest) -> web.StreamResponse:
            return web.Response(text=json.dumps([*[state] * times]), content_type="application/json")

        async with http_server(handle) as port:
            return await home_assistant_setup.lamps_of(f"http://127.0.0.1:{port}", CANARY, "", 30.0)

    assert asyncio.run(run(1_000)) == ()
    with pytest.raises(DeviceError, match="answered more than"):
        asyncio.run(run(16_000))


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
keys = st.lists(
    anything
    | st.fixed_dictionaries(
        {}, optional={"error": anything, "success": anything | st.fixed_dictionaries({"username": anything})}
    ),
    max_size=2,
)
lamps = st.lists(
    anything
    | st.fixed_dictionaries(
        {"id": anything | st.just(LIGHT), "entity_id": anything | st.just("light.bed")},
        optional={"metadata": anything | st.fixed_dictionaries({"name": anything}), "attributes": anything},
    ),
    max_size=3,
)


@settings(max_examples=200, deadline=None)
@given(anything | keys | lamps | st.fixed_dictionaries({"data": lamps}), st.sampled_from([200, 207, 404]))
def test_whatever_is_answered_becomes_lamps_or_a_sentence(content: object, status: int) -> None:
    """Nothing but what these promise comes back, and nothing but a DeviceError is raised."""

    async def answer(*_: object) -> Answer:
        return Answer(status, content)

    async def run(ask: Awaitable[Any]) -> Any:
        try:
            return await ask
        except DeviceError:
            return None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(OneHost, "ask", answer)
        key = asyncio.run(run(hue_setup.new_key("https://host", "")))
        assert key is None or (isinstance(key, str) and key.isprintable() and " " not in key)
        for found in (
            asyncio.run(run(hue_setup.lamps_of("https://host", CANARY, ""))),
            asyncio.run(run(home_assistant_setup.lamps_of("http://host", CANARY, ""))),
        ):
            assert all(isinstance(lamp, FoundLamp) and isinstance(lamp.name, str) for lamp in found or ())
