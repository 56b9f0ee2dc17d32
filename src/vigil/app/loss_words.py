"""What can be done after a loss, by name: what comes back from a backup, and how nudging begins again."""

from __future__ import annotations

from vigil.app.home import Home, Shelf
from vigil.app.wiring import OpenShelf, backup_folder
from vigil.domain.errors import StoreError
from vigil.store.backup import backups
from vigil.store.quarantine import set_aside


def loss_words(home: Home, shelf: OpenShelf) -> tuple[str, ...]:
    """What to do while the budget counts as spent because some of what was kept is gone; nothing otherwise."""
    try:
        if not shelf.database.lost_commits:
            return ()
    except StoreError:
        return ()
    restore = "vigil restore" if shelf.shelf is Shelf.OWN else f"vigil restore --store {shelf.shelf.value}"
    first = "Some of what was kept is not there any more, so the limits count as reached and nothing is nudged."
    back = []
    if backups(backup_folder(home, shelf.shelf)):
        back.append(f"To take back what the last backup has: {restore}")
    if set_aside(home.database(shelf.shelf)):
        back.append(f"To see what else can be taken from, such as the damaged file itself: {restore} --list")
    return (first, *back, f"To let nudging begin again, whatever is gone: {restore} --accept-loss")
