"""One catalogue of text: no page says anything that is not in it, and it holds nothing that no page says."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from string import Formatter

import pytest
from jinja2 import nodes

from tests.web.visitor import Visitor
from vigil.web.render import templates
from vigil.web.words import REGIONS, SHIPPED, MissingTextError, Words, catalogue

WEB = Path(str(files("vigil.web")))
TEMPLATES = sorted(path.relative_to(WEB / "templates").as_posix() for path in (WEB / "templates").rglob("*.*"))
SOURCES = {path: path.read_text() for path in sorted(WEB.rglob("*.py"))}

MARKS = re.compile(r"(?s)<!--.*?-->|<(style|script|code)\b.*?</\1>|<[^>]*>|&[a-z]+;|&#\d+;")
"""What is not read out: tags, entities, and commands, which are the same in every language."""

CLASSES = {"main_class", "body_class", "html_class"}
"""Blocks that hold the names of classes and no text."""

DATA = nodes.TemplateData

KEY = re.compile(r"[a-z][a-z_]*\.[a-z0-9][a-z0-9_]*")


def parsed(name: str) -> nodes.Template:
    source = (WEB / "templates" / name).read_text()
    return templates().parse(source)


@pytest.mark.parametrize("name", [one for one in TEMPLATES if one.endswith(".html")])
def test_a_template_holds_no_text_of_its_own(name: str) -> None:
    """All of it can be translated, because none of it stands here."""
    tree = parsed(name)
    unread = {id(one) for block in tree.find_all(nodes.Block) if block.name in CLASSES for one in block.find_all(DATA)}
    written = "\x00".join(str(node.data) for node in tree.find_all(DATA) if id(node) not in unread)
    # a tag may be cut by an expression inside it: what stands between is put back as a mark that is no letter
    read = MARKS.sub(" ", written.replace("\x00", "0"))
    assert not re.search(r"[A-Za-z]{2,}", read), read.split()


def constants() -> set[str]:
    """Every string of a template or a module that could be the name of a text."""
    found: set[str] = set()
    for name in TEMPLATES:
        found |= {node.value for node in parsed(name).find_all(nodes.Const) if isinstance(node.value, str)}
    for source in SOURCES.values():
        found |= set(re.findall(r"""["']([^"'\n]*)["']""", source))
    return found


def beginnings() -> set[str]:
    """The constant beginnings of names that are put together: "more." ~ name, f"more.{name}"."""
    found = {one for one in constants() if re.fullmatch(r"[a-z][a-z_]*\.[a-z0-9_]*", one) and one not in whole()}
    for source in SOURCES.values():
        found |= set(re.findall(r"""f["']([a-z][a-z_]*\.[a-z0-9_]*)\{""", source))
    return {one for one in found if not one.endswith((".js", ".css", ".html"))}


def whole() -> set[str]:
    return {key for language in SHIPPED for key in catalogue(language)}


def test_every_text_that_is_asked_for_by_its_whole_name_is_there() -> None:
    """A template that calls t("page.key") finds it."""
    missing = set()
    for name in TEMPLATES:
        for call in parsed(name).find_all(nodes.Call):
            first = call.args[0] if call.args else None
            if isinstance(call.node, nodes.Name) and call.node.name == "t" and isinstance(first, nodes.Const):
                missing |= {str(first.value)} - whole()
    for source in SOURCES.values():
        missing |= set(re.findall(r"""\b(?:t|words)\(["']([a-z_]+\.[a-z0-9_]+)["'][,)]""", source)) - whole()
    assert not missing


def test_every_text_is_said_somewhere() -> None:
    """A text that no page says is a text that somebody would translate for nobody."""
    said, begun = constants(), beginnings()
    unsaid = {key for key in whole() if key not in said and not any(key.startswith(one) for one in begun)}
    assert not unsaid


@pytest.mark.parametrize("language", SHIPPED)
def test_a_text_is_whole(language: str) -> None:
    """Each has a name that fits, every form of its language, places that are names, and ends without a space."""
    for key, text in catalogue(language).items():
        assert KEY.fullmatch(key), key
        forms = {"other": text} if isinstance(text, str) else text
        assert "other" in forms, key
        for form in forms.values():
            assert form == form.strip(), key
            assert "!" not in form, key
            for _, place, _, _ in Formatter().parse(form):
                assert place is None or re.fullmatch(r"[a-z_]+", place), key


def test_numbers_choose_their_form_and_a_text_that_nobody_wrote_is_an_error() -> None:
    t = Words.of("en-GB")
    counted = next(key for key, text in catalogue("en").items() if not isinstance(text, str) and "one" in text)
    places = {place: 3 for _, place, _, _ in Formatter().parse(str(catalogue("en")[counted])) if place}
    assert t(counted, **places | {"n": 1}) != t(counted, **places | {"n": 2})
    with pytest.raises(MissingTextError):
        t("nowhere.nothing")


@pytest.mark.parametrize(
    ("accepted", "time"),
    [
        ("en-GB", "14:05"),
        ("en-US,en;q=0.5", "2:05"),
        ("de-DE", "14:05"),
        ("", "14:05"),
        ("*;q=x, \x00, en-GB", "14:05"),
    ],
)
def test_dates_and_times_follow_the_reader(accepted: str, time: str) -> None:
    """A browser that accepts nothing we have gets the usual; nonsense in the header is nobody's error."""
    said = Words.of(accepted).time(datetime(2026, 11, 27, 14, 5, tzinfo=UTC))
    assert said.replace("\u202f", " ").startswith(time)


@pytest.mark.parametrize("locale", REGIONS)
def test_a_script_can_write_a_time_as_the_server_does(locale: str) -> None:
    """With the halves of the day alone: hours to twelve, a narrow space, the half; else hours to twenty-four."""
    t = Words.of(locale.replace("_", "-"))
    for hour in range(24):
        half = f"{(hour + 11) % 12 + 1}:05:09\u202f{t.halves[hour // 12]}" if t.halves else f"{hour:02d}:05:09"
        assert t.time(datetime(2026, 11, 27, hour, 5, 9, tzinfo=UTC), exact=True) == half


@pytest.mark.parametrize(("accepted", "tag"), [("en-GB", "en-GB"), ("en-US,en;q=0.5", "en-US"), ("fr", "en-GB")])
def test_a_page_names_the_customs_of_its_reader(sleeper: Visitor, accepted: str, tag: str) -> None:
    """A script writes times by it: by "en" alone they came out as in the States beside the page's own."""
    page = sleeper.get("/tonight", headers={"accept-language": accepted})
    assert page.text.startswith(f'<!doctype html>\n<html lang="{tag}"')
