"""genbounds.verification."""
