"""Divergences of Gaussians by quadrature, with the price of a chosen scale by trying each, and log-ratios of densities at a draw."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from genbounds.bounds.assumptions import PRIOR_CENTRE_INDEPENDENT_OF_SAMPLE
from genbounds.verification.scenarios.scenario import Size, holding
from genbounds.verification.small_worlds.small_world import Known, SmallWorld

NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(12)
"""Gauss and Hermite's rule: exact for polynomials up to degree 23; the log-ratio of two Gaussian densities is one of degree 2."""
SHAPES = ((0.0, 1.0, 0.0, 1.0), (2.0, 0.5, 0.0, 1.0), (-1.0, 3.0, 0.5, 1.0), (0.25, 0.125, 0.0, 2.0), (1.0, 1.0, 0.0, 1.0))
"""Mean and standard deviation of posterior and prior, of one weight."""
GRID = 200


def divergences(mean_q: float, std_q: float, mean_p: float, std_p: Any) -> Any:
    """The mean of ln q/p under q, by quadrature, for each standard deviation of p.

    >>> np.round(divergences(2.0, 1.0, 0.0, np.array([1.0, 2.0])), 12)
    array([2.        , 0.81814718])
    """
    at, std = mean_q + std_q * NODES, np.asarray(std_p, dtype=float)[..., None]
    log_ratio = ((at - mean_p) / std) ** 2 / 2 - NODES**2 / 2 + np.log(std / std_q)
    return log_ratio @ WEIGHTS / math.sqrt(2 * math.pi)


def weights_one_by_one(size: Size) -> Iterator[Known]:
    """One weight, and two of different shapes."""
    for some in (*((one,) for one in SHAPES), *itertools.combinations(SHAPES, 2)):
        columns = tuple(zip(*some, strict=True))
        named = dict(zip(("mean_q", "std_q", "mean_p", "std_p"), columns, strict=True))
        yield Known(_said(named), named, float(sum(divergences(*one) for one in some)))


def blocks(size: Size) -> Iterator[Known]:
    """Blocks of equal standard deviations; the shift is put on one weight of each."""
    for some in _blocks():
        named = dict(zip(("distances", "sizes", "std_q", "std_p"), zip(*some, strict=True), strict=True))
        yield Known(_said(named), named, float(sum(_of_block(*one) for one in some)))


def chosen_scale(size: Size) -> Iterator[Known]:
    """The prior's scale is the best of a grid, and what its place costs is added: every place is tried."""
    for some, largest, precision in itertools.product(itertools.combinations(SHAPES, 2), (1.0, 4.0), (2, 20)):
        named = {name: tuple(one[place] for one in some) for place, name in enumerate(("mean_q", "std_q", "mean_p"))}
        std, price = _grid(largest, precision)
        priced = sum((divergences(*one[:3], std) for one in some), price)
        inputs = {**named, "largest_variance": largest, "precision": precision}
        yield Known(_said(inputs), inputs, float(np.min(priced)))


def chosen_scale_of_blocks(size: Size) -> Iterator[Known]:
    """The same with a scale for each block."""
    for some, largest, precision in itertools.product(_blocks(), (1.0, 4.0), (2, 20)):
        named = dict(zip(("distances", "sizes", "std_q"), list(zip(*some, strict=True))[:3], strict=True))
        std, price = _grid(largest, precision)
        best = [float(np.min(_of_block(*one[:3], std) + price)) for one in some]
        inputs = {**named, "largest_variance": largest, "precision": precision}
        yield Known(_said(inputs), inputs, math.fsum(best))


def density_ratios(size: Size) -> Iterator[Known]:
    """ln of the two normal densities at a draw, one less the other."""
    for shift, noise, std in itertools.product(((1.0, 2.0), (0.5, -3.0)), ((0.5, -1.0), (2.0, 0.25)), (0.5, 2.0)):
        pairs = zip(shift, noise, strict=True)
        truth = math.fsum(part for mu, e in pairs for part in (_log_density(e, std), -_log_density(mu + e, std)))
        inputs = {"shift": shift, "noise": noise, "std": std}
        yield Known(_said(inputs), inputs, truth)


def _log_density(at: float, std: float) -> float:
    return -((at / std) ** 2) / 2 - math.log(std * math.sqrt(2 * math.pi))


def _blocks() -> Iterator[tuple[tuple[float, int, float, float], ...]]:
    some = ((2.0, 10, 0.5, 1.0), (0.0, 3, 1.0, 2.0), (1.5, 1, 3.0, 1.0), (0.25, 40, 0.125, 2.0))
    yield from ((one,) for one in some)
    yield from itertools.combinations(some, 2)


def _of_block(distance: float, count: int, std_q: float, std_p: Any) -> Any:
    return divergences(distance, std_q, 0.0, std_p) + (count - 1) * divergences(0.0, std_q, 0.0, std_p)


def _grid(largest: float, precision: int) -> tuple[Any, Any]:
    """The standard deviations of the grid, and what the union over its places costs at each."""
    place = np.arange(1, GRID + 1)
    return np.sqrt(largest * np.exp(-place / precision)), np.log(math.pi**2 * place**2 / 6)


def _said(inputs: dict[str, Any]) -> str:
    return ", ".join(f"{name} = {_entry(value)}" for name, value in inputs.items())


def _entry(value: Any) -> str:
    return f"({', '.join(f'{one:g}' for one in value)})" if isinstance(value, Sequence) else f"{value:g}"


_CENTRE = holding("numbers that look at no sample", PRIOR_CENTRE_INDEPENDENT_OF_SAMPLE)
WORLDS = (
    SmallWorld(
        "Gaussian weights",
        "Gaussian posteriors and priors of one or two weights, integrated",
        "kl",
        frozenset({"mean_q", "std_q", "mean_p", "std_p"}),
        {},
        weights_one_by_one,
    ),
    SmallWorld(
        "Gaussian blocks",
        "blocks of Gaussian weights, integrated",
        "kl",
        frozenset({"distances", "sizes", "std_q", "std_p"}),
        {},
        blocks,
    ),
    SmallWorld(
        "chosen scale",
        "two Gaussian weights and every scale of the prior, integrated, with its price",
        "kl",
        frozenset({"mean_q", "std_q", "mean_p", "largest_variance", "precision"}),
        _CENTRE,
        chosen_scale,
    ),
    SmallWorld(
        "chosen scales of blocks",
        "blocks of Gaussian weights and every scale of the prior of each, integrated, with its price",
        "kl",
        frozenset({"distances", "sizes", "std_q", "largest_variance", "precision"}),
        _CENTRE,
        chosen_scale_of_blocks,
    ),
    SmallWorld(
        "densities at a draw",
        "the logarithms of two Gaussian densities at one draw",
        "log_ratio",
        frozenset({"shift", "noise", "std"}),
        {},
        density_ratios,
    ),
)
