"""An instance: what it is made of, what is in force, and who may see what of it."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.asking import Placement, purpose_of, requester
from api.delivery import record_delivery
from api.errors import ConflictError, NotFoundError, UnavailableError, UsageError
from api.founding import ensured, example_sites
from api.gateway.receipts import spans_between
from api.instance import decision_entry, opened, reading
from api.layout import Layout, Settings
from api.passage import PassageState
from crypto.errors import CryptoError, TrustError
from crypto.receipt import Receipt, sign_receipt
from crypto.signing import SigningKey
from policy.label import Level
from routing.network import Network


def test_reading_needs_no_lock(bench: Any) -> None:
    with reading(bench.instance.layout.directory) as parts:
        assert parts.register.dataset(bench.patients.id) == bench.patients
        assert parts.in_force.network().digest == bench.gate.world.topology.network.digest
        assert parts.in_force.policy().revision == bench.gate.world.bundle.revision


def test_it_opens_again_as_it_was_closed(bench: Any, home: Path) -> None:
    passage = bench.granted()
    bench.instance.log.close()
    with opened(home, now=bench.clock) as again:
        assert again.register.passage(passage.id) == passage
        assert again.world().topology.network.digest == bench.gate.world.topology.network.digest


def test_an_instance_there_is_opened_and_not_made_anew(home: Path, at: Any) -> None:
    said: list[str] = []
    before = json.loads((home / "instance.json").read_bytes())
    with ensured(home, said.append, now=at) as instance:
        assert instance.settings.origin == before["origin"]
    assert said == []


def test_the_examples_sites_are_its_clusters_and_its_tenants_own(example_network: Network) -> None:
    sites = example_sites(example_network)
    clusters = {site.id for site in example_network.sites if site.kind == "cluster"}
    assert clusters < set(sites)
    assert {"tokyo", "sendai", "nagoya", "osaka"} <= set(sites)


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[]", b"null", b'{"v": 2}', b'{"v": 1}', b'{"v": 1, "origin": "x"}', b"\xff"],
)
def test_settings_that_are_none_are_bad_input(home: Path, raw: bytes) -> None:
    (home / "instance.json").write_bytes(raw)
    with pytest.raises(UsageError, match=r"instance\.json"):
        Settings.read(Layout(home))


def test_a_decision_is_found_by_its_id_and_tenant(bench: Any) -> None:
    decided = bench.grant()
    index, entry = decision_entry(bench.instance, decided.id)
    assert (index, entry.facts["id"]) == (decided.index, decided.id)
    assert decision_entry(bench.instance, decided.id, tenant="midori-hospital")[0] == index
    with pytest.raises(NotFoundError):
        decision_entry(bench.instance, decided.id, tenant="aoba-city")


# What is in force.


def test_a_network_is_in_force_from_its_entry_on(bench: Any, example_network: Network) -> None:
    smaller = replace(example_network, spans=example_network.spans[3:], epoch=2)
    later = bench.now_on(smaller)
    assert later.gate.world.topology.network.digest == smaller.digest
    assert bench.kinds()[-1] == "network.activated"


def test_a_policy_is_in_force_only_with_the_bundle_keys_signature(bench: Any) -> None:
    instance = bench.instance
    index = instance.in_force.activate_policy(
        bench.gate.world.bundle, instance.ledger, instance.vault
    )
    facts = instance.ledger.entry(index).facts
    assert facts["digest"] == bench.gate.world.bundle.revision
    instance.in_force.check(instance.ledger)
    forged = replace(
        instance.ledger.entry(index), facts={**facts, "signature": facts["signature"][:-8]}
    )
    instance.ledger.append_now(forged)
    with pytest.raises(CryptoError):
        instance.world()


def test_a_policy_signed_for_another_revision_is_not_in_force(bench: Any) -> None:
    instance = bench.instance
    row = instance.ledger.entry(0)
    assert row.kind == "policy.activated"
    other = instance.objects.put(b"{}")
    instance.ledger.append_now(replace(row, facts={**row.facts, "digest": other}))
    with pytest.raises(TrustError, match="signed"):
        instance.world()


def test_what_was_put_in_force_is_refused_once_its_bytes_are_changed(
    bench: Any, home: Path
) -> None:
    bare = bench.gate.world.topology.network.digest.removeprefix("sha256:")
    (home / "objects" / bare[:2] / bare).write_bytes(b"{}")
    with pytest.raises(UnavailableError, match="changed"):
        bench.instance.world()


# Delivery.


def receipts(bench: Any, granted: Any, /, **changed: Any) -> list[bytes]:
    """What the two ends of a passage sign when all went well, but for what is `changed`."""
    claims = bench.instance.vault.verify_permit(granted.permit, now=bench.clock())
    made = []
    for site, after in ((claims.source, claims.destination), (claims.destination,) * 2):
        key = (bench.instance.layout.site(site) / "signing.key").read_bytes()
        receipt = Receipt(
            passage=granted.id,
            permit=claims.digest,
            site=site,
            source=claims.source,
            destination=after,
            spans=spans_between(claims, site, after),
            segments=1,
            octets=100,
            root="sha256:" + "a" * 64,
            started=bench.clock(),
            ended=bench.clock(),
        )
        made.append(sign_receipt(replace(receipt, **changed), SigningKey.from_bytes(key)))
    return made


def test_a_delivery_is_recorded_when_both_ends_signed_what_was_permitted(bench: Any) -> None:
    passage = bench.granted()
    assert record_delivery(bench.instance, passage, receipts(bench, passage)) == ()
    assert bench.kinds()[-1] == "passage.delivered"
    assert bench.instance.register.passage(passage.id).state is PassageState.DELIVERED
    facts = bench.instance.ledger.entry(bench.instance.log.size - 1).facts
    assert all(bench.instance.objects.get(name) for name in facts["receipts"])


def test_a_delivered_passage_gives_no_more_keys(bench: Any) -> None:
    passage = bench.granted()
    record_delivery(bench.instance, passage, receipts(bench, passage))
    with pytest.raises(ConflictError):
        asyncio.run(bench.gate.release(passage.permit, site="itoshima", nonce="n"))


@pytest.mark.parametrize("kept", [0, 1])
def test_a_delivery_that_one_end_did_not_sign_is_discrepant(bench: Any, kept: int) -> None:
    passage = bench.granted()
    signed = receipts(bench, passage)[kept : kept + 1]
    assert record_delivery(bench.instance, passage, signed)
    assert bench.kinds()[-1] == "passage.discrepant"
    assert bench.instance.register.passage(passage.id).state is PassageState.GRANTED


@pytest.mark.parametrize(
    "changed",
    [{"permit": "sha256:" + "0" * 64}, {"passage": "p-other"}, {"spans": ("elsewhere",)}],
    ids=str,
)
def test_a_receipt_of_something_else_does_not_count(bench: Any, changed: dict[str, Any]) -> None:
    passage = bench.granted()
    assert record_delivery(bench.instance, passage, receipts(bench, passage, **changed))


def test_a_receipt_that_its_site_did_not_sign_is_refused_and_not_recorded(bench: Any) -> None:
    passage = bench.granted()
    before = bench.instance.log.size
    with pytest.raises(CryptoError):
        record_delivery(bench.instance, passage, receipts(bench, passage, site="tama"))
    assert bench.instance.log.size == before


# Asking.


def test_the_shells_user_is_a_steward_of_the_datasets_tenant(bench: Any) -> None:
    who = requester(bench.patients, name="local", clearance="L2")
    assert (who.tenant, who.clearance, who.roles) == (
        "midori-hospital",
        Level.L2,
        frozenset({"tenant"}),
    )
    assert purpose_of(bench.patients, None) == "care"
    assert purpose_of(bench.patients, "research") == "research"


def test_a_placement_says_its_own_verdict_with_the_answer(bench: Any) -> None:
    decided = bench.grant("taoyuan")
    row = Placement("taoyuan", "unknown", decided).to_json()
    assert (row["verdict"], row["cluster"], row["decision"]) == ("unknown", "taoyuan", decided.id)
    assert row["refusal"]
    assert Placement("itoshima", "yes", bench.grant()).reasons == ()
