from __future__ import annotations

from genbounds.bounds.assumptions import CLASS_FIXED_IN_ADVANCE, IID_SAMPLE, LOCAL_COMPLEXITY, LOSS_IN_UNIT_INTERVAL
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import COUNT, NONNEGATIVE
from genbounds.bounds.theorem import bound, capacity
from genbounds.bounds.worlds.protocol import Number, World

FIXED_POINT = NONNEGATIVE.meaning_is(
    "r*: for every r >= r* the expected Rademacher complexity of the multiples, by numbers in [0, 1], of losses that have a mean square of "
    "at most r is at most sqrt(r r*)"
)


@bound(
    source=Source("bartlett2005local", "Theorem 3.3, for losses in [0, 1] and their star hull, with constants derived here"),
    provenance=DERIVED,
    assumes=(IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, CLASS_FIXED_IN_ADVANCE, LOCAL_COMPLEXITY),
    symbols={"empirical_risk": r"\widehat{R}_n", "local_fixed_point": "r^*", "n": "n", "delta": r"\delta"},
    domains={"local_fixed_point": FIXED_POINT},
    increasing=("empirical_risk", "local_fixed_point"),
    decreasing=("n", "delta"),
    holds_for="every hypothesis of the class at once",
)
def bartlett2005local(math: World, *, empirical_risk: Number, local_fixed_point: Number, n: Number, delta: Number) -> Terms:
    r"""The risk of every hypothesis is at most R_n + r/2 + sqrt(r R_n + r^2/4), r of the order of the local complexity's fixed point r* and
    ln(1/delta)/n.

    Derivation. Let x = ln(1/delta) and r >= r*. G_r holds for each loss f the multiple g = f if P f^2 <= r, else sqrt(r/P f^2) f: losses in
    [0, 1] of mean square, and so variance, at most r. Symmetrisation bounds E sup_G (P g - P_n g) by twice the complexity, 2 sqrt(r r*),
    and Bousquet's form of Talagrand's inequality says that with probability 1 - delta

        sup_G (P g - P_n g) <= V(r) = 2 sqrt(r r*) + sqrt(2 x (r + 4 sqrt(r r*))/n) + x/(3n).

    As P f^2 <= P f for losses in [0, 1], P f - P_n f <= max(1, sqrt(P f/r)) V(r). Any r with V(r) <= r, which is at least 4 r*, so leaves
    P f <= P_n f + max(r, sqrt(r P f)), and that is the statement. Such an r is r_0 = ((A + sqrt(A^2 + 4 C))/2)^2 with A = 3 sqrt(r*) +
    sqrt(2x/n) and C = 7x/(3n), because 2 sqrt(u v) <= u + v for u = sqrt(r r*), v = 2x/n. V increases, so that with r_0 also r_1 =
    V(r_0) is one, and so on; the fourth is taken. None of them looks at the sample. Bartlett et al. have a free factor K > 1 before the
    empirical risk and constants that do not rest on this choice of r.

    Inputs: ``empirical_risk``; ``local_fixed_point`` r*, for a finite class ``local_finite_class``; ``n``; ``delta``.

    >>> from fractions import Fraction
    >>> round(bartlett2005local(empirical_risk=0, local_fixed_point=Fraction(1, 1000), n=10**4, delta=Fraction(1, 20)).value, 9)
    0.010589658
    """
    cost = math.let("x", math.log_quotient(1, delta))
    slope = math.let("A", 3 * math.sqrt(local_fixed_point) + math.sqrt(2 * cost / n))
    first = math.let("r_0", ((slope + math.sqrt(slope * slope + 28 * cost / (3 * n))) / 2) ** 2)
    second = math.let("r_1", _deviation(math, first, local_fixed_point, cost, n))
    third = math.let("r_2", _deviation(math, second, local_fixed_point, cost, n))
    radius = math.let("r", _deviation(math, third, local_fixed_point, cost, n))
    return {
        "empirical risk": empirical_risk,
        "radius": radius / 2,
        "deviation": math.sqrt(radius * empirical_risk + radius * radius / 4),
    }


def _deviation(math: World, r: Number, local_fixed_point: Number, cost: Number, n: Number) -> Number:
    """V(r), by Talagrand's inequality with Bousquet's constants."""
    complexity = math.sqrt(r * local_fixed_point)
    return 2 * complexity + math.sqrt(2 * cost * (r + 4 * complexity) / n) + cost / (3 * n)


@capacity(
    source=Source("bartlett2005local", "the fixed point of a finite class, as derived here"),
    gives="local_fixed_point",
    provenance=DERIVED,
    assumes=(CLASS_FIXED_IN_ADVANCE,),
    symbols={"class_size": "K", "n": "n"},
    domains={"class_size": COUNT.meaning_is("number of hypotheses of the class")},
    increasing=("class_size",),
    decreasing=("n",),
    left_side="r^*",
)
def local_finite_class(math: World, *, class_size: Number, n: Number) -> Terms:
    r"""The fixed point of the local complexity of K losses in [0, 1] is at most ln(K + 1)/(n (ln(1 + sqrt 2) + 1 - sqrt 2)).

    Derivation. Of the multiples of one loss f those by 0 and by a = min(1, sqrt(r/P f^2)) have the largest signed sums, so that the local
    complexity c(r) is (1/n) E max over K + 1 sums of eps_i g(z_i) with P g^2 <= r and g in [0, 1]. As cosh(l g) - 1 <= g^2 (cosh l - 1),
    each has E exp(l sum) <= exp(n r (cosh l - 1)): c(r) <= (ln(K + 1)/n + r (cosh l - 1))/l for every l > 0. This is at most r for the
    stated r at l = ln(1 + sqrt 2), where l + 1 - cosh l is largest. From there on c(r) <= sqrt(r r*), since c(r)/sqrt(r) falls: what is
    within r is by the factor sqrt(s/r) within s <= r.

    Inputs: ``class_size`` K; ``n``.

    >>> round(float(local_finite_class(class_size=1000, n=10**4)), 12)
    0.001478883983
    """
    best = math.log(1 + math.sqrt(2)) + 1 - math.sqrt(2)
    return {"fixed point": math.log(class_size + 1) / (n * best)}
