"""Scenarios on real pools: samples are drawn with replacement, so that risks are exact."""
