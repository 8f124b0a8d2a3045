"""Looking at a file: opens it and lets the classifier say what it is. The file is never moved."""

from pathlib import Path

from api.offline import shipped_taxonomy
from policy.classify.classify import Classification, classify
from policy.classify.content import Content
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
    """
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
