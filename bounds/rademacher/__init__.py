"""Rademacher complexity: uniform deviation, and upper bounds on the complexity of classes."""

from genbounds.bounds.rademacher._bartlett2005local import bartlett2005local, local_finite_class
from genbounds.bounds.rademacher._golowich2018frobenius import golowich2018frobenius
from genbounds.bounds.rademacher._golowich2018rows import golowich2018rows
from genbounds.bounds.rademacher._gonon2024path import gonon2024path
from genbounds.bounds.rademacher._kernel import kernel_exact, kernel_lower, kernel_monte_carlo
from genbounds.bounds.rademacher._kernel_predictor import kernel_predictor
from genbounds.bounds.rademacher._linear_l1 import linear_l1
from genbounds.bounds.rademacher._linear_l1_exact import linear_l1_exact, linear_l1_monte_carlo
from genbounds.bounds.rademacher._linear_l2 import linear_l2
from genbounds.bounds.rademacher._massart import massart
from genbounds.bounds.rademacher._neyshabur2015 import neyshabur2015
from genbounds.bounds.rademacher._two_layer import two_layer, two_layer_l1, two_layer_l1_odd, two_layer_odd
from genbounds.bounds.rademacher._uniform_deviation import expected_deviation, uniform_deviation

__all__ = [
    "bartlett2005local",
    "expected_deviation",
    "golowich2018frobenius",
    "golowich2018rows",
    "gonon2024path",
    "kernel_exact",
    "kernel_lower",
    "kernel_monte_carlo",
    "kernel_predictor",
    "linear_l1",
    "linear_l1_exact",
    "linear_l1_monte_carlo",
    "linear_l2",
    "local_finite_class",
    "massart",
    "neyshabur2015",
    "two_layer",
    "two_layer_l1",
    "two_layer_l1_odd",
    "two_layer_odd",
    "uniform_deviation",
]
