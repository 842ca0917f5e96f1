"""Which passages are formulas, tables and lists rather than prose."""

from __future__ import annotations

import pytest

from embtrainer_gui.text.marks import MATHS, TABLE, mark_of


@pytest.mark.parametrize(
    "text",
    [
        "d2(c1 + c2) = d(b, c) − d(a, c) + d(a, b), wobei d(x, y) ≤ d(x, z) + d(z, y) ∀x, y, z ∈ X",
        "Cps(h, u) = k · Cs(h)Ct(u) + Cs(h) + Ct(u)\n−k · [(sills −γs(h)) (sillt −γt(u))] −(sills −γs(h))",
        "fit(vgm, model, fit.method = 7,\ncontrol = list(parscale = c(10, 20, 5)), lower = c(80, 50, 5), upper = c(1))",
    ],
)
def test_that_formulas_and_code_are_maths(text: str) -> None:
    assert mark_of(text) == MATHS


@pytest.mark.parametrize(
    "text",
    [
        "1.1 Methods of measurement . . . . . . . . . . . . . . . . . . . . 12 1.2 Statistics . . . . . . . . . . . 14",
        "Control 12.5 (3.1) 14.2 (2.9) 0.034 Treated 18.9 (4.0) 20.1 (3.7) 0.012 Both 15.5 (3.6) 17.3 (3.3) 0.021",
    ],
)
def test_that_rows_of_numbers_and_contents_are_tables(text: str) -> None:
    assert mark_of(text) == TABLE


@pytest.mark.parametrize(
    "text",
    [
        "The CC50 value in U1 cells was 42.0 ± 0.13 µg/mL, which was higher than the 25 µg/mL (p < 0.05) of the other.",
        "The limits of detection (μg/L) were as follows: Fe 0.34, Cu 0.03, Se 0.07, Zn 0.17, and Mn 0.04 in all.",
        "We set λ = 0.1 and train for 10 epochs with Adam (β1 = 0.9, β2 = 0.999) on 4 GPUs, as in the work before.",
        "排版中文需要解决两方面问题,一方面是对中文字体的支持,另一方面是对中文排版中的一些细节的处理。",
        "يمكن أن تؤدي البرمجة إلى تحسين الإنتاجية وتوفير حلول مبتكرة للمشكلات المعقدة.",
        "Methods",
        "",
    ],
)
def test_that_prose_with_figures_in_it_is_prose(text: str) -> None:
    assert mark_of(text) == ""
