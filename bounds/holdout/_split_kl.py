"""The split-kl inequality: a loss of several values is cut at levels, and each part goes through the inverse of kl."""

from __future__ import annotations

from genbounds.bounds.assumptions import HYPOTHESIS_INDEPENDENT_OF_SAMPLE, IID_SAMPLE, LOSS_SPLIT_AT_LEVELS
from genbounds.bounds.bibliography import Source
from genbounds.bounds.declaration import DERIVED, Terms
from genbounds.bounds.inputs import GAPS, SEGMENT_RISKS, same_length, segments_fall
from genbounds.bounds.theorem import bound
from genbounds.bounds.worlds.protocol import Number, World


@bound(
    source=Source("wu2022split", "the split-kl inequality, for any number of levels as in Wu et al. 2024"),
    provenance=DERIVED,
    assumes=(IID_SAMPLE, LOSS_SPLIT_AT_LEVELS, HYPOTHESIS_INDEPENDENT_OF_SAMPLE),
    symbols={"segment_risks": r"\hat{p}", "gaps": r"\alpha", "n": "n", "delta": r"\delta"},
    domains={"segment_risks": SEGMENT_RISKS, "gaps": GAPS},
    requires=(same_length("segment_risks", "gaps", entry="segment"), segments_fall("segment_risks")),
    increasing=("segment_risks", "gaps"),
    decreasing=("n", "delta"),
    fixed_in_advance=("gaps",),
    trivial=None,
    holds_for="one hypothesis fixed before the sample",
)
def split_kl(math: World, *, segment_risks: Number, gaps: Number, n: Number, delta: Number) -> Terms:
    r"""The risk of one fixed hypothesis is at most the sum over the K segments of gap_j times the upper inverse of kl at (p_j,
    ln(K/delta)/n), where p_j is the average over the sample of the part of the loss in segment j, divided by gap_j.

    Derivation. The levels 0 = b_0 < b_1 < ... < b_K, fixed in advance, with the gaps b_j - b_(j-1), split a loss in [0, b_K] into parts:
    loss = sum_j gap_j s_j, where s_j = min(max(loss - b_(j-1), 0), gap_j)/gap_j lies in [0, 1]. If the loss takes only the values b_0, ...,
    b_K, then s_j is 1 where the loss is at least b_j and 0 elsewhere. The average of s_j over the sample is p_j. The statement follows from
    ``chernoff_kl`` at delta/K for each segment and the union bound over the K segments.

    If most losses are close to each other (say 0, 1/2 and 1, with most of the mass on 1/2), each p_j is close to 0 or 1, and the sum is
    well below ``chernoff_kl`` of the whole loss. For a loss with two values it is ``chernoff_kl``. A loss that may be negative, such as an
    excess loss, is first shifted to [0, b_K], and the shift is subtracted from the result.

    Inputs: ``segment_risks``, the averages p_1, ..., p_K; ``gaps``, the K lengths, fixed in advance; ``n``; ``delta``.

    >>> from fractions import Fraction
    >>> half = Fraction(1, 2)
    >>> inputs = dict(n=1000, delta=Fraction(1, 20))
    >>> p = (Fraction(99, 100), Fraction(1, 100))  # of 1000 losses 10 are 0, 980 are 1/2 and 10 are 1
    >>> round(split_kl(**inputs, segment_risks=p, gaps=(half, half)).value, 13)
    0.5087012406977
    >>> from genbounds.bounds.holdout import chernoff_kl
    >>> round(chernoff_kl(**inputs, empirical_risk=half).value, 13)
    0.5386443770695
    """
    segments = math.let("K", math.last(math.positions(gaps)))
    cost = (math.log(segments) + math.log_quotient(1, delta)) / n
    return {"segments": math.sum(gaps * math.kl_inverse(segment_risks, math.along(cost)))}
