"""Pooling against torch's own layers: the matrix of an average, pairs of inputs that a maximum stretches."""

import itertools
import math
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from genbounds.models.norms import pooling_lipschitz


def norm_of(function: Any, size: tuple[int, ...]) -> float:
    units = torch.eye(math.prod(size), dtype=torch.float64).reshape(-1, 1, *size)
    return float(np.linalg.svd(function(units).flatten(1).T.numpy(), compute_uv=False)[0])


@pytest.mark.parametrize("include", [True, False])
@pytest.mark.parametrize("ceil", [True, False])
def test_average_pooling_is_the_norm_of_its_matrix(ceil: bool, include: bool) -> None:
    for kernel, stride, (height, width) in itertools.product((2, 3, (3, 2)), (1, 2, (2, 3)), ((5, 6), (7, 4))):
        for padding in (0, 1):
            options = {"stride": stride, "padding": padding, "ceil_mode": ceil, "count_include_pad": include}
            truth = norm_of(lambda x, k=kernel, o=options: functional.avg_pool2d(x, k, **o), (height, width))
            bound = float(pooling_lipschitz("avg", kernel, input_size=(height, width), **options))
            assert truth * (1 - 1e-14) <= bound <= truth * (1 + 1e-11)


def test_average_pooling_of_one_axis_and_with_a_divisor() -> None:
    for kernel, stride, padding in ((2, 1, 0), (3, 2, 1), (4, 4, 2)):
        truth = norm_of(lambda x, a=(kernel, stride, padding): functional.avg_pool1d(x, *a), (11,))
        assert float(pooling_lipschitz("avg", kernel, stride=stride, padding=padding, input_size=11)) == pytest.approx(truth, rel=1e-11)
    truth = norm_of(lambda x: functional.avg_pool2d(x, 3, 2, 1, divisor_override=5), (6, 7))
    assert float(pooling_lipschitz("avg", 3, stride=2, padding=1, divisor_override=5, input_size=(6, 7))) == pytest.approx(truth, rel=1e-11)


def test_adaptive_averages_and_the_numbers_of_the_formula_sheet() -> None:
    for size, outputs in (((5, 7), (2, 3)), ((4, 4), (1, 1)), ((3, 2), (5, 4)), ((1, 1), (2, 2))):
        truth = norm_of(lambda x, o=outputs: functional.adaptive_avg_pool2d(x, o), size)
        assert float(pooling_lipschitz("adaptive_avg", outputs, input_size=size)) == pytest.approx(truth, rel=1e-11)
    assert float(pooling_lipschitz("adaptive_avg", 2, input_size=(1, 1))) == pytest.approx(2.0)
    uncounted = pooling_lipschitz("avg", 3, stride=1, padding=1, count_include_pad=False, input_size=(3, 3))
    assert float(uncounted) == pytest.approx(1.057, abs=5e-4)
    assert float(pooling_lipschitz("avg", 3, stride=1, padding=1, input_size=(3, 3))) <= 1.0


def test_an_axis_of_many_thousands_keeps_a_bound() -> None:
    bound = float(pooling_lipschitz("avg", 4, input_size=16384))
    assert 0.5 <= bound <= 0.5 + 1e-9


def test_max_pooling_bounds_pairs_and_is_attained() -> None:
    """One entry raised above all others moves every window that reads it."""
    for kernel, stride, padding, dilation, ceil in itertools.product((2, 3), (1, 2, 3), (0, 1), (1, 2), (False, True)):
        options = {"stride": stride, "padding": padding, "dilation": dilation, "ceil_mode": ceil}
        bound = float(pooling_lipschitz("max", kernel, input_size=(7, 8), **options))
        units = torch.eye(56, dtype=torch.float64).reshape(56, 1, 7, 8)
        base = functional.max_pool2d(torch.zeros_like(units), kernel, **options)
        stretched = (functional.max_pool2d(units, kernel, **options) - base).flatten(1).norm(dim=1)
        assert bound == pytest.approx(float(stretched.max()), rel=1e-14)
        limit = math.ceil(kernel * math.gcd(dilation, stride) / stride)
        assert bound <= limit * (1 + 1e-15)
        pairs = torch.randn(2, 40, 1, 7, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
        moved = (functional.max_pool2d(pairs[0], kernel, **options) - functional.max_pool2d(pairs[1], kernel, **options)).flatten(1)
        assert (moved.norm(dim=1) <= bound * (pairs[0] - pairs[1]).flatten(1).norm(dim=1)).all()
    assert float(pooling_lipschitz("max", 2, stride=2, dilation=2, input_size=(9, 9))) == 2.0


def test_adaptive_maxima() -> None:
    for size, outputs in ((7, 3), (5, 5), (3, 5), (8, 2)):
        units = torch.eye(size, dtype=torch.float64)[:, None]
        stretched = functional.adaptive_max_pool1d(units, outputs).flatten(1).norm(dim=1)
        assert float(pooling_lipschitz("adaptive_max", outputs, input_size=size)) == pytest.approx(float(stretched.max()), rel=1e-14)


def test_errors_name_the_layer() -> None:
    for arguments, message in (
        ({"kind": "median", "kernel": 2}, "kind"),
        ({"kind": "max", "kernel": 0}, "kernel"),
        ({"kind": "max", "kernel": 9}, "one window"),
        ({"kind": "avg", "kernel": 2, "padding": 2}, "half the kernel"),
    ):
        with pytest.raises(ValueError, match=rf"pool1.*{message}"):
            pooling_lipschitz(**arguments, input_size=6, name="pool1")  # type: ignore[arg-type]
