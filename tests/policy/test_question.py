import json
from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from policy.canonical import canonical
from policy.drawn import case
from policy.errors import ConstraintError, LabelError, PolicyError, TermError
from policy.label import BOTTOM, Level
from policy.question import Kind, PathFacts, Principal, Question


@given(st.integers(0, 5_000))
def test_a_question_survives_its_bytes(number: int) -> None:
    question = case(7, number).question
    again = Question.from_bytes(question.to_bytes())
    assert again == question
    assert again.digest == question.digest


def test_the_digest_names_every_part(question: Question) -> None:
    others = [
        replace(question, kind=Kind.RELEASE),
        replace(question, now=question.now + 1),
        replace(question, label=BOTTOM),
        replace(question, principal=None),
        replace(question, dataset=None),
        replace(question, purpose="research"),
        replace(question, source="n9"),
        replace(question, destination="n9"),
        replace(question, path=None),
    ]
    assert len({question.digest, *(other.digest for other in others)}) == 10


@pytest.mark.parametrize("text", ["", 'a"b', "a\\b", "a\nb", "a\x00", "e\u0301", "a" * 257])
def test_no_awkward_string_enters_a_question(text: str, question: Question) -> None:
    with pytest.raises(TermError):
        replace(question, purpose=text)
    with pytest.raises(TermError):
        Principal(text, "person", None)
    with pytest.raises(TermError):
        PathFacts((text,), (), 0, 0, None, None)


def test_a_principal_is_of_a_known_kind() -> None:
    with pytest.raises(TermError):
        Principal("aki", "ghost", None)


def test_a_chain_of_agents_ends() -> None:
    one = Principal("bot", "agent", None)
    for _ in range(7):
        one = Principal("bot", "agent", None, on_behalf_of=one)
    assert len(one.chain) == 8
    with pytest.raises(TermError):
        Principal("bot", "agent", None, on_behalf_of=one)


def test_the_chain_begins_with_who_asks() -> None:
    person = Principal("aki", "person", "t", clearance=Level.L4)
    assert [one.id for one in Principal("bot", "agent", "t", on_behalf_of=person).chain] == [
        "bot",
        "aki",
    ]


def spoilt(question: Question, path: str, value: object) -> bytes:
    document = json.loads(question.to_bytes())
    *above, last = path.split(".")
    part = document
    for name in above:
        part = part[name]
    part[last] = value
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("kind", "travel"),
        ("now", True),
        ("now", 1.5),
        ("label", None),
        ("label.level", "L9"),
        ("principal", []),
        ("principal.kind", "ghost"),
        ("principal.roles", "admin"),
        ("principal.clearance", 4),
        ("dataset.provisional", 1),
        ("dataset.purposes", [1]),
        ("purpose", 7),
        ("constraints.max_km", "1"),
        ("path.km", "1"),
        ("path.spans", None),
        ("path.decryption_points", True),
    ],
)
def test_a_spoilt_document_is_refused(path: str, value: object, question: Question) -> None:
    with pytest.raises((TermError, LabelError, ConstraintError)):
        Question.from_bytes(spoilt(question, path, value))


@pytest.mark.parametrize("raw", [b"", b"[]", b"\xff", b"[" * 9_999, canonical({"kind": "path"})])
def test_hostile_bytes_are_a_policy_error(raw: bytes) -> None:
    with pytest.raises(PolicyError):
        Question.from_bytes(raw)


def test_a_chain_too_deep_to_read_is_refused(question: Question) -> None:
    document = json.loads(question.to_bytes())
    for _ in range(400):
        document["principal"] = {**document["principal"], "on_behalf_of": document["principal"]}
    raw = canonical(document)
    with pytest.raises(TermError):
        Question.from_bytes(raw)
