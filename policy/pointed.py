"""The parts of a constraint document, each read with the JSON pointer to where it stands.

Every function raises `ConstraintError`, which begins with that pointer.
"""

from collections.abc import Mapping
from typing import Final, TypeAlias

from policy.canonical import JSON
from policy.errors import ConstraintError, TermError
from policy.terms import term

Scalar: TypeAlias = str | bool | int

LARGEST_NUMBER: Final = 10**12


def scalars(value: JSON, pointer: str) -> frozenset[Scalar]:
    """Return a list's strings, whole numbers and booleans."""
    if not isinstance(value, list):
        raise ConstraintError(f"{pointer}: a list is needed")
    found = [scalar(item, f"{pointer}/{place}") for place, item in enumerate(value)]
    # Python holds that true is 1, JSON does not: such a pair would lose one of its members.
    if len(set(found)) != len({(type(item), item) for item in found}):
        raise ConstraintError(f"{pointer}: mixes true or false with 1 or 0")
    return frozenset(found)


def scalar(item: JSON, pointer: str) -> Scalar:
    """Return a string, a whole number or a boolean."""
    if isinstance(item, str):
        return term_(item, pointer)
    if isinstance(item, bool):
        return item
    if isinstance(item, int | float) and abs(item) <= LARGEST_NUMBER and item == int(item):
        return int(item)
    raise ConstraintError(f"{pointer}: a string, a whole number, true or false is needed")


def jurisdictions(found: frozenset[Scalar], pointer: str) -> frozenset[str]:
    """Return codes of two letters."""
    codes = strings(found, pointer)
    for code in sorted(codes):
        # A code in lower case would deny nothing, silently.
        if not (len(code) == 2 and code.isascii() and code.isalpha() and code.isupper()):  # noqa: PLR2004
            raise ConstraintError(f"{pointer}: {code} is not two letters A-Z")
    return codes


def strings(found: frozenset[Scalar], pointer: str) -> frozenset[str]:
    """Return scalars that are all strings."""
    texts = frozenset(item for item in found if isinstance(item, str))
    if len(texts) != len(found):
        raise ConstraintError(f"{pointer}: only strings belong here")
    return texts


def whole(value: JSON, pointer: str) -> int:
    """Return a whole number from 0 to the largest."""
    found = number(value, pointer)
    if found != int(found):
        raise ConstraintError(f"{pointer}: a whole number is needed")
    return int(found)


def number(value: JSON, pointer: str) -> float:
    """Return a number from 0 to the largest."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConstraintError(f"{pointer}: a number is needed")
    if not 0 <= value <= LARGEST_NUMBER:
        raise ConstraintError(f"{pointer}: a number from 0 to {LARGEST_NUMBER} is needed")
    return value


def object_(value: JSON, pointer: str) -> Mapping[str, JSON]:
    """Return an object."""
    if not isinstance(value, dict):
        raise ConstraintError(f"{pointer or '/'}: an object is needed")
    return value


def term_(text: str, pointer: str) -> str:
    """Return a string that a question may carry."""
    try:
        return term(text)
    except TermError as error:
        raise ConstraintError(f"{pointer}: {error}") from error


def truth(value: JSON, pointer: str) -> bool:
    """Return `true`: leaving a demand out is how not to make it."""
    if value is not True:
        raise ConstraintError(f"{pointer}: true is needed, or nothing")
    return True


def below(pointer: str, name: str) -> str:
    """Return the pointer to a member."""
    return pointer + "/" + name.replace("~", "~0").replace("/", "~1")
