"""Differential privacy to generalization: an algorithm whose output hardly depends on any one example cannot fit any one example."""

from __future__ import annotations

from genbounds.bounds.assumptions import (
    ALGORITHM_FIXED_IN_ADVANCE,
    APPROXIMATE_PRIVACY,
    DIFFERENTIAL_PRIVACY,
    IID_SAMPLE,
    LOSS_IN_UNIT_INTERVAL,
)
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import EXPECTED_GAP
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import NONNEGATIVE, UNIT
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World

_PRIVACY = NONNEGATIVE.meaning_is("epsilon of the differential privacy of all that was done with the sample (replace one example)")


@bound(
    source=Source("dwork2015generalization", "pure differential privacy to generalization, with constants derived here"),
    provenance=DERIVED,
    assumes=(IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, DIFFERENTIAL_PRIVACY, ALGORITHM_FIXED_IN_ADVANCE),
    symbols={"empirical_risk": r"\widehat{R}_n", "privacy": r"\varepsilon", "n": "n", "delta": r"\delta"},
    domains={"privacy": _PRIVACY},
    increasing=("empirical_risk", "privacy"),
    decreasing=("n", "delta"),
    holds_for="the hypothesis that the private algorithm returned",
)
def differential_privacy(math: World, *, empirical_risk: Number, privacy: Number, n: Number, delta: Number) -> Terms:
    r"""The risk of the hypothesis that an epsilon-differentially private algorithm fixed in advance returns is at most b/(b + (1 - b)
    e^-epsilon), where b is the upper inverse of kl at (R_n, ln(1/delta)/n).

    In other words, the odds of the risk are at most e^epsilon times the odds of b. No example is held out: R_n is the empirical risk on the
    sample that the algorithm saw. At epsilon = 0 the bound is ``chernoff_kl``, and at a risk near 0 it is larger by the factor e^epsilon.

    Derivation. Let A(S) = h. Given h, the sample has the density g(S) = p(h|S)/p(h) with respect to the product law, and g changes at most
    by the factor e^epsilon when one example is replaced. Average over the later examples, which are independent: given h and z_1, ...,
    z_(i-1), example i has a density w(z_i) of mean 1 whose largest value is at most e^epsilon times its least value, c. So the
    mean of w l(h, z) is at least c R, and the mean of w (1 - l(h, z)) is at most c e^epsilon (1 - R). Hence the mean of w l(h, z) is at
    least the larger of c R and 1 - c e^epsilon (1 - R), which for every c is at least f(R) = R/(R + (1 - R) e^epsilon). So
    E[e^(-s l(h, z_i)) | h, z_1, ..., z_(i-1)] <= 1 - (1 - e^-s) f(R) for s > 0. The product over i with Chernoff's bound gives
    P(kl(R_n || f(R)) > ln(1/delta)/n, R_n < f(R) | h) <= delta. Hence f(R) <= b, that is, R <= f^-1(b), except with probability delta.
    (Dwork et al. go through max-information, and pay more.) The bound is attained up to Chernoff's bound: among very many sets, release one
    with odds e^-epsilon against each example that it gets wrong.

    Inputs: ``empirical_risk`` on the sample that the algorithm saw; ``privacy`` epsilon; ``n``; ``delta``.

    >>> from fractions import Fraction
    >>> inputs = dict(empirical_risk=Fraction(1, 20), n=10**4, delta=Fraction(1, 20))
    >>> round(differential_privacy(**inputs, privacy=0).value, 13), round(differential_privacy(**inputs, privacy=Fraction(1, 10)).value, 13)
    (0.055515146823, 0.0609975865561)
    """
    inside = math.let("b", math.kl_inverse(empirical_risk, math.log_quotient(1, delta) / n))
    return {"odds": inside / (inside + (1 - inside) * math.exp(-privacy))}


@bound(
    source=Source("dwork2015generalization", "pure differential privacy in expectation, with the constant derived here"),
    provenance=DERIVED,
    bounds_on=EXPECTED_GAP,
    mode="EXP",
    assumes=(IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, DIFFERENTIAL_PRIVACY, ALGORITHM_FIXED_IN_ADVANCE),
    symbols={"privacy": r"\varepsilon"},
    domains={"privacy": _PRIVACY},
    increasing=("privacy",),
    holds_for="the output of the private algorithm, over samples and coins",
)
def differential_privacy_gap(math: World, *, privacy: Number) -> Terms:
    r"""The expected gap between risk and empirical risk of an epsilon-differentially private algorithm is at most tanh(epsilon/4).

    Derivation. As ``differential_privacy`` shows, given the output h each example of the sample has a mean loss of at least f(R) =
    R/(R + (1 - R) e^epsilon). The difference R - f(R) is largest at R = 1/(1 + e^(-epsilon/2)), where it is tanh(epsilon/4). The same
    argument for 1 - loss bounds the gap of the other sign. The bound is attained at n = 1: release a set of k of M equally likely points,
    with weight e^epsilon if it contains the example and 1 if not, where (M - k)/k = e^(epsilon/2), and let all points outside the set be
    errors. (The usual bound e^epsilon - 1 is four times as large near 0.)

    Input: ``privacy`` epsilon.

    >>> round(differential_privacy_gap(privacy=0.5).value, 13)
    0.1243530017716
    """
    return {"privacy": math.one_minus_exp(privacy / 2) / (1 + math.exp(-privacy / 2))}


@bound(
    source=Source("dwork2015generalization", "approximate differential privacy in expectation, with the constant derived here"),
    provenance=DERIVED,
    bounds_on=EXPECTED_GAP,
    mode="EXP",
    assumes=(IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, APPROXIMATE_PRIVACY, ALGORITHM_FIXED_IN_ADVANCE),
    symbols={"privacy": r"\varepsilon", "slack": r"\delta'"},
    domains={"privacy": _PRIVACY, "slack": UNIT.meaning_is("the additive part delta' of approximate differential privacy")},
    increasing=("privacy", "slack"),
    holds_for="the output of the private algorithm, over samples and coins",
)
def approximate_privacy_gap(math: World, *, privacy: Number, slack: Number) -> Terms:
    r"""The expected gap of an (epsilon, slack)-differentially private algorithm is at most (e^epsilon - 1 + 2 slack)/(e^epsilon + 1).

    Derivation. Take two samples that differ in one example, and a set of outputs with probabilities x and x'. Then x <= e^epsilon x' +
    slack, and 1 - x' <= e^epsilon (1 - x) + slack for the complement. The largest x - x' under both conditions is the number above, which
    equals tanh(epsilon/2) + 2 slack/(e^epsilon + 1). So the mean of any loss in [0, 1] differs by no more. The expected gap is the mean
    over i of the expected change of the loss at example i when it is replaced (see ``expected_gap``). At slack 0
    ``differential_privacy_gap`` is about half as large for small epsilon: it compares the sample with all its replacements at once, which
    the additive slack does not allow.

    Inputs: ``privacy`` epsilon; ``slack``, which is usually called delta, but is not the failure probability of this statement.

    >>> round(approximate_privacy_gap(privacy=0.5, slack=0.001).value, 13)
    0.2456737437413
    """
    return {"privacy": (math.one_minus_exp(privacy) + 2 * slack * math.exp(-privacy)) / (1 + math.exp(-privacy))}
