"""The files that ship with Sekisho, read as bytes for the pure packages that may not open files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import api
import policy

_POLICY: Final = Path(policy.__file__).parent
_API: Final = Path(api.__file__).parent


def policy_modules() -> Mapping[str, bytes]:
    """Return the shipped Rego and its data: path relative to `policy/rego` to bytes."""
    root = _POLICY / "rego"
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.suffix in {".rego", ".json"} and path.is_file()
    }


def taxonomy_documents() -> Mapping[str, bytes]:
    """Return the regimes, categories and mosaic rules: file name to YAML bytes."""
    return {path.name: path.read_bytes() for path in sorted((_POLICY / "taxonomy").glob("*.yaml"))}


def decision_vectors() -> Mapping[str, bytes]:
    """Return the decision vectors: file name to JSON bytes."""
    return {path.name: path.read_bytes() for path in sorted((_POLICY / "vectors").glob("*.json"))}


def wording(name: str) -> bytes:
    """Return one message catalogue of `api/wording` as YAML bytes."""
    return (_API / "wording" / name).read_bytes()


def example(name: str) -> Path:
    """Return the path of a shipped example, such as `network/jpn48.json`."""
    packaged = _API / "examples" / name
    return packaged if packaged.exists() else _API.parent / "examples" / name
