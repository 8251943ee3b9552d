from __future__ import annotations

from typing import Any

from genbounds.bounds.assumptions import (
    ADAPTIVE_QUERIES,
    ADAPTIVE_QUERIES_IN_BITS,
    IID_SAMPLE,
    LOSS_IN_UNIT_INTERVAL,
    QUERIES_FIXED_IN_ADVANCE,
    ZERO_ONE_LOSS,
)
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import COUNT
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World

_QUERIES = COUNT.meaning_is("number of models evaluated on the sample, the final one included")
_COMMON: dict[str, Any] = {
    "provenance": DERIVED,
    "decreasing": ("n", "delta"),
    "holds_for": "every model that was evaluated, the final one included",
}


def _deviation(math: World, queries: Number, step: Number, n: Number, delta: Number) -> Number:
    """Hoeffding's deviation for the N models of a tree of k levels with e^step children a node: N = (e^(k step) - 1)/(e^step - 1)."""
    nodes = math.let(r"\ln N", (queries - 1) * step + math.log(math.one_minus_exp(queries * step)) - math.log(math.one_minus_exp(step)))
    return math.sqrt((nodes + math.log_quotient(1, delta)) / (2 * n))


@bound(
    source=Source("blum2015ladder", "the tree of answers of an adaptive analyst (their Section 3), counted here for exact error counts"),
    assumes=(IID_SAMPLE, ZERO_ONE_LOSS, ADAPTIVE_QUERIES, QUERIES_FIXED_IN_ADVANCE),
    symbols={"empirical_risk": r"\widehat{R}_n", "n": "n", "queries": "k", "delta": r"\delta"},
    domains={"queries": _QUERIES},
    increasing=("empirical_risk", "queries"),
    **_COMMON,
)
def adaptive_reuse(math: World, *, empirical_risk: Number, n: Number, queries: Number, delta: Number) -> Terms:
    r"""After k adaptive evaluations, k fixed in advance, the risk of each evaluated model is at most its empirical risk plus sqrt((ln N +
    ln(1/delta))/(2n)), where N = ((n+1)^k - 1)/n.

    Derivation. An analyst who sees only exact error counts walks down a tree. The first model is fixed, and each answer is one of n + 1
    counts, so the i-th model is one of (n + 1)^(i-1). The whole tree, with its N = sum_{0<=i<k} (n+1)^i models, is fixed before the sample.
    So Hoeffding's inequality and the union bound over the tree hold for the models that were evaluated. Any randomness of the analyst must
    be independent of the sample.

    The bound is one-sided, and at k = 1 it is ``hoeffding``. The code computes ln N from N = (n+1)^(k-1) (1 - (n+1)^-k)/(1 - (n+1)^-1).

    Inputs: ``empirical_risk`` of the model; ``n``; ``queries`` k, the number of evaluated models, the final one included; ``delta``.

    >>> from fractions import Fraction
    >>> round(adaptive_reuse(empirical_risk=0, n=10**4, queries=10, delta=Fraction(1, 40)).value, 13)
    0.0657962547384
    """
    step = math.let("s", math.log(n + 1))
    return {"empirical risk": empirical_risk, "deviation": _deviation(math, queries, step, n, delta)}


@bound(
    source=Source("blum2015ladder", "the tree of answers of an adaptive analyst (their Section 3), counted here for answers of b bits"),
    assumes=(IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, ADAPTIVE_QUERIES_IN_BITS, QUERIES_FIXED_IN_ADVANCE),
    symbols={"empirical_risk": r"\widehat{R}_n", "n": "n", "queries": "k", "bits": "b", "delta": r"\delta"},
    domains={"queries": _QUERIES, "bits": COUNT.meaning_is("bits of each answer that the analyst saw before choosing the next model")},
    increasing=("empirical_risk", "queries", "bits"),
    **_COMMON,
)
def adaptive_reuse_rounded(math: World, *, empirical_risk: Number, n: Number, queries: Number, bits: Number, delta: Number) -> Terms:
    r"""After k adaptive evaluations, k fixed in advance, each answered by b bits only, the risk of each evaluated model is at most its
    empirical risk plus sqrt((ln N + ln(1/delta))/(2n)), where N = (2^(b k) - 1)/(2^b - 1).

    Derivation. The proof is that of ``adaptive_reuse``, with 2^b children in place of n + 1 at every node of the tree of answers: the N =
    sum_{0<=i<k} 2^(b i) models are fixed before the sample. The losses may take any values in [0, 1], since the answers are counted and not
    the errors. With b = 1 the analyst learns only "better" or "not better".

    Inputs: ``empirical_risk`` of the model, not rounded; ``n``; ``queries`` k, the number of evaluated models, the final one included;
    ``bits`` b; ``delta``.

    >>> from fractions import Fraction
    >>> round(adaptive_reuse_rounded(empirical_risk=0, n=10**4, queries=2, bits=1, delta=Fraction(3, 100)).value, 13)  # ln(3/.03) = ln 100
    0.0151742712939
    """
    step = math.let("s", bits * math.log(2))
    return {"empirical risk": empirical_risk, "deviation": _deviation(math, queries, step, n, delta)}
