"""A pinned site that means harm: what it can take from the others, and what it cannot."""

import asyncio
from typing import Any

import pytest

from api.desk import MOST_OF_ONE_SITE, MOST_PENDING, ReleaseDesk
from api.errors import ConflictError, UsageError
from api.http.bounds import LARGEST_BODY
from api.http.control import control_app
from api.http.tls import EXTENSION
from api.instance import fresh


def test_a_site_that_asks_without_end_keeps_no_other_site_from_asking(bench: Any) -> None:
    permit = bench.granted().permit
    desk = ReleaseDesk(bench.gate, fresh)
    for _ in range(MOST_OF_ONE_SITE):
        desk.challenge(permit, site="tama")
    with pytest.raises(ConflictError):
        desk.challenge(permit, site="tama")
    assert desk.challenge(permit, site="itoshima").nonce
    assert MOST_OF_ONE_SITE * 8 < MOST_PENDING


def test_a_body_without_end_is_not_taken_into_memory(bench: Any) -> None:
    app, taken, said = control_app(ReleaseDesk(bench.gate, fresh)), 0, []
    scope = {
        "type": "http", "method": "POST", "path": "/v1/keys:challenge", "query_string": b"",
        "headers": [(b"content-type", b"application/json")], "http_version": "1.1",
        "raw_path": b"/v1/keys:challenge", "scheme": "https", "root_path": "",
        "extensions": {EXTENSION: {"site": "tama", "group": "X25519MLKEM768"}},
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        nonlocal taken
        taken += 1 << 16
        assert taken < 1 << 30
        return {
            "type": "http.request",
            "body": b"x" * (1 << 16),
            "more_body": taken < 64 * LARGEST_BODY,
        }

    async def send(message: Any) -> None:
        said.append(message)

    asyncio.run(app(scope, receive, send))
    assert said[0]["status"] == 413
    assert taken <= 2 * LARGEST_BODY


@pytest.mark.parametrize("site", ["..", ".", "", "a/b", "../../etc", "/etc", "a\0b"])
def test_a_site_id_leads_nowhere_but_to_its_own_folder(bench: Any, site: str) -> None:
    with pytest.raises(UsageError):
        bench.instance.layout.site(site)
