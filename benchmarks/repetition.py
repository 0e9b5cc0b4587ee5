"""Find what a label file says twice: exact repeats, near-duplicates, and sentence frames with only the content words exchanged."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from math import ceil

from wording import frames

from moderation.text import normalise

__all__ = ["common_frames", "exact_repeats", "near_duplicates", "sharing_runs", "squeeze"]


def squeeze(text: str) -> str:
    """The normalised text with letters and digits only, single spaces between words; a text without any (emoji) as it is."""
    return " ".join(re.findall(r"[^\W_]+", normalise(text).text)) or text


def exact_repeats(keys: Sequence[tuple[str, str]]) -> int:
    """How many of the (text, target) pairs repeat an earlier one once case, marks and disguises are taken away."""
    squeezed = [(squeeze(text), target) for text, target in keys]
    return len(squeezed) - len(set(squeezed))


def near_duplicates(texts: Sequence[str], least: float = 0.7) -> list[tuple[float, str, str]]:
    """Pairs of different texts whose sets of 5-character runs have a Jaccard similarity of `least` or more, most similar first.

    Exact: only the rarest runs of each text are indexed, as many as two similar texts cannot both miss (prefix filtering,
    Chaudhuri et al. 2006, "A primitive operator for similarity joins").
    """
    sets = [_runs(squeeze(text)) for text in texts]
    frequency = Counter(run for runs in sets for run in runs)
    ordered = [sorted(runs, key=lambda run: (frequency[run], run)) for runs in sets]
    index: dict[str, list[int]] = defaultdict(list)
    found = []
    for at in sorted(range(len(texts)), key=lambda at: len(sets[at])):
        size = len(sets[at])
        candidates: set[int] = set()
        for run in ordered[at][: size - ceil(least * size) + 1]:
            if frequency[run] > 1:
                candidates.update(other for other in index[run] if len(sets[other]) >= least * size)
                index[run].append(at)
        for other in candidates:
            shared = len(sets[at] & sets[other])
            similarity = shared / (size + len(sets[other]) - shared)
            if similarity >= least and texts[at] != texts[other]:
                first, second = sorted((at, other))
                found.append((similarity, texts[first], texts[second]))
    return sorted(found, key=lambda pair: (-pair[0], pair[1], pair[2]))


def _runs(squeezed: str) -> set[str]:
    return {squeezed[at : at + 5] for at in range(max(1, len(squeezed) - 4))}


def common_frames(texts: Sequence[str], more_than: int = 3) -> list[tuple[str, int]]:
    """Sentence frames (`wording.frames`) that stand in more than `more_than` of the texts, commonest first."""
    counts = Counter(frame for text in texts for frame in set(frames(text)))
    return [(frame, count) for frame, count in counts.most_common() if count > more_than]


def sharing_runs(texts: Sequence[str], words: int = 8) -> int:
    """How many texts have a run of `words` words in common with another: quotations of each other and pairs of variants."""
    holders: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for at, text in enumerate(texts):
        found = squeeze(text).split()
        for start in range(len(found) - words + 1):
            holders[tuple(found[start : start + words])].add(at)
    return len(set().union(*(group for group in holders.values() if len(group) > 1)))
