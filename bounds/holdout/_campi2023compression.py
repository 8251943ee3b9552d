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
    r"""The risk of the hypothesis whose compression set has k of the n examples is at most eps_k, the root of Psi_k(eps) = 1 for k < n, and
    eps_n = 1.

    Campi and Garatti's Psi_k(eps) is delta/n times the sum over m = k, ..., n - 1 of C(m, k)/C(n, k) (1 - eps)^(m - n). Each summand rises
    with eps, so there is exactly one root for k < n; it is below 1 and above k/n. If Psi_k(eps) is multiplied by C(n, k) eps^(k + 1) (1 -
    eps)^(n - k), it becomes delta/n times the sum of C(m, k) eps^(k + 1) (1 - eps)^(m - k), and this summand is the probability that the
    (k + 1)-th success of independent trials is at trial m + 1 <= n. So the root solves

        delta P(Bin(n, eps) >= k + 1) = n eps C(n, k) eps^k (1 - eps)^(n - k).

    Derivation. The scheme maps every set of examples U to a part c(U) of it, such that c(V) = c(U) whenever c(U) is a part of V and V is a
    part of U. Let V be the first k examples. Let phi(V) be the probability that another example z changes the compression set of V alone,
    c(V + z) != V, and let a_m(V) be the probability over m - k further examples that the compression set of all m is V. If V is the
    compression set of all n, then it is also that of the first m of them, and that of V with any one of the others. The last n - m examples
    are independent of the first m, hence a_n <= a_m (1 - phi)^(n - m). For each m the compression set has exactly one size, and by
    exchangeability the sum over k of C(m, k) E a_m is 1. The probability that phi > eps_k for the compression set of the sample is the sum
    over k of C(n, k) E[a_n; phi > eps_k]. As Psi_k(phi) >= 1 there, it is at most the sum over k < n of C(n, k) E[a_n Psi_k(phi)]. By the
    inequality for a_n this is at most delta/n times the sum over m < n and over k of C(m, k) E a_m, which is delta. If errors change the
    compression set, the risk is at most phi. Equal examples are told apart by independent marks, such as their place, and the proof is
    about marked examples.

    What counts is a change of the compression set of V alone. The statement would be false for a change of c(sample + z) from c(sample). As
    an example, let each of r kinds of examples be equally likely. Let c be empty if all examples are of one kind, and otherwise the first
    example and the first one of another kind. Two examples are of one kind with probability 1/r, and a third one is then of another kind
    with probability 1 - 1/r. For r = 10 the probability of a change is thus .9, with probability .1 over the sample, whereas eps_0 < .9 for
    n = 2 and delta = .02.

    Examples of preferent schemes are pick-to-learn (``models.pick_to_learn``, for any network), hard-margin machines with their essential
    support vectors, and the smallest box or interval around the sample. The code published with pick-to-learn's bounds of 2025 adds
    (delta/2 - delta/6) where the theorem multiplies, and is refuted by the sample maximum (docs/published.md).

    Inputs: ``size`` k, a whole number of at most ``n``; ``n``, the number of examples that were not spent in advance; ``delta``.

    >>> from fractions import Fraction
    >>> certificate = campi2023compression(size=326, n=24000, delta=Fraction(1, 100))
    >>> round(certificate.value, 13), campi2023compression(size=100, n=100, delta=Fraction(1, 100)).value
    (0.0165210285747, 1.0)
    """
    return {"root": math.change_of_compression_inverse(size, n, delta)}
