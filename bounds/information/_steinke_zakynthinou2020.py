from __future__ import annotations

from genbounds.bounds.assumptions import ALGORITHM_FIXED_IN_ADVANCE, CONDITIONAL_INFORMATION, IID_SAMPLE, LOSS_IN_UNIT_INTERVAL
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import EXPECTED_GAP
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.information._inputs import CONDITIONAL
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("steinke2020reasoning", "Theorem 2, the expected gap"),
    provenance=DERIVED,
    bounds_on=EXPECTED_GAP,
    mode="EXP",
    assumes=(IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, ALGORITHM_FIXED_IN_ADVANCE, CONDITIONAL_INFORMATION),
    symbols={"conditional_information": r"I(W; U \mid \tilde Z)", "n": "n"},
    domains={"conditional_information": CONDITIONAL},
    increasing=("conditional_information",),
    decreasing=("n",),
    holds_for="the output of the algorithm, over samples and coins",
)
def steinke_zakynthinou2020(math: World, *, conditional_information: Number, n: Number) -> Terms:
    r"""The expected gap of an algorithm with the conditional mutual information CMI, for a loss in [0, 1], is at most sqrt(2 CMI/n).

    Let Z consist of 2n independent examples in n pairs, and let U be n fair coins, independent of Z, that choose from each pair the example
    that is trained on. With the output W, CMI = I(W; U | Z), which is always finite, as it is at most n ln 2. Where the loss on the sample
    is small, ``hellstrom_durisi2022`` is tighter, and where it is 0, ``interpolating`` is.

    Derivation. Given the pairs, let D_i be the loss at the example of pair i that was not chosen minus the loss at the one that was. The
    expected gap is the mean of (1/n) sum D_i, since the examples that were not chosen are fresh. If U is replaced by an independent copy,
    each D_i is a number of size at most 1 with a fair sign of its own, so that E exp((t/n) sum D_i) <= exp(t^2/(2n)). The inequality of
    Donsker and Varadhan says I(W; U | Z) >= t gap - t^2/(2n) for every t of either sign, and the best t gives the bound.

    Inputs: ``conditional_information``, CMI in nats or an upper bound on it; ``n``.

    >>> round(steinke_zakynthinou2020(conditional_information=2, n=10_000).value, 12)
    0.02
    """
    return {"deviation": math.sqrt(2 * conditional_information / n)}
