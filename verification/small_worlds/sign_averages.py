"""Rademacher complexities averaged over all sign vectors, and what a ball of linear functions shatters at a scale."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genbounds.bounds.assumptions import (
    CONSTANT_KEPT,
    DATA_NORM_OF_SAMPLE,
    HOMOGENEOUS_ACTIVATION,
    HOMOGENEOUS_LIPSCHITZ_ACTIVATION,
    LARGEST_COLUMN_OF_SAMPLE,
    LAYER_NORMS_FIXED_IN_ADVANCE,
    NO_BIAS,
    ODD_ACTIVATION,
    ONE_LIPSCHITZ_ACTIVATION,
    RADIUS_OF_POPULATION,
)
from genbounds.verification.scenarios.scenario import Size, holding, log_up
from genbounds.verification.small_worlds.small_world import Known, SmallWorld

Array = NDArray[np.float64]


@cache
def signs(n: int) -> Array:
    """All sign vectors, one per row."""
    return np.array(list(itertools.product((1.0, -1.0), repeat=n)))


def samples(size: Size) -> Iterator[tuple[str, Array]]:
    """Inputs, one per row: equal ones, orthogonal ones, signs, and whole numbers at random."""
    for n in (1, 2, 3, 4, 8) if size == "thumbnail" else (1, 2, 3, 4, 6, 8, 12):
        yield f"equal inputs, n = {n}", np.ones((n, 1))
        yield f"orthogonal inputs, n = {n}", np.eye(n)
        yield f"signs, n = {n}", np.array([[(-1.0) ** i] for i in range(n)])
        yield f"inputs of whole numbers, n = {n}", np.random.default_rng(n).integers(-3, 4, (n, 3)).astype(float)


def _up(square: float) -> float:
    """The root of a whole number, rounded up."""
    root = math.sqrt(square)
    return root if root * root == square and root == int(root) else math.nextafter(root, math.inf)


def frobenius(inputs: Array) -> float:
    """The norm of all inputs together, rounded up."""
    return _up(float(np.sum(inputs**2)))


def largest_column(inputs: Array) -> float:
    """The largest norm of a feature over the sample, rounded up."""
    return _up(float(np.max(np.sum(inputs**2, axis=0))))


def by_euclid(inputs: Array) -> float:
    """n times the complexity of the linear functions of l2 norm 1: the mean norm of the signed sum of the inputs.

    >>> by_euclid(np.eye(4)), by_euclid(np.ones((2, 1)))
    (2.0, 1.0)
    """
    return float(np.mean(np.linalg.norm(signs(len(inputs)) @ inputs, axis=1)))


def by_coordinates(inputs: Array) -> float:
    """n times the complexity of the linear functions of l1 norm 1: the mean largest entry of the signed sum.

    >>> by_coordinates(np.eye(4)), by_coordinates(np.ones((2, 1)))
    (1.0, 1.0)
    """
    return float(np.mean(np.max(np.abs(signs(len(inputs)) @ inputs), axis=1)))


def by_rectifiers(inputs: Array) -> float:
    """n times the complexity of one ReLU unit that looks at one coordinate, with an output weight of 1 or -1.

    >>> by_rectifiers(np.array([[1.0], [-1.0]]))
    1.0
    """
    units = np.maximum(np.concatenate([inputs, -inputs], axis=1), 0)
    return by_coordinates(units)


def _averages(norm_of: Any, average: Callable[[Array], float], words: Callable[[int], Iterator[tuple[str, dict[str, Any], float]]]) -> Any:
    """Settings of a class whose complexity is a norm times ``average``; ``words`` lists the shapes, with other inputs and that norm."""

    def make(size: Size) -> Iterator[Known]:
        for label, inputs in samples(size):
            n, features = inputs.shape
            for shape, others, norm in words(features):
                yield Known(f"{label}{shape}", {**others, "data_norm": norm_of(inputs), "n": n}, norm * average(inputs) / n)

    return make


def _balls(features: int) -> Iterator[tuple[str, dict[str, Any], float]]:
    for norm in (0.25, 3.0):
        yield f", norm {norm:g}", {"norm": norm, "inputs": features}, norm


def _deep(features: int) -> Iterator[tuple[str, dict[str, Any], float]]:
    for depth, norm in itertools.product((1, 2, 3, 10), (0.25, 3.0)):
        yield f", depth {depth}, norms {norm:g}", {"norm_product": norm, "path_norm": norm, "depth": depth, "inputs": features}, norm


def _two_layers(features: int) -> Iterator[tuple[str, dict[str, Any], float]]:
    for output, hidden in ((1.0, 1.0), (0.25, 3.0)):
        yield f", norms {hidden:g} and {output:g}", {"output_norm": output, "hidden_norm": hidden, "inputs": features}, output * hidden


def finite_sets(size: Size) -> Iterator[Known]:
    """The cube, the signed unit vectors, and prefixes: the best member for every sign vector."""
    for n in (1, 2, 4, 8) if size == "thumbnail" else (1, 2, 4, 8, 11):
        ramp = np.tri(n)
        for label, members in (("cube", signs(n)), ("signed unit vectors", np.concatenate([np.eye(n), -np.eye(n)])), ("prefixes", ramp)):
            best = float(np.mean(np.max(signs(n) @ members.T, axis=1)))
            inputs = {"log_cardinality": log_up(len(members)), "radius": _up(float(np.max(np.sum(members**2, axis=1)))), "n": n}
            yield Known(f"{label}, n = {n}", inputs, best / n)


def shattered_at_scale(size: Size) -> Iterator[Known]:
    """Orthogonal inputs on the sphere of radius r: for every sign vector the weights are built, their norms and values measured."""
    for count, radius, scale in itertools.product((1, 2, 4, 9) if size == "thumbnail" else (1, 2, 4, 7, 9, 12), (1.0, 4.0), (0.125, 1.0)):
        inputs = radius * np.eye(count)
        weights = scale / radius**2 * signs(count) @ inputs
        assert np.all(signs(count) * (weights @ inputs.T) >= scale)
        norm = _up(float(np.max(np.sum(weights**2, axis=1))) * radius**2 / scale**2) * scale / radius
        yield Known(
            f"orthogonal inputs, {count} of them, of norm {radius:g}, at scale {scale:g}",
            {"norm": norm, "radius": radius, "scale": scale},
            Fraction(count),
        )


_EUCLID = holding("measured on the very inputs", DATA_NORM_OF_SAMPLE)
_COLUMNS = holding("measured on the very inputs", LARGEST_COLUMN_OF_SAMPLE)
_NETWORKS = holding("layers without bias, each of its own norm", NO_BIAS, CONSTANT_KEPT, LAYER_NORMS_FIXED_IN_ADVANCE)
_LIPSCHITZ = holding("the identity or ReLU", HOMOGENEOUS_ACTIVATION, HOMOGENEOUS_LIPSCHITZ_ACTIVATION, ONE_LIPSCHITZ_ACTIVATION)
_ODD = holding("the identity", ODD_ACTIVATION)


def _world(name: str, inputs: str, audit: Any, make: Any) -> SmallWorld:
    described = f"{name}: averaged over all sign vectors"
    return SmallWorld(name, described, "complexity", frozenset(f"{inputs} data_norm n".split()), audit, make)


_DEEP, _TWO = _NETWORKS | _LIPSCHITZ, _NETWORKS | _LIPSCHITZ | _ODD
WORLDS = (
    _world("linear functions", "norm", _EUCLID, _averages(frobenius, by_euclid, _balls)),
    _world("sparse linear functions", "norm inputs", _COLUMNS, _averages(largest_column, by_coordinates, _balls)),
    _world("deep linear networks", "norm_product depth", _EUCLID | _DEEP, _averages(frobenius, by_euclid, _deep)),
    _world(
        "deep sparse networks", "norm_product path_norm depth inputs", _COLUMNS | _DEEP, _averages(largest_column, by_coordinates, _deep)
    ),
    _world("two linear layers", "output_norm hidden_norm", _EUCLID | _TWO, _averages(frobenius, by_euclid, _two_layers)),
    _world("two sparse layers", "output_norm hidden_norm inputs", _COLUMNS | _TWO, _averages(largest_column, by_coordinates, _two_layers)),
    _world("rectifiers", "output_norm hidden_norm", _EUCLID | _DEEP, _averages(frobenius, by_rectifiers, _two_layers)),
    _world("sparse rectifiers", "output_norm hidden_norm inputs", _COLUMNS | _DEEP, _averages(largest_column, by_rectifiers, _two_layers)),
    SmallWorld(
        "finite sets of vectors",
        "finite sets of vectors: averaged over all sign vectors",
        "complexity",
        frozenset({"log_cardinality", "radius", "n"}),
        {},
        finite_sets,
    ),
    SmallWorld(
        "points shattered at a scale",
        "orthogonal inputs, with weights for every sign vector",
        "fat_shattering_dimension",
        frozenset({"norm", "radius", "scale"}),
        holding("all inputs have that norm", RADIUS_OF_POPULATION),
        shattered_at_scale,
    ),
)
