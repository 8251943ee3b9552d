"""The inputs that the bounds by information share."""

from __future__ import annotations

from genbounds.bounds.inputs import NONNEGATIVE, UNIT

MUTUAL = NONNEGATIVE.meaning_is("mutual information of the n examples and the output, over samples and coins, in nats")
CONDITIONAL = NONNEGATIVE.meaning_is(
    "conditional mutual information of the output and the choice of one example of each of n pairs, given the pairs, in nats"
)
EVALUATED = NONNEGATIVE.meaning_is(
    "mean over the pairs of the mutual information of the losses at both points of a pair and of which of the two was trained on, in nats, "
    "or of predictions instead of losses, or given the pairs, which is no less; at most ln 2"
)
EXPECTED_TRAINING_RISK = UNIT.meaning_is("expected empirical risk of the output (a mean over samples, not that of one)")
