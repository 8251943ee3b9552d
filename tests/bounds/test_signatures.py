"""What a user sees of a formula: its inputs, their defaults and the form; never the world or what a search chooses."""

from __future__ import annotations

import inspect
import pydoc

import pytest

from genbounds.bounds import Bound, Certificate, Formula, Quantity, catalogue
from genbounds.bounds.holdout import bernstein, hoeffding
from genbounds.bounds.margin import spectral
from genbounds.bounds.vc import dimension_relu_network


@pytest.mark.parametrize("formula", catalogue(), ids=lambda formula: formula.name)
def test_the_signature_is_the_inputs_with_their_defaults_and_the_form(formula: Formula) -> None:
    signature = inspect.signature(formula)
    several = len(formula.forms) > 1
    assert tuple(signature.parameters) == formula.inputs + ((formula.form_argument,) if several else ())
    assert all(parameter.kind is inspect.Parameter.KEYWORD_ONLY for parameter in signature.parameters.values())
    assert "math" not in signature.parameters
    assert not set(signature.parameters) & set(formula.declaration.chosen)
    given = {name: p.default for name, p in signature.parameters.items() if p.default is not inspect.Parameter.empty}
    assert given == formula.defaults | ({formula.form_argument: formula.declaration.form} if several else {})
    assert signature.return_annotation is (Certificate if isinstance(formula, Bound) else Quantity)


def test_some_of_them_in_words() -> None:
    assert str(inspect.signature(hoeffding)) == "(*, empirical_risk, n, delta) -> genbounds.bounds.certificate.Certificate"
    assert repr(hoeffding) == "<bound holdout.hoeffding(*, empirical_risk, n, delta) -> Certificate>"
    assert repr(bernstein).endswith("delta, loss_range=1) -> Certificate>")
    assert "homogeneous: Literal[False, True] = False" in repr(spectral)
    assert repr(dimension_relu_network).startswith("<capacity vc.dimension_relu_network(*, widths, form: Literal['implicit', 'closed']")
    assert repr(dimension_relu_network).endswith("-> Quantity>")


@pytest.mark.parametrize("formula", [hoeffding, spectral, dimension_relu_network])
def test_help_shows_signature_and_docstring(formula: Formula) -> None:
    text = pydoc.plain(pydoc.render_doc(formula))
    shown = f"{formula.__name__}{inspect.signature(formula)}"
    assert "".join(shown.split()) in "".join(text.split())  # from Python 3.13 on a long one has a line for each parameter
    assert formula.statement[:60] in text
    assert "math: World" not in text
