"""The value on tensors is never below the certificate of the same numbers, in any dtype."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from tests.bounds.strategies.table import CASES, READINGS, TESTED, with_form

import genbounds.models  # noqa: F401 - registers the torch reading
from genbounds.bounds import Certificate, Quantity, get

DTYPES = [torch.float16, torch.bfloat16, torch.float32, torch.float64]


def in_dtype(value: Any, dtype: torch.dtype) -> torch.Tensor:
    """A number or a vector as a tensor."""
    return torch.tensor(np.asarray(value, np.float64)).to(dtype)


def in_tensors(key: str, dtype: torch.dtype) -> tuple[dict[str, Any], dict[str, Any]]:
    """The inputs of an example with what is not a count rounded to the dtype, and those of them that are in tensors."""
    formula, _ = READINGS[key]
    inputs: dict[str, Any] = dict(CASES[key].example)
    moved: set[str] = set()
    for name in ("delta", *formula.declaration.increasing):
        domain = formula.domains.get(name)
        if name in inputs and domain is not None and not domain.whole:
            tensor = in_dtype(inputs[name], dtype)
            exact = tuple(tensor.double().tolist()) if tensor.ndim else float(tensor)
            try:
                formula.check({**inputs, name: exact})
            except ValueError:
                continue
            inputs[name] = exact
            moved.add(name)
    return inputs, {name: in_dtype(inputs[name], dtype) for name in moved}


PAIRS = [(key, dtype) for dtype in DTYPES for key in TESTED if in_tensors(key, dtype)[1]]
"""Formulas that take nothing but counts are left out."""


def test_every_formula_that_takes_more_than_counts_is_read_in_every_dtype() -> None:
    assert {dtype for _, dtype in PAIRS} == set(DTYPES)
    assert len({key for key, _ in PAIRS}) > 0.8 * len(TESTED)


@pytest.mark.parametrize(("key", "dtype"), PAIRS, ids=str)
def test_no_value_on_tensors_is_below_the_certificate(key: str, dtype: torch.dtype) -> None:
    formula, _ = READINGS[key]
    inputs, tensors = in_tensors(key, dtype)
    given = inputs | tensors
    value = formula.value(**with_form(key, given))
    assert value.dtype == dtype
    result = formula(**with_form(key, inputs))
    assert isinstance(result, Certificate | Quantity)
    assert not isinstance(result.value, tuple)
    exact_value = float(result.value)
    assert float(value) >= exact_value - abs(exact_value) * 1e-12


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("delta", [0.9999, 0.05, 1e-6])
def test_values_are_rounded_up_to_the_dtype_and_keep_their_gradient(dtype: torch.dtype, delta: float) -> None:
    risk = torch.linspace(0, 1, 17).to(dtype).requires_grad_(True)
    found = get("holdout.hoeffding").value(empirical_risk=risk, n=12345, delta=delta)
    wide = get("holdout.hoeffding").value(empirical_risk=risk.detach().double().numpy(), n=12345, delta=delta)
    assert found.dtype == dtype
    assert np.all(found.detach().double().numpy() >= wide)
    assert np.all(found.detach().double().numpy() <= wide * (1 + 2 * torch.finfo(dtype).eps))
    found.sum().backward()
    assert risk.grad is not None
    assert risk.grad.dtype == dtype
    assert torch.equal(risk.grad, torch.ones_like(risk))


def test_the_widest_dtype_is_that_of_the_value() -> None:
    kl = torch.tensor(3.0, dtype=torch.bfloat16)
    risk = torch.tensor(0.25, dtype=torch.float32)
    assert get("pac_bayes.seeger2002").value(empirical_risk=risk, kl=kl, n=100, delta=0.05).dtype == torch.float32
    assert get("pac_bayes.seeger2002").value(empirical_risk=0.25, kl=kl, n=torch.tensor(100), delta=0.05).dtype == torch.bfloat16


@pytest.mark.parametrize("delta", [1 - 2.0**-53, 0.9999999910178026, 0.5, 1e-310])
def test_the_logarithm_of_a_quotient_agrees_with_numpy_and_has_a_finite_gradient(delta: float) -> None:
    at = torch.tensor(delta, dtype=torch.float64, requires_grad=True)
    found = get("holdout.hoeffding").value(empirical_risk=0.0, n=70, delta=at)
    plain = get("holdout.hoeffding").value(empirical_risk=0.0, n=70, delta=delta)
    if delta > 1e-300:
        assert float(found) == pytest.approx(plain, rel=1e-14)
        found.backward()
        assert at.grad is not None
        assert torch.isfinite(at.grad)
    else:
        assert float(found) >= plain * (1 - 1e-12)
