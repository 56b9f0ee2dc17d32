"""Tables of false nudges: at each operating point, by stage and kind, by data set, and of nights without stages."""

from __future__ import annotations

from vigil.app.evidence.shown import POINT_WORDS, UNKNOWN, Json, at, number, one_decimal, percent
from vigil.app.evidence.tables import Table
from vigil.domain.explain import KIND_WORDS
from vigil.domain.nudges import EpisodeKind

A_NIGHT = "A night is 8 h of scored sleep."


def false_nudges(part: Json) -> Table:
    """What each threshold costs an ordinary night."""
    rows = []
    for point, words in POINT_WORDS.items():
        one = at(part, f"false_alarms.{point}")
        factor = at(part, f"operating_points.{point}")["factor"]
        rates = (number(one[f"{key}_per_8h_sleep"]) for key in ("nudges", "suspicions", "nudges_on_wake"))
        shown = UNKNOWN if factor is None else f"{factor:.2f}"
        rows.append((words, shown, *rates, percent(one["nights_with_none"])))
    head = ("point", "threshold", "false nudges", "suspicions", "nudges on scored wake", "nights with none")
    alarms = part["false_alarms"]
    note = (
        f"Per 8 h of scored sleep ({alarms['nights']} nights, {alarms['people']} people, {alarms['sleep_h']:.0f} h "
        f"asleep). Threshold: times the shipped one. A dash: no threshold tried is so rare. "
        f"Blind: {percent(part['blind_share'])} of the recording."
    )
    return Table("At each threshold", head, tuple(rows), note)


def by_stage_and_kind(part: Json) -> Table:
    """Where and as what, at the shipped threshold."""
    one = at(part, "false_alarms.as_shipped")
    stages = [
        (f"nudges in {row['stage'].upper()}", number(row["nudges_per_8h_stage"]), "8 h of that stage")
        for row in one["by_stage"]
    ]
    kinds = [
        (f"suspicions: {KIND_WORDS[EpisodeKind(row['kind'])]}", number(row["suspicions_per_8h_sleep"]), "8 h of sleep")
        for row in one["by_kind"]
    ]
    return Table("By stage and kind, as shipped", ("", "how many", "per"), (*stages, *kinds))


def recorded(part: Json) -> Table:
    """Nights without stages, and all whose apnoea index is known: per 8 h of recording."""
    rows = []
    for one in (part["unscored"], *part["by_ahi"]):
        if one["nights"]:
            rates = (number(one[key]["nudges_per_8h_recorded"]) for key in ("at_0_1", "at_0_5", "as_shipped"))
            words = one["of"] if one is part["unscored"] else f"apnoea index {one['of']}"
            rows.append((words, f"{one['nights']} / {one['people']}", *rates, percent(one["blind_share"])))
    head = ("", "nights / people", "nudges at 0.1 a night", "at 0.5 a night", "as shipped", "blind")
    note = "Per 8 h of recording, not of sleep, at the thresholds chosen on the nights with stages."
    return Table("Nights told by the hour recorded", head, tuple(rows), note)


def by_source(evidence: Json) -> Table:
    """Each data set alone."""
    rows = []
    for one in evidence["by_source"]:
        three = at(one, "staging.wake_nrem_rem")
        shipped = at(one, "false_alarms.as_shipped")["nudges_per_8h_sleep"]
        if shipped["value"] is None:
            shipped = at(one, "unscored.as_shipped")["nudges_per_8h_recorded"]
        cells = (number(three["kappa"]), percent(three["accuracy"]), number(shipped))
        blind = one["blind_share"] if one["blind_share"]["value"] is not None else one["unscored"]["blind_share"]
        sensors = ", ".join(one["sensors"])
        rows.append((one["source"], sensors, f"{one['nights']} / {one['people']}", *cells, percent(blind)))
    head = ("data", "sensors", "nights / people", "κ, three classes", "accuracy", "nudges a night, as shipped", "blind")
    note = "Per 8 h of scored sleep; of recording where nothing is scored."
    return Table("By data set", head, tuple(rows), note)


def elsewhere(evidence: Json) -> Table:
    """Thresholds chosen on one data set, carried to another."""
    rows = [
        (f"chosen on {one['source']}", f"on {other['source']}", *(number(other[point]) for point in POINT_WORDS))
        for one in evidence["by_source"]
        for other in one["elsewhere"]
    ]
    head = ("", "", *POINT_WORDS.values())
    note = "False nudges per 8 h of scored sleep, or of recording where nothing is scored."
    return Table("Thresholds carried from one data set to another", head, tuple(rows), note)


def meaning(part: Json) -> Table:
    """Of ten nudges, how many would meet a nightmare."""
    rows = []
    for point, words in POINT_WORDS.items():
        one = at(part, f"meaning.{point}")
        often = (one_decimal(one[f"of_ten_nudges_at_{count}_a_week"]) for count in (1, 3, 7))
        rows.append((words, percent(one["noticed"]), *often))
    head = ("point", "nightmares noticed", "of ten nudges, at 1 a week", "at 3 a week", "at 7 a week")
    note = (
        "Over an assumed mixture of nightmares: 35 % silent, 45 % moderate, 20 % strong. Noticed: within 300 s of the "
        "onset. Of ten nudges: how many would meet a nightmare, at so many nightmares a week."
    )
    return Table("What it would mean", head, tuple(rows), note)
