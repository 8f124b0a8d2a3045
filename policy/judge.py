"""Every required rule's verdict on every subject, asked of an engine in one document.

Sans-I/O: `Inquiry.prepare` says what to ask, `Inquiry.read` says what the answer means. What the
engine echoes (revision, required rules, obligations) must be what this bundle says, so an engine
that lost a rule or runs another policy fails loudly instead of permitting.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from policy import answer as answers
from policy.asked import document, measures, unrecorded
from policy.bundle import Bundle
from policy.canonical import JSON, canonical, digest
from policy.decision import Obligation, Reason
from policy.engines.engine import Engine
from policy.errors import EngineError
from policy.metadata import SUBJECTS, Rule
from policy.projection import Projected, project, reads
from policy.question import Question
from policy.subjects import Attributes, Subjects
from policy.verdicts import Code, Finding, Verdict, Verdicts

_KINDS: Final = ("span", "site", "cluster")


@dataclass(frozen=True, eq=False)
class Judgement:
    """The verdicts for one question under one revision.

    `request` and `path` are empty when their rules hold; `path` also when there is no path yet.
    """

    question_digest: str
    revision: str
    spans: Verdicts
    sites: Verdicts
    clusters: Verdicts
    request: tuple[Reason, ...]
    path: tuple[Reason, ...]
    obligations: tuple[Obligation, ...]


@dataclass(frozen=True, eq=False)
class Inquiry:
    """One question about given subjects, ready to be asked of any engine."""

    bundle: Bundle
    question: Question
    narrowed: Question
    subjects: Mapping[str, tuple[str, ...]]
    required: Mapping[str, tuple[str, ...]]
    projected: Mapping[str, Projected]

    @classmethod
    def prepare(
        cls,
        bundle: Bundle,
        question: Question,
        *,
        spans: Mapping[str, Attributes],
        sites: Mapping[str, Attributes],
        clusters: Mapping[str, Attributes],
    ) -> "Inquiry":
        """Project the subjects (flat attributes by id) onto what each required rule reads."""
        plain = {"span": spans, "site": sites, "cluster": clusters}
        given = {kind: Subjects.of(found) for kind, found in plain.items()}
        narrowed = bundle.narrowed(question)
        required = {subject: bundle.required(narrowed, subject) for subject in SUBJECTS}
        return cls(
            bundle=bundle,
            question=question,
            narrowed=narrowed,
            subjects={kind: found.ids for kind, found in given.items()},
            required=required,
            projected={
                name: project(
                    bundle.rules[name],
                    reads(bundle.rules[name], narrowed.constraints),
                    {k: given[k] for k in _KINDS if name in required[k]},
                )
                for name in sorted({name for kind in _KINDS for name in required[kind]})
            },
        )

    @cached_property
    def document(self) -> Mapping[str, JSON]:
        """What the engine is asked; the same whatever the subjects' ids and order."""
        return document(self.narrowed, self.projected)

    @cached_property
    def digest(self) -> str:
        """Names everything that the answer depends on: revision and document."""
        return digest(canonical([self.bundle.revision, self.document]))

    def read(self, answer: Mapping[str, JSON]) -> Judgement:
        """Return what `answer` means for the subjects.

        Raises:
            EngineError: `engine.stale` for another revision, else `engine.malformed`.
        """
        if answer.get("revision") != self.bundle.revision:
            raise EngineError("engine.stale", "the answer is of another revision")
        try:
            return self._judgement(answer)
        except (TypeError, ValueError, RecursionError) as error:
            raise EngineError("engine.malformed", "the answer is not JSON") from error

    def _judgement(self, answer: Mapping[str, JSON]) -> Judgement:
        obligations = self.bundle.obligations(self.question)
        answers.echoed(answer, self.required)
        answers.listed(answer.get("obligations"), obligations)
        holds = answers.spoken(answer, self._names)
        return Judgement(
            question_digest=self.question.digest,
            revision=self.bundle.revision,
            spans=self._verdicts("span", holds, answer),
            sites=self._verdicts("site", holds, answer),
            clusters=self._verdicts("cluster", holds, answer),
            request=self._plain("request", holds, answer),
            path=() if self.question.path is None else self._plain("path", holds, answer),
            obligations=tuple(Obligation(f"obligation.{name}") for name in obligations),
        )

    @property
    def _names(self) -> tuple[str, ...]:
        return tuple({name for names in self.required.values() for name in names})

    def _verdicts(
        self, kind: str, holds: Mapping[str, JSON], answer: Mapping[str, JSON]
    ) -> Verdicts:
        rules = tuple(self.bundle.rules[name] for name in self.required[kind])
        places = [self.projected[rule.name].place[kind] for rule in rules]
        shape = (len(rules), len(self.subjects[kind]))
        return Verdicts(
            rules=rules,
            subjects=self.subjects[kind],
            profile=np.array(places, dtype=np.int64).reshape(shape),
            findings=tuple(
                tuple(
                    self.bundle.grounded(rule, finding)
                    for finding in answers.judged(
                        rule.name,
                        holds[rule.name],
                        answers.refusals(answer, rule.name),
                        self.projected[rule.name],
                    )
                )
                for rule in rules
            ),
        )

    def _plain(
        self, kind: str, holds: Mapping[str, JSON], answer: Mapping[str, JSON]
    ) -> tuple[Reason, ...]:
        return tuple(
            self._measured(code).reason(rule, None)
            for rule in (self.bundle.rules[name] for name in self.required[kind])
            for code in self._finding(rule, holds[rule.name], answer).codes
        )

    def _finding(self, rule: Rule, holds: JSON, answer: Mapping[str, JSON]) -> Finding:
        found = answers.plain(rule.name, holds, answers.refusals(answer, rule.name))
        if missing := self._missing(rule):
            # Unknown is said whatever the engine holds: it was never to be asked about this.
            code = Code(f"{rule.name}.unknown", {"attributes": list(missing)})
            return Finding(Verdict.UNKNOWN, (code,))
        return found

    def _missing(self, rule: Rule) -> tuple[str, ...]:
        if rule.subject == "request":
            return tuple(name for name in rule.reads if unrecorded(name, self.question))
        measured = measures(self.question.path) or {}
        limited = self.bundle.limits(self.narrowed).to_json()
        return tuple(name for name in limited if measured.get(name) is None)

    def _measured(self, code: Code) -> Code:
        # Numbers are added here: engines do not print the same number alike.
        name = code.args.get("limit")
        if not isinstance(name, str):
            return code
        most = self.bundle.limits(self.narrowed).to_json().get(name)
        measured = (measures(self.question.path) or {}).get(name)
        return Code(code.code, {**code.args, "most": most, "measured": measured})


async def judge(
    engine: Engine,
    bundle: Bundle,
    question: Question,
    *,
    spans: Mapping[str, Attributes],
    sites: Mapping[str, Attributes],
    clusters: Mapping[str, Attributes],
) -> Judgement:
    """Prepare, ask, read; raises EngineError."""
    inquiry = Inquiry.prepare(bundle, question, spans=spans, sites=sites, clusters=clusters)
    return inquiry.read(await engine.ask(inquiry.document))
