"""The document that an engine is asked, made of a question and nothing that no rule reads.

It holds no subject ids and no order of subjects, so that equal documents may share one answer.
"""

from collections.abc import Mapping

from policy.canonical import JSON
from policy.projection import Projected, tenant_terms
from policy.question import PathFacts, Principal, Question


def document(question: Question, projected: Mapping[str, Projected]) -> dict[str, JSON]:
    """Return the input of `sekisho/decision/answer`; `projected` is by rule name."""
    label = question.label.to_json()
    axes = ("level", "transit", "placement", "operators", "key_holders", "accreditations")
    return {
        "kind": question.kind.value,
        "label": {name: label[name] for name in (*axes, "obligations", "suite")},
        "principal": _principal(question.principal, question.destination),
        "dataset": _dataset(question),
        "purpose": question.purpose,
        "constraints": {who: tenant_terms(who, question.constraints) for who in ("span", "site")},
        "limits": question.constraints.limits.to_json(),
        "tenant": question.constraints.demands.to_json(),
        "moment": question.constraints.demands.moment(question.now),
        "path": measures(question.path),
        "profiles": {name: _profiles(found) for name, found in sorted(projected.items())},
    }


def measures(path: PathFacts | None) -> dict[str, JSON] | None:
    """Return what the limits measure of a path, null where it is not recorded."""
    if path is None:
        return None
    return {
        "operators": None if path.operators is None else len(set(path.operators)),
        "km": path.km,
        "ms": path.ms,
        "hops": len(path.spans),
        "decryption_points": path.decryption_points,
    }


def unrecorded(name: str, question: Question) -> bool:
    """Whether the question lacks the part that a rule calls `name` in its `reads`."""
    parts: dict[str, object] = {
        "principal": question.principal,
        "dataset": question.dataset,
        "purpose": question.purpose,
        "source": question.source,
        "destination": question.destination,
    }
    if question.dataset is not None:
        known = question.dataset.to_json()
        parts |= {f"dataset.{name}": value for name, value in known.items()}
    return parts.get(name) is None


def _principal(principal: Principal | None, destination: str | None) -> JSON:
    if principal is None:
        return None
    return {
        "kind": str(principal.kind),
        "ends_in": str(principal.chain[-1].kind),
        "is_destination": principal.id == destination,
        "chain": [
            {
                "id": one.id,
                "kind": str(one.kind),
                "tenant": one.tenant,
                "clearance": int(one.clearance),
                "acts": one.on_behalf_of is not None,
            }
            for one in principal.chain
        ],
    }


def _dataset(question: Question) -> JSON:
    facts = question.dataset
    if facts is None:
        return None
    return {
        "tenant": facts.tenant,
        "purposes": sorted(facts.purposes),
        "provisional": facts.provisional,
        "secrecy_years": facts.secrecy_years,
        "records": facts.records,
        "labelled_by": facts.labelled_by,
    }


def _profiles(projected: Projected) -> list[JSON]:
    return [
        {"id": str(place), "facts": found.facts}
        for place, found in enumerate(projected.distinct)
        if found.asked
    ]
