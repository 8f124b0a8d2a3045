"""The decision itself: a judged question and its path become a permit or a refusal.

The only module that constructs `Permit`. It asks nothing and trusts nothing to be there:

1. the judgement is of this very question and revision;
2. there is a path, from the source to the destination, and rules that were asked about it;
3. every site, span and the destination was judged, and has a yes of every required rule;
4. the request and the path as a whole hold.
"""

from collections.abc import Iterable, Sequence

from policy.bundle import Bundle
from policy.decision import Permit, Reason, Refusal, Remedy
from policy.judge import Judgement
from policy.question import Kind, PathFacts, Question
from policy.verdicts import Verdicts


def decide(
    question: Question, judgement: Judgement, *, bundle: Bundle, engine: str, epoch: str
) -> Permit | Refusal:
    """Return the decision; `engine` is the engine's name and version.

    Raises:
        ValueError: the judgement is of another question or revision.
    """
    if (judgement.question_digest, judgement.revision) != (question.digest, bundle.revision):
        raise ValueError("a judgement decides only the question that it was made for")
    path = question.path
    reasons = (
        *_shape(question),
        *judgement.request,
        *judgement.path,
        *_subjects(judgement, question),
    )
    if reasons or path is None or question.source is None or question.destination is None:
        return refuse(reasons or (Reason("path.empty", "path"),), bundle)
    return Permit(
        question_digest=question.digest,
        revision=bundle.revision,
        epoch=epoch,
        engine=engine,
        label_digest=question.label.digest,
        dataset=None if question.dataset is None else question.dataset.id,
        content=None if question.dataset is None else question.dataset.content,
        source=question.source,
        destination=question.destination,
        path=path,
        obligations=judgement.obligations,
        issued=question.now,
        expires=question.now + bundle.lifetime(question),
    )


def refuse(reasons: Sequence[Reason], bundle: Bundle) -> Refusal:
    """Return the refusal for these reasons, with the remedies that their rules name.

    Raises:
        ValueError: no reasons.
    """
    remedies = {
        bundle.rules[reason.rule].remedy: Remedy(bundle.rules[reason.rule].remedy)
        for reason in reasons
        if reason.rule in bundle.rules
    }
    return Refusal(reasons=tuple(reasons), remedies=tuple(remedies.values()))


def unanswered(code: str) -> Refusal:
    """Return the refusal when the engine gave no usable answer; `code` is `engine.*`."""
    return Refusal(reasons=(Reason(code, "engine"),))


def _shape(question: Question) -> Iterable[Reason]:
    path = question.path
    if path is None or not path.sites:
        yield Reason("path.empty", "path")
        return
    ends = (path.sites[0], path.sites[-1])
    if ends != (question.source, question.destination) or len(path.sites) != len(path.spans) + 1:
        yield Reason("path.broken", "path")


def _subjects(judgement: Judgement, question: Question) -> Iterable[Reason]:
    path = question.path or PathFacts((), (), 0, 0, (), 0)
    yield from _against(judgement.sites, path.sites)
    yield from _against(judgement.spans, path.spans)
    # A path may be asked about that ends where nothing is placed; nothing moves on that answer.
    judged = question.destination in judgement.clusters.place
    if question.destination is not None and (judged or question.kind is not Kind.PATH):
        yield from _against(judgement.clusters, (question.destination,))


def _against(verdicts: Verdicts, subjects: Sequence[str]) -> Iterable[Reason]:
    if not verdicts.rules:
        yield Reason("policy.empty", "policy")
        return
    if verdicts.admitted.issuperset(subjects):
        return
    for subject in dict.fromkeys(subjects):
        place = verdicts.place.get(subject)
        if place is None:
            yield Reason("path.unjudged", "path", subject)
        elif subject not in verdicts.admitted:
            yield from verdicts.reasons(place)
