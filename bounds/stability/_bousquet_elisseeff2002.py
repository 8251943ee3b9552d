from __future__ import annotations

from genbounds.bounds.assumptions import UNIFORM_STABILITY
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import READ, Terms
from genbounds.bounds.stability._stable_algorithm import stable_algorithm
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("bousquet2002stability", "Theorem 12, in the replace-one form of Mohri et al. 2018, Theorem 14.2"),
    provenance=READ,
    **stable_algorithm("empirical_risk", r"\widehat{R}_n", UNIFORM_STABILITY),
)
def bousquet_elisseeff2002(
    math: World, *, empirical_risk: Number, stability: Number, n: Number, delta: Number, loss_range: Number = 1
) -> Terms:
    r"""The risk of the output of a beta-stable algorithm fixed in advance is at most its empirical risk plus beta + (2 n beta + M)
    sqrt(ln(1/delta) / (2n)).

    ``stability`` is the *replace-one* uniform stability: the supremum, over samples, replaced examples and test points, of the change of
    the loss. It is at most twice the remove-one stability. Changes that were measured on twin runs are lower bounds on this supremum, and
    are refused.

    Derivation. The gap between risk and empirical risk has a mean of at most beta. Replacing one example changes the risk by at most beta
    and the empirical risk by at most beta + M/n, so that the gap has bounded differences 2 beta + M/n. McDiarmid's inequality gives the
    bound.

    Inputs: ``empirical_risk`` in [0, ``loss_range``]; ``stability``; ``n``; ``delta``; ``loss_range`` M.

    >>> from fractions import Fraction
    >>> round(bousquet_elisseeff2002(empirical_risk=0, stability=Fraction(1, 10**4), n=10**4, delta=Fraction(1, 20)).value, 13)
    0.0368162024602
    """
    return {
        "empirical risk": empirical_risk,
        "stability": stability,
        "confidence": (2 * n * stability + loss_range) * math.sqrt(math.log_quotient(1, delta) / (2 * n)),
    }
