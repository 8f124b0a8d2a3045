"""`sekisho demo`: the whole story on the example network."""

import sys
import tempfile
from pathlib import Path

import click

from api.cli.options import emit, output_option, progress


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="Play on the instance in this directory, made if need be; default a fresh one, dropped.",
)
@click.option("--lang", type=click.Choice(["both", "ja", "en"]), default="both", show_default=True)
@output_option
def command(data: Path | None, lang: str, output: str) -> None:
    """Play the whole story: classify, place, route, refuse, pass, release, revoke, verify, tamper.

    The root of trust is made in TOY CUSTODY: one machine holds all keys. A trial, not custody.
    """
    from api.demo.story import play  # noqa: PLC0415 - imports lazily, for start-up
    from api.demo.tell import Teller  # noqa: PLC0415

    langs = {"both": ("ja", "en"), "ja": ("ja",), "en": ("en",)}[lang]
    tell = Teller(() if output == "json" else langs)
    with tempfile.TemporaryDirectory(prefix="sekisho-demo-") as work:
        steps = []
        for told in play(data or Path(work) / "instance", Path(work), tell):
            steps.append(told)
            if not told.ok:
                progress(f"sekisho: demo: {told.name} did not go as it must: {told.details}")
    ok = all(told.ok for told in steps)
    if output == "json":
        emit({"steps": [told.to_json() for told in steps], "ok": ok})
    elif data is not None:
        tell.say("demo.kept", data=str(data))
    sys.exit(0 if ok else 1)
