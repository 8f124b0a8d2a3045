"""Handshakes in memory: what connects, and what must not."""

import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from hypothesis import given, settings, strategies as st
from OpenSSL import SSL

from crypto import tls
from crypto.errors import FormatError, TLSError

START, NOW, END = 1_000, 2_000, 3_000
SITES = {site: tls.make_certificate(site, START, END) for site in ("tokyo", "osaka", "nagoya")}
PINS: Mapping[str, str] = {site: tls.fingerprint(pair[1]) for site, pair in SITES.items()}


def context(site: str, pins: Mapping[str, str] = PINS) -> SSL.Context:
    return tls.make_context(*SITES[site], pins)


def shake(client: SSL.Context, server: SSL.Context) -> tuple[SSL.Connection, SSL.Connection]:
    near, far = SSL.Connection(client, None), SSL.Connection(server, None)
    near.set_connect_state()
    far.set_accept_state()
    for _ in range(6):
        for end, other in ((near, far), (far, near)):
            with contextlib.suppress(SSL.WantReadError):
                end.do_handshake()
            with contextlib.suppress(SSL.WantReadError):
                other.bio_write(end.bio_read(1 << 16))
    # What the server refuses, a TLS 1.3 client learns only when it next reads.
    for end in (near, far):
        with contextlib.suppress(SSL.WantReadError):
            end.recv(1)
    return near, far


def bare(groups: str = "X25519MLKEM768") -> SSL.Context:
    made = SSL.Context(SSL.TLS_METHOD)
    library: Any = SSL._lib  # type: ignore[attr-defined]  # noqa: SLF001
    assert library.SSL_CTX_set1_curves_list(made._context, groups.encode()) == 1  # noqa: SLF001
    return made


def foreign(key: ec.EllipticCurvePrivateKey | MLDSA65PrivateKey, *uris: str) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(datetime.fromtimestamp(START, UTC))
        .not_valid_after(datetime.fromtimestamp(END, UTC))
    )
    if uris:
        names = [x509.UniformResourceIdentifier(uri) for uri in uris]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    algorithm = hashes.SHA384() if isinstance(key, ec.EllipticCurvePrivateKey) else None
    return builder.sign(key, algorithm).public_bytes(Encoding.DER)


def der(key: ec.EllipticCurvePrivateKey | MLDSA65PrivateKey) -> bytes:
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def test_both_ends_know_each_other_and_the_hybrid_group() -> None:
    near, far = shake(context("tokyo"), context("osaka"))
    assert tls.established(near, PINS, now=NOW) == tls.Peer(
        "osaka", "X25519MLKEM768", PINS["osaka"]
    )
    assert tls.established(far, PINS, now=NOW, expect="tokyo").site == "tokyo"
    assert near.get_cipher_name() == "TLS_AES_256_GCM_SHA384"


def test_a_certificate_names_its_site_by_spiffe_uri() -> None:
    loaded = x509.load_der_x509_certificate(SITES["tokyo"][1])
    names = loaded.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == [
        "spiffe://sekisho/site/tokyo"
    ]
    loaded.verify_directly_issued_by(loaded)


@pytest.mark.parametrize("groups", ["X25519", "P-256:P-384", "X25519:SecP256r1MLKEM768"])
def test_a_client_without_an_allowed_hybrid_group_is_refused(groups: str) -> None:
    with pytest.raises(SSL.Error):
        shake(bare(groups), context("osaka"))


def test_the_stronger_hybrid_group_is_accepted_too() -> None:
    client = bare("SecP384r1MLKEM1024")
    client.set_verify(SSL.VERIFY_NONE)
    with pytest.raises(SSL.Error, match="peer did not return a certificate"):
        shake(client, context("osaka"))


def test_tls_1_2_is_refused() -> None:
    client = bare("X25519:X25519MLKEM768")
    client.set_max_proto_version(SSL.TLS1_2_VERSION)
    with pytest.raises(SSL.Error):
        shake(client, context("osaka"))


def test_a_client_without_certificate_is_refused() -> None:
    with pytest.raises(SSL.Error, match="did not return a certificate"):
        shake(bare(), context("osaka"))


def test_a_peer_without_certificate_is_nobody_even_if_a_context_let_it_in() -> None:
    server = context("osaka")
    server.set_verify(SSL.VERIFY_NONE)
    _, far = shake(bare(), server)
    with pytest.raises(TLSError, match="showed no certificate"):
        tls.established(far, PINS, now=NOW)


def test_an_unpinned_client_is_refused() -> None:
    server = context("osaka", {"tokyo": PINS["tokyo"]})
    with pytest.raises(SSL.Error):
        shake(context("nagoya"), server)


def test_an_unpinned_server_is_refused() -> None:
    with pytest.raises(SSL.Error):
        shake(context("tokyo", {"nagoya": PINS["nagoya"]}), context("osaka"))


def test_another_pinned_site_is_not_the_expected_one() -> None:
    near, _ = shake(context("tokyo"), context("osaka"))
    with pytest.raises(TLSError, match="the peer is osaka, not nagoya"):
        tls.established(near, PINS, now=NOW, expect="nagoya")


def test_a_pinned_certificate_may_not_speak_for_another_site() -> None:
    pins = {"nagoya": PINS["osaka"]}
    near, _ = shake(context("tokyo", pins), context("osaka"))
    with pytest.raises(TLSError, match="not the pinned one"):
        tls.established(near, pins, now=NOW)


@pytest.mark.parametrize("now", [START - 1, END + 1])
def test_a_certificate_holds_only_for_its_time(now: int) -> None:
    near, _ = shake(context("tokyo"), context("osaka"))
    with pytest.raises(TLSError, match="not valid now"):
        tls.established(near, PINS, now=now)


def test_a_pin_withdrawn_while_running_counts_at_the_next_handshake() -> None:
    pins = dict(PINS)
    server = context("osaka", pins)
    shake(context("tokyo"), server)
    del pins["tokyo"]
    with pytest.raises(SSL.Error):
        shake(context("tokyo"), server)


def test_a_classical_signature_is_refused_even_when_pinned() -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    certificate = foreign(key, tls.SPIFFE + "tokyo")
    client = bare()
    client.use_certificate(x509.load_der_x509_certificate(certificate))
    client.use_privatekey(key)
    client.set_verify(SSL.VERIFY_NONE)
    with pytest.raises(SSL.Error):
        shake(client, context("osaka", {"tokyo": tls.fingerprint(certificate)}))


@pytest.mark.parametrize(
    "uris",
    [
        (),
        ("https://example.org/tokyo",),
        (tls.SPIFFE,),
        (tls.SPIFFE + "tokyo", tls.SPIFFE + "osaka"),
        (tls.SPIFFE + "tokyo", "https://example.org/"),
    ],
)
def test_a_certificate_must_name_exactly_one_site(uris: tuple[str, ...]) -> None:
    key = MLDSA65PrivateKey.generate()
    certificate = foreign(key, *uris)
    pins = {"tokyo": tls.fingerprint(certificate)}
    _, far = shake(tls.make_context(der(key), certificate, PINS), context("osaka", pins))
    with pytest.raises(TLSError, match="names no site"):
        tls.established(far, pins, now=NOW)


def test_an_unfinished_handshake_has_no_group() -> None:
    connection = SSL.Connection(context("tokyo"), None)
    connection.set_connect_state()
    with pytest.raises(TLSError, match="key exchange None"):
        tls.checked_group(connection)


def test_the_key_of_another_certificate_is_refused() -> None:
    with pytest.raises(FormatError):
        tls.make_context(SITES["tokyo"][0], SITES["osaka"][1], PINS)


def test_a_classical_key_is_refused() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(FormatError, match="ML-DSA-65"):
        tls.make_context(der(key), foreign(key), PINS)


@settings(max_examples=30)
@given(st.binary(max_size=200), st.binary(max_size=200))
def test_hostile_keys_and_certificates_are_typed_errors(key: bytes, certificate: bytes) -> None:
    with pytest.raises(FormatError):
        tls.make_context(key, certificate, PINS)
    with pytest.raises(FormatError):
        tls.make_context(SITES["tokyo"][0], certificate, PINS)


def test_the_self_test_gives_the_group() -> None:
    assert tls.self_test() in tls.GROUPS


def test_the_self_test_fails_when_classical_handshakes_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tls, "GROUPS", ("X25519MLKEM768", "x25519"))
    with pytest.raises(TLSError, match="classical-only handshake was accepted"):
        tls.self_test()


@pytest.mark.parametrize(
    ("name", "value"), [("GROUPS", ("X25519MLKEM786",)), ("SIGNATURES", ("x",))]
)
def test_a_misspelt_setting_refuses_to_start(
    name: str, value: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls, name, value)
    with pytest.raises(TLSError, match="does not know"):
        tls.self_test()
