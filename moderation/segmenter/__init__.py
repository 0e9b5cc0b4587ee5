"""Plain text of a page to a Thread: article, comments, quotes, probable replies.

page        the text as arrays: lines, words
noise       author, date and button lines (dates); structure: pages that kept them
article     where the comments begin, by markers; cut: the same by statistics
quotes      words copied from above
cues        what is measured of every line (lexicon, phrases, habits, rules); boundaries: where comments start
replies     who answers whom
assembly    all of it in order; cuts: what a person corrected
model       the learned numbers; made by moderation.learning.boundaries
"""

from moderation.segmenter.assembly import Cuts, segment
from moderation.segmenter.model import SegmenterModel, find_segmenter

__all__ = ["Cuts", "SegmenterModel", "find_segmenter", "segment"]
