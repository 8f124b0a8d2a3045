"""What a permit claims of the passage that was decided."""

from api.errors import FaultError
from crypto.permit import PermitClaims
from crypto.suites import floor
from policy.decision import Permit
from policy.question import Question


def claims_of(
    question: Question, permit: Permit, identity: str, nonce: str, index: int
) -> PermitClaims:
    """Return the claims of the passage `identity`, decided at `index` of the log.

    Raises:
        FaultError: the decision is of no dataset, or of one that was never read in full.
    """
    if permit.dataset is None or permit.content is None:
        raise FaultError("a passage was permitted for a dataset without a content digest")
    return PermitClaims(
        id=identity,
        dataset=permit.dataset,
        content=permit.content,
        label=permit.label_digest,
        revision=permit.revision,
        epoch=permit.epoch,
        sites=permit.path.sites,
        spans=permit.path.spans,
        source=permit.source,
        destination=permit.destination,
        suite=floor(question.label.suite),
        obligations=tuple(obligation.to_json() for obligation in permit.obligations),
        not_before=permit.issued,
        expires=permit.expires,
        nonce=nonce,
        log_index=index,
    )
