"""The addresses that speak JSON, described to Schemathesis from the table, and asked by it in process."""

from __future__ import annotations

import re
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.core.failures import Failure
from starlette.types import ASGIApp

from tests.campaigns.page_attacks_asked import Outcome
from tests.web.visitor import HOST, ORIGIN
from vigil.web.routes import ROWS
from vigil.web.rows import Row

SPEAKS_JSON = re.compile(
    r"/(data|far)$|^/draft$|^/tonight/(awake|bad-dream)$|^/night|^/journal|^/morning|^/weeks|^/bedtime"
)
"""Rows that answer in JSON or take it, and those whose numbers and queries are worth the same."""

EXAMPLES = 100
"""Requests to each address, of each kind."""


def document(rows: tuple[Row, ...] = ROWS) -> dict[str, Any]:
    """An OpenAPI document of the table: every address with its numbers, words, query and body."""
    paths: dict[str, Any] = {}
    for row in rows:
        if row.stream is None and SPEAKS_JSON.search(row.path) and "/erase" not in row.path:
            path = re.sub(r"\{(\w+):\w+\}", r"{\1}", row.path)
            paths.setdefault(path, {})[row.method.lower()] = _operation(row)
    return {"openapi": "3.0.3", "info": {"title": "Vigil", "version": "1"}, "paths": paths}


def _operation(row: Row) -> dict[str, Any]:
    places = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "integer" if kind else "string"}}
        for name, kind in re.findall(r"\{(\w+)(:int)?\}", row.path)
    ]
    queries = [
        {"name": name, "in": "query", "schema": {"type": "string"}} for name in ("t", "q", "before", "for", "night")
    ]
    answers = {"responses": {"default": {"description": "whatever it is, no failure"}}}
    if row.method == "GET":
        return {"parameters": [*places, *queries], **answers}
    return {"parameters": places, "requestBody": _body(row), **answers}


def _body(row: Row) -> dict[str, Any]:
    if row.path == "/draft":
        texts = {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}}
        sent = {"place": {"type": "string"}, "night": {"type": "integer", "nullable": True}, "fields": texts}
        schema = {"type": "object", "properties": sent, "required": ["place", "fields"]}
        return {"content": {"application/json": {"schema": schema}}}
    fields = {
        name: {"type": "string"} for name in ("word", "title", "body", "tags", "distress", "dreams", "nights", "bar")
    }
    return {"content": {"application/x-www-form-urlencoded": {"schema": {"type": "object", "properties": fields}}}}


def fuzzed(app: ASGIApp, cookie: str, examples: int = EXAMPLES) -> Outcome:
    """Schemathesis' own values, good and bad, by somebody who has entered and by somebody who has not.

    A failure of the server gets through, and so does any answer but the door to who has not entered.
    """
    through: list[str] = []
    tried = 0
    schema = schemathesis.openapi.from_dict(document())
    schema.app = app
    own = {"host": HOST, "origin": ORIGIN, "sec-fetch-site": "same-origin"}

    for result in schema.get_all_operations():
        operation: Any = result.ok()  # type: ignore[union-attr]  # the document is our own

        @given(case=operation.as_strategy())
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def asks(case: Any) -> None:
            nonlocal tried
            for cookies in (cookie, ""):
                tried += 1
                try:
                    answer = case.call(base_url=ORIGIN, headers={**own, "cookie": cookies})
                except (Failure, UnicodeError):
                    continue
                if answer.status_code >= 500 and answer.status_code != 503:
                    through.append(f"{case.method} {case.path}: {answer.status_code}")
                if not cookies and answer.status_code not in {400, 401, 404, 405, 413, 415, 421, 431}:
                    through.append(f"{case.method} {case.path}: {answer.status_code} to somebody outside")

        asks()
    return Outcome(tried, tuple(dict.fromkeys(through)))
