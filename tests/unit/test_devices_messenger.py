"""A message to the trusted person says nothing of the night, and its address is said nowhere."""

from __future__ import annotations

import asyncio
import builtins
from typing import Any

import apprise
import pytest

from vigil.devices import messenger
from vigil.devices.messenger import BODY, TITLE, PersonChoice, tell
from vigil.domain.errors import DeviceError, SettingsError

SECRET = "ntfy://a-topic-only-we-know"


class Service:
    """Stands in for the service: takes an address or not, takes a message or not, or never answers."""

    known, answer, hangs = True, True, False
    sent: list[dict[str, str]]

    def __init__(self) -> None:
        type(self).sent = []

    def add(self, address: str) -> bool:
        assert address == SECRET
        return self.known

    async def async_notify(self, **message: str) -> bool:
        type(self).sent.append(message)
        if self.hangs:
            await asyncio.Event().wait()
        return self.answer


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> type[Service]:
    class Mine(Service):
        pass

    monkeypatch.setattr(apprise, "Apprise", Mine)
    return Mine


def test_the_message_says_only_that_somebody_should_look(service: type[Service]) -> None:
    """It goes through strangers' servers and may stand on a locked screen."""
    asyncio.run(tell(PersonChoice(SECRET)))
    assert service.sent == [{"body": BODY, "title": TITLE}]
    assert "nightmare" not in (BODY + TITLE).lower()


@pytest.mark.parametrize("fault", ["known", "answer"])
def test_what_was_not_sent_is_said(service: type[Service], fault: str) -> None:
    """Nobody believes that the person knows when they may not; the address is not in the words."""
    setattr(service, fault, False)
    with pytest.raises(DeviceError) as refused:
        asyncio.run(tell(PersonChoice(SECRET)))
    assert SECRET not in str(refused.value)


def test_a_service_that_hangs_is_given_up(service: type[Service], monkeypatch: pytest.MonkeyPatch) -> None:
    """The desk's loop is never held up by a stranger's server."""
    service.hangs = True
    monkeypatch.setattr(messenger, "SEND_S", 0.01)
    with pytest.raises(DeviceError, match="did not answer"):
        asyncio.run(tell(PersonChoice(SECRET)))


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package is not there unless it was asked for."""
    real = builtins.__import__

    def missing(name: str, *more: Any) -> Any:
        if name == "apprise":
            raise ImportError(name)
        return real(name, *more)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(SettingsError, match=r"vigil\[notify\]"):
        asyncio.run(tell(PersonChoice(SECRET)))


@pytest.mark.parametrize("address", ["", "secret", "secret://", "://secret", "a b://secret", "x://" + "secret" * 100])
def test_what_can_be_no_address_is_refused(address: str) -> None:
    """By the settings, in the evening, and without repeating it."""
    with pytest.raises(SettingsError) as refused:
        PersonChoice(address)
    assert "secret" not in str(refused.value)


def test_the_address_is_in_no_repr() -> None:
    """Whoever has a topic can write to it."""
    assert SECRET not in repr(PersonChoice(SECRET))
