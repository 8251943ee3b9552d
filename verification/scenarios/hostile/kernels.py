"""Kernel machines that look at the sample: the kernel, what is measured of it, or what is returned for the machine."""

from __future__ import annotations

import math
from fractions import Fraction

from genbounds.bounds import assumptions as a
from genbounds.bounds.bounds_on import EXPECTED_RISK, RISK
from genbounds.verification.scenarios.hostile.memory import Choice, Remembered

THE_KERNEL = Remembered(
    Choice(
        "the kernel",
        "the kernel is 1 between two points of the sample and 0 otherwise, so that the prediction is 1 there and 0 elsewhere",
        ("empirical_risk", "lipschitz", "norm", "data_norm", "radius", "expected_squared_norm", "expected_support_vectors"),
        (RISK, EXPECTED_RISK),
        (a.KERNEL_FIXED_IN_ADVANCE, a.KERNEL_OF_MACHINE, a.FEATURES_FIXED_IN_ADVANCE, a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE),
        (
            *(a.LOSS_IN_UNIT_INTERVAL, a.LIPSCHITZ_LOSS_IN_OUTPUT, a.KERNEL_TRACE_OF_SAMPLE, a.MINIMUM_NORM_INTERPOLANT),
            *(a.INPUT_RADIUS_OF_POPULATION_IN_KERNEL, a.EXPECTED_SQUARED_NORM),
            *(a.SUPPORT_VECTOR_MACHINE, a.EXPECTED_SUPPORT_VECTORS),
        ),
        "any one example carries the others; the loss is |1 - prediction|, which is its own square here",
    )
)


def root_up(n: int) -> float:
    """sqrt(n), rounded up."""
    return math.sqrt(n) * (1 + 1e-15)


TABLE = (
    *(a.LOSS_IN_UNIT_INTERVAL, a.KERNEL_FIXED_IN_ADVANCE, a.KERNEL_OF_MACHINE, a.FEATURES_FIXED_IN_ADVANCE, a.MINIMUM_NORM_INTERPOLANT),
    *(a.SUPPORT_VECTOR_MACHINE, a.HARD_MARGIN_MACHINE),
)
"""The kernel that is 1 for equal points and else 0, fixed in advance: its interpolant is the table of what was seen, of norm sqrt n."""
THE_TRACE = Remembered(
    Choice(
        "the sample whose trace is measured",
        "the trace of the kernel's matrix, or its largest entry, is that of other inputs, all but 0",
        ("empirical_risk", "lipschitz", "norm", "data_norm", "radius", "expected_squared_norm"),
        (RISK, EXPECTED_RISK),
        (a.KERNEL_TRACE_OF_SAMPLE, a.INPUT_RADIUS_OF_POPULATION_IN_KERNEL, a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE),
        (*TABLE, a.LIPSCHITZ_LOSS_IN_OUTPUT, a.EXPECTED_SQUARED_NORM),
        "the table of what was seen, by a kernel that is 1 for equal points; the loss |1 - prediction| is its own square here",
        numbers={"norm": root_up, "data_norm": Fraction(1, 10**9), "radius": Fraction(1, 10**9), "expected_squared_norm": lambda n: n},
    )
)
THE_NORM_OVER_SAMPLES = Remembered(
    Choice(
        "whose norm is passed",
        "the squared norm passed is that of the table of one example",
        ("radius", "expected_squared_norm", "expected_support_vectors"),
        (EXPECTED_RISK,),
        (a.EXPECTED_SQUARED_NORM, a.EXPECTED_SUPPORT_VECTORS),
        (*TABLE, a.INPUT_RADIUS_OF_POPULATION_IN_KERNEL),
        "the table of what was seen, by a kernel that is 1 for equal points",
    )
)
THE_SLOPE_IN_THE_PREDICTION = Remembered(
    Choice(
        "the slope of the loss in the prediction",
        "the loss is 10^9 times as steep as stated",
        ("empirical_risk", "lipschitz", "norm", "data_norm"),
        (RISK,),
        (a.LIPSCHITZ_LOSS_IN_OUTPUT, a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE),
        (*TABLE, a.KERNEL_TRACE_OF_SAMPLE),
        "10^-9 times the table of what was seen, by a kernel that is 1 for equal points; the loss is |1 - 10^9 prediction|",
        numbers={"norm": lambda n: root_up(n) * 1e-9},
    )
)
ANOTHER_MACHINE = Remembered(
    Choice(
        "what is returned for the machine",
        "the table of what was seen is returned, not the constant function, which is the machine",
        ("radius", "margin", "expected_squared_norm", "expected_support_vectors"),
        (EXPECTED_RISK,),
        (a.MINIMUM_NORM_INTERPOLANT, a.SUPPORT_VECTOR_MACHINE, a.HARD_MARGIN_MACHINE, a.FIRST_WEIGHTS_ZERO, a.CYCLED_TO_CONVERGENCE),
        (
            *(a.KERNEL_FIXED_IN_ADVANCE, a.KERNEL_OF_MACHINE, a.FEATURES_FIXED_IN_ADVANCE, a.POPULATION_SEPARABLE, a.SEPARABLE),
            *(a.INPUT_RADIUS_OF_POPULATION_IN_KERNEL, a.EXPECTED_SQUARED_NORM, a.EXPECTED_SUPPORT_VECTORS),
        ),
        "every example is the vector 1 of the line, with label 1: the machine is 1 everywhere, by one example",
        numbers={"margin": 1},
    )
)
THE_EXAMPLES_OF_A_MACHINE = Remembered(
    Choice(
        "which examples a machine is given",
        "the population is e_1, rarely, and e_2, labels 1; examples with e_2 are left out",
        (
            *("empirical_risk", "lipschitz", "norm", "data_norm", "radius", "margin", "expected_squared_norm"),
            *("expected_support_vectors", "expected_mistakes"),
        ),
        (RISK, EXPECTED_RISK),
        (a.IID_SAMPLE, a.HYPOTHESIS_INDEPENDENT_OF_SAMPLE),
        (
            *(a.LOSS_IN_UNIT_INTERVAL, a.LIPSCHITZ_LOSS_IN_OUTPUT, a.KERNEL_TRACE_OF_SAMPLE, a.INPUT_RADIUS_OF_POPULATION_IN_KERNEL),
            *(a.KERNEL_FIXED_IN_ADVANCE, a.KERNEL_OF_MACHINE, a.FEATURES_FIXED_IN_ADVANCE, a.POPULATION_SEPARABLE, a.SEPARABLE),
            *(a.MINIMUM_NORM_INTERPOLANT, a.SUPPORT_VECTOR_MACHINE, a.HARD_MARGIN_MACHINE, a.FIRST_WEIGHTS_ZERO, a.ONE_PASS),
            *(a.CYCLED_TO_CONVERGENCE, a.RANDOM_ITERATE, a.ONLINE_LOSSES, a.MISTAKES_OVER_SAMPLES),
            *(a.EXPECTED_SQUARED_NORM, a.EXPECTED_SUPPORT_VECTORS),
        ),
        "u = (1, 1)/sqrt 2 has margin 1/sqrt 2; interpolant, machine and perceptron are e_1, by one example and after one mistake",
        numbers={"margin": math.nextafter(math.sqrt(0.5), 0), "expected_mistakes": 1},
        truth=Fraction(99, 100),
    )
)
