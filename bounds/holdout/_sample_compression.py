from __future__ import annotations

from genbounds.bounds.assumptions import IID_SAMPLE, REBUILT_FROM_COMPRESSION, ZERO_ONE_LOSS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.holdout._campi2023compression import SIZE
from genbounds.bounds.inputs import NATURAL, TRIALS, Requirement, at_most_sum
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World

SIZE_BELOW_N = Requirement(
    ("size", "n"),
    lambda size, n: size < n,
    "size must be below n",
    "the examples outside the compression set test the hypothesis: there must be one",
)
ERRORS_OUTSIDE = Requirement(
    ("errors", "size", "n"),
    lambda errors, size, n: at_most_sum(errors + size, n, 0),
    "errors and size must add up to at most n",
    "count errors on the examples outside the compression set only",
)


@bound(
    source=Source("littlestone1986relating", "sample compression; with errors: Langford 2005, section 5"),
    provenance=DERIVED,
    assumes=(IID_SAMPLE, ZERO_ONE_LOSS, REBUILT_FROM_COMPRESSION),
    symbols={"errors": "e", "size": "k", "n": "n", "bits": r"\ell", "delta": r"\delta"},
    domains={
        "size": SIZE,
        "errors": NATURAL.meaning_is("number of errors on the n - size other examples"),
        "bits": NATURAL.meaning_is("length of the message in bits, 0 for none"),
        "n": TRIALS.meaning_is("number of examples of the sample"),
    },
    increasing=("errors", "bits"),
    decreasing=("delta",),
    requires=(SIZE_BELOW_N, ERRORS_OUTSIDE),
    holds_for="every hypothesis that some of the examples and a message rebuild, at once",
)
def sample_compression(math: World, *, errors: Number, n: Number, size: Number, delta: Number, bits: Number = 0) -> Terms:
    r"""The risk of every hypothesis that a rule fixed in advance rebuilds from k of the n examples and a message of l bits is at most the
    binomial tail inversion of its errors on the other n - k examples, at the probability delta 2^-l / (C(n, k) (k + 1) (k + 2)).

    Derivation. For given places of the k examples and a given message the hypothesis is independent of the other n - k examples, and
    ``clopper_pearson`` holds on them. There are C(n, k) sets of places. The weights 1/((k + 1)(k + 2)) of the sizes add up to 1, and the
    weights 2^-l of the words of a prefix code add up to at most 1. By the union bound over all of them the learner may choose the examples
    and the message after seeing the sample, and may make errors. The examples are read in the order of the sample; if another order
    matters, it belongs in the message (log2 k! bits for any order).

    Three examples follow. The perceptron run to convergence is rebuilt from the examples of its mistakes: the run on them alone makes the
    same mistakes in the same order, as long as the passes are over the sample in its order. A support vector machine, soft or hard, is
    rebuilt from its support vectors, if the penalty is fixed relative to the sum of the losses. The nearest-neighbour rule is rebuilt from
    its prototypes, if ties are broken by a fixed rule. For preferent schemes without errors ``campi2023compression`` is much smaller.

    Inputs: ``errors`` on the n - k others; ``n``; ``size`` k < n; ``bits`` l of the message; ``delta``.

    >>> from fractions import Fraction
    >>> inputs = dict(errors=0, n=1000, size=10, delta=Fraction(1, 20))
    >>> round(sample_compression(**inputs).value, 12), round(sample_compression(**inputs, bits=20).value, 12)
    (0.060521964785, 0.073585771139)
    """
    sets = math.log_gamma_second_increment(1, size, n - size)
    sizes = math.log(size + 1) + math.log(size + 2)
    cost = sets + sizes + bits * math.log(2) + math.log_quotient(1, delta)
    return {"binomial tail inversion": math.binomial_tail_inverse_log(errors, n - size, cost)}
