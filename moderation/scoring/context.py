"""Remember the thread headers that comments belong to, within bounds."""

from collections.abc import Iterator

from moderation.records import Comment, Record, Thread

__all__ = ["Context", "divide"]

MOST_THREADS = 4096
MOST_CHARACTERS = 32 << 20


class Context:
    """The latest thread headers: at most 4,096 of them, holding at most 32 Mi characters; the oldest go first."""

    def __init__(self) -> None:
        self.threads: dict[str, Thread] = {}
        self._characters = 0
        self._carried: set[str] = set()

    def add(self, thread: Thread) -> None:
        """Remember a header; one of the same id is replaced."""
        self._forget(thread.id)
        self.threads[thread.id] = thread
        self._characters += _size(thread)
        while len(self.threads) > 1 and (len(self.threads) > MOST_THREADS or self._characters > MOST_CHARACTERS):
            self._forget(next(iter(self.threads)))

    def begin_shard(self) -> None:
        """From here on, `carry` gives earlier headers again."""
        self._carried.clear()

    def carry(self, record: Record) -> list[Record]:
        """The record, and before a comment the header of its thread unless this shard has it already."""
        if type(record) is Comment:
            if record.thread in self._carried or record.thread not in self.threads:
                return [record]
            self._carried.add(record.thread)
            return [self.threads[record.thread], record]
        if type(record) is Thread:
            self.add(record)
            self._carried.add(record.id)
        return [record]

    def _forget(self, name: str) -> None:
        gone = self.threads.pop(name, None)
        if gone is not None:
            self._characters -= _size(gone)


def _size(thread: Thread) -> int:
    return len(thread.title or "") + len(thread.article or "") + 100


def divide(records: Iterator[Record], model: str | None = None) -> Iterator[Record]:
    """Turn pages of plain text, and threads that hold their comments, into a header and comments; pass the rest on.

    Pages are split by the segmenter of the folder `model` where it holds one, else by the shipped one.
    """
    for record in records:
        if type(record) is not Thread or (record.text is None and not record.comments):
            yield record
            continue
        whole = record
        if record.text is not None:
            from moderation.segmenter import find_segmenter, segment

            whole = segment(record.text, thread=record.id, model=find_segmenter(model))
        yield Thread(
            id=record.id, title=record.title or whole.title, article=record.article or whole.article, url=record.url
        )
        yield from whole.comments
