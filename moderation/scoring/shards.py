"""Cut inputs into shards: by bytes at line ends where a format allows it, by records where it must be read in sequence.

The cuts depend on the inputs and the two sizes alone, never on the number of workers, so every run makes the same parts.
Planning is lazy and reads just ahead of the workers; a shard that has a receipt is skipped without reading it again.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import BinaryIO

import msgspec

from moderation.records import Comment, Record, Span
from moderation.scoring.context import Context
from moderation.scoring.job import Input, Piece, Receipt, Shard

__all__ = ["Plan", "batch", "cut_lines", "plan"]

BLOCK = 1 << 20
HEADERS = (b'"record":"thread"', b'"record": "thread"')
"""How a thread header of our own JSON Lines is known. Inside a JSON string the quotation marks would have backslashes."""

MARK = 32
"""Bytes that are searched again where two blocks meet: no fewer than the longest of `HEADERS`."""

CROWD = 512
"""Most files that one shard holds."""

EXPANSION = 8
"""How much a compressed file is taken to grow: above 1/8 of a shard's bytes it is read in sequence."""

CHARACTERS = 64 << 20
"""A shard of handed records is closed when it holds so many characters, however few its records."""

Done = Callable[[str], Receipt | None]


class Plan(msgspec.Struct, frozen=True):
    """How to cut: sizes, which formats can be cut at line ends, and whether long sequences are read here and handed out."""

    shard_bytes: int
    shard_records: int
    can_cut: Callable[[Input], bool]
    read: Callable[[Piece], Iterator[Record]]
    hand_out: bool = True
    limit: int | None = None


def plan(inputs: Sequence[Input], how: Plan, done: Done) -> Iterator[Shard | Receipt]:
    """The shards of `inputs` in order of output; in the place of one that is done already, its receipt.

    `done` gives the receipt of a shard by name, or None.
    """
    number = 0
    group: list[Input] = []
    room = how.shard_bytes
    for item in inputs:
        weight = _weigh(item)
        small = weight is not None and weight <= how.shard_bytes and how.limit is None
        if group and (not small or len(group) == CROWD or (weight or 0) > room):
            yield _grouped(f"{number:06d}", group, done)
            number, group, room = number + 1, [], how.shard_bytes
        if small:
            group.append(item)
            room -= weight or 0
            continue
        if how.limit is None and item.size is not None and how.can_cut(item):
            for found in _windows(item, number, how, done):
                yield found
                number += 1
            continue
        yield from _sequence([item] if how.limit is None else inputs, f"{number:06d}", how, done)
        number += 1
        if how.limit is not None:
            return
    if group:
        yield _grouped(f"{number:06d}", group, done)


def _weigh(item: Input) -> int | None:
    if item.size is None:
        return None
    return item.size * (EXPANSION if _compressed(item) else 1)


def _compressed(item: Input) -> bool:
    return item.path.lower().endswith((".gz", ".zst", ".bz2", ".xz"))


def _grouped(name: str, group: Sequence[Input], done: Done) -> Shard | Receipt:
    pieces = tuple(Piece(item.path, item.format) for item in group)
    return done(name) or Shard(name=name, pieces=pieces, bytes=sum(item.size or 0 for item in group))


def _windows(item: Input, number: int, how: Plan, done: Done) -> Iterator[Shard | Receipt]:
    start, line, size = 0, 1, item.size or 0
    header: Span | None = None
    with open(item.path, "rb") as stream:  # noqa: PTH123 - opened only when the first shard is asked for
        while start < size:
            name = f"{number:06d}"
            found = done(name)
            if found is None:
                end, lines, last = cut_lines(stream, start, start + how.shard_bytes, size)
                before = (Piece(item.path, item.format, header.start, header.end),) if header else ()
                header = last or header
                piece = Piece(item.path, item.format, start, end, line)
                yield Shard(
                    name=name, header=before, pieces=(piece,), bytes=end - start, lines=lines, last_header=header
                )
            else:
                end, lines, header = found.end, found.lines, found.last_header
                yield found
            start, line, number = end, line + lines, number + 1


def cut_lines(stream: BinaryIO, start: int, target: int, size: int) -> tuple[int, int, Span | None]:
    """Where to end a window that begins at `start`: after the first line end at or behind `target`, or at `size`.

    Returns that position, the number of line ends before it, and the bytes of the last line in it that is a thread header of
    our own JSON Lines, if there is one. Reads in blocks of 1 MiB.
    """
    stream.seek(start)
    position, lines, mark, tail = start, 0, -1, b""
    while position < size and (block := stream.read(min(BLOCK, size - position))):
        found = block.find(b"\n", max(0, target - 1 - position)) if position + len(block) >= target else -1
        if found >= 0:
            block = block[: found + 1]
        lines += block.count(b"\n")
        for header in HEADERS:
            straddling = (tail + block[: len(header)]).rfind(header)
            if straddling >= 0:
                mark = max(mark, position - len(tail) + straddling)
            inside = block.rfind(header)
            if inside >= 0:
                mark = max(mark, position + inside)
        position += len(block)
        tail = block[-MARK:]
        if found >= 0:
            break
    return position, lines, _line_around(stream, mark, start, position) if mark >= 0 else None


def _line_around(stream: BinaryIO, mark: int, start: int, end: int) -> Span | None:
    """The bytes of the line that holds position `mark`; None for one of more than 1 MiB on either side."""
    low, high = max(start, mark - BLOCK), min(end, mark + BLOCK)
    stream.seek(low)
    block = stream.read(high - low)
    first = block.rfind(b"\n", 0, mark - low) + 1
    last = block.find(b"\n", mark - low) + 1
    if (first == 0 and low > start) or (last == 0 and high < end):
        return None
    return Span(low + first, low + last if last else end)


def _sequence(items: Sequence[Input], name: str, how: Plan, done: Done) -> Iterator[Shard | Receipt]:
    known = _finished(name, done)
    if known is not None:
        yield from known
        return
    pieces = tuple(Piece(item.path, item.format) for item in items)
    size = sum(item.size or 0 for item in items)
    if not how.hand_out:
        yield Shard(name=name, pieces=pieces, stream=True, bytes=size)
        return
    records = (record for piece in pieces for record in how.read(piece))
    hashed = any(item.size is None for item in items)
    for shard in batch(records, name, how.shard_records, how.limit):
        if shard.last:
            shard = msgspec.structs.replace(shard, bytes=size)
        if hashed:
            shard = msgspec.structs.replace(shard, digest=fingerprint(shard.records or ()))
        found = done(shard.name)
        yield found if found is not None and found.digest == shard.digest else shard


def _finished(name: str, done: Done) -> list[Receipt] | None:
    receipts: list[Receipt] = []
    while (receipt := done(f"{name}-{len(receipts):06d}")) is not None:
        receipts.append(receipt)
        if receipt.last:
            return None if receipt.digest else receipts
    return None


def batch(records: Iterable[Record], name: str, size: int, limit: int | None = None) -> Iterator[Shard]:
    """Cut a sequence of records into shards of `size` comments (bad and skipped records travel along), stopping after `limit` comments.

    Every shard opens with the thread headers that its comments need and that came earlier. The last one has `last` set;
    an empty sequence makes one empty shard.
    """
    number, comments, characters = 0, 0, 0
    context, held, ready = Context(), list[Record](), None
    budget = limit
    for record in records:
        if ready is not None:
            yield Shard(name=f"{name}-{number:06d}", records=ready, last=False)
            number, ready = number + 1, None
            context.begin_shard()
        held += context.carry(record)
        if type(record) is Comment:
            comments += 1
            characters += len(record.text)
            if budget is not None:
                budget -= 1
                if budget <= 0:
                    break
        if comments >= size or characters >= CHARACTERS or len(held) >= 8 * size:
            ready, held, comments, characters = tuple(held), [], 0, 0
    yield Shard(name=f"{name}-{number:06d}", records=ready if ready is not None else tuple(held), last=True)


def fingerprint(records: Sequence[Record]) -> str:
    """A hash of records, to tell whether standard input gave the same ones again."""
    import hashlib

    digest = hashlib.blake2b(digest_size=16)
    for record in records:
        digest.update(repr(record).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
