"""Key records: wrapped keys whose state decides what may be done with them."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings, strategies as st

from crypto.encoding import b64
from crypto.errors import CryptoError, ForgedError, FormatError, KeyStateError, TrustError
from crypto.kek import Kek, Passphrase
from crypto.keystate import ALLOWED, NEXT, KeyState, Operation, allow, step
from crypto.keystore import KeyKind, KeyRecord, new_record
from policy.canonical import canonical
from tests.crypto.samples import DEK, NOW, flipped, holder, kek, record, refused, signer

RAW = record().to_bytes(kek())
QUICK = Passphrase(b"s" * 16, iterations=1, lanes=1, memory=8 << 10)


def test_a_key_comes_back_from_its_record() -> None:
    found = KeyRecord.from_bytes(RAW, kek())
    assert found.unwrap(kek(), Operation.PROCESS, NOW) == DEK
    assert DEK not in RAW


def test_tenant_keys_hang_under_the_root_and_seeds_under_them() -> None:
    tenant = record(kind=KeyKind.TENANT, id="tenant-1").unwrap(kek(), Operation.PROCESS, NOW)
    below = Kek(tenant)
    for kind, secret in (
        (KeyKind.SIGNING, signer("gov").to_bytes()),
        (KeyKind.RECIPIENT, holder("std").to_bytes()),
    ):
        made = new_record(
            secret, below, id="k", kind=kind, owner="t", suite="std", parent="tenant-1", now=NOW
        )
        again = KeyRecord.from_bytes(made.to_bytes(below), below)
        assert again.unwrap(below, Operation.PROTECT, NOW) == secret


@given(place=st.integers(0, 10_000), mask=st.integers(1, 255))
@settings(max_examples=100)
def test_any_changed_byte_is_refused(place: int, mask: int) -> None:
    refused(lambda: KeyRecord.from_bytes(flipped(RAW, place, mask), kek()))


@given(cut=st.integers(0, 10_000), more=st.binary(min_size=1, max_size=8))
@settings(max_examples=30)
def test_bytes_too_few_or_too_many_are_refused(cut: int, more: bytes) -> None:
    refused(lambda: KeyRecord.from_bytes(RAW[: cut % len(RAW)], kek()))
    refused(lambda: KeyRecord.from_bytes(RAW + more, kek()))


def test_a_record_of_another_key_is_refused() -> None:
    with pytest.raises(ForgedError):
        KeyRecord.from_bytes(RAW, kek("other"))
    with pytest.raises(ForgedError):
        record().unwrap(kek("other"), Operation.PROCESS, NOW)


def test_an_older_record_does_not_come_back() -> None:
    newer = record().become(KeyState.SUSPENDED, NOW + 1)
    assert newer.epoch == 2
    KeyRecord.from_bytes(newer.to_bytes(kek()), kek(), at_least=2)
    with pytest.raises(TrustError):
        KeyRecord.from_bytes(RAW, kek(), at_least=2)


@pytest.mark.parametrize("state", KeyState)
@pytest.mark.parametrize("operation", Operation)
def test_the_table_alone_decides(state: KeyState, operation: Operation) -> None:
    held = replace(record(), state=state, wrapped=_wrapped(state))
    if operation in ALLOWED[state]:
        allow(state, operation)
        held.allow(operation, NOW)
    else:
        with pytest.raises(KeyStateError):
            allow(state, operation)
        with pytest.raises(KeyStateError):
            held.unwrap(kek(), operation, NOW)


def _wrapped(state: KeyState) -> bytes | None:
    return None if state is KeyState.DESTROYED else record().wrapped


def test_the_table_says_what_sp_800_57_says() -> None:
    protecting = {state for state, may in ALLOWED.items() if Operation.PROTECT in may}
    processing = {state for state, may in ALLOWED.items() if Operation.PROCESS in may}
    assert protecting == {KeyState.ACTIVE}
    assert processing == {KeyState.ACTIVE, KeyState.DEACTIVATED}
    assert ALLOWED[KeyState.DESTROYED] == {Operation.AUDIT}
    assert all(Operation.AUDIT in may for may in ALLOWED.values())


def test_no_state_leads_back_from_an_end() -> None:
    assert NEXT[KeyState.DESTROYED] == frozenset()
    assert NEXT[KeyState.COMPROMISED] == {KeyState.DESTROYED}
    for state in KeyState:
        for following in KeyState:
            if following in NEXT[state]:
                assert step(state, following) is following
            else:
                with pytest.raises(KeyStateError):
                    step(state, following)


def test_usage_periods_end_apart() -> None:
    held = record(protect_until=NOW + 10, process_until=NOW + 20)
    held.allow(Operation.PROTECT, NOW + 9)
    with pytest.raises(KeyStateError):
        held.allow(Operation.PROTECT, NOW + 10)
    held.allow(Operation.PROCESS, NOW + 19)
    with pytest.raises(KeyStateError):
        held.unwrap(kek(), Operation.PROCESS, NOW + 20)


def test_a_destroyed_key_leaves_only_its_record() -> None:
    gone = record().become(KeyState.DESTROYED, NOW + 5)
    assert gone.wrapped is None
    assert gone.changed == NOW + 5
    read = KeyRecord.from_bytes(gone.to_bytes(kek()), kek(), at_least=2)
    read.allow(Operation.AUDIT, NOW)
    for operation in Operation:
        with pytest.raises(KeyStateError):
            read.unwrap(kek(), operation, NOW)
    with pytest.raises(FormatError):
        replace(gone, wrapped=b"x" * 40)
    with pytest.raises(FormatError):
        replace(record(), wrapped=None)


def test_rewrapping_moves_a_key_and_keeps_it() -> None:
    moved = record().rewrap(kek(), kek("new"), parent="root-2", now=NOW + 1)
    assert (moved.version, moved.epoch, moved.parent) == (2, 2, "root-2")
    assert moved.unwrap(kek("new"), Operation.PROCESS, NOW) == DEK
    with pytest.raises(ForgedError):
        moved.unwrap(kek(), Operation.PROCESS, NOW)


def test_a_compromised_key_is_only_moved() -> None:
    held = record().become(KeyState.COMPROMISED, NOW)
    held.rewrap(kek(), kek("new"), parent="root-2", now=NOW)
    with pytest.raises(KeyStateError):
        held.unwrap(kek(), Operation.PROCESS, NOW)


@pytest.mark.parametrize(
    ("member", "value"),
    [("v", 2), ("kind", "root"), ("state", "fine"), ("epoch", -1), ("wrapped", 1), ("id", "")],
)
def test_a_malformed_record_is_refused_even_with_its_hmac(member: str, value: object) -> None:
    body = canonical({**json.loads(record().body()), member: value})
    mac = kek().mac(b"".join(len(p).to_bytes(4) + p for p in (b"sekisho/key-record/v1", body)))
    with pytest.raises(FormatError):
        KeyRecord.from_bytes(canonical({"record": b64(body), "hmac": b64(mac)}), kek())


def test_a_passphrase_gives_the_same_root_again() -> None:
    again = Passphrase.from_bytes(QUICK.to_bytes())
    made = Kek.from_passphrase(b"correct horse", QUICK)
    wrapped = made.wrap(DEK)
    assert Kek.from_passphrase(b"correct horse", again).unwrap(wrapped) == DEK
    with pytest.raises(ForgedError):
        Kek.from_passphrase(b"correct h0rse", again).unwrap(wrapped)
    salted = replace(QUICK, salt=b"t" * 16)
    with pytest.raises(ForgedError):
        Kek.from_passphrase(b"correct horse", salted).unwrap(wrapped)
    assert Passphrase.fresh().salt != Passphrase.fresh().salt


@pytest.mark.parametrize(
    "changes",
    [{"salt": b"short"}, {"iterations": 0}, {"iterations": 65}, {"lanes": 0}, {"lanes": 17},
     {"memory": 1}, {"memory": 1 << 30}],
)  # fmt: skip
def test_hostile_parameters_neither_weaken_nor_exhaust(changes: dict[str, object]) -> None:
    document = {"v": 1, "kdf": "argon2id", "iterations": 1, "lanes": 1, "memory": 8192}
    document.update({"salt": b64(b"s" * 16)})
    document.update({k: b64(v) if isinstance(v, bytes) else v for k, v in changes.items()})
    with pytest.raises(FormatError):
        Passphrase.from_bytes(canonical(document))
    with pytest.raises(FormatError):
        replace(QUICK, **changes)


@pytest.mark.parametrize(("member", "value"), [("v", 2), ("kdf", "pbkdf2")])
def test_another_derivation_is_refused(member: str, value: object) -> None:
    with pytest.raises(FormatError):
        Passphrase.from_bytes(canonical({**json.loads(QUICK.to_bytes()), member: value}))


def test_a_wiped_key_opens_nothing() -> None:
    made = Kek(b"k" * 32)
    wrapped = made.wrap(DEK)
    made.wipe()
    with pytest.raises(CryptoError):
        made.unwrap(wrapped)
    assert repr(made) == "Kek(...)"


def test_only_keys_are_wrapped_by_keys() -> None:
    for length in (0, 4097):
        with pytest.raises(FormatError):
            kek().wrap(bytes(length))
    for length in (0, 16, 31, 33):
        with pytest.raises(FormatError):
            Kek(bytes(length))
