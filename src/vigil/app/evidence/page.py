"""HTML without a library: paragraphs, tables, pictures, one quiet page that needs nothing from anywhere."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from vigil.app import palette
from vigil.app.evidence.tables import Table

_CSS = f"""
:root {{ color-scheme: dark; }}
body {{ background: {palette.GROUND}; color: {palette.TEXT}; font: 16px/1.55 system-ui, sans-serif; margin: 0; }}
main {{ max-width: 62rem; margin: 0 auto; padding: 2rem 1.2rem 5rem; }}
h1, h2, h3 {{ color: {palette.BRIGHT}; font-weight: 500; line-height: 1.25; }}
h1 {{ font-size: 1.7rem; }} h2 {{ font-size: 1.3rem; margin: 3rem 0 .6rem; }}
h3 {{ font-size: 1.02rem; margin: 2rem 0 .5rem; }}
p, li {{ max-width: 46rem; }}
.faint, dt {{ color: {palette.MOVEMENT}; }}
.said {{ border-left: 3px solid {palette.NUDGE}; padding: .1rem 0 .1rem 1rem; }}
.wide {{ overflow-x: auto; }}
table {{ border-collapse: collapse; font-size: .88rem; font-variant-numeric: tabular-nums; margin: .4rem 0; }}
.note {{ font-size: .85rem; margin-top: .3rem; }}
th {{ text-align: left; font-weight: 500; color: {palette.MOVEMENT}; vertical-align: bottom; }}
th, td {{ padding: .3rem 1.1rem .3rem 0; border-bottom: 1px solid {palette.LINE}; }}
tbody th {{ color: {palette.TEXT}; font-weight: 400; white-space: nowrap; }}
td {{ white-space: nowrap; }} td.long {{ white-space: normal; min-width: 16rem; }}
img {{ max-width: 100%; height: auto; display: block; margin: .8rem 0; border-radius: 6px; }}
dl {{ display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem; }} dd {{ margin: 0; }}
a {{ color: {palette.NUDGE}; }} nav a {{ margin-right: 1rem; white-space: nowrap; }}
"""

_LONG = 40
"""A cell of more letters may break over lines."""


def page(title: str, body: Iterable[str]) -> str:
    """The whole page."""
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
    inside = "\n".join(body)
    start = f'<!doctype html>\n<html lang="en"><head>{head}<style>{_CSS}</style></head>\n<body><main>\n'
    return f"{start}{inside}\n</main></body></html>\n"


def heading(level: int, words: str, anchor: str = "") -> str:
    """A heading, with the name it can be linked by."""
    mark = f' id="{escape(anchor)}"' if anchor else ""
    return f"<h{level}{mark}>{escape(words)}</h{level}>"


def paragraph(words: str, kind: str = "") -> str:
    """One paragraph; kind: "said" for what comes before all figures, "faint" for asides."""
    return f'<p class="{escape(kind)}">{escape(words)}</p>' if kind else f"<p>{escape(words)}</p>"


def bullets(items: Iterable[str]) -> str:
    """A list."""
    return "<ul>" + "".join(f"<li>{escape(words)}</li>" for words in items) + "</ul>"


def pairs(items: Iterable[tuple[str, str]]) -> str:
    """Words and what they are."""
    return "<dl>" + "".join(f"<dt>{escape(one)}</dt><dd>{escape(other)}</dd>" for one, other in items) + "</dl>"


def links(anchors: Iterable[tuple[str, str]]) -> str:
    """Where on the page things are."""
    return "<nav>" + " ".join(f'<a href="#{escape(one)}">{escape(words)}</a>' for one, words in anchors) + "</nav>"


def table(one: Table) -> str:
    """A table under its heading, its note below; a sentence instead where there is nothing in it."""
    title = heading(3, one.title)
    if not one.rows:
        return f"{title}{paragraph('Nothing to tell.', 'faint')}"
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in one.head)
    rows = "".join(_row(cells) for cells in one.rows)
    whole = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f'{title}<div class="wide">{whole}</div>{paragraph(one.note, "faint note") if one.note else ""}'


def _row(cells: tuple[str, ...]) -> str:
    first, *others = (escape(cell) for cell in cells)
    told = "".join(f'<td class="long">{one}</td>' if len(one) > _LONG else f"<td>{one}</td>" for one in others)
    return f'<tr><th scope="row">{first}</th>{told}</tr>'
