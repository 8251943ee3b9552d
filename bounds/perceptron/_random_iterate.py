from __future__ import annotations

from genbounds.bounds.assumptions import (
    FEATURES_FIXED_IN_ADVANCE,
    FIRST_WEIGHTS_ZERO,
    IID_SAMPLE,
    ONE_PASS,
    POPULATION_SEPARABLE,
    RANDOM_ITERATE,
)
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import EXPECTED_RISK
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.perceptron._separation import MARGIN_AT_MOST_RADIUS
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("blum1999beating", "online-to-batch conversion of the mistake bound of Novikoff 1962"),
    provenance=DERIVED,
    bounds_on=EXPECTED_RISK,
    mode="EXP",
    assumes=(IID_SAMPLE, POPULATION_SEPARABLE, FEATURES_FIXED_IN_ADVANCE, FIRST_WEIGHTS_ZERO, ONE_PASS, RANDOM_ITERATE),
    symbols={"radius": "r", "margin": r"\gamma", "n": "n"},
    requires=(MARGIN_AT_MOST_RADIUS,),
    increasing=("radius",),
    decreasing=("margin", "n"),
    holds_for="a uniformly random iterate w_t, t in 0..n-1, of one pass",
)
def random_iterate(math: World, *, radius: Number, margin: Number, n: Number) -> Terms:
    r"""The expected risk of a uniformly random iterate of one pass over n examples is at most min(n, M) / n, where M is
    (radius/margin)^2 rounded down.

    Derivation. ``novikoff`` bounds the number of mistakes on every sample by M. Iterate w_t, after t examples, does not depend on example
    t + 1, so the expected number of mistakes is n times the expected risk of the random iterate.

    ``radius`` and ``margin`` must hold almost surely for the population. Measured on one sample they are only estimates, and must be passed
    as such. The statement is about the mean over samples, not about one run.

    Inputs: ``radius``; ``margin``; ``n``, the length of the pass.

    >>> random_iterate(radius=10, margin=1, n=1000).value >= 0.1
    True
    """
    return {"expected mistakes per example": math.minimum(n, math.floor((radius / margin) ** 2)) / n}
