"""The commands as a person meets them: what they say, what they leave behind, and how they end."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from vigil.app import terminal
from vigil.app.cli import COMMANDS, app
from vigil.app.home import Home, Shelf
from vigil.app.wiring import writing
from vigil.recordings.recording import Recording
from vigil.recordings.synthetic.plans import named_plan
from vigil.recordings.synthetic.recording import recording
from vigil.recordings.writers.folder import write_folder

SRC = Path(__file__).resolve().parents[2] / "src"
DEMO = ("demo", "--hours", "1", "--plan", "strong", "--seed", "2", "--quiet")
DEMO_NIGHT = "simulated-strong-2"

Vigil = Callable[..., Result]


def invoke(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one demo night and one replayed night; tests that change it take a copy of their own."""
    home = tmp_path_factory.mktemp("stocked")
    before = os.environ.get("VIGIL_HOME")
    os.environ["VIGIL_HOME"] = str(home)
    try:
        assert invoke(*DEMO).exit_code == 0
        written(home / "walk", recording(5, plan=named_plan("quiet", 5, hours=1)))
        assert invoke("replay", home / "walk", "--quiet").exit_code == 0
    finally:
        if before is not None:
            os.environ["VIGIL_HOME"] = before
    return home


@pytest.fixture
def vigil(stocked: Path, monkeypatch: pytest.MonkeyPatch) -> Vigil:
    """Commands on the stocked home, for tests that only read."""
    monkeypatch.setenv("VIGIL_HOME", str(stocked))
    return invoke


def written(path: Path, night: Recording) -> Path:
    """A simulated night as a night folder."""
    items = [item for item in night.items() if not hasattr(item, "mg")]
    write_folder(path, night=path.name, began=night.began, items=items, source="a test")
    (path / "inputs.jsonl").unlink()
    manifest = json.loads((path / "night.json").read_text())
    manifest["streams"].pop("inputs")
    manifest["night"] = path.name
    (path / "night.json").write_text(json.dumps(manifest))
    return path


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two short nights as folders, side by side."""
    home = tmp_path_factory.mktemp("nights")
    for name, plan in (("one", "quiet"), ("two", "strong")):
        written(home / name, recording(3, plan=named_plan(plan, 3, hours=1)))
    return home


def kept() -> list[dict[str, Any]]:
    result = invoke("nights", "--json", "-")
    assert result.exit_code == 0
    nights = json.loads(result.stdout)["nights"]
    assert isinstance(nights, list)
    return nights


# -- how it starts and ends ----------------------------------------------------------------------------------------


def python(*args: str, home: Path | None = None, tty_less: bool = True) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(SRC), "TERM": "dumb", "COLUMNS": "80"}
    if home is not None:
        env["VIGIL_HOME"] = str(home)
    stdin = subprocess.DEVNULL if tty_less else None
    return subprocess.run(
        [sys.executable, *args], env=env, text=True, capture_output=True, check=False, stdin=stdin, timeout=100
    )


VIGIL = ("-c", "from vigil.app.cli import main; main()")


def test_help_loads_nothing_heavy() -> None:
    """`vigil --help` answers at once: no numbers, no pictures, no formats, no database are loaded for it."""
    code = (
        "import sys\nsys.argv = ['vigil', '--help']\nfrom vigil.app.cli import main\n"
        "try:\n    main()\nfinally:\n    print('LOADED', *sys.modules, file=sys.stderr)\n"
    )
    result = python("-c", code)
    loaded = set(result.stderr.split("LOADED")[1].split())
    assert result.returncode == 0
    assert not loaded & {"numpy", "matplotlib", "edfio", "rich", "sqlite3", "asyncio", "multiprocessing"}
    assert all(name in result.stdout for name in COMMANDS)


def test_version() -> None:
    """`vigil --version` says which Vigil this is."""
    result = invoke("--version")
    assert (result.exit_code, result.stdout.split()[0]) == (0, "vigil")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name: str) -> None:
    """Help says what a command does and shows one call of it."""
    result = invoke(name, "--help")
    assert result.exit_code == 0
    assert f"Example: vigil {name}" in result.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("bogus",),
        ("demo", "--seed", "-1"),
        ("demo", "--nights", "none"),
        ("watch", "--source", "crystal-ball"),
        ("replay",),
        ("replay", "x", "--column", "hr"),
        ("replay", "x", "--column", "shoe=size"),
        ("replay", "x", "--speed", "60", "--jobs", "2"),
        ("show", "x", "--picture", "x.jpeg"),
        ("export", "x", "--format", "pdf", "--out", "y"),
        ("forget",),
        ("forget", "x", "--all"),
        ("nights", "--store", "cupboard"),
        ("replay", "x.csv", "--unit", "time"),
    ],
    ids=" ".join,
)
def test_wrong_use_ends_with_2(words: Sequence[str]) -> None:
    """A call that cannot be meant is told apart from an answer that is no, and does nothing."""
    result = invoke(*words)
    assert result.exit_code == 2
    assert not list(Home.here().data.rglob("*"))


@pytest.mark.parametrize(
    "words",
    [
        ("show", "last-year"),
        ("explain", "last-year", "03:12"),
        ("export", "last-year", "--format", "json", "--out", "x.json"),
        ("forget", "last-year", "--yes"),
        ("backup",),
        ("demo", "--plan", "flying", "--quiet"),
    ],
    ids=" ".join,
)
def test_an_answer_that_is_no_ends_with_1_in_plain_words(words: Sequence[str]) -> None:
    """What is not there is said in one line on stderr, without a traceback, and stdout stays empty."""
    result = invoke(*words)
    assert result.exit_code == 1
    assert result.stderr.startswith("vigil: ")
    assert "Traceback" not in result.output
    assert result.stdout == ""


def test_with_unsafe_settings_a_watch_only_watches_and_says_so() -> None:
    """Nothing is nudged on settings that were not understood; they are left as they are (reliability F20)."""
    home = Home.here()
    home.settings_file.write_text("[caps]\nper_hour = 60\n")
    words = ("watch", "--source", "synthetic", "--hours", "0.1", "--speed", "10000", "--quiet", "--alone")
    result = invoke(*words)
    assert result.exit_code == 0
    assert "caps.per_hour" in result.stdout
    assert "Until that is mended Vigil only watches" in " ".join(result.stdout.split())
    assert home.settings_file.read_text() == "[caps]\nper_hour = 60\n"
    assert "Nudging is off in your settings." in " ".join(result.stdout.split())


def test_a_second_vigil_is_told_so() -> None:
    """Two programs never write one store: the second ends with 3 and names the first."""
    with writing(Home.here(), Shelf.DEMO):
        result = invoke("demo", "--hours", "0.5", "--quiet")
    assert result.exit_code == 3
    assert "already runs" in result.stderr


def test_a_disk_that_refuses_is_said_before_the_work(tmp_path: Path) -> None:
    """A file that cannot be written is an answer, not a traceback, and comes before the night, not after it."""
    to = tmp_path / "no" / "such" / "folder.json"
    result = invoke(*DEMO, "--json", to)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"vigil: {to}: no file can be written there")
    assert not Home.here().database(Shelf.DEMO).exists()


def test_ctrl_c_while_workers_run_ends_all_of_them(tmp_path: Path) -> None:
    """Ctrl-C ends a replay on two workers within seconds and in words."""
    for name in ("a.csv", "b.csv"):
        rows = "".join(f"{second},{60 + second // 60 % 7}\n" for second in range(120_000))
        (tmp_path / name).write_text("t_s,bpm\n" + rows)
    env = {**os.environ, "PYTHONPATH": str(SRC), "VIGIL_HOME": str(tmp_path / "home")}
    words = [sys.executable, *VIGIL, "replay", str(tmp_path / "a.csv"), str(tmp_path / "b.csv"), "--jobs", "2"]
    with subprocess.Popen(words, env=env, text=True, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        lock = tmp_path / "home" / "replay" / "vigil.lock"
        while process.poll() is None and not lock.exists():
            pass
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, "vigil: stopped; what was finished before stays\n")


def test_the_module_is_the_program() -> None:
    """`python -m vigil.app.cli` is Vigil too: a call that does nothing and ends with 0 would look like success."""
    result = python("-m", "vigil.app.cli", "--version")
    assert (result.returncode, result.stdout.split()[0]) == (0, "vigil")


# -- demo and watch ------------------------------------------------------------------------------------------------


def test_a_demo_in_a_dumb_terminal(tmp_path: Path) -> None:
    """On a bare machine without a terminal a night passes in a few plain lines, and everything promised is there."""
    result = python(*VIGIL, "demo", "--hours", "1", "--plan", "strong", "--seed", "2", home=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "\x1b" not in result.stdout
    for words in ("lights out", "In bed 1 h 00 min", "What really happened", "strong nightmare", "What to try next"):
        assert words in result.stdout
    pictures = [Path(line.split(": ")[1]) for line in result.stdout.splitlines() if line.startswith("picture: ")]
    assert [path.suffix for path in pictures] == [".svg", ".png"]
    assert all(path.is_relative_to(tmp_path) and path.stat().st_size > 0 for path in pictures)


def test_the_same_seed_is_the_same_night_and_is_kept_once() -> None:
    """A demonstration can be repeated: same digests, and no heap of copies in the store."""
    digests = []
    for _ in range(2):
        result = invoke(*DEMO, "--json", "-")
        assert result.exit_code == 0
        night = json.loads(result.stdout)["nights"][0]
        digests.append(night["digests"])
    assert digests[0] == digests[1]
    assert [row["night"] for row in kept()] == [DEMO_NIGHT]
    assert kept()[0]["digests"]["outputs"] == digests[0]["outputs"]


def test_demo_never_touches_the_persons_own_store() -> None:
    """Simulated nights live apart: no limits of the person's are spent, nothing of theirs is opened."""
    assert invoke(*DEMO).exit_code == 0
    assert Home.here().database(Shelf.DEMO).exists()
    assert not Home.here().database(Shelf.OWN).exists()


def test_what_is_kept_is_for_its_owner_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders and files of a night, its pictures included, are closed to everybody else."""
    monkeypatch.setenv("VIGIL_HOME", str(tmp_path / "new" / "home"))
    assert invoke(*DEMO).exit_code == 0
    made = [tmp_path / "new", *(tmp_path / "new").rglob("*")]
    assert len(made) > 5
    assert not [path for path in made if path.stat().st_mode & 0o077]


def test_several_nights_make_a_table() -> None:
    """Nights, nightmares met and missed, look-alikes left alone and nudged; in JSON the truth beside each night."""
    result = invoke("demo", "--nights", "2", "--hours", "0.5", "--quiet", "--json", "-")
    assert result.exit_code == 0
    nights = json.loads(result.stdout)["nights"]
    assert [set(night["truth"]) >= {"nightmares_met", "look_alikes_left_alone", "happened"} for night in nights] == [
        True,
        True,
    ]
    assert "together" in result.stderr


def test_a_demo_at_a_speed_is_the_same_night() -> None:
    """How long one waits changes nothing of the night."""
    digests = []
    for more in ((), ("--speed", "36000")):
        result = invoke("demo", "--hours", "0.5", "--quiet", "--json", "-", *more)
        digests.append(json.loads(result.stdout)["nights"][0]["digests"])
    assert digests[0] == digests[1]


def test_watching_a_simulated_sleeper_live() -> None:
    """The live runner on the computer's own clocks, faster: the night is named, kept and told."""
    words = ("watch", "--source", "synthetic", "--speed", "1000", "--hours", "0.2", "--quiet", "--alone", "--json", "-")
    first, second = (json.loads(invoke(*words).stdout)["nights"][0] for _ in range(2))
    assert (first["night"], second["night"]) == ("simulated-drawn-2", "simulated-drawn-2-2")
    assert first["summary"]["tib_min"] == pytest.approx(12, abs=1)
    assert {row["store"] for row in kept()} == {"demo"}


def test_ctrl_c_ends_a_watch_with_its_report(tmp_path: Path) -> None:
    """Stopping is an ordinary end: the night is closed, kept, told, and the code is 0."""
    code = (
        "import os, signal, sys\nwanted = getattr(signal, sys.argv.pop())\n"
        "from vigil.app import live_view\nfrom vigil.domain.records import EpochScored\n"
        "def stop(self, record):\n    if isinstance(record, EpochScored) and record.index == 9:\n"
        "        os.kill(os.getpid(), wanted)\n"
        "live_view.NoView.__call__ = stop\nfrom vigil.app.cli import main\nmain()\n"
    )
    for name in ("SIGINT", "SIGTERM"):
        result = python(
            *(
                "-c",
                code,
                "watch",
                "--source",
                "synthetic",
                "--speed",
                "600",
                "--hours",
                "2",
                "--quiet",
                "--alone",
                name,
            ),
            home=tmp_path / name,
        )
        assert result.returncode == 0, result.stderr
        assert "Stopped before morning." in result.stdout
        assert "In bed 5 min" in result.stdout or "In bed 6 min" in result.stdout
        assert result.stderr == ""


# -- replay --------------------------------------------------------------------------------------------------------


def test_a_replay_says_the_format_and_the_report(folders: Path) -> None:
    """The recognised format, the report of the night, and nothing that was really done."""
    result = invoke("replay", folders / "one")
    assert result.exit_code == 0
    for words in ("night folder", "In bed 1 h 00 min", "awake", "Watched"):
        assert words in result.stdout


def test_workers_change_nothing(folders: Path, tmp_path: Path) -> None:
    """Two nights on two workers: the digests, order and names of one worker, and the same nights in the store."""
    found = []
    for jobs in (1, 2):
        path = tmp_path / f"{jobs}.json"
        assert invoke("replay", folders, "--jobs", jobs, "--json", path, "--quiet").exit_code == 0
        whole = json.loads(path.read_text())
        found.append([(night["night"], night["digests"]) for night in whole["nights"]])
        assert [(row["night"], row["digests"]["outputs"]) for row in sorted(kept(), key=lambda row: row["night"])] == [
            (name, digests["outputs"]) for name, digests in found[-1]
        ]
    assert found[0] == found[1]
    assert [name for name, _ in found[0]] == ["one", "two"]


def test_the_documented_json(folders: Path) -> None:
    """One versioned object; stdout holds nothing else."""
    whole = json.loads(invoke("replay", folders / "two", "--json", "-", "--no-keep").stdout)
    assert (whole["format"], whole["version"], whole["failed"]) == ("vigil-nights", 1, [])
    (night,) = whole["nights"]
    assert set(night) >= {"night", "path", "format", "summary", "epochs", "suspicions", "interventions", "decisions"}
    assert set(night["summary"]) >= {"tib_min", "spt_min", "tst_min", "sol_min", "waso_min", "efficiency"}
    assert set(night["summary"]) >= {"watched_min", "blind_min"}
    assert set(night["digests"]) == {"inputs", "parameters", "settings", "profile", "outputs"}
    assert set(night["epochs"][0]) >= {"t_s", "stage", "p"}
    assert night["kept_as"] == ""
    assert kept() == []


@pytest.mark.parametrize("words", [("replay", "one"), DEMO, ("show", "walk")], ids=lambda words: words[0])
def test_every_field_a_command_adds_is_documented(folders: Path, vigil: Vigil, words: Sequence[str]) -> None:
    """What replay, demo and show put beside the common fields has its place in data.md too."""
    if words[0] == "replay":
        words = ("replay", str(folders / words[1]), "--no-keep")
    whole = json.loads(vigil(*words, "--json", "-").stdout)
    page = (SRC.parent / "docs" / "data.md").read_text()
    missing = {key for key in (*whole, *whole["nights"][0]) if f'"{key}"' not in page and f"`{key}`" not in page}
    assert not missing


def test_good_paths_run_beside_bad_ones(folders: Path, tmp_path: Path) -> None:
    """The good nights are replayed and kept; the bad path is named with its reason; the code is 1."""
    bad = tmp_path / "bad.csv"
    bad.write_text("shoe,size\n1,2\n" * 20)
    result = invoke("replay", folders / "one", bad, tmp_path / "nowhere", "--json", "-", "--quiet")
    assert result.exit_code == 1
    assert len(json.loads(result.stdout)["nights"]) == 1
    assert {Path(one["path"]).name for one in json.loads(result.stdout)["failed"]} == {"bad.csv", "nowhere"}
    assert "bad.csv" in result.stderr
    assert "nowhere" in result.stderr
    assert "Traceback" not in result.output
    assert [row["night"] for row in kept()] == ["one"]


def test_rows_left_out_are_said(tmp_path: Path) -> None:
    """Good rows beside bad ones are used, and the report says how many were left out and why."""
    path = tmp_path / "night.csv"
    rows = [f"{second},{60 + second % 3}" for second in range(0, 600, 5)]
    rows[30] = "150,sixty"
    path.write_text("\n".join(["t_s,bpm", *rows]) + "\n")
    result = invoke("replay", path, "--json", "-")
    assert result.exit_code == 0
    (night,) = json.loads(result.stdout)["nights"]
    assert sum(row["count"] for row in night["left_out"]["rows"]) == 1
    assert "first at line 32: heart rate is not a number." in " ".join(result.stderr.split())


def test_what_was_left_out_is_still_said_when_the_night_is_shown(tmp_path: Path) -> None:
    """A kept night keeps what the reader noticed: rows not used, and remarks."""
    path = tmp_path / "night.csv"
    path.write_text("t_s,bpm,mood\n" + "".join(f"{5 * i},{60 if i % 9 else 'x'},1\n" for i in range(200)))
    assert invoke("replay", path, "--quiet").exit_code == 0
    said = invoke("show", "night").stdout
    assert "Left out: 23 rows of night.csv (bpm), first at line 2: heart rate is not a number." in said
    assert "Note: columns not used: mood." in said


def test_what_a_folder_of_nights_holds_besides_is_said(folders: Path, tmp_path: Path) -> None:
    """Files of no known kind beside nights are passed over by name, and are no failure."""
    shutil.copytree(folders / "one", tmp_path / "one")
    (tmp_path / "broken.csv").write_text("")
    result = invoke("replay", tmp_path, "--quiet", "--no-keep")
    assert result.exit_code == 0
    assert result.stderr == f"{tmp_path}: passed over 1 thing of no kind Vigil reads (broken.csv)\n"


def test_a_hostile_name_does_not_reach_the_terminal(tmp_path: Path) -> None:
    """Escape sequences in a file, its name or its header are shown as ?, never obeyed."""
    bad, good = tmp_path / "\x1b[2Jbad.csv", tmp_path / "\x1b[2Jgood.csv"
    bad.write_text("\x1b[31mshoe,size\n1,2\n")
    good.write_text("t_s,bpm\n" + "".join(f"{5 * i},{60 + i % 3}\n" for i in range(100)))
    result = invoke("replay", bad, good)
    assert "?[2Jbad.csv" in result.stderr
    assert "\x1b" not in result.output + invoke("nights").output


def test_a_unit_can_be_said(tmp_path: Path) -> None:
    """A column whose name says no unit, or a wrong one, is read in the unit given."""
    path = tmp_path / "x.csv"
    path.write_text("t_s,rr_ms\n" + "".join(f"{i},{1 + i % 3 / 10}\n" for i in range(200)))
    refused = invoke("replay", path, "--no-keep")
    assert (refused.exit_code, "looks like seconds, not ms" in refused.stderr) == (1, True)
    assert invoke("replay", path, "--no-keep", "--unit", "rr=s").exit_code == 0


def test_a_table_in_a_pipe_keeps_its_paths_whole(tmp_path: Path) -> None:
    """A path in the list of nights can be copied, however long it is."""
    path = tmp_path / ("deep" * 30) / "night.csv"
    path.parent.mkdir()
    path.write_text("t_s,bpm\n" + "".join(f"{5 * i},{60 + i % 3}\n" for i in range(100)))
    assert invoke("replay", path, "--quiet").exit_code == 0
    assert str(path) in invoke("nights").stdout


def test_a_replay_again_replaces_its_night(folders: Path) -> None:
    """The same path twice is one night in the store, not two."""
    for _ in range(2):
        assert invoke("replay", folders / "one", "--quiet").exit_code == 0
    assert [row["night"] for row in kept()] == ["one"]


def test_two_nights_of_one_name_are_both_kept(folders: Path, tmp_path: Path) -> None:
    """Another path with the same name gets a name of its own, and each is replaced by itself only."""
    night = recording(3, plan=named_plan("quiet", 3, hours=1))
    (tmp_path / "other").mkdir()
    written(tmp_path / "other" / "one", night)
    for _ in range(2):
        assert invoke("replay", folders / "one", tmp_path / "other" / "one", "--quiet").exit_code == 0
    assert sorted(row["night"] for row in kept()) == ["one", "one-2"]


def test_a_replay_with_pictures(folders: Path, tmp_path: Path) -> None:
    """One SVG and one PNG a night, in the folder named."""
    assert invoke("replay", folders / "one", "--picture", tmp_path / "art", "--no-keep").exit_code == 0
    assert sorted(path.name for path in (tmp_path / "art").iterdir()) == ["one.png", "one.svg"]


def test_many_nights_show_how_far_it_is(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the terminal can, a bar stands under the reports; the reports are the same."""
    monkeypatch.setattr(terminal, "lively", lambda: True)
    result = invoke("replay", folders, "--no-keep")
    assert result.exit_code == 0
    assert [line for line in result.stdout.splitlines() if line.startswith("Night ")] == ["Night one", "Night two"]


def test_without_a_single_good_night_the_summary_says_so(tmp_path: Path) -> None:
    """Nothing that could be read is said in so many words, and nothing is made for it."""
    result = invoke("replay", tmp_path / "nowhere")
    assert (result.exit_code, "No night was replayed." in result.stdout) == (1, True)
    assert not Home.here().database(Shelf.REPLAY).exists()


def test_a_replay_played_live(folders: Path) -> None:
    """--speed shows the night as it goes by, and the report is the same."""
    result = invoke("replay", folders / "one", "--speed", "100000", "--no-keep")
    assert result.exit_code == 0
    assert "lights out" in result.stdout


# -- what is kept --------------------------------------------------------------------------------------------------


def test_nights_lists_every_store(vigil: Vigil) -> None:
    """Replayed and simulated nights, each saying where it is; one store alone if asked."""
    result = vigil("nights")
    assert DEMO_NIGHT in result.stdout
    assert "walk" in result.stdout
    assert [row["store"] for row in json.loads(vigil("nights", "--json", "-").stdout)["nights"]] == ["replay", "demo"]
    assert DEMO_NIGHT not in vigil("nights", "--store", "replay").stdout


def test_without_nights_the_list_says_how_to_get_one() -> None:
    """An empty store is not an error."""
    result = invoke("nights")
    assert (result.exit_code, "vigil demo" in result.stdout) == (0, True)


def test_show_tells_the_night_that_demo_told() -> None:
    """A night read back is the night that was lived, in every field of the report."""
    lived = json.loads(invoke(*DEMO, "--json", "-").stdout)["nights"][0]
    shown = json.loads(invoke("show", DEMO_NIGHT, "--json", "-").stdout)["nights"][0]
    assert {name: shown[name] for name in lived.keys() & shown.keys()} == {
        name: lived[name] for name in lived.keys() & shown.keys()
    }
    assert len(lived.keys() & shown.keys()) >= 10


def test_show_draws_the_truth_that_was_kept(vigil: Vigil, tmp_path: Path) -> None:
    """The report in words by the beginning of a name, and a picture that still knows what was simulated."""
    picture = tmp_path / "night.svg"
    result = vigil("show", DEMO_NIGHT[:12], "--picture", picture)
    assert result.exit_code == 0
    assert "In bed 1 h 00 min" in result.stdout
    assert b"simulated nightmare" in picture.read_bytes()


def test_names_that_are_nearly_right_are_answered_with_near_ones(vigil: Vigil) -> None:
    """A slip of the finger is met with the names that were probably meant."""
    result = vigil("show", "simulated-strang-2")
    assert (result.exit_code, DEMO_NIGHT in result.stderr) == (1, True)


def test_explain_says_what_was_seen_weighed_and_decided(vigil: Vigil) -> None:
    """Sentences from the typed reasons, for local time and for time since lights-out alike."""
    local, relative = (vigil("explain", DEMO_NIGHT, time, "--json", "-") for time in ("23:40", "+0:40"))
    assert json.loads(local.stdout) == json.loads(relative.stdout)
    moment = json.loads(local.stdout)
    assert moment["t_s"] == 2400
    assert moment["seen"]["heart_bpm"]
    assert all(one["reasons"] and one["in_words"] for one in moment["decided"])
    words = vigil("explain", DEMO_NIGHT, "23:40").stdout
    assert [line for line in words.splitlines() if line in ("Seen", "Weighed", "Decided")] == [
        "Seen",
        "Weighed",
        "Decided",
    ]


@pytest.mark.parametrize("time", ["05:00", "+9:00", "noon"])
def test_explain_refuses_a_time_outside_the_night(vigil: Vigil, time: str) -> None:
    """A moment that is not in the night is said to be so, with the hours it had."""
    result = vigil("explain", DEMO_NIGHT, time)
    assert (result.exit_code, result.stdout) == (1, "")


def test_a_night_exported_and_replayed_is_the_same_night(vigil: Vigil, tmp_path: Path) -> None:
    """Return: the folder that was exported gives the digests that live wrote, to the bit."""
    out = tmp_path / "night"
    assert vigil("export", DEMO_NIGHT, "--format", "folder", "--out", out).exit_code == 0
    again = json.loads(vigil("replay", out, "--no-keep", "--json", "-").stdout)["nights"][0]["digests"]
    before = json.loads(vigil("show", DEMO_NIGHT, "--json", "-").stdout)["nights"][0]["digests"]
    assert again == before


@pytest.mark.parametrize("form", ["edf", "json", "csv"])
def test_a_night_for_other_programs(vigil: Vigil, tmp_path: Path, form: str) -> None:
    """Each form is written whole, and never over something that is there already."""
    out = tmp_path / f"night.{form}"
    assert vigil("export", DEMO_NIGHT, "--format", form, "--out", out).exit_code == 0
    size = out.stat().st_size
    assert size > 1000
    assert vigil("export", DEMO_NIGHT, "--format", form, "--out", out).exit_code == 1
    assert out.stat().st_size == size


def test_forgetting_asks_first(folders: Path) -> None:
    """Without a yes nothing is erased; with it the night and its backups' memory of it are gone."""
    assert invoke("replay", folders, "--quiet").exit_code == 0
    assert invoke("backup").exit_code == 0
    refused = CliRunner().invoke(app, ["forget", "one"], input="n\n")
    assert (refused.exit_code, len(kept())) == (1, 2)
    assert CliRunner().invoke(app, ["forget", "one"], input="y\n").exit_code == 0
    assert [row["night"] for row in kept()] == ["two"]
    assert invoke("forget", "--all", "--yes").exit_code == 0
    assert kept() == []
    assert not list(Home.here().data.rglob("vigil-*.db"))


def test_forgetting_takes_the_pictures_along() -> None:
    """A picture that Vigil drew for itself is the night too."""
    assert invoke(*DEMO).exit_code == 0
    pictures = Home.here().pictures(Shelf.DEMO)
    assert len(list(pictures.iterdir())) == 2
    assert invoke("forget", DEMO_NIGHT, "--yes").exit_code == 0
    assert not list(pictures.iterdir())
    assert invoke("forget", "--all", "--store", "own", "--yes").exit_code == 0


def test_a_backup_is_where_it_says(vigil: Vigil, tmp_path: Path) -> None:
    """A copy of each store, readable by nobody else."""
    result = vigil("backup", "--to", tmp_path / "stick")
    assert result.exit_code == 0
    copies = list((tmp_path / "stick").rglob("*.db"))
    assert len(copies) == 2
    assert all(copy.stat().st_mode & 0o077 == 0 for copy in copies)


def test_doctor_in_json(vigil: Vigil) -> None:
    """Each check with its state and what to do; nothing is wrong on this machine."""
    result = vigil("doctor", "--json", "-")
    checks = json.loads(result.stdout)["checks"]
    assert result.exit_code == 0
    assert all(set(check) == {"name", "state", "says", "todo"} for check in checks)
    assert "database demo" in vigil("doctor").stdout
    Home.here().settings_file.write_text("top_level = 40")
    try:
        assert vigil("doctor").exit_code == 1
    finally:
        Home.here().settings_file.unlink()
