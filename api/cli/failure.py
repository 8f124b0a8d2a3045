"""How failures end a command: one line on stderr and the exit code of the contract."""

import os
from typing import Final

from api.errors import (
    ConflictError,
    FaultError,
    NotAllowedError,
    NotFoundError,
    SekishoError,
    UnavailableError,
    UsageError,
)
from api.wording.printable import printable
from crypto.errors import CryptoError
from policy.errors import BundleError, EngineError, PolicyError
from routing.errors import RoutingError

NO: Final = 1
BAD_INPUT: Final = 2
UNAVAILABLE: Final = 3

# The first class that matches decides, so subclasses stand before their bases.
EXIT_CODES: Final[tuple[tuple[type[Exception], int], ...]] = (
    (EngineError, UNAVAILABLE),
    (BundleError, UNAVAILABLE),
    (PolicyError, BAD_INPUT),
    (RoutingError, BAD_INPUT),
    (CryptoError, NO),
    (UsageError, BAD_INPUT),
    (NotFoundError, BAD_INPUT),
    (ConflictError, NO),
    (NotAllowedError, NO),
    (UnavailableError, UNAVAILABLE),
    (FaultError, UNAVAILABLE),
    (SekishoError, UNAVAILABLE),
    (UnicodeEncodeError, BAD_INPUT),  # a word of the command line that is no text
    (FileNotFoundError, BAD_INPUT),
    (IsADirectoryError, BAD_INPUT),
    (OSError, UNAVAILABLE),
)


def describe(failure: Exception) -> tuple[str, int]:
    """Return the one line that says what failed, and the exit code.

    With `SEKISHO_TRACEBACK` set the failure is raised again instead, for those who mend it.
    """
    if os.environ.get("SEKISHO_TRACEBACK"):
        raise failure
    for kind, code in EXIT_CODES:
        if isinstance(failure, kind):
            return _line(failure), code
    return f"fault: {type(failure).__name__}: {_line(failure)}", UNAVAILABLE


def _line(failure: Exception) -> str:
    if isinstance(failure, OSError) and failure.filename is not None:
        return printable(f"{failure.filename}: {failure.strerror}")
    return printable(" ".join(str(failure).split())) or type(failure).__name__
