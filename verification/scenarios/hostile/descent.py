"""One step of gradient descent, or none, in which the start, what a step meets, the order or a constant of the loss is not as stated."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from genbounds.bounds import assumptions as a
from genbounds.bounds.assumptions import Assumption
from genbounds.bounds.bounds_on import EXPECTED_GAP
from genbounds.verification.scenarios.hostile.losses_of_scores import LOGISTIC, MOVED, POINTS, QUADRATIC, RUN, SIGMOID, STEP, Loss, sigmoid
from genbounds.verification.scenarios.scenario import Scenario, Size, World, holding, violating


class KnowingStart(Scenario):
    """Before the first step the weights are low on every vector of the sample, and 0 elsewhere."""

    hostile = "the start of the run"
    truths = frozenset({EXPECTED_GAP})

    def __init__(self, loss: Loss, entry: Callable[[int], float], steps: int) -> None:
        self.loss, self.entry, self.steps = loss, entry, steps
        self.name = f"hostile: the start, for {loss.name} losses"
        self.description = (
            f"{loss.name} losses of basis vectors; the start knows which were drawn, and {'one' if steps else 'no'} step is taken"
        )
        self.inputs = frozenset(
            {"n", "step_sizes", "step_size", "steps", "step_scale", "expected_risk", *(name for name, _ in loss.numbers)}
        )
        self.audit = (
            holding("uniform indices, drawn independently", a.IID_SAMPLE)
            | holding("at most one step is taken, of a size fixed in advance", *RUN, a.STEPS_AT_MOST_C_OVER_T)
            | holding("by calculus", *loss.holds)
            | holding("half the examples beyond the sample, and less on it", a.EXPECTED_RISK_OF_OUTPUT)
            | violating("it knows which vectors will be seen", a.START_FIXED_IN_ADVANCE)
        )

    def worlds(self, size: Size) -> Iterator[World]:
        """However often a vector is repeated, each that was seen has the same entry."""
        for n in (10, 400):
            gap = (1 - n / POINTS) * (self.loss.value(0.0) - self.loss.value(self.entry(n))) - MOVED
            common = {"n": n, "step_sizes": (STEP,), "step_size": STEP, "steps": 1, "step_scale": STEP, "expected_risk": Fraction(1, 2)}
            yield World(f"n = {n} of {POINTS} vectors", common | dict(self.loss.numbers), {}, {EXPECTED_GAP: [gap]}, [Fraction(1)])


START_LOGISTIC = KnowingStart(LOGISTIC, lambda n: -1000.0, 1)
START_SIGMOID = KnowingStart(SIGMOID, lambda n: -700.0, 1)
START_QUADRATIC = KnowingStart(QUADRATIC, lambda n: n**-0.5, 0)


class WholeBatches(Scenario):
    """Every step meets the whole sample, and is counted as one step on one example."""

    name = "hostile: how many examples a step meets"
    hostile = "how many examples a step meets"
    description = "one step of gradient descent on the sum of the losses <w, z> of all n examples"
    inputs = frozenset({"n", "lipschitz", "smoothness", "step_sizes", "step_size", "steps"})
    truths = frozenset({EXPECTED_GAP})
    audit = (
        holding("uniform indices, drawn independently", a.IID_SAMPLE)
        | holding("from 0, by one step of a size fixed in advance", *RUN)
        | holding("the loss is linear, of slope 1", a.CONVEX_LOSS, a.LIPSCHITZ_LOSS, a.SMOOTH_LOSS)
        | violating("a step meets n examples, and follows the sum of their gradients", a.PLAIN_SGD, a.MINIBATCH_SGD)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Weights of -step on every vector that was seen once, and lower on the others that were seen."""
        for n in (2, 10, 100):
            step = Fraction(1, 2)
            common = {"n": n, "lipschitz": 1, "smoothness": Fraction(1, 1000), "step_sizes": (step,), "step_size": step, "steps": 1}
            yield World(f"n = {n} of {POINTS} vectors", common, {}, {EXPECTED_GAP: [step * Fraction(POINTS - n, POINTS)]}, [Fraction(1)])


@dataclass(frozen=True)
class Run:
    """A run of one kind of losses in which one choice looks at the sample, and how large the gap then is at least."""

    choice: str
    loss: Loss
    how: str
    excluded: tuple[Assumption, ...]
    gap: Callable[[int], float]
    numbers: tuple[tuple[str, Any], ...] = ()
    sizes: tuple[int, ...] = (10, 100, 1000)
    name: str = ""
    run: str = "one step"


class OneStep(Scenario):
    """A single step from 0, all other samples being like this one."""

    truths = frozenset({EXPECTED_GAP})

    def __init__(self, found: Run) -> None:
        self.found = found
        self.name = f"hostile: {found.name or found.choice}, for {found.loss.name} losses"
        self.hostile = found.choice
        self.description = f"{found.run} of gradient descent on {found.loss.name} losses: {found.how}"
        self.numbers = dict(found.loss.numbers) | {"expected_risk": Fraction(1, 2), "steps": 1} | dict(found.numbers)
        self.inputs = frozenset({"n", *self.numbers})
        self.audit = (
            holding("drawn independently", a.IID_SAMPLE)
            | holding(f"{found.run} from 0, of a size fixed in advance", *RUN, a.STEPS_AT_MOST_C_OVER_T)
            | holding("by calculus", *found.loss.holds)
            | holding("half the examples beyond the sample, and less on it", a.EXPECTED_RISK_OF_OUTPUT)
            | violating(found.how, *found.excluded)
        )

    def worlds(self, size: Size) -> Iterator[World]:
        """Few and many examples."""
        for n in self.found.sizes:
            yield World(f"n = {n}", self.numbers | {"n": n}, {}, {EXPECTED_GAP: [self.found.gap(n)]}, [Fraction(1)])


def sigmoid_drop(weight: float) -> float:
    """How much lower the sigmoid loss is at that score than at 0."""
    return 0.5 - sigmoid(weight)


SIGMOID_STEP = (("step_scale", 10), ("step_sizes", (10,)))
BATCH_SIGMOID = OneStep(
    Run(
        "how many examples a step meets",
        SIGMOID,
        "the step is along the sum of the gradients of all n examples, basis vectors",
        (a.PLAIN_SGD, a.MINIBATCH_SGD),
        lambda n: (1 - n / POINTS) * sigmoid_drop(-10 / 4),
        SIGMOID_STEP,
    )
)
BATCH_QUADRATIC = OneStep(
    Run(
        "how many examples a step meets",
        QUADRATIC,
        "the step is along the sum of the gradients of all n examples, basis vectors, and leads to the boundary of the ball",
        (a.PLAIN_SGD, a.MINIBATCH_SGD),
        lambda n: (1 - n / POINTS) * n**-0.5,
        (("step_size", 1), ("step_sizes", (1,))),
    )
)


def mean_imbalance(n: int) -> float:
    """E |mean of n fair signs| for odd n, rounded down: C(n - 1, (n - 1)/2)/2^(n - 1).

    >>> mean_imbalance(1), round(mean_imbalance(3), 9)
    (0.9999999999999, 0.5)
    """
    return float(Fraction(math.comb(n - 1, (n - 1) // 2), 1 << (n - 1))) * (1 - 1e-13)


ORDER_SIGMOID = OneStep(
    Run(
        "the order of the examples",
        SIGMOID,
        "z = 1 or -1; the step is on an example of the sign that most have",
        (a.OBLIVIOUS_ORDER, a.ONE_PASS),
        # w = -10/4 or 10/4: the risk is 1/2, and on the sample the majority is below it by as much as the minority is above
        lambda n: mean_imbalance(n) * sigmoid_drop(-10 / 4),
        SIGMOID_STEP,
        (101, 1001),
        name="the order",
    )
)
STEEP_SIGMOID = OneStep(
    Run(
        "the slope of the loss",
        replace(SIGMOID, name="steep sigmoid"),
        "1/(1 + exp(-1000 <w, z>)) of basis vectors, of slope 250, where 10^-3 is stated",
        (a.LIPSCHITZ_LOSS,),
        lambda n: (1 - n / POINTS) * sigmoid_drop(-1000 * 1e-5 * 250) / n,
        (
            *(("lipschitz", Fraction(1, 1000)), ("smoothness", 10**5), ("curvature", 10**5)),
            *(("step_scale", Fraction(1, 10**5)), ("step_sizes", (Fraction(1, 10**5),))),
        ),
    )
)
STEEP_QUADRATIC = OneStep(
    Run(
        "the slope of the loss",
        QUADRATIC,
        "|w|^2/2 - <w, z> of basis vectors, of slope 2, where 10^-3 is stated",
        (a.LIPSCHITZ_LOSS,),
        lambda n: (1 - n / POINTS) / n,
        (("lipschitz", Fraction(1, 1000)), ("step_size", 1), ("step_sizes", (1,))),
    )
)
RANGE_SIGMOID = OneStep(
    Run(
        "the range of the loss",
        SIGMOID,
        "losses of 1/2 and more, where a range of 10^-9 is stated",
        (a.BOUNDED_LOSS,),
        lambda n: (1 - n / POINTS) * sigmoid_drop(-10 / 4) / n,
        (*SIGMOID_STEP, ("loss_range", Fraction(1, 10**9))),
    )
)
FLAT = OneStep(
    Run(
        "the curvature of the loss",
        replace(QUADRATIC, name="linear", holds=tuple(entry for entry in QUADRATIC.holds if entry is not a.STRONGLY_CONVEX_LOSS)),
        "losses -<w, z> of basis vectors, where a strong convexity of 1 is stated",
        (a.STRONGLY_CONVEX_LOSS, a.BOUNDED_LOSS, a.STEPS_OF_STRONG_CONVEXITY, a.STEPS_AT_MOST_C_OVER_T),
        lambda n: (1 - n / POINTS) * 1.0,
        (("lipschitz", 1), ("step_size", 1), ("steps", 100)),
        (100,),
        run="one pass by steps of 1",
    )
)
