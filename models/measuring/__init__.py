"""Measuring a trained network: ``summarize`` and what it is made of."""
