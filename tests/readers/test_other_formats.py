"""XML, mail, web pages and tables, each on fixtures of its own."""

import contextlib
import io
import time

import pytest

from moderation.errors import FormatError, InputError, ModerationError
from moderation.readers import ReadOptions, read, sniff
from moderation.records import Thread

from .gathering import DATA, Gathered


def test_disqus_keeps_missing_threads_and_parents():
    found = Gathered(DATA / "disqus/export.xml")
    assert found.threads == [
        Thread(id="10", title="Cranes & gulls", url="https://harbour.example/cranes"),
        Thread(id="11"),
    ]
    assert found.table == [("100", None, "Fay"), ("101", "100", "gus"), ("104", "102", "Hal")]
    assert found.texts[0] == "They are loud.\n\nSee x & y"
    assert found.quoted()[1] == ["They are loud."]
    assert [comment.thread for comment in found.comments] == ["10", "10", "99"]
    assert found.skipped == {"deleted": 1, "spam": 1}


def test_wordpress_export_with_its_odd_cases():
    found = Gathered(DATA / "wordpress/export.xml")
    assert found.threads == [
        Thread(id="2", title="Apples & pears", article="We pick.\n\nWe press.", url="https://orchard.example/?p=2"),
        Thread(id="https://orchard.example/?p=3", title="Plums", url="https://orchard.example/?p=3"),
    ]
    assert found.table == [("20", None, "Ines"), ("21", "20", "Jo"), ("20", None, "Kai")]
    assert found.texts == ["One.\n\nTwo bold\nthree", "It isn't", "Blue ones."]
    assert [comment.time for comment in found.comments] == ["2016-09-01T10:00:00Z", None, "2016-09-02T10:00:00Z"]
    assert found.skipped == {"system": 1, "spam": 1}
    assert not found.bad


def test_wordpress_comments_outside_any_item_are_read():
    comment = "<wp:comment><wp:comment_id>{}</wp:comment_id><wp:comment_content>Hm.</wp:comment_content></wp:comment>"
    alone = comment.format(1).replace("<wp:comment>", '<wp:comment xmlns:wp="http://wordpress.org/export/1.2/">', 1)
    assert Gathered(alone.encode(), "wordpress").table == [("1", None, None)]
    item = f"<item><wp:post_id>9</wp:post_id>{comment.format(3)}</item>"
    whole = f'<rss xmlns:wp="http://wordpress.org/export/1.2/"><channel>{comment.format(2)}{item}</channel></rss>'
    assert [(found.id, found.thread) for found in Gathered(whole.encode()).comments] == [("2", ""), ("3", "9")]


def test_wordpress_rest():
    found = Gathered(DATA / "wordpress/rest.json")
    assert found.table == [("7", None, "Lou"), ("8", "7", None)]
    assert found.texts == ["It’s fine.\nReally.", "one\n\ntwo"]
    assert found.comments[0].time == "2019-03-04T04:06:07Z"
    assert found.skipped == {"system": 1}


@pytest.mark.parametrize("name", ["disqus/export.xml", "wordpress/export.xml"])
def test_an_export_that_breaks_off_costs_its_last_record_only(name):
    data = (DATA / name).read_bytes()
    whole = Gathered(data)
    cut = Gathered(data[: data.rindex(b"<message>") + 12 if b"<message>" in data else data.rindex(b"Blue")])
    assert cut.texts[: len(whole.texts) - 1] == whole.texts[:-1]
    assert len(cut.bad) == 1
    assert "XML" in cut.bad[0].reason


def test_an_unfinished_cdata_section_costs_at_most_its_neighbour():
    post = "<post dsq:id='{0}'><message><![CDATA[text {0}{1}</message><isDeleted>false</isDeleted></post>"
    posts = "".join(post.format(number, "" if number == 2 else "]]>") for number in range(6))
    data = f"<disqus xmlns='http://disqus.com' xmlns:dsq='http://disqus.com/disqus-internals'>{posts}</disqus>"
    texts = [comment.text for comment in Gathered(data.encode()).comments]
    assert texts[:2] == ["text 0", "text 1"]
    assert texts[-2:] == ["text 4", "text 5"]


LAUGHS = (
    b'<?xml version="1.0"?><!-- harmless --><!DOCTYPE disqus [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    b'<disqus xmlns="http://disqus.com"><post><message>&b;</message></post></disqus>'
)
EXTERNAL = (
    b'<!DOCTYPE disqus [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    b'<disqus xmlns="http://disqus.com"><post><message>&x;</message></post></disqus>'
)


@pytest.mark.parametrize("data", [LAUGHS, EXTERNAL, LAUGHS.decode().encode("utf-16")])
def test_xml_with_a_doctype_is_refused(data):
    message = (
        "<stream>: this XML has a DOCTYPE, which can hide entities that read other files or fill the memory; "
        "remove the <!DOCTYPE …> if you trust the file"
    )
    with pytest.raises(FormatError) as error:
        Gathered(data, "disqus")
    assert str(error.value) == message


def test_the_word_doctype_in_a_comment_is_harmless():
    data = b'<disqus xmlns="http://disqus.com"><post><message>&amp;lt;!DOCTYPE html> is a tag</message></post></disqus>'
    assert Gathered(data).texts == ["<!DOCTYPE html> is a tag"]


def test_mbox_threads_quotes_and_charsets():
    found = Gathered(DATA / "mbox/list.mbox")
    assert found.threads == [Thread(id="m1@lists.example", title="Oars")]
    assert found.table == [
        ("m1@lists.example", None, "Ånn"),
        ("m2@lists.example", "m1@lists.example", "Bob"),
        ("m3@lists.example", "m2@lists.example", "cid@lists.example"),
    ]
    assert {comment.thread for comment in found.comments} == {"m1@lists.example"}
    assert found.texts[0] == "Ash or spruce? Café talk.\nFrom here on, the line was escaped by the mail program."
    assert found.quoted()[1] == ["> Ash or spruce?", "> Cafe talk."]
    assert found.texts[2] == "Only & HTML"
    assert [comment.time for comment in found.comments] == ["2005-01-03T09:00:00Z", "not a date", None]
    assert found.skipped == {"spam": 1}


def test_html_wordpress_list_with_nested_answers():
    found = Gathered(DATA / "html/wordpress.html")
    assert found.threads[0].title == "Wells"
    assert found.threads[0].article.startswith("The wells were dug in 1840")
    assert found.threads[0].url == "https://village.example/wells"
    assert found.table == [("31", None, "Rolf"), ("32", "31", "Tilde")]
    assert found.texts == ["Ours ran dry in ‘76.\n\nAsk anyone.", "Ask anyone.\n\nI did."]
    assert found.quoted()[1] == ["Ask anyone."]
    assert [comment.time for comment in found.comments] == ["May 1, 2019 at 9:00 am", "2019-05-01T08:00:00Z"]
    assert found.skipped == {"empty": 1}


def test_html_microdata():
    found = Gathered(DATA / "html/microdata.html")
    assert found.table == [("1", None, "Vera"), ("2", "1", "Walt")]
    assert found.texts == ["Which mill?", "The old one."]
    assert found.comments[0].time == "2020-04-01T12:00:00Z"
    assert found.threads[0].article.startswith("Owls nest")


def test_html_json_ld():
    found = Gathered(DATA / "html/linked.html")
    assert found.table == [("#1", None, "Xena"), ("#2", "#1", "Yuri")]
    assert found.texts == ["They swarm & sing.", "Mine don't."]


def test_html_comment_classes():
    found = Gathered(DATA / "html/generic.html")
    assert found.table == [("c1", None, "Zed"), ("c2", "c1", "Amy")]
    assert found.texts == ["Cut them.", "Never!"]
    assert found.threads[0].article.startswith("A long enough opening post")


def test_html_without_comments_is_a_page_for_the_segmenter():
    found = Gathered(b"<!doctype html><title>T</title><body><script>x</script><p>One.</p><p>Two.</p></body>")
    assert found.threads == [Thread(title="T", text="One.\n\nTwo.")]


def test_html_without_text_says_why():
    with pytest.raises(FormatError) as error:
        Gathered(b"<!doctype html><body><script>load()</script></body>")
    assert (
        str(error.value)
        == "<stream>: the page holds no text; its comments may be loaded by a script; save what you see"
    )


def test_csv_guesses_delimiter_and_columns():
    found = Gathered(DATA / "csv/semicolons.csv", options=ReadOptions(keep=("Likes",)))
    assert found.table == [("1", None, "Åse"), ("2", "1", "Bo"), ("5", "77", "Di")]
    assert found.texts[0] == 'Two lines,\nand a "quotation".'
    assert found.comments[0].extra == {"Likes": "4"}
    assert found.skipped == {"empty": 1, "duplicate id": 1}
    assert [bad.reason for bad in found.bad] == [
        "the row has 8 cells and the header 6",
        "the row has only 1 cells and none for the text",
    ]


@pytest.mark.parametrize("mark", ['2,"never closed', '2,a "b" and "c\n', '"2,x'])
def test_csv_loses_one_line_to_a_quotation_mark_that_never_closes(mark):
    lines = ["id,text", "1,first", mark.rstrip(), *[f"{number},comment {number}" for number in range(3, 50)]]
    found = Gathered("\n".join(lines).encode(), "csv")
    kept = [text for text in found.texts if "\n" in text or text.startswith("comment")]
    assert kept == [f"comment {number}" for number in range(3, 50)]
    if mark.startswith("2,a"):  # quotation marks inside an unquoted cell are words
        assert found.bad == []
    else:
        assert [(bad.line, bad.reason, bad.raw) for bad in found.bad] == [
            (3, "the quotation mark never closes", mark.rstrip())
        ]


def test_csv_bad_rows_tell_the_line_they_begin_in():
    found = Gathered(b'id,text\n1,"two\nlines"\n2\n3,x,y\n4,fine\n', "csv")
    assert found.texts == ["two\nlines", "fine"]
    assert [(bad.line, bad.reason) for bad in found.bad] == [
        (4, "the row has only 1 cells and none for the text"),
        (5, "the row has 3 cells and the header 2"),
    ]


def test_csv_saved_by_a_spreadsheet_in_windows_1252_keeps_its_letters():
    found = Gathered("id,text\n1,café – “naïve”\n".encode("cp1252") + "2,naïve\n".encode(), "csv")
    assert found.texts == ["café – “naïve”", "naïve"]


def test_a_table_of_texts_alone_needs_no_second_column(tmp_path):
    path = tmp_path / "texts.csv"
    path.write_text('text\nFirst.\n"Second, with a comma."\n', encoding="utf-8")
    assert sniff(path) == "csv"
    assert Gathered(path).texts == ["First.", "Second, with a comma."]


def test_csv_follows_a_line_that_names_the_separator():
    found = Gathered(b'\xef\xbb\xbfsep=;\r\nid;Author;Text\r\n1;Ann;"Fine, really; yes"\r\n2;Bob;No;way\r\n')
    assert found.table == [("1", None, "Ann")]
    assert found.texts == ["Fine, really; yes"]
    assert [(bad.line, bad.reason) for bad in found.bad] == [(4, "the row has 4 cells and the header 3")]


def test_csv_with_byte_order_mark_and_zero_characters():
    found = Gathered(DATA / "csv/bom.tsv")
    assert found.table == [("1", None, "Eva"), ("2", None, "Fin")]
    assert found.texts == ["With a BOM and tabs.", "NUL inside."]


def test_csv_columns_can_be_named():
    data = b"nr,Kommentar,wer\n1,Guten Tag,Uwe\n"
    options = ReadOptions(text_column="Kommentar", id_column="nr", author_column="wer")
    assert Gathered(data, "csv", options).table == [("1", None, "Uwe")]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ReadOptions(text_column="Text"),
            '<stream>: there is no column "Text"; the columns are: nr, Kommentar',
        ),
        (
            ReadOptions(),
            "<stream>: no column has the name of a comment's text; the columns are: nr, Kommentar; name it with --text-column",
        ),
    ],
)
def test_csv_says_which_columns_there_are(options, message):
    with pytest.raises(FormatError) as error:
        Gathered(b"nr,Kommentar\n1,Hallo\n", "csv", options)
    assert str(error.value) == message


def test_json_arrays_and_objects_around_them():
    found = Gathered(DATA / "json/comments.json")
    assert found.threads == [Thread(id="page-9", title="Market day", url="https://town.example/market")]
    assert [(comment.id, comment.thread, comment.time) for comment in found.comments] == [
        ("1", "page-9", "2023-11-04T09:15:00"),
        ("2", "page-9", "2023-11-04T09:20:00"),
    ]
    assert [bad.reason for bad in found.bad] == [
        "no field looks like a comment's text among its fields (_why); name it with --text-column",
        "an item of the array is not an object",
    ]
    assert Gathered(DATA / "json/array.json").table == [("k1", None, "per"), ("k2", "k1", "siv")]


def test_json_that_breaks_off_says_where_and_keeps_what_came_before():
    data = b'[{"id": 1, "text": "a"}, {"id": 2, "text": "b'
    records = read(io.BytesIO(data), "json")
    assert next(records).text == "a"
    with pytest.raises(FormatError) as error:
        next(records)
    assert str(error.value) == (
        "<stream>: the JSON breaks off at character 43: Unterminated string starting at; what came before it was read"
    )


def test_json_nested_too_deeply_is_one_error():
    with pytest.raises(FormatError, match="it is nested too deeply"):
        Gathered(b'[{"text": ' + b"[" * 200_000, "json")


def test_jsonl_of_another_program():
    found = Gathered(DATA / "jsonl/comments.jsonl")
    assert found.table == [("1", None, "Ida"), ("2", "1", "Jon"), ("3", None, "Kim"), ("7", "99", None)]
    assert found.comments[0].time == "2024-05-01T08:00:00Z"
    assert found.quoted()[1] == ["> First here."]
    assert found.texts[2] == "ok \ufffd"
    assert found.skipped == {"duplicate id": 1, "empty": 1, "deleted": 1}
    assert [(bad.line, bad.byte) for bad in found.bad] == [(4, 462), (7, 612)]
    assert found.bad[0].reason == "the line is not JSON: Expecting value at column 1"
    assert found.bad[0].raw == "this line is not JSON and costs only itself"


def test_jsonl_threads_with_their_comments_inside():
    found = Gathered(DATA / "jsonl/threads.jsonl")
    assert found.threads == [
        Thread(id="x1", title="Ferry", article="It sails again.\nTwice a day."),
        Thread(id="x2", title="Tunnel"),
    ]
    assert [(comment.thread, comment.id, comment.parent) for comment in found.comments] == [
        ("x1", "1", None),
        ("x1", "2", "1"),
        ("x2", "1", None),
    ]


def test_jsonl_line_over_the_limit_is_bad_and_the_next_is_read():
    data = b'{"text": "' + b"x" * 5000 + b'"}\n{"text": "short"}\n'
    found = Gathered(data, "jsonl", ReadOptions(max_line=1 << 10))
    assert found.texts == ["short"]
    assert found.bad[0].reason == "the line is longer than 1 kB"
    assert found.bad[0].line == 1


def test_text_page_is_one_undivided_thread():
    path = DATA / "text/pasted_with_noise.txt"
    assert Gathered(path).records == [Thread(id="pasted_with_noise", text=path.read_text(encoding="utf-8"))]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "<stream>: it is empty; give a page of text, or name the format with --format"),
        (b" \n\n", "<stream>: it is empty; give a page of text, or name the format with --format"),
        (b"%PDF-1.7 x", "<stream>: it is a PDF file; give a page of text, or name the format with --format"),
        (b"abc\0def", "<stream>: it is binary: byte 3 is zero; give a page of text, or name the format with --format"),
        (
            b"caf\xe9 noir",
            "<stream>: this is not UTF-8 text: byte 3 (0xe9) cannot be decoded; save it as UTF-8, for example: "
            "iconv -f WINDOWS-1252 -t UTF-8 page.txt > page-utf8.txt",
        ),
        (
            b"\xef\xbb\xbfcaf\xe9",
            "<stream>: this is not UTF-8 text: byte 6 (0xe9) cannot be decoded; save it as UTF-8, for example: "
            "iconv -f WINDOWS-1252 -t UTF-8 page.txt > page-utf8.txt",
        ),
        (
            b"x" * 2000,
            "<stream>: a page of more than 1 kB is not one comment thread; split it, or name its format with --format if it is a dump",
        ),
    ],
)
def test_text_refuses_what_is_no_page(data, message):
    with pytest.raises(InputError) as error:
        Gathered(data, "text", ReadOptions(max_page=1024))
    assert str(error.value) == message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_encodings_with_byte_order_marks(encoding):
    assert Gathered("Grüße 🚲".encode(encoding), "text").threads[0].text == "Grüße 🚲"


DISQUS = b'<disqus xmlns="http://disqus.com">'
HOSTILE = {
    "unfinished comments before the first element": ("disqus", b"<!--x" * 100_000),
    "deep elements": ("disqus", DISQUS + b"<a>" * 100_000),
    "unfinished CDATA sections": ("disqus", DISQUS + b"<post><message><![CDATA[" * 20_000),
    "encoded words": ("mbox", b"From a b\nSubject: " + b"=?utf-8?q?a?= " * 50_000 + b"\n\nx"),
    "parameters": ("mbox", b"From a b\nContent-Type: text/plain" + b"; a=b" * 50_000 + b"\n\nx"),
    "nested containers": ("html", b"<!doctype html>" + b"<div class=comment>x" * 20_000),
    "deep then many": ("html", b"<!doctype html>" + b"<div>" * 1900 + b"<p class=comment>x</p>" * 10_000),
    "many attributes": (
        "html",
        b"<!doctype html><p " + b" ".join(b"a%d=1" % number for number in range(50_000)) + b">x",
    ),
    "many attributes in a comment": (
        "disqus",
        DISQUS + b"<post><message>&lt;p " + b"a=1 b=2 " * 20_000 + b">x</message></post></disqus>",
    ),
    "scripts": ("html", b"<!doctype html>" + b"<script " * 100_000),
    "nested articles": ("html", b"<!doctype html>" + b"<article><p>x" * 1500 + b"<p>y</p>" * 10_000),
    "open brackets": ("json", b"[" * 300_000),
    "an endless number": ("json", b"[" + b"1" * 500_000),
    "backslashes": ("json", b'["' + b'\\"' * 300_000),
    "a quotation mark that never closes": ("csv", b'id,text\n1,"' + b"x\n" * 200_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_take_no_more_than_linear_time(name):
    format, data = HOSTILE[name]
    began = time.process_time()
    with contextlib.suppress(ModerationError):
        Gathered(data, format)
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    "content",
    [
        b'{"comments":[{"id":1,"text":"top","replies":[{"id":2,"text":"child"}]},null,{"id":3,"text":"last"}]}',
        b'{"comments":[\n{"id":1,"text":"top","replies":[{"id":2,"text":"child"}]},\n{"id":3,"text":"last"}]}',
        b'[{"id":1,"text":"top","children":[{"id":2,"text":"child"}]},{"id":3,"text":"last"}]',
        b'{"id":1,"text":"top","replies":[{"id":2,"text":"child"}]}\n{"id":3,"text":"last"}\n',
    ],
)
def test_replies_are_read_where_they_stand_in_their_parent_however_the_file_is_laid_out(content):
    found = Gathered(content)
    assert found.table == [("1", None, None), ("2", "1", None), ("3", None, None)]
    assert found.bad == []


def test_a_null_among_comments_is_counted_and_the_rest_is_read():
    found = Gathered(b'{"comments":[{"id":1,"text":"a"},null,{"id":2,"text":"b"}]}')
    assert found.texts == ["a", "b"]
    assert found.skipped == {"no comment object": 1}


def test_objects_that_follow_each_other_over_several_lines_are_all_read():
    found = Gathered(b'{"id":1,\n"text":"a"}\n{"id":2,\n"text":"b"}\n{"id":3,\n"text":"c"}\n')
    assert found.texts == ["a", "b", "c"]


def test_rows_with_titles_and_no_thread_are_threads_by_their_titles():
    found = Gathered(b"title,text\nWind farms,One.\nVaccination,Two.\nWind farms,Three.\n", "csv")
    assert [thread.title for thread in found.threads] == ["Wind farms", "Vaccination"]
    assert [comment.thread for comment in found.comments] == ["Wind farms", "Vaccination", "Wind farms"]


@pytest.mark.parametrize("mark", ["TRUE", "True", "yes", "1"])
def test_a_deleted_mark_of_any_spelling_skips_the_row(mark):
    found = Gathered(f"id,text,is_deleted\n1,gone,{mark}\n2,here,FALSE\n".encode(), "csv")
    assert found.texts == ["here"]
    assert found.skipped == {"deleted": 1}


def test_a_row_of_buttons_above_a_pasted_page_is_no_table_header():
    page = b"Like | Comment | Share\nIda Berg\nThat is a shame.\nBo Lund\nNo need for that.\n"
    assert sniff(io.BytesIO(page)) == "text"


def test_a_named_text_column_makes_a_table(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("Nr;Kommentar;likes\n1;Hallo;3\n", encoding="utf-8")
    found = Gathered(path, options=ReadOptions(text_column="Kommentar"))
    assert found.texts == ["Hallo"]
