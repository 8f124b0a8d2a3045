"""What a verification found: nothing, or named places that are not as they must be."""

from dataclasses import dataclass

from policy.canonical import JSON


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: a code, the file or place, and a sentence."""

    code: str
    where: str
    detail: str


@dataclass(frozen=True, slots=True)
class Findings:
    """All that is wrong, how many entries were judged, and what was not proven even so."""

    findings: tuple[Finding, ...]
    size: int
    checkpoint: str | None = None
    unproven: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    def to_json(self) -> dict[str, JSON]:
        """Return `ok`, `size`, `findings` and `unproven` as JSON."""
        return {
            "ok": self.ok,
            "size": self.size,
            "findings": [
                {"code": each.code, "where": each.where, "detail": each.detail}
                for each in self.findings
            ],
            "unproven": list(self.unproven),
        }
