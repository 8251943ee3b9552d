from __future__ import annotations

from genbounds.bounds.assumptions import IID_SAMPLE, LOSS_SPLIT_AT_LEVELS, PRIOR_INDEPENDENT_OF_SAMPLE
from genbounds.bounds.bibliography import Source
from genbounds.bounds.bounds_on import GIBBS_RISK
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import GAPS, SEGMENT_RISKS, same_length, segments_fall
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("wu2022split", "PAC-Bayes-split-kl, for any number of levels as in Wu et al. 2024, with the exact moment"),
    provenance=DERIVED,
    bounds_on=GIBBS_RISK,
    assumes=(IID_SAMPLE, LOSS_SPLIT_AT_LEVELS, PRIOR_INDEPENDENT_OF_SAMPLE),
    symbols={
        "segment_risks": r"\hat{p}(Q)",
        "gaps": r"\alpha",
        "kl": r"\mathrm{KL}(Q \Vert P)",
        "n": "n",
        "delta": r"\delta",
    },
    domains={"segment_risks": SEGMENT_RISKS, "gaps": GAPS},
    requires=(same_length("segment_risks", "gaps", entry="segment"), segments_fall("segment_risks")),
    increasing=("segment_risks", "gaps", "kl"),
    decreasing=("n", "delta"),
    fixed_in_advance=("gaps",),
    trivial=None,
    holds_for="every posterior at once",
)
def split_kl(math: World, *, segment_risks: Number, gaps: Number, kl: Number, n: Number, delta: Number) -> Terms:
    r"""The Gibbs risk of every posterior is at most the sum over the K segments of gap_j times the upper inverse of kl at (p_j(Q),
    (KL(Q||P) + ln(K xi(n)/delta))/n), where p_j(Q) is the average over the sample and the posterior of the part of the loss in segment j,
    divided by gap_j.

    Derivation. As in ``holdout.split_kl``, loss = sum_j gap_j s_j, where s_j in [0, 1] is the part of the loss between two levels fixed in
    advance, divided by their gap. ``seeger2002`` at delta/K bounds the Gibbs risk of each s_j, for every posterior at once, by means of its
    average p_j(Q), and the union bound over the K segments gives the statement. The segments share KL(Q||P), so the split costs only ln K.

    Inputs: ``segment_risks``, the averages p_1(Q), ..., p_K(Q); ``gaps``, the K lengths, fixed in advance; ``kl`` in nats; ``n``;
    ``delta``.

    >>> from fractions import Fraction
    >>> half = Fraction(1, 2)
    >>> inputs = dict(kl=20, n=1000, delta=Fraction(1, 20))
    >>> p = (Fraction(99, 100), Fraction(1, 100))  # 1 % of the losses are 0, 98 % are 1/2 and 1 % are 1
    >>> round(split_kl(**inputs, segment_risks=p, gaps=(half, half)).value, 13)
    0.5264362075862
    >>> from genbounds.bounds.pac_bayes import seeger2002
    >>> round(seeger2002(**inputs, empirical_risk=half).value, 13)
    0.614000444586
    """
    segments = math.let("K", math.last(math.positions(gaps)))
    cost = math.let("c", (kl + math.log(segments) + math.log_quotient(math.xi(n), delta)) / n)
    return {"segments": math.sum(gaps * math.kl_inverse(segment_risks, math.along(cost)))}
