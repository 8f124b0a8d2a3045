"""Policies by name: the shipped one, a folder of Rego and data, or a revision that was kept."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from api import resources
from api.errors import UsageError
from api.offline import shipped_bundle
from policy.bundle import Bundle
from policy.taxonomy_digest import taxonomy_digest

SHIPPED: Final = "shipped"
_MOST_FILES: Final = 2_000
_LARGEST: Final = 1 << 20


def candidate(name: str) -> Bundle:
    """Return the policy called `shipped`, or that in the folder `name`, laid out as `policy/rego`.

    Raises:
        UsageError: no such folder, or files too many or too large.
        BundleError: not a policy; names the file.
    """
    if name == SHIPPED:
        return shipped_bundle()
    folder = Path(name)
    if not folder.is_dir():
        raise UsageError(f"{name}: neither `{SHIPPED}` nor a folder with a policy")
    return Bundle.build(_modules(folder), {}, taxonomy_digest(resources.taxonomy_documents()))


def _modules(folder: Path) -> Mapping[str, bytes]:
    paths = [p for p in sorted(folder.rglob("*")) if p.suffix in {".rego", ".json"} and p.is_file()]
    if len(paths) > _MOST_FILES or any(path.stat().st_size > _LARGEST for path in paths):
        raise UsageError(f"{folder}: more than {_MOST_FILES} files, or one over {_LARGEST} bytes")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}
