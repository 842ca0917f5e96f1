"""A name for each cluster of texts: the words that stand in most of its texts and in few of the others."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence

import Stemmer

WORDS = 3  # of a name
_WORD = re.compile(r"[^\W\d_]{4,}")


def cluster_names(texts: Sequence[str], clusters: Sequence[int]) -> list[str]:
    """``clusters[n]`` is that of ``texts[n]``; name n belongs to cluster n, and is "" where no word tells it."""
    stem = Stemmer.Stemmer("english")
    inside: dict[int, Counter[str]] = defaultdict(Counter)
    forms: dict[str, Counter[str]] = defaultdict(Counter)
    overall: Counter[str] = Counter()
    for text, cluster in zip(texts, clusters, strict=True):
        words = set(_WORD.findall(text.lower()))
        stems = dict(zip(words, stem.stemWords(list(words)), strict=True))
        for word, root in stems.items():
            forms[root][word] += 1
        found = set(stems.values())
        inside[cluster].update(found)
        overall.update(found)
    sizes = Counter(clusters)
    return [
        _name(inside[number], sizes[number], overall, len(texts), forms) for number in range(max(sizes, default=-1) + 1)
    ]


def _name(inside: Counter[str], size: int, overall: Counter[str], total: int, forms: dict[str, Counter[str]]) -> str:
    def score(root: str) -> float:
        share, elsewhere = inside[root] / size, (overall[root] - inside[root] + 0.5) / (total - size + 1)
        return share * math.log(share / elsewhere)

    best = sorted(inside, key=lambda root: (-score(root), root))[:WORDS]
    return ", ".join(forms[root].most_common(1)[0][0] for root in best if score(root) > 0)
