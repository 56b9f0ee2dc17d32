"""Templates made into pages. Everything that is put in is escaped; nothing can be marked as safe but by a template."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from vigil.web import static_files
from vigil.web.views.said_links import linked

NAV = ("tonight", "morning", "weeks", "journal", "more")
"""The pages that every page leads to, in this order: `/NAME`."""


@cache
def templates() -> Environment:
    """Jinja's environment; a name that nobody gave is an error, not an empty place."""
    made = Environment(
        loader=PackageLoader("vigil.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["static"] = static_files.address
    made.filters["linked"] = linked
    return made


def render(template: str, **context: object) -> str:
    """The page as text. A template can use `t` (the texts), `path`, `nav`, `invented`, `light`, and what is given."""
    return templates().get_template(template).render(context)
