"""The options that commands share, and how they answer."""

import json
import locale
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click
from typing_extensions import override

from api.errors import UsageError
from api.wording.printable import printable

if TYPE_CHECKING:
    from policy.label import Label

F = TypeVar("F", bound=Callable[..., Any])

FILE: Final = click.Path(path_type=Path, exists=True, dir_okay=False)


class OutPath(click.Path):
    """Where a file is to go: a name that is free, or a regular file that may be replaced."""

    @override
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse to replace what is no file: a folder, a device, a pipe."""
        path = Path(str(super().convert(value, param, ctx)))
        if path.exists() and not path.is_file():
            self.fail(f"{path} is there and is no file that may be replaced.", param, ctx)
        return path


OUT: Final = OutPath(path_type=Path)
LEVELS: Final = click.Choice(["L0", "L1", "L2", "L3", "L4", "L5"], case_sensitive=False)


def data_option(function: F) -> F:
    """Add `--data DIR`, the instance's directory."""
    return click.option(
        "--data",
        type=click.Path(path_type=Path, file_okay=False),
        envvar="SEKISHO_DATA",
        default=Path(".sekisho"),
        show_default=True,
        help="The instance's directory.",
    )(function)


def output_option(function: F) -> F:
    """Add `--output table|json`."""
    return click.option(
        "--output", type=click.Choice(["table", "json"]), default="table", help="How to answer."
    )(function)


def lang_option(function: F) -> F:
    """Add `--lang ja|en`; the default follows the locale."""
    return click.option(
        "--lang", type=click.Choice(["ja", "en"]), default=default_language, help="Language."
    )(function)


def default_language() -> str:
    """Return `ja` in a Japanese locale, else `en`."""
    named = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG")
    return "ja" if (named or locale.getlocale()[0] or "").lower().startswith("ja") else "en"


def emit(document: Mapping[str, Any]) -> None:
    """Write one JSON document to stdout."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def progress(line: str) -> None:
    """Write one line of progress to stderr."""
    click.echo(printable(line), err=True)


def read_label(text: str) -> "Label":
    """Return the label written as a level, or in a file that `classify` or a label wrote.

    Raises:
        UsageError: neither a level nor a readable file.
        LabelError: the file holds no label.
    """
    from policy.label import Label, Level  # noqa: PLC0415 - imports lazily, for start-up

    if text.upper() in Level.__members__:
        return Label(level=Level.parse(text.upper()))
    try:
        document = json.loads(Path(text).read_bytes())
    except FileNotFoundError as failure:
        raise UsageError(f"{text}: neither a level L0 to L5 nor a file with a label") from failure
    except (ValueError, RecursionError) as failure:
        raise UsageError(f"{text}: not a JSON document") from failure
    if isinstance(document, dict) and isinstance(document.get("label"), dict):
        document = document["label"]
    return Label.from_json(document)


def principal_options(function: F) -> F:
    """Add who asks and for which purpose."""
    for option in (
        click.option("--purpose", help="The purpose; default the dataset's first."),
        click.option("--as", "name", default="local", show_default=True, help="Who asks."),
        click.option("--clearance", type=LEVELS, default="L4", show_default=True),
    ):
        function = option(function)
    return function
