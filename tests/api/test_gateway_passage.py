"""Passages over loopback: what arrives, and what is left where it must not arrive."""

import hashlib
import secrets
import socket
import struct
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from api.errors import ConflictError, NotAllowedError, UnavailableError, UsageError
from api.gateway import receive as receiving
from api.gateway.admission import admit, release_context
from api.gateway.channel import Credentials, Listener, dial
from api.gateway.control import Prove
from api.gateway.frames import Abort, Frame, Held, Hello, Reason, Receipts, Segment, StoppedError
from api.gateway.parcel import MANIFEST, Parcel
from api.gateway.receipts import Discrepancy, compare
from api.gateway.receive import Received, run_receive
from api.gateway.relay import Relay
from api.gateway.send import Sent, run_send, seal
from api.gateway.station import Station
from api.gateway.wire import Wire
from crypto import tls
from crypto.envelope import seal_key
from crypto.errors import CryptoError, ForgedError, FormatError, SuiteError, TLSError, TrustError
from crypto.manifest import claimed_manifest, sign_manifest
from crypto.permit import PermitClaims, sign_permit, verify_permit
from crypto.receipt import Receipt, verify_receipt
from crypto.recipient import RecipientKey, challenge, check_answer
from crypto.signing import SigningKey
from crypto.trust import SiteTrust, TrustBundle

NOW = 1_800_000_000
SEGMENT = 1 << 14
CONTENT = secrets.token_bytes(5 * SEGMENT + 321)
DIGEST = "sha256:" + hashlib.sha256(CONTENT).hexdigest()
SITES = ("tokyo", "nagoya", "osaka", "sapporo")
PERMITS = SigningKey.generate("std")
SIGNING = {site: SigningKey.generate("std") for site in SITES}
RECIPIENT = {site: RecipientKey.generate("std") for site in SITES}
CERTIFICATES = {site: tls.make_certificate(site, 0, 2 * NOW) for site in SITES}
TRUST = TrustBundle(
    version=1,
    issued=NOW - 100,
    expires=NOW + 10_000,
    keys={
        "permit": (PERMITS.public.to_bytes(),),
        **{f"site:{site}": (key.public.to_bytes(),) for site, key in SIGNING.items()},
    },
    sites={
        site: SiteTrust(RECIPIENT[site].public.to_bytes(), tls.fingerprint(CERTIFICATES[site][1]))
        for site in SITES
    },
)
CLAIMS = PermitClaims(
    id="p-1/../x",
    dataset="d-1",
    content=DIGEST,
    label="sha256:" + "0" * 64,
    revision="r",
    epoch="e",
    sites=("tokyo", "nagoya", "osaka"),
    spans=("s1", "s2"),
    source="tokyo",
    destination="osaka",
    suite="std",
    obligations=(),
    not_before=NOW - 10,
    expires=NOW + 900,
    nonce="n",
    log_index=1,
)
PERMIT = sign_permit(CLAIMS, PERMITS)


@dataclass
class Service:
    """The service in memory: releases data keys on proof, knows what was revoked."""

    dek: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    revoked: bool = False
    released: list[str] = field(default_factory=list)
    asked: int = 0
    revoke_after: int | None = None

    def release_to(self, site: str) -> Callable[[bytes, Prove], bytes]:
        def release(permit: bytes, prove: Prove) -> bytes:
            claims = verify_permit(permit, TRUST, NOW)
            if self.revoked or site not in {claims.source, claims.destination}:
                raise NotAllowedError("refused")
            public = TRUST.site(site).public
            blob, expected = challenge(public, b"nonce")
            check_answer(expected, prove(blob, b"nonce"))
            self.released.append(site)
            envelope = seal_key(self.dek, public, release_context(claims, site, public))
            return envelope.to_bytes()

        return release

    def still_valid(self, _passage: str) -> bool:
        self.asked += 1
        if self.revoke_after is not None and self.asked > self.revoke_after:
            self.revoked = True
        return not self.revoked


def station(site: str, work: Path, *, now: int = NOW, seconds: float = 10.0) -> Station:
    pins = {name: known.tls for name, known in TRUST.sites.items()}
    mine = Credentials(tls.make_context(*CERTIFICATES[site], pins), pins, lambda: now)
    return Station(
        site, mine, TRUST, SIGNING[site], RECIPIENT[site], None, work / f"work-{site}", seconds
    )


@dataclass
class Scene:
    """Two gateways, a service and the content, on one disk."""

    root: Path
    service: Service = field(default_factory=Service)
    listeners: list[Listener] = field(default_factory=list)

    @property
    def out(self) -> Path:
        return self.root / "out.bin"

    def listen(self) -> Listener:
        self.listeners.append(Listener("127.0.0.1", 0))
        return self.listeners[-1]

    def receive(
        self, site: str = "osaka", *, permit: bytes | None = None, seconds: float = 10.0
    ) -> tuple[Listener, "Running"]:
        listener = self.listen()
        mine = station(site, self.root, seconds=seconds)
        release = self.service.release_to(site)
        running = Running(
            lambda: run_receive(
                mine, listener, self.out, release=release, permit=permit, patience=10
            )
        )
        return listener, running

    def send(
        self,
        at: tuple[str, int],
        *,
        to: str = "osaka",
        permit: bytes = PERMIT,
        content: bytes = CONTENT,
        still_valid: Callable[[str], bool] | None = None,
        mine: Station | None = None,
    ) -> Sent:
        path = self.root / "content.bin"
        path.write_bytes(content)
        return run_send(
            mine or station("tokyo", self.root),
            permit,
            path,
            to=to,
            at=at,
            release=self.service.release_to("tokyo"),
            still_valid=still_valid or self.service.still_valid,
            segment_size=SEGMENT,
        )

    def sealed(self) -> tuple[Hello, Parcel]:
        """A parcel as the source would send it, for senders that misbehave."""
        parcel = Parcel(self.root / "forged", "tokyo", CLAIMS.id)
        path = self.root / "content.bin"
        path.write_bytes(CONTENT)
        mine = station("tokyo", self.root)
        seal(mine, CLAIMS, path, bytearray(self.service.dek), parcel=parcel, segment_size=SEGMENT)
        return Hello(PERMIT, parcel.read(MANIFEST) or b""), parcel

    def leftovers(self) -> set[str]:
        """What files hold bytes of the content in the clear, or the data key."""
        secret = (CONTENT[:64], CONTENT[-64:], self.service.dek)
        files = (path for path in self.root.rglob("*") if path.is_file())
        return {
            path.name
            for path in files
            if path.name != "content.bin" and any(mark in path.read_bytes() for mark in secret)
        }


class Running:
    """Something in a thread, whose result or failure is asked for later."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self._result: Any = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(work,), daemon=True)
        self._thread.start()

    def _run(self, work: Callable[[], Any]) -> None:
        try:
            self._result = work()
        except BaseException as error:  # noqa: BLE001
            self._error = error

    def result(self) -> Any:
        self._thread.join(20)
        assert not self._thread.is_alive()
        if self._error is not None:
            raise self._error
        return self._result


@pytest.fixture
def scene(tmp_path: Path) -> Any:
    made = Scene(tmp_path)
    yield made
    for listener in made.listeners:
        listener.close()


def test_a_permitted_passage_arrives_whole_with_receipts(scene: Scene) -> None:
    listener, receiver = scene.receive(permit=PERMIT)
    sent = scene.send(listener.address)
    received: Received = receiver.result()
    assert scene.out.read_bytes() == CONTENT
    assert scene.out.stat().st_mode & 0o077 == 0
    assert (received.passage, received.content) == (CLAIMS.id, DIGEST)
    assert [each.site for each in sent.receipts] == ["tokyo", "osaka"]
    assert [verify_receipt(raw, TRUST, NOW) for raw in sent.signed] == list(sent.receipts)
    assert sent.receipts[0].spans == ("s1", "s2")
    assert {each.segments for each in sent.receipts} == {6}
    assert sent.discrepancies == ()
    assert scene.service.released == ["tokyo", "osaka"]
    assert scene.service.asked == 7, "once before connecting, once before each segment"
    assert scene.leftovers() == {"out.bin"}


def test_a_relay_carries_ciphertext_and_never_gets_the_key(scene: Scene) -> None:
    listener, receiver = scene.receive()
    middle = scene.listen()
    relay = Relay(station("nagoya", scene.root), "osaka", listener.address)
    relaying = Running(lambda: relay.run(middle, patience=10, once=True))
    sent = scene.send(middle.address, to="nagoya")
    receiver.result()
    relaying.result()
    assert scene.out.read_bytes() == CONTENT
    assert [each.site for each in sent.receipts] == ["tokyo", "nagoya", "osaka"]
    assert [each.spans for each in sent.receipts] == [("s1",), ("s2",), ()]
    assert sent.discrepancies == ()
    assert "nagoya" not in scene.service.released
    with pytest.raises(NotAllowedError):
        scene.service.release_to("nagoya")(PERMIT, lambda *_: b"")


@pytest.mark.parametrize("segments", [0, 1, 3, 5])
def test_a_revocation_midway_leaves_neither_plaintext_nor_key(scene: Scene, segments: int) -> None:
    scene.service.revoke_after = 1 + segments
    listener, receiver = scene.receive()
    with pytest.raises(StoppedError, match="revoked"):
        scene.send(listener.address)
    with pytest.raises(StoppedError, match="revoked"):
        receiver.result()
    assert not scene.out.exists()
    assert "osaka" not in scene.service.released
    assert scene.leftovers() == set()
    assert list((scene.root / "work-osaka").iterdir()) == []


def test_a_revocation_passes_through_a_relay(scene: Scene) -> None:
    scene.service.revoke_after = 3
    listener, receiver = scene.receive()
    middle = scene.listen()
    relay = Relay(station("nagoya", scene.root), "osaka", listener.address)
    relaying = Running(lambda: relay.run(middle, patience=10, once=True))
    with pytest.raises(StoppedError, match="revoked"):
        scene.send(middle.address, to="nagoya")
    for each in (relaying, receiver):
        with pytest.raises(StoppedError, match="revoked"):
            each.result()
    assert not scene.out.exists()


def test_a_revocation_after_the_last_segment_gets_no_key(scene: Scene) -> None:
    listener, receiver = scene.receive()

    def still_valid(_: str) -> bool:
        scene.service.asked += 1
        scene.service.revoked = scene.service.asked == 7
        return True

    with pytest.raises(StoppedError, match="refused"):
        scene.send(listener.address, still_valid=still_valid)
    with pytest.raises(NotAllowedError):
        receiver.result()
    assert scene.leftovers() == set()
    assert not scene.out.exists()


def raising(error: Exception) -> Callable[[str], bool]:
    def still_valid(_: str) -> bool:
        raise error

    return still_valid


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (raising(UnavailableError("x")), UnavailableError),
        (raising(TLSError("x")), UnavailableError),
        (raising(OSError("x")), UnavailableError),
        (raising(NotAllowedError("x")), StoppedError),
        (lambda _: False, StoppedError),
        (lambda _: 1, StoppedError),
        (lambda _: None, StoppedError),
    ],
    ids=["silent", "stranger", "disk", "refused", "no", "one", "none"],
)
def test_whatever_is_not_a_clear_yes_stops_before_anything_is_sent(
    scene: Scene, answer: Callable[[str], bool], error: type[Exception]
) -> None:
    with pytest.raises(error):
        scene.send(("127.0.0.1", 1), still_valid=answer)


def test_a_service_that_falls_silent_midway_stops_and_the_passage_resumes(scene: Scene) -> None:
    listener, receiver = scene.receive()

    def failing(passage: str) -> bool:
        if scene.service.asked == 3:
            raise UnavailableError("silent")
        return scene.service.still_valid(passage)

    with pytest.raises(UnavailableError, match="nobody can say"):
        scene.send(listener.address, still_valid=failing)
    scene.service.asked = 0
    scene.send(listener.address)
    receiver.result()
    assert scene.out.read_bytes() == CONTENT
    assert scene.service.asked == 5, "two segments were kept"
    assert scene.service.released == ["tokyo", "osaka"], "the sealed parcel was kept"


@pytest.mark.parametrize("content", [CONTENT[:-1], CONTENT + b"x", b"", b"y" + CONTENT[1:]])
def test_content_other_than_permitted_is_not_sent(scene: Scene, content: bytes) -> None:
    with pytest.raises(ForgedError, match="not the one that the permit names"):
        scene.send(("127.0.0.1", 1), content=content)
    assert list((scene.root / "work-tokyo").iterdir()) == []


def test_content_that_cannot_be_read_is_bad_input(scene: Scene) -> None:
    with pytest.raises(UsageError):
        run_send(
            station("tokyo", scene.root),
            PERMIT,
            scene.root / "absent",
            to="osaka",
            at=("127.0.0.1", 1),
            release=scene.service.release_to("tokyo"),
            still_valid=scene.service.still_valid,
        )


def test_empty_content_can_be_carried(scene: Scene) -> None:
    empty = replace(CLAIMS, content="sha256:" + hashlib.sha256(b"").hexdigest())
    listener, receiver = scene.receive()
    scene.send(listener.address, permit=sign_permit(empty, PERMITS), content=b"")
    receiver.result()
    assert scene.out.read_bytes() == b""


@pytest.mark.parametrize(
    "changed",
    [
        {"source": "nagoya", "sites": ("nagoya", "osaka"), "spans": ("s2",)},
        {"expires": NOW - 100, "not_before": NOW - 200},
        {"not_before": NOW + 100},
        {"suite": "gov"},
    ],
)
def test_a_sender_refuses_a_permit_that_is_not_for_it_now(
    scene: Scene, changed: Mapping[str, Any]
) -> None:
    claims = replace(CLAIMS, **changed)
    key = SigningKey.generate("gov") if claims.suite == "gov" else PERMITS
    with pytest.raises(CryptoError):
        scene.send(("127.0.0.1", 1), permit=sign_permit(claims, key))


def test_a_permit_that_expires_midway_stops_the_passage(scene: Scene) -> None:
    listener, receiver = scene.receive()
    clock = [NOW]
    mine = station("tokyo", scene.root)
    timed = replace(mine, mine=replace(mine.mine, now=lambda: clock[0]))

    def still_valid(passage: str) -> bool:
        clock[0] = CLAIMS.expires if scene.service.asked == 3 else NOW
        return scene.service.still_valid(passage)

    with pytest.raises(TrustError, match="expired"):
        scene.send(listener.address, mine=timed, still_valid=still_valid)
    with pytest.raises(StoppedError, match="refused"):
        receiver.result()
    assert not scene.out.exists()


def test_only_the_source_begins_a_passage(scene: Scene) -> None:
    with pytest.raises(TrustError, match="nagoya is not the source"):
        scene.send(("127.0.0.1", 1), mine=station("nagoya", scene.root))


def test_a_source_without_recipient_key_gets_no_data_key(scene: Scene) -> None:
    mine = replace(station("tokyo", scene.root), recipient=None)
    with pytest.raises(UsageError, match="no recipient key"):
        scene.send(("127.0.0.1", 1), mine=mine)


def test_a_sender_refuses_a_next_hop_off_the_path(scene: Scene) -> None:
    with pytest.raises(TrustError, match="sapporo is not on the permitted path"):
        scene.send(("127.0.0.1", 1), to="sapporo")


def test_a_sender_refuses_a_permit_signed_by_anybody(scene: Scene) -> None:
    with pytest.raises(TrustError):
        scene.send(("127.0.0.1", 1), permit=sign_permit(CLAIMS, SIGNING["tokyo"]))


def test_a_sender_does_not_talk_to_another_site_than_the_next_hop(scene: Scene) -> None:
    listener = scene.listen()
    accepting = Running(
        lambda: listener.accept(station("sapporo", scene.root).mine, timeout=5, patience=5)
    )
    with pytest.raises(TLSError, match="the peer is sapporo, not osaka"):
        scene.send(listener.address)
    accepting.result().close()


def test_the_wrong_destination_turns_the_passage_away(scene: Scene) -> None:
    listener, receiver = scene.receive("nagoya")
    with pytest.raises(StoppedError, match="refused"):
        scene.send(listener.address, to="nagoya")
    listener.close()
    with pytest.raises(UnavailableError):
        receiver.result()
    assert not scene.out.exists()


def test_a_receiver_waits_for_the_one_passage_it_was_told(scene: Scene) -> None:
    other = sign_permit(replace(CLAIMS, id="p-2"), PERMITS)
    listener, receiver = scene.receive(permit=other)
    with pytest.raises(StoppedError, match="refused"):
        scene.send(listener.address)
    scene.send(listener.address, permit=other)
    assert receiver.result().passage == "p-2"


def test_a_file_under_the_name_is_not_overwritten(scene: Scene) -> None:
    scene.out.write_bytes(b"mine")
    listener, receiver = scene.receive()
    with pytest.raises(StoppedError):
        scene.send(listener.address)
    with pytest.raises(ConflictError):
        receiver.result()
    assert scene.out.read_bytes() == b"mine"


def test_a_receipt_that_was_lost_is_given_again(scene: Scene) -> None:
    listener, receiver = scene.receive()
    scene.send(listener.address)
    first: Received = receiver.result()
    again, repeated = scene.receive()
    sent = scene.send(again.address)
    assert sent.signed[-1] == first.receipt
    assert repeated.result() == first
    assert scene.service.released == ["tokyo", "osaka", "tokyo"], "the receiver asked once"


def test_content_opened_before_a_crash_is_not_opened_again(scene: Scene) -> None:
    scene.out.write_bytes(CONTENT)
    listener, receiver = scene.receive()
    assert scene.send(listener.address).discrepancies == ()
    receiver.result()
    assert scene.service.released == ["tokyo"]


def relay_once(relay: Relay, listener: Listener) -> Callable[[], None]:
    return lambda: relay.run(listener, patience=10, once=True)


def hostile(
    scene: Scene,
    at: tuple[str, int],
    frames: Sequence[Frame],
    site: str = "tokyo",
    to: str = "osaka",
) -> Reason | None:
    """Say some frames as `site`; return the reason of the ABORT that answers, if one does."""
    channel = dial(at, station(site, scene.root).mine, expect=to, timeout=5)
    wire = Wire(channel)
    try:
        for frame in frames:
            wire.put(frame)
            if isinstance(frame, Hello):
                wire.take_reply()
        wire.take(Receipts)
    except StoppedError as stop:
        return stop.reason
    except UnavailableError:
        return None
    finally:
        channel.close()
    raise AssertionError("it was accepted")


def test_damaged_repeated_and_reordered_segments_are_refused(scene: Scene) -> None:
    hello, parcel = scene.sealed()
    first, second = (Segment(i, parcel.get(i)) for i in (0, 1))
    flipped = bytearray(parcel.get(0))
    flipped[100] ^= 1
    cases: dict[str, list[Frame]] = {
        "repeated": [first, first],
        "reordered": [second],
        "skipped": [first, Segment(2, parcel.get(2))],
        "renumbered": [Segment(0, parcel.get(1))],
        "flipped": [Segment(0, flipped)],
        "cut": [Segment(0, parcel.get(0)[:-1])],
        "empty": [Segment(0, b"x")],
        "far": [Segment(1 << 63, parcel.get(0))],
        "out of turn": [Held(b"")],
    }
    for name, frames in cases.items():
        listener, receiver = scene.receive()
        assert hostile(scene, listener.address, [hello, *frames]) is Reason.DAMAGED, name
        with pytest.raises(CryptoError):
            receiver.result()
        assert not scene.out.exists()
        assert list((scene.root / "work-osaka").iterdir()) == []
    assert "osaka" not in scene.service.released


def test_a_relay_passes_no_damage_on(scene: Scene) -> None:
    hello, parcel = scene.sealed()
    good = parcel.get(0)
    for damaged in (Segment(1, parcel.get(1)), Segment(0, parcel.get(1)), Segment(0, good[:-1])):
        listener, receiver = scene.receive()
        middle = scene.listen()
        relay = Relay(station("nagoya", scene.root), "osaka", listener.address)
        relaying = Running(relay_once(relay, middle))
        said = hostile(scene, middle.address, [hello, damaged], to="nagoya")
        assert said is Reason.DAMAGED
        for each in (relaying, receiver):
            with pytest.raises((CryptoError, StoppedError)):
                each.result()
        assert relay.carried == {CLAIMS.id: set()}


def test_a_receipt_given_again_passes_through_a_relay_that_serves_on(scene: Scene) -> None:
    middle = scene.listen()
    first, receiver = scene.receive()
    mine = station("nagoya", scene.root)
    Running(relay_once(Relay(mine, "osaka", first.address), middle))
    scene.send(middle.address, to="nagoya")
    received = receiver.result()
    again, repeated = scene.receive()
    relay = Relay(mine, "osaka", again.address)
    serving = Running(lambda: relay.run(middle, patience=10))
    sent = scene.send(middle.address, to="nagoya")
    assert repeated.result() == received
    assert [each.segments for each in sent.receipts] == [6, 0, 6]
    # Sealed again, the content has other segments than those that the destination signed for.
    assert [each.site for each in sent.discrepancies] == ["nagoya", "osaka"]
    middle.close()
    with pytest.raises(UnavailableError):
        serving.result()


def test_a_disk_that_refuses_is_unavailable(scene: Scene) -> None:
    (scene.root / "work-osaka").write_bytes(b"a file where a folder must be")
    with pytest.raises(UnavailableError):
        Parcel(scene.root / "work-osaka", "osaka", "p").begin(b"m")
    parcel = Parcel(scene.root, "osaka", "p")
    parcel.begin(b"m")
    with pytest.raises(UnavailableError, match="gone"):
        parcel.get(0)


def test_content_that_cannot_be_written_is_unavailable_and_can_be_tried_again(
    scene: Scene,
) -> None:
    listener = scene.listen()
    absent = scene.root / "absent" / "out"
    mine, release = station("osaka", scene.root), scene.service.release_to("osaka")
    receiver = Running(lambda: run_receive(mine, listener, absent, release=release, patience=10))
    with pytest.raises(UnavailableError):
        scene.send(listener.address)
    absent.parent.mkdir()
    scene.send(listener.address)
    receiver.result()
    assert absent.read_bytes() == CONTENT
    assert scene.service.asked == 8, "no segment was sent twice"


def test_a_folder_under_the_name_is_a_conflict(scene: Scene) -> None:
    scene.out.mkdir()
    listener, receiver = scene.receive()
    with pytest.raises(StoppedError):
        scene.send(listener.address)
    with pytest.raises(ConflictError):
        receiver.result()


def test_hellos_that_are_not_admitted_leave_the_receiver_listening(scene: Scene) -> None:
    hello, _ = scene.sealed()
    manifest = claimed_manifest(hello.manifest)
    others = replace(manifest, header=replace(manifest.header, object="p-9"))
    relabelled = replace(manifest, header=replace(manifest.header, label="sha256:" + "1" * 64))
    by_tokyo = [sign_manifest(each, SIGNING["tokyo"]) for each in (others, relabelled)]
    refused: list[tuple[str, Frame]] = [
        ("tokyo", Hello(PERMIT[:-1], hello.manifest)),
        ("tokyo", Hello(sign_permit(CLAIMS, SIGNING["tokyo"]), hello.manifest)),
        ("tokyo", Hello(PERMIT, sign_manifest(manifest, SIGNING["nagoya"]))),
        ("tokyo", Hello(PERMIT, by_tokyo[0])),
        ("tokyo", Hello(PERMIT, by_tokyo[1])),
        ("tokyo", Receipts(())),
        ("sapporo", hello),
        ("osaka", hello),
    ]
    listener, receiver = scene.receive()
    for site, frame in refused:
        assert hostile(scene, listener.address, [frame], site) is Reason.REFUSED
    scene.send(listener.address)
    receiver.result()


def test_a_suite_below_the_permitted_one_is_turned_away(scene: Scene) -> None:
    strong = SigningKey.generate("gov")
    bundle = replace(TRUST, keys={**TRUST.keys, "permit": (strong.public.to_bytes(),)})
    permit = sign_permit(replace(CLAIMS, suite="gov"), strong)
    hello, _ = scene.sealed()
    mine = replace(station("osaka", scene.root), trust=bundle)
    with pytest.raises(SuiteError, match="below the floor"):
        admit(Hello(permit, hello.manifest), mine, peer="tokyo")
    with pytest.raises(SuiteError, match="below the floor"):
        release_context(replace(CLAIMS, suite="gov"), "osaka", RECIPIENT["osaka"].public)


@pytest.fixture(scope="module")
def offered(tmp_path_factory: pytest.TempPathFactory) -> tuple[Hello, Station]:
    made = Scene(tmp_path_factory.mktemp("offered"))
    return made.sealed()[0], station("osaka", made.root)


@settings(max_examples=100, deadline=None)
@given(data=st.data(), which=st.sampled_from(["permit", "manifest"]))
def test_no_byte_of_a_hello_can_be_changed(
    offered: tuple[Hello, Station], data: st.DataObject, which: str
) -> None:
    hello, mine = offered
    raw = bytearray(getattr(hello, which))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(CryptoError):
        admit(replace(hello, **{which: bytes(raw)}), mine, peer="tokyo")


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_hostile_hellos_are_typed_errors(
    offered: tuple[Hello, Station], permit: bytes, manifest: bytes
) -> None:
    hello, mine = offered
    for each in (Hello(permit, manifest), Hello(hello.permit, manifest)):
        with pytest.raises(CryptoError):
            admit(each, mine, peer="tokyo")


def test_a_port_that_is_taken_is_unavailable(scene: Scene) -> None:
    with pytest.raises(UnavailableError, match="cannot listen"):
        Listener(*scene.listen().address)


def test_an_abort_from_ahead_reaches_the_source_through_a_relay_midway(scene: Scene) -> None:
    listener, middle = scene.listen(), scene.listen()
    aborted = threading.Event()

    def destination() -> None:
        mine = station("osaka", scene.root).mine
        wire = Wire(channel := listener.accept(mine, timeout=5, patience=5))
        wire.segment_bound = 1 << 20
        wire.take(Hello)
        wire.put(Held(bytes(1)))
        wire.put(Abort(Reason.REVOKED))
        aborted.set()
        wire.take(Abort)
        channel.close()

    ahead = Running(destination)
    relay = Relay(station("nagoya", scene.root), "osaka", listener.address)
    relaying = Running(lambda: relay.run(middle, patience=10, once=True))

    def still_valid(_: str) -> bool:
        scene.service.asked += 1
        return scene.service.asked == 1 or aborted.wait(10)

    with pytest.raises(StoppedError, match="revoked"):
        scene.send(middle.address, to="nagoya", still_valid=still_valid)
    with pytest.raises(StoppedError, match="revoked"):
        relaying.result()
    ahead.result()


def test_strangers_and_noise_leave_the_receiver_listening(scene: Scene) -> None:
    listener, receiver = scene.receive()
    for noise in (b"", b"GET / HTTP/1.1\r\n\r\n", bytes(100), b"\x16\x03\x01\x00\x05hello"):
        with socket.create_connection(listener.address) as sock:
            sock.settimeout(5)
            with suppress(OSError):
                sock.sendall(noise)
                sock.shutdown(socket.SHUT_WR)
                while sock.recv(1000):
                    pass
    pins = {name: known.tls for name, known in TRUST.sites.items()}
    stranger = tls.make_certificate("tokyo", 0, 2 * NOW)
    mine = Credentials(tls.make_context(*stranger, pins), pins, lambda: NOW)
    with (
        pytest.raises((UnavailableError, TLSError)),
        closing(dial(listener.address, mine, expect="osaka", timeout=5)) as channel,
    ):
        channel.receive(1)
    scene.send(listener.address)
    receiver.result()


def test_a_frame_that_claims_gigabytes_is_refused_unread(scene: Scene) -> None:
    hello, _ = scene.sealed()
    listener, receiver = scene.receive()
    channel = dial(listener.address, station("tokyo", scene.root).mine, expect="osaka", timeout=5)
    wire = Wire(channel)
    wire.put(hello)
    wire.take_reply()
    channel.send(struct.pack(">BI", Segment.kind, (1 << 32) - 1))
    with pytest.raises(StoppedError, match="damaged"):
        wire.take(Receipts)
    channel.close()
    with pytest.raises(FormatError, match="too long"):
        receiver.result()


def test_a_sender_that_stalls_does_not_hold_the_receiver(scene: Scene) -> None:
    hello, parcel = scene.sealed()
    listener, receiver = scene.receive(seconds=0.2)
    channel = dial(listener.address, station("tokyo", scene.root).mine, expect="osaka", timeout=5)
    wire = Wire(channel)
    wire.put(hello)
    wire.take_reply()
    wire.put(Segment(0, parcel.get(0)))
    with pytest.raises(UnavailableError):
        wire.take(Receipts)
    channel.close()
    scene.send(listener.address)
    receiver.result()


def test_a_key_for_another_content_opens_nothing(scene: Scene) -> None:
    listener, receiver = scene.receive()
    hello, parcel = scene.sealed()
    scene.service.dek = secrets.token_bytes(32)
    frames: list[Frame] = [hello, *(Segment(i, parcel.get(i)) for i in range(6))]
    assert hostile(scene, listener.address, frames) is Reason.DAMAGED
    with pytest.raises(ForgedError):
        receiver.result()
    assert scene.leftovers() == set()
    assert not scene.out.exists()
    assert not list(scene.root.glob(".*.part"))


def test_plaintext_left_by_a_killed_receiver_is_removed_at_the_next_start(scene: Scene) -> None:
    left = receiving._temporary(scene.out)  # noqa: SLF001
    left.write_bytes(CONTENT[:100])
    listener = scene.listen()
    with pytest.raises(UnavailableError):
        run_receive(
            station("osaka", scene.root),
            listener,
            scene.out,
            release=scene.service.release_to("osaka"),
            patience=0.01,
        )
    assert not left.exists()


def test_a_receiver_with_another_recipient_key_than_trusted_does_not_ask(scene: Scene) -> None:
    listener = scene.listen()
    mine = replace(station("osaka", scene.root), recipient=RecipientKey.generate("std"))
    receiver = Running(
        lambda: run_receive(
            mine, listener, scene.out, release=scene.service.release_to("osaka"), patience=5
        )
    )
    with pytest.raises(StoppedError):
        scene.send(listener.address)
    with pytest.raises(TrustError, match="not the one in the trust bundle"):
        receiver.result()
    assert scene.service.released == ["tokyo"]


def test_a_relay_turns_away_what_does_not_lead_on(scene: Scene) -> None:
    middle = scene.listen()
    relay = Relay(station("nagoya", scene.root), "sapporo", ("127.0.0.1", 1))
    relaying = Running(lambda: relay.run(middle, patience=10))
    with pytest.raises(StoppedError, match="refused"):
        scene.send(middle.address, to="nagoya")
    middle.close()
    with pytest.raises(UnavailableError):
        relaying.result()


def test_a_relay_without_next_hop_says_unavailable(scene: Scene) -> None:
    middle = scene.listen()
    with socket.create_server(("127.0.0.1", 0)) as closed:
        free = closed.getsockname()
    relay = Relay(station("nagoya", scene.root), "osaka", free)
    relaying = Running(lambda: relay.run(middle, patience=10))
    with pytest.raises(UnavailableError):
        scene.send(middle.address, to="nagoya")
    middle.close()
    with pytest.raises(UnavailableError):
        relaying.result()


def test_a_held_bitmap_of_another_count_stops_the_sender(scene: Scene) -> None:
    listener = scene.listen()

    def answer() -> None:
        mine = station("osaka", scene.root).mine
        wire = Wire(channel := listener.accept(mine, timeout=5, patience=5))
        wire.take(Hello)
        wire.put(Held(bytes(9)))
        with pytest.raises(StoppedError, match="damaged"):
            wire.take(Segment)
        channel.close()

    answering = Running(answer)
    with pytest.raises(FormatError):
        scene.send(listener.address)
    answering.result()


def test_an_abort_while_sending_stops_the_sender(scene: Scene) -> None:
    listener = scene.listen()

    def answer() -> None:
        mine = station("osaka", scene.root).mine
        wire = Wire(channel := listener.accept(mine, timeout=5, patience=5))
        wire.take(Hello)
        wire.put(Held(bytes(1)))
        wire.put(Abort(Reason.UNAVAILABLE))
        channel.linger()
        channel.close()

    answering = Running(answer)
    with pytest.raises(UnavailableError):
        scene.send(listener.address)
    answering.result()


def test_a_receipt_by_somebody_else_is_not_taken(scene: Scene) -> None:
    listener = scene.listen()

    def answer() -> None:
        mine = station("osaka", scene.root).mine
        wire = Wire(channel := listener.accept(mine, timeout=5, patience=5))
        wire.take(Hello)
        wire.put(Receipts((b"nonsense",)))
        channel.linger()
        channel.close()

    answering = Running(answer)
    with pytest.raises(CryptoError):
        scene.send(listener.address)
    answering.result()


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> tuple[Receipt, ...]:
    made = Scene(tmp_path_factory.mktemp("delivered"))
    listener, receiver = made.receive()
    middle = made.listen()
    relay = Relay(station("nagoya", made.root), "osaka", listener.address)
    relaying = Running(lambda: relay.run(middle, patience=10, once=True))
    sent = made.send(middle.address, to="nagoya")
    receiver.result()
    relaying.result()
    for each in made.listeners:
        each.close()
    return sent.receipts


@pytest.mark.parametrize(
    ("change", "expect"),
    [
        (lambda r: r[1:], {("site.missing", "tokyo")}),
        (lambda r: r[:-1], {("site.missing", "osaka")}),
        (lambda r: (r[0], r[2]), {("site.missing", "nagoya")}),
        (lambda r: (*r, r[1]), {("site.repeated", "nagoya")}),
        (lambda r: (replace(r[0], passage="p"), *r[1:]), {("passage.other", "tokyo")}),
        (lambda r: (replace(r[0], permit="p"), *r[1:]), {("passage.other", "tokyo")}),
        (lambda r: (replace(r[0], spans=("s9",)), *r[1:]), {("spans.other", "tokyo")}),
        (lambda r: (r[0], replace(r[1], source="osaka"), r[2]), {("hop.broken", "tokyo")}),
        (lambda r: (replace(r[0], root="x"), *r[1:]), {("content.other", "tokyo")}),
        (
            lambda r: (replace(r[0], started=NOW + 999, ended=NOW + 999), *r[1:]),
            {("time.outside", "tokyo")},
        ),
        (lambda r: (replace(r[0], started=1), *r[1:]), {("time.outside", "tokyo")}),
        (
            lambda r: (r[0], r[1], replace(r[2], destination="sapporo")),
            {("site.missing", "sapporo")},
        ),
        (
            lambda r: (*r, replace(r[1], site="sapporo")),
            {("site.off_path", "sapporo"), ("hop.broken", "sapporo")},
        ),
        (lambda _: (), {("site.missing", "osaka"), ("site.missing", "tokyo")}),
    ],
    ids=[
        "no source",
        "no destination",
        "no relay",
        "twice",
        "passage",
        "permit",
        "spans",
        "hop",
        "content",
        "late",
        "early",
        "beyond",
        "off path",
        "none",
    ],
)
def test_every_deviation_from_the_path_is_named(
    delivered: tuple[Receipt, ...],
    change: Callable[[tuple[Receipt, ...]], tuple[Receipt, ...]],
    expect: set[tuple[str, str]],
) -> None:
    root = delivered[0].root
    found = compare(change(delivered), CLAIMS, root=root)
    assert {(each.code, each.site) for each in found} == expect
    assert compare(delivered, CLAIMS, root=root) == ()
    assert all(isinstance(each, Discrepancy) for each in found)
