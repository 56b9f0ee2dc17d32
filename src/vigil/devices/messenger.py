"""A message to the trusted person, through a service that this person chose. It says nothing of the night.

What goes through a stranger's servers, and may be shown on a locked screen, is only that somebody should look. Needs
the extra `notify`; it is imported when a message is sent, and not before.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from vigil.domain.errors import DeviceError, SettingsError

TITLE, BODY = "Vigil", "Vigil: please look."

MOST_ADDRESS = 500
SEND_S = 20.0
"""How long a service may take to accept a message. Our choice."""


@dataclass(frozen=True, slots=True)
class PersonChoice:
    """Where the person is reached: an address as Apprise writes it, such as ntfy://topic. Raises SettingsError."""

    address: str = field(repr=False)

    def __post_init__(self) -> None:
        """Raise SettingsError for what can be no address."""
        scheme, found, rest = self.address.partition("://")
        if not found or not rest or not scheme.isalnum() or not 1 <= len(self.address) <= MOST_ADDRESS:
            message = "the address of your person must be one like ntfy://topic, as Apprise writes it"
            raise SettingsError(message)


async def tell(choice: PersonChoice) -> None:
    """Send the message; raises SettingsError without the extra, DeviceError if no service took it."""
    try:
        from apprise import Apprise  # noqa: PLC0415 — an extra, and slow to import
    except ImportError as error:
        message = "to tell your person Vigil needs one more package: pip install 'vigil[notify]'"
        raise SettingsError(message) from error
    service = Apprise()
    if not service.add(choice.address):
        message = "the address of your person is of no service that is known; nothing was sent"
        raise DeviceError(message)
    try:
        async with asyncio.timeout(SEND_S):
            sent = await service.async_notify(body=BODY, title=TITLE)
    except TimeoutError as error:
        message = "the service that tells your person did not answer; it may not know"
        raise DeviceError(message) from error
    if not sent:
        message = "the service that tells your person did not take the message; it may not know"
        raise DeviceError(message)
