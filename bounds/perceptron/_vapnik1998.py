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
    examples, divided by n + 1.

    Derivation. The expected risk after training on n examples is the expected leave-one-out error of n + 1 examples, as they are
    exchangeable. Leaving out an example that is not a support vector does not change the machine, and the machine classifies it correctly.
    So only support vectors can be leave-one-out errors. This holds for hard and soft margins, with or without a threshold, if the solution
    is unique and the penalty stays the same relative to the *sum* of the losses (relative to their average, leaving out any example moves
    the solution). The count of one sample is only an estimate of the expectation, and must be passed as such.

    Inputs: ``expected_support_vectors``, the mean over samples of n + 1 examples (not of n); ``n``.

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
    (radius/margin)^2, rounded down, divided by n + 1.

    This is the number of ``leave_one_out``, for another algorithm.

    Derivation. Let w = sum_p a_p y_p x_p be the machine on n + 1 examples, with a_p >= 0 and sum_p a_p = ||w||^2. Its own margin is
    1/||w||, so that ||w|| <= 1/margin. If example p is left out, y_p <w, x_p> = 1 falls by at most a_p ||x_p||^2 for a support vector, and
    stays at least 1 for any other example. So an error on p needs a_p radius^2 >= 1, and there are at most radius^2 sum_p a_p <=
    (radius/margin)^2 leave-one-out errors, a whole number. ``radius`` and ``margin`` must hold almost surely for the population; with those
    of the n examples the statement is false.

    Inputs: ``radius``; ``margin``; ``n``, the examples trained on.

    >>> round(vapnik1998margin(radius=10, margin=1, n=1000).value, 13)
    0.0999000999001
    """
    return {"expected errors per example": math.floor((radius / margin) ** 2) / (n + 1)}
