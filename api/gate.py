"""The gate: everything that moves, releases or reveals goes through here.

1. Ask the policy. A refusal ends here.
2. Cut the topology to what it permits and find the path. No path is a refusal.
3. Record the decision durably. If that fails, nothing is released.
4. Release: sign the permit, or wrap the data key for the recipient.

No HTTP and no SQL: what the gate needs of the outside are the protocols of `api.ports`.
"""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from api.claims import claims_of
from api.dataset import Dataset
from api.errors import ConflictError, NotAllowedError, NotFoundError
from api.passage import Passage, PassageState
from api.ports import Archive, Ledger, Register, Vault
from api.reckoning import Reckoning, recheck, reckon
from api.record import Entry
from api.world import World
from crypto.envelope import Envelope
from crypto.errors import CryptoError
from crypto.permit import PermitClaims
from crypto.suites import suite
from crypto.trust import SKEW
from policy.canonical import JSON, canonical, digest
from policy.constraints import EMPTY, Constraints
from policy.decision import Permit
from policy.question import Kind, Principal, Question


@dataclass(frozen=True, slots=True)
class Request:
    """A principal's wish to have a dataset carried to one of `targets`."""

    dataset: Dataset
    principal: Principal
    purpose: str
    targets: tuple[str, ...]
    constraints: Constraints = EMPTY
    protect: str = "none"


@dataclass(frozen=True, slots=True)
class Decided:
    """An answer and where it stands in the log; `passage` is set when one was granted."""

    id: str
    index: int
    reckoning: Reckoning
    passage: Passage | None = None


@dataclass(frozen=True, slots=True)
class Released:
    """An answer to a release; the envelope is there only after a yes was recorded."""

    id: str
    index: int
    reckoning: Reckoning
    envelope: Envelope | None = None


@dataclass(frozen=True)
class Gate:
    """One choke point over one world; `clock` gives Unix seconds, `fresh` gives new ids."""

    world: World
    ledger: Ledger
    archive: Archive
    register: Register
    vault: Vault
    clock: Callable[[], int]
    fresh: Callable[[], str]

    async def ask(self, kind: Kind, request: Request) -> Decided:
        """Work out and record an answer that releases nothing: a placement, a path."""
        # 1. and 2.
        reckoning = await self._reckon(kind, request)
        # 3.
        identity, index = await self._record(reckoning, options=_options(request))
        return Decided(identity, index, reckoning)

    async def grant(self, request: Request) -> Decided:
        """Decide on a passage; a yes is recorded before its permit is signed."""
        # 1. and 2.
        reckoning = await self._reckon(Kind.PASSAGE, request)
        # 3.
        identity, index = await self._record(reckoning, options=_options(request))
        if not isinstance(reckoning.decision, Permit):
            return Decided(identity, index, reckoning)
        # 4.
        return Decided(
            identity, index, reckoning, self._admit(reckoning, reckoning.decision, index)
        )

    async def release(self, permit: bytes, *, site: str, nonce: str) -> Released:
        """Decide, live, whether `site` may have the data key of the permit's passage.

        The caller has authenticated `site` and has its proof of the recipient key on `nonce`.

        Raises:
            TrustError: the permit does not verify or has expired.
            NotAllowedError: the permit is for another site.
            ConflictError: the passage no longer stands as granted, or the nonce was used before.
        """
        now = self.clock()
        claims = self.vault.verify_permit(permit, now=now)
        async with self.noting(permit, site=site):
            return await self._release(claims, site=site, nonce=nonce, now=now)

    @asynccontextmanager
    async def noting(self, permit: bytes, *, site: str) -> AsyncGenerator[None]:
        """Record whatever refuses `site` the key of a permit that verifies, and raise it."""
        try:
            yield
        except (ConflictError, NotAllowedError, NotFoundError, CryptoError) as failure:
            facts: dict[str, JSON] = {"permit": digest(permit), "site": site, "why": str(failure)}
            await self._note("release.refused", facts)
            raise

    async def _release(self, claims: PermitClaims, *, site: str, nonce: str, now: int) -> Released:
        passage = self._standing(claims, site)
        # A permit is accepted a little past its end, because clocks differ; so long it is used.
        self.register.spend(nonce, expires=claims.expires + SKEW)
        # 1. and 2. The dataset, the policy and the network as they are now, not as they were.
        reckoning = await recheck(self.world, self._again(passage, claims, now))
        # 3.
        options: dict[str, JSON] = {"passage": passage.id, "site": site}
        identity, index = await self._record(reckoning, options=options)
        if not isinstance(reckoning.decision, Permit):
            return Released(identity, index, reckoning)
        # 4. A revocation may have been recorded while the policy was asked.
        self._standing(claims, site)
        envelope = self.vault.wrap_data_key(claims, tenant=passage.tenant, site=site)
        return Released(identity, index, reckoning, envelope)

    async def revoke(self, identity: str, *, principal: Principal, reason: str) -> int:
        """Stop a passage: recorded first, then no key and no segment is granted any more.

        Raises:
            ConflictError: the passage is no longer granted.
        """
        passage = self.register.passage(identity)
        if passage.state is not PassageState.GRANTED:
            raise ConflictError(f"passage {identity!r} is {passage.state}")
        facts: dict[str, JSON] = {"passage": identity, "by": principal.id, "reason": reason}
        return await self._note("passage.revoked", facts)

    def sites_of(self, passage: Passage) -> tuple[str, ...]:
        """Return the sites on the path of a passage, in order."""
        path = Question.from_bytes(self.archive.get(passage.question)).path
        return () if path is None else path.sites

    async def _reckon(self, kind: Kind, request: Request) -> Reckoning:
        # As it is registered now, whatever the caller remembers of it.
        dataset = self.register.dataset(request.dataset.id)
        question = Question(
            kind=kind,
            now=self.clock(),
            label=dataset.label,
            principal=request.principal,
            dataset=dataset.facts,
            purpose=request.purpose,
            source=dataset.site,
            destination=request.targets[0] if len(request.targets) == 1 else None,
            constraints=request.constraints,
        )
        return await reckon(self.world, question, request.targets, protect=request.protect)

    async def _record(
        self, reckoning: Reckoning, *, options: Mapping[str, JSON]
    ) -> tuple[str, int]:
        question = reckoning.question
        identity = f"d-{self.fresh()}"
        # The bytes are kept before the entry that names them: no entry ever points at nothing.
        facts: dict[str, JSON] = {
            "id": identity,
            "kind": question.kind.value,
            "verdict": "permit" if reckoning.permitted else "refuse",
            "question": self.archive.put(question.to_bytes()),
            "outcome": self.archive.put(canonical(reckoning.document)),
            "revision": self.world.bundle.revision,
            "epoch": self.world.topology.network.digest,
            "engine": self.world.engine_id,
            "tenant": None if question.dataset is None else question.dataset.tenant,
            "dataset": None if question.dataset is None else question.dataset.id,
            "principal": None if question.principal is None else question.principal.id,
            "codes": list(reckoning.codes),
            "options": dict(options),
        }
        return identity, await self._note("decision", facts)

    async def _note(self, kind: str, facts: Mapping[str, JSON]) -> int:
        return await self.ledger.append(Entry(kind=kind, at=self.clock(), facts=facts))

    def _admit(self, reckoning: Reckoning, permit: Permit, index: int) -> Passage:
        identity = f"p-{self.fresh()}"
        claims = claims_of(reckoning.question, permit, identity, self.fresh(), index)
        tenant = self.register.dataset(claims.dataset).tenant
        self.vault.make_data_key(identity, tenant=tenant)
        passage = Passage(
            id=identity,
            dataset=claims.dataset,
            tenant=tenant,
            source=permit.source,
            destination=permit.destination,
            state=PassageState.GRANTED,
            question=reckoning.question.digest,
            permit=self.vault.sign_permit(claims),
            decision=index,
            created=permit.issued,
            expires=permit.expires,
        )
        self.register.add_passage(passage)
        return passage

    def _standing(self, claims: PermitClaims, site: str) -> Passage:
        # What the permit says is signed; what the register says is only kept.
        if site not in {claims.destination, claims.source}:
            raise NotAllowedError(f"the permit of {claims.id!r} is not for site {site!r}")
        passage = self.register.passage(claims.id)
        if (passage.decision, passage.dataset) != (claims.log_index, claims.dataset):
            raise ConflictError(f"passage {claims.id!r} is not the one that was permitted")
        if passage.state is not PassageState.GRANTED:
            raise ConflictError(f"passage {claims.id!r} is {passage.state}")
        dataset = self.register.dataset(passage.dataset)
        if dataset.content != claims.content:
            raise ConflictError(f"the permit of {claims.id!r} is for other content")
        if suite(claims.suite).floor < dataset.label.suite:
            raise ConflictError(f"the permit of {claims.id!r} is for a suite that is too weak now")
        return passage

    def _again(self, passage: Passage, claims: PermitClaims, now: int) -> Question:
        asked = Question.from_bytes(self.archive.get(passage.question))
        path = asked.path
        if path is None or (path.sites, path.spans) != (claims.sites, claims.spans):
            raise ConflictError(f"passage {claims.id!r} was not asked about the permitted path")
        dataset = self.register.dataset(passage.dataset)
        return replace(
            asked, kind=Kind.RELEASE, now=now, label=dataset.label, dataset=dataset.facts
        )


def _options(request: Request) -> dict[str, JSON]:
    return {"targets": list(request.targets), "protect": request.protect}
