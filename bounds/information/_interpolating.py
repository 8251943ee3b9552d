from __future__ import annotations

from genbounds.bounds.assumptions import (
    ALGORITHM_FIXED_IN_ADVANCE,
    EVALUATED_INFORMATION,
    IID_SAMPLE,
    LOSS_IN_UNIT_INTERVAL,
    NO_LOSS_ON_ANY_SAMPLE,
)
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import EXPECTED_RISK
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.information._inputs import EVALUATED
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("steinke2020reasoning", "Theorem 2, zero empirical loss, for single pairs and with the constant 1/ln 2 derived here"),
    provenance=DERIVED,
    bounds_on=EXPECTED_RISK,
    mode="EXP",
    assumes=(IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, ALGORITHM_FIXED_IN_ADVANCE, EVALUATED_INFORMATION, NO_LOSS_ON_ANY_SAMPLE),
    symbols={"evaluated_information": r"\frac{1}{n} \sum_{i=1}^{n} I(\Lambda_i; U_i)"},
    domains={"evaluated_information": EVALUATED},
    increasing=("evaluated_information",),
    holds_for="the output of the algorithm, over samples and coins",
)
def interpolating(math: World, *, evaluated_information: Number) -> Terms:
    r"""The expected risk of an algorithm whose loss on its sample is always 0, for a loss in [0, 1], is at most I/ln 2.

    I is defined in ``harutyunyan2021``, and is at most CMI/n (``evaluated_by_conditional``). For the 0-1 loss, with the exact information I
    of the losses, this is an equality.

    Derivation. Let p be the probability that the example of pair i that was not chosen has a loss above 0. If it has, the two losses show
    which example was chosen, since the chosen one has the loss 0. If it has not, both losses are 0. So the mean entropy of the coin U_i
    given the losses is at most (1 - p) ln 2, and their information at least p ln 2. As the loss is at most 1, the expected risk is at most
    the mean of p over the pairs. For the 0-1 loss it is equal to that mean. Moreover, the two examples of a pair are exchangeable, so that
    the coin is still fair given that both losses are 0.

    Input: ``evaluated_information`` I in nats.

    >>> import math
    >>> round(interpolating(evaluated_information=math.log(2) / 100).value, 15)
    0.01
    """
    return {"expected risk": evaluated_information / math.log(2)}
