"""The reasons of a refusal for which routing found what stands in the way."""

from collections.abc import Iterable, Sequence

from policy.canonical import canonical
from policy.decision import Reason
from policy.judge import Judgement
from policy.verdicts import Verdicts
from routing.cut import BarredSite
from routing.explain import Blocked, Explanation


def blockage(
    judgement: Judgement, explanation: Explanation, *, undetermined: bool
) -> tuple[Reason, ...]:
    """Return at least one reason: of the ends that fail, of the cut, of the limits that block."""
    if undetermined or explanation.blocked is Blocked.UNDETERMINED:
        return (Reason("path.undetermined", "path"),)
    reasons = [*_ends(judgement, explanation), *_cut(judgement, explanation)]
    reasons += [
        Reason("limits.blocking", "limits", args={**limit.to_json()}, waivable=True)
        for limit in explanation.limits
    ]
    # Every part is admitted and the limits can be met: what is missing is a second, disjoint path.
    return _distinct(reasons) or (Reason("path.unprotected", "path"),)


def _distinct(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    return tuple({canonical(reason.to_json()): reason for reason in reasons}.values())


def _ends(judgement: Judgement, explanation: Explanation) -> Iterable[Reason]:
    if explanation.source is not None:
        yield from _of(judgement.sites, explanation.source.site)
    for end in explanation.destinations:
        yield from _end(judgement, end)


def _end(judgement: Judgement, end: BarredSite) -> Iterable[Reason]:
    yield from _of(judgement.clusters, end.site)
    yield from _of(judgement.sites, end.site)


def _cut(judgement: Judgement, explanation: Explanation) -> Iterable[Reason]:
    if explanation.blocked is not Blocked.RULES or explanation.blocking_cut is None:
        return
    for span in explanation.blocking_cut.spans:
        yield from _of(judgement.spans, span.span)
    for site in explanation.blocking_cut.sites:
        yield from _of(judgement.sites, site.site)


def _of(verdicts: Verdicts, subject: str) -> Sequence[Reason]:
    if subject not in verdicts.subjects:
        return ()
    return verdicts.reasons(verdicts.subjects.index(subject))
