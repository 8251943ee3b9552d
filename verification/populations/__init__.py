"""Populations: where data come from, with the risk of a classifier known exactly."""

from genbounds.verification.populations.finite_pool import FinitePool
from genbounds.verification.populations.protocol import Key, Population, generator
from genbounds.verification.populations.registry import binary, names, population

__all__ = ["FinitePool", "Key", "Population", "binary", "generator", "names", "population"]
