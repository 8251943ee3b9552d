from __future__ import annotations

from genbounds.bounds.assumptions import ALGORITHM_FIXED_IN_ADVANCE, EVALUATED_INFORMATION, IID_SAMPLE, LOSS_IN_UNIT_INTERVAL
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import EXPECTED_GAP
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.information._inputs import EVALUATED
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("harutyunyan2021information", "f-CMI, the form for single pairs"),
    provenance=DERIVED,
    bounds_on=EXPECTED_GAP,
    mode="EXP",
    assumes=(IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, ALGORITHM_FIXED_IN_ADVANCE, EVALUATED_INFORMATION),
    symbols={"evaluated_information": r"\frac{1}{n} \sum_{i=1}^{n} I(\Lambda_i; U_i)"},
    domains={"evaluated_information": EVALUATED},
    increasing=("evaluated_information",),
    holds_for="the output of the algorithm, over samples and coins",
)
def harutyunyan2021(math: World, *, evaluated_information: Number) -> Terms:
    r"""The expected gap, for a loss in [0, 1], is at most sqrt(2 I), where I is the mean over the pairs of the information of the losses on
    a pair about its coin.

    The setting is that of ``steinke_zakynthinou2020``: there are n pairs of examples, and from pair i a fair coin U_i chooses the example
    that is trained on. I_i is the mutual information of U_i and the losses of the output on both examples of pair i, and I is the mean of
    the I_i. It is never above CMI/n, and at most ln 2. The predictions may stand in place of the losses, which are functions of them, and
    the information given the pairs in place of the information: both are at least as large, the latter because the coins are independent of
    the pairs. (Harutyunyan et al. have predictions, given the pairs.)

    Derivation. For one pair, let D be the loss at the example that was not chosen minus the loss at the example that was. With an
    independent copy of U_i in place of U_i, D is a number of size at most 1 with a fair sign, so that E exp(t D) <= exp(t^2/2). The
    inequality of Donsker and Varadhan says I_i >= t E D - t^2/2. Averaged over the pairs with the same t this is I >= t gap - t^2/2, and
    the best t, of either sign, gives the bound.

    Input: ``evaluated_information`` I in nats. ``mutual_information`` computes it from the exact joint law, ``measured_information`` bounds
    it from runs with a confidence, and ``evaluated_by_growth`` bounds it by a growth function.

    >>> from fractions import Fraction
    >>> round(harutyunyan2021(evaluated_information=Fraction(1, 200)).value, 12)
    0.1
    """
    return {"deviation": math.sqrt(2 * evaluated_information)}
