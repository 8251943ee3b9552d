"""Normalisation layers against torch's own, and against Jacobians."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from genbounds.models.norms import (
    FOLDING_ERROR,
    batch_norm_affine,
    fold_batch_norm,
    normalisation_lipschitz,
    normalisation_output_norm,
)


def trained(layer: nn.Module, seed: int = 0) -> nn.Module:
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, tensor in [*layer.named_parameters(), *layer.named_buffers()]:
            if tensor.is_floating_point():
                tensor.copy_(torch.randn(tensor.shape, generator=generator, dtype=torch.float64))
                if name == "running_var":
                    tensor.abs_()
    return layer.double().eval()


def affine(norm: nn.Module) -> tuple[torch.Tensor, torch.Tensor]:
    return batch_norm_affine(norm.running_mean, norm.running_var, norm.weight, norm.bias, eps=norm.eps)


def test_folding_gives_the_same_function() -> None:
    cases = [
        (nn.Linear(4, 6), nn.BatchNorm1d(6), (9, 4), 1),
        (nn.Conv2d(4, 6, 3, groups=2), nn.BatchNorm2d(6), (9, 4, 5, 5), 2),
        (nn.Conv1d(4, 6, 3, bias=False), nn.BatchNorm1d(6, affine=False), (9, 4, 5), 1),
        (nn.ConvTranspose2d(4, 6, 3, groups=2), nn.BatchNorm2d(6), (9, 4, 5, 5), 2),
    ]
    for layer, norm, shape, groups in cases:
        layer, norm = trained(layer), trained(norm, 1)
        x = torch.randn(shape, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
        transposed = isinstance(layer, nn.ConvTranspose2d)
        weight, bias = fold_batch_norm(layer.weight, layer.bias, *affine(norm), transposed=transposed, groups=groups)
        expected = norm(layer(x))
        folded = torch.func.functional_call(layer, {"weight": weight} | ({"bias": bias} if layer.bias is not None else {}), x)
        if layer.bias is None:
            folded = folded + bias.reshape(1, -1, *(1,) * (folded.ndim - 2))
        assert float((folded - expected).detach().abs().max()) < 1e-10


def test_folded_entries_are_within_the_stated_error() -> None:
    import mpmath

    norm, weight = trained(nn.BatchNorm1d(50)), torch.randn(50, 1, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    folded, _ = fold_batch_norm(weight, None, *affine(norm))
    with mpmath.workdps(40):
        for i in range(50):
            gain, variance = mpmath.mpf(float(norm.weight[i])), mpmath.mpf(float(norm.running_var[i]))
            exact = mpmath.mpf(float(weight[i])) * gain / mpmath.sqrt(variance + mpmath.mpf(norm.eps))
            assert abs(mpmath.mpf(float(folded[i])) - exact) <= FOLDING_ERROR * abs(exact)


def test_batch_norm_constant_is_its_largest_slope() -> None:
    norm = trained(nn.BatchNorm1d(5))
    slopes = (norm(torch.eye(5, dtype=torch.float64)) - norm(torch.zeros(1, 5, dtype=torch.float64))).diagonal().abs()
    bound = float(normalisation_lipschitz("batch", norm.weight, eps=norm.eps, running_var=norm.running_var))
    assert float(slopes.max()) * (1 - 1e-13) <= bound <= float(slopes.max()) * (1 + 1e-13)


@pytest.mark.parametrize(
    ("kind", "layer", "shape"),
    [
        ("layer", nn.LayerNorm(6, eps=1e-2), (6,)),
        ("group", nn.GroupNorm(2, 6, eps=1e-2), (6, 2, 2)),
        ("instance", nn.InstanceNorm2d(3, eps=1e-2, affine=True), (3, 2, 2)),
        ("rms", nn.RMSNorm(6, eps=1e-2), (6,)),
    ],
)
def test_jacobians_stay_below_the_constant_and_outputs_below_their_norm(kind: str, layer: nn.Module, shape: tuple[int, ...]) -> None:
    layer = trained(layer)
    shift = getattr(layer, "bias", None)
    bound = float(normalisation_lipschitz(kind, layer.weight, eps=1e-2))
    largest = float(normalisation_output_norm(layer.weight, shift, elements=math.prod(shape)))
    generator, worst = torch.Generator().manual_seed(0), 0.0
    for scale in (1e-4, 0.1, 1.0, 100.0):
        for _ in range(5):
            x = scale * torch.randn(shape, generator=generator, dtype=torch.float64)
            jacobian = torch.autograd.functional.jacobian(lambda v: layer(v[None])[0], x).reshape(math.prod(shape), -1)
            worst = max(worst, float(torch.linalg.matrix_norm(jacobian, 2)))
            assert float(layer(x[None]).norm()) <= largest
    assert worst <= bound
    assert worst >= 0.6 * bound


def test_errors_name_the_layer() -> None:
    with pytest.raises(ValueError, match=r"bn1.*running statistics"):
        batch_norm_affine(None, None, eps=1e-5, name="bn1")
    with pytest.raises(ValueError, match=r"bn1.*negative"):
        batch_norm_affine([0.0], [-1.0], eps=1e-5, name="bn1")
    with pytest.raises(ValueError, match=r"ln.*eps must be positive"):
        normalisation_lipschitz("layer", eps=0.0, name="ln")
    with pytest.raises(ValueError, match=r"ln.*finite"):
        normalisation_lipschitz("layer", np.array([np.nan]), eps=1.0, name="ln")
    with pytest.raises(ValueError, match=r"ln.*kind"):
        normalisation_lipschitz("spectral", eps=1.0, name="ln")
    with pytest.raises(ValueError, match=r"ln.*multiple"):
        normalisation_output_norm(None, [1.0, 2.0], elements=3, name="ln")
