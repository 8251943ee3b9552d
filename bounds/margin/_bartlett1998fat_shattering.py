from __future__ import annotations

from genbounds.bounds.assumptions import CLASS_FIXED_IN_ADVANCE, FAT_SHATTERING, IID_SAMPLE, MARGIN_FIXED_IN_ADVANCE, MARGIN_LOSS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import PRINTED, Terms
from genbounds.bounds.inputs import NONNEGATIVE
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("bartlett1998sample", "Theorem 2"),
    provenance=PRINTED,
    assumes=(IID_SAMPLE, MARGIN_LOSS, CLASS_FIXED_IN_ADVANCE, MARGIN_FIXED_IN_ADVANCE, FAT_SHATTERING),
    symbols={"margin_risk": r"\widehat{R}_\gamma", "fat_shattering_dimension": "d", "n": "n", "delta": r"\delta"},
    domains={"fat_shattering_dimension": NONNEGATIVE.meaning_is("upper bound on the fat-shattering dimension at margin/16")},
    increasing=("margin_risk", "fat_shattering_dimension"),
    decreasing=("delta",),
    holds_for="every function of the class at once, at one margin fixed in advance",
)
def bartlett1998fat_shattering(math: World, *, margin_risk: Number, fat_shattering_dimension: Number, n: Number, delta: Number) -> Terms:
    r"""The risk is at most the margin risk plus sqrt((2/n)(d ln(34 e n/d) log2(578 n) + ln(4/delta))), d = fat(margin/16).

    As printed, not re-read. The margin must be fixed before the sample. d ln(34 e n/d) increases up to d = 34 n, where the bound says
    nothing any more; beyond, d is read as 34 n. Linear functions with ||w|| <= B on ||x|| <= r have fat(s) <= (B r/s)^2. For comparison:
    ``norm_product`` holds for every margin and is tighter.

    Inputs: ``margin_risk``; ``fat_shattering_dimension`` d at margin/16; ``n``; ``delta``.

    >>> from fractions import Fraction
    >>> round(bartlett1998fat_shattering(margin_risk=0, fat_shattering_dimension=64, n=10**6, delta=Fraction(1, 20)).value, 13)
    0.2298898596359
    """
    dimension = math.let("d'", math.minimum(fat_shattering_dimension, 34 * n))
    logarithm = 1 + math.log(34 * n) - math.log(math.where(math.less(0, dimension), dimension, 1))
    capacity = dimension * logarithm * math.log2(578 * n)
    return {
        "margin risk": margin_risk,
        "deviation": math.sqrt(2 * (capacity + math.log_quotient(4, delta)) / n),
    }
