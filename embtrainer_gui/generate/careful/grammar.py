"""Rules that a careful question must keep, checked on its text alone."""

from __future__ import annotations

import re

from embtrainer_gui.generate import grammar

_FAULTS = (
    re.compile(  # "What is it used as?" is whole
        r"(?:\b(?:and|or|but|nor|the|a|an|that|which|because|although|while|whereas|if|than|such|very|its|their)|"
        r"(?<!composed )(?<!consist )(?<!made )(?<!consisting )\bof|"
        r"(?<!used )(?<!serve )(?<!act )(?<!function )(?<!known )(?<!regarded )(?<!employed )(?<!classified )\bas|"
        r"[,;:–—-])\s*\?$",
        re.IGNORECASE,
    ),
    re.compile(r"[,;:]\s*[,;:]|\s[,;:.?]|,\S*[a-z]{2}\S*,\S|(?<!\b[A-Z])\.\s|\?.*\?"),
    *grammar.OTHER_FAULTS,
    re.compile(r"\ban? (?:plants|cells|viruses|animals|patients|genes|proteins)\b"),
    re.compile(r"(?<!\b[Ii]n )(?<!\b[Ee]x )\bvi(?:tro|vo)\b"),
)
_HALF = re.compile(r"\b(?:greater|higher|lower|larger|smaller|more|less|better|worse|longer|shorter)\b", re.IGNORECASE)


def is_grammatical(question: str) -> bool:
    """As of ``grammar``, and a comparison says than what."""
    if _HALF.search(question) and " than " not in question:
        return False
    return grammar.is_grammatical(question, _FAULTS)
