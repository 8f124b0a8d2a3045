"""The long series of drawn questions: with `SEKISHO_SERIES=10000` as in CI, a few of them here.

Both engines are asked at once, each question prepared once and several in flight, so that the
series takes as long as the slower engine and not as long as both.
"""

import asyncio
import os
from typing import Final

from policy.bundle import Bundle
from policy.drawn import case
from policy.engines.embedded import EmbeddedEngine
from policy.engines.opa import OPAEngine
from policy.judge import Inquiry
from policy.vectors import outcome

LENGTH: Final = int(os.environ.get("SEKISHO_SERIES", "200"))
SEED: Final = 3
IN_FLIGHT: Final = 8


async def differs(bundle: Bundle, embedded: EmbeddedEngine, opa: OPAEngine, number: int) -> bool:
    drawn = case(SEED, number)
    inquiry = Inquiry.prepare(
        bundle, drawn.question, spans=drawn.spans, sites=drawn.sites, clusters=drawn.clusters
    )
    answers = await asyncio.gather(
        asyncio.to_thread(embedded.ask_now, inquiry.document), opa.ask(inquiry.document)
    )
    one, other = (outcome(drawn, inquiry.read(answer), bundle) for answer in answers)
    return one != other


async def series(bundle: Bundle, embedded: EmbeddedEngine, port: int) -> list[int]:
    found: list[int] = []
    numbers = iter(range(LENGTH))

    async def worker(opa: OPAEngine) -> None:
        found.extend([number for number in numbers if await differs(bundle, embedded, opa, number)])

    async with OPAEngine(bundle, "127.0.0.1", port, deadline=30) as opa:
        await opa.activate()
        async with asyncio.TaskGroup() as workers:
            for _ in range(IN_FLIGHT):
                workers.create_task(worker(opa))
    return found


def test_both_engines_agree_on_a_series_of_drawn_questions(
    bundle: Bundle, embedded: EmbeddedEngine, opa_port: int
) -> None:
    assert LENGTH > 0
    assert asyncio.run(series(bundle, embedded, opa_port)) == []
