"""Held-out data: a model search with bounds for the chosen model, a test set that is asked too often, and a second test set."""
