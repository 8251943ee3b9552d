"""Formulas in print: brackets where they are needed and only there, products where formulas add logarithms."""

from __future__ import annotations

import sympy

from genbounds.bounds import get
from genbounds.bounds.worlds.symbols import SymbolWorld, symbol, to_latex

WORLD = SymbolWorld()
A, B, X = symbol("a"), symbol("b"), symbol("x", vector=True)


def printed(write: object) -> str:
    with sympy.evaluate(False):
        return to_latex(write())  # type: ignore[operator]


def test_a_sum_of_sums_has_no_brackets_and_no_double_sign() -> None:
    assert printed(lambda: (A + B) + (A - 1)) == "a + b + a - 1"
    assert printed(lambda: A - (B - 1)) in (r"a - (b - 1)", r"a - \left(b - 1\right)")
    assert printed(lambda: WORLD.log1p(-A * B)) == r"\ln\left(1 - a b\right)"


def test_a_difference_has_brackets_where_a_factor_follows() -> None:
    assert printed(lambda: A / WORLD.one_minus_exp(B)) == r"\frac{a}{1 - e^{-b}}"
    assert printed(lambda: A * WORLD.one_minus_exp(B)) == r"a \left(1 - e^{-b}\right)"
    assert printed(lambda: WORLD.log(WORLD.expm1(A))) == r"\ln\left(e^{a} - 1\right)"
    assert printed(lambda: B * WORLD.x_minus_log1p(WORLD.expm1(A))) == r"b \left(e^{a} - 1 - a\right)"


def test_the_exponential_of_a_sum_of_logarithms_is_a_product() -> None:
    assert printed(lambda: WORLD.exp(WORLD.sum(WORLD.log(X)))) == r"\prod_{l=1}^{L} x_{l}"
    assert printed(lambda: WORLD.exp(WORLD.sum(WORLD.log(X))) * X * A) == r"\left(\prod_{l=1}^{L} x_{l}\right) x_{i} a"
    assert printed(lambda: A * WORLD.expm1(WORLD.sum(WORLD.log1p(X)))) == r"a \left(\prod_{l=1}^{L} \left(1 + x_{l}\right) - 1\right)"
    assert printed(lambda: WORLD.exp(WORLD.sum(X))) == r"\exp\left(\sum_{i=1}^{L} x_{i}\right)"


def test_the_relation_is_that_of_the_theorem() -> None:
    assert get("vc.baum_haussler1989_sample_size").latex().startswith(r"m \ge ")
    assert get("vc.dimension_halfspace").latex() == r"\mathrm{VCdim} = d + 1"
    assert get("holdout.hoeffding").latex().startswith(r"R(h) \le ")


def test_the_last_crossing_of_a_network_has_one_case_for_a_single_layer() -> None:
    latex = get("vc.dimension_relu_network").latex()
    assert latex.count(r"\begin{cases}") == 1
    assert "m - m" not in latex
