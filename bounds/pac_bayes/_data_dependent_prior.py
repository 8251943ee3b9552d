from __future__ import annotations

from genbounds.bounds.assumptions import DISJOINT_PRIOR, IID_SAMPLE, LOSS_IN_UNIT_INTERVAL
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import EMPIRICAL_GIBBS_RISK, GIBBS_RISK
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import COUNT, NATURAL, UNIT, Requirement
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World

_POINTS_LEFT = Requirement(
    ("prior_size", "n"),
    lambda prior_size, n: prior_size < n,
    "prior_size must be less than n",
    "the bound needs examples that the prior did not see: fit the prior on fewer",
)


@bound(
    source=Source(
        "perezortiz2021tighter", "risk certificates with a prior learnt on a part of the sample; the bound is that of Seeger 2002"
    ),
    provenance=DERIVED,
    bounds_on=GIBBS_RISK,
    assumes=(IID_SAMPLE, LOSS_IN_UNIT_INTERVAL, DISJOINT_PRIOR),
    symbols={
        "empirical_risk": r"\widehat{R}_{n - n_0}(Q)",
        "kl": r"\mathrm{KL}(Q \Vert P_{n_0})",
        "n": "n",
        "prior_size": "n_0",
        "delta": r"\delta",
    },
    domains={
        "empirical_risk": UNIT.meaning_is("average loss on the n - prior_size points that the prior did not see"),
        "n": COUNT.meaning_is("number of examples of the whole sample, those of the prior included"),
        "prior_size": NATURAL.meaning_is("number of examples that the prior was fitted on, less than n"),
    },
    requires=(_POINTS_LEFT,),
    increasing=("empirical_risk", "kl"),
    takes={"empirical_risk": (EMPIRICAL_GIBBS_RISK,)},
    at={"empirical_risk": lambda inputs: inputs["n"] - inputs["prior_size"]},
    decreasing=("n", "delta"),
    fixed_in_advance=("prior_size",),
    holds_for="every posterior at once",
)
def data_dependent_prior(math: World, *, empirical_risk: Number, kl: Number, n: Number, prior_size: Number, delta: Number) -> Terms:
    r"""With a prior fitted on n_0 of n examples, the Gibbs risk of every posterior is at most the upper kl inverse of its empirical risk on
    the *other* m = n - n_0 examples at (KL + ln(xi(m)/delta))/m.

    Derivation. Given the n_0 examples of the prior, the others are an independent sample of m examples on which the prior does not depend.
    So ``seeger2002`` holds with m in place of n. The posterior may be fitted on all n examples.

    Two mistakes are ruled out by the inputs: ``n`` counts the whole sample, and the function subtracts; ``empirical_risk`` is an average
    over the other m examples only (from counts: Fraction(errors, n - prior_size)). If prior_size was chosen after looking at the data,
    among K values fixed beforehand, pass it as Choice(value, alternatives=K): the bound is then evaluated at delta/K. A Monte Carlo limit
    on empirical_risk must also be made at 1/K of its delta, because the K posteriors have K limits. If posterior and prior are fitted in
    one run, the prior must be frozen before the first of the other examples is seen.

    Inputs: ``empirical_risk`` over the other examples; ``kl`` of the posterior and the fitted prior, in nats; ``n``; ``prior_size`` n_0;
    ``delta``.

    >>> from fractions import Fraction
    >>> inputs = dict(empirical_risk=Fraction(3, 100), kl=500, delta=Fraction(1, 20))
    >>> round(data_dependent_prior(**inputs, n=2 * 10**4, prior_size=10**4).value, 13)  # seeger2002 at n = 10**4
    0.1175465275278
    """
    rest = math.let("m", n - prior_size)
    return {"kl inversion": math.kl_inverse(empirical_risk, (kl + math.log_quotient(math.xi(rest), delta)) / rest)}
