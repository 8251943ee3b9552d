from __future__ import annotations

from genbounds.bounds.assumptions import ALGORITHM_FIXED_IN_ADVANCE, IID_SAMPLE, MUTUAL_INFORMATION, SUBGAUSSIAN_LOSS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import EXPECTED_GAP
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.information._inputs import MUTUAL
from genbounds.bounds.inputs import NONNEGATIVE
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("xu2017information", "Theorem 1"),
    provenance=DERIVED,
    bounds_on=EXPECTED_GAP,
    mode="EXP",
    trivial=None,
    assumes=(IID_SAMPLE, SUBGAUSSIAN_LOSS, ALGORITHM_FIXED_IN_ADVANCE, MUTUAL_INFORMATION),
    symbols={"mutual_information": r"I(S; W)", "subgaussian": r"\sigma", "n": "n"},
    domains={
        "mutual_information": MUTUAL,
        "subgaussian": NONNEGATIVE.meaning_is("subgaussian scale of the loss of every fixed output: M/2 for a loss in [0, M]"),
    },
    increasing=("mutual_information", "subgaussian"),
    decreasing=("n",),
    holds_for="the output of the algorithm, over samples and coins",
)
def xu_raginsky2017(math: World, *, mutual_information: Number, subgaussian: Number, n: Number) -> Terms:
    r"""The expected gap of an algorithm whose output W has mutual information I with the sample S, for a loss that is subgaussian with
    scale sigma at every fixed output, is at most sqrt(2 sigma^2 I/n).

    By Hoeffding's lemma, a loss in [0, M] is subgaussian with scale M/2.

    Derivation. Let W' be distributed as W and independent of S. For a fixed output the empirical risk minus the risk is a mean of n
    independent terms, each subgaussian with scale sigma, so that E exp(t (R_n - R)(W')) <= exp(t^2 sigma^2/(2n)) for every real t. The
    inequality of Donsker and Varadhan, between the joint law of (S, W) and that of (S, W'), says I >= t E(R_n - R)(W) - t^2 sigma^2/(2n).
    The best t, of either sign, gives the bound.

    For a deterministic algorithm, I is the entropy of its output; with real weights it is usually infinite, and
    ``steinke_zakynthinou2020`` is the bound to use. An estimate of the information from runs is not an upper bound: ``mutual_information``
    computes it from the joint law, and ``finite_outputs`` bounds it by the number of outputs.

    Inputs: ``mutual_information`` I in nats; ``subgaussian`` sigma; ``n``.

    >>> from fractions import Fraction
    >>> round(xu_raginsky2017(mutual_information=2, subgaussian=Fraction(1, 2), n=10_000).value, 12)
    0.01
    """
    return {"deviation": subgaussian * math.sqrt(2 * mutual_information / n)}
