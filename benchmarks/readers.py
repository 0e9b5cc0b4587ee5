"""Readers against the script one would write instead: synthetic dumps of a million comments, records a second, peak memory.

    python benchmarks/readers.py                    all formats, 1,000,000 comments each
    python benchmarks/readers.py --comments 20000 --formats reddit,csv --json

The naive side loads the dump with json, ElementTree, csv or sqlite3 and keeps the id, parent, author, time and text of each comment in a
list, as scripts do; it neither cleans markup nor finds quotes, skips, duplicates or thread headers. Both sides read the same file in
processes of their own, one after the other; peak memory is the process's, less that of the interpreter with its imports.
"""

import argparse
import csv
import itertools
import json
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree
from xml.sax.saxutils import escape

FILES = {
    "reddit": "comments.ndjson.zst",
    "disqus": "disqus.xml",
    "wordpress": "export.xml",
    "csv": "comments.csv",
    "jsonl": "comments.jsonl",
    "isso": "comments.db",
    "json": "comments.json",
}
WORDS = [
    "the",
    "of",
    "and",
    "to",
    "in",
    "a",
    "is",
    "that",
    "it",
    "was",
    "for",
    "on",
    "are",
    "as",
    "with",
    "they",
    "be",
    "at",
    "one",
    "have",
    "this",
    "from",
    "or",
    "had",
    "by",
    "not",
    "but",
    "what",
    "all",
    "were",
    "when",
    "we",
    "there",
    "can",
    "an",
    "your",
    "which",
    "their",
    "said",
    "if",
    "do",
    "will",
    "each",
    "about",
    "how",
    "up",
    "out",
    "them",
    "then",
    "she",
    "many",
    "some",
    "so",
    "these",
    "would",
    "other",
    "into",
    "has",
    "more",
    "her",
    "two",
    "like",
    "him",
    "see",
    "time",
    "could",
    "no",
    "make",
    "than",
    "first",
    "been",
    "its",
    "who",
    "now",
    "people",
    "my",
    "made",
    "over",
    "did",
    "down",
    "only",
    "way",
    "find",
    "use",
    "may",
    "water",
    "long",
    "little",
    "very",
    "after",
    "words",
    "called",
    "just",
    "where",
    "most",
    "know",
    "get",
    "through",
    "back",
    "much",
    "before",
    "go",
    "good",
    "new",
    "write",
    "our",
    "used",
    "me",
    "man",
]
THREAD_SIZE = 200


def make_comments(count: int) -> Iterator[dict[str, str]]:
    """Comments of 1 to 90 words in threads of 200; every fifth quotes, every hundredth is deleted."""
    random.seed(7)
    texts = []
    for _ in range(4000):
        words = random.choices(WORDS, k=min(90, 1 + int(random.expovariate(1 / 45))))
        texts.append(" ".join(words).capitalize() + ".")
    for number in range(count):
        first = number - number % THREAD_SIZE
        yield {
            "id": str(number + 1),
            "thread": str(number // THREAD_SIZE + 1),
            "parent": str(random.randint(first, number - 1) + 1) if number > first and random.random() < 0.6 else "",
            "author": f"user{random.randrange(50_000)}",
            "time": str(1_600_000_000 + number),
            "text": f"{texts[random.randrange(4000)]} {number}",
            "quote": texts[random.randrange(4000)] if number % 5 == 0 else "",
            "deleted": "yes" if number % 100 == 99 else "",
        }


def iso(stamp: str) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(int(stamp)))


def html_of(row: dict[str, str]) -> str:
    quote = f"<blockquote>{escape(row['quote'])}</blockquote>" if row["quote"] else ""
    return f"{quote}<p>{escape(row['text'])} It&#8217;s <b>so</b>.</p>"


def make_reddit(path: Path, count: int) -> None:
    import zstandard

    # the long window is what the real monthly dumps are packed with
    parameters = zstandard.ZstdCompressionParameters.from_level(3, window_log=27, enable_ldm=True)
    with (
        path.open("wb") as stream,
        zstandard.ZstdCompressor(compression_params=parameters).stream_writer(stream) as packed,
    ):
        for row in make_comments(count):
            body = f"&gt; {row['quote']}\n\n{row['text']}" if row["quote"] else row["text"]
            line = {
                "author": row["author"],
                "author_flair_text": None,
                "body": "[deleted]" if row["deleted"] else body,
                "controversiality": 0,
                "created_utc": int(row["time"]),
                "gilded": 0,
                "id": "c" + row["id"],
                "link_id": "t3_s" + row["thread"],
                "parent_id": f"t1_c{row['parent']}" if row["parent"] else f"t3_s{row['thread']}",
                "retrieved_on": int(row["time"]) + 9,
                "score": 1,
                "stickied": False,
                "subreddit": "synthetic",
                "subreddit_id": "t5_abc",
            }
            packed.write(json.dumps(line).encode() + b"\n")


def make_disqus(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8") as out:
        out.write(
            '<?xml version="1.0"?><disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">\n'
        )
        for thread in range(count // THREAD_SIZE + 1):
            out.write(f'<thread dsq:id="{thread + 1}"><id>/p/{thread}</id><link>http://x.example/{thread}</link>')
            out.write(f"<title>Page {thread}</title></thread>\n")
        for row in make_comments(count):
            parent = f'<parent dsq:id="{row["parent"]}"/>' if row["parent"] else ""
            out.write(
                f'<post dsq:id="{row["id"]}"><id/><message><![CDATA[{html_of(row)}]]></message>'
                f"<createdAt>{iso(row['time']).replace(' ', 'T')}Z</createdAt>"
                f"<isDeleted>{'true' if row['deleted'] else 'false'}</isDeleted><isSpam>false</isSpam>"
                f"<author><name>{row['author']}</name><isAnonymous>false</isAnonymous><username>{row['author']}</username></author>"
                f'<thread dsq:id="{row["thread"]}"/>{parent}</post>\n'
            )
        out.write("</disqus>\n")


def make_wordpress(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8") as out:
        out.write(
            '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        )
        out.write(' xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>Blog</title>\n')
        for thread, rows in itertools.groupby(make_comments(count), key=lambda row: row["thread"]):
            out.write(f"<item><title>Post {thread}</title><link>http://x.example/?p={thread}</link>")
            out.write(
                f"<content:encoded><![CDATA[<p>Words of {thread}.</p>]]></content:encoded><wp:post_id>{thread}</wp:post_id>\n"
            )
            for row in rows:
                out.write(
                    f"<wp:comment><wp:comment_id>{row['id']}</wp:comment_id><wp:comment_author>{row['author']}</wp:comment_author>"
                    f"<wp:comment_author_email>a@x.example</wp:comment_author_email><wp:comment_date_gmt>{iso(row['time'])}"
                    f"</wp:comment_date_gmt><wp:comment_content><![CDATA[{html_of(row)}]]></wp:comment_content>"
                    f"<wp:comment_approved>{'trash' if row['deleted'] else '1'}</wp:comment_approved><wp:comment_type></wp:comment_type>"
                    f"<wp:comment_parent>{row['parent'] or 0}</wp:comment_parent></wp:comment>\n"
                )
            out.write("</item>\n")
        out.write("</channel></rss>\n")


def plain(row: dict[str, str]) -> dict[str, str]:
    text = f"> {row['quote']}\n{row['text']}" if row["quote"] else row["text"]
    fields = {key: row[key] for key in ("id", "thread", "parent", "author", "time")}
    return {**fields, "text": "" if row["deleted"] else text, "likes": "3", "language": "en"}


def make_csv(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        rows = map(plain, make_comments(count))
        first = next(rows)
        writer = csv.DictWriter(out, list(first))
        writer.writeheader()
        writer.writerow(first)
        writer.writerows(rows)


def make_jsonl(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8") as out:
        for row in make_comments(count):
            out.write(json.dumps({**plain(row), "parent": row["parent"] or None, "time": int(row["time"])}) + "\n")


def make_json(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8") as out:
        for number, row in enumerate(make_comments(count)):
            out.write(("[" if not number else ",\n") + json.dumps(plain(row)))
        out.write("]\n")


def make_isso(path: Path, count: int) -> None:
    base = sqlite3.connect(path)
    base.execute("CREATE TABLE threads (id INTEGER PRIMARY KEY, uri VARCHAR(256) UNIQUE, title VARCHAR(256))")
    base.execute(
        "CREATE TABLE comments (tid REFERENCES threads(id), id INTEGER PRIMARY KEY, parent INTEGER, created FLOAT NOT NULL, "
        "modified FLOAT, mode INTEGER, remote_addr VARCHAR, text VARCHAR NOT NULL, author VARCHAR, email VARCHAR, website VARCHAR, "
        "likes INTEGER DEFAULT 0, dislikes INTEGER DEFAULT 0, voters BLOB NOT NULL, notification INTEGER DEFAULT 0)"
    )
    threads = ((number + 1, f"/{number}", f"Page {number}") for number in range(count // THREAD_SIZE + 1))
    base.executemany("INSERT INTO threads VALUES (?, ?, ?)", threads)
    rows = (
        (
            int(row["thread"]),
            int(row["id"]),
            int(row["parent"]) if row["parent"] else None,
            float(row["time"]),
            4 if row["deleted"] else 1,
            f"> {row['quote']}\n\n{row['text']}" if row["quote"] else row["text"],
            row["author"],
            bytes(256),
        )
        for row in make_comments(count)
    )
    base.executemany(
        "INSERT INTO comments (tid, id, parent, created, mode, text, author, voters) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
    base.commit()
    base.close()


MAKERS = {
    "reddit": make_reddit,
    "disqus": make_disqus,
    "wordpress": make_wordpress,
    "csv": make_csv,
    "jsonl": make_jsonl,
    "isso": make_isso,
    "json": make_json,
}


def read_naively(format: str, path: Path) -> int:
    """What a script would do; returns the number of comments that it now holds."""
    keep = ("id", "parent", "author", "time", "text")
    if format == "reddit":
        import io

        import zstandard

        with (
            path.open("rb") as stream,
            zstandard.ZstdDecompressor(max_window_size=1 << 31).stream_reader(stream) as unpacked,
        ):
            names = ("id", "parent_id", "author", "created_utc", "body")
            rows = [tuple(json.loads(line)[name] for name in names) for line in io.TextIOWrapper(unpacked, "utf-8")]
    elif format == "jsonl":
        with path.open(encoding="utf-8") as lines:
            rows = [tuple(json.loads(line)[name] for name in keep) for line in lines]
    elif format == "json":
        rows = [tuple(row[name] for name in keep) for row in json.loads(path.read_text(encoding="utf-8"))]
    elif format == "csv":
        with path.open(encoding="utf-8", newline="") as lines:
            rows = [tuple(row[name] for name in keep) for row in csv.DictReader(lines)]
    elif format == "isso":
        rows = sqlite3.connect(path).execute("SELECT id, parent, author, created, text FROM comments").fetchall()
    elif format == "disqus":
        ns, own = "{http://disqus.com}", "{http://disqus.com/disqus-internals}id"
        rows = []
        for post in ElementTree.parse(path).getroot().iter(f"{ns}post"):
            parent = post.find(f"{ns}parent")
            author = post.findtext(f"{ns}author/{ns}name")
            text = post.findtext(f"{ns}message")
            rows.append(
                (
                    post.get(own),
                    parent.get(own) if parent is not None else None,
                    author,
                    post.findtext(f"{ns}createdAt"),
                    text,
                )
            )
    else:
        wp = "{http://wordpress.org/export/1.2/}comment"
        names = ("id", "parent", "author", "date_gmt", "content")
        comments = ElementTree.parse(path).getroot().iter(wp)
        rows = [tuple(comment.findtext(f"{wp}_{name}") for name in names) for comment in comments]
    return len(rows)


def read_ours(format: str, path: Path) -> int:
    from moderation.readers import read
    from moderation.records import Comment, Skipped

    return sum(isinstance(record, Comment | Skipped) for record in read(path))


def peak_memory() -> int:
    """The process's high-water mark in kB. From /proc, for what getrusage says begins with the parent's memory."""
    return next(
        int(line.split()[1]) for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")
    )


def measure(side: str, format: str, path: Path) -> dict[str, float]:
    """In this process: seconds, records, peak MB beyond the start."""
    if side == "ours":
        import lxml.etree

        import moderation.readers

        assert lxml.etree
        assert moderation.readers.FORMATS[format]
    before = peak_memory()
    began, cpu = time.perf_counter(), time.process_time()
    records = (read_ours if side == "ours" else read_naively)(format, path)
    seconds, busy = time.perf_counter() - began, time.process_time() - cpu
    peak = peak_memory() - before
    return {"records": records, "seconds": seconds, "cpu": busy, "peak_mb": peak / 1024}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--comments", type=int, default=1_000_000)
    parser.add_argument("--formats", default=",".join(FILES))
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--folder", type=Path, help="where to put the dumps (4 GB for a million); a temporary one without it"
    )
    parser.add_argument("--side", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.side:
        print(json.dumps(measure(arguments.side, arguments.formats, arguments.folder)))
        return
    with tempfile.TemporaryDirectory() as made:
        folder = arguments.folder or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        results = [
            compare(format, folder / FILES[format], arguments.comments) for format in arguments.formats.split(",")
        ]
    if arguments.json:
        print(json.dumps(results, indent=1))
        return
    print("| format | MB | ours, records/s of CPU | naive | ours, peak MB | naive |\n|---|---|---|---|---|---|")
    for row in results:
        ours, naive = row["ours"], row["naive"]
        speeds = [f"{side['records'] / side['cpu']:,.0f}" for side in (ours, naive)]
        print(
            f"| {row['format']} | {row['mb']:.0f} | {speeds[0]} | {speeds[1]} | {ours['peak_mb']:.0f} | {naive['peak_mb']:.0f} |"
        )


def compare(format: str, path: Path, count: int) -> dict:
    MAKERS[format](path, count)
    row: dict = {"format": format, "mb": path.stat().st_size / 1e6}
    for side in ("ours", "naive"):
        command = [sys.executable, __file__, "--side", side, "--formats", format, "--folder", str(path)]
        row[side] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert row["ours"]["records"] == row["naive"]["records"], row
    path.unlink()
    return row


if __name__ == "__main__":
    main()
