from __future__ import annotations

from genbounds.bounds.assumptions import (
    ALGORITHM_FIXED_IN_ADVANCE,
    IID_SAMPLE,
    UNIFORM_STABILITY,
)
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import EXPECTED_GAP, STABILITY
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("bousquet2002stability", "the bias of the empirical risk (Lemma 7), in the replace-one form"),
    provenance=DERIVED,
    bounds_on=EXPECTED_GAP,
    mode="EXP",
    trivial=None,
    assumes=(IID_SAMPLE, UNIFORM_STABILITY, ALGORITHM_FIXED_IN_ADVANCE),
    symbols={"stability": r"\beta"},
    increasing=("stability",),
    takes={"stability": (STABILITY,)},
    holds_for="the output of the algorithm, over samples and coins",
)
def expected_gap(math: World, *, stability: Number) -> Terms:
    r"""The expected gap between risk and empirical risk of an algorithm of replace-one uniform stability b is at most b.

    Derivation. Train once on the sample and test at a fresh point; then replace example i by that point, train again and test at the old
    example i. The two losses have the same distribution. So the expected gap is the mean over i of the expected change of the loss at
    example i when it is replaced, which is at most b. The coins of the algorithm may be averaged over: here stability in expectation over
    them is enough, while the bounds with high probability need it for every value of the coins.

    Input: ``stability`` b, for instance the certificate of ``regularized_erm``.

    >>> from genbounds.bounds.stability import regularized_erm
    >>> expected_gap(stability=regularized_erm(lipschitz=1, strong_convexity=0.25, n=2**10)).value
    0.0078125
    """
    return {"stability": stability}
