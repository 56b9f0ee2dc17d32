"""The loop of a night: inputs are pushed, outputs come back. The same for live, replay and cohort.

The night runs on a grid that starts at lights-out. Whenever an input shows that time has passed a grid instant, the
step of that instant is taken first, so it does not matter how inputs are cut up or how many ticks there are. An input
at exactly a grid instant counts in that step; a tick at a grid instant closes it, and whatever is pushed afterwards
must be later (`run` sees to it).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from vigil.control.controller import Controller
from vigil.domain.errors import SnapshotError
from vigil.domain.nudges import Action
from vigil.domain.plain import dumps, loads, register
from vigil.domain.records import SAMPLES, Input, NightBegan, NightClosed, NightEnded, NightOutput, Tick
from vigil.domain.samples import Contact
from vigil.domain.settings import Profile, Settings
from vigil.domain.troubles import Trouble, TroubleKind
from vigil.domain.units import EPOCH_NS, MAX_INSTANT_NS, NS_PER_MINUTE, STEP_NS, STEP_S
from vigil.engine.engine import SleepEngine
from vigil.engine.episode_bounds import EpisodeBounds
from vigil.engine.follower import EngineLook, Follower
from vigil.engine.parameters import Parameters
from vigil.night.deciding import decide
from vigil.night.gaps import stood_still
from vigil.night.given import LastPermit
from vigil.night.health import Health, is_sound
from vigil.night.transcript import Transcript

MAX_JUMP_NS = 26 * 60 * NS_PER_MINUTE
"""An input further ahead than this cannot be the same night (DESIGN section 5 counts in 18 h): its clock is broken."""

MOST_EARLY = 20_000
"""Inputs from before lights-out that are written into the transcript: hours of them; of more, the latest."""

SNAPSHOT_VERSION = 6

_PLAIN = SAMPLES - {Contact}
"""Samples that only the engine and the transcript take."""


@register
@dataclass(slots=True)
class _State:
    """Everything a night is at an instant; what `snapshot` writes down."""

    version: int
    engine: SleepEngine
    follower: Follower
    controller: Controller
    settings: Settings
    profile: Profile
    parameters_digest: str
    transcript: Transcript = field(default_factory=lambda: Transcript(0))
    began: NightBegan | None = None
    early: deque[Input] = field(default_factory=lambda: deque(maxlen=MOST_EARLY))
    closed: bool = False
    latest_ns: int = -MAX_INSTANT_NS
    next_step_ns: int = 0
    open_ns: int = 0
    shut_ns: int = 0
    """samples of (open_ns, shut_ns] belong to the step under way; nothing does before lights-out and after the night"""
    steps: int = 0
    watched_steps: int = 0
    nudges: int = 0
    health: Health = field(default_factory=Health)
    broken_clock: int = 0
    late: int = 0
    last_permit: LastPermit = field(default_factory=LastPermit)


class NightWatch:
    """One night. `push` every input in order of its instant; `parameters` are shared and never change.

    Nothing raised by bad data: an input whose instant is impossible is left out and counted.
    """

    __slots__ = ("_parameters", "_state")

    def __init__(
        self, parameters: Parameters, settings: Settings | None = None, profile: Profile | None = None
    ) -> None:
        settings, profile = settings or Settings(), profile or Profile()
        self._parameters = parameters
        self._state = _State(
            SNAPSHOT_VERSION,
            SleepEngine.start(parameters),
            follower_of(parameters, settings, profile),
            Controller.with_settings(settings),
            settings,
            profile,
            parameters.digest,
        )

    # -- the loop ------------------------------------------------------------------------------------------

    def push(self, record: Input) -> tuple[NightOutput, ...]:
        """Take one input; returns what the night says, oldest first. After the night is closed: nothing."""
        state, at_ns = self._state, record.at_ns
        if state.open_ns < at_ns <= state.shut_ns and type(record) in _PLAIN:
            # By far the most inputs: a sample within the step under way. What `_push` would ask of it is so.
            state.latest_ns = max(state.latest_ns, at_ns)
            state.transcript.note_input(record)
            state.engine.take(record)
            return ()
        return self._push(record)

    def _push(self, record: Input) -> tuple[NightOutput, ...]:
        state = self._state
        if state.closed or not self._fits(record.at_ns):
            return ()
        before_ns, state.latest_ns = state.latest_ns, max(state.latest_ns, record.at_ns)
        if state.began is None:
            return self._before_lights_out(record)
        if record.at_ns <= state.next_step_ns and type(record) in SAMPLES:
            self._take(record)
            return ()
        outputs: list[NightOutput] = []
        if (gap := stood_still(record, before_ns)) is not None:
            state.engine.stand_still(*gap)
        closing = isinstance(record, Tick | NightEnded)
        self._advance(record.at_ns if closing else record.at_ns - 1, outputs)
        if not isinstance(record, Tick):
            self._take(record)
            if isinstance(record, NightEnded):
                self._close(record, outputs)
        for output in outputs:
            state.transcript.note_output(output)
        return tuple(outputs)

    def _fits(self, at_ns: int) -> bool:
        """Whether an instant can belong to this night; counts it if not."""
        latest = self._state.latest_ns
        fits = abs(at_ns) < MAX_INSTANT_NS and (latest == -MAX_INSTANT_NS or at_ns - latest <= MAX_JUMP_NS)
        self._state.broken_clock += not fits
        return fits

    def _before_lights_out(self, record: Input) -> tuple[NightOutput, ...]:
        """What comes before lights-out warms the estimators and binds the guard; nothing is decided."""
        state = self._state
        if isinstance(record, Tick):
            return ()
        state.engine.take(record)
        state.controller.note(record)
        if isinstance(record, NightBegan):
            state.began = record
            state.transcript = Transcript(record.at_ns)
            self._open(record.at_ns)
            state.engine.begin(record)
            for early in state.early:
                state.transcript.note_input(early)
            state.early.clear()
            state.transcript.note_input(record)
        else:
            state.early.append(record)
        return ()

    def _advance(self, until_ns: int, outputs: list[NightOutput]) -> None:
        """Take every step due up to and including `until_ns`."""
        while (step_ns := self._state.next_step_ns) <= until_ns:
            self._step(step_ns, outputs)
            self._open(step_ns)

    def _open(self, from_ns: int) -> None:
        """The step after `from_ns` is under way."""
        state = self._state
        state.open_ns, state.next_step_ns = from_ns, from_ns + STEP_NS
        state.shut_ns = min(state.next_step_ns, MAX_INSTANT_NS - 1)

    def _take(self, record: Input) -> None:
        """A sample from before the last step is too late for causality and is left out; any other input counts."""
        state = self._state
        sample = type(record) in SAMPLES
        if sample and state.steps and record.at_ns <= state.next_step_ns - STEP_NS:
            state.late += 1
            return
        state.transcript.note_input(record)
        state.engine.take(record)
        if not sample or isinstance(record, Contact):
            state.controller.note(record)
            self._expect_answer(record)
            if isinstance(record, Trouble) and record.kind is TroubleKind.ENGINE_SLOW:
                state.health.fail(record.at_ns)

    def _expect_answer(self, record: Input) -> None:
        """A nudge that was really given shows in the signals: it shakes the wrist, and the heart answers."""
        answered = self._state.last_permit.answered(record)
        if answered is None:
            return
        self._state.engine.expect_echo(answered.echo_until_ns)
        self._state.follower.expect_echo(answered.echo_until_ns)
        if answered.blanked is not None:
            self._state.engine.blank_movement(*answered.blanked)

    def _step(self, at_ns: int, outputs: list[NightOutput]) -> None:
        state = self._state
        state.steps += 1
        epoch_end = self._ends_epoch(at_ns)
        look, decision = self._look(at_ns, outputs), None
        if look is None:
            decision = state.controller.stand_still(at_ns, epoch_end=epoch_end)
        else:
            outputs.extend(look.outputs)
            state.watched_steps += look.watchable
            if not state.engine.stood_still_at(at_ns):  # nobody was there to decide, or knew what had been spent
                decision = decide(state.controller, look, epoch_end=epoch_end)
        if decision is not None:
            outputs.append(decision)
            state.nudges += decision.action is Action.NUDGE
            if decision.permit is not None:
                state.last_permit.issue(decision.permit)

    def _look(self, at_ns: int, outputs: list[NightOutput]) -> EngineLook | None:
        """What the engine says, or None where it cannot be relied on; what was perceived is kept all the same."""
        state = self._state
        perceived: tuple[NightOutput, ...] = ()
        try:
            seen = state.engine.perceive(at_ns, self._parameters)
            perceived = seen.outputs
            if not state.health.off:
                look = state.follower.look(seen, state.engine)
                if is_sound(look):
                    return look
        except Exception:  # noqa: S110 — whatever the detector does, the night goes on without its word (F21)
            pass
        outputs.extend(perceived)
        if not state.health.off:
            state.health.fail(at_ns)
        return None

    def _ends_epoch(self, at_ns: int) -> bool:
        began = self._state.began
        return began is not None and (at_ns - began.at_ns) % EPOCH_NS == 0

    def _close(self, record: NightEnded, outputs: list[NightOutput]) -> None:
        state = self._state
        began_ns = state.transcript.origin_ns
        outputs.extend(state.follower.end(record.at_ns))
        outputs.append(
            NightClosed(
                at_ns=record.at_ns,
                began_ns=began_ns,
                watched_s=state.watched_steps * STEP_S,
                blind_s=(state.steps - state.watched_steps) * STEP_S,
                nudges=state.nudges,
                left_out=self._left_out(),
            )
        )
        state.closed = True
        state.shut_ns = state.open_ns

    def _left_out(self) -> tuple[tuple[str, int], ...]:
        counts = self._state.engine.left_out()
        counts["broken_clock"] = self._state.broken_clock
        counts["too_late"] = self._state.late
        return tuple(sorted((name, count) for name, count in counts.items() if count))

    # -- what it was, and where it stands --------------------------------------------------------------------

    @property
    def digests(self) -> dict[str, str]:
        """SHA-256, hex, of the inputs and outputs so far and of what the night runs with."""
        state = self._state
        return {
            "inputs": state.transcript.inputs.digest(),
            "parameters": state.parameters_digest,
            "settings": state.settings.digest,
            "profile": state.profile.digest,
            "outputs": state.transcript.outputs.digest(),
        }

    def snapshot(self) -> str:
        """The night as text, from which `restore` goes on to the same digest, on this or another machine."""
        return dumps(self._state)

    @classmethod
    def restore(cls, text: str, parameters: Parameters) -> NightWatch:
        """A night from its snapshot; raises SnapshotError if the text or the parameters are not the right ones."""
        state = loads(text)
        if not isinstance(state, _State) or state.version != SNAPSHOT_VERSION:
            message = "this is not a snapshot of a night by this version; start the night anew"
            raise SnapshotError(message)
        if state.parameters_digest != parameters.digest:
            message = "the snapshot was made with other parameters; start the night anew"
            raise SnapshotError(message)
        watch = cls.__new__(cls)
        watch._parameters = parameters
        watch._state = state
        return watch


def follower_of(parameters: Parameters, settings: Settings, profile: Profile) -> Follower:
    """The follower of a night: what is asked for is multiplied by what the person chose and by what was learned."""
    return Follower.of(EpisodeBounds.of(parameters.episodes), settings.threshold_factor * profile.threshold_factor)
