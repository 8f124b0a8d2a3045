"""Where a site asks for a data key: a fresh challenge first, then the proof, then the gate."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from api.errors import ConflictError, NotAllowedError
from api.gate import Gate, Released
from crypto.recipient import challenge, check_answer
from policy.canonical import canonical, digest

CHALLENGE_SECONDS: Final = 60
MOST_PENDING: Final = 4096
MOST_OF_ONE_SITE: Final = 64


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a site must answer to show that it holds its recipient key."""

    nonce: str
    blob: bytes
    context: bytes


@dataclass(frozen=True, slots=True)
class _Pending:
    site: str
    permit: str
    expected: bytes = field(repr=False)
    expires: int


@dataclass(frozen=True)
class ReleaseDesk:
    """Challenges sites and hands their proven questions to the gate.

    Pending challenges live in memory: after a restart a site asks for a new one. Answered ones
    are spent durably by the gate.
    """

    gate: Gate
    fresh: Callable[[], str]
    _pending: dict[str, _Pending] = field(default_factory=dict[str, _Pending])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def challenge(self, permit: bytes, *, site: str) -> Challenge:
        """Return a fresh challenge to the recipient key that the trust binds to `site`.

        Raises:
            TrustError: the permit does not verify now, or the site is not known.
        """
        now = self.gate.clock()
        self.gate.vault.verify_permit(permit, now=now)
        recipient = self.gate.vault.trust().site(site).public
        nonce = self.fresh()
        context = canonical({"nonce": nonce, "permit": digest(permit), "site": site})
        blob, expected = challenge(recipient, context)
        self._remember(nonce, _Pending(site, digest(permit), expected, now + CHALLENGE_SECONDS))
        return Challenge(nonce, blob, context)

    async def release(self, permit: bytes, *, site: str, nonce: str, answer: bytes) -> Released:
        """Check the proof and ask the gate.

        Raises:
            NotAllowedError: no such challenge for this site and permit, expired, or wrong proof.
            TrustError, ConflictError: as the gate says.
        """
        pending = self._open(permit, site, nonce)
        async with self.gate.noting(permit, site=site):
            check_answer(pending.expected, answer)
        return await self.gate.release(permit, site=site, nonce=nonce)

    def _open(self, permit: bytes, site: str, nonce: str) -> _Pending:
        with self._lock:
            pending = self._pending.pop(nonce, None)
        if (
            pending is None
            or (pending.site, pending.permit) != (site, digest(permit))
            or self.gate.clock() >= pending.expires
        ):
            raise NotAllowedError("no challenge is open for this site and permit")
        return pending

    def _remember(self, nonce: str, pending: _Pending) -> None:
        now = self.gate.clock()
        with self._lock:
            for old in [key for key, each in self._pending.items() if now >= each.expires]:
                del self._pending[old]
            # One site that asks without end must not keep the others from asking.
            own = sum(each.site == pending.site for each in self._pending.values())
            if own >= MOST_OF_ONE_SITE or len(self._pending) >= MOST_PENDING:
                raise ConflictError("too many challenges are open; try again in a minute")
            self._pending[nonce] = pending
