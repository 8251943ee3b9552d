from __future__ import annotations

from genbounds.bounds.assumptions import (
    CLASS_FIXED_IN_ADVANCE,
    COMPLEXITY_OF_SCORES,
    COMPLEXITY_OF_SCORES_ON_SAMPLE,
    IID_SAMPLE,
    MARGIN_LOSS,
)
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, READ, Terms
from genbounds.bounds.inputs import NONNEGATIVE, POSITIVE, Domain, Requirement
from genbounds.bounds.rademacher.terms import uniform_confidence
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World

_COMPLEXITY = NONNEGATIVE.meaning_is("upper bound on the expected Rademacher complexity of the scores")
_CLASSES = Domain("be a whole number of at least 2", "for a scalar output use mohri2018uniform", 2, whole=True).meaning_is(
    "number of classes"
)


@bound(
    source=Source("mohri2018foundations", "Theorem 9.2, equation (9.10)"),
    provenance=READ,
    assumes=(IID_SAMPLE, MARGIN_LOSS, CLASS_FIXED_IN_ADVANCE, COMPLEXITY_OF_SCORES),
    symbols={
        "margin_risk": r"\widehat{R}_\rho",
        "margin": r"\rho",
        "outputs": "K",
        "complexity": r"\mathfrak{R}_n",
        "n": "n",
        "delta": r"\delta",
    },
    domains={"complexity": _COMPLEXITY, "outputs": _CLASSES},
    takes={"complexity": ("expected_complexity",)},
    increasing=("margin_risk", "outputs", "complexity"),
    decreasing=("n", "delta"),
    fixed_in_advance=("margin",),
    holds_for="every hypothesis of the class at once, at one margin fixed in advance",
)
def mohri2018multiclass(
    math: World, *, margin_risk: Number, margin: Number, outputs: Number, complexity: Number, n: Number, delta: Number
) -> Terms:
    r"""The multiclass risk of every hypothesis of a class fixed in advance is, at one margin rho fixed in advance, at most its margin risk
    plus (4 K/rho) R_n + sqrt(ln(1/delta)/(2n)), where R_n is the complexity of the scores x -> h(x, y).

    R_n is the expected Rademacher complexity of the class of the scores of all classes y together (for a network, of all its outputs). The
    constant 4 K is that of the second edition (the first had 2 K^2). ``norm_product`` grows with sqrt K only.

    Inputs: ``margin_risk`` at ``margin`` rho; ``margin``, fixed before the sample was seen; ``outputs`` K; ``complexity`` R_n; ``n``;
    ``delta``.

    >>> from fractions import Fraction
    >>> certificate = mohri2018multiclass(margin_risk=0, margin=1, outputs=10, complexity=Fraction(1, 100), n=10**6, delta=Fraction(1, 20))
    >>> round(certificate.value, 9)
    0.401223873
    """
    return {
        "margin risk": margin_risk,
        "complexity": 4 * outputs * complexity / margin,
        "confidence": math.sqrt(math.log_quotient(1, delta) / (2 * n)),
    }


@bound(
    source=Source("mohri2018foundations", "Theorem 5.9"),
    provenance=DERIVED,
    assumes=(IID_SAMPLE, MARGIN_LOSS, CLASS_FIXED_IN_ADVANCE, COMPLEXITY_OF_SCORES),
    symbols={
        "margin_risk": r"\widehat{R}_\rho",
        "margin": r"\rho",
        "largest_margin": "r",
        "complexity": r"\mathfrak{R}_n",
        "n": "n",
        "delta": r"\delta",
    },
    domains={
        "complexity": _COMPLEXITY,
        "largest_margin": POSITIVE.meaning_is("r: the bound holds for margins in (0, r); fixed in advance"),
    },
    requires=(
        Requirement(
            ("margin", "largest_margin"),
            lambda margin, largest_margin: margin < largest_margin,
            "margin must be below largest_margin",
            "fix a larger r before the sample",
        ),
    ),
    takes={"complexity": ("expected_complexity",)},
    increasing=("margin_risk", "complexity", "largest_margin"),
    decreasing=("n", "delta"),
    fixed_in_advance=("largest_margin",),
    holds_for="every hypothesis of the class and every margin in (0, r) at once",
)
def mohri2018uniform(
    math: World, *, margin_risk: Number, margin: Number, largest_margin: Number, complexity: Number, n: Number, delta: Number
) -> Terms:
    r"""The binary risk of every hypothesis of a class fixed in advance is at most its margin risk plus (4/rho) R_n + sqrt(ln log2(2
    r/rho)/n) + sqrt(ln(2/delta)/(2n)), for all rho in (0, r) at once.

    The margin may be chosen on the sample. R_n is the expected Rademacher complexity of the class of the scores.

    Derivation. For one margin rho_k = r 2^-k, k >= 1, the probability that R - R_rho_k - (2/rho_k) R_n exceeds e + sqrt(ln k/n) for some
    hypothesis is at most exp(-2 n e^2 - 2 ln k), by the ramp loss, contraction and McDiarmid's inequality. The sum over k is at most
    (pi^2/6) exp(-2 n e^2) <= 2 exp(-2 n e^2). For a margin rho in [rho_k, 2 rho_k), 2/rho_k <= 4/rho, the margin risk at rho is at least
    that at rho_k, and k <= log2(2 r/rho).

    Inputs: ``margin_risk`` at ``margin`` rho; ``largest_margin`` r, fixed before the sample was seen; ``complexity`` R_n; ``n``; ``delta``.

    >>> from fractions import Fraction
    >>> inputs = dict(margin_risk=0, margin=0.25, largest_margin=1, complexity=Fraction(1, 1000), n=10**6, delta=Fraction(1, 20))
    >>> round(mohri2018uniform(**inputs).value, 9)
    0.018406249
    """
    return {
        "margin risk": margin_risk,
        "complexity": 4 * complexity / margin,
        "all margins": math.sqrt(math.log(1 + math.log(largest_margin / margin) / math.log(2)) / n),
        "confidence": math.sqrt(math.log_quotient(2, delta) / (2 * n)),
    }


@bound(
    source=Source("mohri2018foundations", "Theorem 5.8, with the constant of the deviation of rademacher.uniform_deviation"),
    provenance=DERIVED,
    assumes=(IID_SAMPLE, MARGIN_LOSS, CLASS_FIXED_IN_ADVANCE, COMPLEXITY_OF_SCORES_ON_SAMPLE),
    symbols={
        "margin_risk": r"\widehat{R}_\rho",
        "margin": r"\rho",
        "complexity": r"\widehat{\mathfrak{R}}_n",
        "n": "n",
        "delta": r"\delta",
    },
    domains={"complexity": NONNEGATIVE.meaning_is("upper bound on the empirical Rademacher complexity of the scores on this sample")},
    increasing=("margin_risk", "complexity"),
    decreasing=("n", "delta"),
    fixed_in_advance=("margin",),
    form="derived",
    holds_for="every hypothesis of the class at once, at one margin fixed in advance",
)
def mohri2018binary(math: World, *, margin_risk: Number, margin: Number, complexity: Number, n: Number, delta: Number) -> Terms:
    r"""The binary risk of every hypothesis of a class fixed in advance is, at one margin rho fixed in advance, at most its margin risk plus
    (2/rho) Rad_S + 2 sqrt(ln(1/delta)/(2n)), where Rad_S is the empirical Rademacher complexity of the scores.

    Derivation. The ramp loss of slope 1/rho lies between the error and the margin error. By contraction its class has a complexity of at
    most Rad_S/rho, and ``rademacher.uniform_deviation`` gives the bound. ``form="printed"`` has the book's 3 sqrt(ln(2/delta)/(2n)), which
    is larger. ``norm_product`` and ``spectral`` use their own bounds on the complexity of networks, and pay for every norm and margin.

    Inputs: ``margin_risk`` at ``margin`` rho; ``margin``, fixed before the sample was seen; ``complexity`` Rad_S (of
    ``rademacher.linear_l2``, ``rademacher.kernel_exact``, ...); ``n``; ``delta``.

    >>> from fractions import Fraction
    >>> inputs = dict(margin_risk=0, margin=0.5, complexity=Fraction(1, 100), n=10**4, delta=Fraction(1, 20))
    >>> round(mohri2018binary(**inputs).value, 12), round(mohri2018binary(**inputs, form="printed").value, 12)
    (0.064477468307, 0.080743045472)
    """
    return {
        "margin risk": margin_risk,
        "complexity": 2 * complexity / margin,
        "confidence": uniform_confidence(math, math.log_quotient(1, delta), n),
    }


@mohri2018binary.other_form("printed", provenance=DERIVED, source=Source("mohri2018foundations", "Theorem 5.8"))
def _mohri2018binary_printed(math: World, *, margin_risk: Number, margin: Number, complexity: Number, n: Number, delta: Number) -> Terms:
    return {
        "margin risk": margin_risk,
        "complexity": 2 * complexity / margin,
        "confidence": 3 * math.sqrt(math.log_quotient(2, delta) / (2 * n)),
    }
