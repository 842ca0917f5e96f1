"""The language of passages: common words and scripts at once, the model only for a paper that needs it."""

from __future__ import annotations

import sys

import pytest

from embtrainer_gui.text import languages as module
from embtrainer_gui.text.languages import languages

PROSE = {
    "en": "The patients of the first group were treated with a lower dose, and the effect was stable for a year.",
    "de": "Die Patienten der ersten Gruppe wurden mit einer geringeren Dosis behandelt, und die Wirkung ist stabil.",
    "es": "Los pacientes del primer grupo se trataron con una dosis menor, y el efecto es estable por un año.",
    "fr": "Les patients du premier groupe ont été traités avec une dose plus faible, et l'effet est stable dans tout.",
    "it": "I pazienti del primo gruppo sono stati trattati con una dose minore, che è stabile per il resto.",
    "nl": "De patiënten van de eerste groep kregen een lagere dosis, en het effect is niet veranderd met de tijd.",
    "pt": "Os pacientes do primeiro grupo foram tratados com uma dose menor, que não mudou o efeito em um ano para os.",
    "ru": "Пациенты первой группы получали меньшую дозу препарата, и эффект оставался стабильным в течение года.",
    "uk": "Пацієнти першої групи отримували меншу дозу препарату, і ефект залишався стабільним протягом року.",
    "ar": "تلقى مرضى المجموعة الأولى جرعة أقل من الدواء، وظل التأثير مستقرا لمدة عام كامل.",
    "fa": "بیماران گروه اول دوز کمتری از دارو دریافت کردند و اثر آن به مدت یک سال پایدار ماند. پژوهش",
    "he": "החולים בקבוצה הראשונה קיבלו מינון נמוך יותר, וההשפעה נשארה יציבה במשך שנה.",
    "zh": "第一组患者接受较低剂量的治疗,效果在一年内保持稳定。",
    "ja": "第一群の患者には低用量の薬が投与され、その効果は一年間安定していた。",
    "ko": "첫 번째 그룹의 환자들은 더 낮은 용량을 투여받았고 효과는 일 년 동안 안정적이었다.",
    "el": "Οι ασθενείς της πρώτης ομάδας έλαβαν μικρότερη δόση και το αποτέλεσμα παρέμεινε σταθερό για ένα έτος.",
}
POLISH = (
    "Pacjenci z pierwszej grupy otrzymywali mniejszą dawkę leku, a efekt utrzymywał się przez cały rok. Wyniki badań"
    " wskazują, że różnica między grupami była istotna statystycznie, jednak wymaga dalszych badań na większej próbie."
)


@pytest.mark.parametrize("code", PROSE)
def test_that_prose_tells_its_language(code: str) -> None:
    assert languages([PROSE[code]]) == [code]


def test_that_each_passage_of_a_mixed_paper_has_its_own() -> None:
    assert languages([*PROSE.values()]) == [*PROSE]


def test_that_a_passage_that_does_not_tell_is_in_the_language_of_its_paper() -> None:
    formula = "d(x, y) = 0 ⇔ x = y, σ(x1) ∈ X"
    assert languages([PROSE["de"], formula, "Beweis."]) == ["de", "de", "de"]
    assert languages([PROSE["zh"], formula]) == ["zh", "zh"]


def test_that_text_without_words_has_no_language() -> None:
    assert languages(["1.5 2.5 3.5", "", "x = y"]) == ["", "", ""]
    assert languages([]) == []


def test_that_another_language_is_told_by_the_model() -> None:
    assert languages([POLISH]) == ["pl"]
    assert languages([PROSE["en"], PROSE["en"], POLISH]) == ["en", "en", "pl"]


def test_that_an_english_paper_does_without_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_model", None)  # calling it would fail
    monkeypatch.setitem(sys.modules, "py3langid", None)
    names = "Björn Åkesson, Žofie Nováková, A. Müller, B. Schön, J. Pérez"
    assert languages([PROSE["en"], names, "x = y", PROSE["es"]]) == ["en", "en", "en", "es"]
