"""Strict bytes: one spelling for each value."""

import base64
import contextlib
import json

import pytest
from hypothesis import given, strategies as st

from crypto.encoding import Fields, b64, document, frame, lv, unb64, unframe
from crypto.errors import FormatError
from policy.canonical import canonical

texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 60), 1 << 60) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.binary(max_size=6)), st.lists(st.binary(max_size=6)))
def test_two_lists_of_parts_never_give_the_same_bytes(one: list[bytes], two: list[bytes]) -> None:
    assert (lv(*one) == lv(*two)) == (one == two)


@given(st.binary())
def test_base64url_is_the_one_of_rfc_4648_without_padding(raw: bytes) -> None:
    assert b64(raw) == base64.urlsafe_b64encode(raw).decode().rstrip("=")
    assert unb64(b64(raw), "x") == raw


@pytest.mark.parametrize("text", ["A", "AB", "AA==", "A A", "+/+/", "AA\n", "é", "AAAA\n", "====="])
def test_another_spelling_of_base64url_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        unb64(text, "x")


@given(st.dictionaries(texts, values, max_size=4))
def test_canonical_documents_are_read_back(value: dict[str, object]) -> None:
    assert document(canonical(value), "x", limit=1 << 20) == value


@given(st.dictionaries(texts, values, min_size=1, max_size=4))
def test_any_other_spelling_of_a_document_is_refused(value: dict[str, object]) -> None:
    for other in (json.dumps(value), json.dumps(value, indent=1)):
        if other.encode() != canonical(value):
            with pytest.raises(FormatError):
                document(other.encode(), "x", limit=1 << 20)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"1",
        b'"x"',
        b"null",
        b'{"a":1,"a":1}',
        b'{"a":1,"a":2}',
        b'{"a":1} ',
        b'{"a":1}x',
        b'{"b":1,"a":1}',
        b'{"a":1.0}',
        b'{"a":1e3}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":-0}',
        b'{"a":"\\u0041"}',
        b'{"a":"\\ud800"}',
        b'{"a":"\xff"}',
        b"\xef\xbb\xbf{}",
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}",
        b'{"a":"' + b"x" * (1 << 20) + b'"}',
    ],
)
def test_hostile_documents_are_refused(raw: bytes) -> None:
    with pytest.raises(FormatError):
        document(raw, "x", limit=1 << 20)


@given(st.binary(max_size=64))
def test_no_bytes_break_the_reader_of_documents(raw: bytes) -> None:
    with contextlib.suppress(FormatError):
        assert canonical(document(raw, "x", limit=64)) == raw


@pytest.mark.parametrize(
    ("read", "value"),
    [
        ("text", ""),
        ("text", "x" * 1025),
        ("text", 1),
        ("text", None),
        ("text_or_none", 1),
        ("number", -1),
        ("number", True),
        ("number", "1"),
        ("number", 1 << 54),
        ("number_or_none", "1"),
        ("flag", 1),
        ("raw", 1),
        ("raw", "="),
        ("values", {}),
        ("values", "ab"),
        ("texts", [1]),
        ("texts", [""]),
        ("members", []),
    ],
)
def test_a_member_of_another_type_is_refused(read: str, value: object) -> None:
    with pytest.raises(FormatError):
        getattr(Fields({"m": value}, ["m"], "x"), read)("m")


def test_members_too_few_or_too_many_are_refused() -> None:
    for value in ({}, {"a": 1, "b": 2}, [], None, "a"):
        with pytest.raises(FormatError):
            Fields(value, ["a"], "x")


def test_nothing_is_null_only_where_null_may_be() -> None:
    fields = Fields({"a": None, "b": "x", "c": 1, "d": True}, "abcd", "x")
    assert fields.text_or_none("a") is None
    assert fields.number_or_none("a") is None
    assert (fields.text_or_none("b"), fields.number_or_none("c"), fields.flag("d")) == (
        "x",
        1,
        True,
    )


@given(st.binary(max_size=8))
def test_a_frame_is_of_one_kind_and_version(raw: bytes) -> None:
    assert unframe(frame(b"ABCD", 7, raw), b"ABCD", "x") == (7, raw)
    for other in (b"ABCE\x01\x07" + raw, b"ABCD\x02\x07" + raw, b"ABCD\x01", b"ABC", b""):
        with pytest.raises(FormatError):
            unframe(other, b"ABCD", "x")
