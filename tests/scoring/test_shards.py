"""Cutting inputs into shards: nothing lost, nothing twice, the same cuts again after a crash."""

import io

from hypothesis import given
from hypothesis import strategies as st

from moderation.records import BadRecord, Comment, Skipped, Span, Thread
from moderation.scoring.context import Context, divide
from moderation.scoring.job import Input, Receipt, Shard
from moderation.scoring.shards import Plan, batch, cut_lines, plan


def how(shard_bytes=100, shard_records=3, cut=True, hand_out=True, limit=None, records=()):
    return Plan(shard_bytes, shard_records, lambda item: cut, lambda piece: iter(records), hand_out, limit)


def names(items):
    return [item.name for item in items]


@given(st.binary(max_size=400), st.integers(1, 60))
def test_windows_cover_the_file_once_and_end_at_line_ends(content, step):
    start, lines, windows = 0, 0, []
    while start < len(content):
        end, found, _ = cut_lines(io.BytesIO(content), start, start + step, len(content))
        assert end > start
        assert end == len(content) or content[end - 1 : end] == b"\n"
        assert found == content[start:end].count(b"\n")
        assert end - start >= step or end == len(content)
        windows.append(content[start:end])
        start, lines = end, lines + found
    assert b"".join(windows) == content
    assert lines == content.count(b"\n")


def test_a_window_reaches_over_a_line_longer_than_a_block():
    content = b"x" * (3 << 20) + b"\nshort\n"
    assert cut_lines(io.BytesIO(content), 0, 10, len(content))[:2] == ((3 << 20) + 1, 1)


@given(st.integers((1 << 20) - 40, (1 << 20) + 5))
def test_the_last_thread_header_is_found_also_where_two_blocks_meet(offset):
    header = b'{"record":"thread","id":"t"}\n'
    content = b"x" * (offset - 1) + b"\n" + header + b'{"text":"say \\"record\\":\\"thread\\""}\n'
    _, _, found = cut_lines(io.BytesIO(content), 0, len(content), len(content))
    assert found == Span(offset, offset + len(header))


def test_a_window_brings_the_thread_header_that_stands_before_it(tmp_path):
    path = tmp_path / "d.jsonl"
    header = b'{"record": "thread", "id": "t", "title": "NATO"}\n'
    path.write_bytes(header + b'{"text": "1234567890", "thread": "t", "quotes": []}\n' * 6)
    item = Input(str(path), "jsonl", path.stat().st_size, 0, "")
    shards = list(plan([item], how(100), lambda name: None))
    assert [bool(shard.header) for shard in shards] == [False, True, True, True]
    assert {(piece.start, piece.end) for shard in shards for piece in shard.header} == {(0, len(header))}
    done = {shard.name: receipt_of(shard) for shard in shards[:2]}
    again = list(plan([item], how(100), done.get))
    assert again == [*done.values(), *shards[2:]]


def receipt_of(shard):
    return Receipt(
        name=shard.name,
        comments=1,
        bad=0,
        bytes=1,
        read=shard.bytes,
        end=shard.pieces[-1].end or 0,
        lines=shard.lines,
        last_header=shard.last_header,
    )


def test_small_files_share_a_shard_and_long_ones_are_cut(tmp_path):
    path = tmp_path / "long.jsonl"
    path.write_bytes(b'{"text": "x"}\n' * 20)
    small = [Input(f"{k}.xml", "xml", 40, 0, "") for k in range(5)]
    long = Input(str(path), "jsonl", 280, 0, "")
    shards = [item for item in plan([*small, long, *small[:1]], how(100), lambda name: None) if isinstance(item, Shard)]
    assert names(shards) == ["000000", "000001", "000002", "000003", "000004", "000005", "000006"]
    assert [len(shard.pieces) for shard in shards] == [2, 2, 1, 1, 1, 1, 1]
    assert [shard.pieces[0].first_line for shard in shards[3:6]] == [1, 9, 17]


def test_a_long_sequence_is_one_task_for_a_worker_or_handed_out_in_parts():
    item = Input("a.zst", "jsonl", 1000, 0, "")
    comments = [Comment(text=str(k)) for k in range(7)]
    (whole,) = plan([item], how(cut=False, hand_out=False), lambda name: None)
    assert whole.stream
    parts = list(plan([item], how(cut=False, records=comments), lambda name: None))
    assert names(parts) == ["000000-000000", "000000-000001", "000000-000002"]
    assert [len(shard.records) for shard in parts] == [3, 3, 1]
    assert [shard.last for shard in parts] == [False, False, True]


def test_a_sequence_whose_receipts_are_all_there_is_not_read_again():
    item = Input("a.zst", "jsonl", 1000, 0, "")
    found = [Receipt(name=f"000000-{k:06d}", comments=1, bad=0, bytes=1, read=0, last=k == 2) for k in range(3)]
    done = {receipt.name: receipt for receipt in found}
    assert list(plan([item], how(cut=False, records=None), done.get)) == found


@given(st.lists(st.sampled_from("ctbs")), st.integers(1, 4), st.one_of(st.none(), st.integers(1, 5)))
def test_batches_keep_every_record_in_order_up_to_the_limit(kinds, size, limit):
    make = {
        "c": lambda k: Comment(text=str(k), id=str(k)),
        "t": lambda k: Thread(id=str(k)),
        "b": lambda k: BadRecord(file="f", reason=str(k)),
        "s": lambda k: Skipped(reason=str(k)),
    }
    records = [make[kind](k) for k, kind in enumerate(kinds)]
    shards = list(batch(records, "n", size, limit))
    flat = [record for shard in shards for record in shard.records]
    comments = [record for record in records if type(record) is Comment]
    assert [record for record in flat if type(record) is Comment] == comments[: limit or len(comments)]
    if limit is None:
        assert flat == records
    assert [shard.last for shard in shards] == [False] * (len(shards) - 1) + [True]
    assert all(sum(type(record) is Comment for record in shard.records) <= size for shard in shards)


def test_a_batch_opens_with_the_header_of_its_comments_thread():
    head = Thread(id="t", title="NATO")
    comments = [Comment(text=str(k), thread="t") for k in range(4)]
    shards = list(batch([head, *comments], "n", 2))
    assert [shard.records for shard in shards] == [(head, *comments[:2]), (head, *comments[2:])]


def test_the_context_is_bounded():
    context = Context()
    for k in range(5000):
        context.add(Thread(id=str(k), article="x" * 10_000))
    assert "4999" in context.threads
    assert len(context.threads) <= 4096
    assert sum(len(thread.article or "") for thread in context.threads.values()) <= 32 << 20


def test_a_thread_that_holds_its_comments_is_divided():
    comments = (Comment(text="a", thread="t"), Comment(text="b", thread="t"))
    records = list(divide(iter([Thread(id="t", title="T", comments=comments)])))
    assert records == [Thread(id="t", title="T"), *comments]
