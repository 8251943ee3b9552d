from __future__ import annotations

from genbounds.bounds.assumptions import CLASS_FIXED_IN_ADVANCE, IID_SAMPLE, LOCAL_COMPLEXITY, LOSS_IN_UNIT_INTERVAL
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import COUNT, NONNEGATIVE
from genbounds.bounds.theorem import bound, capacity
from genbounds.bounds.worlds.protocol import Number, World

FIXED_POINT = NONNEGATIVE.meaning_is(
    "r*, such that for every r >= r* the multiples of losses by numbers in [0, 1] that have a mean square of at most r have an expected "
    "Rademacher complexity of at most sqrt(r r*)"
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
    r"""The risk of every hypothesis of a class fixed in advance is at most R_n + r/2 + sqrt(r R_n + r^2/4), where r is of the order of the
    fixed point r* of the local complexity plus ln(1/delta)/n.

    Derivation. Write P f for the risk and P_n f for the empirical risk of a loss f. Let x = ln(1/delta) and r >= r*. For each loss f let g
    be f itself if P f^2 <= r, and sqrt(r/P f^2) f otherwise. These g lie in [0, 1], and their mean square, and so their variance, is at
    most r. Symmetrisation bounds E sup_g (P g - P_n g) by twice the complexity, 2 sqrt(r r*), and Bousquet's form of Talagrand's inequality
    says that with probability at least 1 - delta

        sup_g (P g - P_n g) <= V(r) = 2 sqrt(r r*) + sqrt(2 x (r + 4 sqrt(r r*))/n) + x/(3n).

    As P f^2 <= P f for losses in [0, 1], P f - P_n f <= max(1, sqrt(P f/r)) V(r). So any r with V(r) <= r (which implies r >= 4 r*) gives
    P f <= P_n f + max(r, sqrt(r P f)). Solved for P f, this is the statement. One such r is r_0 = ((A + sqrt(A^2 + 4 C))/2)^2 with A =
    3 sqrt(r*) + sqrt(2x/n) and C = 7x/(3n), because 2 sqrt(u v) <= u + v for u = sqrt(r r*) and v = 2x/n. Since V is increasing, r_1 =
    V(r_0) is another, and so are r_2 = V(r_1) and r_3 = V(r_2). The bound takes r = r_3. None of them depends on the sample. Bartlett et
    al. have a free factor K > 1 in front of the empirical risk, and constants that do not rest on this choice of r.

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

    Derivation. Among the multiples of one loss f whose mean square is at most r, the one by 0 or the one by a = min(1, sqrt(r/P f^2)) has
    the largest signed sum. So the local complexity c(r) is (1/n) E max over K + 1 sums of eps_i g(z_i) with P g^2 <= r and g in [0, 1]. As
    cosh(l g) - 1 <= g^2 (cosh l - 1), each of them has E exp(l sum) <= exp(n r (cosh l - 1)). Hence c(r) <= (ln(K + 1)/n + r (cosh l -
    1))/l for every l > 0. For the stated r* this says c(r*) <= r* at l = ln(1 + sqrt 2), where l + 1 - cosh l is largest. For r >= r* it
    follows that c(r) <= sqrt(r r*), because c(r)/sqrt(r) does not increase: multiplied by sqrt(s/r), a loss of mean square at most r has
    mean square at most s <= r.

    Inputs: ``class_size`` K; ``n``.

    >>> round(float(local_finite_class(class_size=1000, n=10**4)), 12)
    0.001478883983
    """
    best = math.log(1 + math.sqrt(2)) + 1 - math.sqrt(2)
    return {"fixed point": math.log(class_size + 1) / (n * best)}
