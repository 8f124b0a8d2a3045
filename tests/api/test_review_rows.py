"""Whoever can write only the database gets no key, no clearance and no second life for anything."""

import asyncio
import json
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from api.errors import NotAllowedError, SekishoError, UnavailableError
from api.gate import Released
from api.instance import decision_entry, opened
from api.tokens import principal_of
from crypto.errors import CryptoError, ForgedError
from crypto.keystate import Operation
from policy.bundle import Bundle
from policy.canonical import canonical
from policy.engines.engine import Engine
from policy.label import BOTTOM, Level

Failures = (SekishoError, CryptoError)


def write(bench: Any, statement: str, *values: object) -> None:
    """Change the database as one who has nothing but the file."""
    with closing(sqlite3.connect(bench.instance.layout.database)) as connection, connection:
        assert connection.execute(statement, values).rowcount > 0


def release(bench: Any, permit: bytes, site: str) -> Released:
    given: Released = asyncio.run(bench.gate.release(permit, site=site, nonce=f"n-{site}"))
    return given


def engine_of(bench: Any) -> Callable[[Bundle], Engine]:
    def running(_: Bundle) -> Engine:
        engine: Engine = bench.gate.world.engine
        return engine

    return running


# Passages.


def test_a_destination_changed_in_the_database_gets_no_key(bench: Any) -> None:
    passage = bench.granted()
    write(bench, "UPDATE passage SET destination = 'tama'")
    with pytest.raises(NotAllowedError):
        release(bench, passage.permit, "tama")


def test_a_source_changed_in_the_database_gets_no_key(bench: Any) -> None:
    passage = bench.granted()
    write(bench, "UPDATE passage SET source = 'tama'")
    with pytest.raises(NotAllowedError):
        release(bench, passage.permit, "tama")


def test_a_release_is_asked_about_the_path_of_the_permit_and_no_other(bench: Any) -> None:
    passage, other = bench.granted("itoshima"), bench.granted("tama")
    write(bench, "UPDATE passage SET question = ? WHERE id = ?", other.question, passage.id)
    with pytest.raises(Failures):
        release(bench, passage.permit, "itoshima")


def test_a_revocation_undone_in_the_database_stays_in_force(bench: Any) -> None:
    passage = bench.granted()
    auditor = principal_of("auditor", name="auditor", tenant=None, clearance=Level.L4)
    asyncio.run(bench.gate.revoke(passage.id, principal=auditor, reason="test"))
    write(bench, "UPDATE passage SET state = 'granted'")
    assert bench.instance.register.passage(passage.id).state == "revoked"
    with pytest.raises(Failures):
        release(bench, passage.permit, "itoshima")


def test_an_index_that_claims_to_have_read_the_future_cannot_hide_a_revocation(bench: Any) -> None:
    passage = bench.granted()
    write(bench, "UPDATE cursor SET position = 1000000")
    auditor = principal_of("auditor", name="auditor", tenant=None, clearance=Level.L4)
    with pytest.raises(Failures):
        asyncio.run(bench.gate.revoke(passage.id, principal=auditor, reason="test"))
    with pytest.raises(Failures):
        release(bench, passage.permit, "itoshima")


# Keys.


def test_a_key_record_under_another_ones_name_is_not_opened(bench: Any) -> None:
    first, second = bench.granted(), bench.granted()
    swap = "UPDATE key SET record = (SELECT record FROM key WHERE id = ?) WHERE id = ?"
    write(bench, swap, f"data/{second.id}", f"data/{first.id}")
    with pytest.raises(ForgedError):
        release(bench, first.permit, "itoshima")


def test_a_root_key_under_the_permit_keys_name_signs_no_permit(bench: Any) -> None:
    swap = "UPDATE key SET record = (SELECT record FROM key WHERE id = ?) WHERE id = ?"
    write(bench, swap, "root/1", "permit")
    with pytest.raises(ForgedError):
        bench.grant()


def test_two_callers_who_first_need_a_tenants_key_make_one_key(bench: Any) -> None:
    vault, start = bench.instance.vault, threading.Barrier(8)

    def make(name: str) -> None:
        start.wait()
        vault.make_data_key(name, tenant="newcomer")

    names = [f"p-{place}" for place in range(8)]
    threads = [threading.Thread(target=make, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name in names:
        with vault.data_key(name, "newcomer", Operation.PROCESS) as dek:
            assert any(dek)


# Datasets.


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("label", canonical(BOTTOM.to_json())),
        ("content", "sha256:" + "1" * 64),
        ("tenant", "another"),
        ("site", "tama"),
        ("purposes", json.dumps(["advertising"])),
        ("provisional", 1),
    ],
)
def test_a_dataset_that_is_not_as_it_was_recorded_goes_nowhere(
    bench: Any, column: str, value: object
) -> None:
    request, passage = bench.request(), bench.granted()
    write(bench, f"UPDATE dataset SET {column} = ?", value)  # noqa: S608 - a name of ours
    with pytest.raises(SekishoError):
        asyncio.run(bench.gate.grant(request))
    with pytest.raises(SekishoError):
        release(bench, passage.permit, "itoshima")


def test_a_dataset_that_was_never_recorded_goes_nowhere(bench: Any) -> None:
    request = bench.request()
    write(bench, "UPDATE dataset SET id = 'ds-forged'")
    with pytest.raises(SekishoError):
        bench.instance.register.dataset("ds-forged")
    with pytest.raises(SekishoError):
        asyncio.run(bench.gate.grant(request))


# Tokens.


@pytest.mark.parametrize(
    ("column", "change"),
    [
        ("principal", "replace(principal, '[\"tenant\"]', '[\"admin\"]')"),
        ("principal", "replace(principal, 'midori-hospital', 'another')"),
        ("expires", "expires + 1000000000"),
    ],
    ids=["role", "tenant", "expiry"],
)
def test_a_token_whose_row_was_changed_is_not_accepted(
    bench: Any, column: str, change: str
) -> None:
    who = principal_of("tenant", name="steward", tenant="midori-hospital", clearance=Level.L2)
    token = bench.instance.issue_token(who)
    unlike = f"UPDATE token SET {column} = {change} WHERE {column} <> {change}"  # noqa: S608
    write(bench, unlike)
    with pytest.raises(NotAllowedError):
        bench.instance.tokens.recognise(token, now=bench.clock())


def test_a_revoked_token_stays_revoked_whatever_the_database_says(bench: Any) -> None:
    who = principal_of("tenant", name="steward", tenant="midori-hospital", clearance=Level.L2)
    token = bench.instance.issue_token(who)
    bench.instance.revoke_token(token.split("_")[1])
    write(bench, "UPDATE token SET revoked = 0")
    with pytest.raises(NotAllowedError):
        bench.instance.tokens.recognise(token, now=bench.clock())


# What is in force.


def test_a_network_that_was_never_put_in_force_decides_nothing(bench: Any) -> None:
    write(bench, "UPDATE in_force SET digest = ? WHERE what = 'network'", "sha256:" + "1" * 64)
    with pytest.raises(Failures):
        bench.instance.world(engine_of(bench))


@pytest.mark.parametrize("what", ["policy", "network"])
def test_what_was_in_force_before_cannot_be_put_back_in_the_database(
    bench: Any, example_network: Any, what: str
) -> None:
    instance = bench.instance
    if what == "network":
        instance.in_force.activate_network(example_network, instance.ledger)
    else:
        instance.in_force.activate_policy(bench.gate.world.bundle, instance.ledger, instance.vault)
    newest = "DELETE FROM in_force WHERE position = (SELECT max(position) FROM in_force)"
    write(bench, newest)
    with pytest.raises(Failures):
        instance.world(engine_of(bench))


def test_the_log_convicts_a_changed_database_in_the_next_process_too(bench: Any) -> None:
    passage = bench.granted()
    home, clock = bench.instance.layout.directory, bench.clock
    auditor = principal_of("auditor", name="auditor", tenant=None, clearance=Level.L4)
    asyncio.run(bench.gate.revoke(passage.id, principal=auditor, reason="test"))
    write(bench, "UPDATE passage SET state = 'granted'")
    bench.instance.log.close()
    with opened(home, now=clock) as again:
        assert again.register.passage(passage.id).state == "revoked"


# Decisions.


@pytest.mark.parametrize("column", ["position", "tenant"])
def test_the_index_cannot_show_one_decision_under_the_name_of_another(
    bench: Any, column: str
) -> None:
    first, second = bench.grant(), bench.grant()
    write(bench, "UPDATE decision SET position = 1000001 WHERE id = ?", second.id)
    moved = second.index if column == "position" else "another"
    write(bench, f"UPDATE decision SET {column} = ? WHERE id = ?", moved, first.id)  # noqa: S608
    with pytest.raises(UnavailableError):
        decision_entry(bench.instance, first.id)


# What is deleted, and what is only looked at.


@pytest.mark.parametrize("table", ["dataset", "passage", "key", "cursor", "trust_seen"])
def test_a_deleted_row_permits_nothing_that_was_not_permitted(bench: Any, table: str) -> None:
    passage = bench.granted()
    auditor = principal_of("auditor", name="auditor", tenant=None, clearance=Level.L4)
    asyncio.run(bench.gate.revoke(passage.id, principal=auditor, reason="test"))
    write(bench, f"DELETE FROM {table}")  # noqa: S608 - a name of ours
    with pytest.raises(Failures):
        release(bench, passage.permit, "itoshima")


def test_deleted_activations_leave_nothing_to_decide_by(bench: Any) -> None:
    write(bench, "DELETE FROM in_force")
    with pytest.raises(Failures):
        bench.instance.world(engine_of(bench))


def test_lists_show_what_the_database_says_and_single_records_do_not(bench: Any) -> None:
    """What is not held: a list is for looking at (docs/threats.md)."""
    write(bench, "UPDATE dataset SET tenant = 'another'")
    assert [each.tenant for each in bench.instance.register.datasets()] == ["another"]
    with pytest.raises(UnavailableError):
        bench.instance.register.dataset(bench.patients.id)
