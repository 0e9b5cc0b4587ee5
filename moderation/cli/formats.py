"""`moderation formats`: the dump formats that can be read."""

import click

from moderation.readers import FORMATS

__all__ = ["formats_cli"]


@click.command("formats")
@click.option("--json", "as_json", is_flag=True, help="As JSON, one object a line.")
def formats_cli(as_json: bool) -> None:
    """List the dump formats that the other commands read.

    The content of a file decides which of them it is; --format overrides.

    \b
    Example:
      moderation formats
      moderation score dump.xml.gz --format disqus
    """
    for name, format in FORMATS.items():
        if as_json:
            import msgspec

            row = {"name": name, "summary": format.summary, "line_based": format.line_based}
            click.echo(msgspec.json.encode(row).decode())
        else:
            click.echo(f"{name:<12}{format.summary}")
