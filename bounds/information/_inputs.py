"""The inputs that the bounds by information share."""

from __future__ import annotations

from genbounds.bounds.inputs import NONNEGATIVE, UNIT

MUTUAL = NONNEGATIVE.meaning_is("mutual information of the n examples and the output, over samples and coins, in nats")
CONDITIONAL = NONNEGATIVE.meaning_is(
    "conditional mutual information of the output and the n coins that choose one example of each pair, given the pairs, in nats"
)
EVALUATED = NONNEGATIVE.meaning_is(
    "mean over the pairs of the mutual information, in nats, of the losses at both examples of a pair and the coin that says which of them "
    "was trained on; it may be taken for predictions instead of losses, or given the pairs, which is no less; at most ln 2"
)
EXPECTED_TRAINING_RISK = UNIT.meaning_is("expected empirical risk of the output (the mean over samples, not the value on one sample)")
