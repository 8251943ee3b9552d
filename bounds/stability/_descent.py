"""What all bounds on stochastic gradient descent assume of the run: only the gradients depend on the sample."""

from __future__ import annotations

from genbounds.bounds.assumptions import OBLIVIOUS_ORDER, PLAIN_SGD, START_FIXED_IN_ADVANCE, STEPS_FIXED_IN_ADVANCE

DESCENT = (PLAIN_SGD, START_FIXED_IN_ADVANCE, STEPS_FIXED_IN_ADVANCE, OBLIVIOUS_ORDER)
