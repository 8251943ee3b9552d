"""Random labels: networks that fit what has no pattern, and the measures that tell."""
