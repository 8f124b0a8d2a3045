"""What becomes of a carried passage: receipts checked against the permit, then recorded."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from api.gateway.receipts import Discrepancy, compare
from api.instance import Instance
from api.passage import Passage
from api.record import Entry
from crypto.receipt import verify_receipt

if TYPE_CHECKING:
    from policy.canonical import JSON


def record_delivery(
    instance: Instance, passage: Passage, signed: Sequence[bytes]
) -> tuple[Discrepancy, ...]:
    """Record the receipts of a carried passage; it counts as delivered if they match the permit.

    Raises:
        CryptoError: a receipt is not signed by the site that it names.
    """
    now = instance.now()
    claims = instance.vault.verify_permit(passage.permit, now=now)
    receipts = [verify_receipt(each, instance.trust(), now) for each in signed]
    # What the source signed that it sent is what every other site must have seen.
    sent = next((each.root for each in receipts if each.site == claims.source), "")
    found = compare(receipts, claims, root=sent)
    facts: dict[str, JSON] = {
        "passage": passage.id,
        "receipts": [instance.objects.put(each) for each in signed],
        "discrepancies": [{"code": each.code, "site": each.site} for each in found],
    }
    kind = "passage.discrepant" if found else "passage.delivered"
    instance.ledger.append_now(Entry(kind, now, facts))
    return found
