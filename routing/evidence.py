"""Who states an attribute, and the bytes that they sign.

Routing keeps the statements; whether a signature holds is checked where keys are known.
"""

from dataclasses import dataclass
from typing import Any, Final

from policy.canonical import JSON, canonical
from policy.errors import TermError
from policy.terms import term
from routing.errors import NetworkError
from routing.fields import Record, shown

DOMAIN: Final = "sekisho/evidence/v1"
_LATEST: Final = 2**53


@dataclass(frozen=True, slots=True)
class Evidence:
    """One statement about one attribute; dates are ISO text or unix seconds, as stated."""

    attribute: str
    by: str
    source: str | None = None
    as_of: str | int | None = None
    expires: str | int | None = None
    signature: str | None = None

    def to_json(self) -> dict[str, JSON]:
        """Return the statement without its attribute, recorded members only."""
        return {
            key: value
            for key in ("by", "source", "as_of", "expires", "signature")
            if (value := getattr(self, key)) is not None
        }


def statement(subject: str, attribute: str, value: JSON, evidence: Evidence) -> bytes:
    """Return the bytes that `evidence.by` signs: the claim, its subject and its dates.

    The domain and the attribute are inside, so no statement can stand for another.
    """
    claim = {key: kept for key, kept in evidence.to_json().items() if key != "signature"}
    return canonical(
        {"domain": DOMAIN, "subject": subject, "attribute": attribute, "value": value, **claim}
    )


def read_evidence(record: Record) -> tuple[Evidence, ...]:
    """Read member `evidence` of a site or span, sorted by attribute."""
    value = record.raw("evidence")
    if value is None:
        return ()
    pointer = record.at("evidence")
    if not isinstance(value, dict):
        raise NetworkError(pointer, f"an object is expected, not {shown(value)}")
    return tuple(_read(key, value[key], pointer, record.warnings) for key in sorted(value))


def write_evidence(evidence: tuple[Evidence, ...]) -> dict[str, JSON] | None:
    """Return member `evidence` of the document, None when nothing is stated."""
    return {stated.attribute: stated.to_json() for stated in evidence} or None


def _read(attribute: str, value: Any, pointer: str, warnings: list[str]) -> Evidence:
    try:
        term(attribute)
    except TermError as problem:
        raise NetworkError(pointer, f"attribute {shown(attribute)}: {problem}") from problem
    escaped = attribute.replace("~", "~0").replace("/", "~1")
    record = Record(value, f"{pointer}/{escaped}", warnings)
    found = Evidence(
        attribute,
        by=record.required("by"),
        source=record.text("source"),
        as_of=_moment(record, "as_of"),
        expires=_moment(record, "expires"),
        signature=_signature(record),
    )
    record.finish()
    return found


def _moment(record: Record, key: str) -> str | int | None:
    value = record.raw(key)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LATEST:
        return value
    return record.term(key)


def _signature(record: Record) -> str | None:
    # Two post-quantum signatures in base64 are longer than any policy term.
    value = record.raw("signature")
    if value is None:
        return None
    if not isinstance(value, str) or not value.isascii() or not 0 < len(value) <= 2**16:
        raise record.wrong("signature", "ASCII text of at most 65536 characters")
    return value
