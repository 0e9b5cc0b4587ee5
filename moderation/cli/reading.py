"""The options that every command which reads comments shares, as one decorator."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from moderation.readers import FORMATS, ReadOptions

__all__ = ["reading_options"]

_PARTS = {
    "text": "the comment's text",
    "id": "the comment's id",
    "parent": "the id of the comment that it answers",
    "author": "the author",
    "time": "the time",
    "thread": "the id of the thread",
    "title": "the thread's title",
    "article": "the article that people comment on",
}


def reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add INPUT…, --format, the column options, --keep and --markup to a click command.

    The command gets them as `inputs` (tuple of str), `format` (str or None) and `options` (ReadOptions).
    """

    @wraps(command)
    def gather(*args: Any, **given: Any) -> Any:
        chosen = {f"{part}_column": given.pop(f"{part}_column") for part in _PARTS}
        options = ReadOptions(
            **chosen,
            keep=tuple(dict.fromkeys(given.pop("keep"))),
            markup=given.pop("markup"),
            quote_lines=given.pop("quote_lines"),
            submissions=tuple(given.pop("submissions")),
        )
        return command(*args, options=options, **given)

    decorated: Callable[..., Any] = gather
    for add in reversed(_decorators()):
        decorated = add(decorated)
    return decorated


def _decorators() -> list[Callable[[Callable[..., Any]], Callable[..., Any]]]:
    columns = [
        click.option(f"--{part}-column", metavar="NAME", help=f"Column or key of {meaning}, where it is not guessed.")
        for part, meaning in _PARTS.items()
    ]
    return [
        click.argument("inputs", nargs=-1, required=True, metavar="INPUT..."),
        click.option(
            "--format",
            type=click.Choice(list(FORMATS)),
            metavar="FORMAT",
            help="The inputs' format; without it the content decides. `moderation formats` lists them.",
        ),
        *columns,
        click.option("--keep", multiple=True, metavar="FIELD", help="Keep this field of the source too (repeatable)."),
        click.option(
            "--markup",
            type=click.Choice(["plain", "html", "markdown", "bbcode"]),
            default="plain",
            show_default=True,
            help="What the texts of csv, json and jsonl inputs are written in.",
        ),
        click.option(
            "--quote-lines/--no-quote-lines",
            default=True,
            help='Whether lines that begin with ">" in plain text are quoted words.  [default: they are]',
        ),
        click.option(
            "--submissions",
            multiple=True,
            metavar="FILE",
            help="Reddit submissions that give the comments' threads their title and text (repeatable).",
        ),
    ]
