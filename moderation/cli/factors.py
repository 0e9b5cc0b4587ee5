"""Files with a factor, as options and arguments name them: FILE or FILE=FACTOR."""

from pathlib import Path

import click

__all__ = ["parse_factor"]


def parse_factor(given: str, option: str = "") -> tuple[str, float]:
    """The file and its factor, 1 where none is given; a file name may hold an equals sign itself.

    Raises UsageError for a factor that is no number of 0 or more.

    >>> parse_factor("civil_comments.csv=0.5")
    ('civil_comments.csv', 0.5)
    """
    name, found, factor = given.rpartition("=")
    if not found or Path(given).exists():
        return given, 1.0
    try:
        value = float(factor)
    except ValueError:
        value = -1.0
    if not 0.0 <= value < float("inf"):
        place = f"{option} " if option else ""
        raise click.UsageError(f'{place}{given}: "{factor}" is not a factor of 0 or more; write {place}{name}=2')
    return name, value
