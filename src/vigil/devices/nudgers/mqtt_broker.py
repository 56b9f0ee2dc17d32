"""Connections to the MQTT broker of the home, with every trouble in plain words. Needs the extra `mqtt`.

aiomqtt is imported only here and only when a broker is used; everything else runs without it.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vigil.domain.errors import DeviceError, SettingsError

if TYPE_CHECKING:
    import aiomqtt

TIMEOUT_S = 1.5
"""Longest wait for the broker to take one thing. Our choice: an output has 2 s to begin."""

KEEPALIVE_S = 5
"""Seconds of silence after which the broker asks itself whether we live (MQTT 3.1.1, 3.1.2.10: it waits half as long
again and then publishes the last will). Our choice: a dead network ends a glow within 8 s."""

_HOST = re.compile(r"[A-Za-z0-9._:-]{1,253}")
_WORD = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TOPIC = re.compile(r"[^\x00-\x1f\x7f#+$/]+(/[^\x00-\x1f\x7f#+/]+)*")
_TOPIC_BYTES = 200


@dataclass(frozen=True, slots=True)
class MqttChoice:
    """Which broker, and which lamp on it: `lamp` is its friendly name in Zigbee2MQTT, `base` that program's topic.

    node: this Vigil's name on the broker, for homes with two sleepers. discovery: Home Assistant's topic for finding
    devices. tls: whether the broker is spoken to with TLS and a certificate that can be verified.
    Raises SettingsError for what cannot be one of these.
    """

    host: str
    lamp: str
    port: int = 1883
    username: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False
    base: str = "zigbee2mqtt"
    node: str = "vigil"
    discovery: str = "homeassistant"

    def __post_init__(self) -> None:
        if _HOST.fullmatch(self.host) is None:
            raise SettingsError("the MQTT broker must be named by its host, without slashes, name or password")
        if type(self.port) is not int or not 1 <= self.port <= 65535:
            raise SettingsError("the port of the MQTT broker must be a whole number from 1 to 65535")
        if any(_TOPIC.fullmatch(part) is None for part in (self.lamp, self.base, self.discovery)):
            raise SettingsError("a lamp, and a topic, must be named without #, + or $, and without empty parts")
        if len(self.topic.encode()) > _TOPIC_BYTES:
            raise SettingsError(f"the topic of the lamp is longer than {_TOPIC_BYTES} bytes")
        if _WORD.fullmatch(self.node) is None:
            raise SettingsError("the name of this Vigil on the broker may hold letters, digits, _ and - only")
        if self.password and not self.username:
            raise SettingsError("the MQTT broker has a password and no user name")
        for secret in (self.username, self.password):
            if not secret.isprintable() or len(secret.encode()) > _TOPIC_BYTES:
                raise SettingsError("the user name or password of the MQTT broker cannot be sent; please copy it again")

    @property
    def topic(self) -> str:
        """Where the lamp says its state."""
        return f"{self.base}/{self.lamp}"


class Broker:
    """Makes connections to one broker; raises SettingsError where aiomqtt is not installed."""

    def __init__(self, choice: MqttChoice, timeout_s: float = TIMEOUT_S) -> None:
        try:
            import aiomqtt  # noqa: PLC0415 — an extra: absent unless MQTT was chosen
        except ImportError:
            raise SettingsError(
                "MQTT was chosen and is not installed; nothing was started. Please run: pip install 'vigil[mqtt]'"
            ) from None
        self._mqtt = aiomqtt
        self._choice = choice
        self._timeout_s = timeout_s
        self._where = f"{choice.host}:{choice.port}"
        self._leaving: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def connection(self, will: aiomqtt.Will | None = None) -> AsyncIterator[aiomqtt.Client]:
        """A connection of its own; whatever the broker refuses in it raises DeviceError, one plain clause.

        will: what the broker says for us if we vanish; not if we leave in good order.
        """
        client = self._client(will)
        try:
            await self._enter(client)
            try:
                yield client
            finally:
                with contextlib.suppress(self._mqtt.MqttError):
                    await client.__aexit__(None, None, None)
        except (self._mqtt.MqttError, TimeoutError, OSError) as error:
            raise DeviceError(self._in_words(error)) from None

    async def say(self, client: aiomqtt.Client, topic: str, payload: str, *, retain: bool = False) -> None:
        """Publish, and return once the broker has it; raises DeviceError."""
        try:
            await client.publish(topic, payload, qos=1, retain=retain)
        except self._mqtt.MqttError as error:
            raise DeviceError(self._in_words(error)) from None

    def _client(self, will: aiomqtt.Will | None) -> aiomqtt.Client:
        return self._mqtt.Client(
            self._choice.host,
            self._choice.port,
            username=self._choice.username or None,
            password=self._choice.password or None,
            will=will,
            timeout=self._timeout_s,
            keepalive=KEEPALIVE_S,
            tls_context=ssl.create_default_context() if self._choice.tls else None,
        )

    async def _enter(self, client: aiomqtt.Client) -> None:
        """Connect, or raise in time.

        The library connects in a thread that cannot be stopped: if that comes through after we gave up, the connection
        is closed in good order, or its last will would lie in wait all night.
        """
        entering = asyncio.ensure_future(client.__aenter__())
        try:
            async with asyncio.timeout(self._timeout_s):
                await asyncio.shield(entering)
        except BaseException:
            entering.add_done_callback(lambda entered: self._leave(client, entered))
            raise

    def _leave(self, client: aiomqtt.Client, entered: asyncio.Future[aiomqtt.Client]) -> None:
        if entered.cancelled() or entered.exception() is not None:
            return
        leaving = asyncio.ensure_future(client.__aexit__(None, None, None))
        self._leaving.add(leaving)
        leaving.add_done_callback(self._leaving.discard)

    def _in_words(self, error: Exception) -> str:
        if isinstance(error, self._mqtt.exceptions.MqttConnectError):
            return f"the MQTT broker at {self._where} refused the login"
        return f"the MQTT broker did not answer at {self._where}"

    def will(self, topic: str, payload: str, *, retain: bool = False) -> aiomqtt.Will:
        """A last will, for `connection`."""
        return self._mqtt.Will(topic, payload, qos=1, retain=retain)
