"""vigil encrypt."""

from __future__ import annotations

from functools import partial

from vigil.app import terminal
from vigil.app.command_line import single
from vigil.app.encrypting import SSD, STAYS_PLAIN
from vigil.app.encrypting import encrypt as encrypt_all
from vigil.app.home import Home
from vigil.app.unlocking import UNATTENDED, another

app = single()


@app.command("encrypt", epilog="Example: vigil encrypt")
def encrypt() -> None:
    """Lock your own nights, journal and backups with a passphrase; they stay locked until somebody types it.

    Each file is made anew and proven, row by row, before the plain one is written over and removed. A watch can then
    only be started by hand. It needs the extra: pip install 'vigil[crypt]'.
    """
    home, console = Home.here(), terminal.console()
    say = partial(terminal.say, console)
    for line in (*encrypt_all(home, another(0, say)).words, SSD, STAYS_PLAIN, UNATTENDED):
        say(line)
