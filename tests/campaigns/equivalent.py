"""Mutants that no test can notice, each with why: what they change makes no difference to what is allowed or said."""

from __future__ import annotations

_REFUSES = "anything but True refuses, None as well as False"
_SAME_ZERO = "a cap of 0 is 0 by either branch"
_ALL_NAMED = "every quality but GOOD is in the table, and for GOOD the rule holds, so that its code is not looked at"
_BEFORE_A_START = "before any start nothing is allowed, any instant is believed, and a start sets it"

EQUIVALENT: dict[str, str] = {
    "guard.py: return value if type(value) is int and is_whole(value, 0) else 0 => "
    "return value if type(value) is int and is_whole(value, 1) else 0": _SAME_ZERO,
    "guard.py: return (_rule(False, ReasonCode.BROKEN_NUMBER),) => "
    "return (_rule(None, ReasonCode.BROKEN_NUMBER),)": _REFUSES,
    "guard.py: return (_rule(False, ReasonCode.BROKEN_NUMBER),) => "
    "return (_rule(None, ReasonCode.BROKEN_NUMBER),) #2": _REFUSES,
    "guard.py: _rule(quality is Quality.GOOD, QUALITY_CODES.get(quality, ReasonCode.DATA_BAD)), => "
    "_rule(quality is Quality.GOOD, QUALITY_CODES.get(quality, None)),": _ALL_NAMED,
    "guard.py: _rule(quality is Quality.GOOD, QUALITY_CODES.get(quality, ReasonCode.DATA_BAD)), => "
    "_rule(quality is Quality.GOOD, QUALITY_CODES.get(quality, )),": _ALL_NAMED,
    "guard_memory.py: FOREVER_NS = 2 * MAX_INSTANT_NS => FOREVER_NS = 3 * MAX_INSTANT_NS": (
        "three times the last instant is no less than for ever"
    ),
    'guard_memory.py: boot_id: str = "" => boot_id: str = None': _BEFORE_A_START,
    'guard_memory.py: boot_id: str = "" => boot_id: str = "XXXX"': _BEFORE_A_START,
    "guard_memory.py: last_ns: int = 0 => last_ns: int = 1": _BEFORE_A_START,
    "guard_memory.py: warm_ns: int = 0 => warm_ns: int = 1": _BEFORE_A_START,
    "guard_memory.py: episode: int = 0 => episode: int = None": _BEFORE_A_START,
    "guard_memory.py: episode: int = 0 => episode: int = 1": _BEFORE_A_START,
    "guard_memory.py: level: int = 0 => level: int = 1": _BEFORE_A_START,
    "guard_memory.py: over: bool = False => over: bool = None": "None is as much no as False",
    "permits.py: self._used = False => self._used = None": "None is as much no as False",
    "permits.py: Mint = Callable[[int, NudgeRequest, int], Permit] => Mint = None": (
        "a name for a type, looked at by the type checker alone, which refuses None"
    ),
    "permits.py: _claimed.append(True) => _claimed.append(False)": "claimed is that anything is in the list",
    "permits.py: _claimed.append(True) => _claimed.append(None)": "claimed is that anything is in the list",
}
