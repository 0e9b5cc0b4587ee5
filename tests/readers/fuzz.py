"""Coverage-guided fuzzing of all readers: nothing but the project's own errors may come out, and nothing may hang.

Needs atheris, a development tool that the project does not depend on: pip install atheris. Then, for an hour of CPU:

    PYTHONPATH=. python tests/readers/fuzz.py CORPUS_FOLDER -max_total_time=3600 -max_len=8192 -timeout=20

The first byte of an input chooses the format (or sniffing), the second the options, the rest is the file. The corpus
folder is filled with the fixtures of tests/data on the first run.
"""

import io
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["moderation.readers"]):
    from moderation import readers
    from moderation.readers.mapping import Mapper

from moderation.errors import ModerationError
from moderation.records import BadRecord, Comment, Skipped, Thread

assert Mapper
NAMES = [*readers.ORDER, None]
for _name in readers.ORDER:
    with atheris.instrument_imports(include=["moderation.readers"]):
        assert readers.FORMATS[_name]
with atheris.instrument_imports(include=["moderation.readers"]):
    from moderation.readers import html_text, markdown_text, wire

OPTIONS = (
    readers.ReadOptions(),
    readers.ReadOptions(keep=("id", "meta", "a.b"), max_line=200, max_page=4000, max_document=1000, max_ids=3),
    readers.ReadOptions(markup="html", quote_lines=False),
    readers.ReadOptions(markup="bbcode"),
    readers.ReadOptions(markup="markdown", text_column="text"),
)


def check(data: bytes) -> None:
    """One input; raises whatever is not allowed."""
    if len(data) < 2:
        return
    name = NAMES[data[0] % len(NAMES)]
    options = OPTIONS[data[1] % len(OPTIONS)]
    try:
        for record in readers.read(io.BytesIO(data[2:]), name, options):
            assert isinstance(record, Thread | Comment | BadRecord | Skipped)
            if isinstance(record, Comment):
                assert record.text.strip()
                last = 0
                for span in record.quotes:
                    assert last <= span.start < span.end <= len(record.text), (record, span)
                    last = span.end
            if isinstance(record, Comment | Thread):
                wire.encode(record)
    except ModerationError as error:
        if "\n" in str(error):
            raise AssertionError("an error of more than one line") from error


def seed(folder: Path) -> None:
    """Fill the corpus with the fixtures, each under its format and under sniffing."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        return
    for path in sorted((Path(__file__).parents[1] / "data").rglob("*")):
        name = path.parent.name
        if path.suffix == ".sql":
            with tempfile.TemporaryDirectory() as made, closing(sqlite3.connect(f"{made}/x.db")) as base:
                base.execute("PRAGMA page_size=512")
                base.executescript(path.read_text())
                base.commit()
                data = Path(f"{made}/x.db").read_bytes()
            (folder / "isso-db").write_bytes(bytes([NAMES.index("isso"), 0]) + data)
        elif path.is_file() and path.stat().st_size < 60_000:
            for chosen in {name, None} & set(NAMES):
                (folder / f"{name}-{path.name}-{chosen}").write_bytes(
                    bytes([NAMES.index(chosen), 0]) + path.read_bytes()
                )


assert html_text
assert markdown_text
if __name__ == "__main__":
    folders = [Path(argument) for argument in sys.argv[1:] if not argument.startswith("-")]
    if folders:
        seed(folders[0])
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()
