"""Mistake bounds of the perceptron, and what they say about risk."""

from genbounds.bounds.perceptron._freund_schapire1999 import freund_schapire1999
from genbounds.bounds.perceptron._hinge import hinge
from genbounds.bounds.perceptron._leave_one_out import leave_one_out
from genbounds.bounds.perceptron._novikoff import novikoff
from genbounds.bounds.perceptron._random_iterate import random_iterate

__all__ = ["freund_schapire1999", "hinge", "leave_one_out", "novikoff", "random_iterate"]
