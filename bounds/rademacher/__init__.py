"""Rademacher complexity: uniform deviation, and upper bounds on the complexity of classes."""

from genbounds.bounds.rademacher._golowich2018frobenius import golowich2018frobenius
from genbounds.bounds.rademacher._linear_l2 import linear_l2
from genbounds.bounds.rademacher._uniform_deviation import uniform_deviation

__all__ = ["golowich2018frobenius", "linear_l2", "uniform_deviation"]
