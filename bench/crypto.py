"""Sealing and opening a payload against the bare cipher on the same bytes."""

import io
import secrets
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bench.measure import Row, throughput
from crypto.manifest import Header, Manifest
from crypto.payload import Sealing, open_stream

SEGMENT = 8 << 20
SIZE = 4 * SEGMENT
MEGABYTES = SIZE / 1e6


@cache
def _plain() -> bytes:
    return secrets.token_bytes(SIZE)


@cache
def _key() -> bytes:
    return secrets.token_bytes(32)


def _seal() -> tuple[Manifest, list[bytes]]:
    header = Header("bench", "bench", "sha256:" + "0" * 64, "std", SEGMENT)
    sealing = Sealing(header, _key(), io.BytesIO(_plain()))
    segments = [bytes(segment.sealed) for segment in sealing]
    return sealing.manifest(), segments


def _pieces() -> list[bytes]:
    return [_plain()[at : at + SEGMENT] for at in range(0, SIZE, SEGMENT)]


def _each(work: Callable[[Any], object], pieces: Iterable[bytes | bytearray]) -> None:
    for piece in pieces:
        work(piece)


def seal_against_bare_cipher() -> Row:
    """Key-committing segments, two digests and a manifest against AES-256-GCM and nothing else."""
    cipher, pieces = AESGCM(_key()), _pieces()
    return throughput(
        "crypto: seal, segments and digests",
        _seal,
        "AES-256-GCM alone",
        lambda: _each(lambda piece: cipher.encrypt(secrets.token_bytes(12), piece, None), pieces),
        amount=MEGABYTES,
        unit="MB",
    )


def open_against_bare_cipher() -> Row:
    """Opening with every digest checked against AES-256-GCM and nothing else."""
    manifest, segments = _seal()
    cipher, nonce = AESGCM(_key()), secrets.token_bytes(12)
    sealed = [cipher.encrypt(nonce, piece, None) for piece in _pieces()]
    return throughput(
        "crypto: open, every digest checked",
        lambda: _each(len, open_stream(manifest, _key(), segments.__getitem__)),
        "AES-256-GCM alone",
        lambda: _each(lambda piece: cipher.decrypt(nonce, piece, None), sealed),
        amount=MEGABYTES,
        unit="MB",
    )


BENCHES = (seal_against_bare_cipher, open_against_bare_cipher)
