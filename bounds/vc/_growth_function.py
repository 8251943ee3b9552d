from __future__ import annotations

from genbounds.bounds.assumptions import CLASS_FIXED_IN_ADVANCE, IID_SAMPLE, ZERO_ONE_LOSS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import READ, Terms
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("mohri2018foundations", "Corollary 3.9"),
    provenance=READ,
    assumes=(IID_SAMPLE, ZERO_ONE_LOSS, CLASS_FIXED_IN_ADVANCE),
    symbols={"empirical_risk": r"\widehat{R}_n", "n": "n", "log_growth": r"g(n)", "delta": r"\delta"},
    increasing=("empirical_risk", "log_growth"),
    decreasing=("n", "delta"),
    holds_for="every hypothesis of the class at once",
)
def growth_function(math: World, *, empirical_risk: Number, n: Number, log_growth: Number, delta: Number) -> Terms:
    r"""The risk of every hypothesis of a class fixed in advance is at most its empirical risk plus sqrt(2 g(n) / n) + sqrt(ln(1/delta) / (2
    n)), where g is the logarithm of the growth function.

    Derivation. McDiarmid's inequality with differences 1/n gives sup(R - R_n) <= E sup(R - R_n) + sqrt(ln(1/delta)/(2n)) with probability
    1 - delta, and symmetrisation gives E sup(R - R_n) <= 2 E Rad_n. The loss vectors, shifted by 1/2, have norm sqrt(n)/2, so Massart's
    lemma gives 2 Rad_n <= sqrt(2 g(n)/n). The growth function is taken at n, not at 2n. All this also holds for the 0-1 loss of a
    multiclass class; the growth function then counts the loss vectors.

    Inputs: ``empirical_risk``; ``n``; ``log_growth``, an upper bound on the logarithm of the growth function *at n*; ``delta``.

    >>> from fractions import Fraction
    >>> from genbounds.bounds.vc import log_growth_relu_network
    >>> lng = log_growth_relu_network(widths=(2, 3, 1), n=60000)
    >>> round(growth_function(empirical_risk=0, n=60000, log_growth=lng, delta=Fraction(1, 20)).value, 12)
    0.09563506356
    """
    return {
        "empirical risk": empirical_risk,
        "capacity": math.sqrt(2 * log_growth / n),
        "confidence": math.sqrt(math.log_quotient(1, delta) / (2 * n)),
    }
