"""What the figures do not show. It stands wherever they do."""

from __future__ import annotations

CAVEATS = (
    "No night anywhere public has a nightmare marked in it. The nightmares are added: shapes and sizes from the "
    "literature, laid over real nights. A real one may look different, and about a third may hardly show at all.",
    "The sleepers are ordinary ones, mostly healthy. Nobody here was recorded because of nightmares, and people with "
    "trauma have faster and more restless nights. Children, the old, and those on drugs that slow the heart are few or "
    "missing.",
    "Few have apnoea or leg movements, both of which look like small surges again and again: those figures are wide.",
    "Wrist sensors of a few makes, and ECG. Another watch may be slower, coarser, or wrong while the arm moves.",
    "A recording cannot answer: how a body takes to a nudge, and whether it ends a dream, is assumed and not measured.",
    "What share of nightmares is silent, moderate or strong is an assumption. Figures by class do not depend on it.",
    "Every nudge on an untouched night counts as false, though some may have met a bad dream that nobody wrote down. "
    "Vigil cannot tell a bad dream from a strong one.",
    "Sleep was scored by people, who agree with one another on about four epochs in five.",
)
"""The last: Danker-Hopfe 2009, J Sleep Res 18(1): 82 % between laboratories under the AASM's rules."""

SINCE = (
    "The figures of 2026-11-22 were measured before a heart rate that leaps had to be borne out by three more "
    "(`signal/jumps.py`), and have not been measured anew. On ten nights of sleep-accel, all seen in fitting, as "
    "shipped, that rule costs: κ (wake/NREM/REM) 0.62 before and 0.61 now, accuracy 84 and 83 %, wake noticed 50 and "
    "45 %, strong nightmares found within 300 s 67 and 62 %, after 135 and 140 s (median); no false nudge before or "
    "now. Measured on 2026-11-27 with `vigil evaluate NIGHTS --seed 1 --placements 300`, NIGHTS being the first ten by "
    "name.",
)
"""Of docs/evidence.md alone: what has changed since its figures were measured. Empty once they are measured anew. The
two trees were 9d6f431 and b95b479."""
