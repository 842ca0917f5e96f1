"""Words that papers use for their parts, in the languages most papers are written in. No publisher's own words."""

from __future__ import annotations

import re

_NUMBER = r"(?:(?:\d{1,2}|[IVX]{1,5}|[A-Z])(?:\.\d{1,2})*[.)]?\s*[|:]?\s+)?"


def _any(*words: str) -> str:
    return "(" + "|".join(words) + ")"


def _whole(*words: str) -> re.Pattern[str]:
    """A heading that is nothing but one of ``words``, numbered or not."""
    return re.compile(rf"^{_NUMBER}{_any(*words)}\s*[:.]?$", re.I)


_ABSTRACT_WORDS = ("abstract", "summary", "zusammenfassung", "kurzfassung", "résumé", "resumen", "resumo", r"摘\s*要")
ABSTRACT = _whole(
    "(graphical |structured )?abstract", "a b s t r a c t", *_ABSTRACT_WORDS[1:], "riassunto", "ملخص", "الملخص",
    "аннотация",
)  # fmt: skip
ABSTRACT_RUN_IN = re.compile(rf"^{_any(*_ABSTRACT_WORDS)}\s*([:.—–-]|\s(?=[A-Z]))\s*(?=\S{{2}})", re.I)
_PARTS = (
    "back ?ground", "aims?", "objectives?", "purpose", "methods?", "methodology", "(materials? (and|&) )?methods?",
    "(study )?design", "setting", "(principal |main )?(results?|findings?)", "conclusions?", "interpretation",
    "significance", "introduction", "context", "patients", "participants", "discussion",
)  # fmt: skip
ABSTRACT_PART = _whole(rf"{_any(*_PARTS)}( (and|&) [a-z]+)?")
INTRODUCTION = _whole(
    "introduction", "background", "einleitung", "einführung", "introducción", "introduzione", "introdução",
    r"引\s*言", r"绪\s*论", "مقدمة", "المقدمة", "введение",
)  # fmt: skip
REFERENCES = _whole(
    r"references?( and notes)?", "references? cited", "bibliography", "literature( cited)?", "works cited",
    "literatur(verzeichnis)?", "quellen", "referencias", "bibliografía", "bibliografia", "références", "bibliographie",
    r"参\s*考\s*文\s*献", "المراجع", "литература",
)  # fmt: skip
BACK = _whole(
    r"acknowledge?ments?( and .{3,40})?", "danksagung(en)?", "agradecimientos", "remerciements", r"致\s*谢",
    r"funding( (statement|information|sources?|acknowledge?ments?))?",
    r"(sources? of funding|financial (support|disclosures?)|grant support)( statement)?",
    r"(authors?|credit)[’'`´]?s?[’'`´]? (contributions?|statement)( statement)?",
    r"author (information|details|notes)", "about the authors?",
    r"((potential )?conflicts?|declarations?|competing|statement) (of |on )?(competing )?(financial )?"
    r"(conflicts? of )?interests?.{0,20}",
    r"disclosures?( statement)?", "declarations",
    r"(data|code|software|data and code|availability of data|data and materials?)( and materials?)? "
    r"(availability|accessibility|access|sharing)( statement)?",
    r"availability of (data|supporting).{0,40}",
    r"ethic(s|al) (approval|statement|declarations?|clearance|committee|consent).{0,40}",
    r"consent (for|to) .{3,40}", "institutional review board statement", "(informed )?consent statement",
    r"human and animal rights.{0,30}", r"supplementa(ry|l) .{3,40}", "supporting information",
    r"additional (information|files?)", r"abbreviations?( used)?", "orcid", "pre-?publication history",
    r"publisher[’']?s note", "provenance and peer review", "endnotes?", "transparency statement",
)  # fmt: skip
BACK_RUN_IN = re.compile(
    "^"
    + _any(
        r"acknowledge?ments?", r"funding( information| statement)?", r"authors?[’'`´]?s?[’'`´]? contributions?",
        r"(conflicts?|competing|declarations?) (of )?interests?( statement)?", r"data availability( statement)?",
        "supplementary materials?", "sample availability", "abbreviations", "institutional review board statement",
        "informed consent statement", r"publisher[’']s note", r"ethic(s|al) (statement|approval)", "disclosures?",
    )
    + r"\s*[:.—–]\s*\S",
    re.I,
)  # fmt: skip
FRONT = re.compile(
    "^"
    + _any(
        r"key ?words?", "index terms", "schlüsselw", "palabras clave", r"mots.cl[ée]s", "关键词", r"关\s*键\s*词",
        "received", "accepted", "published", "revised", "available online", "submitted", "date of",
        "academic editor", "edited by", "reviewed by", "handling editor", "editors?:", "reviewers?:",
        r"correspond(ence|ing)", r"\*\s*correspond", r"\*?\s*author for corr", r"e-?mails?\b", r"tel(ephone)?\b",
        r"doi\b", "https?://", r"www\.", "copyright", "©", r"\(c\) \d",
        "this (is an article|article is|work is|open access)",
        "open access", "licen[sc]e", r"citation\b", "how to cite", "cite this", "to cite this",
        r"article (info|history)", "specialty section", "issn", "isbn", "pacs", r"msc\b", r"jel\b", "ccs concepts",
        "acm reference", r"\d{4} the authors?", "published by", "permission to", r"the author\(s\)", "review article",
        "research article", r"original (article|research|paper)", r"address\b",
    ),
    re.I,
)  # fmt: skip
LICENCE = re.compile(
    _any(
        "creative commons", "all rights reserved", "open.access article", "permits (unrestricted|any)", "terms of the",
        "©", "rights? ?holder", "no part of this", "provided the original", "academic editor",
        r"[\w.]+@[\w-]+\.[a-z]{2,}", "department of", "university", "institute of", "faculty of",
    ),
    re.I,
)  # fmt: skip
_LABELS = (
    "fig(ure)?s?", "tables?", "schemes?", "charts?", "graphs?", "plates?", "box", "listing", "algorithm", "exhibit",
    "video", "photo", "abb(ildung)?", "tab(elle|leau|la|le)?", "figura", "cuadro", "gráfico", "图", "圖", "表", "شكل",
    "جدول", "рис(унок)?", "таблица",
)  # fmt: skip
CAPTION = re.compile(
    rf"^(supplementa(ry|l) |extended data |online |appendix )?{_any(*_LABELS)}\.?\s*"
    r"((S|A|B)?\d{1,3}([.\-–]\d{1,3})?[a-z]?|[IVX]{1,5}|[A-C]\.?\d{1,2}|[A-Z])(?![\w%])\s*(?P<mark>[|.:)—–\-]|\(|$)?",
    re.I,
)
NUMBERED = re.compile(
    r"^(\d{1,2}(\.\d{1,2}){0,3}\.?|[IVX]{1,5}\.|[A-H]\.|§\s?\d+(\.\d+)*|Chapter \d+|Kapitel \d+)\s*[|:]?\s+(?=[^\W\d_])"
)
REFERENCE_ITEM = re.compile(
    r"^(\[\d{1,3}\]|\d{1,3}[.)]?\s|\[[A-Z][^\]]{2,20}\])|^[A-Z][\w'’-]+,? [A-Z]\.?[A-Z.]{0,5}[ ,]"
)
YEAR = re.compile(r"\b(19|20)\d\d[a-z]?\b")
