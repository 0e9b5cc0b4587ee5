"""`moderation segment`: split pasted threads into comments, without scoring."""

import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from moderation.cli.output import BadRecords, open_output, refuse_input
from moderation.cli.reading import reading_options
from moderation.errors import InputError, UsageError
from moderation.readers import ReadOptions, find_inputs, read
from moderation.records import BadRecord, Comment, Thread
from moderation.segmenter import SegmenterModel, find_segmenter, segment
from moderation.segmenter.cuts import check_cuts, read_cuts, write_cuts
from moderation.segmenter.display import show

__all__ = ["segment_cli"]

PATH = click.Path(path_type=Path)
_ENCODER = msgspec.json.Encoder()


@click.command(name="segment")
@reading_options
@click.option(
    "--show", "shown", is_flag=True, help="Print the page with its cuts, doubts and quotes marked, for a person."
)
@click.option("--cuts", type=PATH, metavar="FILE", help="Start comments where this cut file says (one page only).")
@click.option(
    "--write-cuts", type=PATH, metavar="FILE", help="Write the cuts to a file that can be edited (one page only)."
)
@click.option(
    "--count",
    type=click.IntRange(1),
    metavar="N",
    help="Split the page into so many comments, where you know (one page only).",
)
@click.option(
    "--article", is_flag=True, help="Print a header with title and article before the comments, for `moderation score`."
)
@click.option("--model", type=PATH, help="Model folder; the shipped one unless given.")
@click.option("-o", "--output", type=PATH, help="Where to write; standard output without it.")
def segment_cli(
    inputs: tuple[str, ...], format: str | None, options: ReadOptions, output: Path | None, **given: Any
) -> None:
    """Print the comments of each INPUT as JSON Lines: the record of `moderation score` without scores.

    To correct a split: write the cuts, delete a line of that file to merge two comments, add a line number to split one.
    Exit code 3: done, but some records were bad.

    \b
    Examples: moderation segment examples/thread.txt --show
              moderation segment thread.txt --write-cuts cuts.txt
              moderation segment thread.txt --cuts cuts.txt --article | moderation score -
    """
    model = find_segmenter(given["model"]) if given["model"] else None
    paths = find_inputs(inputs)
    cuts, written = given["cuts"], given["write_cuts"]
    if len(paths) > 1 and (cuts or written):
        raise UsageError("a cut file belongs to one page", str(cuts or written), "segment one input at a time")
    if given["count"] and (cuts or len(paths) > 1):
        raise UsageError("--count is for one page, and for one without --cuts", remedy="segment one input at a time")
    if written:
        refuse_input(written, paths, "--write-cuts")
    bad = BadRecords()
    with open_output(output, paths) as stream:
        for path in paths:
            for record in read(path, format, options):
                if isinstance(record, BadRecord):
                    bad.tell(record)
                elif isinstance(record, Thread | Comment):
                    stream.writelines(_describe(record, model, given, options.keep))
    bad.close()
    if bad.count:
        sys.exit(3)


def _describe(
    record: Thread | Comment, model: SegmenterModel | None, given: dict[str, Any], keep: Sequence[str]
) -> Iterator[bytes]:
    """What is printed for a comment, or for a page once it is split."""
    if isinstance(record, Comment):
        if given["cuts"] or given["write_cuts"]:
            raise InputError(
                "its comments are known, so there is nothing to cut", record.id, "give pasted pages of text"
            )
        yield _encode(record, keep)
        return
    if record.text is None:
        if given["cuts"] or given["write_cuts"]:
            raise InputError(
                "its comments are known, so there is nothing to cut", record.id, "give pasted pages of text"
            )
        if given["article"]:
            yield _encode_header(record)
        for comment in record.comments:
            yield _encode(comment, keep)
        return
    cuts = read_cuts(_read_text(given["cuts"]), str(given["cuts"])) if given["cuts"] else None
    if cuts:
        check_cuts(cuts, record.text, str(given["cuts"]))
    whole = segment(record.text, thread=record.id, model=model, cuts=cuts, count=given["count"])
    if given["write_cuts"]:
        with open_output(given["write_cuts"], (), "--write-cuts") as stream:
            stream.write(write_cuts(record.text, whole).encode())
    if given["shown"]:
        width = shutil.get_terminal_size((120, 24)).columns if sys.stdout and sys.stdout.isatty() else 160
        yield show(record.text, whole, width).encode(errors="replace")
        return
    if given["article"]:
        yield _encode_header(whole)
    for comment in whole.comments:
        yield _encode(comment, keep)


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise InputError(
            f"cannot be read ({reason})", str(path), "write one with: moderation segment PAGE --write-cuts FILE"
        ) from None


def _encode(comment: Comment, keep: Sequence[str]) -> bytes:
    fields: dict[str, Any] = {
        "thread": comment.thread, "id": comment.id, "parent": comment.parent, "start": comment.start, "end": comment.end,
        "text": comment.text, "quotes": comment.quotes, "quote_lines": comment.quote_lines, "boundary": comment.boundary,
        "parent_probability": comment.parent_probability, "author": comment.author, "time": comment.time,
    }  # fmt: skip
    if keep:
        fields["kept"] = {name: comment.extra.get(name) for name in keep}
    return _ENCODER.encode(fields) + b"\n"


def _encode_header(thread: Thread) -> bytes:
    fields = {"record": "thread", "id": thread.id, "title": thread.title, "article": thread.article, "url": thread.url}
    return _ENCODER.encode(fields) + b"\n"
