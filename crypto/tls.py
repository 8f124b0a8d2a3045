"""TLS between sites: hybrid key exchange required, peers known by pinned certificate. No sockets.

A site presents one self-signed ML-DSA-65 certificate that names it by SPIFFE URI; what makes it
trusted is its SHA-256 fingerprint in the trust bundle, nothing else. A handshake settles:

1. TLS 1.3, AES-256-GCM, an ML-DSA signature and a hybrid group, or no connection at all.
2. The peer's certificate is pinned, or the handshake fails.
3. `established` names the peer and the group; call it before any application byte.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from OpenSSL import SSL, crypto

from crypto.errors import FormatError, TLSError
from policy.canonical import digest

GROUPS: Final = ("X25519MLKEM768", "SecP384r1MLKEM1024")
SIGNATURES: Final = ("mldsa65", "mldsa87")
CIPHERS: Final = b"TLS_AES_256_GCM_SHA384"
SPIFFE: Final = "spiffe://sekisho/site/"
# Depth-zero self-signed: the only X.509 complaint that a pin answers. The two about time are
# judged in `established`, by the caller's clock instead of OpenSSL's.
_ANSWERED: Final = frozenset({9, 10, 18})


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is at the other end, and the key exchange that protects the connection."""

    site: str
    group: str
    fingerprint: str


def fingerprint(certificate: bytes) -> str:
    """Return `sha256:<hex>` of a DER certificate: what a trust bundle pins."""
    return digest(certificate)


def make_certificate(site: str, not_before: int, not_after: int) -> tuple[bytes, bytes]:
    """Return a new (PKCS8 DER key, DER certificate) of `site`, valid between two unix seconds."""
    key = MLDSA65PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, site)])
    uses = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    names = [x509.UniformResourceIdentifier(SPIFFE + site)]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.fromtimestamp(not_before, UTC))
        .not_valid_after(datetime.fromtimestamp(not_after, UTC))
        .add_extension(x509.SubjectAlternativeName(names), critical=True)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage(uses), critical=True)
        .sign(key, None)
    )
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return der, certificate.public_bytes(Encoding.DER)


def make_context(key: bytes, certificate: bytes, pins: Mapping[str, str]) -> SSL.Context:
    """Return the context of one site, for either role, that speaks with the pinned sites alone.

    `pins` (site id to fingerprint) is consulted at every handshake, so a live mapping may change.

    Raises:
        FormatError: the key or the certificate cannot be read, or they do not belong together.
        TLSError: the TLS library cannot be made to require the hybrid groups.
    """
    context = _context(":".join(GROUPS), key, certificate)
    mode = SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT
    context.set_verify(mode, _pinned(pins))
    return context


def checked_group(connection: SSL.Connection) -> str:
    """Return the group of a finished handshake.

    Raises:
        TLSError: the handshake is not finished, or its group is not a hybrid one.
    """
    group = connection.get_group_name()
    if group not in GROUPS or connection.get_protocol_version_name() != "TLSv1.3":
        raise TLSError(f"key exchange {group} is not one of {', '.join(GROUPS)}")
    return group


def established(
    connection: SSL.Connection, pins: Mapping[str, str], *, now: int, expect: str | None = None
) -> Peer:
    """Return who is at the other end of a finished handshake, `expect` or any pinned site.

    Raises:
        TLSError: group, certificate, pin, name or validity (at `now`, unix seconds) is wrong.
    """
    group = checked_group(connection)
    certificate = connection.get_peer_certificate(as_cryptography=True)
    if certificate is None:
        raise TLSError("the peer showed no certificate")
    mark = fingerprint(certificate.public_bytes(Encoding.DER))
    site = _named(certificate)
    if pins.get(site) != mark:
        raise TLSError(f"the certificate of {site} is not the pinned one")
    if expect is not None and site != expect:
        raise TLSError(f"the peer is {site}, not {expect}")
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not start.timestamp() <= now <= end.timestamp():
        raise TLSError(f"the certificate of {site} is not valid now")
    return Peer(site, group, mark)


def self_test() -> str:
    """Prove in memory that hybrid peers connect and classical-only ones do not; give the group.

    Raises:
        TLSError: either half of the proof fails. Nothing may be served then.
    """
    key, certificate = make_certificate("self-test", 0, 2**31)
    pins = {"self-test": fingerprint(certificate)}
    server = make_context(key, certificate, pins)
    group = _handshake(server, make_context(key, certificate, pins))
    classical = _context("X25519:P-256:P-384", key, certificate)
    try:
        _handshake(server, classical)
    except SSL.Error:
        return group
    raise TLSError("a classical-only handshake was accepted")


def _context(groups: str, key: bytes, certificate: bytes) -> SSL.Context:
    context = SSL.Context(SSL.TLS_METHOD)
    context.set_min_proto_version(SSL.TLS1_3_VERSION)
    context.set_tls13_ciphersuites(CIPHERS)
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    context.set_options(SSL.OP_NO_TICKET | SSL.OP_NO_RENEGOTIATION)
    try:
        if not isinstance(load_der_private_key(key, None), MLDSA65PrivateKey):
            raise FormatError("a site's TLS key is an ML-DSA-65 key")
        context.use_certificate(x509.load_der_x509_certificate(certificate))
        _require(context, groups, crypto.load_privatekey(crypto.FILETYPE_ASN1, key))
        context.check_privatekey()
    except (ValueError, TypeError, UnsupportedAlgorithm, SSL.Error, crypto.Error) as error:
        raise FormatError("the TLS key and certificate do not belong together") from error
    return context


def _require(context: SSL.Context, groups: str, key: crypto.PKey) -> None:
    # pyOpenSSL has no public way to set groups or signatures, or to load an ML-DSA key: hence the
    # private binding, here alone. Any answer but 1 would leave classical defaults in force.
    library: Any = SSL._lib  # type: ignore[attr-defined]  # noqa: SLF001  # pyright: ignore[reportPrivateUsage, reportPrivateImportUsage, reportAttributeAccessIssue]
    handle: Any = context._context  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    secret: Any = key._pkey  # noqa: SLF001  # pyright: ignore[reportPrivateUsage, reportUnknownMemberType]
    if library.SSL_CTX_set1_curves_list(handle, groups.encode()) != 1:
        raise TLSError(f"the TLS library does not know all of the groups {groups}")
    if library.SSL_CTX_set1_sigalgs_list(handle, ":".join(SIGNATURES).encode()) != 1:
        raise TLSError("the TLS library does not know the ML-DSA signatures")
    if library.SSL_CTX_use_PrivateKey(handle, secret) != 1:
        raise FormatError("the TLS key and certificate do not belong together")


def _pinned(
    pins: Mapping[str, str],
) -> Callable[[SSL.Connection, crypto.X509, int, int, int], bool]:
    def verdict(
        _connection: SSL.Connection, certificate: crypto.X509, error: int, depth: int, ok: int
    ) -> bool:
        der = certificate.to_cryptography().public_bytes(Encoding.DER)
        known = depth == 0 and fingerprint(der) in pins.values()
        return known and (bool(ok) or error in _ANSWERED)

    return verdict


def _named(certificate: x509.Certificate) -> str:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        uris = names.get_values_for_type(x509.UniformResourceIdentifier)
    except (ValueError, x509.ExtensionNotFound) as error:
        raise TLSError("the peer's certificate names no site") from error
    sites = [uri.removeprefix(SPIFFE) for uri in uris if uri.startswith(SPIFFE)]
    if len(sites) != 1 or len(uris) != 1 or not sites[0]:
        raise TLSError("the peer's certificate names no site")
    return sites[0]


def _handshake(server: SSL.Context, client: SSL.Context) -> str:
    ends = (SSL.Connection(client, None), SSL.Connection(server, None))
    ends[0].set_connect_state()
    ends[1].set_accept_state()
    waiting = True
    while waiting:
        waiting = any([_step(*ends), _step(ends[1], ends[0])])
    checked_group(ends[1])
    return checked_group(ends[0])


def _step(end: SSL.Connection, other: SSL.Connection) -> bool:
    """Advance one end and carry its bytes over; whether its handshake goes on."""
    waiting = False
    try:
        end.do_handshake()
    except SSL.WantReadError:
        waiting = True
    with suppress(SSL.WantReadError):
        other.bio_write(end.bio_read(1 << 16))
    return waiting
