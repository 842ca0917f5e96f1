"""Words that point into the paper at hand: a question with one of them cannot be asked of a search engine.

Shared by the generator, which never writes them, and by check 2, which flags them in pairs of any source.
"""

from __future__ import annotations

import re

_WORK = (
    r"(?:stud(?:y|ies)|paper|article|work|review|research|report|thesis|manuscript|chapter|section|survey|trial|analys[ie]s|"
    r"experiments?|investigation|author|passage|text|document|excerpt|statement|abstract|cohort|dataset|data|results?|findings?|"
    r"observations?|approach|method|model|scenario|example|case|context|figure|table)"
)
_PATTERNS = (
    rf"\b(?:th(?:is|ese|ose)|our|my|the|present|current|said) (?:(?:present|current|same|whole|entire|given|new|two|three) )?{_WORK}(?:'s)?"
    r"(?= (?:find|found|report|show|suggest|conclude|describe|mention|discuss|propose|present|examine|use|conduct|refer|state|"
    r"include|mean|is about)\w*\b)",
    r"\b(?:this|these|those)\b(?! (?:are|is|were|was) (?:the|a|an)\b)",
    r"\bthat (?:study|paper|article|work|review|report)\b",
    r"\b(?:the|an?|one|each|both|another|other|several|some|many|few|most|previous|prior|recent|earlier|present|current|"
    r"aforementioned|above|same) (?:present |current |cited |above |two |three )?"
    r"(?:study|studies|paper|papers|article|manuscript|authors?|passage|excerpt|dissertation|reviewers?)\b(?! (?:of|on) \w)",
    r"\bin the (?:study|text|passage|paper|article|document|excerpt|abstract|table|figure|results|survey|context)\b",
    r"\b(?:patients|participants|subjects|respondents|people|individuals|women|men|children|animals|mice|samples)"
    r" in the (?:present |current )?(?:study|trial|survey|experiment|sample|cohort)\b",
    r"\b(?:present|current) (?:study|paper|work|article|review|research|report|investigation|analysis|survey|trial|findings|results)\b",
    r"\b(?:the|those) authors?\b|\bauthors'",
    r"\b(?:we|our|ours|ourselves|us|i|my|me|mine)\b",
    r"\b(?:here|herein|hereafter|hereby|thereof|therein|hitherto)\b",
    r"\b(?:above|below|aforementioned|abovementioned|aforesaid|foregoing|latter|former|respectively)\b(?! (?:the|a|an|\d|average|normal|zero|ground|sea|which)\b)",
    r"\bthe (?:following|preceding|previous|next|subsequent|last) (?:section|paragraph|page|table|figure|sentence|chapter|steps?|example)s?\b",
    r"\b(?:as follows|the following)\b",
    r"\b(?:as|was|were|been|previously|already|earlier) (?:mentioned|described|discussed|noted|stated|shown|reported) "
    r"(?:above|below|earlier|before|previously|elsewhere|here)\b",
    r"\b(?:table|tab\.|figure|fig\.?|figs\.?|eq\.?|equation|appendix|supplementary|box|ref\.?|additional file|section|chapter) ?s?\d+",
    r"\b(?:figs?\.|supplementary (?:table|figure|material|information|file|data))",
    r"\bet al\b",
    r"\b(?:mentioned|described|listed|outlined|cited) in the\b",
    r"\baccording to the (?:author|text|passage|study|paper|article|document|abstract|table|figure|results|statement)s?\b",
)
_DEIXIS = re.compile("|".join(f"(?:{pattern})" for pattern in _PATTERNS), re.IGNORECASE)
# "I" as a numeral or letter (type I interferon, hepatitis I) and "US" the country are not pronouns.
_NOT_PRONOUN = re.compile(r"\b(?:[A-Za-z][\w-]* I(?=[ ?.,)-]|$)|US\b|U\.S\.|I/II|I{2,})")


def needs_paper(text: str) -> bool:
    """Whether ``text`` points into a paper ("this study", "the authors", "Table 2", "we", "above")."""
    return _DEIXIS.search(_NOT_PRONOUN.sub(_numeral, text)) is not None


def _numeral(match: re.Match[str]) -> str:
    return match.group().replace("US", "U-S").replace(" I", " 1")
