from __future__ import annotations

from genbounds.bounds.assumptions import CLASS_FIXED_IN_ADVANCE, IID_SAMPLE, NO_ERROR_ON_SAMPLE, ZERO_ONE_LOSS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import READ, Terms
from genbounds.bounds.inputs import COUNT
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("blumer1987occam", "the bound for consistent hypotheses"),
    provenance=READ,
    assumes=(IID_SAMPLE, ZERO_ONE_LOSS, CLASS_FIXED_IN_ADVANCE, NO_ERROR_ON_SAMPLE),
    symbols={"n": "n", "class_size": r"\left|H\right|", "delta": r"\delta"},
    domains={"class_size": COUNT.meaning_is("number of hypotheses")},
    increasing=("class_size",),
    decreasing=("n", "delta"),
    holds_for="every hypothesis of the class that makes no error on the sample",
)
def realizable_finite_class(math: World, *, n: Number, class_size: Number, delta: Number) -> Terms:
    r"""Every hypothesis of a finite class fixed in advance that makes no error on the sample has a risk of at most (ln |H| + ln(1/delta)) /
    n.

    Derivation. A hypothesis of risk r makes no error on the sample with probability (1 - r)^n <= e^{-r n}, and the union bound runs over
    the class. ``occam_binomial`` with no errors, 1 - (delta/|H|)^(1/n), is a little smaller.

    Inputs: ``n``; ``class_size`` |H|; ``delta``.

    >>> from fractions import Fraction
    >>> round(realizable_finite_class(n=1000, class_size=1000, delta=Fraction(1, 20)).value, 12)
    0.009903487553
    """
    return {"consistent hypotheses": (math.log(class_size) + math.log_quotient(1, delta)) / n}
