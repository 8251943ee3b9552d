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
    r"""The expected gap, for a loss in [0, 1], is at most sqrt(2 I), I the mean over pairs of what the losses on a pair say of the choice.

    The setting is that of ``steinke_zakynthinou2020``: n pairs of examples, of each of which a fair coin U_i chooses the one that is
    trained on. Of the output only the losses on the two points of pair i are looked at, and only what they say of U_i alone: I is never
    above CMI/n, and at most ln 2. Predictions, of which losses are functions, and information given the pairs may stand for it: as the
    coins are independent of the pairs, both can only be more (Harutyunyan et al. have predictions, given the pairs).

    Derivation. For one pair, let D be the loss at the example that was not chosen less that at the one that was. With an independent copy
    of U_i in place of U_i it is plus or minus a number of size at most 1 with a fair sign: E exp(t D) <= exp(t^2/2). So I(losses of pair i;
    U_i) >= t E D - t^2/2, by Donsker and Varadhan. Average over the pairs with the same t: I >= t gap - t^2/2, and the best t, of either
    sign, gives the bound.

    Input: ``evaluated_information`` I in nats: from the exact joint law by ``mutual_information``, from runs with a confidence by
    ``measured_information``, from a growth function by ``evaluated_by_growth``.

    >>> from fractions import Fraction
    >>> round(harutyunyan2021(evaluated_information=Fraction(1, 200)).value, 12)
    0.1
    """
    return {"deviation": math.sqrt(2 * evaluated_information)}
