"""The desk: a site proves that it holds its recipient key, freshly, before the gate is asked."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from api.desk import CHALLENGE_SECONDS, MOST_PENDING, ReleaseDesk
from api.errors import ConflictError, NotAllowedError
from api.instance import fresh
from crypto.errors import CryptoError, TrustError
from crypto.permit import sign_permit
from crypto.recipient import RecipientKey, answer
from crypto.signing import SigningKey
from crypto.trust import SKEW
from policy.question import Principal


@pytest.fixture
def desk(bench: Any) -> ReleaseDesk:
    return ReleaseDesk(bench.gate, fresh)


def key_of(bench: Any, site: str) -> RecipientKey:
    return RecipientKey.from_bytes(
        (bench.instance.layout.site(site) / "recipient.key").read_bytes()
    )


def proof(bench: Any, asked: Any, site: str) -> bytes:
    return answer(key_of(bench, site), asked.blob, asked.context)


def released(desk: Any, permit: bytes, site: str, nonce: str, proven: bytes) -> Any:
    return asyncio.run(desk.release(permit, site=site, nonce=nonce, answer=proven))


def test_a_proven_site_gets_its_envelope(bench: Any, desk: ReleaseDesk) -> None:
    permit = bench.granted().permit
    asked = desk.challenge(permit, site="itoshima")
    found = released(desk, permit, "itoshima", asked.nonce, proof(bench, asked, "itoshima"))
    assert found.envelope is not None


def test_a_challenge_is_answered_once(bench: Any, desk: ReleaseDesk) -> None:
    permit = bench.granted().permit
    asked = desk.challenge(permit, site="itoshima")
    proven = proof(bench, asked, "itoshima")
    released(desk, permit, "itoshima", asked.nonce, proven)
    with pytest.raises(NotAllowedError):
        released(desk, permit, "itoshima", asked.nonce, proven)


def test_an_answer_from_before_a_restart_is_refused_by_the_gate_too(
    bench: Any, desk: ReleaseDesk
) -> None:
    """The desk forgets at a restart; what was spent is kept durably."""
    permit = bench.granted().permit
    asked = desk.challenge(permit, site="itoshima")
    released(desk, permit, "itoshima", asked.nonce, proof(bench, asked, "itoshima"))
    again = ReleaseDesk(bench.gate, lambda: asked.nonce)
    second = again.challenge(permit, site="itoshima")
    with pytest.raises(ConflictError):
        released(again, permit, "itoshima", second.nonce, proof(bench, second, "itoshima"))


@pytest.mark.parametrize("wrong", [b"", b"x" * 32], ids=["empty", "guessed"])
def test_a_wrong_proof_gets_nothing_and_uses_the_challenge_up(
    bench: Any, desk: ReleaseDesk, wrong: bytes
) -> None:
    permit = bench.granted().permit
    asked = desk.challenge(permit, site="itoshima")
    before = bench.instance.log.size
    with pytest.raises(CryptoError):
        released(desk, permit, "itoshima", asked.nonce, wrong)
    assert bench.kinds()[-1] == "release.refused"
    with pytest.raises(NotAllowedError):
        released(desk, permit, "itoshima", asked.nonce, proof(bench, asked, "itoshima"))
    assert "release" not in {
        bench.instance.ledger.entry(i).facts.get("kind")
        for i in range(before, bench.instance.log.size)
    }


def test_another_sites_key_proves_nothing(bench: Any, desk: ReleaseDesk) -> None:
    asked = desk.challenge(bench.granted().permit, site="itoshima")
    with pytest.raises(CryptoError):
        proof(bench, asked, "tama")


def test_a_proof_of_one_site_does_not_serve_another(bench: Any, desk: ReleaseDesk) -> None:
    permit = bench.granted().permit
    asked = desk.challenge(permit, site="itoshima")
    with pytest.raises(NotAllowedError):
        released(desk, permit, "tama", asked.nonce, proof(bench, asked, "itoshima"))


def test_a_proof_for_one_permit_does_not_serve_another(bench: Any, desk: ReleaseDesk) -> None:
    one, two = bench.granted().permit, bench.granted().permit
    asked = desk.challenge(one, site="itoshima")
    with pytest.raises(NotAllowedError):
        released(desk, two, "itoshima", asked.nonce, proof(bench, asked, "itoshima"))


def test_a_challenge_that_was_never_given_is_not_answered(bench: Any, desk: ReleaseDesk) -> None:
    with pytest.raises(NotAllowedError):
        released(desk, bench.granted().permit, "itoshima", "made-up", b"x")


def test_a_late_answer_is_refused(bench: Any, desk: ReleaseDesk) -> None:
    permit = bench.granted().permit
    asked = desk.challenge(permit, site="itoshima")
    bench.clock.time += CHALLENGE_SECONDS
    with pytest.raises(NotAllowedError):
        released(desk, permit, "itoshima", asked.nonce, proof(bench, asked, "itoshima"))


def test_no_challenge_for_a_permit_that_does_not_stand(bench: Any, desk: ReleaseDesk) -> None:
    passage = bench.granted()
    claims = bench.instance.vault.verify_permit(passage.permit, now=bench.clock())
    forged = sign_permit(claims, SigningKey.generate("std"))
    for permit in (forged, passage.permit[:-2], b"", b"{}"):
        with pytest.raises(CryptoError):
            desk.challenge(permit, site="itoshima")
    bench.clock.time = passage.expires + SKEW
    with pytest.raises(TrustError):
        desk.challenge(passage.permit, site="itoshima")


def test_no_challenge_for_a_site_that_the_trust_does_not_know(
    bench: Any, desk: ReleaseDesk
) -> None:
    with pytest.raises(TrustError):
        desk.challenge(bench.granted().permit, site="nowhere")


def test_a_trusted_site_off_the_ends_is_refused_after_its_proof_and_recorded(
    bench: Any, desk: ReleaseDesk
) -> None:
    permit = bench.granted().permit
    asked = desk.challenge(permit, site="tama")
    with pytest.raises(NotAllowedError):
        released(desk, permit, "tama", asked.nonce, proof(bench, asked, "tama"))
    assert bench.kinds()[-1] == "release.refused"


def test_a_revocation_between_challenge_and_answer_wins(bench: Any, desk: ReleaseDesk) -> None:
    passage = bench.granted()
    asked = desk.challenge(passage.permit, site="itoshima")
    auditor = Principal(id="auditor", kind="person", tenant=None)
    asyncio.run(bench.gate.revoke(passage.id, principal=auditor, reason="drill"))
    with pytest.raises(ConflictError):
        released(desk, passage.permit, "itoshima", asked.nonce, proof(bench, asked, "itoshima"))


def test_open_challenges_are_bounded_and_old_ones_make_room(bench: Any) -> None:
    permit = bench.granted().permit
    numbers = iter(range(2 * MOST_PENDING))
    quick = replace(bench.gate, vault=Quick(bench.gate.vault, permit, bench.clock()))
    desk = ReleaseDesk(quick, lambda: str(next(numbers)))
    for _ in range(3):
        desk.challenge(permit, site="itoshima")
    pending = next(iter(desk._pending.values()))  # noqa: SLF001 - filling it by hand is quicker
    desk._pending.update({f"old-{n}": pending for n in range(MOST_PENDING)})  # noqa: SLF001
    with pytest.raises(ConflictError, match="too many"):
        desk.challenge(permit, site="itoshima")
    bench.clock.time += CHALLENGE_SECONDS
    assert desk.challenge(permit, site="itoshima").nonce
    assert len(desk._pending) == 1  # noqa: SLF001


class Quick:
    """The vault with the permit's signatures checked once."""

    def __init__(self, vault: Any, permit: bytes, now: int) -> None:
        self._vault, self._claims = vault, vault.verify_permit(permit, now=now)

    def verify_permit(self, _permit: bytes, *, now: int) -> Any:
        assert now
        return self._claims

    def trust(self) -> Any:
        return self._vault.trust()


def test_what_is_expected_of_a_site_is_never_shown(bench: Any, desk: ReleaseDesk) -> None:
    desk.challenge(bench.granted().permit, site="itoshima")
    (pending,) = desk._pending.values()  # noqa: SLF001 - to see that it does not show itself
    assert pending.expected.hex() not in repr(desk)
    assert repr(pending.expected) not in repr(desk)
