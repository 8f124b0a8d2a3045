"""Looking at files: opens them and lets the classifier say what they are. None is ever moved."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from api.errors import UsageError
from api.offline import shipped_taxonomy
from policy.classify.classify import Classification, classify
from policy.classify.content import Content
from policy.errors import UnreadableError
from policy.label import Label, Level


def examine(
    path: Path,
    *,
    declared: Level | None = None,
    full: bool = False,
    seed: int = 0,
    inherited: Label | None = None,
) -> Classification:
    """Classify the file at `path`; a full scan also takes its content digest.

    What no reader understands is unknown, which is a result and not an error.

    Raises:
        OSError: the file cannot be opened or read.
        UsageError: it is a folder, a pipe or a device.
    """
    # A pipe would be waited for and a device never ends.
    if path.exists() and not path.is_file():
        raise UsageError(f"{path}: not a file")
    with path.open("rb") as stream:
        content = Content(name=path.name, stream=stream, size=path.stat().st_size)
        return classify(
            content,
            shipped_taxonomy(),
            declared=declared,
            full=full,
            seed=seed,
            inherited=inherited,
        )


def files_in(place: Path) -> Iterator[Path]:
    """Yield `place` if it is no folder, else the files below it, sorted; links are not followed.

    A folder that is empty or cannot be listed is yielded itself: nobody knows what is in it.
    """
    if not place.is_dir():
        yield place
        return
    waiting, empty = [place], True
    while waiting:
        entry = waiting.pop()
        if not entry.is_dir() or (entry.is_symlink() and entry != place):
            if not entry.is_symlink():
                empty = False
                yield entry
            continue
        try:
            waiting.extend(sorted(entry.iterdir(), reverse=True))
        except OSError:
            empty = False
            yield entry
    if empty:
        yield place


def examine_any(path: Path, *, declared: Level | None, full: bool, seed: int) -> Classification:
    """Classify as `examine` does; a file that cannot even be opened is unknown, too."""
    try:
        return examine(path, declared=declared, full=full, seed=seed)
    except (OSError, UsageError) as failure:
        why = failure.strerror if isinstance(failure, OSError) else "not a file"
        content = Content(name=path.name, stream=_Unopened(why or str(failure)), size=1)
        return classify(content, shipped_taxonomy(), declared=declared, full=full, seed=seed)


@dataclass(frozen=True, slots=True)
class _Unopened:
    """The stream of a file that does not open."""

    why: str

    def read(self, _size: int, /) -> bytes:
        raise UnreadableError(self.why)

    def seek(self, _offset: int, _whence: int = 0, /) -> int:
        raise UnreadableError(self.why)
