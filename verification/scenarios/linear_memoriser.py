"""Networks that remember their sample: right on it with a margin, and silent on every other input.

The inputs are N orthonormal vectors, many more than the sample has examples, and every label is the same. The network adds up the inputs
that it has seen: its output has the margin on them and is 0 elsewhere, a tie, which is an error. No norm is wasted: a linear function of
this norm cannot have the margin on more orthonormal vectors.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

from genbounds.bounds.assumptions import (
    ARCHITECTURE_FIXED_IN_ADVANCE,
    CLASS_FIXED_IN_ADVANCE,
    COMPLEXITY_OF_LOSS_CLASS,
    COMPLEXITY_OF_SCORES_ON_SAMPLE,
    DATA_NORM_OF_SAMPLE,
    DEPTH_AND_ACTIVATION_FIXED_IN_ADVANCE,
    FAT_SHATTERING,
    HOMOGENEOUS_ACTIVATION,
    HOMOGENEOUS_LIPSCHITZ_ACTIVATION,
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    IID_SAMPLE,
    KERNEL_FIXED_IN_ADVANCE,
    KERNEL_TRACE_OF_SAMPLE,
    LIPSCHITZ_ACTIVATION,
    LIPSCHITZ_GRAPH,
    LIPSCHITZ_LOSS_IN_OUTPUT,
    LOSS_IN_UNIT_INTERVAL,
    MARGIN_FIXED_IN_ADVANCE,
    MARGIN_LOSS,
    NO_BIAS,
    ONE_LIPSCHITZ_ACTIVATION,
    RADIUS_OF_POPULATION,
    REFERENCE_FIXED_IN_ADVANCE,
    REFERENCE_ZERO,
)
from genbounds.bounds.bounds_on import RISK
from genbounds.verification.scenarios.scenario import Scenario, Size, World, binomial_law, holding, violating

INPUTS_PER_EXAMPLE = 10**15
"""N/n: so many that a sample hardly ever meets an input twice."""
POWERS: dict[Size, tuple[int, ...]] = {"thumbnail": (1, 5, 10), "full": (1, 2, 3, 5, 8, 10, 13)}
"""The norms of the networks are 2^k, a point of every grid, on samples of 4^k - 1 (or 2 4^k - 1) examples."""


class LinearMemoriser(Scenario):
    """One layer and one output: the sum of the inputs of the sample."""

    name = "linear memoriser"
    description = "inputs are many orthonormal vectors, all labels 1: the linear network that is right on its sample and 0 elsewhere"
    inputs = frozenset(
        {
            "n",
            "margin_risk",
            "margin",
            "norm_product",
            "depth",
            "outputs",
            "data_norm",
            "spectral_norms",
            "distances_2_1",
            "lipschitz",
            "widths",
            "input_lipschitz",
            "inputs_at_zero",
            "output_lipschitz",
            "entries",
            "norm",
            "radius",
            "scale",
        }
    )
    truths = frozenset({RISK})
    audit = (
        holding("inputs drawn uniformly and independently", IID_SAMPLE)
        | holding("right and wrong, or the ramp 1 - min(1, max(0, y f)), which is the same here", LOSS_IN_UNIT_INTERVAL)
        | holding("all networks of these widths and of at most this norm", CLASS_FIXED_IN_ADVANCE, ARCHITECTURE_FIXED_IN_ADVANCE)
        | holding("there is no activation, or ReLU", DEPTH_AND_ACTIVATION_FIXED_IN_ADVANCE, HOMOGENEOUS_ACTIVATION)
        | holding("the same", LIPSCHITZ_ACTIVATION, ONE_LIPSCHITZ_ACTIVATION, HOMOGENEOUS_LIPSCHITZ_ACTIVATION, LIPSCHITZ_GRAPH, NO_BIAS)
        | holding("the margin is 1, and every margin on the sample is just above it", MARGIN_LOSS, MARGIN_FIXED_IN_ADVANCE)
        | holding("the reference is 0", REFERENCE_FIXED_IN_ADVANCE, REFERENCE_ZERO)
        | holding("every input has norm 1", DATA_NORM_OF_SAMPLE, RADIUS_OF_POPULATION)
        | holding(
            "the class is functions or networks of at most this norm, with one output; the ramp is 1-Lipschitz",
            COMPLEXITY_OF_SCORES_ON_SAMPLE,
            COMPLEXITY_OF_LOSS_CLASS,
            FAT_SHATTERING,
        )
        | violating("the network is the sum of the sample's inputs", HYPOTHESIS_INDEPENDENT_OF_SAMPLE)
    )
    outputs = 1
    layers = 1

    def worlds(self, size: Size) -> Iterator[World]:
        """Samples from three examples to millions."""
        for power in POWERS[size]:
            yield self.world(power)

    @classmethod
    def world(cls, power: int) -> World:
        """A sample of different inputs, or one with a repetition, of which nothing is said (the truth is 0)."""
        norm = 2**power
        n = cls.outputs * norm**2 - 1
        points = INPUTS_PER_EXAMPLE * n
        risk = 1 - Fraction(n, points)
        seen_once = all_different(points, n)
        label = f"n = {n}, norm {norm}, {cls.layers} layer(s), {cls.outputs} output(s)"
        return World(label, cls.measured(n, norm, points), {"margin_risk": [0, 0]}, {RISK: [risk, Fraction(0)]}, [seen_once, 1 - seen_once])

    @classmethod
    def measured(cls, n: int, norm: int, points: int) -> dict[str, Any]:
        """Norms of the network: rows of the last layer in opposite directions for two outputs, layers after the first of norm 1."""
        after = cls.layers - 1
        widths = (points, *(1,) * after, cls.outputs)
        # K opposite rows of norm 2^k/sqrt K each: the sum of their norms is sqrt K times the Frobenius norm.
        summed = math.nextafter(math.sqrt(cls.outputs), math.inf) if cls.outputs > 1 else 1
        first = norm * summed if cls.layers == 1 else norm
        return {
            "n": n,
            "margin": 1,
            "norm_product": norm,
            "depth": cls.layers,
            "outputs": cls.outputs,
            "data_norm": root_up(n),
            "spectral_norms": (norm, *(1,) * after),
            "distances_2_1": (first, *(1,) * after),
            "lipschitz": (1,) * cls.layers,
            "widths": widths,
            "input_lipschitz": (1, *(norm,) * after),
            "inputs_at_zero": (0,) * cls.layers,
            "output_lipschitz": (1,) * cls.layers,
            "entries": tuple(before * behind for before, behind in pairwise(widths)),
            "norm": norm,
            "radius": 1,
            "scale": Fraction(1, 16),
        }


class LogitsMemoriser(LinearMemoriser):
    """Two logits of opposite signs."""

    name = "linear memoriser of two classes"
    description = "inputs are many orthonormal vectors, all of one class of two: the logits are right on the sample and 0 elsewhere"
    inputs = LinearMemoriser.inputs - {"norm", "radius", "scale"}
    audit = dict(LinearMemoriser.audit) | violating(
        "complexities of networks are for one output, and the margin is a difference of two",
        COMPLEXITY_OF_SCORES_ON_SAMPLE,
        COMPLEXITY_OF_LOSS_CLASS,
        FAT_SHATTERING,
    )
    outputs = 2


class DeepMemoriser(LinearMemoriser):
    """The linear memoriser, a ReLU and a weight 1."""

    name = "memoriser of two layers"
    description = "inputs are many orthonormal vectors, all labels 1: a ReLU unit that adds up the sample's inputs, and a weight 1 after it"
    inputs = LinearMemoriser.inputs - {"norm", "radius", "scale"}
    layers = 2


class KernelMemoriser(LinearMemoriser):
    """The linear memoriser as a function of the space of the kernel k(x, x') = 1 if x = x', else 0."""

    name = "kernel memoriser"
    description = "the kernel that tells inputs apart and nothing else: the function that is right on its sample and 0 elsewhere"
    inputs = frozenset({"n", "empirical_risk", "lipschitz", "norm", "data_norm"})
    audit = (
        dict(LinearMemoriser.audit)
        | holding("a ramp of slope 1 in the prediction", LIPSCHITZ_LOSS_IN_OUTPUT)
        | holding("k(x, x') = 1[x = x'], whose matrix is the identity", KERNEL_FIXED_IN_ADVANCE, KERNEL_TRACE_OF_SAMPLE)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """The ramp from 1 to 0, and one from 1/4 to 0, of the same slope, whose bound is below 1."""
        for power in POWERS[size]:
            for top in (Fraction(1), Fraction(1, 4)):
                yield self.kernel_world(power, top)

    @classmethod
    def kernel_world(cls, power: int, top: Fraction) -> World:
        """The loss is max(0, top - f), cut off at top: the function has the value top on its sample, and 0 elsewhere."""
        norm = 2**power
        n = int((norm / top) ** 2)  # n functions of value top, one for each example, have the norm top sqrt n
        points = INPUTS_PER_EXAMPLE * n
        common = {"n": n, "lipschitz": 1, "norm": norm, "data_norm": root_up(n)}
        risks = [top * (1 - Fraction(n, points)), Fraction(0)]
        seen_once = all_different(points, n)
        return World(
            f"n = {n}, norm {norm}, loss at most {top}", common, {"empirical_risk": [0, 0]}, {RISK: risks}, [seen_once, 1 - seen_once]
        )


class KernelAndCoins(Scenario):
    """The same kernel and function, and a loss that is a coin of the example whatever is predicted: nothing but chance is at work."""

    name = "kernel and coins"
    description = "the kernel that tells inputs apart, and a loss that does not depend on the prediction: a coin for each example"
    inputs = KernelMemoriser.inputs
    truths = frozenset({RISK})
    audit = (
        holding("inputs and coins, drawn independently", IID_SAMPLE)
        | holding("right or wrong", LOSS_IN_UNIT_INTERVAL)
        | holding("it is the same for every prediction: the constant is 0", LIPSCHITZ_LOSS_IN_OUTPUT)
        | holding(
            "k(x, x') = 1[x = x'], whose matrix is the identity where the inputs differ", KERNEL_FIXED_IN_ADVANCE, KERNEL_TRACE_OF_SAMPLE
        )
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """A fair coin, for few and for many examples."""
        for n in (50,) if size == "thumbnail" else (3, 50, 1000):
            yield self.world(n, Fraction(1, 2))

    @staticmethod
    def world(n: int, p: Fraction) -> World:
        """After every number of errors; the trace is n on every sample, as k(x, x) = 1."""
        common = {"n": n, "lipschitz": 0, "norm": 1, "data_norm": root_up(n)}
        shown = {"empirical_risk": [Fraction(k, n) for k in range(n + 1)]}
        return World(f"n = {n}, p = {p}", common, shown, {RISK: [p] * (n + 1)}, binomial_law(n, p))


def root_up(n: int) -> float:
    """A double that is at least the root of n, by at most two units in the last place.

    >>> root_up(4) - 2 < 1e-15, Fraction(root_up(3)) ** 2 >= 3
    (True, True)
    """
    root = math.sqrt(n)
    return root if Fraction(root) ** 2 >= n else math.nextafter(root, math.inf)


def all_different(points: int, n: int) -> Fraction | float:
    """The probability that n uniform draws from so many points are all different: a Fraction for few draws, else a double.

    >>> all_different(4, 2)
    Fraction(3, 4)
    """
    if n <= 64:
        return Fraction(math.perm(points, n), points**n)
    # sum of ln(1 - i/N) = -n (n - 1)/(2 N) - O(n^3/N^2), which is below 1e-9 of the probability for all n that are asked for.
    return math.exp(-n * (n - 1) / (2 * points))
