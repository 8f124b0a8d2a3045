"""`sekisho seal`: encrypt a file for sites."""

from pathlib import Path

import click

from api.cli.options import FILE, OUT, data_option, emit, output_option, progress


@click.command()
@click.argument("file", type=FILE)
@click.option("-o", "out", type=OUT, required=True, help="Where the sealed file goes.")
@click.option("--to", "sites", multiple=True, help="For whom; default the instance's own site.")
@data_option
@output_option
def command(file: Path, out: Path, sites: tuple[str, ...], data: Path, output: str) -> None:
    """Encrypt FILE for sites, under post-quantum keys.

    \b
    sekisho seal patients.csv -o patients.sealed --to inzai --to itoshima
    """  # noqa: D301
    from api.founding import present  # noqa: PLC0415 - imports lazily, for start-up
    from api.sealing import seal  # noqa: PLC0415

    with present(data, progress) as instance:
        manifest = seal(instance, file, out, sites)
    if output == "json":
        emit({"object": manifest.header.object, "content": manifest.content, "file": str(out)})
    else:
        click.echo(f"{out}: {manifest.length} bytes sealed as {manifest.header.object}")
