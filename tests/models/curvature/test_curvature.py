"""Curvature against dense references: the whole Hessian by nested reverse mode, gradients one at a time, kernels by hand."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from genbounds.bounds import DirectionError, get
from genbounds.models.curvature import (
    MeanEstimate,
    gradient_norms,
    hessian_top_eigenvalue,
    hessian_trace,
    initial_curvature,
    tangent_kernel,
    tangent_kernel_product,
)
from genbounds.models.curvature import _network as network_module


def _mlp(outputs: int, seed: int = 0) -> nn.Sequential:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 3), nn.ReLU(), nn.Linear(3, outputs)).double()


def _convolutional(outputs: int) -> nn.Sequential:
    torch.manual_seed(1)
    return nn.Sequential(
        nn.Unflatten(1, (1, 2, 2)),
        nn.Conv2d(1, 2, 2, padding=1),
        nn.BatchNorm2d(2),
        nn.Tanh(),
        nn.Flatten(),
        nn.Dropout(0.5),
        nn.Linear(18, outputs),
    ).double()


class Attention(nn.Module):
    """Two tokens of two features each, attending to each other."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(2)
        self.mix = nn.MultiheadAttention(2, 1, batch_first=True)
        self.last = nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        tokens = x.reshape(-1, 2, 2)
        return self.last(self.mix(tokens, tokens, tokens, need_weights=False)[0].flatten(1))


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "scalar": lambda: _mlp(1),
    "classes": lambda: _mlp(3),
    "linear": lambda: nn.Linear(4, 3).double(),
    "convolution, batch norm, dropout": lambda: _convolutional(3),
    "attention": lambda: Attention().double(),
}
GENERATOR = torch.Generator().manual_seed(3)
X = torch.randn(11, 4, dtype=torch.float64, generator=GENERATOR)
CLASSES = torch.randint(0, 3, (11,), generator=GENERATOR)


def _labels(model: nn.Module) -> Tensor:
    return 2 * (CLASSES > 0).long() - 1 if model.eval()(X).shape[1] == 1 else CLASSES


def _loss(model: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    """The average loss, written out."""
    f = model(x)
    if f.shape[1] == 1:
        return torch.log1p(torch.exp(-y * f[:, 0])).mean()
    return (torch.logsumexp(f, 1) - f[torch.arange(len(y)), y]).mean()


def _dense_hessian(model: nn.Module, x: Tensor, y: Tensor) -> np.ndarray:
    """Row by row, by differentiating the gradient."""
    twin = copy.deepcopy(model).eval()
    parameters = list(twin.parameters())
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        gradient = torch.cat([g.flatten() for g in torch.autograd.grad(_loss(twin, x, y), parameters, create_graph=True)])
        rows = [torch.autograd.grad(entry, parameters, retain_graph=True, materialize_grads=True) for entry in gradient]
    return torch.stack([torch.cat([g.flatten() for g in row]) for row in rows]).numpy()


def _jacobian(model: nn.Module, x: Tensor) -> np.ndarray:
    """(n, K, P), one output at a time."""
    twin = copy.deepcopy(model).eval()
    parameters = list(twin.parameters())
    rows = [[torch.autograd.grad(twin(one[None])[0, k], parameters) for k in range(twin(one[None]).shape[1])] for one in x]
    return np.array([[torch.cat([g.flatten() for g in row]).numpy() for row in example] for example in rows])


@pytest.fixture(params=list(NETWORKS))
def model(request: pytest.FixtureRequest) -> nn.Module:
    return NETWORKS[request.param]()


@pytest.mark.slow
@pytest.mark.parametrize("batch_size", [4, 100])
def test_top_eigenvalue(model: nn.Module, batch_size: int) -> None:
    pytest.importorskip("curvlinops")
    y = _labels(model)
    wanted = np.linalg.eigvalsh(_dense_hessian(model, X, y)).max()
    found = hessian_top_eigenvalue(model, X, y, batch_size=batch_size)
    assert found.kind == "estimate"
    assert float(found) == pytest.approx(wanted, rel=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["hutchinson", "xtrace"])
def test_trace_lies_within_its_standard_error(model: nn.Module, method: Any) -> None:
    """40 runs: a mean more than 6 standard errors from the truth has a chance below 1e-6 (Student, 39 degrees of freedom)."""
    pytest.importorskip("curvlinops")
    y = _labels(model)
    wanted = float(np.trace(_dense_hessian(model, X, y)))
    found = hessian_trace(model, X, y, method=method, repetitions=40, products=4)
    assert (found.value.kind, found.standard_error.kind, found.repetitions) == ("estimate", "estimate", 40)
    assert abs(float(found) - wanted) <= 6 * float(found.standard_error) + 1e-9
    assert float(found.standard_error) < abs(wanted)
    assert float(hessian_trace(model, X, y, method=method, repetitions=40, products=4)) == float(found)  # the seed decides


@pytest.mark.slow
def test_initial_curvature(model: nn.Module) -> None:
    pytest.importorskip("curvlinops")
    y = _labels(model)
    norms = [np.abs(np.linalg.eigvalsh(_dense_hessian(model, X[i : i + 1], y[i : i + 1]))).max() for i in range(len(X))]
    found = initial_curvature(model, X, y)
    assert float(found) == pytest.approx(np.mean(norms), rel=1e-3)
    assert float(found.standard_error) == pytest.approx(np.std(norms, ddof=1) / np.sqrt(len(X)), rel=1e-2)
    some = initial_curvature(model, X, y, examples=3, seed=5)
    assert min(norms) * 0.999 <= float(some) <= max(norms)


@pytest.mark.parametrize("batch_size", [3, 64])
def test_gradient_norms(model: nn.Module, batch_size: int) -> None:
    y = _labels(model)
    twin = copy.deepcopy(model).eval()
    wanted = []
    for i in range(len(X)):
        gradients = torch.autograd.grad(_loss(twin, X[i : i + 1], y[i : i + 1]), list(twin.parameters()))
        wanted.append(float(torch.cat([g.flatten() for g in gradients]).norm()))
    found = gradient_norms(model, X, y, batch_size=batch_size)
    assert found.kind == "estimate"
    assert found.value == pytest.approx(wanted, rel=1e-10)


@pytest.mark.slow
@pytest.mark.parametrize("batch_size", [3, 64])
def test_tangent_kernel(model: nn.Module, batch_size: int) -> None:
    jacobian = _jacobian(model, X)
    wanted = np.einsum("iap,jbp->ijab", jacobian, jacobian)
    full = tangent_kernel(model, X, full=True, batch_size=batch_size)
    assert full.kind == full.trace.kind == full.eigenvalues.kind == "estimate"
    assert np.allclose(full.matrix, wanted, rtol=1e-10, atol=1e-12)
    averaged = tangent_kernel(model, X, batch_size=batch_size)
    assert np.allclose(averaged.matrix, np.einsum("ijaa->ij", wanted) / jacobian.shape[1], rtol=1e-10, atol=1e-12)
    flat = jacobian.reshape(-1, jacobian.shape[2])
    assert full.eigenvalues.value[0] == pytest.approx(np.linalg.norm(flat, 2) ** 2, rel=1e-9)  # type: ignore[index]
    assert float(full.trace) == pytest.approx((flat**2).sum(), rel=1e-10)
    vector = torch.randn(len(X), jacobian.shape[1], dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    product = tangent_kernel_product(model, X, vector, batch_size=batch_size)
    assert np.allclose(product.numpy(), np.einsum("ijab,jb->ia", wanted, vector.numpy()), rtol=1e-10, atol=1e-10)


def test_the_users_own_loss_and_batches() -> None:
    """Half the mean square of a linear model: the Hessian is X'X/n for each output, and gradients are (f - y) x."""
    pytest.importorskip("curvlinops")
    layer = nn.Linear(4, 1, bias=False).double()
    targets = torch.linspace(-1, 1, 11, dtype=torch.float64)
    pairs = [(X[:6], targets[:6]), (X[6:], targets[6:])]
    gram = 2 * (X.T @ X / len(X)).numpy()
    assert float(hessian_top_eigenvalue(layer, pairs, loss=nn.MSELoss())) == pytest.approx(np.linalg.norm(gram, 2))
    found = gradient_norms(layer, pairs, loss=nn.MSELoss())
    wanted = 2 * ((layer(X)[:, 0] - targets).abs() * X.norm(dim=1)).detach()
    assert found.value == pytest.approx(wanted.tolist())


def test_a_zero_hessian_has_eigenvalue_zero() -> None:
    """A ReLU network whose units are all dead and whose last layer is zero: the loss is constant around it, but for the last bias."""
    pytest.importorskip("curvlinops")
    model = nn.Sequential(nn.Linear(4, 8, bias=False), nn.ReLU(), nn.Linear(8, 1, bias=False)).double()
    for parameter in model.parameters():
        nn.init.zeros_(parameter)
    assert float(hessian_top_eigenvalue(model, X, torch.ones(11))) == 0


@pytest.mark.slow
def test_estimates_enter_no_certificate() -> None:
    pytest.importorskip("curvlinops")
    model = _mlp(1)
    top = hessian_top_eigenvalue(model, X, _labels(model))
    inputs = {"margin_risk": 0, "margin": 1, "depth": 3, "outputs": 1, "data_norm": 1, "n": 11, "delta": 0.05}
    with pytest.raises(DirectionError, match="largest Hessian eigenvalue"):
        get("margin.norm_product")(norm_product=top, **inputs)
    assert get("margin.norm_product").estimate(norm_product=top, **inputs).kind == "estimate"
    curvature = initial_curvature(model, X, _labels(model), examples=4)
    inputs = {"lipschitz": 1, "smoothness": 10**6, "step_scale": 1e-15, "expected_risk": 1, "steps": 10, "n": 11}
    bound = get("stability.kuzborskij_lampert2018")
    with pytest.raises(DirectionError):
        bound(curvature=curvature.value, **inputs)
    assert bound.estimate(curvature=curvature.value, **inputs).kind == "estimate"


@pytest.mark.slow
def test_nothing_of_the_users_changes() -> None:
    """Mode, gradients, hooks, buffers, parameters, dtype and the global generators, with dropout and batch statistics in training mode."""
    pytest.importorskip("curvlinops")
    model = _convolutional(3).float().train()
    model(X.float()).sum().backward()
    next(model.parameters()).requires_grad_(False)
    state = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    gradients = [None if p.grad is None else p.grad.clone() for p in model.parameters()]
    torch.manual_seed(7)
    np.random.seed(7)  # noqa: NPY002  (the global generator is what must not change)
    before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    hessian_top_eigenvalue(model, X, CLASSES)
    hessian_trace(model, X, CLASSES)
    initial_curvature(model, X, CLASSES, examples=2)
    gradient_norms(model, X, CLASSES)
    tangent_kernel(model, X)
    tangent_kernel_product(model, X, torch.ones(11, 3))
    assert torch.equal(torch.get_rng_state(), before)
    assert np.array_equal(np.random.get_state()[1], numpy_before)  # noqa: NPY002
    assert all(torch.equal(tensor, state[name]) and tensor.dtype == state[name].dtype for name, tensor in model.state_dict().items())
    assert all(module.training for module in model.modules())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())
    assert [p.requires_grad for p in model.parameters()][:2] == [False, True]
    for parameter, gradient in zip(model.parameters(), gradients, strict=True):
        assert (parameter.grad is None) == (gradient is None)
        assert gradient is None or torch.equal(parameter.grad, gradient)


class Branching(nn.Linear):
    """A forward that looks at values, which torch.func cannot follow."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) if bool(x.sum() > 0) else super().forward(-x)


def test_bad_input() -> None:
    model, y = _mlp(3), CLASSES
    broken = _mlp(3)
    with torch.no_grad():
        next(broken.parameters())[0, 0] = float("nan")
    hooked = _mlp(3)
    hooked[0].register_forward_hook(lambda *_: None)
    frozen = _mlp(3).requires_grad_(False)
    cases: list[tuple[Callable[[], Any], str]] = [
        (lambda: gradient_norms(broken, X, y), "finite numbers"),
        (lambda: gradient_norms(hooked, X, y), "0 has forward hooks"),
        (lambda: gradient_norms(frozen, X, y), "trainable parameter"),
        (lambda: gradient_norms(model, X, y + 3), "labels must lie in 0, ..., 2"),
        (lambda: gradient_norms(model, X, y[:-1]), "labels"),
        (lambda: gradient_norms(model, X * float("inf"), y), "inputs must be finite"),
        (lambda: gradient_norms(model, []), "at least one batch"),
        (lambda: gradient_norms(model, X[:0], y[:0]), "n at least 1"),
        (lambda: gradient_norms(model, X, y, batch_size=0), "batch_size"),
        (lambda: gradient_norms(model, X, y, loss=nn.CrossEntropyLoss(reduction="sum")), "reduction='mean'"),
        (lambda: gradient_norms(nn.Sequential(nn.Unflatten(1, (1, 4)), nn.Linear(4, 3)).double(), X, y), r"outputs of shape \(n, K\)"),
        (lambda: gradient_norms(Branching(4, 3).double(), X, y), "torch.func"),
        (lambda: tangent_kernel(model, X, batch_size=0), "batch_size"),
        (lambda: tangent_kernel_product(model, X, torch.ones(11, 2)), r"shape of the outputs, \(11, 3\)"),
        (lambda: tangent_kernel_product(model, X, torch.ones(3)), "shape of the outputs"),
        (lambda: MeanEstimate.of([1.0], "one"), "at least two"),
    ]
    for call, message in cases:
        with pytest.raises(ValueError, match=message):
            call()
    with pytest.raises(TypeError, match=r"torch\.nn\.Module"):
        gradient_norms(lambda x: x, X, y)  # type: ignore[arg-type]


def test_bad_choices_of_the_estimators() -> None:
    pytest.importorskip("curvlinops")
    model, y = _mlp(3), CLASSES
    cases: list[tuple[dict[str, Any], str]] = [
        ({"method": "exact"}, "method must be"),
        ({"repetitions": 1}, "repetitions must be at least 2"),
        ({"products": 0}, "products must be at least 1"),
        ({"products": 10**6}, "below the number of parameters, 63"),
        ({"products": 3, "method": "xtrace"}, "even"),
    ]
    for given, message in cases:
        with pytest.raises(ValueError, match=message):
            hessian_trace(model, X, y, **given)
    with pytest.raises(ValueError, match="tolerance"):
        hessian_top_eigenvalue(model, X, y, tolerance=0)
    with pytest.raises(ValueError, match=r"examples must lie in 2, \.\.\., 11"):
        initial_curvature(model, X, y, examples=12)


def test_without_curvlinops_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "curvlinops", None)
    with pytest.raises(ImportError, match=r"genbounds\[curvature\]"):
        network_module.curvlinops()
    with pytest.raises(ImportError, match=r"genbounds\[curvature\]"):
        hessian_top_eigenvalue(_mlp(1), X, torch.ones(11))
