"""rademacher."""
