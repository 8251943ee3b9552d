from __future__ import annotations

from genbounds.bounds.assumptions import (
    ALGORITHM_FIXED_IN_ADVANCE,
    EVALUATED_INFORMATION,
    EXPECTED_EMPIRICAL_RISK,
    IID_SAMPLE,
    LOSS_IN_UNIT_INTERVAL,
)
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import EXPECTED_RISK
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.information._inputs import EVALUATED, EXPECTED_TRAINING_RISK
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("hellstrom2022new", "the bound by the binary relative entropy, for single pairs"),
    provenance=DERIVED,
    bounds_on=EXPECTED_RISK,
    mode="EXP",
    assumes=(IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, ALGORITHM_FIXED_IN_ADVANCE, EVALUATED_INFORMATION, EXPECTED_EMPIRICAL_RISK),
    symbols={
        "expected_empirical_risk": r"\mathbb{E}\widehat{R}_n",
        "evaluated_information": r"\frac{1}{n} \sum_{i=1}^{n} I(\Lambda_i; U_i)",
    },
    domains={"expected_empirical_risk": EXPECTED_TRAINING_RISK, "evaluated_information": EVALUATED},
    increasing=("expected_empirical_risk", "evaluated_information"),
    holds_for="the output of the algorithm, over samples and coins",
)
def hellstrom_durisi2022(math: World, *, expected_empirical_risk: Number, evaluated_information: Number) -> Terms:
    r"""The expected risk, for a loss in [0, 1], is at most 2 p - q, where q is the expected empirical risk and p >= q is the largest number
    with kl(q || p) <= I.

    The setting and I are those of ``harutyunyan2021``. The number p bounds the mean loss (q + E R)/2 over both examples of a pair.

    Derivation. For one pair let a be the loss at the chosen example, b the loss at the other one and m = (a + b)/2. With an independent
    copy of the coin, E exp(t a)/(1 - m + m e^t) <= 1 given the losses, because e^{tx} <= 1 - x + x e^t on [0, 1]. So the inequality of
    Donsker and Varadhan gives I(losses of pair i; U_i) >= t E a - E ln(1 - m + m e^t) >= t E a - ln(1 - E m + E m e^t), as the logarithm is
    concave. Averaged over the pairs with the same t, and again by concavity, I >= t q - ln(1 - M + M e^t) with M = (q + E R)/2. The
    supremum over t is kl(q || M), hence M <= p, and E R = 2 M - q.

    The bound increases with q, so that an upper bound on q may be passed: 2 p - q is increasing in q as long as it is at most 1, where it
    is cut off. To see this, let d = p - q, which is at most 1 - p there. The derivative dp/dq is p (1 - p) times the mean of 1/(x (1 - x))
    over [q, p], hence at least p (1 - p) divided by the mean of x (1 - x). That mean is p (1 - p) + d (p - 1/2) - d^2/3, which is at most
    2 p (1 - p). So dp/dq >= 1/2.

    Inputs: ``expected_empirical_risk`` q, a mean over samples (the empirical risk of one sample is only an estimate of it);
    ``evaluated_information`` I in nats.

    >>> from fractions import Fraction
    >>> round(hellstrom_durisi2022(expected_empirical_risk=0, evaluated_information=Fraction(1, 100)).value, 12)
    0.019900332502
    """
    largest = math.let("p", math.kl_inverse(expected_empirical_risk, evaluated_information))
    return {"expected risk": math.minimum(2 * largest - expected_empirical_risk, 1)}
