"""Judging over one network, without asking twice what was answered.

One object is for one engine, one revision and one epoch, so nothing is remembered across them. Two
questions share a judgement when they differ in nothing but the time, and are of one minute where
hours are demanded; two judgements share an answer when `Inquiry.digest` is the same. Whoever
releases a key is always answered anew, and a failure is never remembered.
"""

import threading
from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Final, Generic, TypeVar

from policy.bundle import Bundle
from policy.canonical import JSON
from policy.engines.engine import Engine
from policy.judge import Inquiry, Judgement
from policy.question import Kind, Question
from policy.subjects import Attributes, Subjects

_Value = TypeVar("_Value")
MOST: Final = 4_096
MOST_WHOLE: Final = 64
"""Judgements of a whole network kept: at ten thousand spans each is a megabyte."""


class Recent(Generic[_Value]):
    """The values that were used last, at most so many; any thread may use it."""

    def __init__(self, most: int) -> None:
        """Start empty; raises ValueError when `most` is not positive."""
        if most < 1:
            raise ValueError("nothing could be kept")
        self._most = most
        self._lock = threading.Lock()
        self._values: OrderedDict[Hashable, _Value] = OrderedDict()

    def get(self, key: Hashable) -> _Value | None:
        """Return the value under `key`, which makes it the latest used, or None."""
        with self._lock:
            if (value := self._values.get(key)) is not None:
                self._values.move_to_end(key)
            return value

    def put(self, key: Hashable, value: _Value) -> None:
        """Keep `value`, and drop what was not used for longest."""
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            if len(self._values) > self._most:
                self._values.popitem(last=False)


class Remembered:
    """Judges questions over one network; its spans and sites may not change afterwards."""

    def __init__(
        self,
        engine: Engine,
        bundle: Bundle,
        *,
        spans: Mapping[str, Attributes],
        sites: Mapping[str, Attributes],
        most: int = MOST,
    ) -> None:
        """Take the flat attributes of every span and site; keep `most` paths' judgements."""
        self._engine = engine
        self._bundle = bundle
        self._spans = Subjects.of(spans)
        self._sites = Subjects.of(sites)
        self._most = most
        self._whole: Recent[Judgement] = Recent(min(most, MOST_WHOLE))
        self._paths: Recent[Judgement] = Recent(most)
        self._answers = Recent[Mapping[str, JSON]](most)
        self._ends: Recent[Subjects] = Recent(most)

    async def everywhere(self, question: Question, clusters: Sequence[str]) -> Judgement:
        """Judge every span, every site, and these sites as destinations; raises EngineError."""
        ends = tuple(clusters)
        key = (question.about, self._bundle.moment(question), ends)
        if (known := _known(self._whole, key, question)) is not None:
            return known
        judgement = await self._judge(question, self._spans, self._sites, ends)
        return _kept(self._whole, key, judgement, question)

    async def along(
        self, question: Question, spans: Sequence[str], sites: Sequence[str]
    ) -> Judgement:
        """Judge the spans and sites of one path, the last one as its end; raises EngineError."""
        way, stops = tuple(spans), tuple(sites)
        key = (question.about, self._bundle.moment(question), way, stops)
        if (known := _known(self._paths, key, question)) is not None:
            return known
        judgement = await self._judge(
            question,
            Subjects({span: self._spans[span] for span in way}),
            Subjects({site: self._sites[site] for site in stops}),
            stops[-1:],
        )
        return _kept(self._paths, key, judgement, question)

    def changed(self, span: str, attributes: Attributes) -> "Remembered":
        """Return the same over the next epoch's network, in which one span is another.

        Raises:
            KeyError: there is no such span.
        """
        following = Remembered(
            self._engine,
            self._bundle,
            spans=self._spans.changed(span, attributes),
            sites=self._sites,
            most=self._most,
        )
        # An answer is named by all that it depends on, so it outlives the epoch; judgements do not.
        following._answers = self._answers
        following._ends = self._ends
        return following

    async def _judge(
        self, question: Question, spans: Subjects, sites: Subjects, clusters: tuple[str, ...]
    ) -> Judgement:
        inquiry = Inquiry.prepare(
            self._bundle, question, spans=spans, sites=sites, clusters=self._clusters(clusters)
        )
        if question.kind is Kind.RELEASE:
            return inquiry.read(await self._engine.ask(inquiry.document))
        if (answer := self._answers.get(inquiry.digest)) is None:
            answer = await self._engine.ask(inquiry.document)
        judgement = inquiry.read(answer)
        self._answers.put(inquiry.digest, answer)
        return judgement

    def _clusters(self, ids: tuple[str, ...]) -> Subjects:
        if (found := self._ends.get(ids)) is None:
            found = Subjects({site: self._sites[site] for site in ids})
            self._ends.put(ids, found)
        return found


def _known(kept: Recent[Judgement], key: Hashable, question: Question) -> Judgement | None:
    if question.kind is Kind.RELEASE or (found := kept.get(key)) is None:
        return None
    return replace(found, question_digest=question.digest)


def _kept(
    kept: Recent[Judgement], key: Hashable, judgement: Judgement, question: Question
) -> Judgement:
    if question.kind is not Kind.RELEASE:
        kept.put(key, judgement)
    return judgement
