from __future__ import annotations

from genbounds.bounds.assumptions import (
    CYCLED_TO_CONVERGENCE,
    FEATURES_FIXED_IN_ADVANCE,
    FIRST_WEIGHTS_ZERO,
    IID_SAMPLE,
    POPULATION_SEPARABLE,
)
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import EXPECTED_RISK
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.perceptron._separation import MARGIN_AT_MOST_RADIUS
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("freund1999large", "the leave-one-out argument with the mistake bound of Novikoff 1962"),
    provenance=DERIVED,
    bounds_on=EXPECTED_RISK,
    mode="EXP",
    assumes=(IID_SAMPLE, POPULATION_SEPARABLE, FEATURES_FIXED_IN_ADVANCE, FIRST_WEIGHTS_ZERO, CYCLED_TO_CONVERGENCE),
    symbols={"radius": "r", "margin": r"\gamma", "n": "n"},
    requires=(MARGIN_AT_MOST_RADIUS,),
    increasing=("radius",),
    decreasing=("margin", "n"),
    holds_for="the final weights after cycling n examples to convergence",
)
def leave_one_out(math: World, *, radius: Number, margin: Number, n: Number) -> Terms:
    r"""The expected risk of the perceptron cycled to convergence on n examples is at most M / (n + 1), where M is
    (radius/margin)^2 rounded down.

    Derivation. Leave out one of n + 1 examples. If the run on all n + 1 never errs on it, the run on the other n ends with the same weights
    and classifies it correctly. So the expected risk is at most 1/(n + 1) times the expected number of distinct examples on which the run
    on n + 1 examples errs, which ``novikoff`` bounds by M. ``radius`` and ``margin`` must hold almost surely for the population; with those
    of the n examples the statement is false.

    Inputs: ``radius``; ``margin``; ``n``, the examples trained on.

    >>> round(leave_one_out(radius=10, margin=1, n=1000).value, 13)
    0.0999000999001
    """
    return {"expected mistakes per example": math.floor((radius / margin) ** 2) / (n + 1)}
