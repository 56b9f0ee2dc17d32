"""The questions of the first evening, in order, as data; the terminal and the page ask the same ones.

Sources: who should only be watched and what blunts the signal are the exclusions and warnings of the one cleared
product and its trial (labelling of 2020; NCT04040387), seizures, psychosis, age and drowsiness among them or added with
caution; breathing, because nightmares follow it (PMC6223551). None of it is a diagnosis, and nothing here gives one.
"""

from __future__ import annotations

from vigil.interview.crisis import OTHER
from vigil.interview.crisis_rows import COUNTRIES
from vigil.interview.question import Choice, Condition, Kind, Lead, Offer, Question

NONE = "none"
"""The choice that nothing of a list applies."""

YES, NO = "yes", "no"

_ROOM_IS_FREE = (Condition("room", ("alone",)), Condition("agrees", (YES,)))
_OTHERS_ASLEEP = "Sound and light wait until nobody shares the room, or they agree."


def _yes_no(yes: Lead, no: Lead) -> tuple[Choice, ...]:
    return (Choice(YES, "yes", yes), Choice(NO, "no", no))


def _watched(choice: str, words: str, reason: str, turn_to: str) -> Choice:
    return Choice(choice, words, Lead(watch_only=reason, turn_to=turn_to, sets=(("nudging", False),)))


WEARABLE = Question(
    "wearable",
    "What do you wear at night?",
    "I need something that tells your heart rate and movement as they happen. Once we are done here, connect it by "
    "day: vigil pair.",
    Kind.ONE,
    (
        Choice("buzzes", "a Bangle.js or PineTime watch", Lead(note="Your watch tells what I need, and it can buzz.")),
        Choice(
            "silent",
            "a chest strap or armband, such as a Polar H10 or Verity Sense",
            Lead(
                note="Your strap tells what I need, but cannot buzz. A nudge needs a watch that can, a sound or a lamp."
            ),
        ),
        Choice(
            "not_live",
            "an Apple Watch, a Fitbit or a Garmin, as it comes",
            Lead(note="As it comes it gives no live data, so I cannot keep watch with it."),
        ),
        Choice("nothing", "something else, or nothing yet", Lead(note="Then there is nothing to watch with yet.")),
    ),
)

WAY = Question(
    "way",
    "After the first nights, what shall I do when I see signs of a nightmare?",
    "Vigil cannot tell a bad dream from a strong one. It may interrupt a dream you wanted. It can also only watch.",
    Kind.ONE,
    (
        Choice("nudge", "nudge me, as gently as works", Lead(sets=(("nudging", True),))),
        Choice("watch", "only watch", Lead(watch_only="You chose that I only watch.", sets=(("nudging", False),))),
    ),
    needed=True,
)

WATCHED = Question(
    "watched",
    "Does any of this apply to you?",
    "With one of these I only watch: a nudge could do harm, or something else deserves a look first.",
    Kind.SEVERAL,
    (
        _watched(
            "acts_out",
            "I act out dreams, or walk in my sleep",
            "You act out dreams or walk in your sleep.",
            "A doctor or a sleep clinic can help with that; until then, clear the room of what could hurt. Whoever is "
            "with you: call from a distance, do not hold.",
        ),
        _watched(
            "gasps",
            "I snore, with gasps or pauses",
            "You snore with gasps or pauses.",
            "Please ask a doctor about sleep apnoea. It can be treated, and dreams may get better with it.",
        ),
        _watched(
            "seizures",
            "I have, or had, seizures",
            "You have, or had, seizures.",
            "Please ask whoever treats you before anything wakes you at night. I do not notice seizures.",
        ),
        _watched(
            "under_18",
            "I am under 18",
            "You are under 18, and I was made for adults.",
            "Please tell a grown-up you trust about the nightmares, and ask a doctor together.",
        ),
        _watched(
            "psychosis",
            "I have, or had, psychosis or mania",
            "You have, or had, psychosis or mania.",
            "Please ask whoever treats you first: being woken may not be good for you.",
        ),
        _watched(
            "drowsy",
            "I get drowsy when I drive",
            "You get drowsy when you drive.",
            "Please do not drive while drowsy. A doctor can look for the cause.",
        ),
        _watched(
            "changed",
            "I have just started or stopped a medicine or alcohol",
            "You have just started or stopped a medicine or alcohol.",
            "It can change dreams for a while. Ask whoever prescribes it; do not stop alone. When it has settled: "
            "vigil setup --again watched",
        ),
        Choice(NONE, "none of these", alone=True),
    ),
    needed=True,
)

BLUNTED = Question(
    "blunted",
    "And any of this?",
    "I read your heart. Some things make it say less.",
    Kind.SEVERAL,
    (
        Choice(
            "beta_blocker",
            "a beta-blocker",
            Lead(note="A beta-blocker keeps the heart calm, so I will miss more. Please keep taking it."),
        ),
        Choice(
            "calcium",
            "verapamil or diltiazem (calcium-channel blockers)",
            Lead(note="Verapamil and diltiazem slow the heart, so I will miss more. Please keep taking them."),
        ),
        Choice(
            "fibrillation",
            "atrial fibrillation",
            Lead(note="With atrial fibrillation the heart beats unevenly, so I will be wrong more often, both ways."),
        ),
        Choice(
            "pacemaker",
            "a pacemaker",
            Lead(note="With a pacemaker the heart may not speed up with a dream, so I will miss more."),
        ),
        Choice(
            "prazosin",
            "prazosin (for the record)",
            Lead(note="Prazosin treats nightmares. I note it, and it changes nothing here. Please keep taking it."),
        ),
        Choice(NONE, "none of these", alone=True),
    ),
)

COUNTRY = Question(
    "country",
    "Which country are you in?",
    "So that I can show whom to call, should you ever want to.",
    Kind.ONE,
    (*(Choice(one.code, one.name) for one in COUNTRIES), Choice(OTHER, "another country")),
)

CONTACT = Question(
    "contact",
    "Whom would you call in a bad hour?",
    "Your own people can stand right after the emergency number. I call nobody myself.",
    Kind.TEXT,
)

NO_NUMBER = "There is no number in this line, so it is shown as a name that cannot be called: {}"
"""Said of a line of `CONTACT` that is kept all the same."""

SAFE_NOW = Question(
    "safe_now",
    "Do you have thoughts of ending your life, these days?",
    "I ask everybody this. The answer is not kept.",
    Kind.YES_NO,
    _yes_no(Lead(), Lead()),
    kept=False,
    shows_help=True,
    offers=Offer("I will keep watch without nudging, if you wish. Shall I?", "way", "watch"),
)

TALK_NOW = "Please talk to someone now:"
NOT_KEPT = "This answer is not kept."
STAYS = "I keep watch without nudging, as you chose."

BED_TIME = Question(
    "bed_time", "When do you usually put out the light?", "So that I know when a night begins.", Kind.TIME
)

WAKE_TIME = Question("wake_time", "And when do you get up?", "So that I know when it is morning.", Kind.TIME)

ROOM = Question(
    "room",
    "Does anybody share your room at night?",
    "A sound or a light wakes whoever sleeps near you, too.",
    Kind.ONE,
    (
        Choice("alone", "nobody", Lead(sets=(("room", "alone"),))),
        Choice("shared", "somebody does", Lead(sets=(("room", "unsaid"),))),
    ),
)

AGREES = Question(
    "agrees",
    "Did you ask them, and may I use a soft sound or a light?",
    "It is their sleep too.",
    Kind.YES_NO,
    _yes_no(Lead(sets=(("room", "agreed"),)), Lead(note=_OTHERS_ASLEEP, sets=(("room", "unsaid"),))),
    asked_when=(Condition("room", ("shared",)),),
)

OUTPUTS = Question(
    "outputs",
    "How may I nudge you? What you like best first.",
    "I begin so softly that it may not reach you, and go up only if it does not.",
    Kind.SEVERAL,
    (
        Choice("vibration", "a buzz on the wrist"),
        Choice(
            "sound",
            "a soft sound",
            Lead(note="Tell me by day which loudspeaker: vigil test-nudge --find"),
            offered_when=_ROOM_IS_FREE,
            not_offered=_OTHERS_ASLEEP,
        ),
        Choice(
            "light",
            "a lamp that slowly lights",
            Lead(note="Tell me by day which lamp: [light] in settings.toml"),
            offered_when=_ROOM_IS_FREE,
            not_offered=_OTHERS_ASLEEP,
        ),
    ),
    asked_when=(Condition("way", ("nudge",)), Condition("watched", (NONE,))),
    ordered=True,
)

SIGNAL_LOST = Question(
    "signal_lost",
    "If I lose the signal at night, what then? I never wake you for it.",
    "A strap slips, a battery runs out.",
    Kind.ONE,
    (
        Choice("morning", "tell me in the morning", Lead(sets=(("on_signal_lost", "morning"),))),
        Choice(
            "person",
            "tell my person",
            Lead(
                note="It needs an address, under [person] in settings.toml. Until then I tell you in the morning.",
                sets=(("on_signal_lost", "person"),),
            ),
        ),
        Choice(
            "lamp",
            "let a lamp go out",
            Lead(
                note="It needs a lamp that I can switch: [light] in settings.toml", sets=(("on_signal_lost", "lamp"),)
            ),
        ),
    ),
)

QUESTIONS = (
    WEARABLE,
    WAY,
    WATCHED,
    BLUNTED,
    COUNTRY,
    CONTACT,
    SAFE_NOW,
    BED_TIME,
    WAKE_TIME,
    ROOM,
    AGREES,
    OUTPUTS,
    SIGNAL_LOST,
)
"""In the order in which they are asked. Country and contact come before `safe_now`, so that its help is at hand."""

BY_ID = {question.id: question for question in QUESTIONS}

FIRST_NIGHTS = "Tonight I only watch. I will not wake you, even from a nightmare."
EACH_EVENING = (
    "On an evening with a drink, a sleeping pill, an illness or a guest in the room, one word makes me stricter until "
    "morning: vigil evening drink"
)
TRY_BY_DAY = "Try the nudges by day, before you need them: vigil test-nudge"
"""What is said at the end."""
