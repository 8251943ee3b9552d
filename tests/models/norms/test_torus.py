"""The parts of the torus bound, each against numpy: frequencies, the factor of few frequencies, the certificates."""

import itertools
import math

import numpy as np
import pytest
import torch

from genbounds.models.norms._axis import Axis
from genbounds.models.norms._torus import _half_plane, _positive_definite, _smallest_torus, frequencies_of, torus_bounds


def symbols(weight: np.ndarray, nodes: int) -> float:
    """The largest norm of sum_t W_t exp(2 pi i t m / nodes) over all pairs m, for a kernel (out, in, k1, k2), by FFT."""
    transform = np.fft.fft2(weight, (nodes, nodes), axes=(2, 3)).transpose(2, 3, 0, 1)
    return float(np.linalg.svd(transform, compute_uv=False).max())


@pytest.mark.slow
@pytest.mark.parametrize("kernel", [1, 2, 3, 5])
def test_few_frequencies_bound_all(kernel: int) -> None:
    """An image of 200 positions is bounded by few frequencies times a factor of at most 1.01 an axis."""
    rng = np.random.default_rng(kernel)
    axis = Axis(200, kernel, left=kernel // 2, right=kernel // 2)
    plan = frequencies_of(axis)
    assert plan.nodes < 50
    assert plan.factor < 1.0101
    for _ in range(5):
        weight = rng.uniform(-1, 1, (3, 2, kernel, kernel))
        fine = symbols(weight, 400)
        bound = torus_bounds(torch.from_numpy(weight)[None], (axis, axis), 0.0)[0]
        assert fine * (1 - 1e-12) <= bound <= 1.025 * fine


def test_the_factor_is_attained() -> None:
    """cos(theta) between two of n frequencies: nothing smaller than 1 / cos(pi / n) would do."""
    plan = frequencies_of(Axis(1000, 3))
    angles = 2 * math.pi * np.arange(plan.nodes) / plan.nodes
    shifted = np.abs(np.cos(angles - math.pi / plan.nodes * (1 if plan.nodes % 2 == 0 else 0.5))).max()
    assert 1 / shifted <= plan.factor <= (1 / shifted) * 1.01


@pytest.mark.parametrize(("size", "kernel", "stride"), [(6, 3, 1), (8, 3, 2), (6, 5, 3), (9, 2, 3), (5, 5, 1)])
def test_circular_transform_is_exact_where_the_formula_sheet_says_so(size: int, kernel: int, stride: int) -> None:
    """2 pad = k_eff - 1, stride 1; or a stride that divides the image, by phases."""
    pad = (kernel - 1) // 2
    axis = Axis(size, kernel, stride, left=pad, right=kernel - 1 - pad, mode="circular")
    matrix = np.zeros((axis.outputs * 3, size * 2))
    weight = np.random.default_rng(0).uniform(-1, 1, (3, 2, 1, kernel))
    for window, (tap, source) in itertools.product(range(axis.outputs), enumerate(range(-pad, kernel - pad))):
        position = (window * stride + source) % size
        for out, channel in itertools.product(range(3), range(2)):
            matrix[out * axis.outputs + window, channel * size + position] += weight[out, channel, 0, tap]
    bound = torus_bounds(torch.from_numpy(weight)[None], (Axis(1, 1), axis), 0.0)[0]
    truth = np.linalg.svd(matrix, compute_uv=False)[0]
    assert frequencies_of(axis).exact
    assert truth * (1 - 1e-13) <= bound <= truth * 1.002


def test_the_torus_is_never_larger_than_proved_and_never_mixes_windows() -> None:
    for size, kernel, stride, dilation, pad in itertools.product((1, 4, 7), (1, 2, 3), (1, 2, 3), (1, 2, 3), (0, 1, 4, 7)):
        if size + 2 * pad < dilation * (kernel - 1) + 1:
            continue
        axis = Axis(size, kernel, stride, dilation, pad, pad)
        torus = _smallest_torus(axis)
        assert torus % stride == 0
        assert size <= torus < size + axis.extent - 1 + stride
    assert _smallest_torus(Axis(4, 3, 1, 2, 4, 4)) > 6


def test_half_plane_has_one_of_each_conjugate_pair() -> None:
    for first, second in itertools.product((1, 2, 3, 4, 7), (1, 2, 5, 6)):
        half = {tuple(pair) for pair in _half_plane(first, second).tolist()}
        mirrored = {(-i % first, -j % second) for i, j in half}
        assert half | mirrored == set(itertools.product(range(first), range(second)))
        assert all(pair == (-pair[0] % first, -pair[1] % second) for pair in half & mirrored)


@pytest.mark.parametrize("shape", [(5, 7), (7, 5), (30, 40), (40, 30), (1, 3)])
def test_factorisations_refuse_what_is_too_small_and_accept_what_is_not(shape: tuple[int, int]) -> None:
    generator = torch.Generator().manual_seed(0)
    blocks = torch.randn(20, *shape, generator=generator, dtype=torch.complex128)
    squares = torch.linalg.svdvals(blocks)[:, 0].square().numpy()
    assert not _positive_definite(blocks, squares * (1 - 1e-9)).any()
    assert _positive_definite(blocks, squares * (1 + 1e-9)).all()


def test_groups_are_bounded_apart() -> None:
    weight = torch.zeros(3, 2, 2, 1, 3, dtype=torch.float64)
    weight[0, 0, 0, 0, 1], weight[1, 1, 0, 0, :], weight[2, :, :, 0, 0] = 0.5, 0.25, 0.125
    bounds = torus_bounds(weight, (Axis(1, 1), Axis(10, 3, left=1, right=1)), 0.0)
    np.testing.assert_allclose(bounds, [0.5, 0.75, 0.25], rtol=2e-3)
    assert (bounds >= [0.5, 0.75, 0.25]).all()
