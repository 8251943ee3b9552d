"""An analyst who stops as soon as a score looks good, and passes the number of models evaluated until then."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from genbounds.bounds import assumptions as a
from genbounds.bounds.bounds_on import RISK
from genbounds.verification.scenarios.scenario import Scenario, Size, World, holding, violating


class StoppedAnalyst(Scenario):
    """One example. The first model errs on a small part of the points; if the example is one of them, the second errs on all others."""

    name = "hostile: the number of queries"
    hostile = "the number of queries"
    description = (
        "one example, a first model, and only if it errs a second that errs exactly where the first does not; the number of queries passed "
        "is that of the models evaluated"
    )
    inputs = frozenset({"n", "empirical_risk", "errors", "queries", "bits"})
    truths = frozenset({RISK})
    audit = (
        holding("one example", a.IID_SAMPLE)
        | holding("an error or none", a.ZERO_ONE_LOSS, a.LOSS_IN_UNIT_INTERVAL, a.BOUNDED_LOSS)
        | holding(
            "the second model is the same whenever the first errs, which one bit tells", a.ADAPTIVE_QUERIES, a.ADAPTIVE_QUERIES_IN_BITS
        )
        | holding("the model that is returned makes no error", a.NO_ERROR_ON_SAMPLE)
        | violating("it is 1 or 2, by what the first model scored", a.QUERIES_FIXED_IN_ADVANCE)
        | violating("a second model is taken where the first errs", a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """The model that is returned makes no error, and has that risk or the rest of 1."""
        for part in map(Fraction, ("1/200", "71/10000", "1/100", "1/10", "23/100")):
            inputs = {"queries": [1, 2]}
            common = {"n": 1, "empirical_risk": 0, "errors": 0, "bits": 1}
            yield World(f"the first model errs on {part}", common, inputs, {RISK: [part, 1 - part]}, [1 - part, part])
