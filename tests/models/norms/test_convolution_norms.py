"""Norms of convolutions against the matrix that torch's own layer gives for the unit vectors, in float64."""

import itertools
import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from torch import nn

from genbounds.models.norms import ConvolutionNorms, convolution_norms
from genbounds.models.norms._gram import gram_matrix
from genbounds.models.norms._torus import torus_bounds
from genbounds.models.norms.convolution import _operator

MODES = ("zeros", "circular", "replicate", "reflect")


def dense(layer: nn.Module, shape: tuple[int, ...]) -> np.ndarray:
    """The matrix of a linear layer: its outputs at the unit vectors."""
    units = torch.eye(math.prod(shape), dtype=torch.float64).reshape(-1, *shape)
    with torch.no_grad():
        return layer(units).flatten(1).T.numpy()


def fill(layer: nn.Module, seed: int, positive: bool) -> nn.Module:
    with torch.no_grad():
        values = torch.randn(layer.weight.shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
        layer.weight.copy_(values.abs() if positive else values)
    return layer


def check(norms: ConvolutionNorms, matrix: np.ndarray, loosest: float = 1.05) -> float:
    """Compare every norm with the matrix's; the matrix's own singular values are good to 1e-13."""
    truth = float(np.linalg.svd(matrix, compute_uv=False)[0])
    rows = np.linalg.norm(matrix, axis=1)
    assert truth * (1 - 1e-13) <= float(norms.spectral) <= truth * loosest
    assert truth / 1.02 <= float(norms.spectral_lower) <= truth * (1 + 1e-13)
    for norm, value in (
        (norms.frobenius, np.linalg.norm(matrix)),
        (norms.norm_2_1, rows.sum()),
        (norms.norm_1_inf, np.abs(matrix).sum(axis=1).max()),
    ):
        assert value * (1 - 1e-14) <= float(norm) <= value * (1 + 1e-11)
        assert norm.kind == "upper"
    assert (norms.spectral.kind, norms.spectral_lower.kind) == ("upper", "lower")
    return truth


def torus(layer: Any, size: tuple[int, ...], options: dict[str, Any]) -> float:
    """The torus bound alone, which ``convolution_norms`` would not use where the operator is small."""
    operator, exponent, _ = _operator(
        layer.weight,
        size,
        options["stride"],
        options["padding"],
        options["dilation"],
        options["groups"],
        options["padding_mode"],
        False,
        0,
        "x",
    )
    bounds = torus_bounds(operator.weight.reshape(operator.groups, -1, *operator.weight.shape[1:]), operator.axes, 0.0)
    return float(bounds.max()) * 2.0**exponent


@pytest.mark.slow
@pytest.mark.parametrize("positive", [False, True])
@pytest.mark.parametrize("kernel", [2, 3])
@pytest.mark.parametrize("mode", MODES)
def test_grid_of_convolutions(mode: str, kernel: int, positive: bool) -> None:
    """Padding 0-2, stride 1-2, dilation 1-2, groups 1-2: never below the truth, at most 1.05 of it; the torus never below."""
    for seed, (padding, stride, dilation, groups) in enumerate(itertools.product((0, 1, 2), (1, 2), (1, 2), (1, 2))):
        options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups, "padding_mode": mode}
        layer = fill(nn.Conv2d(4, 6, kernel, bias=False, dtype=torch.float64, **options), seed, positive)
        norms = convolution_norms(layer.weight, input_size=(7, 6), **options)
        matrix = dense(layer, (4, 7, 6))
        truth = check(norms, matrix)
        assert norms.output_size == tuple(layer(torch.zeros(1, 4, 7, 6, dtype=torch.float64)).shape[2:])
        assert torus(layer, (7, 6), options) >= truth * (1 - 1e-13)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=(HealthCheck.filter_too_much, HealthCheck.too_slow))
@given(data=st.data())
def test_any_two_dimensional_convolution(data: st.DataObject) -> None:
    mode = data.draw(st.sampled_from(MODES))
    kernel = data.draw(st.tuples(*[st.integers(1, 4)] * 2))
    dilation, stride = (data.draw(st.tuples(*[st.integers(1, 3)] * 2)) for _ in range(2))
    size, padding = data.draw(st.tuples(*[st.integers(1, 8)] * 2)), data.draw(st.tuples(*[st.integers(0, 5)] * 2))
    for h, p, k, d in zip(size, padding, kernel, dilation, strict=True):
        most = {"reflect": h - 1, "circular": h}.get(mode, 10)
        assume(p <= most and h + 2 * p >= d * (k - 1) + 1)
    options = {
        "stride": stride,
        "padding": padding,
        "dilation": dilation,
        "groups": data.draw(st.sampled_from((1, 2))),
        "padding_mode": mode,
    }
    seed = data.draw(st.integers(0, 1000))
    layer = fill(nn.Conv2d(2, 4, kernel, bias=False, dtype=torch.float64, **options), seed, seed % 2 == 0)
    matrix = dense(layer, (2, *size))
    assume(matrix.any())
    truth = check(convolution_norms(layer.weight, input_size=size, **options), matrix)
    assert torus(layer, size, options) >= truth * (1 - 1e-13)


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
def test_one_dimension(mode: str) -> None:
    for seed, (padding, stride, dilation, groups) in enumerate(itertools.product((0, 1, 3), (1, 2, 3), (1, 2), (1, 3))):
        options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups, "padding_mode": mode}
        layer = fill(nn.Conv1d(3, 6, 3, bias=False, dtype=torch.float64, **options), seed, seed % 2 == 0)
        norms = convolution_norms(layer.weight, input_size=10, **options)
        check(norms, dense(layer, (3, 10)))


@pytest.mark.parametrize("kernel", [(2, 3), (4, 4), (1, 5)])
@pytest.mark.parametrize("mode", MODES)
def test_same_padding_which_is_lopsided_for_even_kernels(kernel: tuple[int, int], mode: str) -> None:
    layer = fill(nn.Conv2d(2, 3, kernel, padding="same", padding_mode=mode, bias=False, dtype=torch.float64), 0, False)
    check(convolution_norms(layer.weight, input_size=(6, 5), padding="same", padding_mode=mode), dense(layer, (2, 6, 5)))


@pytest.mark.slow
def test_transposed_convolutions() -> None:
    cases = itertools.product((0, 1), (1, 2, 3), (1, 2), (1, 2), (0, 1))
    for seed, (padding, stride, dilation, groups, extra) in enumerate(cases):
        if extra >= max(stride, dilation):
            continue
        options = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups, "output_padding": extra}
        layer = fill(nn.ConvTranspose2d(4, 6, 3, bias=False, dtype=torch.float64, **options), seed, seed % 2 == 0)
        norms = convolution_norms(layer.weight, input_size=(4, 5), transposed=True, **options)
        check(norms, dense(layer, (4, 4, 5)))
        assert norms.output_size == tuple(layer(torch.zeros(1, 4, 4, 5, dtype=torch.float64)).shape[2:])
    layer = fill(nn.ConvTranspose1d(2, 3, 4, stride=2, padding=1, bias=False, dtype=torch.float64), 0, False)
    check(convolution_norms(layer.weight, input_size=7, stride=2, padding=1, transposed=True), dense(layer, (2, 7)))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "positive", "how"),
    [
        ({"padding": 1}, True, "Gram"),
        ({"padding": 1, "stride": 2}, True, "Gram"),
        ({"padding": 2, "padding_mode": "replicate"}, True, "Gram"),
        ({"padding": 1, "padding_mode": "reflect"}, False, "Gram"),
        ({"padding": 1, "padding_mode": "circular"}, False, "exact"),
        ({"padding": 1, "padding_mode": "circular", "stride": 2}, True, "exact"),
        ({"padding": 1, "groups": 2}, True, ""),
    ],
)
def test_operators_that_are_too_large_for_singular_values(options: dict[str, Any], positive: bool, how: str) -> None:
    layer = fill(nn.Conv2d(10, 40, 3, bias=False, dtype=torch.float64, **options), 1, positive)
    norms = convolution_norms(layer.weight, input_size=8, **options)
    check(norms, dense(layer, (10, 8, 8)))
    assert how in norms.how


@pytest.mark.slow
def test_a_wide_image_is_bounded_by_few_frequencies() -> None:
    layer = fill(nn.Conv1d(2, 3, 5, padding=2, bias=False, dtype=torch.float64), 1, False)
    norms = convolution_norms(layer.weight, input_size=600, padding=2)
    check(norms, dense(layer, (2, 600)), loosest=1.03)
    assert "torus" in norms.how
    assert float(convolution_norms(layer.weight, input_size=100_000, padding=2).spectral) <= 1.03 * float(norms.spectral)


@pytest.mark.parametrize(
    ("shape", "groups", "size", "stride", "mode"),
    [
        ((6, 2, 3, 3), 3, 5, 1, "zeros"),
        ((8, 1, 3, 3), 8, 6, 2, "zeros"),
        ((4, 3, 3, 3), 2, 5, 1, "reflect"),
        ((2, 6, 3, 3), 2, 4, 1, "circular"),
    ],
)
def test_the_matrices_of_all_groups_at_once(shape: tuple[int, ...], groups: int, size: int, stride: int, mode: str) -> None:
    weight = torch.randn(shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    operator = _operator(weight, size, stride, 1, 1, groups, mode, False, 0, "x")[0]
    wanted = np.stack([operator.group(group).matrix() for group in range(groups)])
    np.testing.assert_allclose(operator.blocks(), wanted, atol=1e-15)


@pytest.mark.slow
def test_gram_matrix_is_that_of_the_matrix() -> None:
    for seed, (padding, stride, mode, (outputs, inputs)) in enumerate(itertools.product((0, 2), (1, 2), MODES, ((2, 3), (5, 2)))):
        layer = fill(
            nn.Conv2d(inputs, outputs, 3, stride, padding, padding_mode=mode, dilation=(1, 2), bias=False, dtype=torch.float64), seed, False
        )
        operator, exponent, _ = _operator(layer.weight, (6, 5), stride, padding, (1, 2), 1, mode, False, 0, "x")
        matrix = dense(layer, (inputs, 6, 5)) * 2.0**-exponent
        np.testing.assert_allclose(operator.matrix(), matrix, atol=1e-15)
        small = matrix @ matrix.T if len(matrix) < matrix.shape[1] else matrix.T @ matrix
        np.testing.assert_allclose(np.linalg.eigvalsh(gram_matrix(operator)), np.linalg.eigvalsh(small), atol=1e-12 * np.trace(small))


def test_counter_example_to_the_torus_of_size_h_plus_k_minus_1() -> None:
    """H = 4, K = (1, -1, 1), dilation 2, padding 4: the norm is sqrt 5, and a torus of 4 + 3 - 1 = 6 positions gives 2."""
    options = {"padding": 4, "dilation": 2}
    layer = nn.Conv1d(1, 1, 3, bias=False, dtype=torch.float64, **options)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([[[1.0, -1.0, 1.0]]]))
    assert np.linalg.svd(dense(layer, (1, 4)), compute_uv=False)[0] == pytest.approx(math.sqrt(5), rel=1e-14)
    ring = np.zeros(6)
    ring[[0, 2, 4]] = 1.0, -1.0, 1.0
    assert np.abs(np.fft.fft(ring)).max() == pytest.approx(2.0)
    for bound in (float(convolution_norms(layer.weight, input_size=4, **options).spectral), _one_dimensional_torus(layer, 4, options)):
        assert math.sqrt(5) * (1 - 1e-14) <= bound


def _one_dimensional_torus(layer: nn.Conv1d, size: int, options: dict[str, Any]) -> float:
    operator, exponent, _ = _operator(layer.weight, size, 1, options["padding"], options["dilation"], 1, "zeros", False, 0, "x")
    return float(torus_bounds(operator.weight[None], operator.axes, 0.0)[0]) * 2.0**exponent


def test_counter_examples_to_the_transform_of_the_image_with_circular_padding() -> None:
    """2 pad > k_eff - 1: windows repeat, and the norm exceeds every singular value of the transform."""
    layer = nn.Conv1d(1, 1, 1, padding=2, padding_mode="circular", bias=False, dtype=torch.float64)
    with torch.no_grad():
        layer.weight.fill_(1.0)
    assert float(convolution_norms(layer.weight, input_size=4, padding=2, padding_mode="circular").spectral) >= math.sqrt(2) * (1 - 1e-14)
    options = {"stride": 1, "padding": (0, 2), "dilation": 1, "groups": 1, "padding_mode": "circular"}
    planar = nn.Conv2d(1, 1, 1, bias=False, dtype=torch.float64)
    with torch.no_grad():
        planar.weight.fill_(1.0)
    assert torus(planar, (1, 4), options) >= math.sqrt(2)


def test_the_reshaped_kernel_and_power_iteration_would_be_too_small() -> None:
    layer = fill(nn.Conv2d(3, 5, 3, padding=1, bias=False, dtype=torch.float64), 0, False)
    norms = convolution_norms(layer.weight, input_size=8, padding=1)
    assert float(torch.linalg.matrix_norm(layer.weight.detach().flatten(1), 2)) < 0.9 * float(norms.spectral_lower)


@pytest.mark.slow
def test_larger_sides_keep_the_torus_and_their_lower_bound() -> None:
    layer = fill(nn.Conv2d(6, 6, 3, padding=1, bias=False, dtype=torch.float64), 0, True)
    loose = convolution_norms(layer.weight, input_size=12, padding=1, largest_gram=100)
    truth = check(convolution_norms(layer.weight, input_size=12, padding=1), dense(layer, (6, 12, 12)))
    assert "torus" in loose.how
    assert truth * 0.99 <= float(loose.spectral_lower) <= truth * (1 + 1e-13)
    assert truth * (1 - 1e-13) <= float(loose.spectral) <= truth * 1.2


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("mode", MODES)
def test_a_layer_of_realistic_size_whose_norm_is_known(mode: str, stride: int) -> None:
    """W = U x f x g acts as U on the channels and as two filters on the axes: its norm is the product of three small ones."""
    rng = np.random.default_rng(stride)
    channels, filters, truth = rng.standard_normal((48, 32)), rng.uniform(-1, 1, (2, 3)), 1.0
    for size, taps in zip((32, 28), filters, strict=True):
        line = nn.Conv1d(1, 1, 3, stride, 1, padding_mode=mode, bias=False, dtype=torch.float64)
        with torch.no_grad():
            line.weight.copy_(torch.from_numpy(taps)[None, None])
        truth *= float(np.linalg.svd(dense(line, (1, size)), compute_uv=False)[0])
    truth *= float(np.linalg.svd(channels, compute_uv=False)[0])
    weight = np.einsum("oc,a,b->ocab", channels, *filters)
    norms = convolution_norms(weight, input_size=(32, 28), stride=stride, padding=1, padding_mode=mode)
    loosest = 1.05 if mode in ("zeros", "circular") else 2 * 1.05  # the padding maps have norm sqrt(2) each
    assert truth * (1 - 1e-12) <= float(norms.spectral) <= loosest * truth
    assert 0.95 * truth <= float(norms.spectral_lower) <= truth * (1 + 1e-12)


def test_scale_and_degenerate_weights() -> None:
    weight = torch.randn(3, 2, 3, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    plain = convolution_norms(weight, input_size=5, padding=1)
    for exponent in (-900, 900):
        scaled = convolution_norms(torch.from_numpy(np.ldexp(weight.numpy(), exponent)), input_size=5, padding=1)
        assert math.ldexp(float(scaled.spectral), -exponent) == pytest.approx(float(plain.spectral), rel=1e-14)
        assert float(scaled.norm_1_inf) > 0
    zero = convolution_norms(torch.zeros(3, 2, 3, 3), input_size=5)
    assert [float(q) for q in (zero.spectral, zero.spectral_lower, zero.frobenius, zero.norm_2_1, zero.norm_1_inf)] == [0.0] * 5
    with pytest.raises(ValueError, match=r"layer 3.*largest double"):
        convolution_norms(torch.full((1, 1, 3), 1e308, dtype=torch.float64), input_size=9, padding=1, name="layer 3")


@pytest.mark.slow
def test_entry_error_widens_both_ends() -> None:
    weight = torch.randn(3, 2, 3, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    plain, wide = (convolution_norms(weight, input_size=5, padding=1, entry_error=e) for e in (0.0, 1e-3))
    rng = np.random.default_rng(0)
    for _ in range(20):
        moved = convolution_norms(weight.numpy() * (1 + 1e-3 * rng.choice((-1, 1), weight.shape)), input_size=5, padding=1)
        assert float(wide.spectral_lower) <= float(moved.spectral_lower)
        assert float(moved.spectral) <= float(wide.spectral)
        assert float(moved.frobenius) <= float(wide.frobenius)
    assert float(plain.norm_2_1) < float(wide.norm_2_1)


def test_nothing_global_is_touched() -> None:
    weight = nn.Parameter(torch.randn(40, 10, 3, 3, generator=torch.Generator().manual_seed(0)))
    before, state, threads = weight.detach().clone(), torch.random.get_rng_state(), torch.get_num_threads()
    numpy_state = np.random.get_state()[1].copy()  # noqa: NPY002
    first, second = (convolution_norms(weight, input_size=8, padding=1) for _ in range(2))
    assert float(first.spectral) == float(second.spectral)
    assert torch.equal(weight, before)
    assert weight.grad is None
    assert torch.equal(torch.random.get_rng_state(), state)
    assert (np.random.get_state()[1] == numpy_state).all()  # noqa: NPY002
    assert torch.get_num_threads() == threads


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weight": torch.full((2, 2, 3), math.nan)}, "finite"),
        ({"weight": torch.zeros(2, 2)}, "shape"),
        ({"weight": torch.zeros(2, 2, 3, 3, 3)}, "shape"),
        ({"groups": 3}, "groups"),
        ({"input_size": 2}, "no output"),
        ({"input_size": 0}, "input_size"),
        ({"stride": 0}, "stride"),
        ({"padding": -1}, "padding"),
        ({"padding": "full"}, "padding"),
        ({"padding": "same", "stride": 2}, "stride 1"),
        ({"padding_mode": "mirror"}, "padding_mode"),
        ({"padding": 8, "padding_mode": "reflect"}, "at most 7"),
        ({"padding": 9, "padding_mode": "circular"}, "at most 8"),
        ({"transposed": True, "padding_mode": "reflect"}, "zero padding"),
        ({"transposed": True, "padding": 20}, "leave an output"),
    ],
)
def test_errors_name_the_layer(change: dict[str, Any], message: str) -> None:
    arguments = {"weight": torch.ones(2, 2, 3), "input_size": 8} | change
    with pytest.raises(ValueError, match=rf"features\.3.*{message}"):
        convolution_norms(arguments.pop("weight"), name="features.3", **arguments)
