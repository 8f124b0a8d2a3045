"""Notes, keys, checkpoints and proofs as text: one spelling, all required keys, nothing edited."""

import base64
import contextlib

import pytest
from hypothesis import given, settings, strategies as st

from crypto.errors import CryptoError, ForgedError, FormatError, TrustError
from crypto.tlog.base64 import decode, encode
from crypto.tlog.checkpoint import Checkpoint
from crypto.tlog.keys import KeyKind, NoteKey, NoteSigner
from crypto.tlog.merkle import leaf_hash
from crypto.tlog.note import LONGEST_NOTE, Note, Signature
from crypto.tlog.proof import TlogProof
from crypto.tlog.signed import open_checkpoint, sign_checkpoint

ORIGIN = "log.example/a"
NOW = 1_800_000_000
ED, PQ = (NoteSigner(ORIGIN, kind, bytes([kind]) * 32) for kind in KeyKind)
WITNESS = NoteSigner("witness.example/w", KeyKind.MLDSA44, b"w" * 32)
KEYS = (ED.key, PQ.key)
HEAD = Checkpoint(ORIGIN, 1, leaf_hash(b"entry"))
NOTE = sign_checkpoint(HEAD, [ED, PQ], NOW)


def lines(note: bytes) -> list[str]:
    return note.decode().split("\n")


def test_a_signed_checkpoint_opens_with_its_keys_and_states_its_time() -> None:
    opened = open_checkpoint(NOTE, ORIGIN, KEYS)
    assert (opened.checkpoint, opened.time, opened.foreign) == (HEAD, NOW, 0)
    assert open_checkpoint(NOTE, ORIGIN, [ED.key]).time is None


def test_unknown_keys_are_ignored_wherever_their_line_stands_and_counted() -> None:
    for signers in ([WITNESS, ED, PQ], [ED, WITNESS, PQ], [ED, PQ, WITNESS]):
        opened = open_checkpoint(sign_checkpoint(HEAD, signers, NOW), ORIGIN, KEYS)
        assert (opened.checkpoint, opened.foreign) == (HEAD, 1)


@pytest.mark.parametrize("missing", [[ED], [PQ], [WITNESS]])
def test_every_required_key_must_have_signed(missing: list[NoteSigner]) -> None:
    with pytest.raises(ForgedError, match="no signature of"):
        open_checkpoint(sign_checkpoint(HEAD, missing, NOW), ORIGIN, KEYS)


def test_without_keys_nothing_is_verified_so_nothing_opens() -> None:
    with pytest.raises(TrustError):
        open_checkpoint(NOTE, ORIGIN, [])
    with pytest.raises(TrustError):
        sign_checkpoint(HEAD, [], NOW)


def test_a_checkpoint_of_another_log_under_the_same_keys_is_refused() -> None:
    other = sign_checkpoint(Checkpoint("log.example/b", 1, HEAD.root), [ED, PQ], NOW)
    with pytest.raises(ForgedError, match="another log"):
        open_checkpoint(other, ORIGIN, KEYS)


def test_a_key_that_signed_twice_is_refused() -> None:
    with pytest.raises(FormatError, match="once"):
        open_checkpoint(sign_checkpoint(HEAD, [ED, PQ, ED], NOW), ORIGIN, KEYS)


def test_one_false_line_spoils_the_note_even_beside_a_true_one() -> None:
    parts = lines(NOTE)
    text = parts[4]
    parts[4] = text[:-6] + ("AAA" if text[-6:-3] != "AAA" else "BBB") + text[-3:]
    with pytest.raises(CryptoError):
        open_checkpoint("\n".join(parts).encode(), ORIGIN, KEYS)


NOTE_LINES = lines(NOTE)


@pytest.mark.parametrize(
    "edited",
    [
        NOTE_LINES[1:],
        [NOTE_LINES[0], *NOTE_LINES[2:]],
        [*NOTE_LINES[:2], *NOTE_LINES[3:]],
        [*NOTE_LINES[:3], "", ""],
        [*NOTE_LINES[:3], *NOTE_LINES[4:]],
        [*NOTE_LINES[:3], "extension", *NOTE_LINES[3:]],
        ["", *NOTE_LINES],
        [NOTE_LINES[0], "2", *NOTE_LINES[2:]],
        [NOTE_LINES[0], "01", *NOTE_LINES[2:]],
        [NOTE_LINES[0], "+1", *NOTE_LINES[2:]],
        [NOTE_LINES[0], "1 ", *NOTE_LINES[2:]],
        [NOTE_LINES[0], "１", *NOTE_LINES[2:]],
        [NOTE_LINES[0], "-1", *NOTE_LINES[2:]],
        [NOTE_LINES[0], str(2**63), *NOTE_LINES[2:]],
        [NOTE_LINES[0], "9" * 5000, *NOTE_LINES[2:]],
        [*NOTE_LINES[:2], NOTE_LINES[2][:-1], *NOTE_LINES[3:]],
        [*NOTE_LINES[:2], encode(b"short"), *NOTE_LINES[3:]],
        [*NOTE_LINES[:4], NOTE_LINES[4].replace("—", "-"), *NOTE_LINES[5:]],
        [*NOTE_LINES[:4], f"— {ORIGIN}", *NOTE_LINES[5:]],
        [*NOTE_LINES[:4], f"— {ORIGIN} AAAA", *NOTE_LINES[5:]],
        [*NOTE_LINES[:4], f"—  {ORIGIN} AAAAAAAA", *NOTE_LINES[5:]],
        NOTE_LINES[:-1],
        [*NOTE_LINES, ""],
    ],
)
def test_a_checkpoint_with_missing_surplus_or_misspelt_lines_is_refused(edited: list[str]) -> None:
    with pytest.raises((FormatError, ForgedError)):
        open_checkpoint("\n".join(edited).encode(), ORIGIN, KEYS)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n\n",
        b"\xff\n\n\xe2\x80\x94 a AAAAAAAA\n",
        b"a\rb\n\n\xe2\x80\x94 a AAAAAAAA\n",
        b"a" * (LONGEST_NOTE + 1),
        b"a\n\n" + b"".join(b"\xe2\x80\x94 a%d AAAAAAAA\n" % index for index in range(33)),
    ],
)
def test_bytes_that_are_no_note_are_refused(raw: bytes) -> None:
    with pytest.raises(FormatError):
        Note.from_bytes(raw)


def test_sixteen_signatures_are_accepted_as_the_specification_demands() -> None:
    signatures = tuple(Signature(f"w{index}", b"1234", b"x") for index in range(16))
    note = Note("text\n\nmore text\n", signatures)
    assert Note.from_bytes(note.to_bytes()) == note


@settings(max_examples=300)
@given(st.integers(0, len(NOTE) - 1), st.integers(1, 255))
def test_no_changed_byte_of_a_checkpoint_goes_unnoticed(place: int, mask: int) -> None:
    changed = bytearray(NOTE)
    changed[place] ^= mask
    with pytest.raises(CryptoError):
        open_checkpoint(bytes(changed), ORIGIN, KEYS)


@given(st.binary(max_size=200) | st.text(max_size=80).map(str.encode))
def test_any_bytes_are_a_note_or_a_format_error(raw: bytes) -> None:
    for attempt in (raw, b"a\n\n" + raw, NOTE + raw):
        with contextlib.suppress(FormatError):
            assert Note.from_bytes(attempt).to_bytes() == attempt


@pytest.mark.parametrize(
    "text", ["AA=", "A", "AA", "AB==", "AAA=\n", " AAAA", "AA-_", "ＡＡＡＡ", "AAAA===="]
)
def test_base64_has_one_spelling(text: str) -> None:
    with pytest.raises(FormatError):
        decode(text)


@given(st.binary(max_size=64))
def test_base64_comes_back(raw: bytes) -> None:
    assert decode(encode(raw)) == raw


@pytest.mark.parametrize("signer", [ED, PQ])
def test_keys_and_signers_come_back_from_their_bytes(signer: NoteSigner) -> None:
    assert NoteKey.parse(signer.key.vkey) == signer.key
    assert NoteSigner.from_bytes(signer.to_bytes()).key == signer.key


def test_generated_keys_differ() -> None:
    assert NoteSigner.generate("a", KeyKind.ED25519).key != (
        NoteSigner.generate("a", KeyKind.ED25519).key
    )


def test_a_signer_does_not_show_its_seed() -> None:
    assert ED.to_bytes()[2:34].hex() not in repr(ED) + str(ED)


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "a",
        "a+b",
        "a+12345678+",
        "a+12345678+AQ==",
        ED.key.vkey.replace("+", "+0", 1),
        ED.key.vkey.upper(),
        "b" + ED.key.vkey,
        " " + ED.key.vkey,
        ED.key.vkey + "=",
        f"a+00000000+{base64.b64encode(bytes([4]) + b'k' * 32).decode()}",
    ],
)
def test_a_vkey_that_is_not_exactly_one_is_refused(vkey: str) -> None:
    with pytest.raises(FormatError):
        NoteKey.parse(vkey)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x01\x01short",
        b"\x02" + ED.to_bytes()[1:],
        b"\x01\x05" + ED.to_bytes()[2:],
        ED.to_bytes()[:34],
        ED.to_bytes()[:34] + b"a b",
        ED.to_bytes()[:34] + b"\xff",
    ],
)
def test_a_signer_from_other_bytes_is_refused(raw: bytes) -> None:
    with pytest.raises(FormatError):
        NoteSigner.from_bytes(raw)


def test_a_seed_of_another_length_is_refused() -> None:
    with pytest.raises(FormatError):
        NoteSigner("a", KeyKind.ED25519, b"x" * 31)


@pytest.mark.parametrize(
    "name", ["", "a b", "a+b", "a\u3000b", "a\nb", "a\x7fb", "x" * 256, "\ud800"]
)
def test_a_name_that_no_line_can_carry_is_refused(name: str) -> None:
    with pytest.raises(FormatError):
        Checkpoint(name, 0, b"r" * 32)


@pytest.mark.parametrize("size", ["", "01", "+1", "1 ", " 1", "1_0", "0x1", "-1", "１", "1e3"])
def test_a_size_has_one_spelling(size: str) -> None:
    with pytest.raises(FormatError, match="leading zeros"):
        Checkpoint.parse(HEAD.text.replace("\n1\n", f"\n{size}\n"))
    assert Checkpoint.parse(HEAD.text) == HEAD


@pytest.mark.parametrize(("size", "root"), [(-1, b"r" * 32), (2**63, b"r" * 32), (1, b"r" * 31)])
def test_a_checkpoint_without_text_form_is_refused(size: int, root: bytes) -> None:
    with pytest.raises(FormatError):
        Checkpoint(ORIGIN, size, root)


def test_a_key_verifies_only_its_own_lines() -> None:
    with pytest.raises(ForgedError, match="another key"):
        ED.key.verify(HEAD.text, PQ.sign(HEAD.text, NOW))


@pytest.mark.parametrize("blob", [b"", b"12345678", b"\xff" * 2428, b"\x00" * 2428])
def test_a_cosignature_without_a_possible_time_or_signature_is_refused(blob: bytes) -> None:
    with pytest.raises((ForgedError, FormatError)):
        PQ.key.verify(HEAD.text, Signature(ORIGIN, PQ.key.key_id, blob))


@pytest.mark.parametrize("now", [-1, 2**63])
def test_a_time_that_no_cosignature_can_state_is_refused(now: int) -> None:
    with pytest.raises(FormatError):
        PQ.sign(HEAD.text, now)


def test_an_mldsa_line_is_only_made_for_a_checkpoint() -> None:
    with pytest.raises(FormatError):
        PQ.sign("any text\n", NOW)


def test_an_mldsa_line_commits_to_time_name_origin_size_and_root() -> None:
    line = PQ.sign(HEAD.text, NOW)
    for text in (
        Checkpoint("log.example/b", 1, HEAD.root).text,
        Checkpoint(ORIGIN, 2, HEAD.root).text,
        Checkpoint(ORIGIN, 1, b"r" * 32).text,
    ):
        with pytest.raises(ForgedError):
            PQ.key.verify(text, line)
    later = Signature(line.name, line.key_id, b"\x00" * 7 + b"\x01" + line.blob[8:])
    with pytest.raises(ForgedError):
        PQ.key.verify(HEAD.text, later)


PROOF = TlogProof(0, (), NOTE)


def test_a_proof_shows_its_entry_and_no_other() -> None:
    proof = TlogProof.from_bytes(PROOF.to_bytes())
    assert proof == PROOF
    assert proof.verify(b"entry", ORIGIN, KEYS) == HEAD
    with pytest.raises(ForgedError):
        proof.verify(b"another", ORIGIN, KEYS)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"c2sp.org/tlog-proof@v1",
        b"c2sp.org/tlog-proof@v2\nindex 0\n\n" + NOTE,
        b"c2sp.org/tlog-proof@v1\nextra AAAA\nindex 0\n\n" + NOTE,
        b"c2sp.org/tlog-proof@v1\nindex 00\n\n" + NOTE,
        b"c2sp.org/tlog-proof@v1\nindex -1\n\n" + NOTE,
        b"c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\n" + NOTE,
        b"c2sp.org/tlog-proof@v1\nindex 0\n\xff\n\n" + NOTE,
        b"c2sp.org/tlog-proof@v1\nindex 0\n" + b"A\n" * 64 + b"\n" + NOTE,
    ],
)
def test_bytes_that_are_no_proof_are_refused(raw: bytes) -> None:
    with pytest.raises(FormatError):
        TlogProof.from_bytes(raw)


@given(st.integers(0, len(PROOF.to_bytes()) - 1), st.integers(1, 255))
def test_no_changed_byte_of_a_proof_goes_unnoticed(place: int, mask: int) -> None:
    changed = bytearray(PROOF.to_bytes())
    changed[place] ^= mask
    with pytest.raises(CryptoError):
        TlogProof.from_bytes(bytes(changed)).verify(b"entry", ORIGIN, KEYS)
