"""Sealing files for sites and opening them, with the instance's keys."""

import hashlib
import os
import secrets
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from api.durable import sync, sync_folder
from api.errors import UnavailableError, UsageError
from api.instance import Parts
from api.layout import SERVICE
from crypto.container import SealedFile, seal_file
from crypto.envelope import KEY, Context, Envelope, open_key, seal_key
from crypto.manifest import Header, Manifest
from crypto.recipient import RecipientKey
from crypto.signing import SigningKey
from policy.canonical import digest

_THREADS: Final = 2
_NONE: Final = digest(b"")
"""The digest that stands where a file has no label and no permit."""


def seal(parts: Parts, source: Path, out: Path, sites: Sequence[str]) -> Manifest:
    """Seal a file for the sites; `out` appears whole or not at all.

    Raises:
        UsageError: the trust bundle does not know a site.
        ForgedError: the file changed while it was read.
        UnavailableError: the disk refuses.
    """
    dek = bytearray(secrets.token_bytes(KEY))
    content, identity = _content(source), f"o-{secrets.token_hex(8)}"
    envelopes = [_wrap(parts, dek, site, identity, content) for site in sites or (SERVICE,)]
    header = Header(identity, identity, _NONE, envelopes[0][0].suite)
    key = SigningKey.from_bytes((parts.layout.site(SERVICE) / "signing.key").read_bytes())
    try:
        with source.open("rb") as reader, appearing(out) as writer:
            return seal_file(
                writer, header, dek, reader, envelopes=envelopes, key=key, threads=_THREADS
            )
    finally:
        dek[:] = bytes(KEY)


def unseal(parts: Parts, source: Path, out: Path, site: str = SERVICE) -> Manifest:
    """Open a sealed file as `site`; any damage leaves nothing under the name of `out`.

    Raises:
        CryptoError: damaged, not sealed for this site, or signed by somebody unknown.
        UnavailableError: the disk refuses.
    """
    recipient = RecipientKey.from_bytes((parts.layout.site(site) / "recipient.key").read_bytes())
    with source.open("rb") as stream:
        sealed = SealedFile.open(stream, parts.trust().verify_keys(f"site:{SERVICE}").values())
        context, envelope = sealed.envelope_for(recipient.public.key_id)
        dek = open_key(envelope, recipient, context, now=parts.now())
        try:
            with appearing(out) as writer:
                for plain in sealed.plain(dek, threads=_THREADS):
                    writer.write(plain)
        finally:
            dek[:] = bytes(KEY)
    return sealed.manifest


@contextmanager
def appearing(out: Path) -> Generator[BinaryIO]:
    """Yield a file that gets the name `out` only when the block ends well.

    Raises:
        UnavailableError: the disk refuses; nothing is left behind.
    """
    temporary = out.with_name(f".{out.name}.{secrets.token_hex(4)}.part")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            sync(file.fileno())
        temporary.replace(out)
        sync_folder(out.parent)
    except OSError as failure:
        raise UnavailableError(f"{out}: {failure.strerror}") from failure
    finally:
        temporary.unlink(missing_ok=True)


def _wrap(
    parts: Parts, dek: bytearray, site: str, identity: str, content: str
) -> tuple[Context, Envelope]:
    trusted = parts.trust()
    if site not in trusted.sites:
        raise UsageError(f"{site!r}: the trust bundle knows no such site")
    recipient = trusted.site(site).public
    context = Context(
        dataset=identity,
        content=content,
        label=_NONE,
        permit=_NONE,
        source=SERVICE,
        destination=site,
        suite=recipient.suite,
        recipient=recipient.key_id,
        epoch=0,
        not_after=None,
    )
    return context, seal_key(dek, recipient, context)


def _content(source: Path) -> str:
    with source.open("rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
