"""What `moderation score --dry-run` prints."""

from typing import TYPE_CHECKING

import click

from moderation.cli.progress import format_seconds

if TYPE_CHECKING:
    from moderation.scoring.forecast import Forecast
    from moderation.scoring.job import Job

__all__ = ["describe", "show_forecast"]


def show_forecast(job: "Job") -> None:
    """Print what the job would do."""
    from moderation.scoring.forecast import forecast

    click.echo(describe(forecast(job), job))


def describe(found: "Forecast", job: "Job") -> str:
    """The text, one fact a line."""
    kinds = ", ".join(f"{name or 'not looked at'} {count:,}" for name, count in sorted(found.formats.items()))
    size = "size unknown" if found.bytes is None else f"{found.bytes / 1e6:,.1f} MB"
    lines = [f"input: {found.files:,} files ({kinds}), {size}"]
    if found.refused:
        lines.append(f"refused: {found.refused:,} files that no reader takes; they will be in the quarantine")
    if found.comments is not None:
        lines.append(f"work: about {found.comments:,} comments in about {found.shards:,} parts")
    lines.append(f"model: {found.model}")
    where = f"{found.workers} workers" if job.engine != "dask" else f"the Dask workers of {job.scheduler}"
    lines.append(f"output: {job.output or 'standard output'} ({job.to}), {found.state}")
    if found.seconds is not None:
        lines.append(
            f"time: about {format_seconds(found.seconds)} with {where} at {found.per_second:,.0f} comments/s each"
        )
    return "\n".join([*lines, "Nothing was written."])
