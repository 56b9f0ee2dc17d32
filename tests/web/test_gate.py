"""The gate: foreign names, foreign sites and what is too long go no further; every answer carries its headers."""

from __future__ import annotations

import itertools

import pytest

from tests.web.visitor import HOST, ORIGIN, Visitor
from vigil.web.rooms import Rooms

CSP = "default-src 'none'"


@pytest.mark.parametrize("path", ["/", "/tonight", "/nowhere", "/static/x/vigil.css", "/enter/x"])
def test_every_answer_carries_the_headers(stranger: Visitor, path: str) -> None:
    headers = stranger.get(path).headers
    assert headers["content-security-policy"].startswith(CSP)
    assert "unsafe" not in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert "cache-control" in headers


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        f"evil.example:{HOST.split(':')[1]}",
        "127.0.0.1",
        "127.0.0.1:1",
        f"{HOST}.evil.example",
        f" {HOST}",
        f"{HOST}@evil",
    ],
)
def test_only_known_names_reach_a_page(sleeper: Visitor, host: str) -> None:
    assert sleeper.get("/tonight", {"host": host or "\t"}).status_code == 421


SITES = ("", "same-origin", "same-site", "cross-site", "none", "nonsense")
ORIGINS = ("", ORIGIN, ORIGIN.upper(), "null", "http://evil.example", f"https://{HOST}", f"http://{HOST}.evil.example")


@pytest.mark.parametrize(("site", "origin"), list(itertools.product(SITES, ORIGINS)))
def test_only_a_form_of_this_very_site_changes_anything(rooms: Rooms, site: str, origin: str) -> None:
    """Every mixture of Origin and Sec-Fetch-Site: leaving works from here, and from nowhere else."""
    sleeper = Visitor.inside(rooms)
    here = (origin.lower() == ORIGIN and site in {"", "same-origin"}) or (origin == "" and site == "same-origin")
    answer = sleeper.post("/leave", headers={"origin": origin, "sec-fetch-site": site})
    assert (answer.status_code == 303) == here
    assert (sleeper.get("/tonight").status_code == 401) == here


@pytest.mark.parametrize("mode", ["no-cors", "cors", "websocket", "navigate"])
@pytest.mark.parametrize("dest", ["image", "script", "iframe", "empty", "document"])
def test_other_sites_read_nothing_but_may_link_here(sleeper: Visitor, mode: str, dest: str) -> None:
    answer = sleeper.get("/tonight", {"sec-fetch-site": "cross-site", "sec-fetch-mode": mode, "sec-fetch-dest": dest})
    assert answer.status_code == (200 if (mode, dest) == ("navigate", "document") else 403)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get"])
def test_other_methods_are_not_known(sleeper: Visitor, method: str) -> None:
    assert sleeper.ask(method, "/tonight").status_code in {200, 405}
    if method != "get":
        assert sleeper.ask(method, "/tonight").status_code == 405


def test_what_is_too_long_is_not_read(sleeper: Visitor) -> None:
    assert sleeper.get("/" + "a" * 3_000).status_code == 431
    assert sleeper.get("/tonight", {f"x-{n}": "y" for n in range(80)}).status_code == 431
    assert sleeper.post("/light", {"light": "x" * 70_000}).status_code == 413


def test_what_is_no_form_is_not_taken(sleeper: Visitor) -> None:
    assert sleeper.post("/light", {"light": "day"}, {"content-type": "text/plain"}).status_code == 415
    assert sleeper.post("/light", {f"f{n}": "x" for n in range(300)}).status_code == 415


@pytest.mark.parametrize(
    "path",
    ["/static/x/../vigil.css", "/static/x/%2e%2e%2fsite.py", "/static/x/site.py", "/static/..%2f..%2fetc/passwd"],
)
def test_no_path_becomes_the_name_of_a_file(stranger: Visitor, path: str) -> None:
    assert stranger.get(path).status_code == 404
