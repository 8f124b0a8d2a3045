"""The gate: what it records, what it gives out, and in which order."""

import asyncio
import json
from dataclasses import dataclass, replace
from typing import Any

import pytest

from api.errors import ConflictError, NotAllowedError, UnavailableError
from api.gate import Gate, Released
from api.gateway.admission import release_context
from api.passage import PassageState
from api.record import Entry
from crypto.envelope import Envelope, open_key
from crypto.errors import CryptoError, TrustError
from crypto.permit import sign_permit, verify_permit
from crypto.recipient import RecipientKey
from crypto.signing import SigningKey
from crypto.trust import SKEW
from policy.errors import EngineError
from policy.question import Kind, Principal, Question
from routing.network import Network

AUDITOR = Principal(id="auditor", kind="person", tenant=None, roles=frozenset({"auditor"}))
NONCE = iter(range(1_000_000))


class Broken:
    """A ledger whose disk is gone from the given append on; before that, a real one."""

    def __init__(self, ledger: Any, *, after: int = 0, keeps: bool = False) -> None:
        self._ledger, self._left, self._keeps = ledger, after, keeps

    async def append(self, entry: Entry) -> int:
        if self._left <= 0:
            if self._keeps:
                await self._ledger.append(entry)
            raise UnavailableError("no space left on device")
        self._left -= 1
        return int(await self._ledger.append(entry))


@dataclass
class Spoilt:
    """An engine that answers as `spoil` makes of the true answer."""

    engine: Any
    spoil: Any
    name = "spoilt"
    version = "1"

    async def ask(self, document: Any) -> Any:
        return self.spoil(dict(await self.engine.ask(document)))


class Between:
    """An engine that lets something happen while it is asked, then answers truly."""

    name, version = "slow", "1"

    def __init__(self, engine: Any, happening: Any) -> None:
        self._engine, self._happening = engine, happening

    async def ask(self, document: Any) -> Any:
        answer = await self._engine.ask(document)
        await self._happening()
        return answer


def ask_key(gate: Gate, permit: bytes, site: str, nonce: str | None = None) -> Released:
    fresh = f"n-{next(NONCE)}" if nonce is None else nonce
    return asyncio.run(gate.release(permit, site=site, nonce=fresh))


def data_key(bench: Any, permit: bytes, site: str, envelope: Envelope) -> bytes:
    vault, layout = bench.instance.vault, bench.instance.layout
    claims = vault.verify_permit(permit, now=bench.clock())
    key = RecipientKey.from_bytes((layout.site(site) / "recipient.key").read_bytes())
    context = release_context(claims, site, key.public)
    return bytes(open_key(envelope, key, context, now=bench.clock()))


def with_engine(gate: Gate, engine: Any) -> Gate:
    return replace(gate, world=replace(gate.world, engine=engine))


def codes(answer: Any) -> tuple[str, ...]:
    found: tuple[str, ...] = answer.reckoning.codes
    return found


# What a yes gives.


def test_a_granted_passage_stands_in_the_log_before_its_permit_names_it(bench: Any) -> None:
    decided = bench.grant()
    entry = bench.instance.ledger.entry(decided.index)
    claims = bench.instance.vault.verify_permit(decided.passage.permit, now=bench.clock())
    assert entry.facts["id"] == decided.id
    assert entry.facts["verdict"] == "permit"
    assert claims.log_index == decided.index
    assert claims.content == bench.patients.content
    assert claims.sites[0] == "tokyo"
    assert claims.sites == bench.gate.sites_of(decided.passage)


def test_source_and_destination_open_the_same_key_and_nobody_elses_key_opens_it(
    bench: Any,
) -> None:
    passage = bench.granted()
    given = {site: ask_key(bench.gate, passage.permit, site) for site in ("tokyo", "itoshima")}
    keys = {site: data_key(bench, passage.permit, site, given[site].envelope) for site in given}
    assert keys["tokyo"] == keys["itoshima"]
    assert len(keys["tokyo"]) == 32
    with pytest.raises(CryptoError):
        data_key(bench, passage.permit, "tama", given["itoshima"].envelope)


def test_every_passage_has_a_key_of_its_own(bench: Any) -> None:
    keys = set()
    for passage in (bench.granted(), bench.granted()):
        released = ask_key(bench.gate, passage.permit, "itoshima")
        keys.add(data_key(bench, passage.permit, "itoshima", released.envelope))
    assert len(keys) == 2


def test_a_release_is_recorded_with_passage_and_site(bench: Any) -> None:
    passage = bench.granted()
    released = ask_key(bench.gate, passage.permit, "itoshima")
    facts = bench.instance.ledger.entry(released.index).facts
    assert facts["kind"] == "release"
    assert facts["options"] == {"passage": passage.id, "site": "itoshima"}


def test_asking_grants_nothing(bench: Any) -> None:
    decided = asyncio.run(bench.gate.ask(Kind.PLACEMENT, bench.request()))
    assert decided.reckoning.permitted
    assert decided.passage is None
    assert bench.passages() == []


def test_a_refused_passage_has_reasons_but_no_permit_no_row_and_no_key(bench: Any) -> None:
    decided = bench.grant("taoyuan")
    refusal = json.loads(bench.instance.objects.get(_outcome(bench, decided.index)))["refusal"]
    assert not decided.reckoning.permitted
    assert decided.passage is None
    assert bench.passages() == []
    assert refusal["reasons"]


def test_another_tenants_steward_gets_no_passage(bench: Any) -> None:
    request = bench.request()
    stranger = replace(request.principal, tenant="hibiki-ai")
    decided = asyncio.run(bench.gate.grant(replace(request, principal=stranger)))
    assert decided.passage is None
    assert any(code.startswith("tenancy") for code in codes(decided))


def test_a_purpose_that_was_not_registered_gets_no_passage(bench: Any) -> None:
    decided = asyncio.run(bench.gate.grant(replace(bench.request(), purpose="marketing")))
    assert decided.passage is None
    assert any(code.startswith("purpose") for code in codes(decided))


def test_a_caller_cannot_lower_the_label_of_what_is_registered(bench: Any) -> None:
    bench.relabel(replace(bench.patients, provisional=True))
    decided = asyncio.run(bench.gate.grant(bench.request()))
    assert decided.passage is None
    assert any(code.startswith("provisional") for code in codes(decided))


# No effect before its record.


def test_without_a_record_nothing_is_granted(bench: Any) -> None:
    gate = replace(bench.gate, ledger=Broken(bench.instance.ledger))
    with pytest.raises(UnavailableError):
        asyncio.run(gate.grant(bench.request()))
    assert bench.passages() == []
    assert "decision" not in bench.kinds()


def test_without_a_record_no_key_is_released(bench: Any) -> None:
    passage = bench.granted()
    gate = replace(bench.gate, ledger=Broken(bench.instance.ledger), vault=Watched(bench))
    with pytest.raises(UnavailableError):
        ask_key(gate, passage.permit, "itoshima")
    assert gate.vault.wrapped == []


def test_a_record_that_may_be_durable_but_was_not_acknowledged_releases_nothing(
    bench: Any,
) -> None:
    gate = replace(bench.gate, ledger=Broken(bench.instance.ledger, keeps=True))
    with pytest.raises(UnavailableError):
        asyncio.run(gate.grant(bench.request()))
    assert bench.passages() == []


def test_without_a_record_nothing_is_revoked_and_the_caller_hears_of_it(bench: Any) -> None:
    passage = bench.granted()
    gate = replace(bench.gate, ledger=Broken(bench.instance.ledger))
    with pytest.raises(UnavailableError):
        asyncio.run(gate.revoke(passage.id, principal=AUDITOR, reason="drill"))
    assert bench.instance.register.passage(passage.id).state is PassageState.GRANTED


def test_bytes_are_kept_before_the_entry_that_names_them(bench: Any) -> None:
    class Full:
        def put(self, raw: bytes) -> str:
            raise UnavailableError(f"no space for {len(raw)} bytes")

        def get(self, name: str) -> bytes:
            return bytes(bench.instance.objects.get(name))

    before = bench.instance.log.size
    with pytest.raises(UnavailableError):
        asyncio.run(replace(bench.gate, archive=Full()).grant(bench.request()))
    assert bench.instance.log.size == before


# An engine that fails.


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda answer: {**answer, "revision": "sha256:" + "0" * 64}, "engine.stale"),
        (lambda _: {}, "engine.stale"),
        (lambda answer: {"revision": answer["revision"]}, "engine.malformed"),
        (lambda answer: {**answer, "holds": None}, "engine.malformed"),
    ],
    ids=["another revision", "empty", "no holds", "holds null"],
)
def test_an_answer_that_is_no_answer_refuses(bench: Any, spoil: Any, code: str) -> None:
    gate = with_engine(bench.gate, Spoilt(bench.gate.world.engine, spoil))
    decided = asyncio.run(gate.grant(bench.request()))
    assert decided.passage is None
    assert codes(decided) == (code,)
    assert bench.kinds()[-1] == "decision"


@pytest.mark.parametrize("code", ["engine.timeout", "engine.unavailable"])
def test_an_engine_that_does_not_answer_refuses_grant_and_release(bench: Any, code: str) -> None:
    async def fail() -> None:
        raise EngineError(code, "no answer")

    passage = bench.granted()
    gate = with_engine(bench.gate, Between(bench.gate.world.engine, fail))
    decided, released = asyncio.run(gate.grant(bench.request())), None
    released = ask_key(gate, passage.permit, "itoshima")
    assert (codes(decided), codes(released)) == ((code,), (code,))
    assert (decided.passage, released.envelope) == (None, None)


# Release asks again.


def test_a_label_raised_after_the_grant_stops_the_key(bench: Any) -> None:
    passage = bench.granted()
    taxonomy_label = replace(bench.patients.label, level=type(bench.patients.label.level)(5))
    bench.relabel(replace(bench.patients, label=taxonomy_label))
    released = ask_key(bench.gate, passage.permit, "itoshima")
    assert released.envelope is None
    assert codes(released)


def test_a_label_that_became_provisional_stops_the_key(bench: Any) -> None:
    passage = bench.granted()
    bench.relabel(replace(bench.patients, provisional=True))
    released = ask_key(bench.gate, passage.permit, "itoshima")
    assert released.envelope is None


def test_other_content_under_the_datasets_name_stops_the_key(bench: Any) -> None:
    passage = bench.granted()
    bench.relabel(replace(bench.patients, content="sha256:" + "1" * 64))
    with pytest.raises(ConflictError, match="other content"):
        ask_key(bench.gate, passage.permit, "itoshima")
    assert bench.kinds()[-1] == "release.refused"


def test_a_permit_of_a_weaker_suite_than_the_label_now_needs_gives_no_key(bench: Any) -> None:
    passage = bench.granted()
    claims = bench.instance.vault.verify_permit(passage.permit, now=bench.clock())
    assert claims.suite == "std"
    bench.relabel(replace(bench.patients, label=replace(bench.patients.label, suite=1)))
    with pytest.raises(ConflictError, match="too weak"):
        ask_key(bench.gate, passage.permit, "itoshima")


def test_a_span_that_vanished_stops_the_key(bench: Any, example_network: Network) -> None:
    passage, span = _over(bench)
    network = replace(
        example_network, spans=tuple(s for s in example_network.spans if s.id != span)
    )
    released = ask_key(bench.now_on(network).gate, passage.permit, "itoshima")
    assert released.envelope is None
    assert codes(released) == ("path.gone",)


def test_a_span_that_lost_its_encryption_stops_the_key(
    bench: Any, example_network: Network
) -> None:
    passage, span = _over(bench)
    network = _with_span(example_network, span, encryption=None)
    released = ask_key(bench.now_on(network).gate, passage.permit, "itoshima")
    assert released.envelope is None
    assert any(code.startswith("encryption") for code in codes(released))


def test_a_path_that_now_leads_elsewhere_is_not_the_permitted_path(
    bench: Any, example_network: Network
) -> None:
    """The last span keeps its name but ends at another cluster, which would be permitted too."""
    passage, _ = _over(bench)
    last = bench.gate.world.topology.network.spans[_place(bench, "itoshima-hakata")]
    away = {"source": "inzai", "target": last.target}
    if last.source != "itoshima":
        away = {"source": last.source, "target": "inzai"}
    network = _with_span(example_network, last.id, **away)
    released = ask_key(bench.now_on(network).gate, passage.permit, "itoshima")
    assert released.envelope is None
    assert codes(released) == ("path.gone",)


# Whom it is for, and when.


@pytest.mark.parametrize("site", ["tama", "inzai", "nowhere", "osaka", ""])
def test_only_the_ends_of_the_passage_get_its_key_and_others_are_recorded(
    bench: Any, site: str
) -> None:
    passage = bench.granted()
    with pytest.raises(NotAllowedError):
        ask_key(bench.gate, passage.permit, site)
    entry = bench.instance.ledger.entry(bench.instance.log.size - 1)
    assert entry.kind == "release.refused"
    assert entry.facts["site"] == site


def test_a_revoked_passage_gives_no_key_and_the_attempt_is_recorded(bench: Any) -> None:
    passage = bench.granted()
    asyncio.run(bench.gate.revoke(passage.id, principal=AUDITOR, reason="drill"))
    with pytest.raises(ConflictError):
        ask_key(bench.gate, passage.permit, "itoshima")
    assert bench.kinds()[-2:] == ["passage.revoked", "release.refused"]


def test_a_passage_is_revoked_once(bench: Any) -> None:
    passage = bench.granted()
    asyncio.run(bench.gate.revoke(passage.id, principal=AUDITOR, reason="drill"))
    with pytest.raises(ConflictError):
        asyncio.run(bench.gate.revoke(passage.id, principal=AUDITOR, reason="again"))
    assert bench.kinds().count("passage.revoked") == 1


def test_a_revocation_while_the_policy_is_asked_wins(bench: Any) -> None:
    passage = bench.granted()

    async def revoke() -> None:
        await bench.gate.revoke(passage.id, principal=AUDITOR, reason="drill")

    gate = replace(
        with_engine(bench.gate, Between(bench.gate.world.engine, revoke)), vault=Watched(bench)
    )
    with pytest.raises(ConflictError):
        ask_key(gate, passage.permit, "itoshima")
    assert gate.vault.wrapped == []
    assert bench.kinds()[-1] == "release.refused"


def test_a_nonce_is_used_once_even_by_the_right_site_and_the_replay_is_recorded(
    bench: Any,
) -> None:
    passage = bench.granted()
    ask_key(bench.gate, passage.permit, "itoshima", "n")
    with pytest.raises(ConflictError):
        ask_key(bench.gate, passage.permit, "itoshima", "n")
    assert bench.kinds()[-1] == "release.refused"


def test_a_nonce_stays_used_for_as_long_as_its_permit_is_accepted(bench: Any) -> None:
    passage = bench.granted()
    ask_key(bench.gate, passage.permit, "itoshima", "n")
    bench.clock.time = passage.expires + SKEW - 1
    with pytest.raises(ConflictError):
        ask_key(bench.gate, passage.permit, "itoshima", "n")


def test_an_expired_permit_gives_no_key(bench: Any) -> None:
    passage = bench.granted()
    bench.clock.time = passage.expires + SKEW
    with pytest.raises(TrustError):
        ask_key(bench.gate, passage.permit, "itoshima")


def test_a_permit_of_the_future_gives_no_key(bench: Any) -> None:
    passage = bench.granted()
    bench.clock.time = passage.created - SKEW - 1
    with pytest.raises(CryptoError):
        ask_key(bench.gate, passage.permit, "itoshima")
    bench.clock.time = passage.created  # a log signs nothing with a clock behind its last word


def test_a_permit_signed_by_another_key_gives_no_key(bench: Any) -> None:
    passage = bench.granted()
    claims = bench.instance.vault.verify_permit(passage.permit, now=bench.clock())
    forged = sign_permit(claims, SigningKey.generate("gov"))
    with pytest.raises(CryptoError):
        ask_key(bench.gate, forged, "itoshima")


def test_a_tampered_permit_gives_no_key(bench: Any) -> None:
    permit = bench.granted().permit
    for place in range(0, len(permit), max(1, len(permit) // 25)):
        spoilt = bytearray(permit)
        spoilt[place] ^= 1
        with pytest.raises(CryptoError):
            ask_key(bench.gate, bytes(spoilt), "itoshima")


def test_a_permit_that_no_register_knows_gives_no_key(bench: Any) -> None:
    """Signed by the right key, but its passage was never admitted: killed before the row."""
    passage = bench.granted()
    vault = bench.instance.vault
    claims = vault.verify_permit(passage.permit, now=bench.clock())
    with pytest.raises(Exception, match="no passage"):
        ask_key(bench.gate, vault.sign_permit(replace(claims, id="p-ghost")), "itoshima")


def test_a_permit_is_verified_by_the_trust_bundle_alone(bench: Any) -> None:
    passage = bench.granted()
    claims = verify_permit(passage.permit, bench.instance.trust(), bench.clock())
    assert claims.destination == "itoshima"


class Watched:
    """The vault, remembering whose keys it wrapped."""

    def __init__(self, bench: Any) -> None:
        self._vault = bench.instance.vault
        self.wrapped: list[str] = []

    def wrap_data_key(self, claims: Any, *, tenant: str, site: str) -> Envelope:
        self.wrapped.append(site)
        envelope: Envelope = self._vault.wrap_data_key(claims, tenant=tenant, site=site)
        return envelope

    def __getattr__(self, name: str) -> Any:
        return getattr(self._vault, name)


def _over(bench: Any) -> tuple[Any, str]:
    passage = bench.granted()
    path = Question.from_bytes(bench.instance.objects.get(passage.question)).path
    assert path is not None
    return passage, path.spans[len(path.spans) // 2]


def _place(bench: Any, span: str) -> int:
    ids: list[str] = [each.id for each in bench.gate.world.topology.network.spans]
    return ids.index(span)


def _with_span(network: Network, span: str, **changed: Any) -> Network:
    return replace(
        network,
        spans=tuple(
            replace(each, evidence=(), **changed) if each.id == span else each
            for each in network.spans
        ),
    )


def _outcome(bench: Any, index: int) -> str:
    return str(bench.instance.ledger.entry(index).facts["outcome"])
