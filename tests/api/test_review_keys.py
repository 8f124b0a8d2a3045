"""What a destroyed key leaves behind, and what can bring it back."""

import asyncio
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from crypto.errors import KeyStateError
from crypto.keystate import Operation


def test_a_destroyed_key_leaves_no_wrapped_bytes_in_the_database_or_its_log(bench: Any) -> None:
    passage, vault = bench.granted(), bench.instance.vault
    with closing(sqlite3.connect(bench.instance.layout.database)) as connection:
        find = "SELECT record FROM key WHERE id = ?"
        (record,) = connection.execute(find, (f"data/{passage.id}",)).fetchone()
    vault.shred(passage.id, passage.tenant)
    with pytest.raises(KeyStateError):
        asyncio.run(bench.gate.release(passage.permit, site="itoshima", nonce="n-1"))
    for path in bench.instance.layout.directory.glob("sekisho.sqlite*"):
        assert record[-100:-30] not in path.read_bytes(), path.name


def test_a_shredding_that_readers_held_up_can_be_done_again(bench: Any) -> None:
    passage, vault = bench.granted(), bench.instance.vault
    vault.shred(passage.id, passage.tenant)
    vault.shred(passage.id, passage.tenant)


def test_a_record_from_before_its_destruction_opens_when_it_is_put_back(bench: Any) -> None:
    """What is not held: whoever writes the database can undo a destruction (docs/threats.md)."""
    passage, vault = bench.granted(), bench.instance.vault
    path = bench.instance.layout.database
    with closing(sqlite3.connect(path)) as connection, connection:
        find = "SELECT record FROM key WHERE id = ?"
        (before,) = connection.execute(find, (f"data/{passage.id}",)).fetchone()
    vault.shred(passage.id, passage.tenant)
    with closing(sqlite3.connect(path)) as connection, connection:
        put = "UPDATE key SET record = ? WHERE id = ?"
        connection.execute(put, (before, f"data/{passage.id}"))
    with vault.data_key(passage.id, passage.tenant, Operation.PROCESS) as dek:
        assert len(dek) == 32
