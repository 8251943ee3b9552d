from __future__ import annotations

from genbounds.bounds.assumptions import CLASS_FIXED_IN_ADVANCE, FAT_SHATTERING, IID_SAMPLE, MARGIN_FIXED_IN_ADVANCE, MARGIN_LOSS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import NONNEGATIVE
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


def _log_cover(math: World, fat_shattering_dimension: Number, n: Number) -> Number:
    """d ln(34 e n/d) log2(578 n), d read as 34 n beyond: there the logarithm would fall, and the bound says nothing."""
    dimension = math.let("d'", math.minimum(fat_shattering_dimension, 34 * n))
    logarithm = 1 + math.log(34 * n) - math.log(math.where(math.less(0, dimension), dimension, 1))
    return dimension * logarithm * math.log2(578 * n)


@bound(
    source=Source("bartlett1998sample", "Theorem 2, with the deviation derived here"),
    provenance=DERIVED,
    assumes=(IID_SAMPLE, MARGIN_LOSS, CLASS_FIXED_IN_ADVANCE, MARGIN_FIXED_IN_ADVANCE, FAT_SHATTERING),
    symbols={"margin_risk": r"\widehat{R}_\gamma", "fat_shattering_dimension": "d", "n": "n", "delta": r"\delta"},
    domains={"fat_shattering_dimension": NONNEGATIVE.meaning_is("upper bound on the fat-shattering dimension at margin/16")},
    increasing=("margin_risk", "fat_shattering_dimension"),
    decreasing=("delta",),
    form="derived",
    holds_for="every function of the class at once, at one margin fixed in advance",
)
def bartlett1998fat_shattering(math: World, *, margin_risk: Number, fat_shattering_dimension: Number, n: Number, delta: Number) -> Terms:
    r"""The risk of every function of a class fixed in advance, at one margin fixed in advance, is at most its margin risk plus sqrt((2/n)(d
    ln(34 e n/d) log2(578 n) + ln 2)) + sqrt(ln(1/delta)/(2n)), where d is the fat-shattering dimension at margin/16.

    The function d ln(34 e n/d) increases up to d = 34 n, where the bound is far above 1; a larger d is read as 34 n. Linear functions with
    ||w|| <= B on ||x|| <= r have the dimension fat(s) <= (B r/s)^2 (``fat_shattering_linear``). For comparison, ``norm_product`` holds for
    every margin and is tighter.

    Derivation. On any 2n points the functions, cut off at +-gamma, have a cover at distance gamma/2 in the largest difference. Its number
    of elements N satisfies ln N <= ln 2 + d ln(34 e n/d) log2(578 n) (Anthony and Bartlett 1999, Theorem 12.8, has 32 and 128, and
    fat(gamma/8)). The supremum sup(R - R_gamma) changes by at most 1/n with one example, and McDiarmid's inequality gives the last term.
    The mean of the supremum is at most the mean of the largest difference between the share of errors on n ghost examples and the share of
    margin errors on the sample. This difference is at most the difference of the shares of the event f' <= gamma/2 on both, where f' is the
    nearest element of the cover. After random swaps of pairs this is a maximum over N vectors of norm at most sqrt(n) of the mean of
    independent signs times numbers in [-1, 1], which ``rademacher.massart`` bounds.

    ``form="printed"`` is Theorem 2, sqrt((2/n)(d ln(34 e n/d) log2(578 n) + ln(4/delta))), as printed and not read again in the source. The
    usual proof, which halves the deviation for the ghost sample and applies Hoeffding's inequality to differences in [-1, 1], would have
    8/n in place of 2/n. Here is a derivation of 2/n. Let Z = sup(R - R_gamma). Jensen's inequality for the ghost examples, inside the
    exponential, and the same swaps of pairs give E exp(t Z) <= N max prod cosh(t u_i/n) <= N exp(t^2/(2 n)), where the maximum over the
    cover is bounded by the sum over its elements, and |u_i| <= 1. At t = n e this gives P(Z >= e) <= N exp(-n e^2/2), which is at most
    delta/2 for the printed e.

    Inputs: ``margin_risk`` at the margin that was fixed in advance; ``fat_shattering_dimension`` d at margin/16; ``n``; ``delta``.

    >>> from fractions import Fraction
    >>> inputs = dict(margin_risk=0, fat_shattering_dimension=64, n=10**6, delta=Fraction(1, 20))
    >>> round(bartlett1998fat_shattering(**inputs).value, 12), round(bartlett1998fat_shattering(**inputs, form="printed").value, 12)
    (0.231097686201, 0.229889859636)
    """
    return {
        "margin risk": margin_risk,
        "capacity": math.sqrt(2 * (_log_cover(math, fat_shattering_dimension, n) + math.log(2)) / n),
        "confidence": math.sqrt(math.log_quotient(1, delta) / (2 * n)),
    }


@bartlett1998fat_shattering.other_form("printed", provenance=DERIVED, source=Source("bartlett1998sample", "Theorem 2"))
def _bartlett1998fat_shattering_printed(
    math: World, *, margin_risk: Number, fat_shattering_dimension: Number, n: Number, delta: Number
) -> Terms:
    capacity = _log_cover(math, fat_shattering_dimension, n)
    return {"margin risk": margin_risk, "deviation": math.sqrt(2 * (capacity + math.log_quotient(4, delta)) / n)}
