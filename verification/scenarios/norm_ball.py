"""Balls of functions fitted to labels that are coins: the best function of a ball in closed form, on every sample.

An input is one of a few basis vectors, a label is a fair coin independent of it, and the loss 1/2 - y f(x) lies in [0, 1] where |f| <= 1/2.
Every function then has risk 1/2. With S_j the sum of the labels that came with the j-th vector, the smallest empirical risk in a ball is
1/2 - s/n, s the supremum of sum_j S_j f(e_j), which is a norm of S; and as labels are signs, its mean is the complexity of the ball itself.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

from genbounds.bounds.assumptions import (
    CLASS_FIXED_IN_ADVANCE,
    COMPLEXITY_OF_LOSS_CLASS,
    CONSTANT_KEPT,
    DATA_NORM_OF_SAMPLE,
    EXPECTED_COMPLEXITY_OF_LOSS_CLASS,
    HOMOGENEOUS_ACTIVATION,
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    IID_SAMPLE,
    LARGEST_COLUMN_OF_SAMPLE,
    LAYER_NORMS_FIXED_IN_ADVANCE,
    LOSS_IN_UNIT_INTERVAL,
    NO_BIAS,
    ODD_ACTIVATION,
    ONE_LIPSCHITZ_ACTIVATION,
    Audit,
)
from genbounds.bounds.bounds_on import RISK
from genbounds.verification.scenarios.linear_memoriser import root_up
from genbounds.verification.scenarios.scenario import Scenario, Size, World, holding, violating

HALF = Fraction(1, 2)
Sample = tuple[tuple[int, int], ...]
"""For each basis vector how often it was drawn, and the sum of its labels."""
_COMMON = (
    holding("inputs and labels drawn independently", IID_SAMPLE)
    | holding("1/2 - y f(x), and |f| <= 1/2 on the ball", LOSS_IN_UNIT_INTERVAL)
    | holding("the ball's radius is a number fixed beforehand", CLASS_FIXED_IN_ADVANCE)
    | holding("the loss is linear in f, with slope 1: its class has the complexity of the ball", COMPLEXITY_OF_LOSS_CLASS)
    | violating("the function of the least empirical risk is picked", HYPOTHESIS_INDEPENDENT_OF_SAMPLE)
)
_ALL_INPUTS = holding("every input is a unit vector", DATA_NORM_OF_SAMPLE)
_COLUMN = holding("a basis vector that was drawn m times makes a column of norm sqrt m", LARGEST_COLUMN_OF_SAMPLE)
_RELU = holding("ReLU, without biases", NO_BIAS, CONSTANT_KEPT, ONE_LIPSCHITZ_ACTIVATION, HOMOGENEOUS_ACTIVATION)
_IDENTITY = holding("the identity, without biases", NO_BIAS, CONSTANT_KEPT, ONE_LIPSCHITZ_ACTIVATION, ODD_ACTIVATION)


class LinearBall(Scenario):
    """Linear functions with an l2 norm of at most 1/2."""

    name = "l2 ball of linear functions"
    description = "linear functions of norm at most 1/2 on basis vectors with coins for labels: the one that fits best"
    inputs = frozenset({"n", "empirical_risk", "norm", "data_norm"})
    truths = frozenset({RISK})
    audit: Audit = _COMMON | _ALL_INPUTS
    described: Mapping[str, Any] = {"norm": HALF}
    columns = False
    """Whether data_norm is the largest norm of a column, rather than that of the whole matrix."""

    def worlds(self, size: Size) -> Iterator[World]:
        """One vector, two and three."""
        for dimension, n in ((1, 40), (2, 12)) if size == "thumbnail" else ((1, 1), (1, 8), (1, 64), (2, 3), (2, 16), (3, 4), (3, 9)):
            yield self.world(dimension, n)

    @classmethod
    def fit(cls, sums: Sequence[int]) -> float:
        """The supremum over the ball of sum_j S_j f(e_j)."""
        return math.hypot(*sums) / 2

    @classmethod
    def world(cls, dimension: int, n: int) -> World:
        """All samples, by what they have drawn and how it was labelled."""
        samples = law_of_samples(dimension, n)
        # The empirical risk, rounded up, so that no rounding is counted against a bound.
        shown: dict[str, list[Any]] = {"empirical_risk": [], "data_norm": []}
        for sample in samples:
            fit = cls.fit([total for _, total in sample])
            shown["empirical_risk"].append(max(0.0, math.nextafter(0.5 - fit / n, 1.0) + 2.0**-50))
            shown["data_norm"].append(root_up(max(drawn for drawn, _ in sample) if cls.columns else n))
        common = {"n": n, **cls.described, **({"inputs": dimension} if cls.columns else {})}
        kept = {name: shown[name] for name in shown if name in cls.inputs}
        common |= cls.of_the_world(dimension, n)
        law = list(samples.values())
        return World(f"{dimension} vectors, n = {n}", common, kept, {RISK: [HALF] * len(law)}, law)

    @classmethod
    def of_the_world(cls, dimension: int, n: int) -> dict[str, Any]:
        """Further inputs that are the same for every sample."""
        return {}


class LinearBallOverSamples(LinearBall):
    """The same ball, with its complexity over samples."""

    name = "l2 ball, mean complexity"
    inputs = frozenset({"n", "empirical_risk", "complexity"})
    audit: Audit = (
        _COMMON
        | holding("the mean of ||S||/(2 n), over all samples", EXPECTED_COMPLEXITY_OF_LOSS_CLASS)
        | violating("the complexity is a mean over samples", COMPLEXITY_OF_LOSS_CLASS)
    )
    described: Mapping[str, Any] = {}

    @classmethod
    def of_the_world(cls, dimension: int, n: int) -> dict[str, Any]:
        """The mean over samples of the best fit, which is the complexity since labels are signs; rounded up."""
        mean = math.fsum(float(mass) * cls.fit([total for _, total in sample]) for sample, mass in law_of_samples(dimension, n).items())
        return {"complexity": mean / n * (1 + 2.0**-40)}


class SparseBall(LinearBall):
    """Linear functions with an l1 norm of at most 1/2."""

    name = "l1 ball of linear functions"
    description = "linear functions of l1 norm at most 1/2 on basis vectors with coins for labels: the one that fits best"
    inputs = frozenset({"n", "empirical_risk", "norm", "data_norm", "inputs"})
    audit: Audit = _COMMON | _COLUMN
    columns = True

    @classmethod
    def fit(cls, sums: Sequence[int]) -> float:
        """All weight on the vector whose labels agree most."""
        return max(map(abs, sums)) / 2


class ReluBall(LinearBall):
    """Two layers with a ReLU between them: output weights of l1 norm 1, hidden rows of l2 norm 1/2."""

    name = "two layers, l2 rows"
    description = "two-layer ReLU networks of bounded norms on basis vectors with coins for labels: the one that fits best"
    inputs = frozenset({"n", "empirical_risk", "output_norm", "hidden_norm", "data_norm"})
    audit: Audit = _COMMON | _ALL_INPUTS | _RELU
    described: Mapping[str, Any] = {"output_norm": 1, "hidden_norm": HALF}

    @classmethod
    def fit(cls, sums: Sequence[int]) -> float:
        """One unit that is on where the labels are of one sign."""
        return max(math.hypot(*(max(entry, 0) for entry in sums)), math.hypot(*(min(entry, 0) for entry in sums))) / 2


class ReluFrobeniusBall(ReluBall):
    """Two layers with a ReLU between them and a product of Frobenius norms of at most 1/2: the same functions fit best."""

    name = "two layers, Frobenius norms"
    inputs = frozenset({"n", "empirical_risk", "norm_product", "depth", "data_norm"})
    described: Mapping[str, Any] = {"norm_product": HALF, "depth": 2}


class ReluSparseBall(ReluBall):
    """Two layers with a ReLU between them: output weights of l1 norm 1, hidden rows of l1 norm 1/2."""

    name = "two layers, l1 rows"
    inputs = frozenset({"n", "empirical_risk", "output_norm", "hidden_norm", "data_norm", "inputs"})
    audit: Audit = _COMMON | _COLUMN | _RELU
    columns = True

    @classmethod
    def fit(cls, sums: Sequence[int]) -> float:
        """One unit that reads the vector whose labels agree most."""
        return max(map(abs, sums)) / 2


class ReluRowsBall(ReluSparseBall):
    """The same networks, as two layers whose largest l1 norms of rows are 1 and 1/2."""

    name = "two layers, largest l1 norms of rows"
    inputs = frozenset({"n", "empirical_risk", "norm_product", "depth", "data_norm", "inputs"})
    audit: Audit = _COMMON | _COLUMN | _RELU | holding("each layer has a bound of its own", LAYER_NORMS_FIXED_IN_ADVANCE)
    described: Mapping[str, Any] = {"norm_product": HALF, "depth": 2}


class OddBall(LinearBall):
    """Two layers with the identity between them, which is odd."""

    name = "two layers, odd activation"
    description = "two-layer networks with the identity as activation, on basis vectors with coins for labels: the one that fits best"
    inputs = frozenset({"n", "empirical_risk", "output_norm", "hidden_norm", "data_norm"})
    audit: Audit = _COMMON | _ALL_INPUTS | _IDENTITY
    described: Mapping[str, Any] = {"output_norm": 1, "hidden_norm": HALF}


class OddSparseBall(SparseBall):
    """The same with hidden rows of l1 norm 1/2."""

    name = "two layers, l1 rows, odd activation"
    description = "two-layer networks with the identity as activation and sparse rows, with coins for labels: the one that fits best"
    inputs = frozenset({"n", "empirical_risk", "output_norm", "hidden_norm", "data_norm", "inputs"})
    audit: Audit = _COMMON | _COLUMN | _IDENTITY
    described: Mapping[str, Any] = {"output_norm": 1, "hidden_norm": HALF}


@cache
def law_of_samples(dimension: int, n: int) -> dict[Sample, Fraction]:
    """The probabilities of all samples of n examples, by what was drawn how often and the sums of its labels.

    Order does not matter to a ball of functions that treats all vectors alike, so vectors are sorted.

    >>> law_of_samples(1, 2) == {((2, -2),): Fraction(1, 4), ((2, 0),): Fraction(1, 2), ((2, 2),): Fraction(1, 4)}
    True
    """
    ways: Counter[Sample] = Counter({((0, 0),) * dimension: 1})
    for _ in range(n):
        following: defaultdict[Sample, int] = defaultdict(int)
        for sample, number in ways.items():
            for vector, (drawn, total) in enumerate(sample):
                for label in (-1, 1):
                    new = tuple(sorted((*sample[:vector], (drawn + 1, total + label), *sample[vector + 1 :])))
                    following[new] += number
        ways = Counter(following)
    return {sample: Fraction(number, (2 * dimension) ** n) for sample, number in sorted(ways.items())}
