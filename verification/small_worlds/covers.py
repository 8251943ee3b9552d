"""Covering numbers: how many vectors must come within 1/n of every loss of a class, where segments and lists of losses tell it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from genbounds.bounds.assumptions import (
    CLASS_FIXED_IN_ADVANCE,
    INPUT_RADIUS_OF_POPULATION,
    LAYERS_LINEAR_IN_PARAMETERS,
    LIPSCHITZ_LOSS_IN_OUTPUTS,
    NO_BIAS,
    ONE_LIPSCHITZ_ACTIVATION,
    REFERENCE_FIXED_IN_ADVANCE,
)
from genbounds.verification.scenarios.scenario import Size, holding
from genbounds.verification.small_worlds.small_world import Known, SmallWorld

Losses = Sequence[tuple[Fraction, ...]]


def of_list(losses: Losses, radius: Fraction) -> int:
    """The fewest vectors that come within the radius of each of these vectors in every entry, by trying all ways to share them out.

    Vectors share a centre where no entry differs by more than twice the radius between any two of them.

    >>> of_list([(Fraction(0), Fraction(1)), (Fraction(1, 4), Fraction(1)), (Fraction(1), Fraction(0))], Fraction(1, 8))
    2
    """
    near = [
        {j for j, other in enumerate(losses) if all(abs(x - y) <= 2 * radius for x, y in zip(one, other, strict=True))} for one in losses
    ]
    groups = [set(group) for size in range(1, len(losses) + 1) for group in itertools.combinations(range(len(losses)), size)]
    cliques = [group for group in groups if all(group <= near[member] for member in group)]
    for count in range(1, len(losses)):
        if any(len(set().union(*chosen)) == len(losses) for chosen in itertools.combinations(cliques, count)):
            return count
    return len(losses)


def of_few_losses(size: Size) -> Iterator[Known]:
    """All marks of two points, and losses on a ladder, at 2n points that repeat the few there are."""
    for n in (1, 2, 4) if size == "thumbnail" else (1, 2, 3, 4, 8):
        lists: dict[str, Losses] = {
            "all marks of two points": list(itertools.product((Fraction(0), Fraction(1)), repeat=2)),
            "three losses 2/5 apart": [(Fraction(i, 5),) for i in (0, 2, 4)],
            "one loss": [(Fraction(1, 2),)],
        }
        for label, losses in lists.items():
            truth = math.log(of_list(losses, Fraction(1, n)))
            yield Known(f"{label}, n = {n}", {"class_size": len(losses), "n": n}, truth * (1 - 1e-12))


def of_products(size: Size) -> Iterator[Known]:
    """Products of L weights, whose distances from 1 add up to at most beta, at the input 1.

    They fill [1 - beta, (1 + beta/L)^L]: one weight takes all of the distance, or all take the same share. The loss is the product over its
    largest value. A vector comes within 1/n of a part of the length 2/n of that segment.
    """
    for depth, distance in itertools.product((1, 2, 4), (Fraction(1, 4), Fraction(1))):
        for n in (4, 100) if size == "thumbnail" else (4, 20, 100, 10**4):
            high = (1 + distance / depth) ** depth
            fewest = math.ceil((high - (1 - distance)) / high * n / 2)
            given = _given(parameters=depth, distance=distance, depth=depth, lipschitz=1 / high, n=n)
            truth = math.log(max(1, fewest))
            yield Known(f"{depth} factors within {distance} of 1, n = {n}", given, truth * (1 - 1e-12))


def of_diagonals(size: Size) -> Iterator[Known]:
    """Diagonal matrices within beta of the identity, W weights, at the W unit vectors: the loss at the k-th is (w_k - 1)/(2 beta) + 1/2.

    The spectral norm of the difference is its largest entry, so that the losses fill the cube [0, 1]^W. Its points on a lattice a little
    more than 2/n apart need a vector each: ceil(n/2) of them in each direction.
    """
    for count, distance in itertools.product((1, 2, 5), (Fraction(1, 2), Fraction(2))):
        for n in (4, 20) if size == "thumbnail" else (4, 5, 20, 1000):
            given = _given(parameters=count, distance=distance, depth=1, lipschitz=1 / (2 * distance), n=n)
            truth = count * math.log(math.ceil(Fraction(n, 2)))
            yield Known(f"{count} diagonal entries within {distance} of 1, n = {n}", given, truth * (1 - 1e-12))


def _given(**given: Any) -> dict[str, Any]:
    """What a network is told, its reference of norm 1 and its inputs in the unit ball."""
    return {"reference_norm": 1, "input_radius": 1, **given}


_NETWORKS = (
    holding("each layer is a weight, or a diagonal of weights", LAYERS_LINEAR_IN_PARAMETERS, NO_BIAS)
    | holding("the reference is the weight 1", REFERENCE_FIXED_IN_ADVANCE)
    | holding("the identity", ONE_LIPSCHITZ_ACTIVATION)
    | holding("the loss has this slope in one output", LIPSCHITZ_LOSS_IN_OUTPUTS)
    | holding("inputs of norm at most 1", INPUT_RADIUS_OF_POPULATION)
)
_TAKEN = frozenset({"parameters", "distance", "depth", "reference_norm", "input_radius", "lipschitz", "n"})
WORLDS = (
    SmallWorld(
        "covers of lists",
        "the fewest vectors that come within 1/n of each of a few losses, by trying all ways to share the losses out",
        "log_cover",
        frozenset({"class_size", "n"}),
        holding("the losses are listed", CLASS_FIXED_IN_ADVANCE),
        of_few_losses,
    ),
    SmallWorld(
        "covers of products",
        "the fewest vectors that come within 1/n of the losses of all products of a few weights near 1, which fill a segment",
        "log_cover",
        _TAKEN,
        _NETWORKS,
        of_products,
    ),
    SmallWorld(
        "covers of diagonals",
        "the fewest vectors that come within 1/n of the losses of all diagonal matrices near the identity, which fill a cube",
        "log_cover",
        _TAKEN,
        _NETWORKS,
        of_diagonals,
    ),
)
