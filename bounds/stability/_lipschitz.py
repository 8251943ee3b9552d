"""The Lipschitz constants of the bounds for stochastic gradient descent."""

from genbounds.bounds.inputs import NONNEGATIVE

LIPSCHITZ = NONNEGATIVE.meaning_is("Lipschitz constant of the loss in the parameters, over the whole domain")
LIPSCHITZ_ON_SET = NONNEGATIVE.meaning_is("Lipschitz constant of the loss on the set that is projected on")
