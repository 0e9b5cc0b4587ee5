"""What the reader tests share: the fixtures' folder, and a reading of a whole input sorted by kind."""

import io
from collections import Counter
from pathlib import Path

from moderation.readers import ReadOptions, read
from moderation.records import BadRecord, Comment, Skipped, Thread

DATA = Path(__file__).parents[1] / "data"


class Gathered:
    """All records of an input."""

    def __init__(self, source: Path | bytes, format: str | None = None, options: ReadOptions | None = None) -> None:
        self.records = list(read(io.BytesIO(source) if isinstance(source, bytes) else source, format, options))
        self.comments = [record for record in self.records if isinstance(record, Comment)]
        self.threads = [record for record in self.records if isinstance(record, Thread)]
        self.bad = [record for record in self.records if isinstance(record, BadRecord)]
        self.skipped: Counter[str] = Counter()
        for record in self.records:
            if isinstance(record, Skipped):
                self.skipped[record.reason] += record.count

    @property
    def table(self) -> list[tuple[str, str | None, str | None]]:
        """Id, parent and author of each comment."""
        return [(comment.id, comment.parent, comment.author) for comment in self.comments]

    @property
    def texts(self) -> list[str]:
        return [comment.text for comment in self.comments]

    def quoted(self) -> list[list[str]]:
        """The quoted words of each comment."""
        return [[comment.text[span.start : span.end] for span in comment.quotes] for comment in self.comments]
