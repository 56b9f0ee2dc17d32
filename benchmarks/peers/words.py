"""The comparison as Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from benchmarks.peers.catalogue import Tool
from benchmarks.peers.comparison import Changed, Compared, Comparison

CAVEATS = (
    "The night is simulated: it measures cost and steadiness, never accuracy. Ratios are of processor seconds (all "
    "threads) within this one run, since the machine may be shared; every tool runs in a process of its own, warmed up "
    "once, median of three. The tools do different work on different signals of the same sleeper: the first table says "
    "which, and the ratios say what a night costs, not who does it better. A live night: every epoch has its answer "
    "at its end; tools without a live way are asked again about all they know, as many times the cost of asking in "
    "mid-night. Changed afterwards: answers to the first half of the night, given when no more was known, that "
    "were others once the rest of the night was."
)


def as_markdown(comparison: Comparison, tools: Iterable[Tool]) -> str:
    """What each does, what it costs, and whether it stands by its answers."""
    load = " and ".join("unknown" if load is None else f"{load:.1f}" for load in comparison.load)
    return "\n".join(
        [
            f"{comparison.date}, Python {comparison.python}, {comparison.machine}; one simulated night of "
            f"{comparison.seconds / 3600:g} h, seed {comparison.seed}; load before and after {load}.",
            "",
            *_table(("tool", "takes", "gives", "knows ahead", "leaves to others"), map(_does, tools)),
            "",
            *_table(
                (
                    "tool",
                    "a night",
                    "seconds",
                    "processor s",
                    "ratio to Vigil",
                    "first call s",
                    "to start, processor s",
                    "peak MiB",
                ),
                (row for tool in comparison.tools for row in _costs(tool)),
            ),
            "",
            *_table(
                (
                    "tool",
                    "its answers",
                    "a live night",
                    "processor s",
                    "ratio to Vigil",
                    "changed afterwards, of the last half hour",
                    "of the whole first half",
                ),
                map(_steady, comparison.tools),
            ),
            "",
            *(f"- {name} was skipped: {why}" for name, why in comparison.skipped),
            *(f"- {tool.name}: {note}" for tool in comparison.tools for note in tool.told.notes),
            "",
            CAVEATS,
        ]
    )


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *rows)]


def _does(tool: Tool) -> tuple[str, ...]:
    return (tool.name, tool.takes, tool.gives, tool.knows_ahead, tool.leaves)


def _costs(tool: Compared) -> Iterable[tuple[str, ...]]:
    told = tool.told
    main, *others = told.works
    yield (
        f"{tool.name} {told.version}",
        main.what,
        f"{main.seconds:.2f}",
        f"{main.cpu_s:.2f}",
        f"{tool.cost:.2f}",
        f"{main.first_s:.1f}",
        f"{told.start_cpu_s:.1f}",
        f"{told.peak_mib:.0f} ({told.before_mib:.0f} before)",
    )
    for work in others:
        scaled = "" if work.share == 1 else f" (scaled up from {work.share:.1%} of it)"
        yield ("", work.what + scaled, f"{work.seconds:.2f}", f"{work.cpu_s:.2f}", "", "", "", "")


def _steady(tool: Compared) -> tuple[str, ...]:
    live = tool.told.live
    return (
        tool.name,
        tool.told.answers,
        live.what,
        f"{live.cpu_s:.1f}",
        f"{tool.live_cost:.1f}",
        _share(tool.last_half_hour),
        _share(tool.first_half),
    )


def _share(changed: Changed) -> str:
    return f"{changed.changed} of {changed.of}" + (f" ({changed.changed / changed.of:.0%})" if changed.of else "")
