from __future__ import annotations

from genbounds.bounds.assumptions import IID_SAMPLE, PLURALITY_VOTES, PRIOR_INDEPENDENT_OF_SAMPLE
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import EMPIRICAL_GIBBS_RISK, MAJORITY_VOTE_RISK
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import UNIT
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("masegosa2020second", "the second-order oracle bound, with the kl inversion in place of its relaxation"),
    provenance=DERIVED,
    bounds_on=MAJORITY_VOTE_RISK,
    assumes=(IID_SAMPLE, PLURALITY_VOTES, PRIOR_INDEPENDENT_OF_SAMPLE),
    symbols={"tandem_risk": r"\widehat{R}_n(Q \otimes Q)", "kl": r"\mathrm{KL}(Q \Vert P)", "n": "n", "delta": r"\delta"},
    domains={"tandem_risk": UNIT.meaning_is("mean over the sample of the squared weight of the voters that err")},
    increasing=("tandem_risk", "kl"),
    takes={"tandem_risk": (EMPIRICAL_GIBBS_RISK,)},  # of pairs of voters, drawn from Q x Q; or of the voters, whose own is larger
    decreasing=("n", "delta"),
    holds_for="the weighted majority vote of every posterior at once",
)
def masegosa2020tandem(math: World, *, tandem_risk: Number, kl: Number, n: Number, delta: Number) -> Terms:
    r"""The risk of the majority vote of every posterior is at most four times the upper kl inverse of the tandem risk on the sample at (2
    KL(Q||P) + ln(xi(n)/delta)) / n.

    The tandem risk is the probability that two voters drawn from Q both err on the same example.

    Derivation. Where the vote errs, the weight W of the erring voters is at least 1/2. So the risk of the vote is at most 4 E W^2 (Markov's
    inequality of second order), and E W^2 is the tandem risk. It is bounded by ``seeger2002`` for pairs of voters; the KL of Q x Q from P x
    P is 2 KL. This holds for several classes too. The paper relaxes the kl as ``thiemann`` does.

    Inputs: ``tandem_risk`` on the sample; ``kl`` in nats; ``n``; ``delta``.

    >>> from fractions import Fraction
    >>> round(masegosa2020tandem(tandem_risk=Fraction(1, 20), kl=2, n=1000, delta=Fraction(1, 20)).value, 9)
    0.353490504
    """
    return {"four times the tandem risk": 4 * math.kl_inverse(tandem_risk, (2 * kl + math.log_quotient(math.xi(n), delta)) / n)}
