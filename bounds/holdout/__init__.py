"""Bounds from held-out data: the hypothesis does not depend on the sample that evaluates it."""

from genbounds.bounds.holdout._chernoff_kl import chernoff_kl
from genbounds.bounds.holdout._clopper_pearson import clopper_pearson
from genbounds.bounds.holdout._hoeffding import hoeffding

__all__ = ["chernoff_kl", "clopper_pearson", "hoeffding"]
