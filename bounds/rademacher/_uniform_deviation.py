from __future__ import annotations

from genbounds.bounds.assumptions import (
    CLASS_FIXED_IN_ADVANCE,
    COMPLEXITY_OF_LOSS_CLASS,
    EXPECTED_COMPLEXITY_OF_LOSS_CLASS,
    IID_SAMPLE,
    LOSS_IN_UNIT_INTERVAL,
)
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, READ, Terms
from genbounds.bounds.inputs import NONNEGATIVE
from genbounds.bounds.rademacher.terms import uniform_confidence
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("bartlett2002rademacher", "symmetrisation and McDiarmid, with the constant of the deviation derived here"),
    provenance=DERIVED,
    assumes=(IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, CLASS_FIXED_IN_ADVANCE, COMPLEXITY_OF_LOSS_CLASS),
    symbols={
        "empirical_risk": r"\widehat{R}_n",
        "complexity": r"\widehat{\mathfrak{R}}_n",
        "n": "n",
        "delta": r"\delta",
    },
    increasing=("empirical_risk", "complexity"),
    decreasing=("n", "delta"),
    form="derived",
    holds_for="every hypothesis of the class at once",
)
def uniform_deviation(math: World, *, empirical_risk: Number, complexity: Number, n: Number, delta: Number) -> Terms:
    r"""The risk of every hypothesis of a class fixed in advance is at most its empirical risk plus twice the empirical Rademacher
    complexity plus 2 sqrt(ln(1/delta) / (2 n)).

    The complexity is Rad_S = (1/n) E_eps sup_f sum_i eps_i f(z_i) of the *loss* class on this sample, without absolute value or factor 2.

    Derivation of the constant 2 (the literature has 3, with ln(2/delta) or ln(1/delta)). Let Phi(S) = sup_f (E f - E_S f) - 2 Rad_S. Its
    mean is at most 0 by symmetrisation. Replacing one point changes the supremum by at most 1/n. It changes n Rad_S by at most 1/2, as is
    seen by leaving the point out: fix the other signs and let A_f be the signed sum over the other points. Then sup A <= (sup(A + f) +
    sup(A - f))/2 <= sup A + 1/2, on the left by convexity and on the right because 0 <= f <= 1. So n Rad_S with the point exceeds n Rad_S
    without it by a number in [0, 1/2]. Phi thus has bounded differences 1/n + 1/n = 2/n, and McDiarmid's inequality gives
    2 sqrt(ln(1/delta)/(2n)).

    ``form="printed"`` is Mohri et al. 2018, Theorem 3.3, with 3 sqrt(ln(2/delta)/(2n)); ``form="bartlett2017"`` is Bartlett et al. 2017,
    Lemma 3.1, with 3 sqrt(ln(1/delta)/(2n)). Both are larger.

    Inputs: ``empirical_risk``; ``complexity``, an upper bound on Rad_S (for instance ``linear_l2`` times the loss's Lipschitz constant);
    ``n``; ``delta``.

    >>> from fractions import Fraction
    >>> round(uniform_deviation(empirical_risk=0, complexity=0, n=10**4, delta=Fraction(1, 20)).value, 13)
    0.0244774683068
    >>> round(uniform_deviation(empirical_risk=0, complexity=0, n=10**4, delta=Fraction(1, 20), form="printed").value, 13)
    0.0407430454722
    """
    return {
        "empirical risk": empirical_risk,
        "complexity": 2 * complexity,
        "confidence": uniform_confidence(math, math.log_quotient(1, delta), n),
    }


@uniform_deviation.other_form("printed", source=Source("mohri2018foundations", "Theorem 3.3, equation (3.4)"), provenance=DERIVED)
def _uniform_deviation_printed(math: World, *, empirical_risk: Number, complexity: Number, n: Number, delta: Number) -> Terms:
    return {
        "empirical risk": empirical_risk,
        "complexity": 2 * complexity,
        "confidence": 3 * math.sqrt(math.log_quotient(2, delta) / (2 * n)),
    }


@uniform_deviation.other_form("bartlett2017", source=Source("bartlett2017spectrally", "Lemma 3.1"), provenance=READ)
def _uniform_deviation_bartlett2017(math: World, *, empirical_risk: Number, complexity: Number, n: Number, delta: Number) -> Terms:
    return {
        "empirical risk": empirical_risk,
        "complexity": 2 * complexity,
        "confidence": 3 * math.sqrt(math.log_quotient(1, delta) / (2 * n)),
    }


@bound(
    source=Source("mohri2018foundations", "Theorem 3.3, equation (3.3)"),
    provenance=DERIVED,
    assumes=(IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, CLASS_FIXED_IN_ADVANCE, EXPECTED_COMPLEXITY_OF_LOSS_CLASS),
    symbols={"empirical_risk": r"\widehat{R}_n", "complexity": r"\mathfrak{R}_n", "n": "n", "delta": r"\delta"},
    domains={
        "complexity": NONNEGATIVE.meaning_is("upper bound on the expected Rademacher complexity of the loss class, over samples of n")
    },
    takes={"complexity": ("expected_complexity",)},
    increasing=("empirical_risk", "complexity"),
    decreasing=("n", "delta"),
    holds_for="every hypothesis of the class at once",
)
def expected_deviation(math: World, *, empirical_risk: Number, complexity: Number, n: Number, delta: Number) -> Terms:
    r"""The risk of every hypothesis of a class fixed in advance is at most its empirical risk plus twice the *expected* Rademacher
    complexity plus sqrt(ln(1/delta)/(2n)).

    It is for a complexity that is bounded for the population, for example by a bound on the norm of every input. For a complexity that is
    measured on the sample take ``uniform_deviation``, whose confidence term is twice as large.

    Derivation. The mean of sup_f (E f - E_S f) is at most twice the expected complexity by symmetrisation. The supremum changes by at most
    1/n if one point is replaced, so McDiarmid's inequality gives the confidence term.

    Inputs: ``empirical_risk``; ``complexity``, an upper bound on the mean of Rad_S over samples of n; ``n``; ``delta``.

    >>> from fractions import Fraction
    >>> round(expected_deviation(empirical_risk=0, complexity=0, n=10**4, delta=Fraction(1, 20)).value, 13)
    0.0122387341534
    """
    return {
        "empirical risk": empirical_risk,
        "complexity": 2 * complexity,
        "confidence": math.sqrt(math.log_quotient(1, delta) / (2 * n)),
    }
