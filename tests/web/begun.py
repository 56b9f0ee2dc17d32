"""Nights that a page of a test begins. They outlive the page, so no test may leave one behind by pressing a button."""

from __future__ import annotations

import errno
import os
import subprocess
from typing import NoReturn

from vigil.app import beginning

REALLY = beginning._process
"""What starts one, for the tests that mean it (the fixture `begun`)."""


def refuse(*_given: object) -> NoReturn:
    """In its place where every address is asked, whatever it does."""
    raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))


Processes = list[subprocess.Popen[bytes]]
