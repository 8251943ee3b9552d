"""The torch reading: equal to numpy's, differentiable, on the tensors' own device and dtype."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import torch
from torch.autograd import gradcheck

import genbounds.models.tensor_world as tensor_world
from genbounds.bounds import get, special
from genbounds.bounds.worlds import FLOATS, MEMBERS

MATH = tensor_world.TensorMath(torch.float64, torch.device("cpu"))
Q = np.array([0.0, 1e-9, 0.01, 0.1, 0.3, 0.5, 0.9, 1 - 1e-9, 1.0])
C = np.array([0.0, 1e-12, 1e-4, 0.02, 0.5, 3.0, 50.0])


def grid() -> tuple[np.ndarray, np.ndarray]:
    q, c = np.meshgrid(Q, C, indexing="ij")
    return q.ravel(), c.ravel()


def test_the_world_has_every_member() -> None:
    missing = [name for name in MEMBERS if not hasattr(MATH, name)]
    assert missing == []


@pytest.mark.parametrize("name", ["kl_inverse", "kl_inverse_lower"])
@pytest.mark.parametrize("on_device", [False, True])
def test_kl_inverses_agree_with_numpy(name: str, on_device: bool) -> None:
    q, c = grid()
    expected = getattr(special, name)(q, c)
    if on_device:  # the code that a GPU runs, here on the CPU
        got = tensor_world._newton(torch.tensor(q), torch.tensor(c), name == "kl_inverse").numpy()
    else:
        got = getattr(MATH, name)(torch.tensor(q), torch.tensor(c)).numpy()
    np.testing.assert_allclose(got, expected, rtol=1e-11 if on_device else 1e-12, atol=1e-300)


def test_device_newton_never_comes_out_below_fifty_digits() -> None:
    q, c = grid()
    got = tensor_world._newton(torch.tensor(q), torch.tensor(c), True).tolist()
    with mpmath.workdps(50):
        for qi, ci, p in zip(q.tolist(), c.tolist(), got, strict=True):
            if p < 1:
                a, b, r = mpmath.mpf(qi), 1 - mpmath.mpf(qi), mpmath.mpf(p)
                kl = (a * mpmath.log(a / r) if a else 0) + b * mpmath.log(b / (1 - r))
                assert kl >= mpmath.mpf(ci)


@pytest.mark.parametrize("upper", [True, False])
def test_kl_inverse_gradients(upper: bool) -> None:
    q = torch.tensor([0.02, 0.1, 0.3, 0.5, 0.9], dtype=torch.float64, requires_grad=True)
    c = torch.tensor([0.3, 0.02, 0.1, 0.005, 0.01], dtype=torch.float64, requires_grad=True)
    function = MATH.kl_inverse if upper else MATH.kl_inverse_lower
    assert gradcheck(function, (q, c), eps=1e-5, rtol=1e-5, atol=1e-6)


def test_kl_inverse_gradients_are_finite_at_the_edges() -> None:
    q, c = (torch.tensor(values, requires_grad=True) for values in grid())
    MATH.kl_inverse(q, c.clamp(min=1e-9)).sum().backward()
    assert torch.isfinite(q.grad).all()
    assert torch.isfinite(c.grad).all()
    # At q = 0 the inverse is 1 - e^-c, with derivative e^-c.
    zero, level = torch.zeros(1, dtype=torch.float64), torch.tensor([0.7], dtype=torch.float64, requires_grad=True)
    MATH.kl_inverse(zero, level).sum().backward()
    assert float(level.grad) == pytest.approx(math.exp(-0.7), rel=1e-9)


def test_gradients_of_the_other_functions() -> None:
    x = torch.tensor([-0.7, -1e-6, 1e-9, 0.4, 5.0], dtype=torch.float64, requires_grad=True)
    assert gradcheck(MATH.x_minus_log1p, (x,), atol=1e-8)
    y = torch.tensor([3.0, 40.0, 900.0], dtype=torch.float64, requires_grad=True)
    a = torch.tensor([0.5, 2.0, 0.1], dtype=torch.float64, requires_grad=True)
    b = torch.tensor([3.0, 0.2, 7.0], dtype=torch.float64, requires_grad=True)
    assert gradcheck(MATH.log_gamma_second_increment, (y, a, b), atol=1e-7)
    n = torch.tensor([1e4], dtype=torch.float64, requires_grad=True)
    MATH.xi(n).sum().backward()
    assert float(n.grad) == pytest.approx((special.xi(10001.0) - special.xi(9999.0)) / 2, rel=1e-4)


def test_special_functions_agree_with_numpy() -> None:
    x = np.concatenate([-np.logspace(-12, -0.01, 40), np.logspace(-12, 6, 60)])
    np.testing.assert_allclose(MATH.x_minus_log1p(torch.tensor(x)), special.x_minus_log1p(x), rtol=1e-12)
    n = np.array([1.0, 2.0, 10.0, 1e4, 1e9])
    np.testing.assert_allclose(MATH.xi(torch.tensor(n)), special.xi(n), rtol=1e-14)
    k = torch.tensor([0.0, 5.0, 100.0])
    got = MATH.binomial_tail_inverse(k, 100, 0.05)
    np.testing.assert_allclose(got, FLOATS.binomial_tail_inverse(k.numpy(), 100.0, 0.05), rtol=1e-14)
    np.testing.assert_allclose(MATH.log_binomial_sum(torch.tensor(50.0), 7), special.log_binomial_sum(50, 7), rtol=1e-14)


def test_discrete_functions_refuse_gradients() -> None:
    k = torch.tensor(3.0, requires_grad=True)
    with pytest.raises(ValueError, match=r"no gradient.*chernoff_kl"):
        MATH.binomial_tail_inverse(k, 100, 0.05)
    with torch.no_grad():
        assert float(MATH.binomial_tail_inverse(k, 100, 0.05)) < 0.1


def test_vectors() -> None:
    v = torch.arange(6.0, dtype=torch.float64).reshape(2, 3) + 1
    assert MATH.sum(v).tolist() == [6.0, 15.0]
    assert MATH.prod(v).tolist() == [6.0, 120.0]
    assert MATH.largest(v).tolist() == [3.0, 6.0]
    assert MATH.before(v).tolist() == [[1, 2], [4, 5]]
    assert MATH.after(v).tolist() == [[2, 3], [5, 6]]
    assert MATH.prepend(0, v).tolist() == [[0, 1, 2, 3], [0, 4, 5, 6]]
    assert MATH.along(MATH.sum(v)).shape == (2, 1)


EXAMPLES = {
    "holdout.hoeffding": {"empirical_risk": 0.1, "n": 1000, "delta": 0.05},
    "holdout.clopper_pearson": {"errors": 5, "n": 100, "delta": 0.05},
    "holdout.chernoff_kl": {"empirical_risk": 0.05, "n": 100, "delta": 0.05},
    "pac_bayes.seeger2002": {"empirical_risk": 0.03, "kl": 500.0, "n": 10000, "delta": 0.05},
    "pac_bayes.mcallester": {"empirical_risk": 0.03, "kl": 500.0, "n": 10000, "delta": 0.05},
    "vc.sauer": {"empirical_risk": 0.1, "n": 100000, "vc_dimension": 30, "delta": 0.05},
    "margin.norm_product": {
        "margin_risk": 0.1, "margin": 0.5, "norm_product": 8.0, "depth": 3, "outputs": 10, "data_norm": 100.0,
        "n": 10000, "delta": 0.05,
    },
    "margin.spectral": {
        "margin_risk": 0.1, "margin": 0.5, "spectral_norms": [1.5, 1.1], "distances_2_1": [2.0, 1.0],
        "lipschitz": [1.0, 1.0], "widths": [10, 10, 2], "outputs": 2, "data_norm": 1000.0, "n": 1000000, "delta": 0.05,
    },
    "margin.spectral_graph": {
        "margin_risk": 0.1, "margin": 0.5, "distances_2_1": [2.0, 1.0, 1.0], "input_lipschitz": [1.0, 1.5, 2.5],
        "inputs_at_zero": [1.0, 0.5, 0.0], "output_lipschitz": [3.0, 1.5, 1.0], "entries": [110, 100, 20], "outputs": 2,
        "data_norm": 1000.0, "n": 10**10, "delta": 0.05,
    },
}  # fmt: skip


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 1e-4)])
def test_registered_bounds_read_with_tensors(name: str, dtype: torch.dtype, tolerance: float) -> None:
    inputs = EXAMPLES[name]
    plain = get(name).value(**inputs)
    floats = {key: torch.tensor(value, dtype=dtype) for key, value in inputs.items() if isinstance(value, float)}
    got = get(name).value(**{**inputs, **floats, "delta": Fraction(1, 20)})
    if not floats.keys() - {"delta"}:
        got = get(name).value(**{**inputs, "errors": torch.tensor(inputs["errors"])})
        assert got.dtype == torch.float64
    else:
        assert got.dtype == dtype
    assert isinstance(got, torch.Tensor)
    assert float(got) == pytest.approx(float(plain), rel=tolerance)


def test_a_bound_is_a_differentiable_objective() -> None:
    risk = torch.tensor(0.1, dtype=torch.float64, requires_grad=True)
    kl = torch.tensor(50.0, dtype=torch.float64, requires_grad=True)
    bound = get("pac_bayes.seeger2002")
    bound.value(empirical_risk=risk, kl=kl, n=1000, delta=0.05).backward()
    for tensor, name, step in ((risk, "empirical_risk", 1e-6), (kl, "kl", 1e-3)):
        at = {"empirical_risk": 0.1, "kl": 50.0, "n": 1000, "delta": 0.05}
        slope = (bound.value(**{**at, name: at[name] + step}) - bound.value(**{**at, name: at[name] - step})) / (2 * step)
        assert float(tensor.grad) == pytest.approx(float(slope), rel=1e-5)


def test_batches_broadcast() -> None:
    risks = torch.linspace(0, 1, 7, dtype=torch.float64)
    got = get("holdout.chernoff_kl").value(empirical_risk=risks, n=100, delta=0.05)
    np.testing.assert_allclose(got, get("holdout.chernoff_kl").value(empirical_risk=risks.numpy(), n=100, delta=0.05), rtol=1e-12)


def test_float32_kl_inverse_is_rounded_up() -> None:
    q, c = (torch.tensor(values, dtype=torch.float32) for values in grid())
    math32 = tensor_world.TensorMath(torch.float32, torch.device("cpu"))
    got = math32.kl_inverse(q, c)
    assert got.dtype == torch.float32
    assert (got.double().numpy() >= special.kl_inverse(q.double().numpy(), c.double().numpy())).all()


def test_two_devices_are_refused() -> None:
    world = tensor_world.TensorWorld()
    with pytest.raises(ValueError, match="one device"):
        world.adopt({"a": torch.zeros(2), "b": torch.zeros(2, device="meta")}, frozenset())


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_values_stay_on_the_device() -> None:
    risk = torch.tensor([0.1, 0.2], device="cuda", requires_grad=True)
    got = get("pac_bayes.seeger2002").value(empirical_risk=risk, kl=5.0, n=1000, delta=0.05)
    assert got.device.type == "cuda"
    got.sum().backward()
    assert torch.isfinite(risk.grad).all()


def test_bennett_inverse_is_the_float_reading_and_has_its_derivatives() -> None:
    v = torch.tensor([0.25, 1e-3, 2.0], dtype=torch.float64, requires_grad=True)
    c = torch.tensor([0.01, 0.5, 1e-6], dtype=torch.float64, requires_grad=True)
    t = MATH.bennett_inverse(v, c)
    np.testing.assert_array_equal(t.detach().numpy(), special.bennett_inverse(v.detach().numpy(), c.detach().numpy()))
    t.sum().backward()
    for variable, which in ((v, 0), (c, 1)):
        base = [v.detach().numpy(), c.detach().numpy()]
        step = 1e-5 * base[which]
        ends = [special.bennett_inverse(*[b + sign * step * (i == which) for i, b in enumerate(base)]) for sign in (1, -1)]
        np.testing.assert_allclose(variable.grad.numpy(), (ends[0] - ends[1]) / (2 * step), rtol=1e-6)
