"""Gradient descent and regularised minimisers in which the start, the steps, the order, the loss or the penalty looks at the sample.

Scores are <w, z> for z one of very many basis vectors, so that only the weights of what was seen matter, or z = 1 or -1 with one weight.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from genbounds.bounds import assumptions as a
from genbounds.bounds.assumptions import Assumption
from genbounds.bounds.bounds_on import EXPECTED_GAP, REMOVE_ONE_STABILITY, STABILITY
from genbounds.verification.scenarios.scenario import Scenario, Size, World, binomial_law, holding, violating

POINTS = 10**9
"""So many basis vectors that a fresh one hardly ever was seen."""
STEP = 1e-9
MOVED = 1e-8
"""More than one step of that size changes any gap by."""
RUN = (a.PLAIN_SGD, a.START_FIXED_IN_ADVANCE, a.STEPS_FIXED_IN_ADVANCE, a.OBLIVIOUS_ORDER, a.ONE_PASS, a.SUBGRADIENT_RULE)


@dataclass(frozen=True)
class Loss:
    """A loss of the score <w, z>, and its constants: ln(1 + exp(score)), 1/(1 + exp(-score)), or |w|^2/2 - score on the unit ball.

    Attributes:
        name: in words.
        value: the loss of a score, without a part that does not depend on z.
        slope: its derivative there.
        numbers: the constants that bounds take.
        holds: what is assumed of a loss, and holds.
    """

    name: str
    value: Callable[[float], float]
    slope: Callable[[float], float]
    numbers: tuple[tuple[str, Any], ...]
    holds: tuple[Assumption, ...]


def sigmoid(score: float) -> float:
    """1/(1 + exp(-score)) in floats.

    >>> sigmoid(0.0), sigmoid(-800.0)
    (0.5, 0.0)
    """
    return 1 / (1 + math.exp(-score)) if score > -700 else 0.0


LOGISTIC = Loss(
    "logistic",
    lambda score: max(score, 0.0) + math.log1p(math.exp(-abs(score))),
    sigmoid,
    (("lipschitz", 1), ("smoothness", Fraction(1, 4))),
    (a.CONVEX_LOSS, a.LIPSCHITZ_LOSS, a.SMOOTH_LOSS),
)
SIGMOID = Loss(
    "sigmoid",
    sigmoid,
    lambda score: sigmoid(score) * sigmoid(-score),
    (("lipschitz", Fraction(1, 4)), ("smoothness", Fraction(1, 10)), ("curvature", Fraction(1, 10)), ("loss_range", 1)),
    (*(a.LIPSCHITZ_LOSS, a.SMOOTH_LOSS, a.BOUNDED_LOSS, a.LOSS_IN_UNIT_INTERVAL), a.LIPSCHITZ_HESSIAN, a.CURVATURE_AT_START),
)
QUADRATIC = Loss(
    "quadratic",
    lambda score: -score,
    lambda score: -1.0,
    (("lipschitz", 2), ("smoothness", 1), ("strong_convexity", 1), ("loss_range", 2)),
    (*(a.CONVEX_LOSS, a.STRONGLY_CONVEX_LOSS, a.LIPSCHITZ_LOSS, a.SMOOTH_LOSS, a.BOUNDED_LOSS), a.STEPS_OF_STRONG_CONVEXITY),
)


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
        | violating("a step meets n examples", a.PLAIN_SGD)
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
        (a.PLAIN_SGD,),
        lambda n: (1 - n / POINTS) * sigmoid_drop(-10 / 4),
        SIGMOID_STEP,
    )
)
BATCH_QUADRATIC = OneStep(
    Run(
        "how many examples a step meets",
        QUADRATIC,
        "the step is along the sum of the gradients of all n examples, basis vectors, and leads to the boundary of the ball",
        (a.PLAIN_SGD,),
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


class LargerSteps(Scenario):
    """All steps have the size of the first."""

    name = "hostile: the later steps"
    hostile = "the sizes of the later steps"
    description = "one pass of gradient descent on sigmoid losses of basis vectors by steps of 400, where c/t with c = 1/100 is stated"
    inputs = frozenset({"n", "step_scale", "steps", "expected_risk", *(name for name, _ in SIGMOID.numbers)})
    truths = frozenset({EXPECTED_GAP})
    audit = (
        holding("uniform indices, drawn independently", a.IID_SAMPLE)
        | holding("one pass from 0 in the order drawn", *RUN)
        | holding("by calculus", *SIGMOID.holds)
        | holding("half the examples beyond the sample, and less on it", a.EXPECTED_RISK_OF_OUTPUT)
        | violating("all steps have the size 400", a.STEPS_AT_MOST_C_OVER_T)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Each vector that was seen has a weight of at most -400 times the slope at 0."""
        for n in (10, 100, 1000):
            weight = -400 * SIGMOID.slope(0.0)
            gap = (1 - n / POINTS) * (SIGMOID.value(0.0) - SIGMOID.value(weight))
            common = {"n": n, "step_scale": Fraction(1, 100), "steps": n, "expected_risk": Fraction(1, 2)} | dict(SIGMOID.numbers)
            yield World(f"n = {n} of {POINTS} vectors", common, {}, {EXPECTED_GAP: [gap]}, [Fraction(1)])


class AnotherRisk(LargerSteps):
    """The risk that is passed is not that of the output."""

    name = "hostile: whose risk is passed"
    hostile = "whose risk is passed"
    description = (
        "one pass of gradient descent on sigmoid losses of basis vectors by steps c/t; the risk passed is that of a perfect output"
    )
    audit = (
        dict(LargerSteps.audit)
        | holding("the steps are c/t", a.STEPS_AT_MOST_C_OVER_T)
        | violating("the risk of the output is 1/2", a.EXPECTED_RISK_OF_OUTPUT)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """Each vector that was seen has a weight of at most -(c/n) times the slope at 0."""
        for n in (10, 100):
            scale = Fraction(1, 100)
            gap = (1 - n / POINTS) * (SIGMOID.value(0.0) - SIGMOID.value(-float(scale) / n * SIGMOID.slope(0.0)))
            common = {"n": n, "step_scale": scale, "steps": n, "expected_risk": 0} | dict(SIGMOID.numbers)
            yield World(f"n = {n} of {POINTS} vectors", common, {}, {EXPECTED_GAP: [gap]}, [Fraction(1)])


SIGNED = (
    holding("fair signs, drawn independently", a.IID_SAMPLE)
    | holding("from 0, by steps of a size fixed in advance", *RUN)
    | holding("by calculus", a.CONVEX_LOSS, a.LIPSCHITZ_LOSS, a.SMOOTH_LOSS)
)
"""One weight w, the loss z w for z = 1 or -1."""


class MajorityFirst(Scenario):
    """One step, on an example of the sign that most examples have."""

    name = "hostile: the order, for linear losses"
    hostile = "the order of the examples"
    description = "one step of gradient descent on losses z w, z = 1 or -1, on an example of the sign that most of them have"
    inputs = frozenset({"n", "lipschitz", "smoothness", "step_sizes", "step_size", "steps"})
    truths = frozenset({EXPECTED_GAP})
    audit = SIGNED | violating("an example of the majority comes first", a.OBLIVIOUS_ORDER, a.ONE_PASS)

    def worlds(self, size: Size) -> Iterator[World]:
        """All numbers of positive signs."""
        for n in (9, 101, 1001):
            counts = range(n + 1)
            common = {"n": n, "lipschitz": 1, "smoothness": Fraction(1, 1000), "step_sizes": (1,), "step_size": 1, "steps": 1}
            gaps = [abs(Fraction(2 * k - n, n)) for k in counts]  # w = -1 or 1: the risk is 0, the mean loss that
            yield World(f"n = {n}", common, {}, {EXPECTED_GAP: gaps}, binomial_law(n, Fraction(1, 2)))


class MajorityFirstOnQuadratics(Scenario):
    """Strongly convex losses, met in the order of their signs."""

    name = "hostile: the order, for quadratic losses"
    hostile = "the order of the examples"
    description = "steps 1/t on losses w^2/2 - z w, z = 1 or -1, |w| <= 1, on the examples of the sign that most of them have"
    inputs = frozenset({"n", "step_size", *(name for name, _ in QUADRATIC.numbers)})
    truths = frozenset({EXPECTED_GAP})
    audit = (
        SIGNED
        | holding("by calculus", *QUADRATIC.holds)
        | violating("the examples of the majority come first", a.OBLIVIOUS_ORDER, a.ONE_PASS)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """After (n + 1)/2 such steps, as after one, w is the sign of the majority."""
        for n in (101, 1001, 10001):
            common = {"n": n, "step_size": 1} | dict(QUADRATIC.numbers)
            gaps = [abs(2 * k - n) / n for k in range(n + 1)]
            yield World(f"n = {n}", common, {}, {EXPECTED_GAP: gaps}, binomial_law(n, Fraction(1, 2)))


class StepsByLuck(Scenario):
    """Steps are taken only where all examples of the sample agree."""

    name = "hostile: the sizes of the steps"
    hostile = "the sizes of the steps"
    description = "one pass over losses z w, z = 1 or -1, with steps of 1 if all signs of the sample are the same and of 10^-12 otherwise"
    inputs = frozenset({"n", "lipschitz", "smoothness", "step_sizes", "step_size", "steps"})
    truths = frozenset({EXPECTED_GAP})
    audit = SIGNED | violating("they are large only where all signs agree", a.STEPS_FIXED_IN_ADVANCE)

    def worlds(self, size: Size) -> Iterator[World]:
        """The samples on which all signs agree, and all others, on which the gap is 0 but for what such small steps do."""
        for n in (3, 10, 30):
            agree, small = Fraction(2, 2**n), 1e-12
            common = {"n": n, "lipschitz": 1, "smoothness": Fraction(1, 1000), "steps": n}
            inputs: dict[str, list[Any]] = {"step_sizes": [(1.0,) * n, (small,) * n], "step_size": [1.0, small]}
            yield World(f"n = {n}", common, inputs, {EXPECTED_GAP: [n, 0]}, [agree, 1 - agree])


class ChosenLoss(Scenario):
    """Losses that do not depend on the weights: 0 for what was seen, 1 for all else."""

    name = "hostile: the loss of the run"
    hostile = "the loss"
    description = "gradient descent on losses w^2/2 + 1[z is not in the sample], from their minimum w = 0, which it never leaves"
    inputs = frozenset(
        {
            *("n", "lipschitz", "smoothness", "strong_convexity", "loss_range", "curvature", "expected_risk"),
            *("step_sizes", "step_size", "steps", "step_scale"),
        }
    )
    truths = frozenset({EXPECTED_GAP})
    audit = (
        holding("continuous examples, drawn independently", a.IID_SAMPLE)
        | holding("from 0, where every step leaves it", *RUN, a.STEPS_AT_MOST_C_OVER_T, a.STEPS_OF_STRONG_CONVEXITY)
        | holding("w^2/2 for |w| <= 10^-6, and a number", a.CONVEX_LOSS, a.STRONGLY_CONVEX_LOSS, a.SMOOTH_LOSS)
        | holding("the Hessian is 1 everywhere, and the curvature passed", a.LIPSCHITZ_HESSIAN, a.CURVATURE_AT_START)
        | holding("1 beyond the sample", a.EXPECTED_RISK_OF_OUTPUT)
        | violating("it is 0 for what was seen and 1 elsewhere", a.LIPSCHITZ_LOSS, a.BOUNDED_LOSS, a.LOSS_IN_UNIT_INTERVAL)
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """One sample is like any other: w = 0, the risk is 1, and no loss is seen."""
        for n in (10, 1000):
            common: dict[str, Any] = {
                **{"n": n, "lipschitz": Fraction(1, 10**6), "smoothness": 1, "strong_convexity": 1, "loss_range": 1, "curvature": 1},
                **{"expected_risk": 1, "step_sizes": (Fraction(1, 100),), "step_size": Fraction(1, 100)},
                **{"steps": 1, "step_scale": Fraction(1, 100)},
            }
            yield World(f"n = {n}", common, {}, {EXPECTED_GAP: [1]}, [Fraction(1)])


class ChosenExamples(ChosenLoss):
    """Losses that were fixed in advance, on a sample of which the examples with a loss were left out."""

    name = "hostile: which examples the run is given"
    hostile = "which examples are kept"
    description = "gradient descent on losses w^2/2 + 1[z is in A], from their minimum w = 0, on a sample without the examples of A"
    audit = (
        dict(ChosenLoss.audit)
        | violating("examples with a loss are left out", a.IID_SAMPLE)
        | holding(
            "w^2/2 for |w| <= 10^-6, and 0 or 1 - 10^-12, fixed in advance", a.LIPSCHITZ_LOSS, a.BOUNDED_LOSS, a.LOSS_IN_UNIT_INTERVAL
        )
    )

    def worlds(self, size: Size) -> Iterator[World]:
        """A has nearly all the probability: 99/100."""
        for world in super().worlds(size):
            yield World(world.label, world.common, {}, {EXPECTED_GAP: [Fraction(98, 100)]}, [Fraction(1)])


def minimiser(points: tuple[float, ...], *, slope: float, weight: float, centre: float) -> float:
    """Where ``slope`` sum |w - z| + (weight/2) (w - centre)^2 is least, by bisection on its derivative.

    >>> round(minimiser((1.0,), slope=1.0, weight=4.0, centre=0.0), 9)
    0.25
    """
    low, high = min(*points, centre) - 1, max(*points, centre) + 1
    for _ in range(200):
        middle = (low + high) / 2
        derivative = slope * sum((middle > z) - (middle < z) for z in points) + weight * (middle - centre)
        low, high = (middle, high) if derivative < 0 else (low, middle)
    return low


class PullToTheFirst(Scenario):
    """A penalty that pulls to the first example of the sample."""

    name = "hostile: the regulariser"
    hostile = "the regulariser"
    description = "the minimiser of the mean of |w - z| plus a large multiple of (w - z_1)^2"
    inputs = frozenset({"n", "lipschitz", "strong_convexity", "objective_gap"})
    truths = frozenset({STABILITY, REMOVE_ONE_STABILITY})
    audit = (
        holding("|w - z|", a.CONVEX_LOSS, a.LIPSCHITZ_LOSS, a.BOUNDED_LOSS)
        | holding("the quadratic penalty", a.STRONGLY_CONVEX_OBJECTIVE, a.STRONGLY_CONVEX_OBJECTIVES, a.APPROXIMATE_MINIMISER)
        | violating("the penalty is least at the first example", a.OBJECTIVE_OF_AVERAGE, a.OBJECTIVE_OF_SUM)
    )
    points = (-5.0, 0.0, 5.0)
    penalty = 10**6
    slope = 1.0

    def worlds(self, size: Size) -> Iterator[World]:
        """All samples of two out of three points, all examples that may be replaced or left out, and the loss at all three."""
        replaced = removed = 0.0
        for sample in itertools.product(self.points, repeat=2):
            for left in (0, 1):
                kept = sample[1 - left]
                replaced = max(replaced, *(self.change(sample, (other, kept) if left == 0 else (kept, other)) for other in self.points))
                removed = max(removed, self.change(sample, (kept,)))
        common = {"n": 2, "lipschitz": 1, "strong_convexity": self.penalty, "objective_gap": 0}
        truths = {STABILITY: [replaced], REMOVE_ONE_STABILITY: [removed]}
        yield World(f"samples of two out of {', '.join(map(str, self.points))}", common, {}, truths, [Fraction(1)])

    def change(self, sample: tuple[float, ...], other: tuple[float, ...]) -> float:
        """How much the loss at some point differs between the two outputs, which are known to far less than 10^-6."""
        first, second = self.output(sample), self.output(other)
        return max(abs(self.loss(first, z) - self.loss(second, z)) for z in self.points) - 1e-6 * self.slope

    def loss(self, w: float, z: float) -> float:
        """The loss of the parameter w at the point z."""
        return self.slope * abs(w - z)

    def output(self, points: tuple[float, ...]) -> float:
        """What is returned for a sample: where the mean of its losses and the penalty is least."""
        return minimiser(points, slope=self.slope / len(points), weight=self.penalty, centre=points[0])


class NoMinimiser(PullToTheFirst):
    """The first example is returned, not the minimiser."""

    name = "hostile: what is returned for a minimiser"
    hostile = "what is returned for a minimiser"
    description = "the first example, where the mean of |w - z| plus a large multiple of w^2 should be minimised"
    audit = (
        dict(PullToTheFirst.audit)
        | holding("the mean of |w - z|, or the sum over n, and a multiple of w^2", a.OBJECTIVE_OF_AVERAGE, a.OBJECTIVE_OF_SUM)
        | violating(
            "what is returned is not near the minimum", a.STRONGLY_CONVEX_OBJECTIVE, a.STRONGLY_CONVEX_OBJECTIVES, a.APPROXIMATE_MINIMISER
        )
    )

    def output(self, points: tuple[float, ...]) -> float:
        """The first example."""
        return points[0]


class SteepLoss(PullToTheFirst):
    """A loss far steeper than its stated slope."""

    name = "hostile: the slope of the loss"
    hostile = "the slope of the loss"
    description = "the minimiser of the mean of 10^6 |w - z| plus w^2/2, where a slope of 1 is stated"
    audit = (
        dict(PullToTheFirst.audit)
        | holding("the mean of the loss, or the sum over n, and w^2/2", a.OBJECTIVE_OF_AVERAGE)
        | violating("its slope is 10^6", a.LIPSCHITZ_LOSS)
        | violating("the mean is minimised", a.OBJECTIVE_OF_SUM)
    )
    penalty = 1
    slope = 1e6

    def output(self, points: tuple[float, ...]) -> float:
        """The minimiser."""
        return minimiser(points, slope=self.slope / len(points), weight=self.penalty, centre=0.0)


class ConcaveLoss(PullToTheFirst):
    """A loss that is not convex, in an objective that is."""

    name = "hostile: the convexity of the loss"
    hostile = "the convexity of the loss"
    description = (
        "the minimiser of the mean of -(w - z)^2/2 plus 3 w^2/2, which is -(mean of z)/2: the objective is convex, the loss is not"
    )
    audit = (
        dict(PullToTheFirst.audit)
        | holding("the mean of the loss, and 3 w^2/2", a.OBJECTIVE_OF_AVERAGE, a.STRONGLY_CONVEX_OBJECTIVE, a.APPROXIMATE_MINIMISER)
        | holding("of all examples, or of fewer", a.STRONGLY_CONVEX_OBJECTIVES)
        | violating("it is concave", a.CONVEX_LOSS)
        | violating("the mean is minimised", a.OBJECTIVE_OF_SUM)
    )
    penalty = 2
    slope = 7.5

    def worlds(self, size: Size) -> Iterator[World]:
        """|w - z| is at most 7.5."""
        for world in super().worlds(size):
            yield World(world.label, {**world.common, "lipschitz": Fraction(15, 2)}, {}, world.truths, world.probabilities)

    def loss(self, w: float, z: float) -> float:
        """The loss, up to a sign and a factor."""
        return -((w - z) ** 2) / 2

    def output(self, points: tuple[float, ...]) -> float:
        """Where 3 w = w - (mean of z)."""
        return -sum(points) / len(points) / 2
