"""Requests that a client may repeat without doing the thing twice (`Idempotency-Key`).

The answer is kept after the thing is done. Where the process ends between the two, the key stays
taken: a repeat is told so, and does nothing.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Header, Response

from api.instance import Parts
from api.store.idempotency import begin_answer, forget_answer, keep_answer, make_table
from policy.canonical import canonical, digest
from policy.question import Principal

KEPT_SECONDS: Final = 24 * 3600
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[!-~]+$",
        description="Repeats with the same key and request get the first answer.",
    ),
]


@dataclass(frozen=True)
class Once:
    """Answers one operation once per principal and key."""

    parts: Parts
    operation: str

    def __post_init__(self) -> None:
        """Make the table where it is missing."""
        with self.parts.database.begin() as session:
            make_table(session)

    async def answer(
        self, key: str | None, who: Principal, asked: str, make: Callable[[], Awaitable[Response]]
    ) -> Response:
        """Return what `make` answers, or what it answered the first time; `asked` is a digest.

        Raises:
            UsageError: the key came with another request.
            ConflictError: the first request is not answered yet, or was cut off.
        """
        if key is None:
            return await make()
        name = digest(canonical([self.operation, key, who.to_json()]))
        with self.parts.database.begin() as session:
            earlier = begin_answer(session, name, asked, now=self.parts.now(), kept=KEPT_SECONDS)
        if earlier is not None:
            return _again(earlier.status or 200, earlier.location, earlier.body)
        try:
            made = await make()
        except Exception:
            with self.parts.database.begin() as session:
                forget_answer(session, name)
            raise
        location, body = made.headers.get("Location", ""), bytes(made.body)
        with self.parts.database.begin() as session:
            keep_answer(session, name, made.status_code, location, body)
        return made


def _again(status: int, location: str, body: bytes) -> Response:
    headers = {"Idempotency-Replayed": "true"}
    if location:
        headers["Location"] = location
    return Response(body, status, headers, media_type="application/json")
