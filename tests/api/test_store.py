"""The database keeps what it acknowledges, compares levels as numbers, and shows no secrets."""

import sqlite3
import threading
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import select

from api.dataset import Dataset
from api.errors import ConflictError, NotFoundError, UnavailableError
from api.passage import Passage, PassageState
from api.register import Register
from api.store.database import Database
from api.store.datasets import DatasetRow, save_dataset
from api.store.decisions import DecisionRow, get_decision, index_decision, list_decisions
from api.store.epochs import in_force, put_in_force
from api.store.keys import get_key, save_key
from api.store.passages import PassageRow, add_passage, end_passage
from policy.label import BOTTOM, Label, Level

DATASET = Dataset(
    id="ds-1",
    tenant="one",
    name="n",
    site="tokyo",
    purposes=frozenset({"care"}),
    declared=None,
    label=BOTTOM,
    content=None,
    size=1,
    provisional=False,
    state="settled",
    registered=1,
    findings="sha256:0",
)
PASSAGE = Passage(
    id="p-1",
    dataset="ds-1",
    tenant="one",
    source="tokyo",
    destination="inzai",
    state=PassageState.GRANTED,
    question="sha256:0",
    permit=b"PERMIT-BYTES-THAT-NO-ERROR-SHOWS",
    decision=1,
    created=1,
    expires=2,
)
DECISION = {
    "at": 1,
    "kind": "path",
    "verdict": "permit",
    "dataset": None,
    "principal": None,
    "revision": "r",
    "epoch": "e",
}


@pytest.fixture
def database(tmp_path: Path) -> Generator[Database]:
    made = Database(tmp_path / "sekisho.sqlite")
    yield made
    made.close()


@pytest.fixture
def register(database: Database) -> Register:
    return Register(database, lambda: 100)


def keep(database: Database, *datasets: Dataset) -> None:
    with database.begin() as session:
        for each in datasets:
            save_dataset(session, each)


def test_levels_are_compared_as_numbers_not_as_words(database: Database) -> None:
    labelled = [Label(level=level) for level in Level]
    keep(database, *(replace(DATASET, id=f"ds-{x.level}", label=x) for x in labelled))
    with database.read() as session:
        at_least = session.exec(select(DatasetRow).where(DatasetRow.level >= Level.L2)).all()
        kinds = session.execute(text("SELECT DISTINCT typeof(level) FROM dataset")).all()
    assert {row.level for row in at_least} == {2, 3, 4, 5}
    assert kinds == [("integer",)]


@pytest.mark.parametrize("level", [-1, 6])
def test_the_database_itself_refuses_levels_that_do_not_exist(
    database: Database, level: int
) -> None:
    keep(database, DATASET)
    with pytest.raises(UnavailableError, match="CHECK"), database.begin() as session:
        session.execute(text("UPDATE dataset SET level = :level"), {"level": level})


def test_the_database_itself_refuses_states_that_do_not_exist(database: Database) -> None:
    with database.begin() as session:
        add_passage(session, PASSAGE)
    with pytest.raises(UnavailableError, match="CHECK"), database.begin() as session:
        session.execute(text("UPDATE passage SET state = 'open'"))


def test_a_refusal_of_the_database_shows_no_parameters(database: Database) -> None:
    passage = replace(PASSAGE, question="WORDS-THAT-NO-ERROR-SHOWS")
    with database.begin() as session:
        add_passage(session, passage)
    with pytest.raises(UnavailableError) as caught, database.begin() as session:
        add_passage(session, passage)
    shown = f"{caught.value} {caught.value.__cause__}"
    assert "UNIQUE" in shown
    assert "NO-ERROR-SHOWS" not in shown


def test_rows_with_secrets_do_not_show_them() -> None:
    row = PassageRow(
        id="p", dataset="d", tenant="t", source="s", destination="x", state="granted",
        question="q", permit=b"SECRET", decision=1, created=1, expires=1,
    )  # fmt: skip
    assert "SECRET" not in repr(row)


def test_a_dataset_reads_back_as_it_was_saved(database: Database, register: Register) -> None:
    whole = replace(
        DATASET,
        declared=Level.L2,
        label=Label(level=Level.L3, categories=frozenset({"health"}), suite=1),
        content="sha256:1",
        purposes=frozenset({"care", "研究"}),
    )
    keep(database, whole)
    assert register.dataset("ds-1") == whole


def test_a_passage_reads_back_as_it_was_kept(register: Register) -> None:
    register.add_passage(PASSAGE)
    assert register.passage("p-1") == PASSAGE


def test_another_tenants_things_look_like_none(database: Database, register: Register) -> None:
    keep(database, DATASET, replace(DATASET, id="ds-2", tenant="two"))
    register.add_passage(PASSAGE)
    with database.begin() as session:
        index_decision(session, DecisionRow(position=0, id="d-1", tenant="one", **DECISION))
    for ask in (
        lambda: register.dataset("ds-1", tenant="two"),
        lambda: register.dataset("nothing", tenant="two"),
        lambda: register.passage("p-1", tenant="two"),
        lambda: register.passage("nothing"),
    ):
        with pytest.raises(NotFoundError):
            ask()
    with database.read() as session, pytest.raises(NotFoundError):
        get_decision(session, "d-1", tenant="two")
    assert [each.id for each in register.datasets(tenant="two")] == ["ds-2"]
    assert register.passages(tenant="two") == []
    with database.read() as session:
        assert list_decisions(session, tenant="two") == []
        assert [row.id for row in list_decisions(session, tenant="one")] == ["d-1"]


def test_lists_go_on_from_where_they_ended(database: Database, register: Register) -> None:
    keep(database, *(replace(DATASET, id=f"ds-{n}") for n in range(5)))
    first = register.datasets(limit=2)
    assert [each.id for each in first] == ["ds-0", "ds-1"]
    assert [each.id for each in register.datasets(after=first[-1].id)] == ["ds-2", "ds-3", "ds-4"]
    with database.begin() as session:
        for n in range(4):
            row = DecisionRow(position=n, id=f"d-{n}", tenant=None, **DECISION)
            row.verdict = "refuse" if n % 2 else "permit"
            index_decision(session, row)
    with database.read() as session:
        newest = list_decisions(session, tenant=None, limit=2)
        assert [row.position for row in newest] == [3, 2]
        assert [r.position for r in list_decisions(session, tenant=None, before=2)] == [1, 0]
        refused = list_decisions(session, tenant=None, verdict="refuse")
        assert [row.position for row in refused] == [3, 1]


def test_what_is_acknowledged_is_synced(database: Database, tmp_path: Path) -> None:
    for session in (database.begin(), database.read()):
        with session as open_:
            assert open_.execute(text("PRAGMA synchronous")).scalar() == 2
            assert open_.execute(text("PRAGMA journal_mode")).scalar() == "wal"
            assert open_.execute(text("PRAGMA foreign_keys")).scalar() == 1
    assert (tmp_path / "sekisho.sqlite").exists()


def test_a_write_takes_its_lock_at_once_and_readers_do_not_wait_for_it(
    database: Database, tmp_path: Path
) -> None:
    keep(database, DATASET)
    other = sqlite3.connect(tmp_path / "sekisho.sqlite", timeout=0)
    try:
        with database.begin() as session:
            session.get(DatasetRow, "ds-1")
            # Nothing was written yet, but what was read may not change before it is.
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("BEGIN IMMEDIATE")
        with database.begin() as session:
            save_dataset(session, replace(DATASET, name="changed"))
            session.flush()
            with database.read() as reader:
                assert reader.get(DatasetRow, "ds-1").name == "n"
    finally:
        other.close()


def test_a_block_that_fails_keeps_nothing(database: Database, register: Register) -> None:
    with pytest.raises(ZeroDivisionError):
        _save_and_fail(database)
    assert register.datasets() == []


def _save_and_fail(database: Database) -> None:
    with database.begin() as session:
        save_dataset(session, DATASET)
        raise ZeroDivisionError


def test_two_writers_wait_for_each_other_and_lose_nothing(database: Database) -> None:
    with database.begin() as session:
        save_key(session, "counter", b"0")

    def add() -> None:
        for _ in range(20):
            with database.begin() as session:
                save_key(session, "counter", b"%d" % (int(get_key(session, "counter")) + 1))

    threads = [threading.Thread(target=add) for _ in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    with database.read() as session:
        assert get_key(session, "counter") == b"60"


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite").write_bytes(b"this is no database, whatever its name says" * 100)
    with pytest.raises(UnavailableError, match="not a database"):
        Database(tmp_path / "x.sqlite")


def test_a_damaged_file_is_unavailable_and_shows_nothing(
    database: Database, tmp_path: Path
) -> None:
    keep(database, *(replace(DATASET, id=f"ds-{n}", name="x" * 500) for n in range(200)))
    database.close()
    path = tmp_path / "sekisho.sqlite"
    raw = bytearray(path.read_bytes())
    raw[4096:] = b"\xa5" * (len(raw) - 4096)
    path.write_bytes(raw)
    with pytest.raises(UnavailableError):
        _all(path)


def _all(path: Path) -> Any:
    spoilt = Database(path)
    try:
        return Register(spoilt, lambda: 1).datasets()
    finally:
        spoilt.close()


@pytest.mark.parametrize("name", ["what? now", "100%41", "a#b", "病院 データ", "x?mode=memory"])
def test_a_path_means_itself_whatever_marks_it_has(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    Database(folder / "s.sqlite").close()
    assert (folder / "s.sqlite").is_file()
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_a_database_in_a_missing_folder_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError):
        Database(tmp_path / "none" / "s.sqlite")


def test_a_nonce_is_used_once_until_it_has_expired(database: Database) -> None:
    early, late = Register(database, lambda: 100), Register(database, lambda: 201)
    early.spend("n", expires=200)
    early.spend("m", expires=300)
    for register, value in ((early, "n"), (early, "m"), (late, "m")):
        with pytest.raises(ConflictError):
            register.spend(value, expires=300)
    late.spend("n", expires=300)


def test_what_is_in_force_is_the_newest_of_its_kind(database: Database) -> None:
    with database.read() as session, pytest.raises(NotFoundError):
        in_force(session, "policy")
    with database.begin() as session:
        for position, (what, digest) in enumerate(
            [("policy", "p1"), ("network", "n1"), ("network", "n2"), ("policy", "p2")]
        ):
            put_in_force(session, what, digest, position=position, at=1)
    with database.read() as session:
        assert in_force(session, "policy").digest == "p2"
        assert in_force(session, "network").digest == "n2"


def test_a_key_is_found_under_its_own_id_and_no_other(database: Database) -> None:
    with database.begin() as session:
        for identity in ("b", "a", "c"):
            save_key(session, identity, identity.encode())
        with pytest.raises(NotFoundError):
            get_key(session, "d")
    with database.read() as session:
        assert get_key(session, "a") == b"a"


def test_ending_a_passage_that_is_not_there_changes_nothing(database: Database) -> None:
    with database.begin() as session:
        end_passage(session, "p-nothing", PassageState.REVOKED)
    with database.read() as session:
        assert session.exec(select(PassageRow)).all() == []
