"""`moderation check`: problems of label files, before anything is trained on them."""

from pathlib import Path

import click

__all__ = ["check_cli"]


@click.command(name="check")
@click.argument("labels", nargs=-1, required=True, type=click.Path(path_type=Path))
def check_cli(labels: tuple[Path, ...]) -> None:
    """Check LABELS, CSV files in the columns of labels.csv: every bad row, then what helps or hurts learning.

    Lines begin with good, warn or fail; the exit code is 1 when one fails.

    Example: moderation check labels.csv
    """
    from moderation.learning.check import check

    findings = check(labels)
    for finding in findings:
        click.echo(f"{finding.level}: {finding.message}")
    if any(finding.level == "fail" for finding in findings):
        raise click.exceptions.Exit(1)
