"""The OPA engine: one server or fleet, asked through opa-python-client 3.0.0 and nothing else.

* One constant path; the answer must be there, be an object and carry the active revision.
* No retries: the deadline is ours, and an answer that comes late is none.
* Policies go up as exact bytes and are read back; a server that holds anything else is refused.
* What the client raises has no common base, so it becomes an `EngineError` here, once.
"""

import asyncio
import json
import ssl
from collections.abc import Awaitable, Mapping
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import aiohttp
from opa_client.opa_async import AsyncOpaClient
from typing_extensions import override

from policy.bundle import Bundle
from policy.canonical import JSON, canonical
from policy.engines.breaker import Breaker
from policy.errors import EngineError

PACKAGE: Final = "sekisho.decision"
RULE: Final = "answer"
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_Got = TypeVar("_Got")


class _Client(AsyncOpaClient):  # type: ignore[misc] # the client is untyped
    """The client with a session of ours: it ignores CA files, and trusts proxies by environment."""

    def __init__(self, host: str, port: int, context: ssl.SSLContext | None, **rest: Any) -> None:
        super().__init__(host=host, port=port, ssl=context is not None, retries=0, **rest)
        self._context = context

    @override
    async def _init_session(self) -> None:
        self._session = aiohttp.ClientSession(
            headers=self.headers,
            connector=aiohttp.TCPConnector(limit=64, ssl=self._context or True),
            timeout=aiohttp.ClientTimeout(total=self.timeout),
            trust_env=False,
        )


class OPAEngine:
    """Asks an OPA server for one revision. Open it in the event loop that will ask."""

    def __init__(
        self,
        bundle: Bundle,
        host: str,
        port: int,
        *,
        deadline: float = 0.25,
        context: ssl.SSLContext | None = None,
        token: str | None = None,
    ) -> None:
        """`deadline` is seconds per question; `context` None is plain HTTP, for loopback alone.

        Raises:
            EngineError: plain HTTP to another machine; whoever stands between would decide.
        """
        if context is None and host not in _LOOPBACK:
            raise EngineError("engine.unavailable", "plain HTTP is for loopback alone")
        self.name: Final = "opa"
        self.version = "opa"
        self._bundle = bundle
        self._deadline = deadline
        self._breaker = Breaker()
        self._client: Any = _Client(host, port, context, token=token, timeout=max(deadline, 5.0))

    async def __aenter__(self) -> Self:
        """Open the connections and learn the server's version; raises EngineError."""
        await self._client.__aenter__()
        try:
            body = await self._within(self._query({}, "sekisho", None), 5.0)
        except BaseException:
            await self._client.close_connection()
            raise
        self.version = "opa " + _text(body, "provenance", "version")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connections."""
        await self._client.close_connection()

    async def ask(self, document: Mapping[str, JSON]) -> Mapping[str, JSON]:
        """Evaluate `document`; raises EngineError."""
        loop = asyncio.get_running_loop()
        self._breaker.check(loop.time())
        try:
            body = await self._within(self._query(document, PACKAGE, RULE), self._deadline)
        except EngineError as error:
            self._breaker.failed(loop.time(), error)
            raise
        self._breaker.worked()
        return self._answer(body)

    async def activate(self) -> None:
        """Give the server exactly this bundle: policies, data, and the revision last.

        Until the revision is there every answer is refused as stale. For a fleet that pulls
        signed bundles this is not used.

        Raises:
            EngineError: the server refuses a file, or reads back other bytes, or holds more.
        """
        await self._within(self._upload(), 30.0)

    async def _upload(self) -> None:
        # Rules import the shared vocabulary, and OPA compiles every file as it comes.
        modules = sorted(
            self._bundle.modules.items(), key=lambda item: ("/rules/" in item[0], item)
        )
        for path, source in modules:
            await self._client.update_policy_from_string(source, path, rego_compat=False)
        for path, source in modules:
            raw = (await self._client.get_policy(path)).get("result", {}).get("raw")
            if raw != source:
                raise EngineError("engine.stale", f"{path} reads back as other bytes")
        for foreign in set(await self._client.get_policies_list()) - self._bundle.modules.keys():
            await self._remove(foreign)
        for name, part in self._bundle.document.items():
            await self._store(name, part)

    async def _remove(self, policy: str) -> None:
        # Rego of another file could add to what our rules hold.
        if not policy.startswith("sekisho/"):
            raise EngineError("engine.stale", "the server holds policies that are not ours")
        await self._client.delete_policy(policy)

    async def _store(self, name: str, part: JSON) -> None:
        await self._client.update_or_create_data(part, f"sekisho/{name}")
        if (await self._client.get_data(f"sekisho/{name}")).get("result") != part:
            raise EngineError("engine.stale", f"data.sekisho.{name} reads back otherwise")

    async def _query(self, document: Mapping[str, JSON], package: str, rule: str | None) -> Any:
        try:
            body = json.loads(canonical(document))
        except (TypeError, ValueError) as error:
            raise EngineError("engine.malformed", "the question is not JSON") from error
        return await self._client.query_rule(body, package, rule, {"provenance": "true"})

    async def _within(self, work: Awaitable[_Got], seconds: float) -> _Got:
        try:
            async with asyncio.timeout(seconds):
                return await work
        except TimeoutError as error:
            raise EngineError("engine.timeout", f"no answer within {seconds} s") from error
        except EngineError:
            raise
        except (aiohttp.ContentTypeError, ValueError) as error:
            raise EngineError("engine.malformed", "the answer is not JSON") from error
        except aiohttp.ClientResponseError as error:
            raise EngineError("engine.failed", f"HTTP status {error.status}") from error
        except (aiohttp.ClientError, OSError) as error:
            raise EngineError("engine.unavailable", "no connection") from error
        except Exception as error:
            # The client's own exceptions derive from Exception alone.
            raise EngineError("engine.failed", type(error).__name__) from error

    def _answer(self, body: Any) -> Mapping[str, JSON]:
        if not isinstance(body, dict):
            raise EngineError("engine.malformed", "not an object")
        if "result" not in body:
            raise EngineError("engine.undefined", "no result")
        answer = body["result"]
        if not isinstance(answer, dict):
            raise EngineError("engine.malformed", "the result is not an object")
        if answer.get("revision") != self._bundle.revision:
            raise EngineError("engine.stale", "the answer is of another revision")
        return answer


def _text(body: Any, *names: str) -> str:
    for name in names:
        body = body.get(name) if isinstance(body, dict) else None
    return body if isinstance(body, str) else "of unknown version"
