"""vigil decrypt."""

from __future__ import annotations

from vigil.app import terminal
from vigil.app.command_line import single
from vigil.app.encrypting import decrypt as decrypt_all
from vigil.app.home import Home

app = single()


@app.command("decrypt", epilog="Example: vigil decrypt")
def decrypt() -> None:
    """Take the passphrase off your own nights, journal and backups: whoever can read the files can read them."""
    console = terminal.console()
    for line in (*decrypt_all(Home.here()).words, "Your nights are plain files now, readable by your account alone."):
        terminal.say(console, line)
