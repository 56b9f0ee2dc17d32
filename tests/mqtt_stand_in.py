"""A broker of MQTT 3.1.1 on the loopback, as small as it can be, and a lamp on it as Zigbee2MQTT shows one."""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(eq=False)
class Connection:
    """One client of the broker."""

    writer: asyncio.StreamWriter
    topics: set[str] = field(default_factory=set)
    will: tuple[str, bytes, bool] | None = None


class StandInBroker:
    """Takes what is published, hands it on, keeps what is retained, and speaks the will of those who vanish."""

    def __init__(self, password: str = "") -> None:
        self.password = password
        self.mute = False
        self.connections: list[Connection] = []
        self.retained: dict[str, bytes] = {}
        self.said: list[tuple[str, bytes]] = []
        self.listeners: list[Callable[[str, bytes], None]] = []

    def publish(self, topic: str, payload: bytes, retain: bool = False) -> None:
        """As if a client had."""
        self.said.append((topic, payload))
        if retain:
            self.retained[topic] = payload
        for listener in list(self.listeners):
            listener(topic, payload)
        for one in list(self.connections):
            if topic in one.topics:
                one.writer.write(publish_packet(topic, payload))

    def drop_all(self) -> None:
        """Cut every connection, as when the network or a process dies."""
        for one in list(self.connections):
            one.writer.transport.abort()
            self._gone(one, in_order=False)

    def wills(self) -> list[str]:
        """Topics of the wills that lie in wait."""
        return [one.will[0] for one in self.connections if one.will is not None]

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until it holds; a test that waits in vain ends by its timeout."""
        while not holds():
            await asyncio.sleep(0)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        one, in_order = Connection(writer), False
        try:
            while not in_order:
                kind, body = await read_packet(reader)
                in_order = self._take(one, kind, body)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._gone(one, in_order)
            writer.close()

    def _gone(self, one: Connection, in_order: bool) -> None:
        if one in self.connections:
            self.connections.remove(one)
            if one.will is not None and not in_order:
                self.publish(*one.will)

    def _take(self, one: Connection, kind: int, body: bytes) -> bool:
        """Take one packet; returns whether it was a goodbye."""
        if kind >> 4 == 1:
            self._connect(one, body)
        elif kind >> 4 == 3:
            topic, rest = text_and_rest(body)
            if kind & 0b110:
                one.writer.write(b"\x40\x02" + rest[:2])
                rest = rest[2:]
            self.publish(topic, rest, bool(kind & 1))
        elif kind >> 4 == 8:
            number, (topic, _) = body[:2], text_and_rest(body[2:])
            one.topics.add(topic)
            one.writer.write(b"\x90\x03" + number + b"\x00")
            if topic in self.retained:
                one.writer.write(publish_packet(topic, self.retained[topic], retain=True))
        elif kind >> 4 == 12:
            one.writer.write(b"\xd0\x00")
        return kind >> 4 == 14

    def _connect(self, one: Connection, body: bytes) -> None:
        if self.mute:
            return
        flags = body[7]
        _, rest = text_and_rest(body[10:])
        if flags & 0b100:
            topic, rest = text_and_rest(rest)
            payload, rest = text_and_rest(rest)
            one.will = (topic, payload.encode(), bool(flags & 0b100000))
        if flags & 0b10000000:
            _, rest = text_and_rest(rest)
        given = text_and_rest(rest)[0] if flags & 0b1000000 else ""
        welcome = given == self.password
        one.writer.write(b"\x20\x02\x00" + (b"\x00" if welcome else b"\x05"))
        if welcome:
            self.connections.append(one)


def text_and_rest(data: bytes) -> tuple[str, bytes]:
    (length,) = struct.unpack(">H", data[:2])
    return data[2 : 2 + length].decode(), data[2 + length :]


def length_bytes(length: int) -> bytes:
    out = bytearray()
    while True:
        length, digit = divmod(length, 128)
        out.append(digit | (0x80 if length else 0))
        if not length:
            return bytes(out)


def publish_packet(topic: str, payload: bytes, retain: bool = False) -> bytes:
    body = struct.pack(">H", len(topic.encode())) + topic.encode() + payload
    return bytes([0x30 | retain]) + length_bytes(len(body)) + body


async def read_packet(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    kind = (await reader.readexactly(1))[0]
    length, shift = 0, 0
    while True:
        digit = (await reader.readexactly(1))[0]
        length |= (digit & 0x7F) << shift
        shift += 7
        if not digit & 0x80:
            return kind, await reader.readexactly(length)


class ZigbeeLamp:
    """A lamp behind Zigbee2MQTT: answers what it is asked, does what it is told, and says what it became."""

    def __init__(self, broker: StandInBroker, topic: str = "zigbee2mqtt/bed") -> None:
        self.broker = broker
        self.topic = topic
        self.is_on = False
        self.dims = True
        self.reachable = True
        self.deaf = False
        self.told: list[dict[str, object]] = []
        self.changed = asyncio.Event()
        broker.listeners.append(self.hear)

    def hear(self, topic: str, payload: bytes) -> None:
        if not self.reachable or topic not in (f"{self.topic}/set", f"{self.topic}/get"):
            return
        if topic.endswith("/set"):
            self.told.append(json.loads(payload))
            if not self.deaf:
                self.is_on = self.told[-1]["state"] == "ON"
                self.changed.set()
        self.say()

    def say(self) -> None:
        state: dict[str, object] = {"state": "ON" if self.is_on else "OFF", "linkquality": 80}
        if self.dims:
            state["brightness"] = 254
        self.broker.publish(self.topic, json.dumps(state).encode())


@asynccontextmanager
async def mqtt_broker(broker: StandInBroker) -> AsyncIterator[int]:
    """The broker on the loopback; gives its port."""
    serving: set[asyncio.Task[None]] = set()

    def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(broker.serve(reader, writer))
        serving.add(task)
        task.add_done_callback(serving.discard)

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
        await server.wait_closed()
