"""In what language the passages of a paper are written, as ISO 639-1 codes; "" where that cannot be told.

Script and commonest words tell it of nearly every passage in microseconds. A paper in another language is shown to
py3langid (Lui and Baldwin, "langid.py: an off-the-shelf language identification tool", 2012), whose model takes half a
second to load.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from io import BytesIO
from types import SimpleNamespace
from typing import Any

ENGLISH = "en"
# Frequent words of each language that are none in English and tell it from the others.
_WORDS = {
    ENGLISH: (" the ", " of ", " and ", " to ", " for ", " with ", " that ", " are ", " by "),
    "de": (" der ", " die ", " und ", " ist ", " das ", " den ", " von ", " mit ", " ein ", " eine ", " sich "),
    "es": (" el ", " los ", " las ", " del ", " por ", " para ", " una ", " con ", " es ", " se ", " que "),
    "fr": (" le ", " les ", " des ", " et ", " est ", " dans ", " une ", " du ", " pour ", " que ", " par "),
    "it": (" il ", " di ", " che ", " della ", " per ", " è ", " gli ", " nel ", " sono ", " dei ", " del "),
    "nl": (" het ", " een ", " van ", " niet ", " voor ", " zijn ", " met ", " dat ", " wordt ", " deze "),
    "pt": (" os ", " do ", " são ", " não ", " uma ", " com ", " em ", " dos ", " para ", " ao ", " que "),
}
_SCRIPTS = {
    "ja": re.compile(r"[\u3040-\u30ff]"),
    "ko": re.compile(r"[\uac00-\ud7af\u1100-\u11ff]"),
    "zh": re.compile(r"[\u3400-\u9fff]"),
    "ar": re.compile(r"[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]"),
    "he": re.compile(r"[\u0590-\u05ff]"),
    "el": re.compile(r"(?<=[\u0370-\u03ff])[\u0370-\u03ff](?=[\u0370-\u03ff])"),  # alone they are formulas
    "ru": re.compile(r"[\u0400-\u04ff]"),
    "th": re.compile(r"[\u0e00-\u0e7f]"),
    "hi": re.compile(r"[\u0900-\u097f]"),
}
_ONLY_IN = {  # letters that the first language of a script has not, by those that have them
    "ar": (("ur", re.compile("[ٹڈڑں]")), ("fa", re.compile("[پچژگ]"))),
    "ru": (("uk", re.compile("[іїєґ]")), ("be", re.compile("[ўі]")), ("sr", re.compile("[ђјљњћџ]"))),
}
_LATIN = (
    *_WORDS, "ca", "cs", "cy", "da", "et", "eu", "fi", "ga", "gl", "hr", "hu", "id", "is", "la", "lt", "lv", "ms", "no",
    "pl", "ro", "sk", "sl", "sq", "sv", "sw", "tr", "vi",
)  # fmt: skip
_LETTER = re.compile(r"[^\W\d_]")
_EVERY = 150  # characters: prose has one of its language's words at least so often
_SCRIPT_SHARE = 0.3  # of the letters: technical Chinese holds as many Latin ones
_LETTER_SHARE = 0.01  # of a text's letters
_ACCENTED_SHARE = 0.03
_PROSE = 0.7  # share of letters
_LONG = 150  # letters or characters: what is shorter is taken to be in its paper's language
_SAMPLE = 5000
_EVERY_SPACE = 9  # characters: where spaces are rarer the words cannot be told
_BYTES = 1.2  # of a character on the average: Latin text has fewer, accents included
_SURE = 0.9


def languages(texts: Sequence[str]) -> list[str]:
    """The language of each passage of one paper; of a passage that does not tell, that of most of the paper."""
    sizes: Counter[str] = Counter()
    found = []
    for text in texts:
        found.append(_told(text, sizes))
        sizes[found[-1]] += len(text)
    sizes.pop("", None)
    main = max(sizes, key=sizes.__getitem__, default="") or _of_sample(" ".join(texts)[:_SAMPLE])
    if main == ENGLISH:
        found = [language or _of_strange(text) for text, language in zip(texts, found, strict=True)]
    return [language or main for language in found]


def _of_sample(text: str) -> str:
    """Of a paper none of whose passages told; "" where there are too few words, or no spaces between them."""
    enough = len(_LETTER.findall(text)) > _LONG and text.count(" ") * _EVERY_SPACE > len(text)
    return _asked(text) if enough else ""


def _of_strange(text: str) -> str:
    """Of a passage in an English paper that holds no English words, where many of its letters have accents."""
    if len(text) < _LONG or text.isascii():
        return ""
    letters = _LETTER.findall(text)
    accented = sum(["\x7f" < letter < "\u0250" or "\u1e00" <= letter < "\u1f00" for letter in letters])
    prose = len(letters) > _PROSE * len(text)
    return _asked(text) if prose and accented > _ACCENTED_SHARE * len(letters) else ""


def _told(text: str, before: Counter[str]) -> str:
    """What words and script tell beyond doubt; ``before``: characters of the paper in each language, so far."""
    size = len(text)
    script = _script(text) if len(text.encode("utf-8", "replace")) > _BYTES * size else ""
    if script:
        return script
    hits = _hits(text, ENGLISH)
    if hits > 1 and hits * _EVERY >= size:
        return ENGLISH
    lower = text.lower()
    for language in before:
        hits = _hits(lower, language) if language in _WORDS else 0
        if hits > 3 and hits * _EVERY >= 2 * size:
            return language
    counts = sorted([(_hits(lower, language), language) for language in _WORDS])
    (second, _), (most, language) = counts[-2:]
    return language if most >= 3 and most * _EVERY >= size and most > 1.5 * second else ""


def _hits(text: str, language: str) -> int:
    return sum([text.count(word) for word in _WORDS[language]])


def _script(text: str) -> str:
    """The language of a script that is not Latin; "" where few letters are in one."""
    letters = len(_LETTER.findall(text))
    counts = {name: len(pattern.findall(text)) for name, pattern in _SCRIPTS.items()}
    kana = counts.pop("ja")
    counts["zh"] += kana
    name = max(counts, key=counts.__getitem__)
    if not letters or counts[name] < _SCRIPT_SHARE * letters:
        return ""
    if name == "zh" and kana * 10 > counts["zh"]:
        return "ja"
    others = (other for other, own in _ONLY_IN.get(name, ()) if len(own.findall(text)) > _LETTER_SHARE * letters)
    return next(others, name)


def _asked(text: str) -> str:
    language, share = _model().classify(text)
    return str(language) if share >= _SURE else ""


@cache
def _model() -> Any:
    from py3langid import modelio
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    # It unpacks into a file for temporary use, and the reading processes may not write one of its size.
    files, modelio.tempfile = modelio.tempfile, SimpleNamespace(TemporaryFile=lambda suffix: BytesIO())
    try:
        model: Any = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    finally:
        modelio.tempfile = files
    model.set_languages(list(_LATIN))
    return model
