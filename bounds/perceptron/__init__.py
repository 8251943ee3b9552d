"""Mistake bounds of the perceptron and leave-one-out bounds of support vector machines, and what follows for the risk."""

from genbounds.bounds.perceptron._freund_schapire1999 import freund_schapire1999
from genbounds.bounds.perceptron._hinge import hinge
from genbounds.bounds.perceptron._leave_one_out import leave_one_out
from genbounds.bounds.perceptron._novikoff import novikoff
from genbounds.bounds.perceptron._random_iterate import random_iterate
from genbounds.bounds.perceptron._runs import novikoff_run, random_iterate_mistakes
from genbounds.bounds.perceptron._vapnik1998 import vapnik1998margin, vapnik1998support_vectors

__all__ = [
    "freund_schapire1999",
    "hinge",
    "leave_one_out",
    "novikoff",
    "novikoff_run",
    "random_iterate",
    "random_iterate_mistakes",
    "vapnik1998margin",
    "vapnik1998support_vectors",
]
