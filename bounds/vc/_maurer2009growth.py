from __future__ import annotations

from genbounds.bounds.assumptions import CLASS_FIXED_IN_ADVANCE, IID_SAMPLE, ZERO_ONE_LOSS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import AT_LEAST_TWO
from genbounds.bounds.theorem import bound
from genbounds.bounds.vc._double_sample import LOG_GROWTH_2N
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("maurer2009empirical", "Theorem 6, the empirical Bernstein bound of a class, for zero-one losses"),
    provenance=DERIVED,
    assumes=(IID_SAMPLE, ZERO_ONE_LOSS, CLASS_FIXED_IN_ADVANCE),
    symbols={"empirical_risk": r"\widehat{R}_n", "n": "n", "log_growth_2n": "g(2n)", "delta": r"\delta"},
    domains={"n": AT_LEAST_TWO, "log_growth_2n": LOG_GROWTH_2N},
    takes={"log_growth_2n": ("log_growth",)},
    at={"log_growth_2n": lambda inputs: 2 * inputs["n"]},
    increasing=("log_growth_2n",),
    decreasing=("n", "delta"),
    holds_for="every hypothesis of the class at once",
)
def maurer2009growth(math: World, *, empirical_risk: Number, n: Number, log_growth_2n: Number, delta: Number) -> Terms:
    r"""The risk of every hypothesis of a class fixed in advance is at most R_n plus the smaller of E/2 + sqrt(E R_n + E^2/4) and sqrt(E (1
    - R_n)), where E = 4 (g(2n) + ln(8/delta))/n and g is the logarithm of the growth function.

    The deviation is small where the losses vary little, that is, at a risk near 0 or near 1.

    Derivation. ``relative_deviation`` shows that R - R_n > sqrt(E R) for some hypothesis with probability at most 4 Pi(2n) exp(-n E/4). For
    the second bound let Q = 1 - R and Q_n = 1 - R_n be the risks with the loss 1 - loss, so that R - R_n = Q_n - Q. Suppose that Q_n - Q >
    sqrt(E Q_n) for some hypothesis, and that n E > 4 (otherwise there is nothing to show). Then Q < 1 - 1/n, so that the risk Q' on n ghost
    examples is at most Q with probability at least 1/4. In that case (Q_n - Q')/sqrt((Q_n + Q')/2) is above sqrt(E), and the argument with
    random signs in ``relative_deviation`` applies. So this, too, has probability at most 4 Pi(2n) exp(-n E/4), and both together have
    8 Pi(2n) exp(-n E/4) = delta.

    ``form="printed"`` is Theorem 6 of Maurer and Pontil for losses of 0 and 1: R_n + sqrt(18 V L/n) + 15 L/(n - 1) with L = g(2n) +
    ln(10/delta) and the variance V = R_n (1 - R_n) n/(n - 1). (They cover the class up to 1/n in the largest difference over 2n points.
    Different vectors of zeros and ones are 1 apart, so that the covering number is the growth function.) It is never below the derived form
    and so holds, too: V >= R_n (1 - R_n) is at least R_n/2 or at least (1 - R_n)/2, hence sqrt(18 V L/n) is at least 3 sqrt(R_n L/n) or at
    least 3 sqrt((1 - R_n) L/n), and E <= 4 L/n.

    The bound falls again where R_n is close to 1, so the empirical risk must be known exactly. For a finite class and losses in [0, 1] see
    ``maurer2009finite_class``.

    Inputs: ``empirical_risk``; ``n`` >= 2; ``log_growth_2n``, an upper bound on the logarithm of the growth
    function *at 2n*; ``delta``.

    >>> from fractions import Fraction
    >>> from genbounds.bounds.vc import log_growth_relu_network
    >>> lng = log_growth_relu_network(widths=(2, 3, 1), n=2 * 60000)
    >>> inputs = dict(empirical_risk=Fraction(1, 10), n=60000, log_growth_2n=lng, delta=Fraction(1, 20))
    >>> round(maurer2009growth(**inputs).value, 12), round(maurer2009growth(**inputs, form="printed").value, 12)
    (0.151993311236, 0.251661063517)
    """
    scale = math.let("E", 4 * (log_growth_2n + math.log_quotient(8, delta)) / n)
    low = scale / 2 + math.sqrt(scale * (empirical_risk + scale / 4))
    return {"empirical risk": empirical_risk, "deviation": math.minimum(low, math.sqrt(scale * (1 - empirical_risk)))}


@maurer2009growth.other_form("printed", provenance=DERIVED)
def _maurer2009growth_printed(math: World, *, empirical_risk: Number, n: Number, log_growth_2n: Number, delta: Number) -> Terms:
    cost = math.let("L", log_growth_2n + math.log_quotient(10, delta))
    return {
        "empirical risk": empirical_risk,
        "deviation": math.sqrt(18 * empirical_risk * (1 - empirical_risk) * cost / (n - 1)),
        "estimated variance": 15 * cost / (n - 1),
    }
