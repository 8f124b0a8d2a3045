import asyncio
import json
import ssl
import urllib.request
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from policy.bundle import Bundle
from policy.engines.breaker import RESTS_FOR, TRIPS_AT, Breaker
from policy.engines.opa import OPAEngine
from policy.engines.probe import probe
from policy.errors import EngineError
from policy.judge import Inquiry
from policy.question import Question

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Stub:
    """A server that says `provenance` at first, and then answers each question by `handler`."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.asked = 0

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        if request.path == "/v1/data/sekisho":
            return web.json_response({"provenance": {"version": "0.0.0"}})
        self.asked += 1
        return await self.handler(request)


def with_stub(
    bundle: Bundle,
    handler: Handler,
    work: Callable[[OPAEngine, Stub], Awaitable[None]],
    **options: Any,
) -> None:
    async def run() -> None:
        stub = Stub(handler)
        runner = web.ServerRunner(web.Server(stub), shutdown_timeout=0.01)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        async with OPAEngine(bundle, "127.0.0.1", port, **options) as engine:
            await work(engine, stub)
        await runner.cleanup()

    asyncio.run(run())


def code_of(bundle: Bundle, handler: Handler, **options: Any) -> str:
    found: list[str] = []

    async def work(engine: OPAEngine, stub: Stub) -> None:
        with pytest.raises(EngineError) as caught:
            await engine.ask({"label": {}})
        assert stub.asked == 1
        found.append(caught.value.code)

    with_stub(bundle, handler, work, **options)
    return found[0]


def says(body: object, status: int = 200) -> Handler:
    async def handler(_: web.Request) -> web.StreamResponse:
        return web.json_response(body, status=status)

    return handler


async def _stalls(_: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError


async def _html(_: web.Request) -> web.StreamResponse:
    return web.Response(text="<html>", content_type="text/html")


async def _half(_: web.Request) -> web.StreamResponse:
    return web.Response(text='{"result": ', content_type="application/json")


async def _hangs_up(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


@pytest.mark.parametrize(
    ("handler", "code"),
    [
        (says({}), "engine.undefined"),
        (says({"decision_id": "1"}), "engine.undefined"),
        (says([]), "engine.malformed"),
        (says({"result": None}), "engine.malformed"),
        (says({"result": True}), "engine.malformed"),
        (says({"result": {}}), "engine.stale"),
        (says({"result": {"revision": "sha256:other"}}), "engine.stale"),
        (says({"code": "internal_error"}, 500), "engine.failed"),
        (says({}, 503), "engine.failed"),
        (says({}, 401), "engine.failed"),
        (_html, "engine.malformed"),
        (_half, "engine.malformed"),
        (_hangs_up, "engine.unavailable"),
    ],
    ids=[
        *("empty", "id-alone", "list", "null", "true", "no-revision", "other-revision"),
        *("500", "503", "401", "html", "half", "hang-up"),
    ],
)
def test_every_bad_answer_is_one_error_and_is_asked_once(
    bundle: Bundle, handler: Handler, code: str
) -> None:
    assert code_of(bundle, handler) == code


def test_a_late_answer_is_none(bundle: Bundle) -> None:
    assert code_of(bundle, _stalls, deadline=0.05) == "engine.timeout"


def test_the_exact_question_goes_to_the_constant_path(bundle: Bundle) -> None:
    seen: list[tuple[str, object]] = []

    async def handler(request: web.Request) -> web.StreamResponse:
        seen.append((request.path, await request.json()))
        return web.json_response({"result": {"revision": bundle.revision}})

    async def work(engine: OPAEngine, _: Stub) -> None:
        await engine.ask({"operator": "東京"})
        assert engine.version == "opa 0.0.0"

    with_stub(bundle, handler, work)
    assert seen == [("/v1/data/sekisho/decision/answer", {"input": {"operator": "東京"}})]


def test_what_is_not_json_is_not_asked(bundle: Bundle) -> None:
    async def work(engine: OPAEngine, stub: Stub) -> None:
        with pytest.raises(EngineError) as caught:
            await engine.ask({"km": float("nan")})
        assert caught.value.code == "engine.malformed"
        assert stub.asked == 0

    with_stub(bundle, says({}), work)


def test_a_server_that_is_gone_is_unavailable(bundle: Bundle) -> None:
    async def run() -> None:
        with pytest.raises(EngineError) as caught:
            async with OPAEngine(bundle, "127.0.0.1", 1):
                pass
        assert caught.value.code == "engine.unavailable"

    asyncio.run(run())


def test_a_server_without_tls_is_not_asked_over_tls(bundle: Bundle) -> None:
    async def work(engine: OPAEngine, stub: Stub) -> None:
        port = engine._client.port  # noqa: SLF001
        strict = OPAEngine(bundle, "127.0.0.1", port, context=ssl.create_default_context())
        with pytest.raises(EngineError):
            await strict.__aenter__()
        assert stub.asked == 0

    with_stub(bundle, says({}), work)


def test_after_repeated_timeouts_the_engine_is_left_alone(bundle: Bundle) -> None:
    async def work(engine: OPAEngine, stub: Stub) -> None:
        for _ in range(TRIPS_AT + 3):
            with pytest.raises(EngineError):
                await engine.ask({})
        assert stub.asked == TRIPS_AT

    with_stub(bundle, _hangs_up, work)


def test_the_breaker_tries_again_after_its_rest() -> None:
    breaker = Breaker()
    for _ in range(TRIPS_AT):
        breaker.check(10)
        breaker.failed(10, EngineError("engine.timeout"))
    with pytest.raises(EngineError):
        breaker.check(10 + RESTS_FOR / 2)
    breaker.check(10 + RESTS_FOR)
    breaker.failed(11, EngineError("engine.timeout"))
    with pytest.raises(EngineError):
        breaker.check(11)


def test_a_bad_answer_is_not_an_outage() -> None:
    breaker = Breaker()
    for _ in range(TRIPS_AT - 1):
        breaker.failed(0, EngineError("engine.timeout"))
    breaker.failed(0, EngineError("engine.stale"))
    breaker.failed(0, EngineError("engine.timeout"))
    breaker.check(0)


def on_opa(bundle: Bundle, port: int, work: Callable[[OPAEngine], Awaitable[None]]) -> None:
    async def run() -> None:
        async with OPAEngine(bundle, "127.0.0.1", port, deadline=5) as engine:
            await work(engine)

    asyncio.run(run())


def put(port: int, path: str, body: bytes, method: str = "PUT") -> None:
    url = f"http://127.0.0.1:{port}/v1/{path}"
    request = urllib.request.Request(url, data=body, method=method)
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        answer.read()


def test_real_opa_passes_the_probe_with_exactly_our_bytes(bundle: Bundle, opa_port: int) -> None:
    async def work(engine: OPAEngine) -> None:
        await engine.activate()
        await probe(engine, bundle)
        assert engine.version.startswith("opa 1.")

    on_opa(bundle, opa_port, work)


@pytest.mark.parametrize("gone", ["conduit", "ceiling", "limits", "waypoint"])
def test_on_real_opa_a_deleted_rule_closes_the_gate(
    bundle: Bundle,
    opa_port: int,
    question: Question,
    asked: Callable[[Question], Inquiry],
    gone: str,
) -> None:
    inquiry = asked(question)

    async def work(engine: OPAEngine) -> None:
        await engine.activate()
        inquiry.read(await engine.ask(inquiry.document))
        path = f"policies/sekisho/rules/{gone}/{gone}.rego"
        await asyncio.to_thread(put, opa_port, path, b"", "DELETE")
        with pytest.raises(EngineError) as caught:
            inquiry.read(await engine.ask(inquiry.document))
        assert caught.value.code == "engine.malformed"

    on_opa(bundle, opa_port, work)


def test_on_real_opa_other_data_closes_the_gate(
    bundle: Bundle, opa_port: int, question: Question, asked: Callable[[Question], Inquiry]
) -> None:
    inquiry = asked(question)

    async def work(engine: OPAEngine) -> None:
        await engine.activate()
        levels = json.loads(json.dumps(bundle.data["levels"]))
        levels["L4"]["required"]["span"] = []
        body = json.dumps(levels).encode()
        await asyncio.to_thread(put, opa_port, "data/sekisho/levels", body)
        with pytest.raises(EngineError) as caught:
            inquiry.read(await engine.ask(inquiry.document))
        assert caught.value.code == "engine.malformed"

    on_opa(bundle, opa_port, work)


def test_on_real_opa_another_revision_is_stale(bundle: Bundle, opa_port: int) -> None:
    async def work(engine: OPAEngine) -> None:
        await engine.activate()
        other = replace(bundle, revision="sha256:other")
        async with OPAEngine(other, "127.0.0.1", opa_port, deadline=5) as late:
            with pytest.raises(EngineError) as caught:
                await late.ask({"label": {"level": "L0"}})
        assert caught.value.code == "engine.stale"

    on_opa(bundle, opa_port, work)


def test_on_real_opa_foreign_policies_are_not_tolerated(bundle: Bundle, opa_port: int) -> None:
    # Another file of one of our packages could add to what a rule holds.
    loose = b"package sekisho.rules.conduit\n\nholds contains id if some id in input.ids\n"

    async def work(engine: OPAEngine) -> None:
        await asyncio.to_thread(put, opa_port, "policies/loose", loose)
        try:
            with pytest.raises(EngineError) as caught:
                await engine.activate()
            assert caught.value.code == "engine.stale"
        finally:
            await asyncio.to_thread(put, opa_port, "policies/loose", b"", "DELETE")
        await asyncio.to_thread(put, opa_port, "policies/sekisho/old/old.rego", loose)
        await engine.activate()
        await probe(engine, bundle)

    on_opa(bundle, opa_port, work)


@pytest.mark.parametrize("spoils", ["policy", "data"])
def test_a_server_that_keeps_other_bytes_is_not_used(bundle: Bundle, spoils: str) -> None:
    kept: dict[str, str] = {}

    async def handler(request: web.Request) -> web.StreamResponse:
        path = request.path.removeprefix("/v1/")
        if request.method == "PUT":
            kept[path] = await request.text()
            return web.json_response({}, status=200 if path.startswith("policies") else 204)
        if path == "policies/":
            names = [name.removeprefix("policies/") for name in kept]
            return web.json_response({"result": [{"id": name} for name in names]})
        if path.startswith("policies/"):
            spoilt = " " if spoils == "policy" else ""
            return web.json_response({"result": {"raw": kept[path] + spoilt}})
        return web.json_response({"result": {"other": True}})

    async def work(engine: OPAEngine, _: Stub) -> None:
        with pytest.raises(EngineError, match="reads back") as caught:
            await engine.activate()
        assert caught.value.code == "engine.stale"

    with_stub(bundle, handler, work)


def test_rego_that_opa_does_not_take_is_a_failure(bundle: Bundle, opa_port: int) -> None:
    path = "sekisho/rules/conduit/conduit.rego"
    broken = replace(bundle, modules={**bundle.modules, path: "package sekisho.rules.conduit\nx {"})

    async def work(engine: OPAEngine) -> None:
        with pytest.raises(EngineError) as caught:
            await engine.activate()
        assert caught.value.code == "engine.failed"

    on_opa(broken, opa_port, work)
