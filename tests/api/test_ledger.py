"""The index repeats the log: rebuilt from it, never ahead of it, and never skipping an entry."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import delete, select

from api.errors import NotAllowedError, NotFoundError, UnavailableError
from api.instance import opened
from api.passage import PassageState
from api.record import Entry
from api.store.decisions import CursorRow, DecisionRow, list_decisions, read_until
from api.store.epochs import InForceRow
from api.tokens import principal_of
from policy.label import Level
from policy.question import Kind, Principal

AUDITOR = Principal(id="auditor", kind="person", tenant=None, roles=frozenset({"auditor"}))
INDEX = (DecisionRow, InForceRow, CursorRow)


class Failing:
    """A database that takes no writes while `down`."""

    def __init__(self, database: Any) -> None:
        self._database, self.down = database, True

    def begin(self) -> Any:
        if self.down:
            raise UnavailableError("database or disk is full")
        return self._database.begin()

    def read(self) -> Any:
        return self._database.read()


def rows(database: Any) -> list[list[dict[str, Any]]]:
    with database.read() as session:
        return [
            sorted((row.model_dump() for row in session.exec(select(table))), key=json.dumps)
            for table in INDEX
        ]


def forget(database: Any, tables: Sequence[Any] = INDEX) -> None:
    with database.begin() as session:
        for table in tables:
            session.exec(delete(table))


def test_the_index_is_rebuilt_from_the_log_row_by_row(bench: Any) -> None:
    bench.granted()
    bench.grant("taoyuan")
    asyncio.run(bench.gate.ask(Kind.PATH, bench.request()))
    before = rows(bench.instance.database)
    assert [len(table) for table in before] == [3, 2, 1]
    forget(bench.instance.database)
    bench.instance.ledger.catch_up()
    assert rows(bench.instance.database) == before


def test_catching_up_twice_changes_nothing(bench: Any) -> None:
    bench.granted()
    before = rows(bench.instance.database)
    bench.instance.ledger.catch_up()
    forget(bench.instance.database, [CursorRow])
    bench.instance.ledger.catch_up()
    assert rows(bench.instance.database) == before


def test_an_entry_that_another_caller_has_not_indexed_yet_is_not_skipped(bench: Any) -> None:
    """Two callers append; the later entry is indexed first, the earlier caller dies."""
    ledger = bench.instance.ledger
    facts = dict(ledger.entry(bench.grant().index).facts)
    earlier = bench.instance.log.append_now(Entry("decision", 7, {**facts, "id": "d-1"}).to_bytes())
    later = ledger.append_now(Entry("decision", 8, {**facts, "id": "d-2"}))
    with bench.instance.database.read() as session:
        found = {row.id: row.position for row in list_decisions(session, tenant=None)}
        assert read_until(session) == later + 1
    assert (found["d-1"], found["d-2"]) == (earlier.index, later)


def test_a_revocation_that_could_not_be_indexed_stops_the_next_release(bench: Any) -> None:
    passage = bench.granted()
    ledger = bench.instance.ledger
    broken = replace(ledger, database=Failing(ledger.database))
    with pytest.raises(UnavailableError):
        asyncio.run(
            replace(bench.gate, ledger=broken).revoke(passage.id, principal=AUDITOR, reason="drill")
        )
    assert bench.kinds()[-1] == "passage.revoked"
    with pytest.raises(Exception, match="revoked"):
        asyncio.run(bench.gate.release(passage.permit, site="itoshima", nonce="n"))


def test_killed_after_the_record_of_a_grant_leaves_a_decision_and_no_passage(
    bench: Any, home: Any
) -> None:
    ledger = bench.instance.ledger
    killed = replace(ledger, database=Failing(ledger.database))
    with pytest.raises(UnavailableError):
        asyncio.run(replace(bench.gate, ledger=killed).grant(bench.request()))
    bench.instance.log.close()
    with opened(home, now=bench.clock) as again:
        with again.database.read() as session:
            found = list_decisions(session, tenant=None)
            assert [row.verdict for row in found] == ["permit"]
        assert list(again.register.passages()) == []


def test_killed_after_the_record_of_a_revocation_leaves_the_passage_revoked(
    bench: Any, home: Any
) -> None:
    passage = bench.granted()
    facts = {"passage": passage.id, "by": "auditor", "reason": "drill"}
    bench.instance.log.append_now(Entry("passage.revoked", bench.clock(), facts).to_bytes())
    bench.instance.log.close()
    with opened(home, now=bench.clock) as again:
        assert again.register.passage(passage.id).state is PassageState.REVOKED


def test_killed_after_the_record_of_a_tokens_end_leaves_the_token_useless(
    bench: Any, home: Any
) -> None:
    who = principal_of("auditor", name="a", tenant=None, clearance=Level.L3)
    token = bench.instance.issue_token(who)
    assert bench.instance.tokens.recognise(token, now=bench.clock()) == who
    facts = {"token": token.split("_")[1]}
    bench.instance.log.append_now(Entry("token.revoked", bench.clock(), facts).to_bytes())
    bench.instance.log.close()
    with opened(home, now=bench.clock) as again, pytest.raises(NotAllowedError):
        again.tokens.recognise(token, now=bench.clock())


def test_killed_after_the_record_of_a_new_token_leaves_no_token(bench: Any) -> None:
    facts = {"token": "0123", "principal": {}}
    bench.instance.ledger.append_now(Entry("token.issued", bench.clock(), facts))
    bench.instance.ledger.append_now(Entry("token.revoked", bench.clock(), {"token": "0123"}))
    assert list(bench.instance.tokens.listed()) == []


def test_a_passage_ends_as_it_ended_first(bench: Any) -> None:
    passage = bench.granted()
    for kind in ("passage.revoked", "passage.delivered"):
        bench.instance.ledger.append_now(Entry(kind, bench.clock(), {"passage": passage.id}))
    assert bench.instance.register.passage(passage.id).state is PassageState.REVOKED


def test_a_token_that_was_never_issued_is_not_recorded_as_revoked(bench: Any) -> None:
    before = bench.instance.log.size
    with pytest.raises(NotFoundError):
        bench.instance.revoke_token("nothing")
    assert bench.instance.log.size == before


def test_appends_of_many_callers_at_once_are_all_indexed(bench: Any) -> None:
    ledger = bench.instance.ledger
    facts = dict(ledger.entry(bench.grant().index).facts)

    async def together() -> list[int]:
        now = bench.clock()
        entries = [Entry("decision", now, {**facts, "id": f"d-{n}"}) for n in range(20)]
        return list(await asyncio.gather(*(ledger.append(entry) for entry in entries)))

    indices = asyncio.run(together())
    with bench.instance.database.read() as session:
        found = {row.position for row in list_decisions(session, tenant=None)}
        assert set(indices) <= found
        assert read_until(session) == max(indices) + 1


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[]", b"null", b'{"v":2,"kind":"x","at":1,"facts":{}}', b'{"v":1}', b"\xff"],
)
def test_what_is_no_entry_is_said_to_be_none(raw: bytes) -> None:
    with pytest.raises(UnavailableError):
        Entry.from_bytes(raw)


def test_an_entry_reads_back_as_it_was_written() -> None:
    entry = Entry("decision", 5, {"name": "病院", "list": [1, None, True]})
    assert Entry.from_bytes(entry.to_bytes()) == entry
