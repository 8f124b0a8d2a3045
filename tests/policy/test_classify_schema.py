"""A schema without rows gets a provisional label by its names alone, whatever wrote it."""

import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings, strategies as st

from policy.classify import schema
from policy.classify.classify import Classification, classify
from policy.classify.content import Content
from policy.label import Level
from policy.regimes import load_taxonomy

FOLDER = Path(__file__).parents[2] / "policy" / "taxonomy"
TAXONOMY = load_taxonomy({path.name: path.read_bytes() for path in FOLDER.glob("*.yaml")})

DDL = """
-- 氏名 here heads nothing; CREATE TABLE not_this (個人番号 text);
/* CREATE TABLE nor_this (x int); */
CREATE TABLE IF NOT EXISTS "患者" (
  id bigint PRIMARY KEY,
  "氏名" varchar(80) NOT NULL, [my_number] char(12) CHECK (length(my_number) = 12),
  `傷病名` text COMMENT '診断の名前, 一つ',
  fee numeric(10, 2) DEFAULT (1 + 2),
  PRIMARY KEY (id), CONSTRAINT c FOREIGN KEY (id) REFERENCES other (個人番号)
);
create temporary table t2 (shimei text);
SELECT f(旅券番号) FROM t;
"""
ROWS = "INSERT INTO t VALUES ('連絡先 090-1234-5678');\n"
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "氏名": {"type": "string"},
        "job": {"type": "object", "properties": {"company": {"type": "string"}}},
        "f1": {"type": "string", "title": "旅券番号"},
        "tags": {"type": "array", "items": {"type": "object", "properties": {"email": {}}}},
    },
    "$defs": {"kin": {"properties": {"my_number": {}}}},
}


def result(name: str, raw: bytes, *, full: bool = True) -> Classification:
    return classify(Content(name, io.BytesIO(raw), len(raw)), TAXONOMY, full=full, seed=1)


def types(found: Classification) -> dict[str, str]:
    return {name: each.type for name, each in found.columns.items() if each.type != "none"}


def test_the_columns_of_create_table_are_judged_by_name() -> None:
    found = result("a.sql", DDL.encode())
    assert types(found) == {
        "氏名": "person",
        "my_number": "jp.my_number",
        "傷病名": "diagnosis",
        "診断の名前, 一つ": "diagnosis",
        "shimei": "person",
    }
    assert {"id", "fee"} <= set(found.columns)
    assert not {"PRIMARY", "旅券番号", "x"} & set(found.columns)
    assert (found.provisional, found.content_digest) == (True, None)
    assert found.label.level >= Level.L3


def test_sql_with_rows_is_scanned_in_full_beside_its_columns() -> None:
    raw = DDL + ROWS
    found = result("a.sql", raw.encode())
    assert "phone" in {each.kind for each in found.evidence}
    assert "person" in types(found).values()
    assert not found.provisional


def test_the_properties_of_a_json_schema_are_judged_by_name() -> None:
    found = result("a.json", json.dumps(SCHEMA).encode())
    assert types(found) == {
        "氏名": "person",
        "job.company": "organisation",
        "旅券番号": "jp.passport",
        "tags.email": "email",
        "kin.my_number": "jp.my_number",
    }
    assert found.provisional


def test_what_a_json_schema_gives_as_an_example_is_found() -> None:
    example = SCHEMA | {"examples": [{"password": "password = hunter2secret"}]}
    found = result("a.json", json.dumps(example).encode())
    assert "secret" in {each.kind for each in found.evidence}


def columns(rows: int) -> pa.Table:
    who = pa.struct([("email", pa.string()), ("age", pa.int32())])
    fields = [("氏名", pa.string()), ("who", who), ("v", pa.list_(pa.float32(), 2))]
    empty = pa.schema([*fields, ("when", pa.timestamp("ms"))]).empty_table()
    return empty if not rows else pa.table({"氏名": ["山田太郎"] * rows})


def test_parquet_and_arrow_without_rows_are_judged_by_name() -> None:
    parquet, arrow = io.BytesIO(), io.BytesIO()
    pq.write_table(columns(0), parquet)
    with pa.ipc.new_file(arrow, columns(0).schema):
        pass
    for name, raw in (("a.parquet", parquet.getvalue()), ("a.arrow", arrow.getvalue())):
        found = result(name, raw)
        assert found.unreadable is None
        assert types(found) == {"氏名": "person", "who.email": "email"}
        assert set(found.columns) >= {"who.age", "v", "when"}
        assert found.provisional


def test_arrow_with_rows_is_unknown_and_not_low() -> None:
    arrow = io.BytesIO()
    with pa.ipc.new_file(arrow, columns(3).schema) as writer:
        writer.write_table(columns(3))
    found = result("a.arrow", arrow.getvalue())
    assert found.unknown
    assert found.label.level == Level.L3
    assert "not an Arrow file" in str(result("a.arrow", b"ARROW1garbage").unreadable)


def test_a_header_without_rows_is_a_schema() -> None:
    found = result("a.csv", "氏名,個人番号\n".encode())
    assert types(found) == {"氏名": "person", "個人番号": "jp.my_number"}
    assert found.provisional
    empty = result("a.csv", "氏名,memo\n,x\n,y\n".encode())
    assert types(empty) == {}
    assert not empty.provisional


def test_a_schema_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = f"CREATE TABLE t ({', '.join(f'c{n} int' for n in range(5_000))});"
    assert "more than 4096 columns" in str(result("a.sql", wide.encode()).unreadable)
    monkeypatch.setattr(schema, "LARGEST", 10)
    assert "larger than" in str(result("a.sql", DDL.encode()).unreadable)


@settings(max_examples=200, deadline=None)
@given(
    pieces=st.lists(
        st.sampled_from(
            ["CREATE TABLE t (", "'", '"', "/*", "*/", "--", "\n", "(", ")", ",", "a int", "["]
        ),
        max_size=40,
    )
)
def test_any_sql_is_read_without_a_crash(pieces: list[str]) -> None:
    result("a.sql", " ".join(pieces).encode())


def test_openings_without_an_end_take_no_longer_than_the_text() -> None:
    for opening in ("/*", "'", "(", "create table x ("):
        list(schema.of_sql(opening * 50_000).batches)
