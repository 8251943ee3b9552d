"""Normalisation and the conditioning of the Jacobian where features have a large mean."""
