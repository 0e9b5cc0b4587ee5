"""Pages as they come out when a site's comments are selected and copied: a function for each layout, from known comments to text.

Only what a program prints around comments is imitated (names, dates, buttons, counts, menus, forms), from memory of how sites printed
it; no page was copied.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

__all__ = ["ARTICLE", "COMMENTS", "LAYOUTS", "TITLE", "Layout", "Said"]


class Said(NamedTuple):
    """A comment: who, how long ago, on what day of November 2026 and when, with how many likes; `answers` is an index."""

    author: str
    ago: str
    day: str
    clock: str
    likes: int
    paragraphs: tuple[str, ...]
    answers: int | None = None

    @property
    def short(self) -> str:
        """3h for 3 hours ago."""
        number, unit, _ = self.ago.split()
        return number + unit[0]

    @property
    def twelve(self) -> str:
        """The time of day with AM or PM."""
        hour, minute = self.clock.split(":")
        return f"{(int(hour) - 1) % 12 + 1}:{minute} {'AM' if int(hour) < 12 else 'PM'}"

    @property
    def spaced(self) -> list[str]:
        """The paragraphs with blank lines between them."""
        return "\n\n".join(self.paragraphs).split("\n")

    @property
    def handle(self) -> str:
        return self.author.replace(" ", "").lower()

    @property
    def count(self) -> list[object]:
        """The likes, where there are any."""
        return [self.likes] if self.likes else []


class Layout(NamedTuple):
    """How a site prints comments: the page's lines; the author as printed (None: not told apart); the first paragraph as printed."""

    lines: Callable[[Sequence[Said]], list[object]]
    author: Callable[[Said], str] | None
    paragraphs: Callable[[Sequence[Said], Said], tuple[str, ...]]

    def print(self, said: Sequence[Said]) -> str:
        """The page."""
        return "\n".join(str(line) for line in self.lines(said))


LAYOUTS: dict[str, Layout] = {}

TITLE = "Ferry to the islands cancelled for the third time this week"
ARTICLE = (
    "The morning ferry between Harbour Town and the outer islands was cancelled again on Friday, leaving two hundred people on the quay.",
    "The operator blamed a fault in its booking system. A spokeswoman said that engineers were working on it.",
    "The council will discuss the contract, which runs until 2029, at its meeting on Tuesday.",
)
COMMENTS = (
    Said(
        *("Tidewatcher", "5 hours ago", "20", "09:14", 34),
        (
            "I worked on that booking system in 2011. Nobody who wrote it is left.",
            "The clocks drift, the berth plan refuses to run, and everything stops until someone restarts it by hand.",
        ),
    ),
    Said("Moira Quayle", "4 hours ago", "20", "10:02", 12, ("Clocks that drift? In this day and age?",), 0),
    Said("salty_dog77", "4 hours ago", "20", "10:31", 3, ("You people are clowns. It is a ferry, not a rocket.",), 1),
    Said(
        *("Per Olsen", "3 hours ago", "20", "11:20", 8),
        (
            "My mother missed her hospital appointment because of this. She is 84.",
            "We rang the hotline for an hour and got music.",
            "Buses do not float, by the way.",
        ),
    ),
    Said("KJ", "2 hours ago", "20", "12:45", 1, ("lol",), 3),
    Said(
        *("harbour_girl", "2 hours ago", "20", "12:59", 0),
        ("Funny how it always breaks the week before the contract comes up. Ask who owns the bus company.",),
    ),
    Said(
        *("Tidewatcher", "1 hour ago", "20", "13:40", 2),
        (
            "That is at least a question one can answer: the council publishes its contracts.",
            "https://example.org/contracts/2026",
        ),
        5,
    ),
    Said("Zoë Brandt", "1 hour ago", "20", "13:55", 0, ("Thanks for the link!",), 6),
)
PLACES = ("Harbour Town, ME", "Bristol", "the outer islands", "Oslo", "Manhattan", "Kent", "Harbour Town, ME", "Berlin")
RANKS = ("Well-Known Member", "Active Member", "New Member", "Well-Known Member", "Active Member", "Member")
CALLINGS = (
    *(
        "Port logistics | Speaker",
        "Nurse at St. Mary's",
        "Founder & CEO @ Dog",
        "Teacher",
        "Looking for new challenges",
    ),
    *("Student", "Photographer"),
)
FRONT = "\n\n".join([TITLE, *ARTICLE, ""]).split("\n")
"""What stands above the comments of a news page."""


def layout(
    author: Callable[[Said], str] | None = lambda said: said.author,
    paragraphs: Callable[[Sequence[Said], Said], tuple[str, ...]] = lambda _, said: said.paragraphs,
) -> Callable[[Callable[[Sequence[Said]], list[object]]], Callable[[Sequence[Said]], list[object]]]:
    """Enter a function that prints comments as lines into LAYOUTS, under its name."""

    def enter(lines: Callable[[Sequence[Said]], list[object]]) -> Callable[[Sequence[Said]], list[object]]:
        LAYOUTS[lines.__name__] = Layout(lines, author, paragraphs)
        return lines

    return enter


def parent(said: Sequence[Said], one: Said) -> list[str]:
    """Whom a comment answers."""
    return [] if one.answers is None else [said[one.answers].author]


@layout()
def hackernews(said):
    page = [
        "Hacker News\tnew | past | comments | ask | show | jobs | submit\tlogin",
        *(f"{TITLE} (example.org)", "153 points by quayside 6 hours ago | hide | past | favorite | 8 comments", "\t"),
    ]
    for at, one in enumerate(said):
        above = {None: "", 0: "parent | "}.get(one.answers, "root | parent | ")
        before = "prev | " if at else ""
        after = "next " if at < len(said) - 1 else ""
        page += [f"{one.author} {one.ago} | {above}{before}{after}[–]", "", *one.spaced, "\t", "\t"]
    return [*page, "Guidelines | FAQ | Lists | API | Security | Legal | Apply to YC | Contact", "Search: "]


@layout(lambda said: f"@{said.handle}")
def youtube(said):
    page = ["8 Comments", "Sort by", "", "Add a comment...", ""]
    for one in said:
        edited = " (edited)" if one.likes == 12 else ""
        page += [f"@{one.handle}", one.ago + edited, *one.paragraphs, "", *one.count, "", "Reply", ""]
        page += ["1 reply", ""] if one.likes > 5 else []
    return page


@layout()
def reddit(said):
    page = ["r/harbourtown", "•", "6 hr. ago", "quayside", "", TITLE, "News", "", "Upvote", 342, "", "Downvote", ""]
    page += [8, "Go to comments", "", "Share", "Sort by:", "", "Best", "Search Comments", "Expand comment search"]
    page += ["Comments Section"]
    for at, one in enumerate(said):
        page += [one.author, *(["OP"] if at == 3 else []), "•", f"{one.short} ago"]
        page += ["Top 1% Commenter"] if at == 2 else []
        page += [
            *one.spaced,
            "",
            "Upvote",
            one.likes or "Vote",
            "",
            "Downvote",
            "",
            "Reply",
            "",
            "Award",
            "",
            "Share",
            "",
        ]
    return page


@layout()
def reddit_old(said):
    page = ["this post was submitted on 20 Nov 2026", "342 points (91% upvoted)", "shortlink: https://redd.example/x1"]
    page += ["all 8 comments", "sorted by: best"]
    for at, one in enumerate(said):
        points = f"{one.likes + 1} point{'s' if one.likes else ''}"
        buttons = f"permalinkembedsave{'' if one.answers is None else 'parent'}reportgive awardreply"
        page += [f"[–]{one.author}{'[S]' if at == 3 else ''} {points} {one.ago} ", *one.spaced, buttons]
    return page


def facebook_paragraphs(said, one):
    named = one.answers is not None and said.index(one) % 3 == 1
    return (f"{said[one.answers].author} {one.paragraphs[0]}", *one.paragraphs[1:]) if named else one.paragraphs


@layout(paragraphs=facebook_paragraphs)
def facebook(said):
    page = ["Most relevant"]
    for at, one in enumerate(said):
        page += [one.author, *(["Top fan"] if at % 4 == 0 else []), *facebook_paragraphs(said, one)]
        page += [one.short, "Like", "Reply", *one.count, *(["View 2 more replies"] if at == 3 else [])]
    return [*page, "Write a comment…"]


@layout()
def facebook_group(said):
    page = ["All comments"]
    for at, one in enumerate(said):
        page += [
            *(["Author"] if at == 3 else []),
            one.author,
            *one.paragraphs,
            *(["See translation"] if at == 2 else []),
        ]
        page += ["Like", "Reply", one.short, *(["Edited"] if at == 1 else []), *one.count]
    return page


@layout()
def twitter(said):
    page = ["Post", "See new posts", "Conversation", "Harbour News", "@harbournews", TITLE, "example.org"]
    page += ["9:02 AM · Nov 20, 2026", "·", "12.4K", " Views", "8", "31", "104", "Post your reply", "Reply"]
    for one in said:
        page += [one.author, f"@{one.handle}", "·", one.short, *one.paragraphs]
        page += [*([1] if one.likes > 5 else []), *one.count, one.likes * 31 + 40]
    return page


@layout(lambda said: said.author.replace(" ", "_").lower())
def instagram(said):
    page = []
    for one in said:
        name = one.author.replace(" ", "_").lower()
        likes = [f"{one.likes} likes" if one.likes > 1 else "1 like"] if one.likes else []
        page += [name, f"{name}'s profile picture", one.short, *one.paragraphs, *likes, "Reply", "See translation"]
        page += ["View replies (1)"] if one.likes > 5 else []
    return page


@layout()
def tiktok(said):
    page = ["Comments (8)"]
    for one in said:
        page += [one.author, *one.paragraphs, f"{one.short} ago", "Reply", one.likes]
    return page


@layout()
def disqus(said):
    page = [*FRONT, "8 Comments", "Harbour News", "🔒 Disqus' Privacy Policy", " 1 Login", " Favorite 3", " Share"]
    page += ["Sort by Best", "Join the discussion…", "LOG IN WITH", "OR SIGN UP WITH DISQUS ?", "Name"]
    for one in said:
        page += ["Avatar", f"{'  '.join([one.author, *parent(said, one)])} • {one.ago}", *one.paragraphs]
        page += [f"{one.likes or ''} • Reply • Share ›"]
    return [*page, "Subscribe", "Privacy", "Do Not Sell My Data"]


@layout()
def disqus_2025(said):
    page = [*FRONT, "8 Comments", "1", "Login", "T", "Favorite", "Share", "Best", "Newest", "Oldest"]
    for one in said:
        page += [one.author[0].upper(), one.author, *parent(said, one), one.ago, *one.paragraphs]
        page += [*one.count, 0, "Reply", "Share ›"]
    return page


@layout()
def wordpress(said):
    page = [*FRONT, f"8 thoughts on “{TITLE}”"]
    for one in said:
        page += [f"{one.author} says:", f"November {one.day}, 2026 at {one.twelve.lower()}", *one.spaced, "Reply", ""]
    page += ["Leave a Reply", "Your email address will not be published. Required fields are marked *", "Comment *"]
    page += ["Name *", "Email *", "Website"]
    return [*page, "Save my name, email, and website in this browser for the next time I comment."]


@layout()
def wordpress_numbered(said):
    page = [*FRONT, f"8 Responses to {TITLE}", ""]
    for at, one in enumerate(said):
        page += [f"{at + 1}. ", one.author, f"November {one.day}, 2026 at {one.clock} · Reply", *one.paragraphs, ""]
    return page


@layout()
def guardian(said):
    page = [*FRONT, "Comments (8)", "Sign in or create your account to join the discussion", "Order by", "Newest"]
    page += ["Show threads", "Collapsed", "1", "2", "3", "4", "…", "9", "Next"]
    for one in said:
        page += [one.author, *parent(said, one), one.ago, "", one.likes, *one.spaced, "Reply", "Share", "Report", ""]
    return page


def nyt_paragraphs(said, one):
    return (*(f"@{name}" for name in parent(said, one)), *one.paragraphs)


@layout(paragraphs=nyt_paragraphs)
def nyt(said):
    page = [
        *FRONT,
        "Comments 8",
        "Share your thoughts.",
        "The newsroom wants your view. Comments on the topic are welcome here.",
    ]
    page += ["Newest", "Oldest", "Reader Picks", "All"]
    for at, one in enumerate(said):
        page += [f"{one.author} commented {one.ago}", one.author[0].upper(), one.author, PLACES[at % len(PLACES)]]
        page += [f"Nov. {one.day}", *nyt_paragraphs(said, one), "Reply", f"{one.likes} Recommend", "Share", "Flag"]
    return page


@layout()
def coral(said):
    page = [*FRONT, "All Comments", "8", "Sort by", "Newest"]
    for at, one in enumerate(said):
        page += [one.author, *(["Subscriber"] if at % 3 == 0 else []), one.ago, *(["(Edited)"] if at == 1 else [])]
        page += [f"In reply to {name}" for name in parent(said, one)]
        page += [*one.paragraphs, "Respect", *one.count, "Reply", "Share", "Report"]
    return page


@layout()
def bbc(said):
    page = [*FRONT, "Comments", "Sign in or register to comment and rate comments.", "All comments (8)", "Latest"]
    page += ["Highest rated"]
    for one in said:
        posted = f"{one.clock} {one.day} Nov"
        page += [f"Comment posted by {one.author}, at {posted}", one.author, posted, *one.paragraphs, "", one.likes + 2]
        page += ["Up vote", 1, "Down vote", *(["View 1 reply"] if one.likes > 5 else []), ""]
    return page


@layout()
def dailymail(said):
    page = [*FRONT, "Comments 8", "Share what you think", "Newest", "Oldest", "Best rated", "Worst rated", "View all"]
    page += ["The comments below have not been moderated."]
    for at, one in enumerate(said):
        town = PLACES[at % len(PLACES)].split(",")[0]
        page += [f"{one.author}, {town}, United Kingdom, {one.ago}", *one.paragraphs, ""]
        page += [one.likes + 4, one.likes, "Click to rate", ""]
    return page


@layout()
def openweb(said):
    page = [*FRONT, "Conversation", "8 Comments", "Your voice matters. Discussions are moderated for civility."]
    page += ["Log in", "Sort by ", "Best"]
    for one in said:
        page += [one.author[0].upper(), "", one.author, one.ago, "", *one.paragraphs, "", "Reply", "", one.likes + 3]
        page += ["", 1, "", "Share", *(["1 reply"] if one.likes > 5 else [])]
    return [*page, "Show More Comments", "Powered by OpenWeb", "Terms | Privacy | Feedback"]


@layout()
def phpbb(said):
    page = ["Board index ‹ Local affairs ‹ Transport", TITLE, "Post Reply", "8 posts • Page 1 of 1"]
    for at, one in enumerate(said):
        page += [
            f"Re: {TITLE}" if at else TITLE,
            f"Post by {one.author} » Fri Nov {one.day}, 2026 {one.twelve.lower()}",
        ]
        page += ["", *one.paragraphs, "Top", one.author, f"Posts: {one.likes * 7 + 3}"]
        page += [f"Joined: Mon Mar {10 + at % 20}, 2012 9:00 am", f"Location: {PLACES[at % len(PLACES)]}", ""]
    return page


@layout()
def vbulletin(said):
    page = [TITLE, "Thread Tools", "Display Modes"]
    for at, one in enumerate(said):
        page += [f"11-{one.day}-2026, {one.twelve}", f"#{at + 1}", one.author]
        page += [("Senior Member", "Junior Member", "Registered User")[at * at % 3], f"Join Date: Mar 20{10 + at % 16}"]
        page += [f"Location: {PLACES[at % len(PLACES)]}"] if at % 3 else []
        page += [f"Posts: {one.likes * 7 + 3}", *one.paragraphs, "Reply With Quote"]
    return page


@layout()
def xenforo(said):
    page = [TITLE]
    for at, one in enumerate(said):
        page += [
            one.author,
            RANKS[at % len(RANKS)],
            "Joined",
            f"Mar {10 + at % 20}, 2012",
            "Messages",
            one.likes * 7 + 3,
        ]
        page += ["Reaction score", one.likes * 11, *(["Location", PLACES[at % len(PLACES)]] if at % 4 else [])]
        page += [f"Nov {one.day}, 2026", f"#{at + 1}", *one.paragraphs, "Like Quote Reply", "Report"]
        page += ["Reactions:", "Zoë Brandt and KJ"] if one.likes > 5 else []
    return page


@layout()
def discourse(said):
    page = [TITLE, "Transport", "quayside", "6h"]
    for one in said:
        likes = [f"{one.likes} Likes" if one.likes > 1 else "1 Like"] if one.likes else []
        page += [one.author, *parent(said, one), one.short, *one.paragraphs, "", *likes, "Reply"]
    return page


def stackexchange_paragraphs(_, one):
    return (*one.paragraphs[:-1], f"{one.paragraphs[-1]} – {one.author}")


@layout(None, stackexchange_paragraphs)
def stackexchange(said):
    page = ["8 comments"]
    for one in said:
        page += [*one.count, *stackexchange_paragraphs(said, one), f" Commented Nov {one.day}, 2026 at {one.clock}"]
    return page


@layout()
def substack(said):
    page = [*FRONT, "Discussion about this post", "Comments", "Restacks"]
    for at, one in enumerate(said):
        owner = f"{one.author}'" if one.author.endswith("s") else f"{one.author}'s"
        page += [f"{owner} avatar", one.author, one.short, *(["Liked by Harbour Notes"] if at == 0 else [])]
        page += [*one.paragraphs, *(["Expand full comment"] if len(one.paragraphs) > 2 else [])]
        page += [f"Like ({one.likes})" if one.likes else "Like", "Reply", "Share"]
    return page


@layout()
def slashdot(said):
    page = [TITLE]
    for at, one in enumerate(said):
        score = ("(Score:4, Insightful)", "(Score:1)", "(Score:0, Troll)")[at % 3]
        page += [f"{'' if one.answers is None else 'Re:'}Ferry software {score}"]
        page += [f"by {one.author} ( {12345 + at} ) on Friday November {one.day}, 2026 @{one.twelve} (#6512{345 + at})"]
        page += [*one.paragraphs, "Reply to This", "Share", *([] if one.answers is None else ["Parent"])]
    return page


@layout()
def mumsnet(said):
    page = [TITLE, "8 replies"]
    for one in said:
        page += [f"{one.author} · {one.day}/11/2026 {one.clock}", "", *one.spaced, ""]
    return page


@layout()
def linkedin(said):
    page = ["8 comments", "Most relevant"]
    for at, one in enumerate(said):
        page += [f"View {one.author}’s profile", one.author, one.author, ("• 3rd+", "• 2nd", "Author")[at % 4 % 3]]
        page += [CALLINGS[at % len(CALLINGS)], one.short, *one.paragraphs, "", "Like", *one.count, "Reply"]
        page += ["1 reply"] if one.likes > 5 else []
    return page


@layout()
def zeit(said):
    page = [*FRONT, "8 Kommentare", "Neueste zuerst", "Nur Leserempfehlungen"]
    for one in said:
        ago = one.ago.replace(" hours ago", " Stunden").replace(" hour ago", " Stunde")
        page += [one.author, f"vor {ago}", *one.paragraphs, "Antworten", "Melden", "Empfehlen", *one.count]
    return [*page, "Mehr Kommentare laden"]


@layout()
def figaro(said):
    page = [*FRONT, "8 commentaires"]
    for one in said:
        page += [one.author, f"le {one.day}/11/2026 à {one.clock.replace(':', 'h')}", *one.paragraphs]
        page += ["J'alerte", "Je recommande", one.likes, "Répondre"]
    return page


@layout()
def standard(said):
    page = [*FRONT, "Forum: 8 Postings", "Ihre Meinung zählt."]
    for one in said:
        page += [one.author, f"{one.day}. November 2026, {one.clock}:22", *one.paragraphs]
        page += ["antworten", f"+{one.likes} -1", "melden", "einklappen"]
    return page


@layout()
def mastodon(said):
    page = ["Back"]
    for one in said:
        page += [one.short, one.author, f"@{one.handle}@social.example", *one.paragraphs, one.likes, 0, 1]
    return page


@layout()
def playstore(said):
    page = ["Ratings and reviews", "Ratings and reviews are verified"]
    for one in said:
        page += [one.author, "more_vert", f"November {one.day}, 2026", *one.paragraphs]
        page += [f"{one.likes + 2} people found this review helpful", "Did you find this helpful?", "Yes", "No"]
    return page


@layout()
def github(said):
    page = [f"{TITLE} #312", "Open"]
    for at, one in enumerate(said):
        page += [one.author, f"commented {one.ago}", one.author, one.ago, *(["Contributor"] if at % 2 else [])]
        page += [*one.paragraphs, *(["👍", one.likes] if one.likes else [])]
    return page


@layout()
def typepad(said):
    page = [*FRONT, "Comments"]
    for one in said:
        page += [*one.paragraphs, f"Posted by: {one.author} | November {one.day}, 2026 at {one.twelve}"]
    return page


@layout()
def blogger(said):
    page = [*FRONT, "8 comments:", ""]
    for one in said:
        page += [f"{one.author}{one.day} November 2026 at {one.clock}", *one.paragraphs, "ReplyDelete", ""]
    return page


@layout(lambda said: f"{said.author}@lemmy.example")
def lemmy(said):
    page = ["8 Comments", "Sort type", "Hot", "Top", "New", "Old"]
    for one in said:
        page += [f"{one.author}@lemmy.example", "English", one.likes, "·", one.ago, *one.paragraphs, "link", "fedilink"]
    return page


@layout()
def steam(said):
    page = ["Steam", "STORE COMMUNITY ABOUT SUPPORT", "Ferry Simulator > General Discussions > Topic Details", TITLE]
    page += ["Showing 1-8 of 8 comments"]
    for at, one in enumerate(said):
        page += [
            one.author,
            *(["[developer]"] if at == 3 else []),
            f"{one.day} Nov, 2026 @ {one.twelve.lower()} ",
            *one.spaced,
        ]
        page += [f"#{at + 1}"]
    return [*page, "Showing 1-8 of 8 comments", "Per page: 15 30 50"]


@layout()
def goodreads(said):
    page = ["Community Reviews", "4.02", "1,204 ratings", "8 reviews", "Filters"]
    for one in said:
        page += [
            f"Profile Image for {one.author}.",
            one.author,
            f"{one.likes * 7 + 2} reviews{one.likes * 3} followers",
            "Follow",
        ]
        page += [f"November {one.day}, 2026", *one.spaced, *(["Show more"] if len(one.paragraphs) > 2 else [])]
        page += [f"{one.likes} likes" if one.likes else "", "Like", "Comment"]
    return page


@layout()
def amazon(said):
    page = ["Top reviews from the United States"]
    for at, one in enumerate(said):
        page += [
            one.author,
            f"{at % 5 + 1}.0 out of 5 stars",
            f"Reviewed in the United States on November {one.day}, 2026",
        ]
        page += ["Size: LargeColor: BlueVerified Purchase", *one.paragraphs]
        page += [f"{one.likes} people found this helpful"] if one.likes > 1 else []
        page += ["Helpful", "Report"]
    return [*page, "See more reviews"]


@layout()
def tripadvisor(said):
    page = ["All reviews", "Most recent", "English"]
    for at, one in enumerate(said):
        page += [one.author, f"{PLACES[at % len(PLACES)]}{one.likes * 3 + 1} contributions", one.likes]
        page += [
            f"Nov 2026 • {('Family', 'Solo', 'Couples')[at % 3]}",
            *one.paragraphs,
            "Read more",
            f"Written November {one.day}, 2026",
        ]
        page += ["This review is the subjective opinion of a Tripadvisor member and not of Tripadvisor LLC."]
    return page


@layout()
def quora(said):
    page = [TITLE, "All related (31)", "Sort", "Recommended"]
    for at, one in enumerate(said):
        page += [
            f"Profile photo for {one.author}",
            one.author,
            "·",
            "Follow",
            CALLINGS[at % len(CALLINGS)] + f" · {at + 2}y",
            *one.spaced,
        ]
        page += [f"{one.likes + 1}.2K views", "View upvotes", "Upvote", "·", one.likes, "1", "Reply"]
    return page


@layout()
def medium(said):
    page = ["Responses (8)", "Cancel", "Respond", "Most relevant"]
    for at, one in enumerate(said):
        page += [
            one.author,
            *(["Author"] if at == 3 else []),
            f"Nov {one.day}",
            "",
            *one.spaced,
            "",
            *one.count,
            "Reply",
        ]
    return [*page, "See all responses", "Help", "Status", "About", "Careers", "Privacy", "Terms"]


@layout()
def lobsters(said):
    page = [f"{TITLE} web example.org", "authored by quayside 6 hours ago | caches | 8 comments"]
    for one in said:
        page += [one.likes + 1, "", f"[-]  {one.author} {one.ago} | link | flag", "", *one.spaced, ""]
    return page


@layout()
def arstechnica(said):
    page = [*FRONT, "8 Comments", "Forum view", "Staff picks"]
    for at, one in enumerate(said):
        page += [
            one.author,
            ("Ars Praetorian", "Smack-Fu Master, in training", "Ars Tribunus Militum")[at * at % 3],
            f"{at + 3}y",
        ]
        page += [
            f"{one.likes * 31 + 40:,}",
            "",
            *one.spaced,
            f"November {one.day}, 2026 at {one.twelve}",
            "Upvote",
            one.likes,
            "Downvote",
        ]
    return page


@layout()
def theregister(said):
    page = [TITLE, "POST COMMENT", "House rules", "Send corrections"]
    for one in said:
        page += [
            f"Friday {one.day}th November 2026 {one.clock} GMT",
            one.author,
            "Report abuse",
            "Re: Clocks" if one.answers is not None else "Clocks",
        ]
        page += [*one.paragraphs, "Reply Icon", one.likes, 1]
    return page


@layout()
def fourchan(said):
    page = ["/trv/ - Transport", "[Return] [Catalog] [Bottom] [Refresh]"]
    for at, one in enumerate(said):
        page += [
            f"{one.author} 11/{one.day}/26(Fri){one.clock}:22 No.{151000 + at}▶",
            *(f">>{151000 + one.answers}" for _ in [0] if one.answers is not None),
        ]
        page += [*one.paragraphs]
    return page


@layout()
def vk(said):
    page = ["Сначала старые"]
    for one in said:
        page += [one.author, *one.paragraphs, f"{one.day} ноя в {one.clock}", "Ответить", "Поделиться", *one.count]
    return [*page, "Написать комментарий..."]


@layout()
def heise(said):
    page = ["heise online", "Foren", "Alle Beiträge"]
    for at, one in enumerate(said):
        page += [
            "Ansicht umschalten",
            one.author,
            "mehr als 1000 Beiträge seit 12.03.2012" if at % 2 else "62 Beiträge seit 01.04.2019",
            f"{one.day}.11.2026 {one.clock}",
        ]
        page += [
            ("Re: Uhren" if one.answers is not None else "Uhren"),
            *one.paragraphs,
            "Bewerten",
            "- +",
            "Beitrag melden",
            "Antworten",
            "Zitieren",
        ]
    return page


@layout()
def elpais(said):
    page = [*FRONT, "Comentarios 8", "Normas ›", "Más destacados", "Más recientes"]
    for one in said:
        page += [
            one.author,
            f"hace {one.ago.replace(' ago', '').replace('hours', 'horas').replace('hour', 'hora')}",
            *one.paragraphs,
            "Responder",
            one.likes,
            "Compartir",
        ]
    return [*page, "Ver más comentarios"]


@layout()
def yahoo(said):
    page = [*FRONT, "Join the conversation", "Sign in to post a message.", "8 reactions", "Top reactions"]
    for one in said:
        page += [
            f"{one.author}",
            one.ago.replace(" hours", "h").replace(" hour", "h"),
            *one.paragraphs,
            "Reply",
            one.likes,
            "0",
            *(["1 reply"] if one.likes > 5 else []),
        ]
    return page
