"""What the bounds on stochastic gradient descent assume alike of the run: nothing looks at the sample but the gradients."""

from __future__ import annotations

from genbounds.bounds.assumptions import OBLIVIOUS_ORDER, PLAIN_SGD, START_FIXED_IN_ADVANCE, STEPS_FIXED_IN_ADVANCE

DESCENT = (PLAIN_SGD, START_FIXED_IN_ADVANCE, STEPS_FIXED_IN_ADVANCE, OBLIVIOUS_ORDER)
