"""Words that point into the paper at hand: a question with one of them cannot be asked of a search engine.

Shared by the generator, which never writes them, and by check 2, which flags them in pairs of any source.
"""

from __future__ import annotations

import re

_PUBLICATION = (
    r"(?:study|studies|papers?|articles?|manuscripts?|dissertation|thesis|authors?|reviewers?|passages?|excerpts?|"
    r"present work|current work|cited work)"
)
_PLACE = (
    r"(?:study|text|passage|paper|article|document|excerpt|abstract|table|figure|results|survey|context|manuscript|"
    r"trial|experiments?|(?:present|current|proposed) \w+)"
)
_WHICH = (
    r"(?:the|an?|one|each|both|another|other|several|some|many|few|most|previous|prior|recent|earlier|present|current|"
    r"aforementioned|above|same)"
)
_FLOAT = (
    r"(?:table|tab\.|figures?|figs?\.?|eq\.?|equation|appendix|supplementary|box|ref\.?|references?|additional file|"
    r"section|chapter|scheme|panel)"
)
_SOURCE = r"(?:context|passage|text|paragraph|excerpt|document|article|abstract|snippet|extract|material|information)"
_AFTER = (
    r"(?:says?|about|on|for|as|and|that|is|was|are|were|do|does|to|in|with|or|what|which|how|where|when|who|why|"
    r"mention\w*|describ\w*|states?|stated|report\w*|discuss\w*|provid\w*|above|below)"
)
_PATTERNS = (
    r"\b(?:this|these|those)\b",
    rf"\bthat {_PUBLICATION}\b",
    rf"\b{_WHICH} (?:two |three )?{_PUBLICATION}\b(?! (?:of|on) \w)",
    rf"\bin the (?:same )?{_PLACE}\b",
    r"\b(?:patients|participants|subjects|respondents|people|individuals|women|men|children|animals|mice|samples)"
    r" (?:in|of) the (?:present |current )?(?:study|trial|survey|experiment|sample|cohort)\b",
    r"\b(?:present|current) (?:study|paper|work|article|review|research|report|investigation|analysis|survey|"
    r"findings|results)\b",
    r"\b(?:the|those) authors?\b|\bauthors['’]",
    r"\b(?:we|our|ours|ourselves|us|i|my|me|mine)\b",
    r"\b(?:here|herein|hereafter|hereby|thereof|therein)\b",
    r"\b(?:aforementioned|abovementioned|above-mentioned|aforesaid|foregoing|latter|former|respectively)\b",
    r"\b(?:above|below)(?= ?(?:\?|,|$|mentioned|described|listed|is|are|was|were|in\b))|\bthe (?:above|below)\b",
    r"\bthe (?:following|preceding|previous|next|last) (?:section|paragraph|page|table|figure|sentence|chapter|"
    r"example)s?\b",
    r"\b(?:as follows|the following)\b",
    r"\b(?:previously|already|earlier|as|was|were|been) (?:mentioned|described|discussed|noted|stated|shown|reported) "
    r"(?:above|below|earlier|before|previously|elsewhere)\b",
    rf"\b{_FLOAT} ?[sS]?\d+",
    r"\bfigs?\.|\bsupplementary (?:table|figure|material|information|file|data)",
    r"\bet al\b",
    r"\b(?:mentioned|described|listed|outlined|cited|discussed|presented|provided|stated|given|reported) in the\b"
    r"(?! literature)",
    rf"\b(?:according to|based on|as per|per|from|by|of|does|do|did|can|is|was) the (?:(?:given|provided|supplied|"
    rf"above|following|same|attached|cited) )?{_SOURCE}\b(?= ?(?:[?,.;:)]|$)| {_AFTER}\b)",
    rf"\b(?:given|provided|supplied|attached) {_SOURCE}\b",
    r"\b(?:mentioned|described|listed|discussed|stated|given) (?:above|below|earlier|here|previously)\b",
    r"\baccording to the (?:study|table|figure|results|statement)\b",
    r"\b(?:the|those) (?:researchers|investigators|scientists|study authors|research team)\b(?! who| in| of| at)",
)
_DEIXIS = re.compile("|".join(f"(?:{pattern})" for pattern in _PATTERNS), re.IGNORECASE)
# "I" as a numeral (type I interferon) and "US" the country are no pronouns.
_NO_PRONOUN = re.compile(r"\b(?:(?<=[a-z] )I(?= [a-z]|[?.,)-]|$)|US\b|U\.S\.)")


def needs_paper(text: str) -> bool:
    """Whether ``text`` points into a paper ("this study", "the authors", "Table 2", "we", "above")."""
    return _DEIXIS.search(_NO_PRONOUN.sub("1", text)) is not None
