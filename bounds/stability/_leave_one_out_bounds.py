from __future__ import annotations

from typing import Any

from genbounds.bounds import assumptions
from genbounds.bounds.assumptions import Assumption
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import REMOVE_ONE_STABILITY, STABILITY
from genbounds.bounds.declaration import READ, Terms
from genbounds.bounds.inputs import NONNEGATIVE, Domain
from genbounds.bounds.stability._stable_algorithm import stable_algorithm
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World

_REMOVE_ONE = NONNEGATIVE.meaning_is("uniform stability (remove one example)")
_LEAVE_ONE_OUT_RISK = NONNEGATIVE.meaning_is(
    "mean over the examples of the loss at each one after training on the others, in [0, loss_range]"
)


def _remove_one(risk: str, symbol: str, notion: Assumption, takes: tuple[str, ...], place: str, **domains: Domain) -> dict[str, Any]:
    declared = stable_algorithm(risk, symbol, notion, takes, stability=_REMOVE_ONE, **domains)
    return {"source": Source("bousquet2002stability", place), "provenance": READ, **declared}


@bound(
    **_remove_one(
        "empirical_risk",
        r"\widehat{R}_n",
        assumptions.REMOVE_ONE_STABILITY,
        (REMOVE_ONE_STABILITY, STABILITY),
        "Theorem 12, for the empirical risk",
    )
)
def bousquet_elisseeff2002remove(
    math: World, *, empirical_risk: Number, stability: Number, n: Number, delta: Number, loss_range: Number = 1
) -> Terms:
    r"""The risk of the output of an algorithm fixed in advance is at most its empirical risk plus 2 b + (4 n b + M) sqrt(ln(1/delta)/(2n)),
    where b is the *remove-one* uniform stability.

    This is the form of the paper. Two samples that differ in one example agree once it is removed from both, so the replace-one stability
    is at most 2 b, and the bound is ``bousquet_elisseeff2002`` at 2 b. A replace-one stability may be passed for b, too, but
    ``bousquet_elisseeff2002`` counts it only once and is smaller.

    Inputs: ``empirical_risk`` in [0, ``loss_range``]; ``stability`` b; ``n``; ``delta``; ``loss_range`` M.

    >>> from fractions import Fraction
    >>> round(bousquet_elisseeff2002remove(empirical_risk=0, stability=Fraction(1, 10**4), n=10**4, delta=Fraction(1, 20)).value, 12)
    0.061393670767
    """
    return {
        "empirical risk": empirical_risk,
        "stability": 2 * stability,
        "confidence": (4 * n * stability + loss_range) * math.sqrt(math.log_quotient(1, delta) / (2 * n)),
    }


@bound(
    **_remove_one(
        "leave_one_out_risk",
        r"\widehat{R}_{\mathrm{loo}}",
        assumptions.REMOVE_ONE_STABILITY_TWICE,
        (REMOVE_ONE_STABILITY,),
        "Theorem 12, for the leave-one-out risk",
        leave_one_out_risk=_LEAVE_ONE_OUT_RISK,
    )
)
def bousquet_elisseeff2002leave_one_out(
    math: World, *, leave_one_out_risk: Number, stability: Number, n: Number, delta: Number, loss_range: Number = 1
) -> Terms:
    r"""The risk of the output of an algorithm fixed in advance is at most the leave-one-out risk plus b + (4 n b + M)
    sqrt(ln(1/delta)/(2n)), where b is the remove-one uniform stability.

    The leave-one-out risk is the mean over the examples of the loss at each example after training on the others (``ridge_leave_one_out``
    and ``kernel_leave_one_out`` give the residuals without refitting). A replace-one stability is not enough here: an algorithm whose
    output depends only on the parity of n has replace-one stability 0, and may err always after n examples and never after n - 1.

    Derivation. The gap between the two risks has a mean of at most b, because z_i is a fresh point for the output of the training without
    it. Replacing z_i changes the risk by at most 2 b, by the stability at n. It changes each of the other terms of the leave-one-out risk
    by at most 2 b, by the stability at n - 1, so b must hold for both sizes. It changes the term of z_i itself by at most M, and hence the
    mean by M/n. McDiarmid's inequality gives the bound.

    Inputs: ``leave_one_out_risk`` in [0, ``loss_range``]; ``stability`` b; ``n``; ``delta``; ``loss_range`` M.

    >>> from fractions import Fraction
    >>> inputs = dict(leave_one_out_risk=0, stability=Fraction(1, 10**4), n=10**4, delta=Fraction(1, 20))
    >>> round(bousquet_elisseeff2002leave_one_out(**inputs).value, 12)
    0.061293670767
    """
    return {
        "leave-one-out risk": leave_one_out_risk,
        "stability": stability,
        "confidence": (4 * n * stability + loss_range) * math.sqrt(math.log_quotient(1, delta) / (2 * n)),
    }
