"""Whoever can write only one folder of an instance gets no key, and is found out."""

import asyncio
import csv
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api import resources
from api.audit import check_files, verify_log
from api.errors import SekishoError, UnavailableError, UsageError
from api.instance import opened, reading
from api.log.trust import LogTrust
from api.tokens import principal_of
from crypto.encoding import b64
from crypto.errors import CryptoError, TrustError
from crypto.keystate import Operation
from crypto.recipient import RecipientKey
from crypto.signing import SigningKey
from crypto.tlog.keys import KeyKind, NoteSigner
from crypto.trust import SKEW, Root, SiteTrust, TrustBundle, sign_bundle
from policy.canonical import canonical, digest
from policy.label import Level

Failures = (SekishoError, CryptoError)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def roots(bench: Any) -> list[SigningKey]:
    return [bench.instance.vault.signing_key(f"root/{place}") for place in (1, 2)]


def reissued(bench: Any, **changes: Any) -> bytes:
    """The bundle in force with changes, signed by the true root."""
    bundle: TrustBundle = bench.instance.trust()
    return sign_bundle(replace(bundle, **changes), roots(bench))


# trust/


def test_another_root_in_the_trust_folder_is_not_trusted(bench: Any) -> None:
    layout, evil = bench.instance.layout, SigningKey.generate("gov")
    passage = bench.granted()
    bundle, key = bench.instance.trust(), RecipientKey.generate("gov")
    mine = SiteTrust(key.public.to_bytes(), bundle.site("itoshima").tls)
    forged = replace(bundle, sites={**bundle.sites, "itoshima": mine})
    layout.root.write_bytes(Root((evil.public,), 1).to_bytes())
    layout.bundle.write_bytes(sign_bundle(forged, [evil]))
    with pytest.raises(TrustError):
        bench.instance.trust()
    with pytest.raises(Failures):
        asyncio.run(bench.gate.release(passage.permit, site="itoshima", nonce="n-1"))


def test_an_older_trust_bundle_is_not_put_back(bench: Any) -> None:
    layout = bench.instance.layout
    older = layout.bundle.read_bytes()
    layout.bundle.write_bytes(reissued(bench, version=2))
    assert bench.instance.trust().version == 2
    layout.bundle.write_bytes(older)
    with pytest.raises(TrustError):
        bench.instance.trust()
    with reading(layout.directory, now=bench.clock) as parts, pytest.raises(TrustError):
        parts.trust()


def test_two_sites_never_share_a_certificate_or_a_recipient_key(bench: Any) -> None:
    bundle = bench.instance.trust()
    one, two = bundle.site("itoshima"), bundle.site("tama")
    for shared in (replace(one, tls=two.tls), replace(one, recipient=two.recipient)):
        with pytest.raises(CryptoError):
            replace(bundle, sites={**bundle.sites, "itoshima": shared})


# objects/


def test_bytes_that_lie_under_a_digest_already_are_believed_only_if_they_are_right(
    bench: Any,
) -> None:
    objects, raw = bench.instance.objects, canonical({"what": "is named by an entry"})
    objects.put(raw)
    (path,) = bench.instance.layout.objects.glob(f"*/{digest(raw).removeprefix('sha256:')}")
    path.write_bytes(b"something else")
    assert objects.get(objects.put(raw)) == raw


def test_changed_objects_stop_decisions_and_releases(bench: Any) -> None:
    passage = bench.granted()
    for path in bench.instance.layout.objects.rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(SekishoError):
        asyncio.run(bench.gate.release(passage.permit, site="itoshima", nonce="n-1"))
    with pytest.raises(SekishoError):
        bench.instance.in_force.network()
    with pytest.raises(SekishoError):
        bench.instance.in_force.policy()


# log/


def _shorten(log: Path) -> None:
    segment = log / "segment"
    segment.write_bytes(segment.read_bytes()[:-30])


def _change(log: Path) -> None:
    segment = log / "segment"
    segment.write_bytes(segment.read_bytes().replace(b"passage", b"massage", 1))


def _vanish(log: Path) -> None:
    shutil.rmtree(log)


def _litter(log: Path) -> None:
    (log / "note").write_bytes(b"hidden")


@pytest.mark.parametrize("harm", [_shorten, _change, _vanish, _litter])
def test_a_harmed_log_folder_is_found_by_verify_or_fsck(
    bench: Any, harm: Callable[[Path], None]
) -> None:
    bench.granted()
    layout = bench.instance.layout
    bench.instance.log.close()
    assert verify_log(layout.directory, None).ok
    assert check_files(layout.directory).ok
    harm(layout.log)

    def found() -> bool:
        try:
            return not (verify_log(layout.directory, None).ok and check_files(layout.directory).ok)
        except SekishoError:
            return True

    assert found()


@pytest.mark.parametrize("harm", [_shorten, _change, _vanish])
def test_nobody_writes_on_where_the_log_was_harmed(
    bench: Any, harm: Callable[[Path], None]
) -> None:
    bench.granted()
    layout = bench.instance.layout
    bench.instance.log.close()
    harm(layout.log)
    with pytest.raises(UnavailableError), opened(layout.directory, now=bench.clock):
        pass


# The trust file.


def test_a_trust_file_with_other_keys_or_another_past_accepts_nothing(
    bench: Any, tmp_path: Path
) -> None:
    layout = bench.instance.layout
    bench.instance.log.close()
    trust = LogTrust.load(layout.log_trust)
    evil = NoteSigner.generate(trust.origin, KeyKind.ED25519)
    forged = tmp_path / "forged.trust"
    LogTrust.of(trust.origin, [evil.key]).save(forged)
    assert not verify_log(layout.directory, forged).ok
    replace(trust, checkpoint=None).save(forged)
    assert not verify_log(layout.directory, forged).ok


def test_a_trust_file_is_never_widened_by_what_it_did_not_verify(bench: Any) -> None:
    layout = bench.instance.layout
    bench.granted()
    bench.instance.log.close()
    before = layout.log_trust.read_bytes()
    _change(layout.log)
    assert not verify_log(layout.directory, None).ok
    assert layout.log_trust.read_bytes() == before


def test_an_older_copy_of_the_trust_file_still_accepts_a_log_that_grew(bench: Any) -> None:
    """What is not held: it is a true past, and says nothing of what was seen since."""
    layout = bench.instance.layout
    older = layout.log_trust.read_bytes()
    bench.granted()
    bench.instance.log.close()
    assert verify_log(layout.directory, None).ok
    layout.log_trust.write_bytes(older)
    assert verify_log(layout.directory, None).ok


def test_an_instance_put_back_whole_is_found_by_a_trust_file_of_today(
    bench: Any, tmp_path: Path
) -> None:
    layout = bench.instance.layout
    bench.instance.log.checkpoint()
    yesterday = tmp_path / "yesterday"
    shutil.copytree(layout.directory, yesterday)
    bench.granted()
    bench.instance.log.close()
    assert verify_log(layout.directory, None).ok
    findings = verify_log(yesterday, layout.log_trust)
    assert [each.code for each in findings.findings] == ["trust.shrunk"]


# The clock.


def test_a_clock_that_was_set_back_stops_decisions_and_releases(bench: Any) -> None:
    passage = bench.granted()
    bench.clock.time = passage.expires + 2 * SKEW
    asyncio.run(bench.gate.grant(bench.request()))
    bench.clock.time = passage.created
    with pytest.raises(UnavailableError):
        asyncio.run(bench.gate.release(passage.permit, site="itoshima", nonce="n-1"))
    with pytest.raises(UnavailableError):
        asyncio.run(bench.gate.grant(bench.request()))
    bench.clock.time = passage.expires + 2 * SKEW


def test_clocks_that_differ_by_a_minute_stop_nothing(bench: Any) -> None:
    bench.granted()
    bench.clock.time -= SKEW
    assert bench.granted().id
    bench.clock.time += SKEW


# Who may read what.


def test_no_file_of_an_instance_but_what_is_public_is_open_to_others(bench: Any) -> None:
    bench.granted()
    layout = bench.instance.layout
    assert mode(layout.directory) == 0o700
    private = [layout.root_key, layout.settings, layout.database]
    private += list(layout.directory.glob("sekisho.sqlite*"))
    private += [p for p in (layout.directory / "sites").rglob("*") if p.is_file()]
    private += [p for p in layout.objects.rglob("*") if p.is_file()]
    assert [str(p) for p in private if mode(p) & 0o077] == []


def test_a_root_key_that_others_may_read_opens_nothing(home: Path) -> None:
    (home / "keys" / "root.kek").chmod(0o640)
    with pytest.raises(UsageError), opened(home):
        pass


def test_neither_database_nor_log_nor_objects_hold_a_key_a_token_or_a_permits_key(
    bench: Any,
) -> None:
    passage = bench.granted()
    who = principal_of("auditor", name="auditor", tenant=None, clearance=Level.L1)
    secret = bench.instance.issue_token(who).rpartition("_")[2]
    vault = bench.instance.vault
    with vault.data_key(passage.id, passage.tenant, Operation.PROCESS) as dek:
        held = [bytes(dek)]
    for name in ("permit", "bundle", "root/1", "token", "log/ed25519", "log/mldsa44"):
        with vault.opened(name, Operation.PROCESS) as raw:
            # A note key ends with its name, which is public.
            held.append(bytes(raw[2:34] if name.startswith("log/") else raw))
    held.append((bench.instance.layout.root_key).read_bytes())
    spelt = [secret.encode()]
    for each in held:
        spelt += [each, each[6:38], each.hex().encode(), b64(each).encode()]
    home = bench.instance.layout.directory
    for path in home.rglob("*"):
        if path.is_file() and path.parent.name != "keys":
            raw = path.read_bytes()
            assert not [each for each in spelt if each in raw], path


def test_no_cell_of_a_sensitive_file_reaches_database_log_or_objects(bench: Any) -> None:
    bench.granted()
    with resources.example("datasets/patients.csv").open(encoding="utf-8") as file:
        _, *rows = csv.reader(file)
    cells = Counter(cell.encode() for row in rows for cell in row)
    # What stands there once or twice is somebody's; a common word may stand anywhere.
    sought = [cell for cell, count in cells.items() if count < 3 and len(cell) > 5]
    assert len(sought) > 100
    for path in bench.instance.layout.directory.rglob("*"):
        if path.is_file():
            raw = path.read_bytes()
            assert not [cell for cell in sought if cell in raw], path
