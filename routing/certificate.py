"""Checking a blocking cut against the network and the verdicts alone: O(E), no solver.

Written apart from what makes cuts, and sharing nothing with it, so that one mistake cannot make a
false cut and pass it.
"""

from collections.abc import Sequence

from policy.constraints import Limits
from policy.verdicts import Verdict, Verdicts
from routing.cut import Cut
from routing.network import Network, Span


def check_cut(
    network: Network,
    cut: Cut,
    span_verdicts: Verdicts,
    site_verdicts: Verdicts,
    cluster_verdicts: Verdicts | None,
    *,
    source: str,
    targets: Sequence[str],
    limits: Limits,
) -> tuple[str, ...]:
    """Return what is wrong with `cut`; nothing if it proves that no compliant path exists.

    It must hold the source; each target inside must be one that may not be chosen; and each span
    that leaves it must be barred, or lead to a site that is.
    """
    inside = set(cut.inside)
    spans = _admitted(span_verdicts)
    sites = _admitted(site_verdicts)
    problems = [] if source in inside else [f"the source {source} is outside"]
    chosen = None if cluster_verdicts is None else _admitted(cluster_verdicts)
    problems += [
        f"the destination {target} is inside and may be chosen"
        for target in targets
        if target in inside and (chosen is None or target in chosen)
    ]
    shown = {row.span for row in cut.spans}
    barred = {row.site for row in cut.sites}
    for span in network.spans:
        passable = span.id in spans and _counted(span, limits)
        problems += [
            f"{span.id} leads out of the cut to {end} and is admitted"
            for start, end in _directions(span)
            if start in inside and end not in inside and passable and end in sites
        ]
        problems += [
            f"{span.id} leads out of the cut to {end} and is not listed"
            for start, end in _directions(span)
            if start in inside and end not in inside and span.id not in shown and end not in barred
        ]
    return tuple(problems)


def _directions(span: Span) -> list[tuple[str, str]]:
    onward = (span.source, span.target)
    return [onward] if span.directed else [onward, (span.target, span.source)]


def _admitted(verdicts: Verdicts) -> set[str]:
    if not verdicts.rules:
        return set()
    return {
        subject
        for place, subject in enumerate(verdicts.subjects)
        if all(verdict is Verdict.YES for verdict in verdicts.of(place).values())
    }


def _counted(span: Span, limits: Limits) -> bool:
    """Return whether the span records what the limits count."""
    sealed = span.encryption
    unclear = sealed is None or (
        sealed.layer != "none" and sealed.segment is None and sealed.scope is None
    )
    return not (
        (limits.operators is not None and span.operator is None)
        or (limits.decryption_points is not None and unclear)
    )
