"""Where keys lie, what they may still do, and that no secret ever reaches a file it should not."""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api import resources
from api.errors import NotAllowedError, NotFoundError, UsageError
from api.founding import created
from api.instance import opened, reading
from api.offline import read_network
from api.tokens import LIFETIME, principal_of
from crypto.errors import CryptoError
from crypto.keystate import Operation
from crypto.keystore import KeyKind
from crypto.trust import Root, verify_bundle
from policy.label import Level
from policy.question import Principal

WHO = principal_of("tenant", name="steward", tenant="midori-hospital", clearance=Level.L3)


def files(home: Path) -> Mapping[str, bytes]:
    found = {str(p.relative_to(home)): p.read_bytes() for p in home.rglob("*") if p.is_file()}
    beside = home.with_name(home.name + ".trust")
    return {**found, beside.name: beside.read_bytes()}


def holding(home: Path, secret: bytes) -> set[str]:
    """The files in which a secret, or its hexadecimal or base64 spelling, can be found."""
    spelled = {secret, secret.hex().encode()}
    return {name for name, raw in files(home).items() if any(each in raw for each in spelled)}


def test_no_secret_of_the_instance_lies_open_in_any_of_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every random byte string that is drawn while an instance is made and used, but the root key.

    What is drawn for the sites' own private files is theirs, and lies at their sites alone.
    """
    drawn: list[bytes] = []
    draw = secrets.token_bytes

    def watched(size: int | None = None) -> bytes:
        drawn.append(draw(size))
        return drawn[-1]

    monkeypatch.setattr(secrets, "token_bytes", watched)
    network = read_network(resources.example("network/jpn48.json"))
    home = tmp_path / "instance"
    with created(home, network, ["tokyo", "inzai"]) as instance:
        instance.vault.make_data_key("p-1", tenant="one")
        with instance.vault.data_key("p-1", "one", Operation.PROCESS) as dek:
            drawn.append(bytes(dek))
        token = instance.issue_token(WHO)
    assert len(drawn) > 5
    for secret in {each for each in drawn if len(each) >= 16}:
        where = holding(home, secret)
        own = {name for name in where if name.startswith("sites/") or name == "keys/root.kek"}
        assert where == own, "a secret lies where it must not"
    assert holding(home, token.split("_", 2)[2].encode()) == set()
    assert holding(home, token.encode()) == set()


@pytest.mark.parametrize(
    "identity", ["permit", "bundle", "token", "root/1", "root/3", "log/ed25519", "log/mldsa44"]
)
def test_no_key_of_the_instance_lies_open_anywhere(bench: Any, home: Path, identity: str) -> None:
    operation = Operation.PROCESS if identity == "token" else Operation.PROTECT
    with bench.instance.vault.opened(identity, operation) as secret:
        kept = bytes(secret)
    # A note's signer ends with its public name; what is secret of it begins behind two bytes.
    assert all(holding(home, part) == set() for part in (kept, kept[2:34]))


def test_a_key_is_wiped_when_its_use_ends(bench: Any) -> None:
    with bench.instance.vault.opened("permit", Operation.PROTECT) as secret:
        assert any(secret)
    assert not any(secret)
    bench.instance.vault.make_data_key("p-1", tenant="one")
    with bench.instance.vault.data_key("p-1", "one", Operation.PROCESS) as dek:
        assert any(dek)
    assert not any(dek)


def test_a_key_is_wiped_when_its_use_fails(bench: Any) -> None:
    kept: list[bytearray] = []
    with pytest.raises(ZeroDivisionError):
        _use(bench, kept)
    assert not any(kept[0])


def _use(bench: Any, kept: list[bytearray]) -> None:
    with bench.instance.vault.opened("permit", Operation.PROTECT) as secret:
        kept.append(secret)
        raise ZeroDivisionError


def test_data_keys_of_two_tenants_are_wrapped_by_different_keys(bench: Any) -> None:
    vault = bench.instance.vault
    for tenant in ("one", "two"):
        vault.make_data_key(f"p-{tenant}", tenant=tenant)
    with pytest.raises(CryptoError), vault.data_key("p-one", "two", Operation.PROCESS):
        pass
    with vault.data_key("p-one", "one", Operation.PROCESS) as dek:
        assert len(dek) == 32


def test_a_shredded_data_key_releases_nothing(bench: Any) -> None:
    passage = bench.granted()
    bench.instance.vault.shred(passage.id, passage.tenant)
    with pytest.raises(CryptoError):
        asyncio.run(bench.gate.release(passage.permit, site="itoshima", nonce="n"))


def test_a_shredded_data_key_is_gone_from_every_file_but_its_record_stays(
    bench: Any, home: Path
) -> None:
    vault = bench.instance.vault
    vault.make_data_key("p-1", tenant="one")
    vault.shred("p-1", "one")
    with pytest.raises(CryptoError), vault.data_key("p-1", "one", Operation.PROCESS):
        pass
    assert b"data/p-1" in files(home)["sekisho.sqlite"] + files(home)["sekisho.sqlite-wal"]


def test_a_key_that_was_never_made_is_not_found(bench: Any) -> None:
    with (
        pytest.raises(NotFoundError),
        bench.instance.vault.data_key("p-0", "one", Operation.PROCESS),
    ):
        pass


def test_a_signing_key_does_not_serve_for_wrapping(bench: Any) -> None:
    bench.instance.vault.keep("new", b"k" * 32, KeyKind.SIGNING, "service")
    with bench.instance.vault.opened("new", Operation.PROTECT) as secret:
        assert bytes(secret) == b"k" * 32


def test_another_root_key_opens_nothing(bench: Any, home: Path) -> None:
    bench.instance.log.close()
    (home / "keys" / "root.kek").write_bytes(b"x" * 32)
    with pytest.raises(CryptoError), opened(home, now=bench.clock):
        pass


# Custody.


def test_a_second_instance_in_the_same_directory_is_refused_and_the_first_is_as_it_was(
    bench: Any, home: Path, example_network: Any
) -> None:
    before = (home / "keys" / "root.kek").read_bytes()
    with pytest.raises(UsageError), created(home, example_network, ["tokyo"]):
        pass
    assert (home / "keys" / "root.kek").read_bytes() == before
    assert bench.instance.trust()


def test_a_foreign_directory_with_something_in_it_is_left_alone(
    tmp_path: Path, example_network: Any
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(UsageError), created(tmp_path / "mine", example_network, []):
        pass
    assert [each.name for each in tmp_path.rglob("*")] == ["mine", "thesis.txt"]


def test_the_root_says_that_it_is_a_toy_and_two_of_three_keys_signed(bench: Any) -> None:
    layout = bench.instance.layout
    root = Root.from_bytes(layout.root.read_bytes())
    assert (root.toy, root.threshold, len(root.keys)) == (True, 2, 3)
    bundle = verify_bundle(layout.bundle.read_bytes(), root, now=bench.clock(), at_least=1)
    assert {"permit", "bundle", "log", "site:service"} <= set(bundle.keys)


def test_an_expired_trust_bundle_is_not_trusted(bench: Any, home: Path) -> None:
    late = bench.clock() + 400 * 24 * 3600
    with reading(home, now=lambda: late) as parts, pytest.raises(CryptoError):
        parts.trust()


def test_a_tampered_trust_bundle_is_not_trusted(bench: Any) -> None:
    path = bench.instance.layout.bundle
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)
    with pytest.raises(CryptoError):
        bench.instance.trust()


def test_private_files_are_for_their_owner_alone(home: Path) -> None:
    private = [home / "keys" / "root.kek", *(home / "sites").rglob("*.key")]
    assert len(private) > 3
    assert all(each.stat().st_mode & 0o077 == 0 for each in private)


# Tokens.


def test_a_token_is_recognised_until_it_expires(bench: Any) -> None:
    token = bench.instance.issue_token(WHO)
    assert bench.instance.tokens.recognise(token, now=bench.clock() + LIFETIME - 1) == WHO
    with pytest.raises(NotAllowedError):
        bench.instance.tokens.recognise(token, now=bench.clock() + LIFETIME)


def test_a_revoked_token_is_useless(bench: Any) -> None:
    token = bench.instance.issue_token(WHO)
    bench.instance.revoke_token(token.split("_")[1])
    with pytest.raises(NotAllowedError):
        bench.instance.tokens.recognise(token, now=bench.clock())
    assert bench.kinds()[-2:] == ["token.issued", "token.revoked"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: "",
        lambda token: token[:-1],
        lambda token: token + "A",
        lambda token: token.replace("sk_", "pk_", 1),
        lambda token: token.rsplit("_", 1)[0],
        lambda token: "sk_" + "0" * 16 + "_" + token.split("_", 2)[2],
        lambda token: "sk__" + token,
        lambda token: "\0" + token,
        lambda token: token + "\ud800",
        lambda _: "sk_\ud800_x",
        lambda _: "病院",
    ],
    ids=[
        "empty", "short", "long", "other prefix", "no secret", "other id", "no id", "nul",
        "surrogate in secret", "surrogate in id", "words",
    ],
)  # fmt: skip
def test_anything_but_the_token_is_refused_alike(bench: Any, spoil: Any) -> None:
    token = bench.instance.issue_token(WHO)
    with pytest.raises(NotAllowedError, match="this token is not accepted"):
        bench.instance.tokens.recognise(spoil(token), now=bench.clock())


def test_two_instances_do_not_recognise_each_others_tokens(bench: Any) -> None:
    token = bench.instance.issue_token(WHO)
    other = replace(bench.instance.tokens, key=b"k" * 32)
    with pytest.raises(NotAllowedError):
        other.recognise(token, now=bench.clock())


def test_a_token_needs_a_role_that_exists_and_a_tenant_where_it_is_a_tenants(bench: Any) -> None:
    nobody = Principal(id="x", kind="person", tenant=None)
    king = replace(nobody, roles=frozenset({"king"}))
    homeless = replace(nobody, roles=frozenset({"tenant"}))
    for who in (nobody, king, homeless):
        with pytest.raises(UsageError):
            bench.instance.tokens.issue(who, identity="i", secret="s", now=1)
    assert list(bench.instance.tokens.listed()) == []


def test_what_is_listed_of_a_token_is_not_the_token(bench: Any) -> None:
    token = bench.instance.issue_token(WHO)
    (row,) = bench.instance.tokens.listed()
    shown = f"{row!r} {row.to_json()}"
    assert token.split("_", 2)[2] not in shown
    assert row.mac.hex() not in shown
    assert repr(row.mac) not in shown
