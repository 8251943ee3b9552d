"""The mistakes of one run of the perceptron, by the norm of its weights, and the expected risk, by the expected number of mistakes."""

from __future__ import annotations

from genbounds.bounds.assumptions import (
    FIRST_WEIGHTS_ZERO,
    IID_SAMPLE,
    MISTAKES_OVER_SAMPLES,
    ONE_PASS,
    ONLINE_LOSSES,
    RANDOM_ITERATE,
    SEPARABLE,
)
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import EXPECTED_RISK, MISTAKES, MISTAKES_OF_RUN
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import NONNEGATIVE
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("novikoff1962convergence", "the two inequalities of the proof, for the run itself"),
    provenance=DERIVED,
    bounds_on=MISTAKES_OF_RUN,
    mode="DET",
    trivial=None,
    assumes=(SEPARABLE, FIRST_WEIGHTS_ZERO),
    symbols={"weight_norm": r"\left\Vert w \right\Vert", "margin": r"\gamma"},
    domains={
        "weight_norm": NONNEGATIVE.meaning_is(
            "norm of the weights after the run, or the square root of the sum of ||x_t||^2 over its mistakes"
        )
    },
    increasing=("weight_norm",),
    decreasing=("margin",),
    holds_for="the run with these weights",
)
def novikoff_run(math: World, *, weight_norm: Number, margin: Number) -> Terms:
    r"""A run of the perceptron that ends with weights w has made at most ||w||/margin mistakes, rounded down; ||w|| is at most
    sqrt(sum ||x_t||^2) over the mistakes.

    Derivation. Each mistake adds at least the margin to <w, u>, so that M margin <= <w, u> <= ||w|| after M mistakes. Each mistake adds at
    most ||x_t||^2 to ||w||^2, as the cross term is not positive. So either of the two numbers may be passed. With ||x_t|| <= radius this
    gives ``novikoff``, which needs no run.

    Inputs: ``weight_norm``, either of the two numbers, for the run that starts at w_0 = 0 and adds y x at each mistake; ``margin``, with
    y <u, x> >= margin for every example and a unit vector u.

    >>> novikoff_run(weight_norm=2, margin=0.5).value
    4.0
    """
    return {"mistakes": math.floor(weight_norm / margin)}


@bound(
    source=Source("blum1999beating", "online-to-batch conversion of any bound on the expected mistakes"),
    provenance=DERIVED,
    bounds_on=EXPECTED_RISK,
    mode="EXP",
    assumes=(IID_SAMPLE, ONE_PASS, ONLINE_LOSSES, MISTAKES_OVER_SAMPLES, RANDOM_ITERATE),
    symbols={"expected_mistakes": r"\mathbb{E}\, M", "n": "n"},
    domains={"expected_mistakes": NONNEGATIVE.meaning_is("bound on the expected number of mistakes of one pass over n examples")},
    increasing=("expected_mistakes",),
    takes={"expected_mistakes": (MISTAKES,)},
    decreasing=("n",),
    holds_for="a uniformly random iterate w_t, t in 0..n-1, of one pass",
)
def random_iterate_mistakes(math: World, *, expected_mistakes: Number, n: Number) -> Terms:
    r"""The expected risk of a uniformly random iterate of one pass over n examples is at most the expected number of mistakes divided by n.

    Derivation. Iterate w_t, after t examples, does not depend on example t + 1, so the expected risk is equal to the expected number of
    mistakes divided by n, whether the data are separable or not.

    A bound on the mistakes on *every* sample also bounds their mean, so that the certificate of ``novikoff``, with a radius and a margin of
    the population, is taken as it is. A bound on the mistakes of the one run that was seen (``novikoff_run``, ``freund_schapire1999``,
    ``hinge``) does not bound their mean, and its certificate is refused; for a single run count its mistakes and take
    ``progressive_validation``. Several epochs on data that are not separable have no such bound.

    Inputs: ``expected_mistakes``, a bound on the mean over samples of n, or a certificate of ``novikoff``; ``n``, the length of the pass.

    >>> round(random_iterate_mistakes(expected_mistakes=225, n=1000).value, 12)
    0.225
    """
    return {"expected mistakes per example": expected_mistakes / n}
