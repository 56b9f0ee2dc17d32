"""Whether a page holds anything that its own templates did not put there, by reading it as a browser would."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from importlib.resources import files
from importlib.resources.abc import Traversable

LINKED = frozenset({"href", "src", "action", "formaction", "xlink:href", "poster", "data", "srcset", "background"})
NOT_OURS = frozenset({"style", "srcdoc", "http-equiv"})

OWN_LINKS = re.compile(
    r"(/(?!/)|#|\?|$)[^\x00-\x20]*$|tel:[*+0-9() ./-]+$|sms:[+0-9&?=%\w ]+$|https://[\w.-]+(/[\w./?=&%#-]*)?$"
)
"""Where a page leads: to itself, to a helpline by telephone, or to one by its address."""

CONTENT = re.compile(r"[\w ,=.#:;-]*$")
"""What a `meta` of ours says."""


@cache
def own_words() -> tuple[frozenset[str], frozenset[str]]:
    """Every element and attribute that stands in a template."""
    text = "\n".join(_texts(files("vigil.web").joinpath("templates")))
    attributes = re.findall(r"(?<=[\s}\"'])([a-zA-Z][\w:-]*)(?=[=\s>{/])", text)
    return frozenset(re.findall(r"<([a-zA-Z][\w-]*)", text)), frozenset(one.lower() for one in attributes)


def _texts(folder: Traversable) -> list[str]:
    found: list[str] = []
    for one in folder.iterdir():
        found += _texts(one) if one.is_dir() else [one.read_text("utf-8")]
    return found


@dataclass
class Seen(HTMLParser):
    """What is wrong with a page, and its text."""

    wrong: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        tags, names = own_words()
        given = dict(attrs)
        if tag not in {one.lower() for one in tags}:
            self.wrong.append(f"element {tag[:40]!r}")
        if tag == "script" and not (given.get("src") or "").startswith("/static/"):
            self.wrong.append("a script that is not a file of ours")
        for name, value in attrs:
            self.text.append(value or "")
            if name.startswith("on") or name == "vx" or name in NOT_OURS or name not in names:
                self.wrong.append(f"attribute {name[:40]!r} of {tag}")
            if name in LINKED and not OWN_LINKS.match((value or "").strip(" ")):
                self.wrong.append(f"link {(value or '')[:60]!r}")

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        self.wrong.append(f"comment {data[:40]!r}")


def looked_through(html: str) -> tuple[list[str], str]:
    """What is wrong with it, and everything a reader or a screen reader would be told."""
    seen = Seen()
    seen.feed(html)
    seen.close()
    return list(dict.fromkeys(seen.wrong)), "\n".join(seen.text)
