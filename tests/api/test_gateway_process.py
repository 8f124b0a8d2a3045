"""The gateways as processes of their own: the commands, their exit codes, and a kill midway."""

import asyncio
import hashlib
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from api.cli.failure import describe
from api.cli.gateway import command
from api.errors import UsageError
from api.gateway.admission import release_context
from api.gateway.channel import Credentials
from api.gateway.station import Config, address, open_station
from api.http.tls import make_server, peer_site
from crypto import tls
from crypto.encoding import b64, unb64
from crypto.envelope import seal_key
from crypto.errors import CryptoError
from crypto.permit import PermitClaims, sign_permit, verify_permit
from crypto.recipient import RecipientKey, challenge
from crypto.signing import SigningKey
from crypto.trust import Root, SiteTrust, TrustBundle, sign_bundle

NOW = int(time.time())
CONTENT = secrets.token_bytes((5 << 20) + 123)
SITES = ("tokyo", "nagoya", "osaka")
CLI = (sys.executable, "-c", "from api.cli.main import main; main()", "gateway")
HERE = Path(__file__).parents[2]


class World:
    """Keys, trust and settings of three gateways on disk, and a service that releases keys."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.holders = SigningKey.generate("std")
        self.permits = SigningKey.generate("std")
        self.certificates = {
            site: tls.make_certificate(site, NOW - 60, NOW + 9999) for site in (*SITES, "service")
        }
        self.signing = {site: SigningKey.generate("std") for site in SITES}
        self.recipients = {site: RecipientKey.generate("std") for site in SITES}
        self.trust = self._trust()
        self.dek = secrets.token_bytes(32)
        self.expected: dict[str, bytes] = {}
        self.asked = 0
        self.hold_from: int | None = None
        self.held = threading.Event()
        self.go_on = threading.Event()
        self.revoke_from: int | None = None

    def _trust(self) -> TrustBundle:
        pins = {site: tls.fingerprint(pair[1]) for site, pair in self.certificates.items()}
        return TrustBundle(
            version=3,
            issued=NOW - 60,
            expires=NOW + 9999,
            keys={
                "permit": (self.permits.public.to_bytes(),),
                **{f"site:{site}": (self.signing[site].public.to_bytes(),) for site in SITES},
            },
            sites={
                site: SiteTrust(self.recipients[site].public.to_bytes(), pins[site])
                for site in SITES
            },
        )

    async def app(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        """The three questions that gateways ask."""
        body = b""
        more = True
        while more:
            event = await receive()
            body += event.get("body", b"")
            more = event.get("more_body", False)
        site = peer_site(scope) or ""
        asked = json.loads(body) if body else {}
        status, answer = await asyncio.to_thread(self.answer, scope["path"], site, asked)
        raw = json.dumps(answer).encode()
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": raw})

    def answer(self, path: str, site: str, asked: Mapping[str, Any]) -> tuple[int, Any]:
        if path.endswith("/standing"):
            return 200, {"valid": self._standing()}
        claims = verify_permit(asked["permit"].encode(), self.trust, NOW)
        if site not in {claims.source, claims.destination}:
            return 403, {"title": "not for this site"}
        if path == "/v1/keys:challenge":
            blob, self.expected[site] = challenge(self.trust.site(site).public, b"here")
            return 200, {"challenge": b64(blob), "context": b64(b"here"), "nonce": "n"}
        if unb64(asked["answer"], "answer") != self.expected.pop(site):
            return 403, {"title": "no proof"}
        public = self.trust.site(site).public
        envelope = seal_key(self.dek, public, release_context(claims, site, public))
        return 200, {"envelope": b64(envelope.to_bytes())}

    def _standing(self) -> bool:
        self.asked += 1
        if self.asked == self.hold_from:
            self.held.set()
            self.go_on.wait(20)
        return self.revoke_from is None or self.asked < self.revoke_from

    def permit(self, *, content: bytes = CONTENT, identity: str = "p-1") -> Path:
        claims = PermitClaims(
            id=identity,
            dataset="d",
            content="sha256:" + hashlib.sha256(content).hexdigest(),
            label="sha256:" + "0" * 64,
            revision="r",
            epoch="e",
            sites=SITES,
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
        path = self.root / "permit"
        path.write_bytes(sign_permit(claims, self.permits))
        return path

    def settle(self, service: tuple[str, int]) -> None:
        """Write everybody's files."""
        (self.root / "root").write_bytes(Root((self.holders.public,), 1).to_bytes())
        (self.root / "trust").write_bytes(sign_bundle(self.trust, [self.holders]))
        (self.root / "content").write_bytes(CONTENT)
        for site in SITES:
            key, certificate = self.certificates[site]
            secret = {
                "tls": key,
                "sign": self.signing[site].to_bytes(),
                "hpke": self.recipients[site].to_bytes(),
            }
            for name, raw in secret.items():
                path = self.root / f"{site}.{name}"
                path.write_bytes(raw)
                path.chmod(0o600)
            (self.root / f"{site}.cert").write_bytes(certificate)
            (self.root / f"{site}.json").write_text(json.dumps(self.settings(site, service)))

    def settings(self, site: str, service: tuple[str, int]) -> dict[str, Any]:
        return {
            "site": site,
            "trust": "trust",
            "root": "root",
            "trust_version": 3,
            "tls_key": f"{site}.tls",
            "tls_certificate": f"{site}.cert",
            "signing_key": f"{site}.sign",
            "recipient_key": f"{site}.hpke",
            "work": f"work-{site}",
            "listen": "127.0.0.1:0",
            "seconds": 15,
            "service": {
                "address": f"{service[0]}:{service[1]}",
                "site": "service",
                "fingerprint": tls.fingerprint(self.certificates["service"][1]),
            },
        }


@pytest.fixture
def world(tmp_path: Path) -> Generator[World]:
    made = World(tmp_path)
    pins = {site: known.tls for site, known in made.trust.sites.items()}
    context = tls.make_context(*made.certificates["service"], pins)
    mine = Credentials(context, pins, lambda: NOW)
    server = make_server(made.app, mine, host="127.0.0.1", port=0)
    server.config.lifespan = "off"
    bound = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[bound])))
    thread.start()
    made.settle(bound.getsockname())
    yield made
    made.go_on.set()
    server.should_exit = True
    thread.join()


class Process:
    """A gateway in a process of its own."""

    def __init__(self, *arguments: str) -> None:
        self._child = subprocess.Popen(
            [*CLI, *arguments],
            cwd=HERE,
            env={"PATH": os.environ.get("PATH", "")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.said = ""

    def hears(self, pattern: str) -> str:
        """Return what the first line of progress that matches says."""
        assert self._child.stderr is not None
        for line in self._child.stderr:
            self.said += line
            if match := re.match(pattern, line):
                return match[1]
        raise AssertionError(self.said)

    def address(self) -> str:
        """Return where it listens, once it says so."""
        return self.hears("listening on (.*)")

    def kill(self) -> None:
        self._child.send_signal(signal.SIGKILL)
        self._child.communicate(timeout=20)

    def terminate(self) -> None:
        self._child.terminate()

    def end(self) -> tuple[int, str]:
        out, said = self._child.communicate(timeout=30)
        self.said += said
        return self._child.returncode, out


def receiver(world: World, *more: str) -> Process:
    config, out = str(world.root / "osaka.json"), str(world.root / "out")
    return Process("receive", "--config", config, "-o", out, "--wait", "20", *more)


def sender(world: World, permit: Path, at: str, to: str = "osaka", *more: str) -> Process:
    config, content = str(world.root / "tokyo.json"), str(world.root / "content")
    options = ("--permit", str(permit), "--to", to, "--at", at, "--segment", "1", *more)
    return Process("send", "--config", config, *options, content)


def test_three_processes_carry_a_passage(world: World) -> None:
    permit = world.permit()
    end = receiver(world, "--permit", str(permit), "--output", "json")
    onward = ("--to", "osaka", "--at", end.address(), "--wait", "20", "--once")
    middle = Process("relay", "--config", str(world.root / "nagoya.json"), *onward)
    start = sender(world, permit, middle.address(), "nagoya", "--output", "json")
    code, out = start.end()
    assert code == 0, start.said
    answer = json.loads(out)
    assert [each["site"] for each in answer["receipts"]] == list(SITES)
    assert answer["discrepancies"] == []
    assert len(answer["signed"]) == 3
    assert middle.end()[0] == 0
    code, out = end.end()
    assert code == 0
    assert json.loads(out)["content"] == "sha256:" + hashlib.sha256(CONTENT).hexdigest()
    assert (world.root / "out").read_bytes() == CONTENT
    said = (start.said + middle.said + end.said).encode()
    for secret in (world.dek.hex().encode(), b64(world.dek).encode(), CONTENT[:32]):
        assert secret not in said


def test_a_killed_receiver_is_followed_by_one_that_goes_on(world: World) -> None:
    permit = world.permit()
    world.hold_from = 5
    first = receiver(world)
    start = sender(world, permit, first.address())
    assert world.held.wait(20)
    first.hears("stored segment (3) of 6")
    first.kill()
    world.go_on.set()
    code, _ = start.end()
    assert code == 3, start.said
    assert not (world.root / "out").exists()
    second = receiver(world)
    again = sender(world, permit, second.address())
    assert again.end()[0] == 0, again.said
    assert second.end()[0] == 0, second.said
    assert (world.root / "out").read_bytes() == CONTENT
    assert "3 of 6 segments to send" in again.said, "what was stored before the kill was kept"


def test_a_receiver_that_is_told_to_end_ends_tidily(world: World) -> None:
    permit = world.permit()
    world.hold_from = 4
    end = receiver(world)
    start = sender(world, permit, end.address())
    assert world.held.wait(20)
    end.terminate()
    code, _ = end.end()
    assert code == 130, end.said
    assert "Traceback" not in end.said
    world.go_on.set()
    assert start.end()[0] == 3
    assert not list(world.root.glob("*out*"))


def test_a_revocation_midway_ends_both_with_no(world: World) -> None:
    permit = world.permit()
    world.revoke_from = 4
    end = receiver(world)
    start = sender(world, permit, end.address())
    assert start.end()[0] == 1
    assert end.end()[0] == 1
    assert "revoked" in start.said
    assert "revoked" in end.said
    assert not (world.root / "out").exists()
    assert "Traceback" not in start.said + end.said


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(command, arguments)
    if result.exception is None or isinstance(result.exception, SystemExit):
        return result.exit_code, result.output
    assert isinstance(result.exception, Exception)
    line, code = describe(result.exception)
    return code, line


def test_content_other_than_permitted_is_no(world: World) -> None:
    config = str(world.root / "tokyo.json")
    permit = str(world.permit(content=b"another"))
    options = ("--permit", permit, "--to", "osaka", "--at", "127.0.0.1:1")
    code, said = run("send", "--config", config, *options, str(world.root / "content"))
    assert code == 1
    assert "not the one that the permit names" in said


def test_a_receiver_that_nobody_reaches_is_unavailable(world: World) -> None:
    config = str(world.root / "osaka.json")
    options = ("-o", str(world.root / "out"), "--wait", "0")
    assert run("receive", "--config", config, *options)[0] == 3


@pytest.mark.parametrize(
    "changed",
    [
        {"listen": "nowhere"},
        {"listen": 7},
        {"seconds": 0},
        {"more": 1},
        {"trust": "absent"},
        {"tls_key": "open.key"},
        {"service": {"address": "127.0.0.1:1", "site": "service"}},
        {"service": {"address": "x", "site": "service", "fingerprint": "sha256:" + "0" * 64}},
        {"trust_version": -1},
    ],
    ids=str,
)
def test_bad_settings_are_bad_usage_and_name_the_place(
    world: World, changed: dict[str, Any]
) -> None:
    (world.root / "open.key").write_bytes(b"x")
    (world.root / "open.key").chmod(0o644)
    path = world.root / "osaka.json"
    path.write_text(json.dumps(json.loads(path.read_bytes()) | changed))
    code, said = run("receive", "--config", str(path), "-o", str(world.root / "out"))
    assert code == 2
    assert str(world.root) in said


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b"\xff", b"{}"])
def test_hostile_settings_are_usage_errors(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(raw)
    with pytest.raises(UsageError, match=r"x\.json"):
        Config.read(path)


def test_an_older_trust_bundle_is_refused(world: World) -> None:
    config = Config.read(world.root / "osaka.json")
    newer = config.model_copy(update={"trust_version": 4})
    with pytest.raises(CryptoError, match="older"):
        open_station(newer, lambda: NOW, lambda _: None)


@pytest.mark.parametrize("missing", ["service", "listen", "recipient_key"])
def test_what_a_command_needs_must_be_in_the_settings(world: World, missing: str) -> None:
    path = world.root / "osaka.json"
    settings = json.loads(path.read_bytes())
    del settings[missing]
    path.write_text(json.dumps(settings))
    out = ("-o", str(world.root / "out"), "--wait", "0")
    assert run("receive", "--config", str(path), *out)[0] == 2


def test_no_key_shows_in_a_station(world: World) -> None:
    station = open_station(Config.read(world.root / "osaka.json"), lambda: NOW, lambda _: None)
    assert "SigningKey" not in repr(station)
    assert "RecipientKey" not in repr(station)


@pytest.mark.parametrize("text", ["", "host", "host:", ":1", "host:65536", "host:-1", "host:１"])
def test_only_host_and_port_are_an_address(text: str) -> None:
    with pytest.raises(ValueError, match="not host:port"):
        address(text)


@pytest.mark.parametrize(("text", "expect"), [("a:1", ("a", 1)), ("[::1]:65535", ("::1", 65535))])
def test_addresses_are_read(text: str, expect: tuple[str, int]) -> None:
    assert address(text) == expect


def test_an_address_that_is_none_is_bad_usage(world: World) -> None:
    config = ("--config", str(world.root / "nagoya.json"))
    assert run("relay", *config, "--to", "osaka", "--at", "nowhere")[0] == 2
