from __future__ import annotations

from genbounds.bounds.assumptions import ERRORS_CHANGE_COMPRESSION, IID_SAMPLE, PREFERENT_COMPRESSION
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import NATURAL, TRIALS, Requirement
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World

SIZE = NATURAL.meaning_is("number of examples in the compression set")
SIZE_AT_MOST_N = Requirement(
    ("size", "n"),
    lambda size, n: size <= n,
    "size must be at most n",
    "count the compression set among the n examples; what was spent in advance belongs to neither",
)


@bound(
    source=Source("campi2023compression", "Theorem 7"),
    provenance=DERIVED,
    assumes=(IID_SAMPLE, PREFERENT_COMPRESSION, ERRORS_CHANGE_COMPRESSION),
    symbols={"size": "k", "n": "n", "delta": r"\delta"},
    domains={"size": SIZE, "n": TRIALS.meaning_is("number of examples of the sample, without what was spent in advance")},
    increasing=("size",),
    decreasing=("n", "delta"),
    requires=(SIZE_AT_MOST_N,),
    holds_for="the hypothesis of the compression set of the sample",
)
def campi2023compression(math: World, *, size: Number, n: Number, delta: Number) -> Terms:
    r"""The risk of a hypothesis whose compression set has k of the n examples is at most the root eps_k of Psi_k(eps) = 1; eps_n = 1.

    Campi and Garatti's Psi_k(eps) is delta/n times the sum over m = k, ..., n - 1 of C(m, k)/C(n, k) (1 - eps)^(m - n). Each summand rises
    with eps, so there is one root; it is below 1 for k < n, and above k/n. By C(n, k) eps^(k + 1) (1 - eps)^(n - k) Psi_k(eps) is
    multiplied into delta/n times the sum of C(m, k) eps^(k + 1) (1 - eps)^(m - k): trial m + 1 <= n is the one that succeeds for the (k +
    1)-th time. So the root solves

        delta P(Bin(n, eps) >= k + 1) = n eps C(n, k) eps^k (1 - eps)^(n - k).

    Derivation. The scheme takes every set of examples U to a part c(U), with c(V) = c(U) whenever c(U) is a part of V and V of U. Let V be
    the first k examples, phi(V) the probability that another example z changes the compression set of V alone, c(V + z) != V, and a_m(V)
    the probability over m - k further examples that c of all m is V. If c of n is V, so is c of the first m of them, and of V with any one
    of the rest; the last n - m are independent of the others, hence a_n <= a_m (1 - phi)^(n - m). For each m the sizes exclude each other,
    and by exchangeability the sum over k of C(m, k) E a_m is 1 (for m = 0, ..., n - 1). Therefore P(phi > eps_k) = the sum over k of C(n,
    k) E[a_n; phi > eps_k] <= the sum of C(n, k) E[a_n Psi_k(phi)] <= delta/n times the sum over m < n and over k of C(m, k) E a_m = delta.
    The risk is at most phi if errors change the compression set. Equal examples are told apart by independent marks, such as their place,
    and the proof is about marked examples.

    The change that counts is that of V alone. For c(sample + z) != c(sample) the statement is false: let each of r kinds of examples be
    equally likely, c empty for examples of one kind and else the first two of different kinds. Two examples are of one kind with
    probability 1/r, and a third is then of another kind with probability 1 - 1/r: for r = 10 that is .9 with probability .1, while eps_0 <
    .9 for n = 2 and delta = .02.

    Pick-to-learn, hard-margin machines (their essential support vectors), the smallest box or interval around the sample are preferent
    schemes; ``models.pick_to_learn`` is one for any network. The code published with pick-to-learn's bounds of 2025 adds (delta/2 -
    delta/6) where the theorem multiplies, and is refuted by the sample maximum (docs/published.md).

    Inputs: ``size`` k, whole, at most ``n``; ``n``, the examples that were not spent in advance; ``delta``.

    >>> from fractions import Fraction
    >>> certificate = campi2023compression(size=326, n=24000, delta=Fraction(1, 100))
    >>> round(certificate.value, 13), campi2023compression(size=100, n=100, delta=Fraction(1, 100)).value
    (0.0165210285747, 1.0)
    """
    return {"root": math.change_of_compression_inverse(size, n, delta)}
