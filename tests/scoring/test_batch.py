"""Batch runs through the library: the same bytes however they are done, resumed, refused, quarantined."""

import csv
import gzip
import io
import json
import threading
from pathlib import Path

import lxml.html
import msgspec
import pytest
from dumps import make_records, snapshot, write_dump

from moderation.errors import InputError, ModelError, ModerationError
from moderation.readers import ReadOptions
from moderation.records import Comment, Score
from moderation.scoring import batch, engines
from moderation.scoring.batch import run
from moderation.scoring.classifier import load
from moderation.scoring.job import Job
from moderation.scoring.pseudonyms import pseudonym, read_key
from moderation.writers import Columns

SMALL = 100_000


def job(*inputs, output, **changes):
    settings = {"shard_bytes": SMALL, "shard_records": 500, "workers": 1, **changes}
    return Job(inputs=tuple(map(str, inputs)), output=Path(output), **settings)


def lines(path):
    return [json.loads(line) for line in Path(path).read_bytes().splitlines()]


@pytest.fixture(scope="module")
def reference(dump, tmp_path_factory):
    """The dump scored in one process."""
    output = tmp_path_factory.mktemp("reference") / "out.jsonl"
    summary = run(job(dump, output=output))
    assert (summary.state, summary.comments, summary.bad, summary.parts) == ("done", 3000, 0, summary.parts)
    assert summary.parts > 5
    return output.read_bytes()


def test_every_comment_gets_the_score_that_the_classifier_gives(reference):
    records = make_records(3000)
    classifier = load()
    comments = [
        Comment(text=item["text"], id=item["id"], thread=item["thread"], author=item["author"]) for item in records
    ]
    expected = classifier.score_many(comments)
    assert msgspec.json.Decoder(list[Score]).decode(b"[" + b",".join(reference.splitlines()) + b"]") == expected


@pytest.mark.parametrize(("engine", "workers"), [("local", 2), ("threads", 2)])
def test_two_workers_give_the_same_bytes(dump, reference, tmp_path, engine, workers):
    run(job(dump, output=tmp_path / "out.jsonl", engine=engine, workers=workers))
    assert (tmp_path / "out.jsonl").read_bytes() == reference
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.jsonl", "out.jsonl.manifest.json"]


@pytest.mark.parametrize("size", [30_000, 10_000_000])
def test_the_size_of_shards_does_not_show_in_a_single_file(dump, reference, tmp_path, size):
    run(job(dump, output=tmp_path / "out.jsonl", shard_bytes=size))
    assert (tmp_path / "out.jsonl").read_bytes() == reference


@pytest.mark.parametrize("workers", [1, 2])
def test_a_packed_file_gives_the_same_bytes(dump, reference, tmp_path, workers):
    packed = tmp_path / "in" / "dump.jsonl.gz"
    packed.parent.mkdir()
    packed.write_bytes(gzip.compress(dump.read_bytes()))
    run(job(packed, output=tmp_path / "out.jsonl", workers=workers, shard_bytes=50_000))
    assert (tmp_path / "out.jsonl").read_bytes() == reference


def test_many_packed_files_are_given_to_the_workers_whole(dump, reference, tmp_path):
    content = dump.read_bytes().splitlines(keepends=True)
    folder = tmp_path / "in"
    folder.mkdir()
    for k in range(4):
        (folder / f"{k}.jsonl.gz").write_bytes(gzip.compress(b"".join(content[750 * k : 750 * k + 750])))
    run(job(folder, output=tmp_path / "out", workers=2, shard_bytes=20_000))
    names = sorted(path.name for path in (tmp_path / "out").glob("part-*"))
    assert names[:3] == ["part-000000-000000.jsonl", "part-000000-000001.jsonl", "part-000001-000000.jsonl"]
    assert b"".join((tmp_path / "out" / name).read_bytes() for name in names) == reference


def test_a_folder_holds_parts_and_a_manifest_that_counts_them(dump, reference, tmp_path):
    run(job(dump, output=tmp_path / "out"))
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names[0] == "manifest.json"
    assert all(name.startswith("part-") for name in names[1:])
    assert b"".join((tmp_path / "out" / name).read_bytes() for name in names[1:]) == reference
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_bytes())
    assert manifest["state"] == "complete"
    assert [part["name"] for part in manifest["parts"]] == names[1:]
    assert sum(part["comments"] for part in manifest["parts"]) == manifest["totals"]["comments"] == 3000
    assert manifest["model"] == {"name": "default", "hash": load().hash}


@pytest.mark.parametrize("output", ["out.csv", "out"])
def test_csv_has_one_header_in_each_file(dump, tmp_path, output):
    run(job(dump, output=tmp_path / output, to="csv"))
    files = sorted((tmp_path / "out").glob("part-*")) if output == "out" else [tmp_path / output]
    rows = [row for path in files for row in csv.DictReader(io.StringIO(path.read_bytes().decode(), newline=""))]
    assert [row["id"] for row in rows] == [f"c{k}" for k in range(3000)]


def test_parquet_parts_are_joined_into_one_table(dump, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs the extra moderation[parquet]")
    run(job(dump, output=tmp_path / "out.parquet", to="parquet", workers=2))
    table = parquet.read_table(tmp_path / "out.parquet")
    assert table.column("id").to_pylist() == [f"c{k}" for k in range(3000)]


def test_the_report_of_many_parts_is_one_page_that_counts_them_all(dump, tmp_path):
    summary = run(job(dump, output=tmp_path / "out.html", to="html", workers=2))
    page = lxml.html.document_fromstring((tmp_path / "out.html").read_bytes())
    assert [card.get("id").split("%2F")[1] for card in page.findall(".//article")] == [f"c{k}" for k in range(3000)]
    counts = [value.text for value in page.findall(".//footer//dd")]
    assert counts[:2] == ["3,000", f"{summary.review:,}"]


class StopError(Exception):
    pass


def stop_after(parts):
    def watch(progress):
        if progress.parts >= parts:
            raise StopError

    return watch


def test_a_run_that_was_stopped_goes_on_and_leaves_the_same_files(dump, reference, tmp_path):
    run(job(dump, output=tmp_path / "whole" / "out"))
    for parts in (2, 4):
        with pytest.raises(StopError):
            run(job(dump, output=tmp_path / "cut" / "out"), stop_after(parts))
    assert json.loads((tmp_path / "cut" / "out" / "manifest.json").read_bytes())["state"] == "running"
    summary = run(job(dump, output=tmp_path / "cut" / "out"))
    assert summary.comments == 3000
    assert 0 < summary.fresh < 2500
    assert snapshot(tmp_path / "cut") == snapshot(tmp_path / "whole")


def test_a_finished_run_has_nothing_to_do_again(dump, tmp_path):
    run(job(dump, output=tmp_path / "out.jsonl"))
    before = (tmp_path / "out.jsonl").stat().st_mtime_ns
    summary = run(job(dump, output=tmp_path / "out.jsonl"))
    assert (summary.state, summary.comments, summary.fresh) == ("already done", 3000, 0)
    assert (tmp_path / "out.jsonl").stat().st_mtime_ns == before


def test_a_finished_run_whose_part_is_gone_is_done_again(dump, reference, tmp_path):
    run(job(dump, output=tmp_path / "out"))
    next((tmp_path / "out").glob("part-*")).unlink()
    assert run(job(dump, output=tmp_path / "out")).state == "done"
    assert b"".join(path.read_bytes() for path in sorted((tmp_path / "out").glob("part-*"))) == reference


def test_a_receipt_without_its_part_does_not_count(dump, reference, tmp_path):
    with pytest.raises(StopError):
        run(job(dump, output=tmp_path / "out"), stop_after(3))
    part = sorted((tmp_path / "out").glob("part-*"))[1]
    part.write_bytes(part.read_bytes()[:-10])
    run(job(dump, output=tmp_path / "out"))
    assert b"".join(path.read_bytes() for path in sorted((tmp_path / "out").glob("part-*"))) == reference


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"limit": 7}, "no --limit, not --limit 7"),
        ({"columns": Columns(explain=True)}, "no --explain, not --explain"),
        ({"key": b"sixteen bytes or more"}, "no --pseudonymise, not --pseudonymise 91b3f01c9c5e1c95"),
        ({"reading": ReadOptions(text_column="body")}, "no --text-column, not --text-column body"),
    ],
)
def test_a_run_with_other_options_is_refused(dump, tmp_path, changes, told):
    output = tmp_path / "out.jsonl"
    with pytest.raises(StopError):
        run(job(dump, output=output), stop_after(2))
    with pytest.raises(ModerationError) as error:
        run(job(dump, output=output, **changes))
    assert str(error.value) == (
        f"{output}: this output was begun with {told}; give the same command as then, choose another -o, or begin again with --overwrite"
    )


def test_a_run_on_changed_input_is_refused_and_overwrite_begins_again(tmp_path):
    source, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    write_dump(source, 600)
    run(job(source, output=output))
    write_dump(source, 700)
    with pytest.raises(
        ModerationError, match=f"this output was begun with another content of {source}; give the same command"
    ):
        run(job(source, output=output))
    summary = run(job(source, output=output, overwrite=True))
    assert (summary.state, summary.comments, len(lines(output))) == ("done", 700, 700)


def test_a_file_of_someone_else_is_not_replaced(dump, tmp_path):
    output = tmp_path / "out.jsonl"
    output.write_text("mine")
    with pytest.raises(ModerationError) as error:
        run(job(dump, output=output))
    assert str(error.value) == (
        f"{output}: the file is there already, without a manifest of this program; choose another -o, or replace it with --overwrite"
    )
    assert output.read_text() == "mine"


def test_the_input_is_never_written_over(tmp_path):
    source = tmp_path / "in.jsonl"
    write_dump(source, 5)
    with pytest.raises(InputError) as error:
        run(job(source, output=source, overwrite=True))
    assert str(error.value) == f"{source}: the output would lie over this input; choose another -o"


def test_an_input_that_changes_during_the_run_is_told(tmp_path):
    source = tmp_path / "in.jsonl"
    write_dump(source, 1200)

    def grow(progress):
        with source.open("ab") as stream:
            stream.write(b'{"text": "late"}\n')

    with pytest.raises(InputError) as error:
        run(job(source, output=tmp_path / "out.jsonl"), grow)
    assert str(error.value) == (
        f"{source}: the file changed while it was being read; run again with --overwrite when it is at rest"
    )


def test_two_runs_cannot_write_the_same_output(dump, tmp_path):
    pytest.importorskip("fcntl", reason="files are not locked on this system")
    output = tmp_path / "out.jsonl"
    refusals = []

    def intrude(progress):
        if not refusals:
            with pytest.raises(ModerationError) as error:
                run(job(dump, output=output))
            refusals.append(str(error.value))

    run(job(dump, output=output), intrude)
    assert refusals == [f"{output}: another run is writing this output; wait for it, or stop it first"]


def test_corrupt_lines_are_kept_with_their_place_and_the_counts_add_up(tmp_path):
    source = tmp_path / "in.jsonl"
    spoilt = write_dump(source, 4000, bad=0.01)
    assert spoilt > 20
    summaries = [run(job(source, output=tmp_path / f"{workers}.jsonl", workers=workers)) for workers in (1, 2)]
    assert [(item.comments, item.bad) for item in summaries] == [(4000 - spoilt, spoilt)] * 2
    assert (tmp_path / "1.jsonl").read_bytes() == (tmp_path / "2.jsonl").read_bytes()
    kept = lines(tmp_path / "1.jsonl.quarantine.jsonl")
    assert len(kept) == spoilt
    content = source.read_bytes()
    for record in kept:
        assert record["file"] == str(source)
        assert content.count(b"\n", 0, record["byte"]) == record["line"] - 1
        assert content[record["byte"] - 1 : record["byte"]] in (b"\n", b"")
        assert record["reason"]
    assert (tmp_path / "2.jsonl.quarantine.jsonl").read_bytes() == (tmp_path / "1.jsonl.quarantine.jsonl").read_bytes()


def test_a_comment_that_the_model_fails_on_is_kept_and_the_others_are_scored(tmp_path, monkeypatch):
    source = tmp_path / "in.jsonl"
    write_dump(source, 40)
    plain = load()

    class Fragile:
        name, hash = "fragile", "0"

        def score_many(self, comments, **options):
            if any(comment.id == "c7" for comment in comments):
                raise ZeroDivisionError("seven")
            return plain.score_many(comments, **options)

    monkeypatch.setattr("moderation.scoring.classifier.load", lambda path=None: Fragile())
    summary = run(job(source, output=tmp_path / "out.jsonl"))
    assert (summary.comments, summary.bad) == (39, 1)
    (kept,) = lines(tmp_path / "out.jsonl.quarantine.jsonl")
    assert kept["reason"] == "comment c7 could not be scored (ZeroDivisionError: seven)"
    assert kept["raw"].startswith("7: ")


def test_a_file_that_no_reader_takes_does_not_stop_the_others(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    write_dump(folder / "a.jsonl", 10)
    (folder / "b.jsonl").write_bytes(b"\x00\x01\x02" * 100)
    (folder / "c.jsonl.gz").write_bytes(gzip.compress((folder / "a.jsonl").read_bytes())[:-30])
    write_dump(folder / "d.jsonl", 10, seed=2)
    summary = run(job(folder, output=tmp_path / "out.jsonl"))
    assert summary.comments >= 20
    reasons = {Path(record["file"]).name: record["reason"] for record in lines(tmp_path / "out.jsonl.quarantine.jsonl")}
    assert set(reasons) == {"b.jsonl", "c.jsonl.gz"}


def test_a_sole_input_that_is_empty_is_an_error(tmp_path):
    (tmp_path / "in.jsonl").touch()
    with pytest.raises(InputError, match="it is empty"):
        run(job(tmp_path / "in.jsonl", output=tmp_path / "out.jsonl"))
    assert not (tmp_path / "out.jsonl").exists()


def test_the_limit_counts_comments(dump, reference, tmp_path):
    run(job(dump, output=tmp_path / "out.jsonl", limit=777))
    assert (tmp_path / "out.jsonl").read_bytes().splitlines() == reference.splitlines()[:777]


def test_kept_fields_and_pseudonyms(dump, tmp_path):
    key = tmp_path / "key"
    key.write_text("0123456789abcdef\n")
    columns = Columns(keep=("likes",))
    run(
        job(
            dump,
            output=tmp_path / "out.jsonl",
            key=read_key(key),
            columns=columns,
            reading=ReadOptions(keep=("likes",)),
            limit=60,
        )
    )
    found = lines(tmp_path / "out.jsonl")
    assert [record["kept"] for record in found[:8]] == [{"likes": k % 7} for k in range(8)]
    assert found[0]["author"] == pseudonym("u0", b"0123456789abcdef") == "8be766f9fc8336b5e0222430e006275b"
    assert found[0]["author"] == found[50]["author"] != found[1]["author"]


def test_a_short_key_is_refused(tmp_path):
    (tmp_path / "key").write_text("secret\n")
    with pytest.raises(InputError) as error:
        read_key(tmp_path / "key")
    assert str(error.value) == (
        f"{tmp_path / 'key'}: the key has 6 bytes, and needs at least 16; make one with: openssl rand -hex 32 > KEYFILE"
    )


def test_raw_text_of_bad_records_is_not_kept_beside_pseudonyms(tmp_path):
    source = tmp_path / "in.jsonl"
    write_dump(source, 300, bad=0.05)
    run(job(source, output=tmp_path / "out.jsonl", key=b"0123456789abcdef"))
    assert {record["raw"] for record in lines(tmp_path / "out.jsonl.quarantine.jsonl")} == {""}


def test_a_thread_header_gives_its_stance_context_across_shards(tmp_path):
    source = tmp_path / "in.jsonl"
    target = load().targets[0]
    header = {"record": "thread", "id": "t", "title": f"What about {target}?"}
    comments = [
        {"text": f"Nothing but words, number {k}.", "thread": "t", "id": str(k), "quotes": []} for k in range(2000)
    ]
    source.write_text("\n".join(map(json.dumps, [header, *comments])) + "\n")
    run(job(source, output=tmp_path / "out.jsonl", shard_bytes=20_000, workers=2))
    found = lines(tmp_path / "out.jsonl")
    assert len(found) == 2000
    assert all(target in [item["target"] for item in record["stance"]] for record in found)


def test_pages_of_plain_text_are_segmented(tmp_path):
    page = Path(__file__).resolve().parents[2] / "examples" / "thread.txt"
    if not page.exists():
        pytest.skip("examples/thread.txt is not here")
    run(job(page, output=tmp_path / "out.jsonl"))
    text = page.read_text(encoding="utf-8")
    found = lines(tmp_path / "out.jsonl")
    assert len(found) > 3
    assert all(text[record["start"] : record["end"]] for record in found)


def test_a_model_that_changes_during_the_run_stops_it(dump, tmp_path, monkeypatch):
    monkeypatch.setattr(
        batch, "load_model", lambda *arguments: type("Other", (), {"name": "default", "hash": "f" * 64})
    )
    with pytest.raises(ModelError) as error:
        run(job(dump, output=tmp_path / "out.jsonl"))
    assert str(error.value) == (
        "the shipped model: the model is not the one this run began with; put it back, or begin again with --overwrite"
    )


def test_workers_that_die_again_and_again_end_the_run_with_advice(dump, tmp_path):
    class Deadly(engines.Pool):
        def __init__(self):
            super().__init__(lambda: self, lambda pool: None, 2, (engines.BrokenExecutor,))

        def submit(self, *arguments):
            future = engines.Future()
            future.set_exception(engines.BrokenExecutor("killed"))
            return future

    work = batch.instruct(job(dump, output=tmp_path), tmp_path, tmp_path, "", [], True)
    shards = batch.plan(
        batch.describe(job(dump, output=tmp_path))[0],
        batch.make_plan(job(dump, output=tmp_path), work, []),
        lambda name: None,
    )
    with pytest.raises(ModerationError) as error:
        list(engines.run_on(Deadly(), work, shards))
    assert str(error.value) == (
        f"{dump}: workers were killed 4 times in a row, perhaps because memory ran out; "
        "run the same command again, with --workers 1 if it goes on; finished parts are kept"
    )


def test_a_slow_reader_holds_the_work_back(dump, tmp_path):
    work = batch.instruct(job(dump, output=tmp_path), tmp_path, tmp_path, load().hash, [], True)
    drawn = []

    def shards():
        wanted = job(dump, output=tmp_path)
        for shard in batch.plan(batch.describe(wanted)[0], batch.make_plan(wanted, work, []), lambda name: None):
            drawn.append(shard)
            yield shard

    receipts = engines.run_on(engines.open_threads(1), work, shards())
    next(receipts)
    assert len(drawn) <= 3
    receipts.close()
    assert threading.active_count() < 20


def test_nothing_is_left_behind_but_the_output(dump, tmp_path):
    run(job(dump, output=tmp_path / "a.jsonl", workers=2))
    run(job(dump, output=tmp_path / "b"))
    assert list(tmp_path.rglob(".*")) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "a.jsonl.manifest.json", "b"]


def test_reddit_submissions_among_the_inputs_give_comments_their_stance_context(tmp_path):
    target = load().targets[0]
    comments = [
        {"id": f"c{k}", "link_id": "t3_s", "parent_id": "t3_s", "body": f"Words, words, {k}.", "author": "a"}
        for k in range(400)
    ]
    (tmp_path / "RC.jsonl").write_text("".join(json.dumps(item) + "\n" for item in comments))
    submission = {"id": "s", "title": f"About {target}", "selftext": "", "subreddit": "news"}
    (tmp_path / "RS.jsonl").write_text(json.dumps(submission) + "\n")
    run(job(tmp_path / "RC.jsonl", tmp_path / "RS.jsonl", output=tmp_path / "out.jsonl", shard_bytes=10_000, workers=2))
    found = lines(tmp_path / "out.jsonl")
    assert [record["id"] for record in found] == [f"c{k}" for k in range(400)]
    assert all(target in [item["target"] for item in record["stance"]] for record in found)
    (tmp_path / "RS.jsonl").write_text(json.dumps(submission | {"title": "No longer"}) + "\n")
    with pytest.raises(ModerationError, match=r"this output was begun with another content of .*RS\.jsonl"):
        run(job(tmp_path / "RC.jsonl", tmp_path / "RS.jsonl", output=tmp_path / "out.jsonl", shard_bytes=10_000))


@pytest.mark.parametrize("output", ["out", "out.jsonl"])
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_crash_while_the_files_are_finished_costs_nothing(dump, tmp_path, monkeypatch, output, moment):
    run(job(dump, output=tmp_path / "whole" / output))
    finish = batch.assembly.finish

    def fail(*arguments):
        if moment == "after":
            finish(*arguments)
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(batch.assembly, "finish", fail)
        with pytest.raises(ModerationError, match="the disk is full"):
            run(job(dump, output=tmp_path / "cut" / output))
    summary = run(job(dump, output=tmp_path / "cut" / output))
    assert (summary.state, summary.comments, summary.fresh) == ("done", 3000, 0)
    assert snapshot(tmp_path / "cut") == snapshot(tmp_path / "whole")


def test_what_a_finished_run_could_not_clear_away_is_cleared_by_the_next(dump, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(batch.assembly, "sweep", lambda layout: None)
        run(job(dump, output=tmp_path / "out.jsonl"))
    assert (tmp_path / "out.jsonl.unfinished").is_dir()
    assert run(job(dump, output=tmp_path / "out.jsonl")).state == "already done"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.jsonl", "out.jsonl.manifest.json"]
