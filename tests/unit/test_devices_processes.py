"""The real port to the operating system, against small programs that the tests write."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fake_speakers import ENDS_AT_ONCE, HANGS, PLAYS, FakeSpeakers
from vigil.devices.nudgers.processes import SystemTools
from vigil.domain.errors import DeviceError


@pytest.fixture
def speakers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeSpeakers:
    fake = FakeSpeakers(tmp_path)
    monkeypatch.setenv("PATH", str(fake.bin))
    return fake


@pytest.fixture
def begun() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Programs a test began outside Vigil; ended after it."""
    programs: list[subprocess.Popen[bytes]] = []
    yield programs
    for program in programs:
        program.kill()
        program.wait()


def test_a_program_is_found_or_not(speakers: FakeSpeakers) -> None:
    """The full path, or nothing."""
    assert SystemTools().find("paplay") == str(speakers.bin / "paplay")
    assert SystemTools().find("pw-play") == ""


def test_a_program_is_asked_in_plain_english(speakers: FakeSpeakers, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read is asked for in the language it is read in, whatever the person's own."""
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    path = speakers.program("pactl", "#!/bin/sh\necho $LC_ALL\n")
    assert asyncio.run(SystemTools().ask((str(path), "info"))) == "C\n"


def test_a_program_that_fails_is_said(speakers: FakeSpeakers) -> None:
    """A tool that ends with a failure, or cannot be begun, has told nothing."""
    path = speakers.program("pactl", ENDS_AT_ONCE)
    with pytest.raises(DeviceError, match="pactl"):
        asyncio.run(SystemTools().ask((str(path),)))
    path.write_text("no program")
    path.chmod(0o600)
    with pytest.raises(DeviceError, match="could not be begun"):
        asyncio.run(SystemTools().ask((str(path),)))


def test_a_program_that_does_not_answer_is_ended(speakers: FakeSpeakers) -> None:
    """A tool that hangs is killed when its time is over, and nothing of it stays."""
    path = speakers.program("pactl", HANGS)

    async def ask() -> list[str]:
        asked = asyncio.create_task(SystemTools(ask_s=0.2).ask((str(path),)))
        with pytest.raises(DeviceError, match="did not answer"):
            await asked
        return [p.name for p in Path("/proc").iterdir() if p.name.isdecimal() and names(p, str(path))]

    assert asyncio.run(ask()) == []


def test_a_question_that_is_given_up_ends_its_program(speakers: FakeSpeakers) -> None:
    """If the caller goes away, the tool it asked is killed."""
    path = speakers.program("pactl", HANGS)

    async def ask() -> int:
        asked = asyncio.create_task(SystemTools(ask_s=60).ask((str(path),)))
        [number] = await speakers.began()
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        return int(number)

    assert not names(Path(f"/proc/{asyncio.run(ask())}"), str(path))


def names(process: Path, word: str) -> bool:
    """Whether a process's command line has a word in it."""
    try:
        return word.encode() in (process / "cmdline").read_bytes()
    except OSError:
        return False


def test_a_player_that_goes_on_is_found_and_ended(speakers: FakeSpeakers, begun: list[subprocess.Popen[bytes]]) -> None:
    """A player somebody else began with a sound of this folder is found by its command line and ended."""
    tools, wav = SystemTools(), str(speakers.sounds / "nudge-1.wav")

    async def look() -> list[int]:
        begun.append(subprocess.Popen((str(speakers.bin / "paplay"), wav)))
        await speakers.began()
        return await tools.players(speakers.sounds)

    assert asyncio.run(look()) == [begun[0].pid]
    tools.end(begun[0].pid, speakers.sounds, signal.SIGTERM)
    assert begun[0].wait() == -signal.SIGTERM
    tools.end(begun[0].pid, speakers.sounds, signal.SIGKILL)  # gone: nothing happens


def test_a_process_number_used_again_ends_nobody(speakers: FakeSpeakers, begun: list[subprocess.Popen[bytes]]) -> None:
    """A process that has the number of a player, but is none, is left alone; so is a player of another folder."""
    tools = SystemTools()
    editor = speakers.program("editor", PLAYS)

    async def begin() -> None:
        for words in ((editor, speakers.sounds / "nudge-1.wav"), (speakers.bin / "paplay", "/music/nudge-1.wav")):
            begun.append(subprocess.Popen([str(word) for word in words]))
            await speakers.began()
        assert await tools.players(speakers.sounds) == []

    asyncio.run(begin())
    for program in begun:
        tools.end(program.pid, speakers.sounds, signal.SIGKILL)
        assert program.poll() is None


def test_without_a_handle_on_a_process_it_is_looked_at_all_the_same(
    speakers: FakeSpeakers, begun: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a system too old to hold a process fast, the command line is still read before anything is ended."""

    def refused(number: int, flags: int = 0) -> int:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(os, "pidfd_open", refused)
    test_a_player_that_goes_on_is_found_and_ended(speakers, begun)
    begun.pop()
    test_a_process_number_used_again_ends_nobody(speakers, begun)


def test_without_proc_ps_is_asked(speakers: FakeSpeakers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a system without /proc, `ps` tells which players go on."""
    speakers.program("ps", f"#!/bin/sh\necho ' 4242 /usr/bin/afplay -v 1 {speakers.sounds}/nudge-3.wav'\n")
    assert asyncio.run(SystemTools(proc=tmp_path / "none").players(speakers.sounds)) == [4242]


def test_without_proc_a_player_that_ps_told_is_ended(
    speakers: FakeSpeakers, begun: list[subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    """There the answer of `ps` is what is gone by."""
    begun.append(subprocess.Popen((str(speakers.bin / "paplay"), str(speakers.sounds / "nudge-1.wav"))))
    SystemTools(proc=tmp_path / "none").end(begun[0].pid, speakers.sounds, signal.SIGKILL)
    assert begun[0].wait() == -signal.SIGKILL


def test_somebody_elses_process_is_not_looked_at(
    speakers: FakeSpeakers, begun: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only this person's own processes count."""

    async def look() -> list[int]:
        begun.append(subprocess.Popen((str(speakers.bin / "paplay"), str(speakers.sounds / "nudge-1.wav"))))
        await speakers.began()
        monkeypatch.setattr(os, "getuid", lambda: 999_999)
        return await SystemTools().players(speakers.sounds)

    assert asyncio.run(look()) == []
