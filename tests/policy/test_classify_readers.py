"""Every format is read whole or refused with its place; hostile bytes never crash a reader."""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import date

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings, strategies as st

from policy.classify import delimited, excel, parquet, readers, records
from policy.classify.content import Bounded, Content
from policy.classify.encoding import Text
from policy.classify.tables import Prose, Table
from policy.errors import UnreadableError


def content(name: str, raw: bytes) -> Content:
    return Content(name, io.BytesIO(raw), len(raw))


def cells(name: str, raw: bytes, *, full: bool = True, seed: int = 1) -> dict[str, list[str]]:
    columns: dict[str, list[str]] = {}
    for part in readers.read(content(name, raw), full=full, seed=seed).parts:
        assert isinstance(part, Table)
        for batch in part.batches:
            for column, found in batch.columns.items():
                columns.setdefault(column, []).extend(found.array.to_pylist())
    return columns


def strays(name: str, raw: bytes) -> str:
    parts = readers.read(content(name, raw), full=True, seed=1).parts
    return "".join(
        batch.stray for part in parts if isinstance(part, Table) for batch in part.batches
    )


def prose(raw: bytes) -> str:
    parts = readers.read(content("a.txt", raw), full=True, seed=1).parts
    return "".join(text for part in parts if isinstance(part, Prose) for _, text in part.pieces)


def refusal(name: str, raw: bytes) -> str:
    said = list(survives(name, raw))[-1]
    assert said != "part"
    return said


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "euc_jp", "utf-16"])
def test_japanese_encodings_read_alike(encoding: str) -> None:
    raw = "氏名,住所\n山田太郎,霞が関\n佐藤花子,ソウル通り\n".encode(encoding)
    assert cells("a.csv", raw) == {
        "氏名": ["山田太郎", "佐藤花子"],
        "住所": ["霞が関", "ソウル通り"],
    }
    assert prose("関所の手形を改める。本日は晴天なり。".encode(encoding)).startswith("関所")


def test_an_encoding_is_chosen_at_the_first_byte_that_shows_it() -> None:
    raw = b"a,b\n" + b"1,2\n" * 400_000 + "東京,大阪\n".encode("cp932")
    assert cells("a.csv", raw)["a"][-1] == "東京"


@pytest.mark.parametrize(("first", "second"), [("utf-8", "cp932"), ("cp932", "utf-8")])
def test_two_encodings_in_one_file_are_refused_with_their_place(first: str, second: str) -> None:
    rows = "山田太郎,霞が関の関所\n"
    raw = f"氏名,住所\n{rows * 9}".encode(first) + (rows * 5).encode(second)
    said = refusal("a.csv", raw)
    assert said.startswith("row 11, byte ")
    assert "mixed encodings" in said


def test_numbers_keep_their_leading_zeros() -> None:
    number = "012345678901"
    assert cells("a.csv", f"k,n\na,{number}\n".encode())["n"] == [number]
    assert cells("a.json", json.dumps([{"n": number}]).encode())["n"] == [number]
    assert cells("a.json", b'[{"n": 123456789012345678901234567890}]')["n"] == [
        "123456789012345678901234567890"
    ]


def test_tabs_quotes_notes_and_line_breaks_are_understood() -> None:
    raw = '# 注記、これは表ではない\r\n"a"\t"b"\r\n"x\r\ny"\t"1"\r\n'
    assert cells("a.tsv", raw.encode()) == {"a": ["x\r\ny"], "b": ["1"]}
    assert cells("a.csv", b"a;b\n1;2\n3;4\n") == {"a": ["1", "3"], "b": ["2", "4"]}


def test_rows_of_the_wrong_width_are_read_as_prose_until_there_are_too_many() -> None:
    raw = b"a,b\n" + b"1,2\n" * 50 + b"x,secret,z\n"
    assert strays("a.csv", raw) == "x,secret,z"
    said = refusal("a.csv", b"a,b\n" + b"1,2\n" * 50 + b"confidential,b,c\n" * 40)
    assert said == "row 52: 3 cells, not 2, and so are 39 rows more"


def test_an_endless_row_is_refused() -> None:
    assert "row 2" in refusal("a.csv", b'a,b\n1,"' + b"x" * (1 << 20))
    late = b"a,b\n" + b"1,2\n" * 100_000 + b'1,"' + b"x" * (9 << 20)
    assert "not delimited text" in refusal("a.csv", late)


def test_json_objects_lists_and_lines_become_columns() -> None:
    doc = {"title": "名簿", "people": [{"name": "A", "mail": {"work": ["a@x.jp", "b@x.jp"]}}]}
    assert cells("a.json", json.dumps(doc).encode()) == {
        "name": ["A"],
        "mail.work": ["a@x.jp\nb@x.jp"],
        "title": ["名簿"],
    }
    lines = b'{"a": true, "b": 1.50}\n\n{"a": null, "c": "x"}\n'
    assert cells("a.ndjson", lines) == {"a": ["true"], "b": ["1.50"], "c": ["x"]}
    assert cells("a.jsonl", b'{"090-1234-5678": "x"}') == {"name 1": ["x"]}


@pytest.mark.parametrize(
    ("name", "raw", "place"),
    [
        ("a.json", b'{"a": ', "document, line 1, column 7"),
        ("a.json", b"[" * 100_000, "nested too deep"),
        ("a.json", b'{"a":' * 40 + b"1" + b"}" * 40, "more than 32 levels"),
        ("a.ndjson", b'{"a": 1}\n{"a": secret}\n', "row 2, line 1, column 7"),
        ("a.txt", b"hello\nwor\x00ld", "row 2, byte 9: a NUL"),
        ("a.txt", bytes(range(128, 256)), "byte "),
        ("a.csv", b"", "row 1: an empty table"),
        ("a.pdf", b"%PDF-1.7", "byte 0: a PDF"),
        ("a.xls", b"\xd0\xcf\x11\xe0", "byte 0: an old or encrypted Office file"),
        ("a.parquet", b"PAR1garbagePAR1", "footer: not a Parquet file"),
        ("a.xlsx", b"PK\x03\x04garbage", "not a workbook"),
    ],
)
def test_what_no_reader_understands_is_refused_with_its_place(
    name: str, raw: bytes, place: str
) -> None:
    assert place in refusal(name, raw)


def workbook(rows: list[list[object]], *more: str) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for title in more:
        book.create_sheet(title).append(["氏名"])
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()


def test_workbooks_are_read_sheet_by_sheet() -> None:
    rows: list[list[object]] = [["番号", "日付", "率"], [123456789018, date(2026, 11, 23), 1.5]]
    assert cells("a.xlsx", workbook(rows)) == {
        "番号": ["123456789018"],
        "日付": ["2026-11-23T00:00:00"],
        "率": ["1.5"],
    }
    assert set(cells("a.xlsx", workbook(rows, "二"))) == {
        "Sheet/番号",
        "Sheet/日付",
        "Sheet/率",
        "二/氏名",
    }


def test_a_workbook_that_would_unpack_to_too_much_is_not_opened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(excel, "UNPACKED", 1_000)
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"\x00" * (excel.UNPACKED + 1))
    assert "unpacks to" in refusal("a.xlsx", raw.getvalue())


def shard(rows: int = 100, **more: pa.Array) -> bytes:
    table = pa.table({"id": pa.array(range(rows)), "text": ["対話"] * rows, **more})
    raw = io.BytesIO()
    pq.write_table(table, raw, row_group_size=10)
    return raw.getvalue()


def test_parquet_is_read_with_its_nested_columns() -> None:
    who = pa.array([{"name": "A", "tags": ["x", "y"]}] * 100)
    found = cells("a.parquet", shard(who=who))
    assert set(found) == {"id", "text", "who.name", "who.tags"}
    assert len(found["who.tags"]) == 200
    assert found["id"][:2] == ["0", "1"]


def test_numbers_that_missing_values_turned_into_floats_keep_their_digits() -> None:
    found = cells("a.parquet", shard(rows=3, n=pa.array([123456789018.0, None, float("nan")])))
    assert found["n"] == ["123456789018"]
    assert cells("a.parquet", shard(rows=2, n=pa.array([0.5, 7.0])))["n"] == ["0.5", "7"]


def test_vectors_of_fractions_are_passed_over() -> None:
    vectors = pa.array([[0.5, 123456.0]] * 100, pa.list_(pa.float32(), 2))
    assert cells("a.parquet", shard(v=vectors))["v"] == ["123456"] * 100


def test_parquet_with_bytes_in_it_is_unknown() -> None:
    assert "a column of binary" in refusal("a.parquet", shard(raw=pa.array([b"\xff\xfe"] * 100)))


def test_parquet_that_claims_too_much_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "LARGEST", 10)
    assert "in a row group" in refusal("a.parquet", shard())


def test_a_content_is_exactly_as_long_as_announced() -> None:
    for size in (3, 7):
        source = Bounded(Content("a.txt", io.BytesIO(b"hello"), size))
        with pytest.raises(UnreadableError, match="announced"):
            source.drain()
    with pytest.raises(UnreadableError, match="ends early"):
        Content("a", io.BytesIO(b"abc"), 9).span(0, 9)


def test_limits_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "LARGEST", 10)
    monkeypatch.setattr(records, "LONGEST", 10)
    monkeypatch.setattr(excel, "LARGEST", 10)
    assert "larger than 10" in refusal("a.json", b'{"aaaaaaaaaaaaaaaa": 1}')
    assert "longer than 10" in refusal("a.ndjson", b'{"aaaaaaaaaaaaaaaa": 1}')
    assert "larger than that" in refusal("a.xlsx", workbook([["a"]]))
    assert "more than 4096 columns" in refusal("a.csv", b"a," * 5000 + b"b\n")


@st.composite
def broken(draw: st.DrawFn, whole: bytes) -> bytes:
    cut = draw(st.integers(0, len(whole)))
    junk = draw(st.binary(max_size=40))
    keep = draw(st.integers(0, len(whole)))
    return whole[:cut] + junk + whole[keep:]


def survives(name: str, raw: bytes) -> Iterator[str]:
    try:
        for part in readers.read(content(name, raw), full=True, seed=1).parts:
            for _ in part.batches if isinstance(part, Table) else part.pieces:
                yield "part"
    except UnreadableError as failure:
        yield str(failure)


WORKBOOK = workbook([["氏名", "番号"], ["山田太郎", 123456789018]])
SHARD = shard()
TABLE = '氏名,"番号"\r\n山田太郎,123456789018\n"佐\n藤",x\n'.encode()
LINES = '{"a": [1, {"b": "c"}]}\n{"a": "山田"}\n'.encode()


@pytest.mark.parametrize(
    ("name", "whole"),
    [("a.csv", TABLE), ("a.json", LINES), ("a.ndjson", LINES), ("a.txt", TABLE),
     ("a.xlsx", WORKBOOK), ("a.parquet", SHARD)],
)  # fmt: skip
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_damaged_files_are_read_or_refused_but_never_crash(
    name: str, whole: bytes, data: st.DataObject
) -> None:
    list(survives(name, data.draw(broken(whole))))


@settings(max_examples=100, deadline=None)
@given(
    raw=st.binary(max_size=300), name=st.sampled_from(["a.csv", "a.json", "a.txt", "a", "a.xlsx"])
)
def test_random_bytes_are_read_or_refused(raw: bytes, name: str) -> None:
    list(survives(name, raw))


def test_a_failing_stream_keeps_its_own_error_through_the_table_reader() -> None:
    table = delimited.read(Bounded(content("a.csv", b"a,b\n" + b"1,2\n" * 2_000_000 + b"\x00")))
    with pytest.raises(UnreadableError, match="a NUL"):
        list(table.batches)


def test_text_of_one_encoding_is_the_same_in_any_pieces() -> None:
    text = "関所🏯の手形\n" * 50_000
    assert "".join(Text(Bounded(content("a", text.encode())))) == text
