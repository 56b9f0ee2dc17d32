"""vigil passphrase."""

from __future__ import annotations

from functools import partial

from vigil.app import terminal
from vigil.app.command_line import single
from vigil.app.encrypting import change_passphrase, is_encrypted
from vigil.app.home import Home, Shelf
from vigil.app.unlocking import another
from vigil.domain.errors import StoreError
from vigil.store import cipher

app = single()


@app.command("passphrase", epilog="Example: vigil passphrase")
def passphrase() -> None:
    """Change the passphrase of your own nights, journal and backups; the old one then opens none of them.

    Copies that you keep elsewhere stay under the old one.
    """
    home, say = Home.here(), partial(terminal.say, terminal.console())
    if not is_encrypted(home):
        message = "your nights are not encrypted, so there is no passphrase to change; to encrypt them: vigil encrypt"
        raise StoreError(message)
    cipher.key_for(home.database(Shelf.OWN))  # the old one is asked for first
    for line in change_passphrase(home, another(1, say)).words:
        say(line)
