"""Who states what of the network: operators, of their own places, under their own keys."""

from dataclasses import replace
from typing import Any

import pytest

from api.evidence import sign_evidence, verify_evidence
from crypto.errors import CryptoError, TrustError
from crypto.signing import SigningKey
from routing.network import Network, build_network, parse_network

STATED = {"by": "minato", "source": "survey", "as_of": "2026-01-01", "expires": "2027-01-01"}


@pytest.fixture
def stated() -> Network:
    return build_network(
        {
            "name": "x",
            "epoch": 1,
            "nodes": [
                {
                    "id": "a",
                    "operator": "minato",
                    "jurisdiction": "JP",
                    "evidence": {"jurisdiction": STATED},
                },
                {"id": "b", "operator": "nagi"},
            ],
            "links": [
                {
                    "id": "s",
                    "source": "a",
                    "target": "b",
                    "km": 1,
                    "operator": "minato",
                    "conduit": "buried",
                    "evidence": {"conduit": STATED},
                }
            ],
        }
    )


@pytest.fixture
def signed(bench: Any, stated: Network) -> Network:
    return sign_evidence(stated, lambda name: bench.instance.vault.signing_key(f"operator:{name}"))


def test_what_an_operator_signed_of_its_own_verifies(bench: Any, signed: Network) -> None:
    assert verify_evidence(signed, bench.instance.trust()) == {"signed": 2, "unsigned": 0}


def test_it_verifies_after_a_journey_through_the_document(bench: Any, signed: Network) -> None:
    again = parse_network(signed.to_bytes())
    assert verify_evidence(again, bench.instance.trust()) == {"signed": 2, "unsigned": 0}


def test_unsigned_statements_are_counted_and_not_taken_for_signed(
    bench: Any, stated: Network
) -> None:
    assert verify_evidence(stated, bench.instance.trust()) == {"signed": 0, "unsigned": 2}


@pytest.mark.parametrize(
    "changed",
    [
        {"conduit": "aerial"},
        {"conduit": None},
        {"id": "other"},
    ],
    ids=["another value", "no value", "another span"],
)
def test_a_signature_does_not_hold_for_anything_else(
    bench: Any, signed: Network, changed: dict[str, Any]
) -> None:
    (span,) = signed.spans
    forged = replace(signed, spans=(replace(span, **changed),))
    with pytest.raises(CryptoError):
        verify_evidence(forged, bench.instance.trust())


@pytest.mark.parametrize("changed", [{"source": "hearsay"}, {"expires": "2037-01-01"}], ids=str)
def test_a_signature_does_not_hold_for_another_source_or_age(
    bench: Any, signed: Network, changed: dict[str, Any]
) -> None:
    (span,) = signed.spans
    evidence = tuple(replace(each, **changed) for each in span.evidence)
    forged = replace(signed, spans=(replace(span, evidence=evidence),))
    with pytest.raises(CryptoError):
        verify_evidence(forged, bench.instance.trust())


def test_an_operator_states_nothing_of_anothers_places(bench: Any, signed: Network) -> None:
    (span,) = signed.spans
    forged = replace(signed, spans=(replace(span, operator="nagi"),))
    with pytest.raises(TrustError, match="another"):
        verify_evidence(forged, bench.instance.trust())


def test_a_key_that_nobody_trusts_states_nothing(bench: Any, stated: Network) -> None:
    key = SigningKey.generate("gov")
    forged = sign_evidence(stated, lambda _: key)
    with pytest.raises(CryptoError):
        verify_evidence(forged, bench.instance.trust())


def test_an_operator_without_a_key_states_nothing(bench: Any, signed: Network) -> None:
    def unknown(each: Any) -> Any:
        return replace(
            each,
            operator="mallory",
            evidence=tuple(replace(e, by="mallory") for e in each.evidence),
        )

    forged = replace(signed, spans=tuple(map(unknown, signed.spans)))
    with pytest.raises(CryptoError):
        verify_evidence(forged, bench.instance.trust())


def test_a_network_with_a_false_statement_is_not_put_in_force(bench: Any, signed: Network) -> None:
    (span,) = signed.spans
    forged = replace(signed, spans=(replace(span, conduit="aerial"),))
    before = (bench.instance.in_force.network().digest, bench.instance.log.size)
    with pytest.raises(CryptoError):
        bench.instance.in_force.activate_network(forged, bench.instance.ledger)
    assert (bench.instance.in_force.network().digest, bench.instance.log.size) == before


def test_the_example_comes_signed(bench: Any) -> None:
    counted = verify_evidence(bench.instance.in_force.network(), bench.instance.trust())
    assert counted["signed"] > 0
    assert counted["unsigned"] == 0
