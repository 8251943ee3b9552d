"""No error of a formula echoes an input of 5 000 digits, and none fails to write it."""

from __future__ import annotations

from fractions import Fraction

import pytest

from genbounds.bounds import catalogue

ENDLESS = {"text": "9" * 5000, "word": "x" * 5000, "whole": -(10**5000) - 1, "fraction": -Fraction(10**5000 + 1, 10**4999 + 3)}


@pytest.mark.parametrize("kind", ENDLESS)
def test_errors_are_brief(kind: str) -> None:
    for formula in catalogue():
        for name in formula.inputs:
            given = dict.fromkeys(formula.inputs, 0.1)
            given[name] = (ENDLESS[kind],) if name in formula.vectors else ENDLESS[kind]
            with pytest.raises((ValueError, TypeError)) as caught:
                formula(**given)
            assert len(str(caught.value)) < 1500, (formula.name, name)
            assert "Exceeds the limit" not in str(caught.value), (formula.name, name)
