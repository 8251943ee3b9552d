"""genbounds.bounds."""
