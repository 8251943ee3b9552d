from __future__ import annotations

from genbounds.bounds.assumptions import CLASS_FIXED_IN_ADVANCE, IID_SAMPLE, LOSS_IN_UNIT_INTERVAL
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import COUNT
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("blumer1987occam", "the union over a finite class, with the deviation of Hoeffding 1963"),
    provenance=DERIVED,
    assumes=(IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, CLASS_FIXED_IN_ADVANCE),
    symbols={"empirical_risk": r"\widehat{R}_n", "n": "n", "class_size": r"\left|H\right|", "delta": r"\delta"},
    domains={"class_size": COUNT.meaning_is("number of hypotheses")},
    increasing=("empirical_risk", "class_size"),
    decreasing=("n", "delta"),
    holds_for="every hypothesis of the class at once",
)
def finite_class(math: World, *, empirical_risk: Number, n: Number, class_size: Number, delta: Number) -> Terms:
    r"""The risk of every hypothesis of a finite class fixed in advance is at most its empirical risk plus sqrt((ln |H| + ln(1/delta)) / (2
    n)).

    Derivation. This is ``hoeffding`` at delta/|H| for each hypothesis, with the union bound over the class. ``occam_kl``, and
    ``occam_binomial`` for losses 0 and 1, hold for the same hypotheses if ``log_inverse_prior`` = ln |H|, and are tighter.

    Inputs: ``empirical_risk`` in [0, 1]; ``n``; ``class_size`` |H|, the number of all hypotheses that could have been chosen; ``delta``.

    >>> from fractions import Fraction
    >>> round(finite_class(empirical_risk=0, n=10**4, class_size=10**9, delta=Fraction(1, 10)).value, 13)
    0.0339307021221
    """
    return {
        "empirical risk": empirical_risk,
        "deviation": math.sqrt((math.log(class_size) + math.log_quotient(1, delta)) / (2 * n)),
    }
