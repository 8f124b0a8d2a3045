"""The strings that may enter a policy question.

Identifiers and enumerations only, NFC, without quotes, backslashes or control characters: one of
the engines answers wrongly on those, so they are refused before any engine sees them.
"""

import unicodedata
from functools import lru_cache

from policy.errors import TermError

LONGEST = 256
_KEPT = 1 << 14


def term(text: str) -> str:
    """Return `text` unchanged if a policy question may carry it.

    Raises:
        TermError: empty, too long, not NFC, or with a quote, backslash or control character.
    """
    return _checked(text)


@lru_cache(maxsize=_KEPT)
def _checked(text: str) -> str:
    if not 0 < len(text) <= LONGEST:
        raise TermError(f"a policy term has 1 to {LONGEST} characters, this one {len(text)}")
    if not unicodedata.is_normalized("NFC", text):
        raise TermError("a policy term must be in Unicode form NFC")
    if any(mark in '"\\`' or unicodedata.category(mark)[0] == "C" for mark in text):
        raise TermError("a policy term holds no quotes, backslashes or control characters")
    return text
