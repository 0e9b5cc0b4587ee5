"""Classes of English words that tell where comments begin, go on and end; known to the features by their hashes."""

import numpy as np

from moderation.segmenter.page import Array, Page, hash_word

__all__ = ["CLASSES", "page_classes", "word_classes"]

CLASSES: dict[str, str] = {
    "i": "i i'm i've i'd i'll im ive me myself",
    "my": "my mine our ours",
    "we": "we we're we've we'll us",
    "you": "you you're you've you'll you'd u ur your yours yourself youre",
    "he": "he he's she she's him her his hers himself",
    "they": "they they're they've they'll them their theirs themselves",
    "it": "it it's its itself",
    "this": "this that that's these those such",
    "the": "the a an",
    "and": "and & or nor",
    "but": "but yet though although however nevertheless still",
    "so": "so then thus therefore hence consequently",
    "also": "also moreover furthermore additionally besides finally lastly secondly second third thirdly next "
    "plus anyway anyways meanwhile another",
    "if": "if unless until when while since because as after before once",
    "for": "for in on at by with from to of about into over",
    "what": "what what's why how who who's where which when whose",
    "do": "do does did don't doesn't didn't is are was were isn't aren't wasn't can could would will should won't can't have has had",
    "thanks": "thanks thank thankyou thx ty cheers congrats congratulations",
    "greeting": "hi hello hey dear greetings howdy welcome morning evening",
    "praise": "great good nice awesome excellent amazing wonderful beautiful lovely love loved brilliant fantastic "
    "cool interesting best perfect superb",
    "agree": "yes yeah yep yup exactly agree agreed indeed right true sure absolutely definitely correct ditto",
    "disagree": "no nope not wrong disagree nonsense bullshit bull rubbish actually false lie lies liar",
    "well": "well ok okay ah oh ha haha lol wow hmm um sorry please look listen really seriously sigh ugh lmao rofl heh",
    "hope": "hope wish wonder guess think believe feel suppose bet know remember agree",
    "article": "article post blog author writer story piece page site column editorial report headline comment "
    "comments commenter poster op thread",
    "bye": "regards sincerely best love peace cheers xoxo xo hugs blessings namaste regards blessings ps p.s "
    "edit update disclaimer disclosure",
    "quant": "all many most some few every each any one two three other others more much",
    "people": "people folks guys everyone everybody anyone anybody someone somebody nobody",
    "neg": "not never none nothing no don't can't won't doesn't isn't",
    "said": "said says say wrote writes quote quoted told claims claimed argues stated according",
    "swear": "shit fuck fucking damn hell crap ass stupid idiot idiots moron morons dumb pathetic",
}
"""Class: its words, in lower case with straight apostrophes."""


def word_classes(words: Array) -> Array:
    """For each hash a bit set of the classes it belongs to (int64)."""
    return np.where(_KEYS[(at := np.minimum(np.searchsorted(_KEYS, words), len(_KEYS) - 1))] == words, _BITS[at], 0)


def page_classes(page: Page) -> Array:
    """`word_classes` of all words of a page, each distinct word looked up once."""
    return np.asarray(word_classes(page.distinct)[page.word_ids])


def _build() -> tuple[Array, Array]:
    bits: dict[int, int] = {}
    for place, members in enumerate(CLASSES.values()):
        for word in set(members.split()):
            key = hash_word(word)
            bits[key] = bits.get(key, 0) | 1 << place
    keys = sorted(bits)
    return np.array(keys, np.uint64), np.array([bits[key] for key in keys], np.int64)


_KEYS, _BITS = _build()
