"""Base 64 in its one spelling (RFC 4648, section 4): every text stands for other bytes."""

import base64
import binascii

from crypto.errors import FormatError


def encode(raw: bytes) -> str:
    """Return the padded standard base 64 of `raw`."""
    return base64.b64encode(raw).decode("ascii")


def decode(text: str) -> bytes:
    """Return the bytes that `text` is the base 64 of.

    Raises:
        FormatError: other characters, wrong padding, or unused bits that are not zero.
    """
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise FormatError("not base 64") from error
    if encode(raw) != text:
        raise FormatError("not canonical base 64")
    return raw
