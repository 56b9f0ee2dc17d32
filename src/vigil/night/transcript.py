"""A night as text: one canonical line per input and output, and a digest that grows a link a minute.

Times in a line are relative to the night's beginning, so a night moved in time has the same transcript.
Floats are written to nine significant digits. Ticks are not written: extra ticks change nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any

from vigil.domain.nudges import LedgerRow, Reason
from vigil.domain.permits import Permit
from vigil.domain.plain import register
from vigil.domain.records import Input, NightOutput
from vigil.domain.samples import BeatInterval, HeartSample, MotionSummary
from vigil.domain.units import NS_PER_MINUTE

_ABSOLUTE = (LedgerRow,)
"""Records whose instants belong to another clock and are written as they are."""


def canonical(record: Any, origin_ns: int) -> str:
    """The canonical line of any record: its class, then its fields in order, `_ns` fields relative to `origin_ns`."""
    quick = _QUICK.get(type(record))
    return quick(record, origin_ns) if quick else _general(record, origin_ns)


def _heart(sample: HeartSample, origin_ns: int) -> str:
    return f"HeartSample({sample.at_ns - origin_ns},{sample.bpm_x10})"


def _beat(beat: BeatInterval, origin_ns: int) -> str:
    return f"BeatInterval({beat.at_ns - origin_ns},{beat.rr_ms},{beat.clean})"


def _motion(row: MotionSummary, origin_ns: int) -> str:
    # A tuple of ints prints the same everywhere, and much faster than field by field.
    rest = (row.duration_ms, row.range_mg, row.low_mg, row.high_mg, row.mean_mg, row.steps)
    return f"MotionSummary({row.at_ns - origin_ns},{rest})"


def _reason(reason: Reason, _origin_ns: int) -> str:
    value, bound = reason.value, reason.bound
    plain = _PLAIN[type(value)](value), _PLAIN[type(bound)](bound)
    return f"Reason({reason.code.value},{plain[0]},{plain[1]},{reason.unit.value})"


_QUICK: dict[type, Callable[[Any, int], str]] = {
    HeartSample: _heart,
    BeatInterval: _beat,
    MotionSummary: _motion,
    Reason: _reason,
}
"""Records that come by the thousand, written at once; as `_general` would."""


def _general(record: Any, origin_ns: int) -> str:
    cls = type(record)
    origin = 0 if isinstance(record, _ABSOLUTE) else origin_ns
    parts = []
    for name, is_instant in _FIELDS.get(cls) or _learn_fields(cls):
        value = getattr(record, name)
        if is_instant and isinstance(value, int):
            value -= origin
        parts.append(_value(value, origin_ns))
    return f"{cls.__name__}({','.join(parts)})"


_FIELDS: dict[type, tuple[tuple[str, bool], ...]] = {}
"""The fields of a record class in order, and which of them are instants."""


def _learn_fields(cls: type) -> tuple[tuple[str, bool], ...]:
    known = _FIELDS[cls] = tuple((one.name, one.name.endswith("_ns")) for one in fields(cls))
    return known


def _value(value: Any, origin_ns: int) -> str:
    plain = _PLAIN.get(type(value))
    if plain is not None:
        return plain(value)
    if isinstance(value, tuple):
        return f"[{','.join([_value(item, origin_ns) for item in value])}]"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Permit):
        return f"Permit({value.serial},{value.issued_ns - origin_ns},{_general(value.request, origin_ns)})"
    return canonical(value, origin_ns)


_PLAIN: dict[type, Callable[[Any], str]] = {
    float: "{:.9g}".format,
    int: str,
    str: str,
    bool: str,
    type(None): str,
}


@register
@dataclass(slots=True)
class Chain:
    """A SHA-256 chain over lines: at each whole minute, link = sha256(previous link + the minute's lines).

    `minute` is the index of the minute being gathered; lines must come with non-decreasing instants.
    """

    link: str = ""
    minute: int = 0
    lines: list[str] = field(default_factory=list)

    def add(self, at_ns: int, line: str) -> None:
        """Add a line that belongs to the instant `at_ns`, counted from the night's beginning."""
        minute = at_ns // NS_PER_MINUTE
        if minute != self.minute:
            self._seal()
            self.minute = minute
        self.lines.append(line)

    def _seal(self) -> None:
        if self.lines:
            text = "\n".join([self.link, str(self.minute), *self.lines])
            self.link = hashlib.sha256(text.encode()).hexdigest()
            self.lines = []

    def digest(self) -> str:
        """The digest of everything added so far, hex. Adding may go on afterwards."""
        return Chain(self.link, self.minute, list(self.lines))._sealed()

    def _sealed(self) -> str:
        self._seal()
        return self.link


@register
@dataclass(slots=True)
class Transcript:
    """The two chains of a night: what came in, and what was said."""

    origin_ns: int
    inputs: Chain = field(default_factory=Chain)
    outputs: Chain = field(default_factory=Chain)

    def note_input(self, record: Input) -> None:
        """Write an input down; before lights-out it belongs to the minute it happened in, negative."""
        origin_ns = self.origin_ns
        quick = _QUICK.get(type(record), _general)
        self.inputs.add(record.at_ns - origin_ns, quick(record, origin_ns))

    def note_output(self, record: NightOutput) -> None:
        """Write an output down."""
        self.outputs.add(record.at_ns - self.origin_ns, canonical(record, self.origin_ns))
