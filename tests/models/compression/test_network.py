"""The network itself: against plain loops, its ties, its fixed features, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from tests.models.compression.test_message import network_of

from genbounds.models.compression import DIGITS, MNIST, Architecture, TernaryNetwork, counted_as_errors, fixed_features
from genbounds.models.compression._family import filters
from genbounds.models.compression._front import normalised


def test_outputs_agree_with_loops_in_numpy() -> None:
    network = network_of(Architecture(DIGITS, "none", 3, 0.25, (4,)), 3, 0.5)
    features = torch.rand(2, 13, 4, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    kernels, (hidden, last) = filters(3).numpy(), [level.double().numpy() for level in network.levels]
    for x, found in zip(features.numpy(), network.logits(features).numpy(), strict=True):
        padded, maps = np.pad(x, ((0, 0), (1, 1), (1, 1))), np.zeros((4, 4, 4))
        for o, i, k, r, c in np.ndindex(4, 13, 3, 4, 4):
            maps[o, r, c] += hidden[o, i, k] * np.sum(padded[i, r : r + 3, c : c + 3] * kernels[k])
        maps = np.maximum((maps - maps.mean()) / math.sqrt(maps.var() + 1e-5) - 0.25, 0)
        pooled = maps.reshape(4, 2, 2, 2, 2).max(axis=(2, 4))
        pooled = (pooled - pooled.mean()) / math.sqrt(pooled.var() + 1e-5)
        np.testing.assert_allclose(found, np.einsum("cop,op->c", last, pooled.reshape(4, 4)), atol=1e-12)


def test_ties_and_nan_are_errors() -> None:
    nan = float("nan")
    outputs = torch.tensor(
        [[2.0, 1.0], [1.0, 1.0], [1.0 + 5e-10, 1.0], [1.0 + 2e-9, 1.0], [1.0, nan], [nan, 0.0], [0.0, 1.0]], dtype=torch.float64
    )
    assert counted_as_errors(outputs, torch.zeros(7, dtype=torch.int64)).tolist() == [False, True, True, False, True, True, True]


@pytest.mark.parametrize("level", [-128, -2, 2, 127])
def test_levels_are_three(level: int) -> None:
    """-128 too, whose absolute value in int8 is -128."""
    architecture = Architecture(DIGITS, "none", 1, 0.5, (4,))
    levels = [torch.zeros(shape, dtype=torch.int8) for shape in architecture.shapes]
    levels[-1].view(-1)[0] = level
    with pytest.raises(ValueError, match="levels must be -1, 0 or 1"):
        TernaryNetwork(architecture, tuple(levels))


def test_a_network_of_zeros_errs_everywhere() -> None:
    network = network_of(Architecture(DIGITS, "none", 1, 0.5, (4,)), 0, 0.0)
    features = torch.rand(30, 13, 4, 4, generator=torch.Generator().manual_seed(1))
    assert bool(network.mistakes(features, torch.arange(30) % 10).all())


def bar(slant: float, shift: float) -> torch.Tensor:
    """A smooth bar of 28 x 28 pixels: its column is 13.5 + shift + slant times the height above the middle."""
    rows, columns = torch.meshgrid(torch.arange(28.0, dtype=torch.float64), torch.arange(28.0, dtype=torch.float64), indexing="ij")
    profile = torch.exp(-((columns - 13.5 - shift - slant * (rows - 13.5)) ** 2) / 8)
    return profile * torch.exp(-((rows - 13.5) ** 2) / 40)


@pytest.mark.parametrize("normalisation", ["slant", "moments"])
def test_slant_and_position_are_removed(normalisation: str) -> None:
    images = torch.stack([bar(0.0, 0.0), bar(0.5, 0.0), bar(-0.3, 2.0)])
    upright, slanted, moved = normalised(images, normalisation, 5.6)
    for other in (slanted, moved):
        assert float((other - upright).abs().max()) < 0.1 < float((images[1] - images[0]).abs().max())


def test_features_do_not_depend_on_other_images_of_the_batch() -> None:
    images = torch.rand(1003, 8, 8, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    every = fixed_features(DIGITS, "moments", images)
    torch.testing.assert_close(every[1000:], fixed_features(DIGITS, "moments", images[1000:]), rtol=0, atol=1e-13)


def test_an_empty_image_has_finite_features() -> None:
    assert bool(fixed_features(MNIST, "moments", torch.zeros(1, 28, 28)).isfinite().all())


def test_what_the_family_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="threshold must be one of"):
        Architecture(DIGITS, "none", 1, 0.3, (4,))
    with pytest.raises(ValueError, match="one for each hidden layer"):
        Architecture(DIGITS, "none", 1, 0.5, (4, 4))
    architecture = Architecture(DIGITS, "none", 1, 0.5, (4,))
    with pytest.raises(ValueError, match="levels must be"):
        TernaryNetwork(architecture, tuple(torch.full(shape, 2, dtype=torch.int8) for shape in architecture.shapes))
    with pytest.raises(ValueError, match="images must have shape"):
        fixed_features(DIGITS, "none", torch.zeros(2, 28, 28))
    with pytest.raises(ValueError, match="normalisation must be"):
        normalised(torch.zeros(1, 8, 8), "rotation", 2.0)
