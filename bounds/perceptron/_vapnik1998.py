"""Leave-one-out bounds of support vector machines: by the number of support vectors, and by radius and margin."""

from __future__ import annotations

from genbounds.bounds.assumptions import (
    EXPECTED_SUPPORT_VECTORS,
    FEATURES_FIXED_IN_ADVANCE,
    HARD_MARGIN_MACHINE,
    IID_SAMPLE,
    KERNEL_OF_MACHINE,
    POPULATION_SEPARABLE,
    SUPPORT_VECTOR_MACHINE,
)
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import EXPECTED_RISK
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import NONNEGATIVE
from genbounds.bounds.perceptron._separation import MARGIN_AT_MOST_RADIUS
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("vapnik1998statistical", "the leave-one-out bound by the expected number of support vectors"),
    provenance=DERIVED,
    bounds_on=EXPECTED_RISK,
    mode="EXP",
    assumes=(IID_SAMPLE, SUPPORT_VECTOR_MACHINE, KERNEL_OF_MACHINE, EXPECTED_SUPPORT_VECTORS),
    symbols={"expected_support_vectors": r"\mathbb{E}\, S_{n+1}", "n": "n"},
    domains={
        "expected_support_vectors": NONNEGATIVE.meaning_is("expected number of support vectors on n + 1 examples, over samples"),
    },
    increasing=("expected_support_vectors",),
    decreasing=("n",),
    holds_for="the machine trained on n examples",
)
def vapnik1998support_vectors(math: World, *, expected_support_vectors: Number, n: Number) -> Terms:
    r"""The expected risk of a support vector machine trained on n examples is at most the expected number of support vectors on n + 1
    examples, over n + 1.

    Derivation. The expected risk on n examples is the expected leave-one-out error of n + 1 (they are exchangeable). Leaving out an example
    that is not a support vector changes nothing, and the machine classifies it correctly: only support vectors can count. It holds for hard
    and soft margins, with or without threshold, if the solution is unique and the penalty stays the same against the *sum* of the losses
    (against their average, leaving any example out moves the solution). One sample's count is an estimate of the expectation, and must
    be passed as such; the count is of n + 1 examples, not of n.

    Inputs: ``expected_support_vectors``, the mean over samples of n + 1; ``n``.

    >>> round(vapnik1998support_vectors(expected_support_vectors=25, n=999).value, 12)
    0.025
    """
    return {"expected support vectors per example": expected_support_vectors / (n + 1)}


@bound(
    source=Source("vapnik1998statistical", "the leave-one-out bound by radius and margin, through the origin"),
    provenance=DERIVED,
    bounds_on=EXPECTED_RISK,
    mode="EXP",
    assumes=(IID_SAMPLE, POPULATION_SEPARABLE, FEATURES_FIXED_IN_ADVANCE, HARD_MARGIN_MACHINE),
    symbols={"radius": "r", "margin": r"\gamma", "n": "n"},
    requires=(MARGIN_AT_MOST_RADIUS,),
    increasing=("radius",),
    decreasing=("margin", "n"),
    holds_for="the hard-margin machine through the origin trained on n examples",
)
def vapnik1998margin(math: World, *, radius: Number, margin: Number, n: Number) -> Terms:
    r"""The expected risk of the hard-margin support vector machine through the origin, trained on n examples, is at most
    (radius/margin)^2, rounded down, over n + 1.

    The number of ``leave_one_out``, for another algorithm. Derivation. On n + 1 examples let w = sum_p a_p y_p x_p be the machine, with
    a_p >= 0 and sum_p a_p = ||w||^2 = 1/margin^2. Leaving p out lowers y_p <w, x_p> = 1 by at most a_p ||x_p||^2, so an error on p needs
    a_p radius^2 >= 1; the leave-one-out errors number at most radius^2 sum_p a_p, a whole number. ``radius`` and ``margin`` must hold
    almost surely for
    the population (or be those of n + 1 examples, the square in expectation): with those of the n examples the statement is false.

    Inputs: ``radius``; ``margin``; ``n``, the examples trained on.

    >>> round(vapnik1998margin(radius=10, margin=1, n=1000).value, 13)
    0.0999000999001
    """
    return {"expected errors per example": math.floor((radius / margin) ** 2) / (n + 1)}
