"""`sekisho open`: decrypt a sealed file."""

from pathlib import Path

import click

from api.cli.options import FILE, OUT, data_option, emit, output_option


@click.command()
@click.argument("file", type=FILE)
@click.option("-o", "out", type=OUT, required=True, help="Where the content goes.")
@click.option("--as", "site", default="service", show_default=True, help="The site that opens.")
@data_option
@output_option
def command(file: Path, out: Path, site: str, data: Path, output: str) -> None:
    """Decrypt FILE; any damage is a no and leaves nothing under the output's name."""
    from api.instance import reading  # noqa: PLC0415 - imports lazily, for start-up
    from api.sealing import unseal  # noqa: PLC0415

    with reading(data) as instance:
        manifest = unseal(instance, file, out, site)
    if output == "json":
        emit({"object": manifest.header.object, "content": manifest.content, "file": str(out)})
    else:
        click.echo(f"{out}: {manifest.length} bytes")
