"""genbounds.models."""
