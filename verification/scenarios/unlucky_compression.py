"""A learner that keeps whichever of its examples rebuild a hypothesis without an error on the rest: the union over all sets is used up.

An example is an identity and a table of bits, one for every set of fewer than n identities. The hypothesis that a set of k examples
rebuilds errs on an example if its bit at the identities of the set is 1. The bits are independent, and 1 with a probability p_k that
depends on the size of the set alone. So p_k is the risk of every hypothesis of k examples, and on a sample of different identities the
errors of all sets on all other examples are independent.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

from genbounds.bounds.assumptions import (
    HYPOTHESIS_INDEPENDENT_OF_SAMPLE,
    IID_SAMPLE,
    LOSS_IN_UNIT_INTERVAL,
    REBUILT_FROM_COMPRESSION,
    ZERO_ONE_LOSS,
)
from genbounds.bounds.bounds_on import RISK
from genbounds.verification.scenarios.scenario import Scenario, Size, World, binomial_law, holding, just_missed, violating

IDENTITIES = 10**12
_NEAR = Fraction(99, 100)


class UnluckyCompression(Scenario):
    """Kept is the first set, of the smallest size, whose hypothesis makes no error on the others; nothing if there is none."""

    name = "unlucky compression"
    description = "examples with random bits for every set of others: of all sets of examples one is kept that makes no error on the rest"
    inputs = frozenset({"n", "size", "errors", "bits"})
    truths = frozenset({RISK})
    audit = (
        holding("identities and bits, drawn independently", IID_SAMPLE)
        | holding("right or wrong", ZERO_ONE_LOSS, LOSS_IN_UNIT_INTERVAL)
        | holding("a hypothesis looks its bit up at the identities of the examples that are kept", REBUILT_FROM_COMPRESSION)
        | violating("the set is chosen by its errors", HYPOTHESIS_INDEPENDENT_OF_SAMPLE)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Sets of one size have no error with the stated part of a level together; of many sizes the parts fall like 1/k."""
        falling = [_NEAR / 2 / Fraction((k + 1) ** 1.15) for k in range(5)]
        for level in map(Fraction, ("1/1000", "1/1000000")):
            yield self.world(2, level, (Fraction(19, 20), Fraction(3, 10)))
            yield self.world(5, level, falling)

    @staticmethod
    def world(n: int, level: Fraction, shares: Sequence[Fraction]) -> World:
        """For each size k < n the probability that some set of k examples makes no error is about its share of the level."""
        risks = [just_missed(n - k, share * level / math.comb(n, k), digits=12) for k, share in enumerate(shares)]
        lucky = [1 - (1 - (1 - p) ** (n - k)) ** math.comb(n, k) for k, p in enumerate(risks)]
        different = Fraction(math.perm(IDENTITIES, n), IDENTITIES**n)
        sizes, errors, law, before = [], [], [], different
        for k, chance in enumerate(lucky):
            sizes.append(k)
            errors.append(0)
            law.append(before * chance)
            before *= 1 - chance
        # No set without an error, or two examples with the same identity: nothing is kept, and the errors of that are those of its bits.
        others = math.prod((1 - chance for chance in lucky[1:]), start=Fraction(1))
        for count, mass in enumerate(binomial_law(n, risks[0])):
            assert isinstance(mass, Fraction)
            sizes.append(0)
            errors.append(count)
            law.append(mass * (1 - different) + (mass * different * others if count else 0))
        truths = [risks[k] for k in sizes]
        label = f"n = {n}, some set of k is right on the rest with probability {', '.join(f'{float(chance):.3g}' for chance in lucky)}"
        return World(label, {"n": n, "bits": 0}, {"size": sizes, "errors": errors}, {RISK: truths}, law)
