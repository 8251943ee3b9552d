"""A network that was fixed before the sample, as a class of one: every capacity is that of a single function.

The inputs are r and -r, the network is x -> s x, and labels are the sign of x, flipped with probability p. Its own weight (or one
nearby) is the reference, so that complexities of moved weights are as small as they can be, and what is left of a bound is its confidence
and the price of its grids.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from genbounds.bounds.assumptions import (
    ARCHITECTURE_FIXED_IN_ADVANCE,
    CLASS_FIXED_IN_ADVANCE,
    COMPLEXITY_OF_LOSS_CLASS,
    COMPLEXITY_OF_SCORES,
    COMPLEXITY_OF_SCORES_ON_SAMPLE,
    DATA_NORM_OF_SAMPLE,
    DEPTH_AND_ACTIVATION_FIXED_IN_ADVANCE,
    EXPECTED_COMPLEXITY_OF_LOSS_CLASS,
    FAT_SHATTERING,
    HALF_PROBABILITY_PERTURBATION,
    HOMOGENEOUS_ACTIVATION,
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    IID_SAMPLE,
    INPUT_RADIUS_OF_POPULATION,
    LIPSCHITZ_ACTIVATION,
    LIPSCHITZ_GRAPH,
    LOSS_IN_UNIT_INTERVAL,
    MARGIN_FIXED_IN_ADVANCE,
    MARGIN_LOSS,
    NO_BIAS,
    NO_ERROR_ON_SAMPLE,
    ONE_LIPSCHITZ_ACTIVATION,
    PRIOR_INDEPENDENT_OF_SAMPLE,
    REFERENCE_FIXED_IN_ADVANCE,
    ZERO_ONE_LOSS,
)
from genbounds.bounds.bounds_on import RISK
from genbounds.verification.scenarios.scenario import Scenario, Size, World, binomial_law, holding, violating

JUST_ABOVE = 1 + 2.0**-20
"""The network's margins are so many times the margin that is asked for: an example counts if its margin is at most that."""
NETWORKS = ((1.0, 1.0, 0.0), (1.0, 1.0, 2.0**-10), (1.0, 32.0, 0.0), (16.0, 2048.0, 0.0))
"""Margin, weight, and distance of the weight from its reference."""


class FixedNetwork(Scenario):
    """The network x -> s x on labels that are wrong with probability p."""

    name = "network fixed in advance"
    description = "one linear network fixed before the sample, as a class of one function, on labels flipped with probability p"
    inputs = frozenset(
        {
            "n",
            "empirical_risk",
            "margin_risk",
            "margin",
            "largest_margin",
            "vc_dimension",
            "log_growth",
            "log_growth_2n",
            "complexity",
            "fat_shattering_dimension",
            "kl",
            "spectral_norms",
            "distances_2_1",
            "frobenius_distances",
            "lipschitz",
            "widths",
            "outputs",
            "data_norm",
            "input_radius",
            "noise_scale",
            "norm_product",
            "depth",
            "input_lipschitz",
            "inputs_at_zero",
            "output_lipschitz",
            "entries",
        }
    )
    truths = frozenset({RISK})
    audit = (
        holding("independent examples", IID_SAMPLE)
        | holding("an example is right or wrong", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL)
        | holding("there is one network", CLASS_FIXED_IN_ADVANCE, HYPOTHESIS_INDEPENDENT_OF_SAMPLE, ARCHITECTURE_FIXED_IN_ADVANCE)
        | holding("one layer, with nothing after it", DEPTH_AND_ACTIVATION_FIXED_IN_ADVANCE, HOMOGENEOUS_ACTIVATION, NO_BIAS)
        | holding("no activation is applied", LIPSCHITZ_ACTIVATION, ONE_LIPSCHITZ_ACTIVATION, LIPSCHITZ_GRAPH)
        | holding("all margins are s r or -s r, just above the margin in size", MARGIN_LOSS, MARGIN_FIXED_IN_ADVANCE)
        | holding("the reference is a number", REFERENCE_FIXED_IN_ADVANCE)
        | holding("every input has norm r", DATA_NORM_OF_SAMPLE, INPUT_RADIUS_OF_POPULATION)
        | holding("the supremum over one function has mean 0", COMPLEXITY_OF_LOSS_CLASS, EXPECTED_COMPLEXITY_OF_LOSS_CLASS)
        | holding("the same for its score", COMPLEXITY_OF_SCORES, COMPLEXITY_OF_SCORES_ON_SAMPLE)
        | holding("one function shatters no point", FAT_SHATTERING)
        | holding("prior and posterior are the network itself, unperturbed", PRIOR_INDEPENDENT_OF_SAMPLE, HALF_PROBABILITY_PERTURBATION)
        | violating("the network errs where the label is flipped", NO_ERROR_ON_SAMPLE)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Few and many examples, rare and frequent errors, small and large weights."""
        quick = size == "thumbnail"
        yield self.world(20_000, Fraction(1, 50))
        for network in NETWORKS:
            yield self.world(1, Fraction(1, 2), network)
            for n in (50, 4000) if quick else (2, 10, 50, 64, 200, 1000, 4000):
                for p in map(Fraction, (".05", ".5") if quick else (".01", ".05", ".2", ".5", ".8", ".98")):
                    yield self.world(n, p, network)

    @staticmethod
    def world(n: int, p: Fraction, network: tuple[float, float, float] = NETWORKS[0]) -> World:
        """All numbers of errors among n examples; ``network`` is margin, weight, and distance of the weight from the reference."""
        margin, weight, distance = network
        radius = margin * JUST_ABOVE / weight  # weights are powers of two: nothing is rounded
        common = {
            "n": n,
            "margin": margin,
            "largest_margin": margin * JUST_ABOVE,
            "vc_dimension": 0,
            "log_growth": 0,
            "log_growth_2n": 0,
            "complexity": 0,
            "fat_shattering_dimension": 0,
            "kl": 0,
            "spectral_norms": (weight,),
            "distances_2_1": (distance,),
            "frobenius_distances": (distance,),
            "lipschitz": (1,),
            "widths": (1, 1),
            "outputs": 1,
            "data_norm": math.nextafter(math.sqrt(n) * radius * (1 + 2.0**-52), math.inf),
            "input_radius": radius,
            "noise_scale": 2.0 ** math.floor(math.log2(weight / 32)),
            "norm_product": weight,
            "depth": 1,
            "input_lipschitz": (1,),
            "inputs_at_zero": (0,),
            "output_lipschitz": (1,),
            "entries": (1,),
        }
        shown = [Fraction(errors, n) for errors in range(n + 1)]
        label = f"n = {n}, p = {p}, margin {margin:g}, weight {weight:g}, {distance:g} from its reference"
        return World(label, common, {"empirical_risk": shown, "margin_risk": shown}, {RISK: [p] * (n + 1)}, binomial_law(n, p))


class ConsistentOrNone(Scenario):
    """A class of one function: it is returned where it errs on no example, and nothing is where it does."""

    name = "one function if it is consistent"
    description = "one function fixed before the sample, wrong with probability p, which is returned only where it errs on no example"
    inputs = frozenset({"n", "empirical_risk", "vc_dimension", "log_growth_2n"})
    truths = frozenset({RISK})
    audit = (
        holding("independent examples", IID_SAMPLE)
        | holding("an example is right or wrong", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL)
        | holding("there is one function", CLASS_FIXED_IN_ADVANCE)
        | holding("where the function errs nothing is returned, and the risk to be bounded is 0", NO_ERROR_ON_SAMPLE)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Risks from small to large; consistent samples are as rare as n and the risk make them."""
        for n in (10, 50, 1000) if size == "thumbnail" else (1, 2, 5, 10, 20, 50, 200, 1000, 10**4):
            for p in map(Fraction, (".013", ".05", ".2", ".5", ".74", ".9")):
                yield self.world(n, p)

    @staticmethod
    def world(n: int, p: Fraction) -> World:
        """Two kinds of samples: those on which the function is always right, and the others."""
        common = {"n": n, "vc_dimension": 0, "log_growth_2n": 0}
        right = (1 - p) ** n
        return World(f"n = {n}, p = {p}", common, {"empirical_risk": [0, 0]}, {RISK: [p, Fraction(0)]}, [right, 1 - right])
