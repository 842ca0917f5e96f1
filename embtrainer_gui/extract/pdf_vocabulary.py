"""Words that papers use for their parts, in the languages most papers are written in. No publisher's own words."""

from __future__ import annotations

import re

NUMBER = r"(?:(?:\d{1,2}|[IVX]{1,5}|[A-Z])(?:\.\d{1,2})*[.)]?\s*[|:]?\s+)?"


def _whole(words: str) -> re.Pattern[str]:
    return re.compile(rf"^{NUMBER}(?:{words})\s*[:.]?$", re.I)


ABSTRACT = _whole(
    r"(graphical |structured )?abstract|a b s t r a c t|summary|zusammenfassung|kurzfassung|résumé|resumen|resumo|riassunto|摘\s*要|"
    r"ملخص|الملخص|аннотация"
)
ABSTRACT_RUN_IN = re.compile(r"^(abstract|summary|zusammenfassung|resumen|résumé|摘\s*要)\s*([:.—–-]|\s(?=[A-Z]))\s*(?=\S{2})", re.I)
ABSTRACT_PART = _whole(
    r"(back ?ground|aims?|objectives?|purpose|methods?|methodology|(materials? (and|&) )?methods?|(study )?design|setting|results?|findings?|"
    r"(principal |main )?(results?|findings?)|conclusions?|interpretation|significance|introduction|context|patients|participants|discussion)"
    r"( (and|&) [a-z]+)?"
)
INTRODUCTION = _whole(r"introduction|background|einleitung|einführung|introducción|introduzione|introdução|引\s*言|绪\s*论|مقدمة|المقدمة|введение")
REFERENCES = _whole(
    r"references?( and notes)?|references? cited|bibliography|literature( cited)?|works cited|literatur(verzeichnis)?|quellen|"
    r"referencias|bibliografía|bibliografia|références|bibliographie|参\s*考\s*文\s*献|المراجع|литература"
)
BACK = _whole(
    r"acknowledge?ments?( and .{3,40})?|danksagung(en)?|agradecimientos|remerciements|致\s*谢|"
    r"funding( (statement|information|sources?|acknowledge?ments?))?|(sources? of funding|financial (support|disclosures?)|grant support)( statement)?|"
    r"(authors?|credit)[’'`´]?s?[’'`´]? (contributions?|statement)( statement)?|author (information|details|notes)|about the authors?|"
    r"((potential )?conflicts?|declarations?|competing|statement) (of |on )?(competing )?(financial )?(conflicts? of )?interests?.{0,20}|"
    r"disclosures?( statement)?|declarations|(data|code|software|data and code|availability of data|data and materials?)( and materials?)? "
    r"(availability|accessibility|access|sharing)( statement)?|availability of (data|supporting).{0,40}|"
    r"ethic(s|al) (approval|statement|declarations?|clearance|committee|consent).{0,40}|"
    r"consent (for|to) .{3,40}|institutional review board statement|(informed )?consent( statement)|human and animal rights.{0,30}|"
    r"supplementa(ry|l) .{3,40}|supporting information|additional (information|files?)|abbreviations?( used)?|orcid|pre-?publication history|"
    r"publisher[’']?s note|provenance and peer review|endnotes?|transparency statement"
)
BACK_RUN_IN = re.compile(
    r"^(acknowledge?ments?|funding( information| statement)?|author[’'`´]?s?[’'`´]? contributions?|(conflicts?|competing|declarations?) (of )?interests?"
    r"( statement)?|data availability( statement)?|supplementary materials?|sample availability|abbreviations|institutional review board statement|"
    r"informed consent statement|publisher[’']s note|ethic(s|al) (statement|approval)|disclosures?)\s*[:.—–]\s*\S",
    re.I,
)
APPENDIX = re.compile(r"^(appendi(x|ces)|anhang|annex|anexo|apéndice|附\s*录|supplementa(ry|l)\b)", re.I)
FRONT = re.compile(
    r"^(key ?words?|index terms|schlüsselw|palabras clave|mots.cl[ée]s|关键词|关\s*键\s*词|received|accepted|published|revised|available online|"
    r"academic editor|edited by|reviewed by|handling editor|editors?:|reviewers?:|correspond(ence|ing)|\*\s*correspond|\*?\s*author for corr|e-?mails?\b|tel(ephone)?\b|"
    r"doi\b|https?://|www\.|copyright|©|\(c\) \d|this (is an|article is|work is|open access)|open access|licen[sc]e|citation\b|"
    r"how to cite|cite this|to cite this|article (info|history)|specialty section|submitted|date of|issn|isbn|pacs|msc\b|jel\b|ccs concepts|acm reference|"
    r"\d{4} the authors?|published by|permission to|the author\(s\)|review article|research article|original (article|research|paper)|address\b)",
    re.I,
)
LICENCE = re.compile(
    r"creative commons|all rights reserved|open.access article|permits (unrestricted|any)|terms of the|©|rights? ?holder|no part of this|"
    r"provided the original|academic editor|[\w.]+@[\w-]+\.[a-z]{2,}|department of|university|institute of|faculty of",
    re.I,
)
CAPTION = re.compile(
    r"^(supplementa(ry|l) |extended data |online |appendix )?(fig(ure)?s?|tables?|schemes?|charts?|graphs?|plates?|box|listing|algorithm|exhibit|video|photo|"
    r"abb(ildung)?|tab(elle|leau|la|le)?|figura|cuadro|gráfico|图|圖|表|شكل|جدول|рис(унок)?|таблица)\.?\s*"
    r"((S|A|B)?\d{1,3}([.\-–]\d{1,3})?[a-z]?|[IVX]{1,5}|[A-C]\.?\d{1,2}|[A-Z])(?![\w%])\s*(?P<mark>[|.:)—–\-]|\(|$)?",
    re.I,
)
NUMBERED = re.compile(r"^(\d{1,2}(\.\d{1,2}){0,3}\.?|[IVX]{1,5}\.|[A-H]\.|§\s?\d+(\.\d+)*|Chapter \d+|Kapitel \d+)\s*[|:]?\s+(?=[^\W\d_])")
REFERENCE_ITEM = re.compile(r"^(\[\d{1,3}\]|\d{1,3}[.)]?\s|\[[A-Z][^\]]{2,20}\])|^[A-Z][\w'’-]+,? [A-Z]\.?[A-Z.]{0,5}[ ,]")
YEAR = re.compile(r"\b(19|20)\d\d[a-z]?\b")
