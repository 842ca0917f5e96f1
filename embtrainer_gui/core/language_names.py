"""What languages are called, by their ISO 639-1 code."""

from __future__ import annotations

from collections.abc import Mapping

from embtrainer_gui.core.translate import mark

_NAMES: Mapping[str, str] = {
    "ar": mark("Arabic"), "be": mark("Belarusian"), "ca": mark("Catalan"), "cs": mark("Czech"), "cy": mark("Welsh"),
    "da": mark("Danish"), "de": mark("German"), "el": mark("Greek"), "en": mark("English"), "es": mark("Spanish"),
    "et": mark("Estonian"), "eu": mark("Basque"), "fa": mark("Persian"), "fi": mark("Finnish"), "fr": mark("French"),
    "ga": mark("Irish"), "gl": mark("Galician"), "he": mark("Hebrew"), "hi": mark("Hindi"), "hr": mark("Croatian"),
    "hu": mark("Hungarian"), "id": mark("Indonesian"), "is": mark("Icelandic"), "it": mark("Italian"),
    "ja": mark("Japanese"), "ko": mark("Korean"), "la": mark("Latin"), "lt": mark("Lithuanian"), "lv": mark("Latvian"),
    "ms": mark("Malay"), "nl": mark("Dutch"), "no": mark("Norwegian"), "pl": mark("Polish"), "pt": mark("Portuguese"),
    "ro": mark("Romanian"), "ru": mark("Russian"), "sk": mark("Slovak"), "sl": mark("Slovenian"),
    "sq": mark("Albanian"), "sr": mark("Serbian"), "sv": mark("Swedish"), "sw": mark("Swahili"), "th": mark("Thai"),
    "tr": mark("Turkish"), "uk": mark("Ukrainian"), "ur": mark("Urdu"), "vi": mark("Vietnamese"), "zh": mark("Chinese"),
}  # fmt: skip


def language_name(code: str) -> str:
    """In English; the code itself where it has no name here."""
    return _NAMES.get(code, code)
