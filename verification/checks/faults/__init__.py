"""Faults planted in formulas: generated for every bound from its own syntax tree, and caught or not by the rungs."""
