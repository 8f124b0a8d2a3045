"""Reading an engine's answer. Anything but exactly what was asked for is `engine.malformed`."""

from collections.abc import Mapping, Sequence

from policy.canonical import JSON, canonical
from policy.errors import EngineError
from policy.projection import Projected
from policy.verdicts import Code, Finding, Verdict


def echoed(answer: Mapping[str, JSON], required: Mapping[str, Sequence[str]]) -> None:
    """Check that the engine requires of each subject the rules that we require.

    Raises:
        EngineError: `engine.malformed`, it worked from other data than ours.
    """
    echo = answer.get("required")
    if not isinstance(echo, Mapping) or set(echo) != set(required):
        raise EngineError("engine.malformed", "the engine does not say what it required")
    for subject, names in required.items():
        listed(echo[subject], names)


def listed(value: JSON, expected: Sequence[str]) -> None:
    """Check that `value` lists what is expected, in any order; raises EngineError."""
    # Sets leave an engine as lists, each engine in an order of its own.
    items = value if isinstance(value, list | tuple) else [None]
    if sorted(items, key=canonical) != sorted(expected, key=canonical):
        raise EngineError(
            "engine.malformed", "the engine worked from other data than this revision's"
        )


def spoken(answer: Mapping[str, JSON], names: Sequence[str]) -> dict[str, JSON]:
    """Return `holds` by rule, with exactly the required names.

    Raises:
        EngineError: `engine.malformed`, a rule is missing or was not asked for.
    """
    holds = answer.get("holds")
    if not isinstance(holds, Mapping) or set(holds) != set(names):
        raise EngineError("engine.malformed", "the rules that spoke are not those required")
    return dict(holds)


def refusals(answer: Mapping[str, JSON], rule: str) -> dict[str | None, tuple[Code, ...]]:
    """Return the codes of one rule by profile id, sorted; by None for request and path rules."""
    parts = answer.get("refusals")
    entries = parts.get(rule) if isinstance(parts, Mapping) else None
    if not isinstance(entries, list | tuple):
        raise EngineError("engine.malformed", f"{rule} explains nothing")
    found: dict[str | None, list[Code]] = {}
    for entry in sorted(entries, key=canonical):
        profile, code = _refusal(rule, entry)
        found.setdefault(profile, []).append(code)
    return {profile: tuple(codes) for profile, codes in found.items()}


def judged(
    rule: str, holds: JSON, codes: Mapping[str | None, tuple[Code, ...]], projected: Projected
) -> tuple[Finding, ...]:
    """Return the finding on every distinct projection."""
    asked = {str(place) for place, found in enumerate(projected.distinct) if found.asked}
    passed = _ids(rule, holds)
    settled = {str(place) for place, found in enumerate(projected.distinct) if found.settled}
    if not passed <= asked - settled or not codes.keys() <= asked - passed:
        raise EngineError("engine.malformed", f"{rule} speaks of what it was not asked")
    return tuple(
        Finding(Verdict.UNKNOWN, (Code(f"{rule}.unknown", {"attributes": list(found.missing)}),))
        if not found.asked
        else _finding(rule, str(place) in passed, codes.get(str(place), ()))
        for place, found in enumerate(projected.distinct)
    )


def plain(rule: str, holds: JSON, codes: Mapping[str | None, tuple[Code, ...]]) -> Finding:
    """Return the finding of a request or path rule."""
    if not isinstance(holds, bool) or codes.keys() - {None} or (holds and codes):
        raise EngineError("engine.malformed", f"{rule} must say true or false, and then why")
    return _finding(rule, holds, codes.get(None, ()))


def _finding(rule: str, held: bool, codes: tuple[Code, ...]) -> Finding:  # noqa: FBT001
    if held:
        return Finding(Verdict.YES)
    return Finding(Verdict.NO, codes or (Code(f"{rule}.unexplained"),))


def _ids(rule: str, holds: JSON) -> set[str]:
    if not isinstance(holds, list | tuple):
        raise EngineError("engine.malformed", f"{rule} must list the profiles that hold")
    ids = {item for item in holds if isinstance(item, str)}
    if len(ids) != len(holds):
        raise EngineError("engine.malformed", f"{rule} lists what is no profile, or one twice")
    return ids


def _refusal(rule: str, entry: JSON) -> tuple[str | None, Code]:
    if not isinstance(entry, Mapping) or not entry.keys() <= {"code", "args", "profile"}:
        raise EngineError("engine.malformed", f"{rule} refuses without form")
    code, args, profile = entry.get("code"), entry.get("args"), entry.get("profile")
    if (
        not isinstance(code, str)
        or not code.startswith(rule + ".")
        or not isinstance(args, Mapping)
    ):
        raise EngineError("engine.malformed", f"{rule} refuses without a code of its own")
    if profile is not None and not isinstance(profile, str):
        raise EngineError("engine.malformed", f"{rule} refuses no profile")
    return profile, Code(code, dict(args))
