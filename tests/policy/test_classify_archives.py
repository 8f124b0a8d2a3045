"""Archives are what their files are together; bombs and broken ones are unknown, quickly."""

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from policy.classify import archives
from policy.classify.classify import Classification, classify
from policy.classify.content import Content
from policy.label import Level
from policy.regimes import load_taxonomy
from tests.policy.issued_numbers import CHECKED, Random

FOLDER = Path(__file__).parents[2] / "policy" / "taxonomy"
TAXONOMY = load_taxonomy({path.name: path.read_bytes() for path in FOLDER.glob("*.yaml")})
PUBLIC = b"TLP:CLEAR\n"
PERSON = "氏名：山田太郎\n傷病名：2型糖尿病\n".encode()
TABLE = "個人番号,氏名\n" + "".join(
    f"{CHECKED['jp.my_number'](Random(seed))},山田太郎\n" for seed in range(20)
)


def result(
    name: str, raw: bytes, *, full: bool = True, declared: Level | None = None
) -> Classification:
    content = Content(name, io.BytesIO(raw), len(raw))
    return classify(content, TAXONOMY, full=full, seed=1, declared=declared)


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return raw.getvalue()


def tarred(files: Mapping[str, bytes]) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return raw.getvalue()


PACKED = {
    "a.zip": zipped,
    "a.tar": tarred,
    "a.tar.gz": lambda files: gzip.compress(tarred(files)),
    "a.tgz": lambda files: gzip.compress(tarred(files)),
}


@pytest.mark.parametrize("name", PACKED)
def test_an_archive_is_what_its_files_are_together(name: str) -> None:
    files = {"a.txt": PUBLIC, "in/b.csv": TABLE.encode()}
    found = result(name, PACKED[name](files))
    assert not found.unknown
    assert found.label.level == result("b.csv", TABLE.encode()).label.level
    assert {"my-number", "name"} <= found.label.categories
    assert found.content_digest is not None
    assert {each.kind for each in found.evidence} >= {"jp.my_number", "sign.tlp_clear"}
    assert all(each.member for each in found.evidence)
    (column,) = (column for column in found.columns if column.endswith("個人番号"))
    assert found.columns[column].type == "jp.my_number"
    said = json.dumps(found.to_json("a"), ensure_ascii=False)
    assert all(line.split(",")[0] not in said for line in TABLE.split("\n")[1:-1])


def test_each_file_keeps_its_own_result() -> None:
    found = result("a.zip", zipped({"p.txt": PUBLIC, "s.txt": PERSON}))
    assert {name: each.label.level for name, each in found.members} == {
        "p.txt": Level.L0,
        "s.txt": Level.L3,
    }
    members = found.to_json("a.zip")["members"]
    assert isinstance(members, list)
    assert [each["file"] for each in members if isinstance(each, dict)] == ["p.txt", "s.txt"]


def test_a_published_file_does_not_publish_its_neighbours() -> None:
    assert result("a.zip", zipped({"p.txt": PUBLIC})).label.level == Level.L0
    assert result("a.zip", zipped({"p.txt": PUBLIC, "n.txt": b"notes"})).label.level == Level.L1
    assert result("a.zip", zipped({"d/": b""})).label.level == Level.L1


def test_declared_and_archive_are_joined_upwards() -> None:
    raw = zipped({"s.txt": PERSON})
    low, high = result("a.zip", raw, declared=Level.L1), result("a.zip", raw, declared=Level.L4)
    assert (low.label.level, low.state) == (Level.L3, "CONFLICT_RAISED")
    assert (high.label.level, high.hints) == (Level.L4, ("over-classified?",))
    weak = zipped({"w.txt": "リスト規制技術について外為令別表を確認すること".encode()})
    assert result("a.zip", weak).state == "PROVISIONAL_HOLD"


def test_a_file_that_cannot_be_read_makes_the_whole_unknown() -> None:
    found = result("a.zip", zipped({"p.txt": PUBLIC, "x.pdf": b"%PDF-1.7"}))
    assert found.unknown
    assert found.label.level == Level.L3
    assert found.unreadable == "x.pdf: byte 0: a PDF, which no reader opens"
    assert found.content_digest is None


def nested(depth: int) -> bytes:
    raw = zipped({"p.txt": PERSON})
    for _ in range(depth):
        raw = zipped({"inner.zip": raw})
    return raw


def test_archives_in_archives_are_opened_two_deep() -> None:
    inner = result("a.zip", nested(1))
    assert [each.member for each in inner.evidence][:1] == ["inner.zip/p.txt"]
    assert "more than 2 deep" in str(result("a.zip", nested(2)).unreadable)


def quine() -> bytes:
    raw = bytearray(zipped({"a.txt": b"x" * 50, "b.txt": b"y" * 50}))
    raw[6] |= 1
    raw[raw.find(b"PK\x01\x02") + 8] |= 1
    return bytes(raw)


@pytest.mark.parametrize(
    ("name", "raw", "place"),
    [
        ("a.zip", zipped({"a": b"\x00" * (8 << 20)}), "200 times"),
        ("a.gz", gzip.compress(b"\x00" * (8 << 20)), "200 times"),
        ("a.zip", zipped({f"{n}.txt": b"" for n in range(1_001)}), "more than 1000"),
        ("a.tar", tarred({f"{n}.txt": b"" for n in range(1_001)}), "more than 1000"),
        ("a.zip", zipped({"a": b"x"}, zipfile.ZIP_LZMA), "not packed by deflate"),
        ("a.zip", quine(), "encrypted"),
        ("a.zip", zipped({"a": b"x"})[:-22], "without a directory"),
        ("a.zip", b"PK\x03\x04rest", "without a directory"),
        ("a.docx", zipped({"[Content_Types].xml": b"<x/>"}), "an Office document"),
        ("a.tar", tarred({"a.txt": b"x" * 2000})[:1200], "tar archive"),
        ("a.tar", tarred({"a.txt": b"x"})[:1024], "ends early"),
        ("a.tar", tarred({"a.txt": b"x"}) + b"hidden", "after its end"),
        ("a.gz", gzip.compress(b"hello world")[:-9], "ends early"),
        ("a.gz", gzip.compress(b"hello world")[:-8] + b"12345678", "broken gzip"),
        ("a.gz", gzip.compress(b"hello") + b"junk", "broken gzip"),
    ],
    # The bytes hold the time, so they would name the case differently in each process.
    ids=lambda value: value if isinstance(value, str) else len(value),
)
def test_bombs_and_broken_archives_are_unknown(name: str, raw: bytes, place: str) -> None:
    found = result(name, raw)
    assert place in str(found.unreadable)
    assert found.label.level == Level.L3


def test_what_all_files_unpack_to_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "UNPACKED", 1_000)
    monkeypatch.setattr(archives.Budget, "unpacked", 1_000)
    files = {f"{n}.zip": zipped({"a": bytes(n % 251 for n in range(400))}) for n in range(3)}

    class Small(archives.Budget):
        def __init__(self) -> None:
            super().__init__(unpacked=1_000)

    monkeypatch.setattr("policy.classify.classify.Budget", Small)
    assert "unpacks to over" in str(result("a.zip", zipped(files)).unreadable)


def test_the_name_of_a_file_betrays_no_value() -> None:
    number = CHECKED["jp.my_number"](Random(9))
    found = result("a.zip", zipped({f"個人番号{number}.txt": PERSON}))
    assert number not in json.dumps(found.to_json())
    assert found.members[0][0] == "file 1.txt"


def test_several_gzip_files_in_a_row_are_all_read() -> None:
    raw = gzip.compress(b"x" * 9_000) + gzip.compress(PERSON)
    assert result("a.txt.gz", raw).label.level == Level.L3


@pytest.mark.parametrize("name", PACKED)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_damaged_archives_are_read_or_unknown_but_never_crash(
    name: str, data: st.DataObject
) -> None:
    whole = PACKED[name]({"a.txt": PERSON, "b.csv": TABLE.encode()})
    cut, keep = (data.draw(st.integers(0, len(whole))) for _ in range(2))
    raw = whole[:cut] + data.draw(st.binary(max_size=20)) + whole[keep:]
    found = result(name, raw)
    assert found.unknown or found.content_digest
