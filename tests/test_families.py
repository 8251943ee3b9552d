"""The generated pages of bounds: cases, figures and prose. That every bound has its page is tested on the built site."""

from __future__ import annotations

import dataclasses
import importlib
import sys
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest

from genbounds.bounds import catalogue
from genbounds.bounds.holdout import clopper_pearson

DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture(scope="module")
def bound_pages() -> ModuleType:
    sys.path.insert(0, str(DOCS))
    return importlib.import_module("bound_pages")


def test_every_name_of_the_catalogue_has_its_case(bound_pages: ModuleType) -> None:
    names = {formula.name for formula in catalogue()}
    assert names - set(bound_pages.CASES) == set(), "add a line to docs/cases/"
    assert set(bound_pages.CASES) - names == set(), "docs/cases/ names what the catalogue has not"


@pytest.mark.slow
def test_a_figure_is_drawn_once_and_anew_when_its_numbers_change(bound_pages: ModuleType, tmp_path: Path) -> None:
    formula, case = clopper_pearson, bound_pages.CASES["holdout.clopper_pearson"]
    path = bound_pages.plot(formula, case, tmp_path)
    path.write_text("kept")
    assert bound_pages.plot(formula, case, tmp_path).read_text() == "kept"
    other = bound_pages.plot(formula, dataclasses.replace(case, risk=Fraction(1, 3)), tmp_path)
    assert list(tmp_path.iterdir()) == [other]
    assert "33% errors" in other.read_text(encoding="utf-8")


def test_formulas_are_drawn_without_a_script() -> None:
    mathml = importlib.import_module("mathml").mathml
    root = ElementTree.fromstring(mathml(r"\begin{aligned} a &= \sqrt{b} \\ &+ c \end{aligned}", "block"))
    names = [element.tag.rpartition("}")[2] for element in root.iter()]
    assert (names.count("mtr"), names.count("msqrt")) == (2, 1)
    assert "&" not in "".join(root.itertext())


def test_prose_of_a_docstring_survives_markdown(bound_pages: ModuleType) -> None:
    assert bound_pages.to_myst("|H| <= 2 *and* ``hoeffding`` of x_i\n+ y") == (
        r"\|H\| \<= 2 *and* [`hoeffding`](#holdout-hoeffding) of x\_i" + "\n" + r"\+ y"
    )
    assert bound_pages.to_myst("it starts at\n1. By Ville's\n2) + W and\n.5 or 3 of 4") == (
        "it starts at\n" + r"1\. By Ville's" + "\n" + r"2\) + W and" + "\n.5 or 3 of 4"
    )
    assert bound_pages.to_myst("    P(Bin(n, p) >= k) = x_i") == "    P(Bin(n, p) >= k) = x_i"  # a displayed formula is a block of code
