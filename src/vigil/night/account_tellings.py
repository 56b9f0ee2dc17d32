"""The sentences of each kind of event in a night's account, and the words of each cause of blindness: data only."""

from __future__ import annotations

from typing import NamedTuple

from vigil.night.account_events import AccountKind
from vigil.night.blindness import BlindCause


class Telling(NamedTuple):
    """The sentence of a kind. one: of a single event; many: of several; then: what Vigil did, and what to do.

    {when} is a time or a span, {span} from the first of several to the last, {times} how often, {lasted} how long in
    all; {number}, {about} and {why} come from the event.
    """

    one: str
    many: str
    then: str


_QUIETLY = "I did not nudge meanwhile"

TELLINGS: dict[AccountKind, Telling] = {
    AccountKind.POWER_LOST: Telling(
        "Power was lost or the computer restarted {when}, and I saw nothing for {number}",
        "Power was lost or the computer restarted {times} {span}, and I saw nothing for {lasted} in all",
        "What was kept before is still there; please check how the computer gets its power",
    ),
    AccountKind.RESTARTED: Telling(
        "I restarted {when}, and saw nothing for {number}",
        "I restarted {times} {span}, and saw nothing for {lasted} in all",
        "I went on watching, and did not nudge in the five minutes after; if it comes again, run vigil doctor",
    ),
    AccountKind.SLEPT: Telling(
        "The computer slept {when}, and I saw nothing",
        "The computer slept {times} {span}, {lasted} in all, and I saw nothing",
        "Please keep it awake at night: plugged in, and with its lid open",
    ),
    AccountKind.CLOCK_STEPPED: Telling(
        "The computer's clock moved by {number} {when}",
        "The computer's clock moved {times} {span}",
        "I waited five minutes each time, and limits were counted without it; there is nothing to do",
    ),
    AccountKind.NEVER: Telling(
        "No heart rate had come {when}",
        "No heart rate had come {times} {span}, {lasted} in all",
        "I could not watch before it came; please put the band on some minutes before bed",
    ),
    AccountKind.STALE: Telling(
        "There was no heart rate {when}",
        "There was no heart rate {times} {span}, {lasted} in all",
        f"{_QUIETLY}; a band worn a little tighter loses it less often",
    ),
    AccountKind.FLAT: Telling(
        "The heart rate did not change {when}, so I did not believe it",
        "The heart rate did not change {times} {span}, {lasted} in all, so I did not believe it",
        f"{_QUIETLY}; please check how the band sits",
    ),
    AccountKind.DOUBLED: Telling(
        "The sensor sent its values twice {when}",
        "The sensor sent its values twice {times} {span}, {lasted} in all",
        f"{_QUIETLY}; restarting the band by day may help",
    ),
    AccountKind.BAD: Telling(
        "The sensor sent values that cannot be {when}",
        "The sensor sent values that cannot be {times} {span}, {lasted} in all",
        f"{_QUIETLY}; please check how the band sits",
    ),
    AccountKind.OFF_WRIST: Telling(
        "The band seemed off your wrist {when}",
        "The band seemed off your wrist {times} {span}, {lasted} in all",
        "I took that as a stop; if you wore it, please wear it a little tighter",
    ),
    AccountKind.LINK_LOST: Telling(
        "The band was out of reach {when}",
        "The band was out of reach {times} {span}, {lasted} in all",
        f"{_QUIETLY}; please keep the computer within a few metres of the bed",
    ),
    AccountKind.OUTPUT_NOT_READY: Telling(
        "The {about} was not ready {when}: {why}",
        "The {about} was not ready {times} {span}: {why}",
        "I did not use it; please try it by day with vigil test-nudge",
    ),
    AccountKind.OUTPUT_FAILED: Telling(
        "The {about} did not do as asked {when}: {why}",
        "The {about} did not do as asked {times} {span}: {why}",
        "I stopped using it for the night; please try it by day with vigil test-nudge",
    ),
    AccountKind.OUTPUT_AWAY: Telling(
        "The {about} was out of reach {when}, when a nudge was due",
        "The {about} was out of reach {times} {span}, {lasted} in all, when a nudge was due",
        "That nudge counted as given; I use it again once it is back, so please keep it within a few metres",
    ),
    AccountKind.STOPPED: Telling(
        "Stopped {when}, as you asked",
        "Stopped {times} {span}, {lasted} in all, as you asked",
        "I only watched meanwhile",
    ),
    AccountKind.DISK_LOW: Telling(
        "The disk was almost full {when} ({number} left)",
        "The disk was almost full {times} {span}, {lasted} in all",
        "I only watched meanwhile; please make room on it",
    ),
    AccountKind.DISK_FULL: Telling(
        "The disk was full {when}",
        "The disk was full {times} {span}, {lasted} in all",
        "I did not nudge, and kept in memory what I could; please make room on it",
    ),
    AccountKind.DISK_UNWRITABLE: Telling(
        "The disk could not be written {when}",
        "The disk could not be written {times} {span}, {lasted} in all",
        "I did not nudge, and kept in memory what I could; please look at it with vigil doctor",
    ),
    AccountKind.STORE_DAMAGED: Telling(
        "The file of your nights was found damaged {when}",
        "The file of your nights was found damaged {times} {span}",
        "I kept a copy, began a new one and counted the limit as reached; to take back what is gone: vigil restore",
    ),
    AccountKind.COMPUTER_BATTERY: Telling(
        "The computer ran on its battery, which was low {when} ({number})",
        "The computer ran on its battery, which was low {times} {span}, {lasted} in all",
        "I only watched meanwhile; please plug it in at night",
    ),
    AccountKind.ENGINE_SLOW: Telling(
        "The computer was too slow for me {when}",
        "The computer was too slow for me {times} {span}",
        "I did not nudge on what came late; please close what else runs on it at night",
    ),
    AccountKind.ZONE_CHANGED: Telling(
        "Local time moved by {number} {when} (summer time, or a journey)",
        "Local time moved {times} {span} (summer time, or a journey)",
        "Times shown here go on from lights-out; there is nothing to do",
    ),
    AccountKind.HOUSE_DOWN: Telling(
        "I had to restart {number} times within ten minutes and stayed down {when}",
        "I had to restart too often and stayed down {times} {span}",
        "Nothing was watched then; please look at it with vigil doctor",
    ),
    AccountKind.NOT_TOLD: Telling(
        "The signal was lost for long {when}, and what you chose for that did not work",
        "The signal was lost for long {times} {span}, and what you chose for that did not work",
        "I went on watching; please look at your person's address, or at your lamp",
    ),
    AccountKind.MAY_SLEEP: Telling(
        "What keeps the computer awake was lost {when}",
        "What keeps the computer awake was lost {times} {span}",
        "I asked for it anew, and went on watching; please leave it plugged in and its lid open",
    ),
    AccountKind.OTHER_BAND: Telling(
        "Another band than yours was in reach {when}, and yours was not",
        "Another band than yours was in reach {times} {span}, and yours was not",
        "I left it alone; if it is yours, please pair it by day with vigil pair",
    ),
    AccountKind.BAND_CLOCK: Telling(
        "The band's clock and mine moved apart by {number} {when}",
        "The band's clock and mine moved apart {times} {span}",
        "I went by mine; there is nothing to do",
    ),
    AccountKind.LIMIT_REACHED: Telling(
        "There were signs {when} when the limit of nudges was reached",
        "There were signs {times} {span} when the limit of nudges was reached",
        "I stayed within it",
    ),
    AccountKind.LEDGER_UNREADABLE: Telling(
        "The record of earlier nudges could not be read {when}, so the limit counted as reached",
        "The record of earlier nudges could not be read {times} {span}, so the limit counted as reached",
        "I only watched; please look at it with vigil doctor",
    ),
    AccountKind.ENGINE_FAILED: Telling(
        "The part that looks for signs stood still {when}",
        "The part that looks for signs stood still {times} {span}, {lasted} in all",
        "I did not nudge, and went on recording; if it comes again, run vigil doctor",
    ),
    AccountKind.CLOCK_DOUBTFUL: Telling(
        "Time moved in a way that cannot be right {when}",
        "Time moved in a way that cannot be right {times} {span}",
        "I did nothing then; if it comes again, run vigil doctor",
    ),
    AccountKind.BROKEN_NUMBER: Telling(
        "A number of mine was broken {when}",
        "A number of mine was broken {times} {span}",
        "I did nothing then; if it comes again, run vigil doctor",
    ),
    AccountKind.NO_OUTPUT: Telling(
        "There were signs {when}, but nothing to nudge with was ready",
        "There were signs {times} {span}, but nothing to nudge with was ready",
        "I only watched; please try it by day with vigil test-nudge",
    ),
    AccountKind.WEARABLE_BATTERY: Telling(
        "The battery of what you wear was low {when} ({number} at the least)",
        "The battery of what you wear was low {times} {span}",
        "Please charge it before bed; of two wearables, both",
    ),
}
"""A row a kind; a test holds that none is missing."""

CAUSE_WORDS = {
    BlindCause.POWER_LOST: "power was lost or the computer restarted",
    BlindCause.RESTARTED: "I restarted",
    BlindCause.SLEPT: "the computer slept",
    BlindCause.ENGINE_FAILED: "the part that looks for signs stood still",
    BlindCause.NEVER: "no heart rate had come yet",
    BlindCause.STALE: "no heart rate",
    BlindCause.FLAT: "a heart rate that did not change",
    BlindCause.DOUBLED: "values that came twice",
    BlindCause.BAD: "values that cannot be",
    BlindCause.OFF_WRIST: "off the wrist",
    BlindCause.LINK_LOST: "out of reach",
    BlindCause.WARMING_UP: "waiting until it could be trusted",
    BlindCause.NOT_KEPT: "minutes that were not kept",
}
