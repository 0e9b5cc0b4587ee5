"""Markup to text and quote spans."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moderation.readers.html_text import _convert_simple, _parse, walk
from moderation.readers.markup import clean


def quoted(text, spans):
    return [text[span.start : span.end] for span in spans]


@pytest.mark.parametrize(
    ("source", "text", "quotes"),
    [
        ("<p>One.</p>\n<p>Two<br>lines.</p>", "One.\n\nTwo\nlines.", []),
        ("<blockquote><p>A</p><p>B</p></blockquote><p>Mine.</p>", "A\n\nB\n\nMine.", ["A\n\nB"]),
        ("<blockquote>outer <blockquote>inner</blockquote></blockquote>me", "outer\n\ninner\n\nme", ["outer\n\ninner"]),
        (
            '<aside class="quote"><div class="title">ann:</div><blockquote>x</blockquote></aside><p>y</p>',
            "ann:\n\nx\n\ny",
            ["ann:\n\nx"],
        ),
        ('<div class="quotecontent">q</div>a', "q\na", ["q"]),
        ("a &amp; b &#39;c&#39; &#x2F; &nbsp;d &hellip;", "a & b 'c' / \xa0d …", []),
        ("AT&amp;amp;T isn&amp;#039;t", "AT&T isn't", []),
        ("write &amp;lt;b&amp;gt; for bold", "write &lt;b&gt; for bold", []),
        ("&lt;p&gt;escaped&lt;/p&gt;&lt;p&gt;as a whole&lt;/p&gt;", "escaped\n\nas a whole", []),
        ('see <a href="https://x.example">this page</a>', "see this page", []),
        ("f<b></b>uck <i>y</i>ou", "fuck you", []),
        ('ok <img class="emoji" alt="🚲"> <img src="photo.png" alt="a photo">', "ok 🚲", []),
        ('<span class="spoiler">it sinks</span>', "it sinks", []),
        ("<pre><code>if a:\n    b</code></pre>", "if a:\n    b", []),
        ("<script>x()</script><style>y</style>z<!-- note -->", "z", []),
        ("&gt; quoted line<br>mine", "> quoted line\nmine", ["> quoted line"]),
        ("I <3 this & that", "I <3 this & that", []),
        ("a\x00b\x08c", "abc", []),
        ("", "", []),
    ],
)
def test_html(source, text, quotes):
    found, spans = clean(source, "html")
    assert (found, quoted(found, spans)) == (text, quotes)


def test_html_lines_keep_the_line_breaks_that_wordpress_shows():
    assert clean("One\n\nTwo\nthree <em>x</em>\r\n\r\n\r\n four", "html-lines")[0] == "One\n\nTwo\nthree x\n\nfour"
    assert clean("One\n\nTwo\n<blockquote>q\nr</blockquote>", "html-lines")[0] == "One\n\nTwo\n\nq\nr"


@pytest.mark.parametrize(
    ("source", "text", "quotes"),
    [
        ("> one\n> two\n\nmine", "one\ntwo\n\nmine", ["one\ntwo"]),
        (">> deep\n> less\nmine", "deep\nless\nmine", ["deep\nless"]),
        ("> a\n\nb\n\n> c", "a\n\nb\n\nc", ["a", "c"]),
        ("&gt; old dump\n\nyes", "old dump\n\nyes", ["old dump"]),
        ("x &amp;amp; y &amp;#x200B;", "x & y \u200b", []),
        (">!it sinks!< really", "it sinks really", []),
        ("[words](https://x.example/a_(b)) ![pic](x.png)", "words pic", []),
        ("`code` and\n```\n> not a quote\n```", "code and\n> not a quote", []),
        ("f**k *this* snake_case", "f**k *this* snake_case", []),
        ("\\> not a quote, \\*stars\\*", "> not a quote, *stars*", []),
        ("    > indented code", "> indented code", []),
        ('[quote="ann, post:1"]\nwords\n[/quote]\n\nmine', "words\n\nmine", ["words"]),
        ("[quote] never closed", "[quote] never closed", []),
        ("a 👩‍👩‍👧 > b", "a 👩‍👩‍👧 > b", []),
    ],
)
def test_markdown(source, text, quotes):
    found, spans = clean(source, "reddit")
    assert (found, quoted(found, spans)) == (text, quotes)


@pytest.mark.parametrize(
    ("source", "text", "quotes"),
    [
        ("[quote=Ann]No.[/quote]Yes.", "No.\nYes.", ["No."]),
        ("[QUOTE author=x link=y][quote]in[/quote]out[/QUOTE]\nme", "in\nout\nme", ["in\nout"]),
        ("[b]bold[/b] [url=http://x.example]link[/url] [url]http://y.example[/url]", "bold link http://y.example", []),
        ("[img]http://x.example/a.png[/img]seen", "seen", []),
        ("[spoiler]it sinks[/spoiler] [code]a[0][/code]", "it sinks a[0]", []),
        ("[i]f[/i]uck", "fuck", []),
        ("[not a tag] &amp; [quote]open", "[not a tag] & [quote]open", []),
    ],
)
def test_bbcode(source, text, quotes):
    found, spans = clean(source, "bbcode")
    assert (found, quoted(found, spans)) == (text, quotes)


@pytest.mark.parametrize(
    ("source", "quotes"),
    [
        ("> no\nyes", ["> no"]),
        ("a\n> b\n> c\nd\n>e", ["> b\n> c", ">e"]),
        (">:( never", []),
        (">.< ouch", []),
        ("5 > 4", []),
        ("> \n>\nx", []),
    ],
)
def test_plain_text_stays_and_quoted_lines_are_spans(source, quotes):
    found, spans = clean(source, "plain")
    assert found == source
    assert quoted(found, spans) == quotes
    assert clean(source, "plain", quote_lines=False) == (source, ())


TAGS = ["a", "b ", "  ", "\n", "<br>", "<br />", "<b>", "</b>", '<a href="x">', "</a>", "&amp;", "&#39;", "&lt;", " c"]


@given(st.lists(st.lists(st.sampled_from(TAGS)).map("".join)), st.booleans())
def test_the_short_way_through_html_agrees_with_the_parser(paragraphs, keep_lines):
    source = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    assert (_convert_simple(source, keep_lines), ()) == walk(_parse(source)[0], keep_lines)


TAG_FRAGMENTS = [
    "<blockquote>",
    "</blockquote>",
    "<p>",
    "</div>",
    "<div class=quote>",
    "<pre>",
    "</pre>",
    "<!--",
    "-->",
    "<",
]
BRACKET_FRAGMENTS = [
    "[quote]",
    "[/quote]",
    "[b]",
    "[quote=x",
    "](",
    "[",
    ")",
    "> ",
    "```",
    "`",
    "\\",
    "&gt;",
    "&",
    "&amp;lt;",
]
FRAGMENTS = st.sampled_from([*TAG_FRAGMENTS, *BRACKET_FRAGMENTS, "\n", "\r\n", " ", "a", "ü", "🚲", "\x00"])


@given(
    st.one_of(st.text(), st.lists(FRAGMENTS).map("".join)),
    st.sampled_from(["plain", "html", "html-lines", "markdown", "reddit", "bbcode"]),
)
@settings(max_examples=400)
def test_quote_spans_lie_in_the_text_in_order_without_overlap(source, markup):
    text, spans = clean(source, markup)
    last = 0
    for span in spans:
        assert last <= span.start < span.end <= len(text)
        last = span.end


@pytest.mark.parametrize("markup", ["html", "html-lines", "reddit", "bbcode", "plain"])
@pytest.mark.parametrize(
    "piece",
    [
        "[",
        "[a](",
        "&",
        "`",
        "<",
        ">",
        "&lt;a ",
        "[quote]",
        "[quote",
        "<a ",
        "<!--",
        '<a href="',
        "<div>",
        "[img]",
        ">\n",
    ],
)
def test_hostile_repetition_takes_linear_time(piece, markup):
    source = piece * (100_000 // len(piece))
    began = time.process_time()
    clean(source, markup)
    assert time.process_time() - began < 3


def test_words_behind_deep_nesting_are_not_lost():
    assert clean("<div>" * 5000 + "insult", "html")[0] == "insult"
