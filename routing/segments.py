"""Where the signal is decrypted on the way.

Consecutive spans with one `encryption.segment` are not decrypted between; every other joint of
two spans is a *decryption point*: a trust boundary. Source and destination hold the data anyway
and are not counted. A span in clear (`layer` none) belongs to no segment.

A span that records neither a segment nor a scope, and is not known to be in clear, is *opaque*:
nobody can say whether it is decrypted at its ends, so no path over it has a known number of
decryption points, and a limit on them puts it out. This is judged span by span, not joint by
joint, so that going round in a circle can never make a path more compliant: simple paths suffice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from policy.canonical import JSON
from routing.spans import Span


@dataclass(frozen=True, slots=True)
class CryptoSegment:
    """A stretch of a path between two points where the signal is encrypted and decrypted.

    `segment` is None for a stretch of one span that names none; `known` is False if it is opaque.
    """

    start: str
    end: str
    spans: tuple[str, ...]
    segment: str | None
    layer: str | None
    known: bool

    def to_json(self) -> dict[str, JSON]:
        """Return the row that `path find` prints."""
        return {
            "from": self.start,
            "to": self.end,
            "spans": list(self.spans),
            "segment": self.segment,
            "layer": self.layer,
            "known": self.known,
        }


def segment_of(span: Span) -> str | None:
    """Return the segment that `span` belongs to; None in clear and where none is recorded."""
    sealed = span.encryption
    return None if sealed is None or sealed.layer == "none" else sealed.segment


def opaque(span: Span) -> bool:
    """Return whether nobody can say if the signal is decrypted at the ends of `span`."""
    sealed = span.encryption
    return sealed is None or (
        sealed.layer != "none" and sealed.segment is None and sealed.scope is None
    )


def _layer(span: Span) -> str | None:
    return None if span.encryption is None else span.encryption.layer


def crypto_segments(sites: Sequence[str], spans: Sequence[Span]) -> tuple[CryptoSegment, ...]:
    """Cut a path into its crypto segments; `sites` has one more member than `spans`."""
    starts = [
        place
        for place, span in enumerate(spans)
        if place == 0
        or segment_of(span) is None
        or segment_of(span) != segment_of(spans[place - 1])
    ]
    ends = [*starts[1:], len(spans)]
    return tuple(
        CryptoSegment(
            start=sites[start],
            end=sites[end],
            spans=tuple(span.id for span in spans[start:end]),
            segment=segment_of(spans[start]),
            layer=_layer(spans[start]),
            known=not opaque(spans[start]),
        )
        for start, end in zip(starts, ends, strict=True)
    )


def decryption_points(spans: Sequence[Span]) -> int | None:
    """Count the joints at which the signal is decrypted; None when that cannot be known."""
    if any(opaque(span) for span in spans):
        return None
    return sum(
        segment_of(before) is None or segment_of(before) != segment_of(after)
        for before, after in pairwise(spans)
    )
