"""One revision of the policy: its Rego, its data, the taxonomy it was written for, and its name.

A bundle whose levels require a rule that it does not hold cannot be built. What an engine was
really given is checked again with every answer, see `policy.judge`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from policy.canonical import JSON, canonical, digest
from policy.constraints import Limits
from policy.documents import integer, number, objects, optional, strings
from policy.errors import BundleError, ConstraintError, EngineError, TermError
from policy.label import Level
from policy.metadata import Rule, read_rule
from policy.packs import Pack, packs_from
from policy.question import Kind, Question
from policy.rego_lint import lint
from policy.requirements import check, demanding
from policy.verdicts import Code, Finding, Stand

ENTRY: Final = "sekisho/decision/answer"
_RULES: Final = "sekisho/rules/"
_KEPT: Final = frozenset({"packs", "vocabulary"})


@dataclass(frozen=True, slots=True)
class Bundle:
    """An immutable policy; `modules` by path, `data` as under `data.sekisho`."""

    modules: Mapping[str, str]
    data: Mapping[str, JSON]
    taxonomy_digest: str
    rules: Mapping[str, Rule]
    revision: str
    packs: Mapping[str, Pack]

    @classmethod
    def build(
        cls, modules: Mapping[str, bytes], data: Mapping[str, JSON], taxonomy_digest: str
    ) -> "Bundle":
        """Build from files: `.rego`, and `data.json` placed by folder; tests are left out.

        `data` adds to, and never replaces, what the files hold under `data.sekisho`.

        Raises:
            BundleError: Rego outside the common subset, bad METADATA or data, a missing rule.
        """
        sources = {
            path: _decoded(path, raw)
            for path, raw in sorted(modules.items())
            if path.endswith(".rego") and not path.endswith("_test.rego")
        }
        files = {
            path.removeprefix("sekisho/").removesuffix("/data.json"): _parsed(path, raw)
            for path, raw in modules.items()
            if path.endswith("/data.json")
        }
        if clash := sorted(files.keys() & data.keys()):
            raise BundleError(f"data.sekisho.{clash[0]} is given twice")
        return cls._of(sources, {**files, **data}, taxonomy_digest)

    @classmethod
    def _of(
        cls, sources: Mapping[str, str], data: Mapping[str, JSON], taxonomy_digest: str
    ) -> "Bundle":
        lint(sources)
        rules = {
            rule.name: rule
            for path, source in sources.items()
            if path.startswith(_RULES)
            for rule in [read_rule(path, source)]
        }
        raw = _serialised(sources, data, taxonomy_digest)
        bundle = cls(
            MappingProxyType(dict(sources)),
            MappingProxyType(dict(data)),
            taxonomy_digest,
            MappingProxyType(rules),
            digest(raw),
            MappingProxyType(_packs(data)),
        )
        check(bundle.data, bundle.rules, bundle.packs)
        return bundle

    def to_bytes(self) -> bytes:
        """Return the canonical bytes whose digest is the revision."""
        return _serialised(self.modules, self.data, self.taxonomy_digest)

    @classmethod
    def from_bytes(cls, raw: bytes) -> "Bundle":
        """Read what `to_bytes` gives; raises BundleError."""
        document = _parsed("bundle", raw)
        try:
            modules, data = objects(document.get("modules")), objects(document.get("data"))
            sources = {path: str(source) for path, source in modules.items()}
            bundle = cls._of(sources, data, str(document.get("taxonomy")))
        except TermError as error:
            raise BundleError("not a bundle") from error
        if bundle.to_bytes() != raw:
            raise BundleError("not the canonical bytes of a bundle")
        return bundle

    @property
    def document(self) -> dict[str, JSON]:
        """What engines hold as `data.sekisho`, the revision included.

        Packs stay here: what they ask comes with each question, and no fleet holds all tenants'.
        """
        held = {name: part for name, part in self.data.items() if name not in _KEPT}
        return {**held, "revision": {"id": self.revision}}

    def narrowed(self, question: Question) -> Question:
        """Return the question as the pack of its dataset's tenant lets it be asked."""
        pack = self._pack(question)
        return question if pack is None else pack.narrow(question)

    def moment(self, question: Question) -> int | None:
        """Return the minute of the week if question or pack set hours; no other answer ages."""
        pack = self._pack(question)
        asked = None if pack is None else pack.constraints.demands.moment(question.now)
        return question.constraints.demands.moment(question.now) if asked is None else asked

    def required(self, question: Question, subject: str) -> tuple[str, ...]:
        """Return the sorted names of the rules that `subject` must meet for this question.

        `subject` is `request`, `site`, `cluster`, `span` or `path`.

        Raises:
            EngineError: `engine.stale`, something is demanded that this revision never heard of.
        """
        question = self.narrowed(question)
        level = objects(self._level(question.label.level)["required"])
        bare = subject == "request" and question.dataset is None
        names = set(strings(level, "bare" if bare else subject))
        for axis in demanding(question):
            names.update(strings({subject: [], **self._demands(axis)}, subject))
        return tuple(sorted(names))

    def grounded(self, rule: Rule, finding: Finding) -> Finding:
        """Return the finding with its codes on the ground of the regimes that they name.

        What the taxonomy does not know stands on the word of the rule, which is never a law's.
        """
        if rule.axis is None or not finding.codes:
            return finding
        return replace(finding, codes=tuple(self._stand(rule.axis, code) for code in finding.codes))

    def _stand(self, axis: str, code: Code) -> Code:
        regimes = objects(self.data.get("grounds", {}))
        ground = objects(regimes.get(str(code.args.get("regime")), {})).get(axis)
        return code if ground is None else replace(code, stand=Stand(*strings({"": ground}, "")))

    def limits(self, question: Question) -> Limits:
        """Return the tightest maxima of the level and of the tenant."""
        level = objects(self._level(question.label.level)["limits"])
        return Limits.tightest(
            self.narrowed(question).constraints.limits,
            Limits(
                operators=optional(level, "operators", integer),
                km=optional(level, "km", number),
                ms=optional(level, "ms", number),
                hops=optional(level, "hops", integer),
                decryption_points=optional(level, "decryption_points", integer),
            ),
        )

    def lifetime(self, question: Question) -> int:
        """Return for how many seconds a permit lasts: as its level says, and within the hours."""
        most = integer(self._level(question.label.level), "lifetime_s")
        closes = self.narrowed(question).constraints.demands.closes(question.now)
        planning = question.kind in {Kind.PLACEMENT, Kind.PATH}
        return most if closes is None or planning else min(most, closes)

    def obligations(self, question: Question) -> tuple[str, ...]:
        """Return the sorted obligations that a permit carries: the level's and the label's."""
        level = strings(self._level(question.label.level), "obligations")
        return tuple(sorted({*level, *question.label.obligations}))

    def _pack(self, question: Question) -> Pack | None:
        return None if question.dataset is None else self.packs.get(question.dataset.tenant)

    def _level(self, level: Level) -> Mapping[str, JSON]:
        return objects(objects(self.data["levels"])[str(level)])

    def _demands(self, axis: str) -> Mapping[str, JSON]:
        known = objects(self.data["demands"])
        if axis not in known:
            # An older revision would pass over what it never heard of.
            raise EngineError("engine.stale", f"this revision knows no demand {axis}")
        return objects(known[axis])


def _packs(data: Mapping[str, JSON]) -> dict[str, Pack]:
    packs = data.get("packs", {})
    if not packs:
        return {}
    try:
        return packs_from(packs, objects(data.get("vocabulary")))
    except (ConstraintError, KeyError, TermError) as error:
        raise BundleError(f"packs{error}") from error


def _serialised(
    sources: Mapping[str, str], data: Mapping[str, JSON], taxonomy_digest: str
) -> bytes:
    return canonical(
        {"v": 1, "modules": dict(sources), "data": dict(data), "taxonomy": taxonomy_digest}
    )


def _decoded(path: str, raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise BundleError(f"{path}: not UTF-8") from error


def _parsed(path: str, raw: bytes) -> Mapping[str, JSON]:
    try:
        return objects(json.loads(raw.decode()))
    except (ValueError, RecursionError, TermError) as error:
        raise BundleError(f"{path}: not a JSON object") from error
