from __future__ import annotations

from genbounds.bounds.assumptions import INDEPENDENT_DRAWS, INDEPENDENT_PAIRS, LOSS_IN_UNIT_INTERVAL, ONE_POSTERIOR, ZERO_ONE_LOSS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import EMPIRICAL_GIBBS_RISK
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import TRIALS, Requirement
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("langford2001not", "the sampling step, one-sided (the paper prints ln(2/delta))"),
    provenance=DERIVED,
    bounds_on=EMPIRICAL_GIBBS_RISK,
    assumes=(INDEPENDENT_DRAWS, LOSS_IN_UNIT_INTERVAL, ONE_POSTERIOR),
    symbols={"sampled_risk": r"\widehat{q}", "draws": "m", "delta": r"\delta'"},
    increasing=("sampled_risk",),
    decreasing=("draws", "delta"),
    holds_for="the posterior that was drawn from",
)
def monte_carlo_risk(math: World, *, sampled_risk: Number, draws: Number, delta: Number) -> Terms:
    r"""The empirical Gibbs risk of one fixed posterior is at most the upper kl inverse of the average loss over independent draws from it,
    at ln(1/delta)/draws.

    Derivation. This is Chernoff's bound over the draws, for a fixed sample: the empirical risk of each draw lies in [0, 1] and has the
    empirical Gibbs risk as its mean. The certificate can then be passed to ``seeger2002`` as its ``empirical_risk``, and the deltas add up.
    The draws must not be those that optimised the posterior. The bound is about one posterior: for the best of k posteriors use delta/k for
    each.

    Inputs: ``sampled_risk``, the average over the draws; ``draws``, their number, fixed beforehand; ``delta``.

    >>> from fractions import Fraction
    >>> round(monte_carlo_risk(sampled_risk=Fraction(3, 100), draws=1000, delta=Fraction(1, 100)).value, 13)
    0.0493300510382
    """
    return {"kl inversion": math.kl_inverse(sampled_risk, math.log_quotient(1, delta) / draws)}


@bound(
    source=Source("clopper1934use", "the one-sided upper limit, applied to independent (weights, example) pairs"),
    provenance=DERIVED,
    bounds_on=EMPIRICAL_GIBBS_RISK,
    assumes=(INDEPENDENT_PAIRS, ZERO_ONE_LOSS, ONE_POSTERIOR),
    symbols={"errors": "k", "pairs": "m", "delta": r"\delta'"},
    domains={"pairs": TRIALS.meaning_is("number of independent (weights, example) pairs")},
    increasing=("errors",),
    decreasing=("pairs", "delta"),
    requires=(
        Requirement(
            ("errors", "pairs"),
            lambda errors, pairs: errors <= pairs,
            "errors must be at most pairs",
            "count the errors on the same pairs",
        ),
    ),
    holds_for="the posterior that was drawn from",
)
def monte_carlo_errors(math: World, *, errors: Number, pairs: Number, delta: Number) -> Terms:
    r"""The empirical Gibbs risk of one fixed posterior is at most the binomial tail inversion of the errors among independent (weights,
    example) pairs.

    Derivation. Given the sample and the posterior Q, draw weights from Q and, independently, an index that is uniform on the sample, and
    repeat this a number of times that was fixed beforehand. The number of errors is then binomial with the empirical Gibbs risk as its
    parameter, so Clopper and Pearson's limit applies. It does not apply if every example is visited a fixed number of times; in that case
    use ``monte_carlo_risk``. The bound is about one posterior: for the best of k posteriors use delta/k for each.

    Inputs: ``errors`` (ties and NaN count as errors); ``pairs``, their number, fixed beforehand; ``delta``.

    >>> from fractions import Fraction
    >>> round(monte_carlo_errors(errors=50, pairs=1000, delta=Fraction(1, 20)).value, 13)
    0.0628634035124
    """
    return {"binomial tail inversion": math.binomial_tail_inverse(errors, pairs, delta)}
