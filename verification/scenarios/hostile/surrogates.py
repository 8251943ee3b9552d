"""A predictor whose risk its surrogate does not bound: it saw the examples, or the two are compared in another way."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from genbounds.bounds import assumptions as a
from genbounds.bounds.bounds_on import RISK
from genbounds.verification.scenarios.scenario import Scenario, Size, World, binomial_law, holding, violating

SIZES = (1, 10, 1000)
ONE, HALF = Fraction(1), Fraction(1, 2)


class SeenUnlabelled(Scenario):
    """The predictor repeats the surrogate on the unlabelled examples, which it has seen, and errs elsewhere."""

    name = "hostile: the unlabelled examples"
    hostile = "the unlabelled examples"
    description = "the predictor does as the perfect surrogate on the unlabelled examples, points of a continuous law, and errs elsewhere"
    inputs = frozenset({"surrogate_risk", "disagreements", "unlabelled"})
    truths = frozenset({RISK})
    audit = (
        violating("the predictor knows them", a.UNLABELLED_DRAWS)
        | holding("a class is the label or it is not", a.MISCLASSIFICATION, a.ZERO_ONE_LOSS)
        | holding("one surrogate", a.SURROGATE_COMPARED)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """No disagreement is seen."""
        for m in SIZES:
            yield World(f"m = {m}", {"unlabelled": m, "surrogate_risk": 0, "disagreements": 0}, {}, {RISK: [ONE]}, [ONE])


class OneDrawForAll(Scenario):
    """A random surrogate is drawn once, and that draw is compared on all examples."""

    name = "hostile: the draws of a random surrogate"
    hostile = "the draws of a random surrogate"
    description = "a posterior on a perfect voter and one that does as the predictor, which always errs; one draw serves all examples"
    inputs = SeenUnlabelled.inputs
    truths = frozenset({RISK})
    audit = (
        violating("one draw for all examples", a.SURROGATE_COMPARED)
        | holding("independent draws, after both predictors", a.UNLABELLED_DRAWS)
        | holding("a class is the label or it is not", a.MISCLASSIFICATION, a.ZERO_ONE_LOSS)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """At weight w of the voter that always errs, the Gibbs risk is w; with that probability no disagreement is seen, else m."""
        for m in SIZES:
            for weight in (Fraction(1, 10), HALF):
                common = {"unlabelled": m, "surrogate_risk": weight}
                label = f"m = {m}, a posterior of {weight} on the voter that always errs"
                yield World(label, common, {"disagreements": [0, m]}, {RISK: [ONE, ONE]}, [weight, 1 - weight])


class FirstOfTwo(Scenario):
    """A loss that looks at more than the class that is compared: right if the label is among two guesses."""

    name = "hostile: what the compared classes say of the loss"
    hostile = "what the compared classes say of the loss"
    description = (
        "the loss is 0 if the label is the first or the second guess: the predictors share the first, and one is right by the second"
    )
    inputs = SeenUnlabelled.inputs
    truths = frozenset({RISK})
    audit = (
        violating("the loss depends on a second class, too", a.MISCLASSIFICATION)
        | holding("right or wrong", a.ZERO_ONE_LOSS)
        | holding("independent draws, after both predictors", a.UNLABELLED_DRAWS)
        | holding("one surrogate, compared by the first guess", a.SURROGATE_COMPARED)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """The first guesses agree but for a share d of the inputs, the second ones never."""
        for m in SIZES:
            for d in (Fraction(0), Fraction(1, 10)):
                common = {"unlabelled": m, "surrogate_risk": 0}
                counts = [0] if d == 0 else list(range(m + 1))
                law = [ONE] if d == 0 else binomial_law(m, d)
                label = f"m = {m}, first guesses that differ at {d}"
                yield World(label, common, {"disagreements": counts}, {RISK: [ONE] * len(counts)}, law)
