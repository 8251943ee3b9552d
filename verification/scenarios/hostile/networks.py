"""Networks whose reference, architecture, activation, biases or measured norms look at the sample.

Inputs are basis vectors e_1, ..., e_M, labels are 1, and a linear map has the scores 1/2 and -1/2 on what was seen, -1/2 and 1/2 elsewhere:
margin 1 on the sample, always wrong beyond it. What the theorems charge for is the distance of the weights from a reference.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from genbounds.bounds import assumptions as a
from genbounds.bounds.assumptions import Assumption, Audit
from genbounds.bounds.bounds_on import RISK
from genbounds.verification.scenarios.scenario import Scenario, Size, World, holding, violating

INPUTS = frozenset(
    {
        *("n", "margin_risk", "margin", "outputs", "depth", "widths", "lipschitz", "spectral_norms", "distances_2_1", "norm_product"),
        *("frobenius_distances", "data_norm", "input_radius", "noise_scale"),
        *("input_lipschitz", "inputs_at_zero", "output_lipschitz", "entries"),
    }
)
LINEAR = (
    holding("basis vectors, drawn independently", a.IID_SAMPLE)
    | holding("scores 1/2 and -1/2, and the margin 1/2", a.MARGIN_LOSS, a.MARGIN_FIXED_IN_ADVANCE)
    | holding("no bias", a.NO_BIAS, a.CONSTANT_KEPT)
    | holding("of these n basis vectors", a.DATA_NORM_OF_SAMPLE, a.LARGEST_COLUMN_OF_SAMPLE)
    | holding("all inputs have norm 1", a.INPUT_RADIUS_OF_POPULATION, a.RADIUS_OF_POPULATION)
    | holding(
        "the identity",
        *(a.LIPSCHITZ_ACTIVATION, a.ONE_LIPSCHITZ_ACTIVATION, a.HOMOGENEOUS_ACTIVATION, a.HOMOGENEOUS_LIPSCHITZ_ACTIVATION),
    )
    | holding("linear maps", a.ARCHITECTURE_FIXED_IN_ADVANCE, a.DEPTH_AND_ACTIVATION_FIXED_IN_ADVANCE, a.LIPSCHITZ_GRAPH)
)
"""What holds of a linear network, whatever its weights."""
ELEMENTWISE = (a.HOMOGENEOUS_ACTIVATION, a.ONE_LIPSCHITZ_ACTIVATION)
POINTS, EXAMPLES = 10**18, 10**12
LARGEST = 1e9
"""More than sqrt(M/2), the spectral norm of the two opposite rows of entries 1/2 and -1/2."""


class KnowingReference(Scenario):
    """The weights are the reference itself, which was made from the sample."""

    name = "hostile: the reference"
    hostile = "the reference"
    description = "a linear network that is right on its sample and wrong elsewhere; the reference is the network itself"
    inputs = INPUTS
    truths = frozenset({RISK})
    audit: Audit = LINEAR | violating("the reference is the network that was trained", a.REFERENCE_FIXED_IN_ADVANCE, a.REFERENCE_ZERO)

    def worlds(self, size: Size) -> Iterator[World]:
        """At least the points that were not seen are wrong."""
        yield World(
            f"n = {EXAMPLES} of {POINTS} basis vectors",
            self.numbers(EXAMPLES, (POINTS, 2), (LARGEST,), (0,)),
            {},
            {RISK: [Fraction(POINTS - EXAMPLES, POINTS)]},
            [Fraction(1)],
        )

    @staticmethod
    def numbers(n: int, widths: tuple[int, ...], norms: tuple[float, ...], distances: tuple[float, ...]) -> dict[str, Any]:
        """What is measured of a linear network with these spectral norms, whose layers have these distances from the reference."""
        product = math.prod(norms)
        return {
            **{"n": n, "margin_risk": 0, "margin": Fraction(1, 2), "outputs": 2, "depth": len(norms), "widths": widths},
            **{"lipschitz": (1,) * len(norms), "spectral_norms": norms, "norm_product": product * math.sqrt(2) * (1 + 1e-15)},
            **{"distances_2_1": distances, "frobenius_distances": distances, "noise_scale": Fraction(1, 2**300)},
            **{"data_norm": math.sqrt(n) * (1 + 1e-15), "input_radius": 1},
            **{
                "input_lipschitz": tuple(math.prod(norms[:layer]) for layer in range(len(norms))),
                "inputs_at_zero": (0,) * len(norms),
                "output_lipschitz": tuple(math.prod(norms[layer + 1 :]) for layer in range(len(norms))),
                "entries": tuple(before * after for before, after in itertools.pairwise(widths)),
            },
        }


class KnowingReferenceOfPools(KnowingReference):
    """A layer that sorts inputs into seen and unseen ones, and the largest of each: norms of 1, and the reference is the network."""

    name = "hostile: the reference, with pooling"
    hostile = "the reference"
    description = "a layer of norm 1 sorts coordinates into seen and unseen ones, of which the largest are taken; so does the reference"
    audit = {key: entry for key, entry in KnowingReference.audit.items() if key not in ELEMENTWISE} | holding(
        "the maximum of M coordinates, twice", a.LIPSCHITZ_ACTIVATION, a.HOMOGENEOUS_LIPSCHITZ_ACTIVATION
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Two layers; scores 1 and 0, and so a margin of 1."""
        yield World(
            f"n = {EXAMPLES} of {POINTS} basis vectors",
            self.numbers(EXAMPLES, (POINTS, 2 * POINTS, 2), (1.0, 1.0), (0, 0)),
            {},
            {RISK: [Fraction(POINTS - EXAMPLES, POINTS)]},
            [Fraction(1)],
        )


DIMENSIONS, SEPARATION, PACKED, SEEN = 12, Fraction(1, 100), 10**22, 10**18
"""On the sphere in 12 dimensions there are (1/e)^11 points at distances of at least e: a largest such set is an e-net, and a cap of
radius e has at most e^11 of the area."""


class TrainedActivation(KnowingReference):
    """The identity, one function of the vector that was made from the sample, and its first coordinate.

    Points of the sphere are e apart. The function is e/2 where the label was seen to be 1 (-e/2 elsewhere), continued to the cone of these
    points as a homogeneous function, which is 1-Lipschitz there since (c - c')^2 + c c' e^2 >= (c + c')^2 e^2/4, and to the whole space as
    the least of f(y) + |x - y|, y in the cone: again 1-Lipschitz and homogeneous.
    """

    name = "hostile: a trained activation"
    hostile = "the activation"
    description = "points of a sphere, labels 1; a 1-Lipschitz, homogeneous activation is trained: e/2 on what was seen, -e/2 elsewhere"
    how = "it is made from the sample"
    hidden = DIMENSIONS
    excluded: tuple[Assumption, ...] = (a.LIPSCHITZ_ACTIVATION, a.HOMOGENEOUS_LIPSCHITZ_ACTIVATION, a.LIPSCHITZ_GRAPH)

    def __init__(self) -> None:
        kept = {key: entry for key, entry in LINEAR.items() if key not in ELEMENTWISE}
        self.audit = (
            kept
            | holding("points drawn independently", a.IID_SAMPLE)
            | holding("the margin is e/2, and e/4 is passed", a.MARGIN_LOSS)
            | holding("0", a.REFERENCE_FIXED_IN_ADVANCE, a.REFERENCE_ZERO)
            | holding("a 1-Lipschitz, homogeneous function", a.LIPSCHITZ_ACTIVATION, a.HOMOGENEOUS_LIPSCHITZ_ACTIVATION)
            | violating(self.how, *self.excluded)
        )

    def worlds(self, size: Size) -> Iterator[World]:
        """The first matrix is the identity, perhaps with rows of 0: its (2,1) norm is 12, that of the coordinate 1."""
        numbers = self.numbers(SEEN, (DIMENSIONS, self.hidden, 1), (1.0, 1.0), (DIMENSIONS, 1))
        yield World(
            f"n = {SEEN} of {PACKED} points at distances of {SEPARATION}",
            numbers | {"outputs": 1, "margin": SEPARATION / 4},
            {},
            {RISK: [Fraction(PACKED - SEEN, PACKED)]},
            [Fraction(1)],
        )


class ChosenActivation(TrainedActivation):
    """The same function, chosen from all such functions after the sample was seen; no part of it is trained."""

    name = "hostile: the activation"
    description = "points of a sphere, labels 1; of all 1-Lipschitz, homogeneous functions the activation is chosen that knows the sample"
    how = "it is chosen after the sample was seen"
    excluded = (a.ARCHITECTURE_FIXED_IN_ADVANCE, a.DEPTH_AND_ACTIVATION_FIXED_IN_ADVANCE, a.LIPSCHITZ_GRAPH)


class KnowingBias(TrainedActivation):
    """The activation is fixed, and holds every table of the points in a place of its own; a bias leads to the one that knows the sample.

    The place of a table is b, orthogonal to all inputs, |b| = R, where R is so large that places are far apart also as directions. On the
    cone of all points x + b the function is e/2 or -e/2, made homogeneous: |c (x + b) - c' (x' + b)|^2 = (c - c')^2 (1 + R^2) + c c' e^2 at
    least, so that it is 1-Lipschitz, as in ``TrainedActivation``. No theorem measures R.
    """

    name = "hostile: a bias that chooses"
    hostile = "a bias"
    description = "points of a sphere, labels 1; a fixed 1-Lipschitz, homogeneous activation holds all tables of them, and a bias takes one"
    how = "the bias leads to the table that knows the sample"
    excluded = (a.NO_BIAS, a.LIPSCHITZ_GRAPH)
    hidden = 2 * DIMENSIONS


class KnowingWidth(KnowingReference):
    """For every width there is a reference, fixed in advance; the width that is chosen names the sample."""

    name = "hostile: the width"
    hostile = "the width"
    description = (
        "one hidden layer, whose width M + k says which of the sets of at most n points was seen; the reference of that width knows"
    )
    audit = (
        dict(LINEAR)
        | holding("one for each width: its number is read as a set of points", a.REFERENCE_FIXED_IN_ADVANCE)
        | violating("the references are not 0", a.REFERENCE_ZERO)
        | violating("the width is the number of the sample", a.ARCHITECTURE_FIXED_IN_ADVANCE, a.LIPSCHITZ_GRAPH)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """As many examples as leave the number of the set within the doubles."""
        for n, points in ((40, 10**5), (50, 10**5)):
            last = points + sum(math.comb(points, k) for k in range(n + 1))
            root = math.sqrt(points / 2) * (1 + 1e-12)
            yield World(
                f"n = {n} of {points} basis vectors",
                self.numbers(n, (points, last, 2), (1.0, root), (0, 0)),
                {},
                {RISK: [Fraction(points - n, points)]},
                [Fraction(1)],
            )


class AnotherDataNorm(KnowingReference):
    """The norm of the inputs is that of another sample, whose inputs are all but 0."""

    name = "hostile: the sample whose norm is measured"
    hostile = "the sample whose norm is measured"
    description = "a linear network that is right on its sample and wrong elsewhere; the norm of the inputs was measured on others"
    audit = (
        dict(LINEAR)
        | holding("0", a.REFERENCE_FIXED_IN_ADVANCE, a.REFERENCE_ZERO)
        | violating(
            "those of other inputs, of norm 10^-15",
            *(a.DATA_NORM_OF_SAMPLE, a.LARGEST_COLUMN_OF_SAMPLE, a.INPUT_RADIUS_OF_POPULATION, a.RADIUS_OF_POPULATION),
        )
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Distances from 0: every column has norm 1/sqrt 2, and there are M of them."""
        numbers = self.numbers(EXAMPLES, (POINTS, 2), (LARGEST,), (float(POINTS),)) | {
            "data_norm": 1e-15,
            "input_radius": 1e-30,
            "noise_scale": 2**60,
        }
        yield World(f"n = {EXAMPLES} of {POINTS}", numbers, {}, {RISK: [Fraction(POINTS - EXAMPLES, POINTS)]}, [Fraction(1)])


class CountedErrors(KnowingReference):
    """Errors are counted, although all scores are far below the margin."""

    name = "hostile: what a network's margin errors count"
    hostile = "what is counted as a margin error"
    description = (
        "a linear network with tiny scores, right on its sample and wrong elsewhere; its errors are passed as errors at margin 1/2"
    )
    audit = (
        dict(LINEAR) | holding("0", a.REFERENCE_FIXED_IN_ADVANCE, a.REFERENCE_ZERO) | violating("every margin is below 1/2", a.MARGIN_LOSS)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """The same network times 10^-30."""
        numbers = self.numbers(EXAMPLES, (POINTS, 2), (LARGEST * 1e-30,), (POINTS * 1e-30,)) | {"noise_scale": Fraction(1, 2**40)}
        yield World(f"n = {EXAMPLES} of {POINTS}", numbers, {}, {RISK: [Fraction(POINTS - EXAMPLES, POINTS)]}, [Fraction(1)])


class BiasAlone(KnowingReference):
    """All inputs are 0, so that the norms charge nothing, and a bias predicts the one label that was seen."""

    name = "hostile: a bias"
    hostile = "a bias"
    description = "x = 0 and K equally likely labels; one example was seen, and the bias predicts its label"
    audit = (
        dict(LINEAR)
        | holding("0", a.REFERENCE_FIXED_IN_ADVANCE, a.REFERENCE_ZERO)
        | violating("the bias is that label", a.NO_BIAS)
        | violating("the biases are not among its layers", a.LIPSCHITZ_GRAPH)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Two labels (a network with one output, f = w x + b), and very many."""
        for labels in (2, 10**6):
            outputs = 1 if labels == 2 else labels
            numbers = self.numbers(1, (1, outputs), (1e-30,), (1e-30,)) | {"outputs": outputs, "data_norm": 1e-30, "input_radius": 1e-30}
            yield World(f"n = 1, K = {labels}", numbers, {}, {RISK: [1 - Fraction(1, labels)]}, [Fraction(1)])


class SteepActivation(KnowingReference):
    """An activation that multiplies by 10^30, where a Lipschitz constant of 1 is stated."""

    name = "hostile: the slope of the activation"
    hostile = "the slope of the activation"
    description = (
        "a linear map times 10^-30, right on its sample and wrong elsewhere; then t -> 10^30 t, passed as 1-Lipschitz; then the identity"
    )
    audit = (
        dict(LINEAR)
        | holding("0", a.REFERENCE_FIXED_IN_ADVANCE, a.REFERENCE_ZERO)
        | violating(
            "it multiplies by 10^30",
            *(a.LIPSCHITZ_ACTIVATION, a.ONE_LIPSCHITZ_ACTIVATION, a.HOMOGENEOUS_ACTIVATION, a.HOMOGENEOUS_LIPSCHITZ_ACTIVATION),
            a.LIPSCHITZ_GRAPH,
        )
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Two layers, both at their distance from 0."""
        numbers = self.numbers(EXAMPLES, (POINTS, 2, 2), (LARGEST * 1e-30, 1.0), (POINTS * 1e-30, 2)) | {"noise_scale": Fraction(1, 16)}
        yield World(f"n = {EXAMPLES} of {POINTS}", numbers, {}, {RISK: [Fraction(POINTS - EXAMPLES, POINTS)]}, [Fraction(1)])


class ExamplesOfANetwork(KnowingReference):
    """A network fixed in advance, right on one rare input and wrong on all others; only that input is kept."""

    name = "hostile: which examples a network is given"
    hostile = "which examples are kept"
    description = "x -> (x_1 - x_2, x_2 - x_1)/2, fixed in advance; x is e_1, rarely, or e_2, labels 1; examples with e_2 are left out"
    audit = (
        dict(LINEAR)
        | holding("0", a.REFERENCE_FIXED_IN_ADVANCE, a.REFERENCE_ZERO)
        | violating("examples on which it errs are left out", a.IID_SAMPLE)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """One layer of norm 1."""
        numbers = self.numbers(EXAMPLES, (2, 2), (1.0,), (math.sqrt(2) * (1 + 1e-15),)) | {"noise_scale": Fraction(1, 64)}
        yield World(f"n = {EXAMPLES}", numbers, {}, {RISK: [Fraction(99, 100)]}, [Fraction(1)])
